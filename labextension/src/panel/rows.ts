/** The outline's rows: the forest of nodes, flattened as far as it is unfolded. */
import type { GraphStore } from '../store/graph';

export interface IRow {
  readonly node_id: string;
  readonly parent_id: string | null;
  /** 0 for roots. */
  readonly depth: number;
  readonly hasChildren: boolean;
  readonly expanded: boolean;
  /** Its place among its siblings, from 1, and how many those are: what a screen reader says. */
  readonly position: number;
  readonly siblings: number;
}

/** As much of the store as the rows need. */
export type IForest = Pick<GraphStore, 'children' | 'nodes'>;

/** Flatten the forest; children show where their parent is in `expanded`. */
export function flatten(forest: IForest, expanded: ReadonlySet<string>): IRow[] {
  const rows: IRow[] = [];
  const levels = [{ nodes: forest.children(null), next: 0 }];
  let level = levels.at(-1);
  while (level) {
    const node = level.nodes[level.next];
    if (!node) {
      levels.pop();
    } else {
      level.next++;
      const children = forest.children(node.node_id);
      const open = children.length > 0 && expanded.has(node.node_id);
      rows.push({
        node_id: node.node_id,
        parent_id: node.parent_id,
        depth: levels.length - 1,
        hasChildren: children.length > 0,
        expanded: open,
        position: level.next,
        siblings: level.nodes.length
      });
      if (open) {
        levels.push({ nodes: children, next: 0 });
      }
    }
    level = levels.at(-1);
  }
  return rows;
}

/** A node's ancestors, nearest first. */
export function ancestors(forest: IForest, nodeId: string): string[] {
  const above: string[] = [];
  let parent = forest.nodes.get(nodeId)?.parent_id ?? null;
  while (parent !== null) {
    above.push(parent);
    parent = forest.nodes.get(parent)?.parent_id ?? null;
  }
  return above;
}

/** Where the keyboard takes the outline: to another row, or to folding this one. */
export type Move = { go: number } | { expand: string } | { collapse: string } | null;

/** What a key of the tree pattern (WAI-ARIA) does at a row; null: nothing. */
export function move(rows: readonly IRow[], at: number, key: string, page: number): Move {
  const row = rows[at];
  const last = rows.length - 1;
  if (!row) {
    return rows.length > 0 && ['ArrowDown', 'ArrowUp', 'Home'].includes(key) ? { go: 0 } : null;
  }
  const to = (index: number): Move => ({ go: Math.max(0, Math.min(last, index)) });
  switch (key) {
    case 'ArrowDown':
      return to(at + 1);
    case 'ArrowUp':
      return to(at - 1);
    case 'PageDown':
      return to(at + page);
    case 'PageUp':
      return to(at - page);
    case 'Home':
      return to(0);
    case 'End':
      return to(last);
    case 'ArrowRight':
      if (row.hasChildren && !row.expanded) {
        return { expand: row.node_id };
      }
      return row.expanded ? to(at + 1) : null;
    case 'ArrowLeft':
      if (row.expanded) {
        return { collapse: row.node_id };
      }
      return row.parent_id === null
        ? null
        : to(rows.findIndex(other => other.node_id === row.parent_id));
    default:
      return null;
  }
}
