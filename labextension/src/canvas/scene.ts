/**
 * The scene: a session's graph as it is drawn, kept in step with the store.
 *
 * Only what changed is touched, and large changes are worked off in slices. It is a graphology
 * graph because sigma draws one. Positions that nobody has stored live here and survive a snapshot.
 */
import type { GraphStore, IGraphChange, ILink, INode } from '../store/graph';
import type { IExtent, Point } from './geometry';
import { extentOf } from './geometry';
import { linkKey, nodeKey, treeKey } from './keys';
import { LinkIndex, isLoop } from './linkIndex';
import type { ILineLook } from './look';
import type { IChannels, ILegend } from './looks';
import { Looks } from './looks';
import { baseSize, isDense, linkLook, nodeLook, nodeSize, treeLook } from './look';
import { SPACING, placeNear, placeOnSpiral } from './placement';
import { SilentGraph } from './silentGraph';
import type { ITheme } from './theme';

/** How many elements are drawn between two looks at the clock. */
const STEP = 100;
/** How many neighbours decide where a new node goes. */
const NEAR = 4;

export class Scene {
  constructor(
    private readonly _store: GraphStore,
    private _theme: ITheme
  ) {
    this._looks = new Looks(_store);
    this.markAll();
  }

  readonly graph = new SilentGraph();

  /** Links of nodes to themselves, by node. */
  get loops(): ReadonlyMap<string, ReadonlySet<string>> {
    return this._index.loops;
  }

  /** Links as they are drawn, loops included. */
  get drawnLinks(): ReadonlyMap<string, ILink> {
    return this._drawnLinks;
  }

  /** There is something to flush. */
  get isDirty(): boolean {
    return this._dirtyNodes.size > 0 || this._dirtyLinks.size > 0;
  }

  /** Note what a change of the store touched; `flush` works it off. */
  mark(change: IGraphChange): void {
    if (change.reset || change.blueprint) {
      this.markAll();
    }
    for (const id of change.nodes) {
      this._dirtyNodes.add(id);
    }
    for (const id of change.links) {
      this._dirtyLinks.add(id);
    }
    this._turn(this._looks.mark(change));
  }

  /** What nodes' looks are taken from. */
  get channels(): IChannels {
    return this._looks.channels;
  }

  set channels(channels: IChannels) {
    this._looks.channels = channels;
    this.markAll();
  }

  /** What the colours mean; null: nothing that needs words. */
  legend(): ILegend | null {
    return this._looks.legend(this._theme);
  }

  /** Everything is to be drawn anew. */
  markAll(): void {
    for (const ids of [this._drawnNodes, this._store.nodes]) {
      for (const id of ids.keys()) {
        this._dirtyNodes.add(id);
      }
    }
    for (const ids of [this._drawnLinks, this._store.links]) {
      for (const id of ids.keys()) {
        this._dirtyLinks.add(id);
      }
    }
  }

  /** How large the canvas is decides how large nodes are: square pixels. */
  setArea(areaPx: number): void {
    this._areaPx = areaPx;
    this._noticeGrowth();
  }

  setTheme(theme: ITheme): void {
    this._theme = theme;
    this.markAll();
  }

  /** Bring the drawing up to date, until the time is up; false: there is more to do. */
  flush(isTimeUp: () => boolean): boolean {
    this._noticeGrowth();
    if (this._looks.refresh()) {
      this.markAll();
    }
    return (
      drain(this._dirtyNodes, id => this._drawNode(id), isTimeUp) &&
      drain(this._dirtyLinks, id => this._drawLink(id), isTimeUp)
    );
  }

  /** The nodes that are drawn. */
  nodeIds(): string[] {
    return [...this._drawnNodes.keys()];
  }

  /** Half a node's width: pixels at the fitted view. */
  sizeOf(nodeId: string): number {
    const key = nodeKey(nodeId);
    return this.graph.hasNode(key) ? this.graph.getNodeAttribute(key, 'size') : 0;
  }

