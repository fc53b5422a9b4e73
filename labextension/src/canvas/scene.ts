/**
 * The scene: a session's graph as it is drawn, kept in step with the store.
 *
 * Only what changed is touched, and large changes are worked off in slices. It is a graphology
 * graph because sigma draws one. Positions that nobody has stored live here and survive a snapshot.
 */
import { MultiDirectedGraph } from 'graphology';
import type { GraphStore, IGraphChange, ILink, INode } from '../store/graph';
import type { IExtent, Point } from './geometry';
import { extentOf } from './geometry';
import { linkKey, nodeKey, treeKey } from './keys';
import { SPACING, placeNear, placeOnSpiral } from './placement';
import type { ITheme } from './theme';
import { isColour, typeColour } from './theme';

export interface INodeAttributes {
  x: number;
  y: number;
  size: number;
  color: string;
  label: string;
}

export interface ILineAttributes {
  size: number;
  color: string;
  type: LineType;
  /** How far a curve bends: its control point's distance, as a share of the line's length. */
  curvature: number;
  zIndex: number;
}

export type LineType = 'line' | 'arrow' | 'curve' | 'curvedArrow' | 'hairline';

/** Beyond so many lines they are drawn as hairlines without arrows: the rest would be a blot. */
const PLAIN_LINES = 20_000;
/** How much parallel links bend apart. */
const BEND = 0.22;
/** Above so many changes sigma hears of them all at once, not one by one. */
const QUIET_ABOVE = 400;
/** How many elements are drawn between two looks at the clock. */
const STEP = 100;

/** A graph whose events can be held back: sigma refreshes everything for each deletion otherwise. */
class QuietGraph extends MultiDirectedGraph<INodeAttributes, ILineAttributes> {
  isQuiet = false;

  override emit(...args: Parameters<MultiDirectedGraph['emit']>): boolean {
    return this.isQuiet ? false : super.emit(...args);
  }
}

/** What a slice of work did. */
export interface IFlushed {
  /** There is more to do. */
  readonly more: boolean;
  /** Sigma has not heard of it and must look at everything. */
  readonly isQuiet: boolean;
}

export class Scene {
  constructor(
    private readonly _store: GraphStore,
    private _theme: ITheme
  ) {
    this.markAll();
  }

  readonly graph = new QuietGraph();

  /** Nodes with links to themselves, which no straight line can show. */
  readonly loops: ReadonlyMap<string, ReadonlySet<string>> = new Map<string, Set<string>>();

  /** Note what a change of the store touched; `flush` works it off. */
  mark(change: IGraphChange): void {
    if (change.reset || change.blueprint) {
      this.markAll();
      return;
    }
    for (const id of change.nodes) {
      this._dirtyNodes.add(id);
    }
    for (const id of change.links) {
      this._dirtyLinks.add(id);
    }
  }

  /** Draw everything anew: another theme or blueprint, or a fresh snapshot. */
  markAll(): void {
    for (const id of [...this._drawnNodes.keys(), ...this._store.nodes.keys()]) {
      this._dirtyNodes.add(id);
    }
    for (const id of [...this._drawnLinks.keys(), ...this._store.links.keys()]) {
      this._dirtyLinks.add(id);
    }
  }

  setTheme(theme: ITheme): void {
    this._theme = theme;
    this.markAll();
  }

  /** Bring the drawing up to date, until the clock says to stop. */
  flush(isTimeUp: () => boolean): IFlushed {
    const count = this._dirtyNodes.size + this._dirtyLinks.size;
    const isQuiet = count > QUIET_ABOVE;
    this.graph.isQuiet = isQuiet;
    this._sizeAll();
    const nodes = drain(this._dirtyNodes, id => this._drawNode(id), isTimeUp);
    const links = nodes && drain(this._dirtyLinks, id => this._drawLink(id), isTimeUp);
    this.graph.isQuiet = false;
    return { more: !links, isQuiet };
  }

