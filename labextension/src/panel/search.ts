/** Finding nodes by id, name, type and property values. */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { JSONValue } from '../protocol';
import type { GraphStore, IGraphChange, INode } from '../store/graph';

/** How long typing rests before a search runs: a big graph takes a while to read. */
export const SEARCH_DELAY_MS = 150;

/** Whether a node has every word of the query somewhere, whatever their case. */
export function matches(node: INode, words: readonly string[], typeLabel: string): boolean {
  return words.every(
    word =>
      node.name.toLowerCase().includes(word) ||
      node.node_id.toLowerCase().includes(word) ||
      node.blueprint_type_id.toLowerCase().includes(word) ||
      typeLabel.toLowerCase().includes(word) ||
      Object.values(node.properties).some(value => holds(value, word))
  );
}

function holds(value: JSONValue | undefined, word: string): boolean {
  if (value === null || value === undefined) {
    return false;
  }
  if (Array.isArray(value)) {
    return value.some(item => holds(item, word));
  }
  if (typeof value === 'object') {
    return Object.entries(value).some(
      ([name, item]) => name.toLowerCase().includes(word) || holds(item, word)
    );
  }
  return String(value).toLowerCase().includes(word);
}

/** The nodes that match, in the store's order. */
export function find(store: GraphStore, query: string): string[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return [];
  }
  const types = store.blueprint.node_types ?? {};
  const found: string[] = [];
  for (const node of store.nodes.values()) {
    if (matches(node, words, types[node.blueprint_type_id]?.label ?? '')) {
      found.push(node.node_id);
    }
  }
  return found;
}

/** How many nodes are suggested. */
export const SUGGESTED = 12;

/** The first nodes whose name or id has the text, those that begin with it first. */
export function suggest(
  store: GraphStore,
  text: string,
  except: (nodeId: string) => boolean = () => false
): string[] {
  const wanted = text.trim().toLowerCase();
  const starts: string[] = [];
  const holds: string[] = [];
  for (const { node_id, name } of store.nodes.values()) {
    const at = Math.min(...[name, node_id].map(word => place(word.toLowerCase(), wanted)));
    if (at < Infinity && !except(node_id)) {
      (at === 0 ? starts : holds).push(node_id);
    }
    if (starts.length >= SUGGESTED) {
      break;
    }
  }
  return [...starts, ...holds].slice(0, SUGGESTED);
}

function place(word: string, wanted: string): number {
  const at = word.indexOf(wanted);
  return at < 0 ? Infinity : at;
}

/** A running search: its query, what it found, and which of those one stands at. */
export class GraphSearch implements IDisposable {
  constructor(private readonly _store: GraphStore) {
    _store.changed.connect(this._onGraph, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get query(): string {
    return this._query;
  }

  /** Ids of the nodes found; null where nothing is searched for. */
  get results(): ReadonlySet<string> | null {
    return this._results;
  }

  /** The place in the results one stands at, from 0; -1 before the first. */
  get at(): number {
    return this._at;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Search for other words; an empty query ends the search. */
  setQuery(query: string): void {
    if (query !== this._query) {
      this._query = query;
      this._at = -1;
      this._run();
    }
  }

  /** Step to the next (1) or previous (-1) result, round and round; null where there is none. */
  step(by: 1 | -1): string | null {
    const ids = [...(this._results ?? [])];
    if (ids.length === 0) {
      return null;
    }
    const from = this._at < 0 && by < 0 ? 0 : this._at;
    this._at = (from + by + ids.length) % ids.length;
    this._changed.emit();
    return ids[this._at] ?? null;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    Signal.clearData(this);
  }

  private readonly _onGraph = (_: GraphStore, change: IGraphChange): void => {
    if (this._results && (change.reset || change.nodes.size > 0)) {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => this._run(), SEARCH_DELAY_MS);
    }
  };

  private _run(): void {
    clearTimeout(this._timer);
    this._results = this._query.trim() === '' ? null : new Set(find(this._store, this._query));
    this._at = Math.min(this._at, (this._results?.size ?? 0) - 1);
    this._changed.emit();
  }

  private _isDisposed = false;
  private _query = '';
  private _results: ReadonlySet<string> | null = null;
  private _at = -1;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private readonly _changed = new Signal<this, void>(this);
}
