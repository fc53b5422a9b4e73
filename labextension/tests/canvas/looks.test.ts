import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { nodeKey } from '../../src/canvas/keys';
import type { IChannels } from '../../src/canvas/looks';
import { setValues } from '../../src/canvas/looks';
import {
  NEUTRAL,
  colourOf,
  colourScale,
  factorOf,
  shows,
  sizeScale,
  textOf
} from '../../src/canvas/scales';
import { Scene } from '../../src/canvas/scene';
import { GraphStore } from '../../src/store/graph';
import { THEME, link, node } from './fakes';

// the same cases that tests/picture/test_scales.py replays
interface ICases {
  colours: {
    what: string;
    values: unknown[];
    given?: Record<string, string>;
    expect: { kind: string; legend: [string, string][]; others: number; each: string[] };
  }[];
  sizes: { values: unknown[]; factors: number[] | null }[];
  texts: { value: unknown; text: string }[];
  filters: { value: unknown; among: string[] | null; shows: boolean }[];
}
const CASES = JSON.parse(readFileSync(resolve('../tests/widget/looks.json'), 'utf-8')) as ICases;

test.each(CASES.colours)('colours: $what', ({ values, given, expect: wanted }) => {
  const scale = colourScale(values, given ?? null);
  expect({
    kind: scale.kind,
    legend: [...scale.colours],
    others: scale.others,
    each: values.map(value => colourOf(scale, value))
  }).toEqual(wanted);
});

test.each(CASES.sizes)('sizes of $values', ({ values, factors }) => {
  const scale = sizeScale(values);
  const found = scale === null ? null : values.map(value => factorOf(scale, value));
  expect(found?.map(factor => factor.toFixed(6))).toEqual(factors?.map(f => f.toFixed(6)));
});

test.each(CASES.texts)('the text of $value', ({ value, text }) => {
  expect(textOf(value)).toBe(text);
});

test.each(CASES.filters)('a filter among $among and $value', ({ value, among, shows: wanted }) => {
  expect(shows(value, among)).toBe(wanted);
});

let store: GraphStore;
let scene: Scene;

beforeEach(() => {
  store = new GraphStore();
  scene = new Scene(store, THEME);
  store.changed.connect((_, change) => scene.mark(change));
  const of = (effort: number, state: string) => ({ properties: { effort, state } });
  store.apply([
    node('a', [0, 0], of(1, 'todo')),
    node('b', [1, 0], of(4, 'done')),
    node('c', [2, 0]),
    link('l', 'a', 'b'),
    link('m', 'b', 'c')
  ]);
});

function draw(channels?: IChannels): void {
  if (channels !== undefined) {
    scene.channels = channels;
  }
  while (!scene.flush(() => false)) {
    // there is more
  }
}

function set(node_id: string, property_name: string, new_value: string | number): void {
  store.apply([{ type: 'property-changed', property_name, new_value, node_id }]);
  draw();
}

function look(nodeId: string) {
  return scene.graph.getNodeAttributes(nodeKey(nodeId));
}

describe('a property', () => {
  test('colours nodes, and colours them anew when it changes', () => {
    draw({ color: { property: 'state' } });
    const before = look('a').color;
    expect(look('c').color).toBe(NEUTRAL);
    expect(before).not.toBe(look('b').color);
    set('b', 'state', 'todo');
    expect(look('b').color).toBe(look('a').color);
    set('c', 'state', 'later');
    expect(look('c').color).not.toBe(NEUTRAL);
    expect(scene.legend()).toMatchObject({ heading: 'state', others: 0, range: null });
    expect(scene.legend()?.kinds.map(([text]) => text)).toEqual(['todo', 'later']);
  });

  test('of numbers makes a ramp that follows the least and the most', () => {
    draw({ color: { property: 'effort' }, size: { property: 'effort' } });
    const [a, b] = [look('a'), look('b')];
    expect(scene.legend()?.range).toEqual({ least: 1, most: 4 });
    expect(a.size).toBeLessThan(b.size);
    set('c', 'effort', 100);
    expect(scene.legend()?.range).toEqual({ least: 1, most: 100 });
    expect(look('b').color).not.toBe(b.color);
    expect(look('b').size).toBeLessThan(look('c').size);
  });

  test('labels nodes; what has none has no name', () => {
    draw({ label: { property: 'state' } });
    expect([look('a').label, look('c').label]).toEqual(['todo', '']);
  });

  test('may be the degree, which links change', () => {
    draw({ label: { property: 'degree' } });
    expect(look('c').label).toBe('1');
    store.apply([link('n', 'a', 'c')]);
    draw();
    expect(look('c').label).toBe('2');
  });
});

describe('a filter', () => {
  test('hides nodes with their links, and shows them again', () => {
    draw({ filter: { property: 'state', among: ['todo'] } });
    expect(scene.nodeIds()).toEqual(['a']);
    expect([scene.graph.size, scene.positionOf('b')]).toEqual([0, null]);
    expect(scene.legend()).toMatchObject({ shown: 1, total: 3 });
    set('b', 'state', 'todo');
    expect(scene.graph.size).toBe(1);
    expect(scene.positionOf('b')).toEqual([1, 0]);
    set('a', 'state', 'done');
    expect([scene.graph.order, scene.graph.size]).toEqual([1, 0]);
    draw({});
    expect([scene.graph.order, scene.graph.size]).toEqual([3, 2]);
  });
});

describe('values by node', () => {
  test('count, and can be set for some of them', () => {
    const channels = { size: { values: { a: 1, b: 9 } }, color: { constant: '#123456' } };
    draw(channels);
    const before = look('a').size;
    expect(look('a').color).toBe('#123456');
    draw(setValues(channels, 'size', { a: 9, b: null }));
    expect(look('a').size).toBeGreaterThan(before);
    expect(scene.channels.size?.values).toEqual({ a: 9 });
  });

  test('of a name that all objects have are none', () => {
    store.apply([node('constructor')]);
    draw({ label: { values: {} } });
    expect(look('constructor').label).toBe('');
  });
});

test('a constant size is in pixels; types need a legend where there are several', () => {
  draw({ size: { constant: 7 } });
  expect(look('a').size).toBe(7);
  expect(scene.legend()).toBeNull();
  store.apply([
    node('x', null, { blueprint_type_id: 'Task' }),
    node('y', null, { blueprint_type_id: 'Doc' })
  ]);
  draw();
  expect(scene.legend()?.kinds.map(([text]) => text)).toEqual(['Task', 'Doc']);
});
