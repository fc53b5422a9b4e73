/**
 * What nodes' colours, sizes, names and the filter are taken from: values, kept in step with the store.
 *
 * A property is looked up here, so that later changes show without Python; what functions in Python
 * say comes as values by node_id. Without any channel all is as the blueprint and the links have it.
 */
import type { GraphStore, IGraphChange, INode } from '../store/graph';
import { nodeColour } from './look';
import type { IColourScale, ISizeScale } from './scales';
import { colourOf, colourScale, factorOf, isPresent, shows, sizeScale, textOf } from './scales';
import type { ITheme } from './theme';

/** Where values come from: see graph_ext/picture/channels.py. */
export interface IChannel {
  readonly property?: string | null;
  readonly constant?: unknown;
  /** By node_id. */
  readonly values?: Readonly<Record<string, unknown>> | null;
  /** Colours of values, by their text. */
  readonly colours?: Readonly<Record<string, string>> | null;
  /** A filter's: which values are shown, by their text. */
  readonly among?: readonly string[] | null;
}

export type ChannelName = 'color' | 'size' | 'label' | 'filter';
export type IChannels = Readonly<Partial<Record<ChannelName, IChannel>>>;

/** What a legend has to say. */
export interface ILegend {
  /** A property's name; "" for the types. */
  readonly heading: string;
  readonly kinds: readonly (readonly [text: string, colour: string])[];
  /** How many more kinds there are. */
  readonly others: number;
  /** Numbers from least to most; null: kinds. */
  readonly range: { readonly least: number; readonly most: number } | null;
  /** How many nodes a filter shows; null: there is no filter. */
  readonly shown: number | null;
  readonly total: number;
}

const NAMES: readonly ChannelName[] = ['color', 'size', 'label', 'filter'];

export class Looks {
  constructor(private readonly _store: GraphStore) {}

  get channels(): IChannels {
    return this._channels;
  }

  set channels(channels: IChannels) {
    this._channels = channels;
    this._isStale = true;
    this._readAll();
  }

  /** Take note of a change; gives the nodes that it shows, hides or makes look different. */
  mark(change: IGraphChange): string[] {
    if (change.reset) {
      this._values.clear();
    }
    const turned: string[] = [];
    const byDegree = change.links.size > 0 && NAMES.some(name => this._property(name) === 'degree');
    for (const id of byDegree ? this._store.nodes.keys() : change.nodes) {
      const was = this._isShown(id);
      const isNew = this._read(id);
      if (was !== this._isShown(id) || (isNew && !change.nodes.has(id))) {
        turned.push(id);
      }
    }
    this._isStale ||= change.blueprint;
    return turned;
  }

  /** Bring the scales up to date; true: all nodes may look different now. */
  refresh(): boolean {
    if (!this._isStale) {
      return false;
    }
    this._isStale = false;
    const before = JSON.stringify([this._sizes, this._colours && [...this._colours.colours]]);
    const { color, size } = this._channels;
    const range = this._colours && [this._colours.kind, this._colours.least, this._colours.most];
    this._colours =
      color === undefined || isPresent(color.constant)
        ? null
        : colourScale(this._of('color'), color.colours ?? null);
    this._sizes =
      size === undefined || isPresent(size.constant) ? null : sizeScale(this._of('size'));
    const now = this._colours && [this._colours.kind, this._colours.least, this._colours.most];
    return (
      before !== JSON.stringify([this._sizes, this._colours && [...this._colours.colours]]) ||
      JSON.stringify(range) !== JSON.stringify(now)
    );
  }

  shows(nodeId: string): boolean {
    return this._isShown(nodeId);
  }

  colour(node: INode, theme: ITheme): string {
    const { color } = this._channels;
    if (color === undefined) {
      return nodeColour(this._store, theme, node);
    }
    if (isPresent(color.constant)) {
      return String(color.constant);
    }
    return this._colours === null
      ? theme.node
      : colourOf(this._colours, this._value('color', node));
  }

  /** Half a node's width, where it would be `own` with a channel for nothing, `base` without links. */
  size(nodeId: string, own: number, base: number): number {
    const { size } = this._channels;
    if (typeof size?.constant === 'number') {
      return size.constant;
    }
    const node = this._store.nodes.get(nodeId);
    return this._sizes === null || node === undefined
      ? own
      : base * factorOf(this._sizes, this._value('size', node));
  }

  label(node: INode): string {
    if (this._channels.label === undefined) {
      return this._store.label(node.node_id);
    }
    const value = this._value('label', node);
    return isPresent(value) ? textOf(value) : '';
  }

