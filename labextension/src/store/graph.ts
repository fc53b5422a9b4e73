/**
 * A session's graph in the page: the same reducer as graph_ext/core/graph.py.
 *
 * `apply` is the only mutator; tests/vectors/*.json prove that both reducers agree. Nodes and links
 * are replaced when they change, never mutated, so that identity tells what changed. Written to by
 * session/client.ts; read by the canvas, the panel and the widget.
 */
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { Blueprint, Event, NodeUpdated } from '../protocol';
import type { IGraphChange, ILink, INode, IProperties, LinkRow, NodeRow } from './elements';
import { compareText } from './order';

export type { IGraphChange, ILink, INode, IProperties } from './elements';

export class GraphStore {
  get nodes(): ReadonlyMap<string, INode> {
    return this._nodes;
  }

  get links(): ReadonlyMap<string, ILink> {
    return this._links;
  }

  /** The empty one is open. */
  get blueprint(): Blueprint {
    return this._blueprint;
  }

  /** Emitted once for each `apply`, `reset`, `load` or outermost `transaction` that changed anything. */
  get changed(): ISignal<GraphStore, IGraphChange> {
    return this._changed;
  }

  /**
   * Act on events that were planned against this very state.
   *
   * @throws Error an event names an element that is not there: this replica has lost its way.
   */
  apply(events: Iterable<Event>): void {
    this.transaction(() => {
      for (const event of events) {
        this._apply(event);
      }
    });
  }

  /** Add a page of a snapshot: nodes before links. */
  load(nodes: Iterable<NodeRow>, links: Iterable<LinkRow>, blueprint: Blueprint | null): void {
    this.transaction(() => {
      if (blueprint !== null) {
        this._setBlueprint(blueprint);
      }
      for (const row of nodes) {
        this._addNode(row);
      }
      for (const row of links) {
        this._addLink(row);
      }
    });
  }

  /** Forget everything. */
  reset(): void {
    this.transaction(() => {
      this._nodes.clear();
      this._links.clear();
      this._children.clear();
      this._sorted.clear();
      this._linkIds.clear();
      this._blueprint = {};
      this._pending = { ...emptyChange(), reset: true, structure: true, blueprint: true };
    });
  }

  /** Run several changes and emit one signal for them all. */
  transaction(run: () => void): void {
    this._depth += 1;
    try {
      run();
    } finally {
      this._depth -= 1;
      if (this._depth === 0) {
        this._emit();
      }
    }
  }

  /** Children of a node (null: the roots), by order, then node_id. */
  children(parentId: string | null): readonly INode[] {
    let sorted = this._sorted.get(parentId);
    if (sorted === undefined) {
      const found: INode[] = [];
      for (const id of this._children.get(parentId) ?? []) {
        const node = this._nodes.get(id);
        if (node !== undefined) {
          found.push(node);
        }
      }
      found.sort((a, b) => a.order - b.order || compareText(a.node_id, b.node_id));
      sorted = found;
      this._sorted.set(parentId, sorted);
    }
    return sorted;
  }

  /** All links at a node, oldest first; a self-link once. */
  linksOf(nodeId: string): readonly ILink[] {
    const found: ILink[] = [];
    for (const id of this._linkIds.get(nodeId) ?? []) {
      const link = this._links.get(id);
      if (link !== undefined) {
        found.push(link);
      }
    }
    return found;
  }

  /** How many links are at a node; a self-link counts once. */
  degree(nodeId: string): number {
    return this._linkIds.get(nodeId)?.size ?? 0;
  }

  /** What people see a node as: its name, or its id where it has none. */
  label(nodeId: string): string {
    const name = this._nodes.get(nodeId)?.name;
    return name === undefined || name === '' ? nodeId : name;
  }

  private _apply(event: Event): void {
    switch (event.type) {
      case 'node-created':
        this._addNode(event);
        break;
      case 'node-deleted':
        this._removeNode(event.node_id);
        break;
      case 'node-updated':
        this._updateNode(event);
        break;
      case 'node-linked':
        this._addLink(event);
        break;
      case 'node-unlinked':
        this._removeLink(event.link_id);
        break;
      case 'property-changed':
        this._setProperties(event, old => ({
          ...old,
          [event.property_name]: event.new_value ?? null
        }));
        break;
      case 'property-deleted':
        this._setProperties(event, old =>
          Object.fromEntries(Object.entries(old).filter(([name]) => name !== event.property_name))
        );
        break;
      case 'blueprint-updated':
        this._setBlueprint(event.new_value);
        break;
    }
  }

  private _addNode(row: NodeRow): void {
    const node: INode = {
      node_id: row.node_id,
      parent_id: row.parent_id ?? null,
      blueprint_type_id: row.blueprint_type_id ?? '',
      name: row.name ?? '',
      order: row.order ?? 0,
      position: row.position ?? null,
      properties: row.properties ?? {}
    };
    this._nodes.set(node.node_id, node);
    this._adopt(node.parent_id, node.node_id);
    this._pending.nodes.add(node.node_id);
    this._pending.structure = true;
  }

