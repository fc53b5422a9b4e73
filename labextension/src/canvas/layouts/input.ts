/** What a layout works on: a graph as arrays, cheap to make and to hand to another thread. */
import type { GraphStore } from '../../store/graph';
import type { Point } from '../geometry';

export type Positions = Map<string, [number, number]>;

export interface ILayoutInput {
  /** node_ids; all else refers to their indices. */
  readonly ids: readonly string[];
  /** Type of each node, for layouts that put like by like. */
  readonly types: readonly string[];
  /** Where each node is now, graph units. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** The parent's index; -1: a root. */
  readonly parents: Int32Array;
  /** Links as pairs of indices, self-links left out. */
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  /** Nodes that must stay where they are. */
  readonly fixed: Uint8Array;
}

/** Read a layout's input; siblings and roots come in their order. */
export function layoutInput(
  store: GraphStore,
  positionOf: (nodeId: string) => Point,
  isFixed: (nodeId: string) => boolean,
  isShown: (nodeId: string) => boolean = () => true
): ILayoutInput {
  const ids = inOrder(store).filter(isShown);
  const index = new Map(ids.map((id, i) => [id, i]));
  const count = ids.length;
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  const parents = new Int32Array(count).fill(-1);
  const fixed = new Uint8Array(count);
  const types = ids.map(id => store.nodes.get(id)?.blueprint_type_id ?? '');
  ids.forEach((id, i) => {
    [x[i], y[i]] = positionOf(id);
    fixed[i] = isFixed(id) ? 1 : 0;
    const parentId = store.nodes.get(id)?.parent_id ?? null;
    parents[i] = parentId === null ? -1 : (index.get(parentId) ?? -1);
  });
  const ends: number[] = [];
  for (const link of store.links.values()) {
    const source = index.get(link.source_id);
    const target = index.get(link.target_id);
    if (source !== undefined && target !== undefined && source !== target) {
      ends.push(source, target);
    }
  }
  const sources = Uint32Array.from({ length: ends.length / 2 }, (_, i) => ends[2 * i] ?? 0);
  const targets = Uint32Array.from({ length: ends.length / 2 }, (_, i) => ends[2 * i + 1] ?? 0);
  return { ids, types, x, y, parents, sources, targets, fixed };
}

/** All node_ids, parents before children, siblings in order. */
function inOrder(store: GraphStore): string[] {
  const ids: string[] = [];
  const stack = [...store.children(null)].reverse();
  while (stack.length > 0) {
    const node = stack.pop();
    if (node !== undefined) {
      ids.push(node.node_id);
      const children = store.children(node.node_id);
      for (let i = children.length - 1; i >= 0; i -= 1) {
        const child = children[i];
        if (child !== undefined) {
          stack.push(child);
        }
      }
    }
  }
  return ids;
}

/** Coordinates as positions by node_id. */
export function toPositions(input: ILayoutInput, x: Float64Array, y: Float64Array): Positions {
  return new Map(input.ids.map((id, i) => [id, [x[i] ?? 0, y[i] ?? 0]]));
}