  /** Where a node is drawn, graph units. */
  positionOf(nodeId: string): Point | null {
    const key = nodeKey(nodeId);
    if (!this.graph.hasNode(key)) {
      return null;
    }
    const { x, y } = this.graph.getNodeAttributes(key);
    return [x, y];
  }

  /** Move nodes in the drawing alone: a drag, an animation, a layout not stored. */
  move(positions: ReadonlyMap<string, Point>): void {
    for (const [nodeId, [x, y]] of positions) {
      this._local.set(nodeId, [x, y]);
    }
    if (positions.size > QUIET_ABOVE) {
      this.graph.isQuiet = true;
      this._setPositions(positions);
      this.graph.isQuiet = false;
      // one event for all: sigma reads every position again
      this.graph.updateEachNodeAttributes((_, attributes) => attributes, {
        attributes: ['x', 'y']
      });
    } else {
      this._setPositions(positions);
    }
  }

  /** A drag has begun or ended: what others do to these nodes meanwhile waits. */
  hold(nodeIds: readonly string[]): void {
    const released = [...this._held].filter(id => !nodeIds.includes(id));
    this._held = new Set(nodeIds);
    for (const id of released) {
      this._dirtyNodes.add(id);
    }
  }

  /** Nobody has stored a position for this node. */
  isLoose(nodeId: string): boolean {
    return (this._store.nodes.get(nodeId)?.position ?? null) === null;
  }

  extent(): IExtent | null {
    return extentOf(this._points());
  }

  /** A link as it is drawn; undefined if it is not, or as a loop. */
  lineOf(linkId: string): ILineAttributes | undefined {
    const key = linkKey(linkId);
    return this.graph.hasEdge(key) ? this.graph.getEdgeAttributes(key) : undefined;
  }

  /** Links as they are drawn, loops included. */
  get drawnLinks(): ReadonlyMap<string, ILink> {
    return this._drawnLinks;
  }

  private *_points(): Generator<Point> {
    for (const { attributes } of this.graph.nodeEntries()) {
      yield [attributes.x, attributes.y];
    }
  }

  private _setPositions(positions: ReadonlyMap<string, Point>): void {
    for (const [nodeId, [x, y]] of positions) {
      const key = nodeKey(nodeId);
      if (this.graph.hasNode(key)) {
        this.graph.mergeNodeAttributes(key, { x, y });
      }
    }
  }

  private _drawNode(nodeId: string): void {
    const node = this._store.nodes.get(nodeId);
    const key = nodeKey(nodeId);
    if (node === undefined) {
      if (this.graph.hasNode(key)) {
        this.graph.dropNode(key);
      }
      this._drawnNodes.delete(nodeId);
      return;
    }
    const drawn = this._drawnNodes.get(nodeId);
    if (this.graph.hasNode(key)) {
      const attributes = this._nodeAttributes(node);
      // a position stored anew counts; an old one does not take back what a drag has shown since
      const moved = drawn?.position !== node.position && !this._held.has(nodeId);
      if (moved && node.position !== null) {
        [attributes.x, attributes.y] = node.position;
        this._local.delete(nodeId);
      }
      this.graph.mergeNodeAttributes(key, attributes);
    } else {
      const [x, y] = node.position ?? this._local.get(nodeId) ?? this._place(node);
      this.graph.addNode(key, { ...this._fullAttributes(node), x, y });
      if (node.position === null) {
        this._local.set(nodeId, [x, y]);
      }
    }
    this._drawnNodes.set(nodeId, node);
    this._drawTree(node, drawn?.parent_id ?? null);
  }

  private _nodeAttributes(node: INode): Partial<INodeAttributes> {
    return this._fullAttributes(node);
  }

  private _fullAttributes(node: INode): Omit<INodeAttributes, 'x' | 'y'> {
    return {
      size: this._nodeSize(node.node_id),
      color: this._nodeColour(node),
      label: this._store.label(node.node_id)
    };
  }

