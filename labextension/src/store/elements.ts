/** What a store holds and tells: nodes, links, and what a change touched. */
import type { JSONValue } from '../protocol';

/** A node as it stands now. */
export interface INode {
  readonly node_id: string;
  readonly parent_id: string | null;
  readonly blueprint_type_id: string;
  readonly name: string;
  readonly order: number;
  /** (x, y), graph units, y upwards; null: nobody has placed it. */
  readonly position: readonly [number, number] | null;
  readonly properties: IProperties;
}

/** A link as it stands now. */
export interface ILink {
  readonly link_id: string;
  readonly source_id: string;
  readonly target_id: string;
  readonly link_type_id: string;
  readonly properties: IProperties;
}

export interface IProperties {
  readonly [name: string]: JSONValue;
}

/** What one `apply` (or one `transaction` of several) changed. */
export interface IGraphChange {
  /** The graph was emptied first: nothing from before is left. */
  readonly reset: boolean;
  /** Nodes created, changed or deleted. */
  readonly nodes: ReadonlySet<string>;
  /** Links created, changed or deleted. */
  readonly links: ReadonlySet<string>;
  /** The forest changed: nodes came, went, moved or were reordered. */
  readonly structure: boolean;
  readonly blueprint: boolean;
}

/** Elements as they are sent: all but the ids may be left out. */
export type { Link as LinkRow, Node as NodeRow } from '../protocol';
