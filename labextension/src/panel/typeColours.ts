/** The colour of a node's type beside its name. */
import type { GraphStore } from '../store/graph';

/** A CSS colour: the blueprint's, or a stable one of the type. */
export function colourOf(store: GraphStore, type: string): string {
  const own = store.blueprint.node_types?.[type]?.colour ?? '';
  if (own !== '' && CSS.supports('color', own)) {
    return own;
  }
  let hash = 0;
  for (const character of type) {
    hash = (hash * 31 + (character.codePointAt(0) ?? 0)) | 0;
  }
  return type === '' ? 'var(--jp-ui-font-color3)' : `hsl(${Math.abs(hash) % 360} 55% 50%)`;
}