  /** What the colours mean; null: nothing that needs words. */
  legend(theme: ITheme): ILegend | null {
    const total = this._store.nodes.size;
    const shown =
      this._channels.filter === undefined
        ? null
        : [...this._store.nodes.keys()].filter(id => this._isShown(id)).length;
    const none = { heading: '', kinds: [], others: 0, range: null, shown, total };
    const { color } = this._channels;
    if (color === undefined) {
      const kinds = this._types(theme);
      return kinds.length > 1 || shown !== null ? { ...none, kinds } : null;
    }
    const scale = this._colours;
    if (scale === null || scale.kind === 'literal') {
      return shown === null ? null : none;
    }
    const { least, most } = scale;
    const range = scale.kind === 'numbers' ? { least, most } : null;
    const heading = color.property ?? '';
    return { ...none, heading, range, kinds: [...scale.colours], others: scale.others };
  }

  private _types(theme: ITheme): (readonly [string, string])[] {
    const types = new Map<string, string>();
    for (const node of this._store.nodes.values()) {
      const type = node.blueprint_type_id;
      if (type !== '' && !types.has(type) && this._isShown(node.node_id)) {
        types.set(type, nodeColour(this._store, theme, node));
      }
    }
    const label = (type: string): string => this._store.blueprint.node_types?.[type]?.label ?? '';
    return [...types].map(([type, colour]) => [label(type) || type, colour] as const);
  }

  private _readAll(): void {
    this._values.clear();
    for (const id of this._store.nodes.keys()) {
      this._read(id);
    }
  }

  /** Look a node's values up again; true: one of them has changed. */
  private _read(nodeId: string): boolean {
    const node = this._store.nodes.get(nodeId);
    let isNew = false;
    for (const name of NAMES) {
      if (this._channels[name] !== undefined) {
        const known = this._values.get(name) ?? new Map<string, unknown>();
        this._values.set(name, known);
        const value = node === undefined ? undefined : this._value(name, node);
        isNew ||= value !== known.get(nodeId);
        if (isPresent(value)) {
          known.set(nodeId, value);
        } else {
          known.delete(nodeId);
        }
      }
    }
    this._isStale ||= isNew;
    return isNew;
  }

  private _value(name: ChannelName, node: INode): unknown {
    const channel = this._channels[name];
    if (channel === undefined) {
      return undefined;
    }
    if (isPresent(channel.values)) {
      return own(channel.values ?? {}, node.node_id);
    }
    const property = this._property(name);
    if (property === null) {
      return channel.constant;
    }
    if (Object.hasOwn(node.properties, property)) {
      return node.properties[property];
    }
    switch (property) {
      case 'type':
        return node.blueprint_type_id === '' ? null : node.blueprint_type_id;
      case 'name':
        return this._store.label(node.node_id);
      case 'node_id':
        return node.node_id;
      case 'degree':
        return this._store.degree(node.node_id);
      default:
        return null;
    }
  }

  private _property(name: ChannelName): string | null {
    return this._channels[name]?.property ?? null;
  }

  private _isShown(nodeId: string): boolean {
    const { filter } = this._channels;
    return (
      filter === undefined || shows(this._values.get('filter')?.get(nodeId), filter.among ?? null)
    );
  }

  /** A channel's values, of the nodes that are shown. */
  private *_of(name: ChannelName): Generator {
    for (const [id, value] of this._values.get(name) ?? []) {
      if (this._isShown(id)) {
        yield value;
      }
    }
  }

  private _channels: IChannels = {};
  /** By channel, then node_id; only nodes that have a value. */
  private readonly _values = new Map<ChannelName, Map<string, unknown>>();
  /** Null: the blueprint's colours, or one for all; likewise the sizes. */
  private _colours: IColourScale | null = null;
  private _sizes: ISizeScale | null = null;
  /** A value has changed since the scales were made. */
  private _isStale = false;
}

/** Put what a function in Python says of some nodes into a channel; null: no value any more. */
export function setValues(
  channels: IChannels,
  name: ChannelName,
  values: Readonly<Record<string, unknown>>
): IChannels {
  const old = channels[name] ?? {};
  const known = new Map(Object.entries({ ...old.values, ...values }));
  for (const [id, value] of known) {
    if (!isPresent(value)) {
      known.delete(id);
    }
  }
  return { ...channels, [name]: { ...old, values: Object.fromEntries(known) } };
}

function own(values: Readonly<Record<string, unknown>>, id: string): unknown {
  return Object.hasOwn(values, id) ? values[id] : undefined;
}
