import { expect, test } from 'vitest';
import { ancestors, flatten, move } from '../../src/panel/rows';
import type { Event } from '../../src/protocol';
import { GraphStore } from '../../src/store/graph';

function forest(): GraphStore {
  const store = new GraphStore();
  store.apply(
    [
      ['plan', null],
      ['design', 'plan'],
      ['sketch', 'design'],
      ['build', 'plan'],
      ['people', null]
    ].map(([node_id, parent_id], order): Event => ({
      type: 'node-created',
      node_id: node_id ?? '',
      parent_id: parent_id ?? null,
      order
    }))
  );
  return store;
}

const ids = (rows: { node_id: string }[]): string[] => rows.map(row => row.node_id);

test('folded, only the roots show', () => {
  const rows = flatten(forest(), new Set());
  expect(ids(rows)).toEqual(['plan', 'people']);
  expect(rows[0]).toMatchObject({ depth: 0, hasChildren: true, expanded: false, position: 1 });
  expect(rows[1]).toMatchObject({ hasChildren: false, position: 2, siblings: 2 });
});

test('unfolded nodes show their children below them, in order', () => {
  const rows = flatten(forest(), new Set(['plan', 'design']));
  expect(ids(rows)).toEqual(['plan', 'design', 'sketch', 'build', 'people']);
  expect(rows.map(row => row.depth)).toEqual([0, 1, 2, 1, 0]);
});

test('a node that is unfolded under a folded one does not show', () => {
  expect(ids(flatten(forest(), new Set(['design'])))).toEqual(['plan', 'people']);
});

test('sixty thousand nodes below one another are flattened without recursion', () => {
  const store = new GraphStore();
  const count = 60_000;
  store.apply(
    Array.from({ length: count }, (_, i): Event => ({
      type: 'node-created',
      node_id: `n${i}`,
      parent_id: i === 0 ? null : `n${i - 1}`
    }))
  );
  expect(flatten(store, new Set(store.nodes.keys()))).toHaveLength(count);
});

test('ancestors come nearest first', () => {
  expect(ancestors(forest(), 'sketch')).toEqual(['design', 'plan']);
  expect(ancestors(forest(), 'plan')).toEqual([]);
});

test('the keys of a tree go from row to row, fold and unfold', () => {
  const rows = flatten(forest(), new Set(['plan']));
  expect(ids(rows)).toEqual(['plan', 'design', 'build', 'people']);
  expect(move(rows, 0, 'ArrowDown', 10)).toEqual({ go: 1 });
  expect(move(rows, 3, 'ArrowDown', 10)).toEqual({ go: 3 });
  expect(move(rows, 0, 'ArrowUp', 10)).toEqual({ go: 0 });
  expect(move(rows, 0, 'End', 10)).toEqual({ go: 3 });
  expect(move(rows, 3, 'PageUp', 2)).toEqual({ go: 1 });
  expect(move(rows, 1, 'ArrowRight', 10)).toEqual({ expand: 'design' });
  expect(move(rows, 0, 'ArrowRight', 10)).toEqual({ go: 1 });
  expect(move(rows, 0, 'ArrowLeft', 10)).toEqual({ collapse: 'plan' });
  expect(move(rows, 1, 'ArrowLeft', 10)).toEqual({ go: 0 });
  expect(move(rows, 3, 'ArrowLeft', 10)).toBeNull();
  expect(move(rows, 0, 'x', 10)).toBeNull();
});

test('with no row yet, an arrow goes to the first', () => {
  const rows = flatten(forest(), new Set());
  expect(move(rows, -1, 'ArrowDown', 10)).toEqual({ go: 0 });
  expect(move([], -1, 'ArrowDown', 10)).toBeNull();
});
