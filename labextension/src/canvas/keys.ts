/**
 * Keys of drawn elements: sigma keeps them as properties of plain objects, so that an id like
 * `__proto__` needs a prefix; and a line to a parent must not meet a link's id.
 */
export function nodeKey(nodeId: string): string {
  return `n${nodeId}`;
}

export function linkKey(linkId: string): string {
  return `l${linkId}`;
}

export function treeKey(childId: string): string {
  return `t${childId}`;
}

export function idOf(key: string): string {
  return key.slice(1);
}