  /** Where a node is drawn, graph units; null: it is not. */
  positionOf(nodeId: string): Point | null {
    const key = nodeKey(nodeId);
    if (!this.graph.hasNode(key)) {
      return null;
    }
    const { x, y } = this.graph.getNodeAttributes(key);
    return [x, y];
  }

  /** Move nodes in the drawing alone: a drag, an animation, a layout that is not stored. */
  move(positions: ReadonlyMap<string, Point>): void {
    for (const [nodeId, [x, y]] of positions) {
      this._local.set(nodeId, [x, y]);
      this.graph.changeNode(nodeKey(nodeId), { x, y });
    }
  }

  /** These nodes are being dragged: where others put them meanwhile has to wait. */
  hold(nodeIds: readonly string[]): void {
    for (const id of this._held) {
      this._dirtyNodes.add(id);
    }
    this._held = new Set(nodeIds);
  }

  /** Nobody has given this node a place: neither a stored position, nor a drag or a layout here. */
  isLoose(nodeId: string): boolean {
    const node = this._store.nodes.get(nodeId);
    return node?.position === null && !this._pinned.has(nodeId);
  }

  /** A person has put these nodes where they are. */
  pin(nodeIds: Iterable<string>): void {
    for (const id of nodeIds) {
      this._pinned.add(id);
    }
  }

  /** The box around all nodes. */
  extent(): IExtent | null {
    return extentOf(this._points());
  }

  /** How a link is drawn; undefined: as a loop, or not yet. */
  lineOf(linkId: string): ILineLook | undefined {
    const key = linkKey(linkId);
    return this.graph.hasEdge(key) ? this.graph.getEdgeAttributes(key) : undefined;
  }

  private *_points(): Generator<Point> {
    for (const { attributes } of this.graph.nodeEntries()) {
      yield [attributes.x, attributes.y];
    }
  }

  private _drawNode(nodeId: string): void {
    const node = this._store.nodes.get(nodeId);
    const key = nodeKey(nodeId);
    if (node === undefined || !this._looks.shows(nodeId)) {
      this.graph.removeNode(key);
      this._drawnNodes.delete(nodeId);
      return;
    }
    const drawn = this._drawnNodes.get(nodeId);
    const [x, y] = this._positionFor(node, drawn);
    const look = nodeLook(this._store, this._looks, this._theme, node, this._baseSize);
    this.graph.putNode(key, { ...look, x, y });
    if (!this._held.has(nodeId)) {
      this._drawnNodes.set(nodeId, node);
    }
    this._drawTree(node, drawn?.parent_id ?? null);
  }

  /** Where a node goes: a newly stored position counts, an old one not against what was moved since. */
  private _positionFor(node: INode, drawn: INode | undefined): Point {
    const id = node.node_id;
    if (node.position !== null && drawn?.position !== node.position && !this._held.has(id)) {
      this._local.delete(id);
      return node.position;
    }
    const position = this.positionOf(id) ?? this._local.get(id) ?? node.position;
    if (position !== null) {
      return position;
    }
    const place = this._place(node);
    this._local.set(id, place);
    return place;
  }

  private _place(node: INode): Point {
    const parent = node.parent_id === null ? null : this.positionOf(node.parent_id);
    const near = parent === null ? [] : [parent];
    for (const link of this._store.linksOf(node.node_id)) {
      const other = link.source_id === node.node_id ? link.target_id : link.source_id;
      const position = near.length < NEAR ? this.positionOf(other) : null;
      if (position !== null) {
        near.push(position);
      }
    }
    return near.length > 0
      ? placeNear(node.node_id, near, SPACING)
      : placeOnSpiral(this.graph.order, [0, 0], SPACING);
  }

  /** The line from its parent, and those to children that were drawn before it. */
  private _drawTree(node: INode, oldParentId: string | null): void {
    if (oldParentId !== node.parent_id) {
      this.graph.removeLine(treeKey(node.node_id));
    }
    this._drawTreeLine(node);
    for (const child of this._store.children(node.node_id)) {
      this._drawTreeLine(child);
    }
  }

