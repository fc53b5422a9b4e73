import { beforeEach, describe, expect, test } from 'vitest';
import type { Event } from '../../src/protocol';
import type { IGraphChange } from '../../src/store/graph';
import { GraphStore } from '../../src/store/graph';
import { compareText } from '../../src/store/order';

const node = (node_id: string, more: object = {}): Event => ({
  type: 'node-created',
  node_id,
  ...more
});
const link = (link_id: string, source_id: string, target_id: string): Event => ({
  type: 'node-linked',
  link_id,
  source_id,
  target_id
});

let store: GraphStore;
let changes: IGraphChange[];

beforeEach(() => {
  store = new GraphStore();
  changes = [];
  store.changed.connect((_, change) => void changes.push(change));
});

describe('the change signal', () => {
  test('comes once for all events of one apply, and names what they touched', () => {
    store.apply([node('a'), node('b'), link('l', 'a', 'b')]);
    expect(changes).toHaveLength(1);
    expect([...(changes[0]?.nodes ?? [])]).toEqual(['a', 'b']);
    expect([...(changes[0]?.links ?? [])]).toEqual(['l']);
    expect(changes[0]?.structure).toBe(true);
  });

  test('comes once for a transaction of several', () => {
    store.transaction(() => {
      store.apply([node('a')]);
      store.transaction(() => store.apply([node('b')]));
      expect(changes).toHaveLength(0);
    });
    expect(changes).toHaveLength(1);
  });

  test('does not come when nothing changed', () => {
    store.apply([]);
    expect(changes).toHaveLength(0);
  });

  test('tells a change of structure from one of content', () => {
    store.apply([node('a')]);
    store.apply([
      { type: 'property-changed', property_name: 'p', new_value: 1, node_id: 'a' },
      { type: 'node-updated', node_id: 'a', field: 'name', new_value: 'A' }
    ]);
    expect(changes.map(change => change.structure)).toEqual([true, false]);
  });

  test('says that all is gone after a reset', () => {
    store.apply([node('a')]);
    store.reset();
    expect(changes.at(-1)).toMatchObject({ reset: true, structure: true, blueprint: true });
    expect(store.nodes.size).toBe(0);
    expect(store.children(null)).toEqual([]);
  });
});

describe('reading', () => {
  test('links of a node: both ways, a self-link once', () => {
    store.apply([
      node('a'),
      node('b'),
      link('x', 'a', 'b'),
      link('y', 'b', 'a'),
      link('z', 'a', 'a')
    ]);
    expect(store.linksOf('a').map(found => found.link_id)).toEqual(['x', 'y', 'z']);
    store.apply([{ type: 'node-unlinked', link_id: 'z', source_id: 'a', target_id: 'a' }]);
    expect(store.linksOf('a').map(found => found.link_id)).toEqual(['x', 'y']);
  });

  test('a child that came before its parent is found under it', () => {
    store.load([{ node_id: 'child', parent_id: 'p' }, { node_id: 'p' }], [], null);
    expect(store.children('p').map(found => found.node_id)).toEqual(['child']);
    expect(store.children(null).map(found => found.node_id)).toEqual(['p']);
  });

  test('people see the id of a node without a name', () => {
    store.apply([node('a'), node('b', { name: 'Build' })]);
    expect([store.label('a'), store.label('b'), store.label('gone')]).toEqual([
      'a',
      'Build',
      'gone'
    ]);
  });

  test('what has not changed is the same object', () => {
    store.apply([node('a'), node('b')]);
    const [a, b] = [store.nodes.get('a'), store.nodes.get('b')];
    store.apply([{ type: 'property-changed', property_name: 'p', new_value: 1, node_id: 'a' }]);
    expect(store.nodes.get('a')).not.toBe(a);
    expect(a?.properties).toEqual({});
    expect(store.nodes.get('b')).toBe(b);
  });

  test('property names of JavaScript’s own are names like others', () => {
    store.apply([
      node('a'),
      { type: 'property-changed', property_name: '__proto__', new_value: { x: 1 }, node_id: 'a' }
    ]);
    expect(Object.entries(store.nodes.get('a')?.properties ?? {})).toEqual([
      ['__proto__', { x: 1 }]
    ]);
    expect(Object.getPrototypeOf(store.nodes.get('a')?.properties)).toBe(Object.prototype);
    store.apply([{ type: 'property-deleted', property_name: '__proto__', node_id: 'a' }]);
    expect(Object.entries(store.nodes.get('a')?.properties ?? {})).toEqual([]);
  });
});

test('an event about an element that is not there is refused: this replica has lost its way', () => {
  expect(() =>
    store.apply([{ type: 'node-updated', node_id: 'a', field: 'name', new_value: 'A' }])
  ).toThrow('a node that is not there: a');
  expect(() =>
    store.apply([{ type: 'node-unlinked', link_id: 'l', source_id: 'a', target_id: 'b' }])
  ).toThrow('a link that is not there: l');
});

test('text is ordered by code points, as Python orders it', () => {
  const texts = ['\u{1F600}', '\uFF5E', 'a', 'ab', 'B', '', 'é'];
  expect([...texts].sort(compareText)).toEqual(['', 'B', 'a', 'ab', 'é', '\uFF5E', '\u{1F600}']);
});
