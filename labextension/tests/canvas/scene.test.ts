import { beforeEach, describe, expect, test } from 'vitest';
import { linkKey, nodeKey, treeKey } from '../../src/canvas/keys';
import { Scene } from '../../src/canvas/scene';
import { themeOf } from '../../src/canvas/theme';
import { GraphStore } from '../../src/store/graph';
import { THEME, link, node, unlink } from './fakes';

let store: GraphStore;
let scene: Scene;

beforeEach(() => {
  store = new GraphStore();
  scene = new Scene(store, THEME);
  store.changed.connect((_, change) => scene.mark(change));
});

/** Draw all, and give what the renderer has to look at. */
function draw(): { nodes: string[]; edges: string[] } {
  while (!scene.flush(() => false)) {
    // there is more
  }
  return scene.graph.takeTouched();
}

function colourOf(nodeId: string): string {
  return scene.graph.getNodeAttribute(nodeKey(nodeId), 'color');
}

describe('keeping in step', () => {
  test('nodes, links and lines to parents are drawn', () => {
    store.apply([node('a', [1, 2]), node('b', null, { parent_id: 'a' }), link('l', 'a', 'b')]);
    draw();
    expect(scene.positionOf('a')).toEqual([1, 2]);
    expect(scene.graph.hasEdge(linkKey('l'))).toBe(true);
    expect(scene.graph.hasEdge(treeKey('b'))).toBe(true);
    expect(scene.graph.order).toBe(2);
  });

  test('one change touches one node, its links’ ends and nothing else', () => {
    store.apply([node('a'), node('b'), node('c'), link('l', 'a', 'b')]);
    draw();
    store.apply([{ type: 'node-updated', node_id: 'c', field: 'name', new_value: 'C' }]);
    expect(draw()).toEqual({ nodes: [nodeKey('c')], edges: [] });
    store.apply([link('m', 'b', 'c')]);
    expect(draw()).toEqual({ nodes: [nodeKey('b'), nodeKey('c')], edges: [linkKey('m')] });
  });

  test('a change that nobody sees touches nothing', () => {
    store.apply([node('a')]);
    draw();
    store.apply([{ type: 'property-changed', property_name: 'p', new_value: 1, node_id: 'a' }]);
    expect(draw()).toEqual({ nodes: [], edges: [] });
  });

  test('what is deleted goes, its links with it, in whatever order that is heard of', () => {
    store.apply([node('a'), node('b', null, { parent_id: 'a' }), link('l', 'a', 'b')]);
    draw();
    store.apply([unlink('l', 'a', 'b'), { type: 'node-deleted', node_id: 'b', parent_id: 'a' }]);
    draw();
    expect([scene.graph.order, scene.graph.size]).toEqual([1, 0]);
    expect(scene.drawnLinks.size).toBe(0);
  });

  test('deleted and taken back before it was drawn: all is as it was', () => {
    store.apply([node('a', [1, 1]), node('b', [2, 2]), link('l', 'a', 'b')]);
    draw();
    store.apply([unlink('l', 'a', 'b'), { type: 'node-deleted', node_id: 'b', position: [2, 2] }]);
    store.apply([node('b', [2, 2]), link('l', 'a', 'b')]);
    draw();
    expect(scene.graph.hasEdge(linkKey('l'))).toBe(true);
    expect([scene.graph.order, scene.graph.size]).toEqual([2, 1]);
  });

  test('a node with another parent has its line from there', () => {
    store.apply([node('a'), node('b'), node('c', null, { parent_id: 'a' })]);
    draw();
    store.apply([{ type: 'node-updated', node_id: 'c', field: 'parent_id', new_value: 'b' }]);
    draw();
    expect(scene.graph.source(treeKey('c'))).toBe(nodeKey('b'));
    store.apply([{ type: 'node-updated', node_id: 'c', field: 'parent_id', new_value: null }]);
    draw();
    expect(scene.graph.hasEdge(treeKey('c'))).toBe(false);
  });

  test('a parent that is drawn after its child gets its line', () => {
    store.load([{ node_id: 'child', parent_id: 'p' }, { node_id: 'p' }], [], null);
    draw();
    expect(scene.graph.extremities(treeKey('child'))).toEqual([nodeKey('p'), nodeKey('child')]);
  });

  test('much work is cut into slices, and loses nothing', () => {
    store.apply(Array.from({ length: 1_000 }, (_, i) => node(`n${i}`)));
    let slices = 1;
    while (!scene.flush(() => true)) {
      slices += 1;
    }
    expect(slices).toBeGreaterThan(5);
    expect(scene.graph.order).toBe(1_000);
  });

  test('another snapshot replaces what was there, and keeps the places of this page', () => {
    store.apply([node('a'), node('gone')]);
    draw();
    scene.move(new Map([['a', [77, 88]]]));
    store.transaction(() => {
      store.reset();
      store.load([{ node_id: 'a' }, { node_id: 'new' }], [], null);
    });
    draw();
    expect(scene.nodeIds()).toEqual(['a', 'new']);
    expect(scene.positionOf('a')).toEqual([77, 88]);
  });

  test('ids that are names in JavaScript are ids like others', () => {
    store.apply([
      node('__proto__'),
      node('constructor'),
      link('toString', '__proto__', 'constructor')
    ]);
    draw();
    expect(scene.graph.nodes()).toEqual([nodeKey('__proto__'), nodeKey('constructor')]);
    // sigma keeps keys as properties of plain objects
    expect(nodeKey('__proto__') in {}).toBe(false);
  });
});

