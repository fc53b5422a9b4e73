import { describe, expect, test } from 'vitest';
import { forceLayout } from '../../src/canvas/layouts/force';
import type { ILayoutInput, Positions } from '../../src/canvas/layouts/input';
import { layoutInput } from '../../src/canvas/layouts/input';
import { circleLayout, gridLayout } from '../../src/canvas/layouts/simple';
import { treeLayout } from '../../src/canvas/layouts/tree';
import { placeOnSpiral } from '../../src/canvas/placement';
import { GraphStore } from '../../src/store/graph';
import { link, node } from './fakes';

function inputOf(store: GraphStore, fixed: string[] = []): ILayoutInput {
  let i = 0;
  const at = (id: string) => store.nodes.get(id)?.position ?? placeOnSpiral((i += 1), [0, 0], 10);
  return layoutInput(store, at, id => fixed.includes(id));
}

function at(positions: Positions, id: string): [number, number] {
  return positions.get(id) ?? [NaN, NaN];
}

function distance(positions: Positions, a: string, b: string): number {
  const [ax, ay] = at(positions, a);
  const [bx, by] = at(positions, b);
  return Math.hypot(ax - bx, ay - by);
}

/** No two nodes stand on each other. */
function expectApart(positions: Positions): void {
  const places = [...positions.values()].map(([x, y]) => `${x.toFixed(3)} ${y.toFixed(3)}`);
  expect(new Set(places).size).toBe(positions.size);
}

function chain(count: number): GraphStore {
  const store = new GraphStore();
  store.apply(Array.from({ length: count }, (_, i) => node(`n${i}`)));
  store.apply(Array.from({ length: count - 1 }, (_, i) => link(`l${i}`, `n${i}`, `n${i + 1}`)));
  return store;
}

describe('tree', () => {
  test('parents stand above the middle of their children', () => {
    const store = new GraphStore();
    store.apply([
      node('root'),
      ...['x', 'y', 'z'].map((id, order) => node(id, null, { parent_id: 'root', order }))
    ]);
    const positions = treeLayout(inputOf(store));
    expect(at(positions, 'root')[1]).toBeGreaterThan(at(positions, 'x')[1]);
    expect(at(positions, 'x')[1]).toBe(at(positions, 'z')[1]);
    expect(at(positions, 'root')[0]).toBeCloseTo(at(positions, 'y')[0]);
    // in the order that they have
    expect(at(positions, 'x')[0]).toBeLessThan(at(positions, 'y')[0]);
    expect(at(positions, 'y')[0]).toBeLessThan(at(positions, 'z')[0]);
  });

  test('without parents, links lead downwards', () => {
    const positions = treeLayout(inputOf(chain(5)));
    const heights = [0, 1, 2, 3, 4].map(i => at(positions, `n${i}`)[1]);
    expect([...heights].sort((a, b) => b - a)).toEqual(heights);
  });

  test('a circle of links, a self-link and lonely nodes are no trouble', () => {
    const store = chain(4);
    store.apply([link('back', 'n3', 'n0'), link('self', 'n1', 'n1'), node('lonely')]);
    const positions = treeLayout(inputOf(store));
    expect(positions.size).toBe(5);
    expectApart(positions);
    expect([...positions.values()].flat().every(Number.isFinite)).toBe(true);
  });

  test('a wide and deep graph stays apart and is quick', () => {
    const store = new GraphStore();
    store.apply(Array.from({ length: 3_000 }, (_, i) => node(`n${i}`)));
    store.apply(
      Array.from({ length: 5_000 }, (_, i) =>
        link(`l${i}`, `n${i % 2_000}`, `n${(i * 7 + 1) % 3_000}`)
      )
    );
    expectApart(treeLayout(inputOf(store)));
  });

  test('an empty graph has an empty layout', () => {
    expect(treeLayout(inputOf(new GraphStore())).size).toBe(0);
  });
});

describe('circle and grid', () => {
  test('all nodes lie on one circle, those of a type side by side', () => {
    const store = new GraphStore();
    store.apply(
      Array.from({ length: 10 }, (_, i) => node(`n${i}`, null, { blueprint_type_id: `t${i % 2}` }))
    );
    const positions = circleLayout(inputOf(store));
    const radii = [...positions.values()].map(([x, y]) => Math.hypot(x, y));
    radii.forEach(radius => expect(radius).toBeCloseTo(radii[0] ?? NaN));
    expect(distance(positions, 'n0', 'n2')).toBeLessThan(distance(positions, 'n0', 'n5'));
    expectApart(positions);
  });

  test('all nodes lie on a grid', () => {
    const positions = gridLayout(inputOf(chain(12)));
    expectApart(positions);
    expect(new Set([...positions.values()].map(([, y]) => y)).size).toBeLessThan(5);
  });
});

describe('force', () => {
  test('brings neighbours near each other, and is the same each time', async () => {
    const first = await forceLayout(inputOf(chain(30)));
    const second = await forceLayout(inputOf(chain(30)));
    expect(first).toEqual(second);
    expect(distance(first, 'n0', 'n1')).toBeLessThan(distance(first, 'n0', 'n29') / 3);
    expectApart(first);
  });

  test('what is fixed stays, whatever its scale', async () => {
    for (const scale of [0.001, 1, 5_000]) {
      const store = new GraphStore();
      store.apply([node('a', [0, 0]), node('b', [scale, 0]), node('c'), link('l', 'b', 'c')]);
      const positions = await forceLayout(inputOf(store, ['a', 'b']));
      expect(at(positions, 'a')[0]).toBeCloseTo(0, 3);
      expect(at(positions, 'b')[0] / scale).toBeCloseTo(1, 3);
    }
  });
});

test('the input has parents before children, siblings in their order, and no self-links', () => {
  const store = new GraphStore();
  store.load(
    [
      { node_id: 'y', parent_id: 'p', order: 2 },
      { node_id: 'x', parent_id: 'p', order: 1 },
      { node_id: 'p' }
    ],
    [{ link_id: 'self', source_id: 'p', target_id: 'p' }],
    null
  );
  const input = inputOf(store);
  expect(input.ids).toEqual(['p', 'x', 'y']);
  expect([...input.parents]).toEqual([-1, 0, 0]);
  expect(input.sources).toHaveLength(0);
});