  /** The line from its parent, once both are drawn; children drawn before it get theirs now. */
  private _drawTree(node: INode, oldParentId: string | null): void {
    const key = treeKey(node.node_id);
    if (this.graph.hasEdge(key) && oldParentId !== node.parent_id) {
      this.graph.dropEdge(key);
    }
    this._drawTreeLine(node);
    for (const child of this._store.children(node.node_id)) {
      this._drawTreeLine(child);
    }
  }

  private _drawTreeLine(child: INode): void {
    const key = treeKey(child.node_id);
    const parent = child.parent_id === null ? null : nodeKey(child.parent_id);
    const childKey = nodeKey(child.node_id);
    if (parent === null || !this.graph.hasNode(parent) || !this.graph.hasNode(childKey)) {
      return;
    }
    const attributes: ILineAttributes = {
      size: 0.8,
      color: this._theme.tree,
      type: this._isDense() ? 'hairline' : 'line',
      curvature: 0,
      zIndex: 0
    };
    if (this.graph.hasEdge(key)) {
      this.graph.replaceEdgeAttributes(key, attributes);
    } else {
      this.graph.addDirectedEdgeWithKey(key, parent, childKey, attributes);
    }
  }

  private _drawLink(linkId: string): void {
    const link = this._store.links.get(linkId);
    const drawn = this._drawnLinks.get(linkId);
    const hasMoved = link?.source_id !== drawn?.source_id || link?.target_id !== drawn?.target_id;
    if (drawn !== undefined && hasMoved) {
      this._dropLink(drawn);
    }
    if (link === undefined) {
      return;
    }
    this._drawnLinks.set(linkId, link);
    if (hasMoved) {
      this._index(link);
    }
    if (link.source_id !== link.target_id) {
      // a link more or less changes how all of its pair bend
      for (const id of hasMoved ? (this._pairs.get(pairOf(link)) ?? []) : [linkId]) {
        this._drawLine(id);
      }
    }
    if (hasMoved) {
      this._resize(link);
    }
  }

  private _drawLine(linkId: string): void {
    const link = this._drawnLinks.get(linkId);
    const source = nodeKey(link?.source_id ?? '');
    const target = nodeKey(link?.target_id ?? '');
    if (link === undefined || !this.graph.hasNode(source) || !this.graph.hasNode(target)) {
      return;
    }
    const key = linkKey(linkId);
    const attributes = this._lineAttributes(link);
    if (this.graph.hasEdge(key)) {
      this.graph.replaceEdgeAttributes(key, attributes);
    } else {
      this.graph.addDirectedEdgeWithKey(key, source, target, attributes);
    }
  }

  private _lineAttributes(link: ILink): ILineAttributes {
    const colour = this._store.blueprint.link_types?.[link.link_type_id]?.colour ?? '';
    const curvature = this._curvature(link);
    const isDirected = this._store.blueprint.directed !== false;
    const straight = isDirected ? 'arrow' : 'line';
    const curved = isDirected ? 'curvedArrow' : 'curve';
    return {
      size: 1.2,
      color: isColour(colour) ? colour : this._theme.link,
      type: this._isDense() ? 'hairline' : curvature === 0 ? straight : curved,
      curvature,
      zIndex: 1
    };
  }

  /** Parallel links fan out; the one in the middle is straight. */
  private _curvature(link: ILink): number {
    const pair = [...(this._pairs.get(pairOf(link)) ?? [])];
    const offset = pair.indexOf(link.link_id) - (pair.length - 1) / 2;
    // seen from the other end, left is right
    return (link.source_id <= link.target_id ? offset : -offset) * BEND;
  }

  private _index(link: ILink): void {
    const isLoop = link.source_id === link.target_id;
    const index = isLoop ? (this.loops as Map<string, Set<string>>) : this._pairs;
    const key = isLoop ? link.source_id : pairOf(link);
    const ids = index.get(key);
    if (ids === undefined) {
      index.set(key, new Set([link.link_id]));
    } else {
      ids.add(link.link_id);
    }
  }

