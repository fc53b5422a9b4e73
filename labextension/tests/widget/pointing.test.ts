import '../canvas/webgl';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GraphCanvas } from '../../src/canvas/canvas';
import { GraphStore } from '../../src/store/graph';
import { PointerTeller, REST_MS } from '../../src/widget/pointing';
import { describe as described } from '../../src/widget/tooltip';
import { FakeRenderer, link, node } from '../canvas/fakes';
import { FakeModel } from './fakes';

let model: FakeModel;
let renderer: FakeRenderer;
let canvas: GraphCanvas;
let teller: PointerTeller;
let stage: HTMLElement;
let store: GraphStore;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: true }));
  stage = document.createElement('div');
  document.body.append(stage);
  store = new GraphStore();
  store.apply([
    node('a', [0, 0], { blueprint_type_id: 'Task', properties: { p: '<i>1</i>', n: 2 } }),
    node('b', [100, 0]),
    link('l', 'a', 'b')
  ]);
  renderer = new FakeRenderer();
  canvas = new GraphCanvas({ host: stage, store, makeRenderer: () => renderer });
  vi.advanceTimersByTime(1000);
  model = new FakeModel();
  teller = new PointerTeller(model, stage);
  teller.follow(canvas, store);
});

afterEach(() => {
  teller.dispose();
  canvas.dispose();
  stage.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function tooltip(): string {
  const shown = stage.querySelector<HTMLElement>('.gx-tooltip');
  return shown === null || shown.hidden ? '' : shown.innerText;
}

function click(at: readonly [number, number], nodeId: string | null): void {
  (['down', 'up', 'click'] as const).forEach(kind => renderer.mouse(kind, at, nodeId));
}

describe('clicks and hovering', () => {
  test('are told to Python only where it listens', () => {
    click(renderer.at([0, 0]), 'a');
    expect(model.sent).toEqual([]);
    model.traits.listens = ['click', 'hover'];
    click(renderer.at([0, 0]), 'a');
    click(renderer.at([50, 0]), null);
    click(renderer.at([50, 90]), null);
    expect(model.sent).toEqual([
      { kind: 'click', node: 'a' },
      { kind: 'click', link: 'l' }
    ]);
  });

  test('are told once the pointer rests, and when it leaves', () => {
    model.traits.listens = ['hover'];
    renderer.mouse('enter', [0, 0], 'a');
    renderer.mouse('leave', [0, 0]);
    renderer.mouse('enter', [0, 0], 'b');
    vi.advanceTimersByTime(REST_MS);
    expect(model.sent).toEqual([{ kind: 'hover', node: 'b' }]);
    renderer.mouse('leave', [0, 0]);
    vi.advanceTimersByTime(REST_MS);
    expect(model.sent.at(-1)).toEqual({ kind: 'hover' });
  });
});

describe('the tooltip', () => {
  test('says what a node is, as text', () => {
    renderer.mouse('enter', [0, 0], 'a');
    expect(tooltip()).toBe('');
    vi.advanceTimersByTime(REST_MS);
    expect(tooltip()).toContain('<i>1</i>');
    expect(stage.querySelector('.gx-tooltip i')).toBeNull();
    renderer.mouse('leave', [0, 0]);
    expect(tooltip()).toBe('');
  });

  test('says what a link is', () => {
    renderer.mouse('move', renderer.at([50, 0]));
    vi.advanceTimersByTime(REST_MS);
    expect(tooltip()).toContain('a → b');
  });

  test('lists some properties, and how many more there are', () => {
    const many = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => `p${i}`).map(name => [name, 'x'.repeat(200)])
    );
    store.apply([node('c', null, { name: 'C', properties: many })]);
    const rows = described({ nodeId: 'c', linkId: null }, store);
    expect(rows[0]).toEqual(['id', 'c']);
    expect(rows.at(-1)).toEqual(['', 'and 2 more']);
    expect(Math.max(...rows.map(([, value]) => value.length))).toBe(80);
    expect(described({ nodeId: 'gone', linkId: null }, store)).toEqual([]);
  });
});
