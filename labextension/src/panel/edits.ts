/** Commands made of what people do in the inspector; session/edits.ts has those of a canvas. */
import type { Command, Commit, JSONValue, NodeCreated } from '../protocol';
import type { ILink, INode } from '../store/graph';

/** A node or a link whose properties are edited. */
export type Owner = { readonly node_id: string } | { readonly link_id: string };

export function ownerOf(element: INode | ILink): Owner {
  return 'node_id' in element ? { node_id: element.node_id } : { link_id: element.link_id };
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

/** The nodes that a commit made. */
export function createdNodes(commit: Commit): string[] {
  return commit.events
    .filter((event): event is NodeCreated => event.type === 'node-created')
    .map(event => event.node_id);
}