  private _dropLink(link: ILink): void {
    const key = linkKey(link.link_id);
    if (this.graph.hasEdge(key)) {
      this.graph.dropEdge(key);
    }
    this._drawnLinks.delete(link.link_id);
    const isLoop = link.source_id === link.target_id;
    const index = isLoop ? (this.loops as Map<string, Set<string>>) : this._pairs;
    const pair = isLoop ? link.source_id : pairOf(link);
    const ids = index.get(pair);
    ids?.delete(link.link_id);
    if (ids?.size === 0) {
      index.delete(pair);
    }
    if (!isLoop) {
      ids?.forEach(id => this._drawLine(id));
    }
    this._resize(link);
  }

  private _resize(link: ILink): void {
    for (const nodeId of [link.source_id, link.target_id]) {
      const key = nodeKey(nodeId);
      if (this.graph.hasNode(key)) {
        this.graph.setNodeAttribute(key, 'size', this._nodeSize(nodeId));
      }
    }
  }

  /** When the graph outgrows a step, all nodes become smaller (or larger again). */
  private _sizeAll(): void {
    const base = baseSize(this._store.nodes.size);
    if (base !== this._baseSize) {
      this._baseSize = base;
      this.markAll();
    }
    if (this._isDense() !== this._wasDense) {
      this._wasDense = this._isDense();
      this.markAll();
    }
  }

  /** Half its width, pixels at the fitted view: more links, larger. */
  private _nodeSize(nodeId: string): number {
    const links = this._store.linksOf(nodeId).length;
    return this._baseSize * (1 + Math.min(1.2, Math.log2(1 + links) / 6));
  }

  private _nodeColour(node: INode): string {
    const typeId = node.blueprint_type_id;
    const colour = this._store.blueprint.node_types?.[typeId]?.colour ?? '';
    if (isColour(colour)) {
      return colour;
    }
    return typeId === '' ? this._theme.node : typeColour(typeId);
  }

  private _place(node: INode): Point {
    const parent = node.parent_id === null ? null : this.positionOf(node.parent_id);
    const near = parent === null ? [] : [parent];
    for (const link of this._store.linksOf(node.node_id)) {
      const other = link.source_id === node.node_id ? link.target_id : link.source_id;
      const position = near.length < 4 ? this.positionOf(other) : null;
      if (position !== null) {
        near.push(position);
      }
    }
    return near.length > 0
      ? placeNear(node.node_id, near, SPACING)
      : placeOnSpiral(this.graph.order, [0, 0], SPACING);
  }

  private _isDense(): boolean {
    return this._store.links.size > PLAIN_LINES;
  }

  private readonly _dirtyNodes = new Set<string>();
  private readonly _dirtyLinks = new Set<string>();
  /** Nodes and links as they were when they were last drawn. */
  private readonly _drawnNodes = new Map<string, INode>();
  private readonly _drawnLinks = new Map<string, ILink>();
  /** Links by the two nodes they join, whichever way. */
  private readonly _pairs = new Map<string, Set<string>>();
  /** Where this page has put nodes by itself. */
  private readonly _local = new Map<string, Point>();
  /** Nodes being dragged. */
  private _held: ReadonlySet<string> = new Set();
  private _baseSize = 0;
  private _wasDense = false;
}

/** Work a set off; false: time was up before the end. */
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

function pairOf(link: ILink): string {
  const [a, b] =
    link.source_id <= link.target_id
      ? [link.source_id, link.target_id]
      : [link.target_id, link.source_id];
  return `${a}\u0000${b}`;
}

function baseSize(count: number): number {
  if (count <= 40) return 10;
  if (count <= 150) return 7.5;
  if (count <= 600) return 5.5;
  if (count <= 3_000) return 4;
  if (count <= 12_000) return 2.8;
  return 1.8;
}
