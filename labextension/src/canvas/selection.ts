/** What is selected: nodes and links by id, in the order of selection; only what exists. */
import type { GraphStore } from '../store/graph';

export interface ISelection {
  readonly nodes: readonly string[];
  readonly links: readonly string[];
}

export const NOTHING: ISelection = { nodes: [], links: [] };

/** A selection without what is not there (any more), and without repetition. */
export function existing(selection: Partial<ISelection>, store: GraphStore): ISelection {
  return {
    nodes: [...new Set(selection.nodes)].filter(id => store.nodes.has(id)),
    links: [...new Set(selection.links)].filter(id => store.links.has(id))
  };
}

export function isSame(a: ISelection, b: ISelection): boolean {
  return isSameList(a.nodes, b.nodes) && isSameList(a.links, b.links);
}

/** Add what is not selected, take out what is. */
export function toggled(
  selection: ISelection,
  nodeId: string | null,
  linkId: string | null
): ISelection {
  return {
    nodes: nodeId === null ? selection.nodes : toggle(selection.nodes, nodeId),
    links: linkId === null ? selection.links : toggle(selection.links, linkId)
  };
}

function toggle(ids: readonly string[], id: string): readonly string[] {
  return ids.includes(id) ? ids.filter(other => other !== id) : [...ids, id];
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
