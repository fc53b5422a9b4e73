/** What the canvas says: to those who can't see it, and instead of a graph. */
import type { GraphStore } from '../store/graph';
import type { ISelection } from './selection';

export type Translate = (text: string) => string;

export const NO_NODES = 'No nodes yet';
export const NO_WEBGL = 'This browser can’t draw graphs: WebGL is switched off or missing.';
export const PAUSED = 'Paused: the browser gave its graphics memory to other views.';
export const SHOW_AGAIN = 'Show again';

/** How large the graph is. */
export function describeGraph({ nodes, links }: GraphStore, translate: Translate): string {
  return `${nodes.size} ${translate('nodes')}, ${links.size} ${translate('links')}`;
}

/** What is selected: a single node in full, more as numbers. */
export function describeSelection(
  { nodes, links }: ISelection,
  store: GraphStore,
  translate: Translate
): string {
  const [only] = nodes;
  if (only !== undefined && nodes.length === 1 && links.length === 0) {
    const type = store.nodes.get(only)?.blueprint_type_id ?? '';
    const degree = `${store.degree(only)} ${translate('links')}`;
    return [store.label(only), type, degree].filter(text => text !== '').join(', ');
  }
  if (nodes.length + links.length === 0) {
    return translate('Nothing selected');
  }
  const counts = `${nodes.length} ${translate('nodes')}, ${links.length} ${translate('links')}`;
  return `${counts} ${translate('selected')}`;
}