  private _drawTreeLine(child: INode): void {
    if (child.parent_id !== null) {
      const look = treeLook(this._theme, this._isDense);
      this.graph.putLine(
        treeKey(child.node_id),
        nodeKey(child.parent_id),
        nodeKey(child.node_id),
        look
      );
    }
  }

  private _drawLink(linkId: string): void {
    const link = this._store.links.get(linkId);
    const drawn = this._drawnLinks.get(linkId);
    if (link?.source_id === drawn?.source_id && link?.target_id === drawn?.target_id) {
      if (link !== undefined) {
        this._drawnLinks.set(linkId, link);
        this._drawLinkLine(link);
      }
      return;
    }
    if (drawn !== undefined) {
      this._drawnLinks.delete(linkId);
      this._index.remove(drawn);
      this.graph.removeLine(linkKey(linkId));
      this._drawPair(drawn);
    }
    if (link !== undefined) {
      this._drawnLinks.set(linkId, link);
      this._index.add(link);
      this._drawPair(link);
    }
  }

  /** A link more or less changes how its parallels bend and how large its ends are. */
  private _drawPair(link: ILink): void {
    for (const id of this._index.affected(link)) {
      const parallel = this._drawnLinks.get(id);
      if (parallel !== undefined) {
        this._drawLinkLine(parallel);
      }
    }
    for (const nodeId of [link.source_id, link.target_id]) {
      this.graph.changeNode(nodeKey(nodeId), {
        size: nodeSize(this._store, this._looks, nodeId, this._baseSize)
      });
    }
  }

  private _drawLinkLine(link: ILink): void {
    if (!isLoop(link)) {
      const curvature = this._index.curvature(link);
      const look = linkLook(this._store, this._theme, link, curvature, this._isDense);
      this.graph.putLine(
        linkKey(link.link_id),
        nodeKey(link.source_id),
        nodeKey(link.target_id),
        look
      );
    }
  }

  /** When the graph outgrows a step of size, all of it is drawn smaller (or larger again). */
  private _noticeGrowth(): void {
    const base = baseSize(this._store.nodes.size, this._areaPx);
    const dense = isDense(this._store.links.size, this._areaPx);
    if (base !== this._baseSize || dense !== this._isDense) {
      this._baseSize = base;
      this._isDense = dense;
      this.markAll();
    }
  }

  /** Nodes that a filter has hidden take their lines with them, and bring them back. */
  private _turn(nodeIds: readonly string[]): void {
    for (const id of nodeIds) {
      this._dirtyNodes.add(id);
      this._store.linksOf(id).forEach(link => this._dirtyLinks.add(link.link_id));
      this._store.children(id).forEach(child => this._dirtyNodes.add(child.node_id));
    }
  }

  private readonly _looks: Looks;
  private readonly _index = new LinkIndex();
  private readonly _dirtyNodes = new Set<string>();
  private readonly _dirtyLinks = new Set<string>();
  /** Nodes and links as they were when they were last drawn. */
  private readonly _drawnNodes = new Map<string, INode>();
  private readonly _drawnLinks = new Map<string, ILink>();
  /** Where this page has put nodes by itself. */
  private readonly _local = new Map<string, Point>();
  private readonly _pinned = new Set<string>();
  /** Nodes being dragged. */
  private _held: ReadonlySet<string> = new Set();
  private _areaPx = 600 * 400;
  private _baseSize = 0;
  private _isDense = false;
}

/** Work a set off; false: time was up before its end. */
function drain(ids: Set<string>, draw: (id: string) => void, isTimeUp: () => boolean): boolean {
  let done = 0;
  for (const id of ids) {
    draw(id);
    ids.delete(id);
    done += 1;
    if (done % STEP === 0 && ids.size > 0 && isTimeUp()) {
      return false;
    }
  }
  return true;
}
