/** Commands made of what people do on a canvas: used by the panel and the widget alike. */
import type { Command, Edit } from '../protocol';
import type { GraphStore } from '../store/graph';

/** One command for several edits. */
export function together(commands: Edit[], label: string): Command {
  const [only] = commands;
  return commands.length === 1 && only !== undefined ? only : { type: 'batch', commands, label };
}

/** What deleting a selection takes with it. */
export interface IDeletion {
  /** Null where nothing that is selected is still there. */
  readonly command: Command | null;
  /** How many nodes and links will be gone in all. */
  readonly nodes: number;
  readonly links: number;
  /** Nodes that are lost though they are not selected: those below selected ones. */
  readonly below: number;
}

/** Plan the deletion of a selection: a subtree goes with its top, links with their ends. */
export function deletion(
  store: GraphStore,
  selection: { readonly nodes: readonly string[]; readonly links: readonly string[] },
  label: string
): IDeletion {
  const chosen = new Set(selection.nodes.filter(id => store.nodes.has(id)));
  const tops = [...chosen].filter(id => !hasAncestorIn(store, id, chosen));
  const nodes = withDescendants(store, tops);
  const links = new Set<string>();
  for (const id of nodes) {
    for (const link of store.linksOf(id)) {
      links.add(link.link_id);
    }
  }
  const alone = selection.links.filter(id => store.links.has(id) && !links.has(id));
  const edits: Edit[] = [
    ...alone.map(link_id => ({ type: 'unlink-nodes' as const, link_id })),
    ...tops.map(node_id => ({ type: 'delete-node' as const, node_id }))
  ];
  return {
    command: edits.length === 0 ? null : together(edits, label),
    nodes: nodes.length,
    links: links.size + alone.length,
    below: nodes.length - chosen.size
  };
}

/** Positions of a layout or of a drag, as one command. */
export function placement(
  positions: Iterable<readonly [string, readonly [number, number]]>,
  label: string
): Command {
  const edits: Edit[] = [];
  for (const [node_id, [x, y]] of positions) {
    edits.push({ type: 'update-node', node_id, position: [x, y] });
  }
  return together(edits, label);
}

function hasAncestorIn(store: GraphStore, nodeId: string, ids: ReadonlySet<string>): boolean {
  let parentId = store.nodes.get(nodeId)?.parent_id ?? null;
  while (parentId !== null) {
    if (ids.has(parentId)) {
      return true;
    }
    parentId = store.nodes.get(parentId)?.parent_id ?? null;
  }
  return false;
}

/** Nodes and all below them. */
export function withDescendants(store: GraphStore, tops: readonly string[]): string[] {
  const found = [...tops];
  for (let i = 0; i < found.length; i += 1) {
    for (const child of store.children(found[i] ?? null)) {
      found.push(child.node_id);
    }
  }
  return found;
}
