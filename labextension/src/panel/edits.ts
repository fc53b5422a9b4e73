/** Commands made of what people do in the panel. */
import type { Batch, Command, Edit, JSONValue, NodeCreated } from '../protocol';
import type { Commit } from '../protocol';
import type { ISelection } from '../canvas/canvas';
import type { GraphStore, ILink, INode } from '../store/graph';
import { ancestors, subtree } from './rows';

/** A node or a link whose properties are edited. */
export type Owner = { readonly node_id: string } | { readonly link_id: string };

export function ownerOf(element: INode | ILink): Owner {
  return 'node_id' in element ? { node_id: element.node_id } : { link_id: element.link_id };
}

/** One command for several edits. */
export function together(commands: Edit[], label: string): Command {
  const [only] = commands;
  return commands.length === 1 && only ? only : ({ type: 'batch', commands, label } satisfies Batch);
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
export function deletion(store: GraphStore, selection: ISelection, label: string): IDeletion {
  const chosen = new Set(selection.nodes.filter(id => store.nodes.has(id)));
  const tops = [...chosen].filter(id => !ancestors(store, id).some(above => chosen.has(above)));
  const nodes = new Set(tops.flatMap(id => subtree(store, id)));
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
    nodes: nodes.size,
    links: links.size + alone.length,
    below: nodes.size - chosen.size
  };
}

/** Give a property another name: its value moves, in one commit. */
export function renameProperty(owner: Owner, from: string, to: string, value: JSONValue): Command {
  return {
    type: 'batch',
    label: 'Rename property',
    commands: [
      { type: 'delete-property', property_name: from, ...owner },
      { type: 'set-property', property_name: to, value, ...owner }
    ]
  };
}

/** Set a property of an element, or with `undefined` delete it. */
export function setProperty(owner: Owner, name: string, value: JSONValue | undefined): Command {
  return value === undefined
    ? { type: 'delete-property', property_name: name, ...owner }
    : { type: 'set-property', property_name: name, value, ...owner };
}

/** The positions of a layout, as one commit. Hundredths of a graph unit are fine enough. */
export function placement(positions: ReadonlyMap<string, readonly [number, number]>): Batch {
  const commands: Edit[] = [];
  for (const [node_id, [x, y]] of positions) {
    commands.push({ type: 'update-node', node_id, position: [hundredths(x), hundredths(y)] });
  }
  return { type: 'batch', commands, label: 'Layout' };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The nodes that a commit made. */
export function createdNodes(commit: Commit): string[] {
  return commit.events
    .filter((event): event is NodeCreated => event.type === 'node-created')
    .map(event => event.node_id);
}
