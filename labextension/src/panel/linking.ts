/** Adding a link: a mode in which one picks its source, then its target. */
import type { GraphStore } from '../store/graph';
import { linkTypesBetween } from './blueprintSchema';

/** `off`, or which end is to be picked next. */
export type LinkStep = { at: 'off' } | { at: 'source' } | { at: 'target'; source: string };

/** What a pick comes to. */
export type Pick = { step: LinkStep } | { link: ILinkEnds };

export interface ILinkEnds {
  readonly source: string;
  readonly target: string;
}

/** Go on with the node that was picked. */
export function pick(step: LinkStep, nodeId: string): Pick {
  switch (step.at) {
    case 'off':
      return { step };
    case 'source':
      return { step: { at: 'target', source: nodeId } };
    case 'target':
      return { link: { source: step.source, target: nodeId } };
  }
}

/** The mode as it starts with a selection: two nodes are a link, one is its source. */
export function start(selected: readonly string[]): Pick {
  const [first, second, third] = selected;
  if (first !== undefined && second !== undefined && third === undefined) {
    return { link: { source: first, target: second } };
  }
  if (first !== undefined && second === undefined) {
    return { step: { at: 'target', source: first } };
  }
  return { step: { at: 'source' } };
}

/** The types that a link may have: those the blueprint allows between these, or those in use. */
export interface ILinkTypes {
  readonly types: readonly string[];
  /** Any other may be typed in. */
  readonly open: boolean;
}

export function linkTypes(store: GraphStore, source: string, target: string): ILinkTypes {
  const allowed = linkTypesBetween(
    store.blueprint,
    store.nodes.get(source)?.blueprint_type_id ?? '',
    store.nodes.get(target)?.blueprint_type_id ?? ''
  );
  return allowed === null
    ? { types: linkTypesInUse(store), open: true }
    : { types: allowed, open: false };
}

/** The link types that occur, most frequent first. */
export function linkTypesInUse(store: GraphStore): string[] {
  const counts = new Map<string, number>();
  for (const link of store.links.values()) {
    counts.set(link.link_type_id, (counts.get(link.link_type_id) ?? 0) + 1);
  }
  return [...counts]
    .filter(([type]) => type !== '')
    .sort(([, a], [, b]) => b - a)
    .map(([type]) => type);
}

/** The node types that occur, most frequent first. */
export function nodeTypesInUse(store: GraphStore): string[] {
  const counts = new Map<string, number>();
  for (const node of store.nodes.values()) {
    counts.set(node.blueprint_type_id, (counts.get(node.blueprint_type_id) ?? 0) + 1);
  }
  return [...counts]
    .filter(([type]) => type !== '')
    .sort(([, a], [, b]) => b - a)
    .map(([type]) => type);
}
