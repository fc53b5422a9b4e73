/** The colour of a node's type beside its name: the one that the canvas draws it with. */
import { typeColour } from '../canvas/palette';
import { isColour } from '../canvas/theme';
import type { GraphStore } from '../store/graph';

/** A CSS colour. */
export function colourOf(store: GraphStore, type: string): string {
  const own = store.blueprint.node_types?.[type]?.colour ?? '';
  if (isColour(own)) {
    return own;
  }
  return type === '' ? 'var(--jp-ui-font-color3)' : typeColour(type);
}