  private _removeNode(nodeId: string): void {
    const node = this._node(nodeId);
    this._nodes.delete(nodeId);
    this._disown(node.parent_id, nodeId);
    this._linkIds.delete(nodeId);
    this._pending.nodes.add(nodeId);
    this._pending.structure = true;
  }

  private _updateNode(event: NodeUpdated): void {
    const old = this._node(event.node_id);
    const value = event.new_value ?? null;
    switch (event.field) {
      case 'name':
        this._replaceNode({ ...old, name: typeof value === 'string' ? value : '' });
        break;
      case 'parent_id': {
        const parentId = typeof value === 'string' ? value : null;
        this._disown(old.parent_id, old.node_id);
        this._adopt(parentId, old.node_id);
        this._replaceNode({ ...old, parent_id: parentId });
        this._pending.structure = true;
        break;
      }
      case 'order':
        this._replaceNode({ ...old, order: typeof value === 'number' ? value : 0 });
        this._pending.structure = true;
        break;
      case 'position':
        this._replaceNode({ ...old, position: isPosition(value) ? value : null });
        break;
      default:
        throw new Error(`Unknown field of a node: ${String(event.field)}`);
    }
  }

  private _addLink(row: LinkRow): void {
    const link: ILink = {
      link_id: row.link_id,
      source_id: row.source_id,
      target_id: row.target_id,
      link_type_id: row.link_type_id ?? '',
      properties: row.properties ?? {}
    };
    this._links.set(link.link_id, link);
    addTo(this._linkIds, link.source_id, link.link_id);
    addTo(this._linkIds, link.target_id, link.link_id);
    this._pending.links.add(link.link_id);
  }

  private _removeLink(linkId: string): void {
    const link = this._link(linkId);
    this._links.delete(linkId);
    removeFrom(this._linkIds, link.source_id, linkId);
    removeFrom(this._linkIds, link.target_id, linkId);
    this._pending.links.add(linkId);
  }

  private _setProperties(
    target: { node_id?: string | null; link_id?: string | null },
    change: (old: IProperties) => IProperties
  ): void {
    if (typeof target.node_id === 'string') {
      const node = this._node(target.node_id);
      this._replaceNode({ ...node, properties: change(node.properties) });
    } else {
      const link = this._link(target.link_id ?? '');
      this._links.set(link.link_id, { ...link, properties: change(link.properties) });
      this._pending.links.add(link.link_id);
    }
  }

  private _setBlueprint(blueprint: Blueprint): void {
    this._blueprint = blueprint;
    this._pending.blueprint = true;
  }

  private _replaceNode(node: INode): void {
    this._nodes.set(node.node_id, node);
    this._sorted.delete(node.parent_id);
    this._pending.nodes.add(node.node_id);
  }

  private _adopt(parentId: string | null, nodeId: string): void {
    addTo(this._children, parentId, nodeId);
    this._sorted.delete(parentId);
  }

  private _disown(parentId: string | null, nodeId: string): void {
    removeFrom(this._children, parentId, nodeId);
    this._sorted.delete(parentId);
  }

  private _node(nodeId: string): INode {
    const node = this._nodes.get(nodeId);
    if (node === undefined) {
      throw new Error(`An event names a node that is not there: ${nodeId}`);
    }
    return node;
  }

  private _link(linkId: string): ILink {
    const link = this._links.get(linkId);
    if (link === undefined) {
      throw new Error(`An event names a link that is not there: ${linkId}`);
    }
    return link;
  }

  private _emit(): void {
    const change = this._pending;
    if (change.reset || change.nodes.size > 0 || change.links.size > 0 || change.blueprint) {
      this._pending = emptyChange();
      this._changed.emit(change);
    }
  }

  private readonly _nodes = new Map<string, INode>();
  private readonly _links = new Map<string, ILink>();
  private _blueprint: Blueprint = {};
  /** node_ids by parent (null: the roots). */
  private readonly _children = new Map<string | null, Set<string>>();
  /** `children()` as last asked for, until one of that family changes. */
  private readonly _sorted = new Map<string | null, readonly INode[]>();
  /** link_ids by node, both ends. */
  private readonly _linkIds = new Map<string, Set<string>>();
  private readonly _changed = new Signal<GraphStore, IGraphChange>(this);
  /** What has changed since the last emission. */
  private _pending = emptyChange();
  /** How many transactions are under way, one in another. */
  private _depth = 0;
}

function emptyChange() {
  return {
    reset: false,
    nodes: new Set<string>(),
    links: new Set<string>(),
    structure: false,
    blueprint: false
  };
}

function addTo<K>(index: Map<K, Set<string>>, key: K, id: string): void {
  const ids = index.get(key);
  if (ids === undefined) {
    index.set(key, new Set([id]));
  } else {
    ids.add(id);
  }
}

function removeFrom<K>(index: Map<K, Set<string>>, key: K, id: string): void {
  const ids = index.get(key);
  if (ids?.delete(id) === true && ids.size === 0) {
    index.delete(key);
  }
}

function isPosition(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2;
}
