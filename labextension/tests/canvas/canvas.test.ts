import './webgl';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { IMovedNode } from '../../src/canvas/canvas';
import { GraphCanvas } from '../../src/canvas/canvas';
import { SETTLE_MS } from '../../src/canvas/arranger';
import { GraphStore } from '../../src/store/graph';
import { FakeRenderer, link, node } from './fakes';

let store: GraphStore;
let canvas: GraphCanvas;
let renderer: FakeRenderer;
let host: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  // the person asked for less motion: what moves is there at once
  vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: true }));
  host = document.createElement('div');
  document.body.append(host);
  store = new GraphStore();
  store.apply([
    node('a', [0, 0], { name: 'Design', blueprint_type_id: 'Task' }),
    node('b', [100, 0]),
    node('c', [0, 100]),
    link('ab', 'a', 'b')
  ]);
  canvas = make();
});

afterEach(() => {
  canvas.dispose();
  host.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function make(): GraphCanvas {
  renderer = new FakeRenderer();
  const made = new GraphCanvas({ host, store, makeRenderer: () => renderer });
  vi.runAllTimers();
  return made;
}

function root(): HTMLElement {
  const found = host.querySelector<HTMLElement>('.gx-canvas');
  if (found === null) {
    throw new Error('there is no canvas');
  }
  return found;
}

function press(key: string, more: KeyboardEventInit = {}): boolean {
  const event = new window.KeyboardEvent('keydown', {
    key,
    bubbles: true,
    cancelable: true,
    ...more
  });
  root().dispatchEvent(event);
  return event.defaultPrevented;
}

function message(): string | null {
  const found = host.querySelector<HTMLElement>('.gx-message');
  return found?.hidden === true ? null : (found?.querySelector('p')?.textContent ?? null);
}

describe('selecting', () => {
  test('a click selects a node, another a link, one beside them nothing', () => {
    renderer.mouse('click', renderer.at([0, 0]), 'a');
    expect(canvas.selection).toEqual({ nodes: ['a'], links: [] });
    renderer.mouse('click', renderer.at([50, 0.5]));
    expect(canvas.selection).toEqual({ nodes: [], links: ['ab'] });
    renderer.mouse('click', renderer.at([50, 50]));
    expect(canvas.selection).toEqual({ nodes: [], links: [] });
  });

  test('with Shift it adds and takes away', () => {
    renderer.mouse('click', [0, 0], 'a');
    renderer.mouse('click', [0, 0], 'b', true);
    expect(canvas.selection.nodes).toEqual(['a', 'b']);
    renderer.mouse('click', [0, 0], 'a', true);
    expect(canvas.selection.nodes).toEqual(['b']);
  });

  test('a box with Shift selects what lies in it, and the view stays', () => {
    expect(renderer.mouse('down', renderer.at([-10, 10]), null, true)).toBe(true);
    expect(renderer.mouse('move', renderer.at([110, -10]))).toBe(true);
    expect(host.querySelector<HTMLElement>('.gx-box')?.hidden).toBe(false);
    renderer.mouse('up', renderer.at([110, -10]));
    renderer.mouse('click', renderer.at([110, -10]));
    expect(canvas.selection.nodes).toEqual(['a', 'b']);
    expect(host.querySelector<HTMLElement>('.gx-box')?.hidden).toBe(true);
  });

  test('only what exists, and only changes are told', () => {
    let told = 0;
    canvas.selectionChanged.connect(() => (told += 1));
    canvas.select({ nodes: ['a', 'a', 'nobody'], links: ['nothing'] });
    canvas.select({ nodes: ['a'] });
    expect(canvas.selection).toEqual({ nodes: ['a'], links: [] });
    expect(told).toBe(1);
  });

  test('what is deleted is no longer selected', () => {
    canvas.select({ nodes: ['b', 'c'], links: ['ab'] });
    store.apply([
      { type: 'node-unlinked', link_id: 'ab', source_id: 'a', target_id: 'b' },
      { type: 'node-deleted', node_id: 'b' }
    ]);
    vi.runAllTimers();
    expect(canvas.selection).toEqual({ nodes: ['c'], links: [] });
  });

  test('is said aloud', () => {
    canvas.select({ nodes: ['a'] });
    const live = host.querySelector('[aria-live]');
    expect(live?.textContent).toBe('Design, Task, 1 links');
    canvas.select({});
    expect(live?.textContent).toBe('Nothing selected');
  });
});

describe('dragging', () => {
  let moved: IMovedNode[][];

  beforeEach(() => {
    moved = [];
    canvas.nodesMoved.connect((_, nodes) => void moved.push(nodes));
  });

  function drag(id: string, dx: number, dy: number): void {
    const { scale } = renderer.view;
    const [x, y] = renderer.at(canvas.positionOf(id) ?? [0, 0]);
    renderer.mouse('down', [x, y], id);
    renderer.mouse('move', [x + (dx * scale) / 2, y - (dy * scale) / 2]);
    renderer.mouse('move', [x + dx * scale, y - dy * scale]);
    renderer.mouse('up', [x + dx * scale, y - dy * scale], id);
    renderer.mouse('click', [x + dx * scale, y - dy * scale], id);
  }

  test('moves the node at once, and tells where it was dropped', () => {
    drag('a', 30, 20);
    expect(canvas.positionOf('a')).toEqual([30, 20]);
    expect(moved).toEqual([[{ node_id: 'a', position: [30, 20] }]]);
    // the end of a drag is no click
    expect(canvas.selection.nodes).toEqual([]);
  });

  test('moves all that is selected with it', () => {
    canvas.select({ nodes: ['a', 'b'] });
    drag('a', 10, 0);
    expect(moved[0]?.map(({ node_id }) => node_id)).toEqual(['a', 'b']);
    expect(canvas.positionOf('b')).toEqual([110, 0]);
  });

  test('by a trembling hand is a click', () => {
    const [x, y] = renderer.at([0, 0]);
    renderer.mouse('down', [x, y], 'a');
    renderer.mouse('move', [x + 1, y + 1]);
    renderer.mouse('up', [x + 1, y + 1], 'a');
    renderer.mouse('click', [x + 1, y + 1], 'a');
    expect(moved).toEqual([]);
    expect(canvas.selection.nodes).toEqual(['a']);
  });
});

describe('the keyboard', () => {
  test('arrows go from neighbour to neighbour, and where there is none to the nearest', () => {
    canvas.select({ nodes: ['a'] });
    press('ArrowRight');
    expect(canvas.selection.nodes).toEqual(['b']);
    press('ArrowLeft');
    press('ArrowUp');
    expect(canvas.selection.nodes).toEqual(['c']);
    press('ArrowUp');
    expect(canvas.selection.nodes).toEqual(['c']);
  });

  test('with Shift they add; the first one starts in the middle', () => {
    press('ArrowDown');
    expect(canvas.selection.nodes).toHaveLength(1);
    canvas.select({ nodes: ['a'] });
    press('ArrowRight', { shiftKey: true });
    expect(canvas.selection.nodes).toEqual(['a', 'b']);
  });

  test('Enter opens, Delete asks, Escape clears, Ctrl+A takes all', () => {
    const opened: string[] = [];
    let deletions = 0;
    canvas.activated.connect((_, id) => void opened.push(id));
    canvas.deleteRequested.connect(() => (deletions += 1));
    press('Delete');
    press('Enter');
    expect([deletions, opened]).toEqual([0, []]);
    press('a', { ctrlKey: true });
    expect(canvas.selection.nodes).toEqual(['a', 'b', 'c']);
    canvas.select({ nodes: ['a'] });
    press('Enter');
    press('Backspace');
    expect([deletions, opened]).toEqual([1, ['a']]);
    press('Escape');
    expect(canvas.selection.nodes).toEqual([]);
  });

  test('plus, minus and 0 change what is seen', () => {
    const { scale } = renderer.view;
    press('+');
    expect(renderer.view.scale).toBeGreaterThan(scale);
    press('-');
    expect(renderer.view.scale).toBeCloseTo(scale);
    press('0');
    expect(renderer.calls.at(-1)).toBe('fit');
  });

  test('other keys are left to others', () => {
    expect([press('x'), press('s', { ctrlKey: true }), press('Tab')]).toEqual([
      false,
      false,
      false
    ]);
    expect(press('ArrowLeft')).toBe(true);
  });

  test('it can be reached and is described', () => {
    const { tabIndex } = root();
    expect(tabIndex).toBe(0);
    expect(root().getAttribute('role')).toBe('application');
    expect(root().getAttribute('aria-label')).toBe('3 nodes, 1 links');
    const help = document.getElementById(root().getAttribute('aria-describedby') ?? '');
    expect(help?.textContent).toContain('Arrow keys');
  });
});

describe('what is seen', () => {
  test('follows the graph as it grows, until a person pans', () => {
    store.apply([node('far', [1_000, 1_000])]);
    vi.runAllTimers();
    expect(renderer.view.x).toBeGreaterThan(400);
    renderer.pan();
    const { view } = renderer;
    store.apply([node('farther', [5_000, 5_000])]);
    vi.runAllTimers();
    expect(renderer.view).toEqual(view);
    canvas.fit();
    expect(renderer.view.x).toBeGreaterThan(2_000);
  });

  test('a node that is looked for comes to the middle', () => {
    canvas.focusNode('c');
    expect(canvas.selection.nodes).toEqual(['c']);
    expect([renderer.view.x, renderer.view.y]).toEqual([0, 100]);
  });

  test('says so when there is nothing', () => {
    expect(message()).toBeNull();
    store.reset();
    vi.runAllTimers();
    expect(message()).toBe('No nodes yet');
  });

  test('says so without WebGL, and keeps the keyboard and the selection', () => {
    vi.spyOn(console, 'warn').mockReturnValue(undefined);
    canvas.dispose();
    canvas = new GraphCanvas({
      host,
      store,
      makeRenderer: () => {
        throw new Error('no WebGL');
      }
    });
    vi.runAllTimers();
    expect(message()).toContain('WebGL');
    press('a', { ctrlKey: true });
    expect(canvas.selection.nodes).toHaveLength(3);
  });

  test('a view that lost its graphics memory can be shown again', () => {
    const first = renderer;
    renderer = new FakeRenderer();
    first.lose();
    expect(first.isDisposed).toBe(true);
    expect(message()).toContain('Paused');
    host.querySelector<HTMLButtonElement>('.gx-message button')?.click();
    expect(message()).toBeNull();
    renderer.mouse('click', [0, 0], 'b');
    expect(canvas.selection.nodes).toEqual(['b']);
  });
});

describe('arranging', () => {
  test('a layout moves all nodes, and gives where they are for the host to store', async () => {
    const positions = await canvas.layout('grid');
    expect([...positions.keys()].sort()).toEqual(['a', 'b', 'c']);
    for (const [id, position] of positions) {
      expect(canvas.positionOf(id)).toEqual(position);
    }
  });

  test('nodes without a place are arranged after a while; placed ones stay', async () => {
    store.apply([node('d'), node('e'), link('de', 'd', 'e'), link('ad', 'a', 'd')]);
    await vi.advanceTimersByTimeAsync(SETTLE_MS * 3);
    expect(canvas.positionOf('a')).toEqual([0, 0]);
    expect(canvas.positionOf('b')).toEqual([100, 0]);
    const [x = 0, y = 0] = canvas.positionOf('d') ?? [];
    const [x2 = 0, y2 = 0] = canvas.positionOf('e') ?? [];
    expect(Math.hypot(x - x2, y - y2)).toBeGreaterThan(1);
  });

  test('a layout by a person is not undone by the quiet one', async () => {
    store.apply([node('d'), node('e')]);
    vi.runAllTimers();
    await canvas.layout('circle');
    const before = canvas.positionOf('d');
    store.apply([link('de', 'd', 'e')]);
    await vi.advanceTimersByTimeAsync(SETTLE_MS * 3);
    expect(canvas.positionOf('d')).toEqual(before);
  });
});

test('disposing takes it out of the page and lets go of the store', () => {
  canvas.dispose();
  expect(host.children).toHaveLength(0);
  expect(renderer.isDisposed).toBe(true);
  store.apply([node('z')]);
  vi.runAllTimers();
  expect(canvas.positionOf('z')).toBeNull();
});