describe('positions', () => {
  test('nodes that nobody has placed get one near their neighbours, the same in every page', () => {
    const places = [0, 1].map(() => {
      const other = new GraphStore();
      const page = new Scene(other, THEME);
      other.changed.connect((_, change) => page.mark(change));
      other.apply([node('a', [100, 100]), node('b'), link('l', 'a', 'b')]);
      page.flush(() => false);
      return page.positionOf('b') ?? [0, 0];
    });
    expect(places[0]).toEqual(places[1]);
    const [x = 0, y = 0] = places[0] ?? [];
    expect(Math.hypot(x - 100, y - 100)).toBeLessThan(20);
  });

  test('stored by another, they are followed', () => {
    store.apply([node('a', [1, 1])]);
    draw();
    store.apply([{ type: 'node-updated', node_id: 'a', field: 'position', new_value: [5, 6] }]);
    draw();
    expect(scene.positionOf('a')).toEqual([5, 6]);
  });

  test('of a node being dragged, they wait until it is let go', () => {
    store.apply([node('a', [1, 1])]);
    draw();
    scene.hold(['a']);
    scene.move(new Map([['a', [9, 9]]]));
    store.apply([{ type: 'node-updated', node_id: 'a', field: 'position', new_value: [5, 6] }]);
    draw();
    expect(scene.positionOf('a')).toEqual([9, 9]);
    scene.hold([]);
    draw();
    expect(scene.positionOf('a')).toEqual([5, 6]);
  });

  test('an old stored one does not take back a drag, whatever else changes', () => {
    store.apply([node('a', [1, 1])]);
    draw();
    scene.move(new Map([['a', [9, 9]]]));
    store.apply([{ type: 'node-updated', node_id: 'a', field: 'name', new_value: 'A' }]);
    draw();
    expect(scene.positionOf('a')).toEqual([9, 9]);
  });

  test('a node is loose until it is placed: stored, or by a person in this page', () => {
    store.apply([node('a'), node('b', [1, 1]), node('c')]);
    draw();
    scene.pin(['c']);
    expect(['a', 'b', 'c'].filter(id => scene.isLoose(id))).toEqual(['a']);
  });
});

describe('looks', () => {
  test('colours are the blueprint’s, else each type has its own, untyped nodes are grey', () => {
    store.apply([
      node('a', null, { blueprint_type_id: 'Task' }),
      node('b', null, { blueprint_type_id: 'Person' }),
      node('c')
    ]);
    draw();
    expect(new Set(['a', 'b', 'c'].map(colourOf)).size).toBe(3);
    expect(colourOf('c')).toBe(THEME.node);
    store.apply([
      {
        type: 'blueprint-updated',
        old_value: {},
        new_value: { node_types: { Task: { colour: '#ff0000' }, Person: { colour: 'url(x)' } } }
      }
    ]);
    const before = colourOf('b');
    draw();
    expect(colourOf('a')).toBe('#ff0000');
    expect(colourOf('b')).toBe(before);
  });

  test('parallel links fan out, the middle one straight; opposite ones do not meet', () => {
    store.apply([
      node('a'),
      node('b'),
      link('1', 'a', 'b'),
      link('2', 'a', 'b'),
      link('3', 'b', 'a')
    ]);
    draw();
    const bends = ['1', '2', '3'].map(id => scene.lineOf(id)?.curvature ?? NaN);
    expect(bends[1]).toBe(0);
    // seen from its own source, the third bends to the same side as the first: so they are apart
    expect(bends[0]).toBeCloseTo(bends[2] ?? NaN);
    store.apply([unlink('2', 'a', 'b'), unlink('3', 'b', 'a')]);
    draw();
    expect(scene.lineOf('1')).toMatchObject({ curvature: 0, type: 'arrow' });
  });

  test('hundreds of parallel links are no trouble', () => {
    const many = Array.from({ length: 500 }, (_, i) => link(`l${i}`, 'a', 'b'));
    store.apply([node('a'), node('b'), ...many]);
    draw();
    expect(scene.graph.size).toBe(500);
  });

  test('a link to itself is no line, but kept for the overlay', () => {
    store.apply([node('a'), link('l', 'a', 'a')]);
    draw();
    expect(scene.lineOf('l')).toBeUndefined();
    expect([...(scene.loops.get('a') ?? [])]).toEqual(['l']);
    store.apply([unlink('l', 'a', 'a')]);
    draw();
    expect(scene.loops.size).toBe(0);
  });

  test('an undirected graph has no arrows', () => {
    store.load([{ node_id: 'a' }, { node_id: 'b' }], [], { directed: false });
    store.apply([link('l', 'a', 'b')]);
    draw();
    expect(scene.lineOf('l')?.type).toBe('line');
  });

  test('a growing graph is drawn smaller', () => {
    store.apply([node('a')]);
    draw();
    const before = scene.sizeOf('a');
    store.apply(Array.from({ length: 100 }, (_, i) => node(`n${i}`)));
    draw();
    expect(scene.sizeOf('a')).toBeLessThan(before);
  });

  test('another theme colours everything anew', () => {
    store.apply([node('a'), node('b'), link('l', 'a', 'b')]);
    draw();
    const dark = themeOf([17, 17, 17], [255, 255, 255], [0, 0, 255], 'sans');
    scene.setTheme(dark);
    draw();
    expect(colourOf('a')).toBe(dark.node);
    expect(scene.lineOf('l')?.color).toBe(dark.link);
  });
});
