import '../canvas/webgl';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClientMessage, ServerMessage } from '../../src/protocol';
import { WidgetView } from '../../src/widget/view';
import { SESSION, commit, joined, node } from '../session/fakes';
import { FakeModel } from './fakes';

// without WebGL the canvas says so, and does all else: selection, keyboard, commands
let model: FakeModel;
let view: WidgetView;
let el: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: true }));
  vi.spyOn(console, 'warn').mockReturnValue(undefined);
  el = document.createElement('div');
  document.body.append(el);
  model = new FakeModel({ session_id: SESSION });
  view = new WidgetView(model, el);
});

afterEach(() => {
  view.dispose();
  el.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function deliver(...messages: ServerMessage[]): void {
  model.relay('frame', JSON.stringify(messages));
  vi.advanceTimersByTime(100);
}

function goLive(more = {}): void {
  model.relay('open');
  const nodes = ['a', 'b'].map(node_id => ({ type: 'node-created', node_id }));
  deliver(joined({ name: 'roof', ...more }), {
    type: 'snapshot',
    session_id: SESSION,
    epoch: 'e1',
    rev: 1,
    total: 2,
    nodes
  });
}

function commands(): Extract<ClientMessage, { type: 'command' }>[] {
  return model.sent
    .filter(message => message.kind === 'frame')
    .map(message => JSON.parse(message.data ?? '') as ClientMessage)
    .filter(message => message.type === 'command');
}

function text(selector: string): string {
  return el.querySelector(selector)?.textContent ?? '';
}

function press(key: string, more: object = {}): void {
  const init = { key, bubbles: true, cancelable: true, ...more };
  const event = new window.KeyboardEvent('keydown', init);
  el.querySelector('.gx-canvas')?.dispatchEvent(event);
}

describe('the bar', () => {
  test('names the session, counts, and says how it is connected', () => {
    expect([text('.gx-name'), text('.gx-chip')]).toEqual(['plan', 'connecting…']);
    goLive();
    expect([text('.gx-name'), text('.gx-counts'), text('.gx-chip')]).toEqual([
      'roof',
      '2 nodes, 0 links',
      'live'
    ]);
    deliver(commit(2, [node('c')]));
    expect(text('.gx-counts')).toBe('3 nodes, 0 links');
    model.relay('close', 'gone');
    expect(text('.gx-chip')).toContain('offline');
    expect(model.traits.status).toBe('offline');
  });

  test('who may only read is told so, and has nothing to undo with', () => {
    goLive({ role: 'viewer' });
    expect(text('.gx-chip')).toBe('live, read only');
    expect([...el.querySelectorAll<HTMLButtonElement>('.gx-tool')].map(b => b.disabled)).toEqual([
      true,
      true,
      false
    ]);
    view.undo();
    press('z', { ctrlKey: true });
    expect(commands().filter(({ command }) => command.type === 'undo')).toHaveLength(1);
  });

  test('names are text, whatever they hold', () => {
    goLive({ name: '<img src=x onerror=alert(1)>' });
    expect(text('.gx-name')).toBe('<img src=x onerror=alert(1)>');
    expect(el.querySelector('img')).toBeNull();
  });
});

describe('selection', () => {
  test('in the page comes to the model', () => {
    goLive();
    press('a', { ctrlKey: true });
    expect(model.traits.selection).toEqual({ nodes: ['a', 'b'], links: [] });
    expect(model.saves).toBeGreaterThan(0);
  });

  test('in the model comes to the page, and does not echo', () => {
    goLive();
    const { saves } = model;
    model.set('selection', { nodes: ['b'] });
    expect(text('[aria-live]')).toContain('b');
    expect(model.saves).toBe(saves);
  });

  test('made before the graph is there waits for it', () => {
    model.traits.selection = { nodes: ['b'], links: [] };
    goLive();
    expect(text('[aria-live]')).toContain('b');
    expect(model.traits.selection).toEqual({ nodes: ['b'], links: [] });
  });
});

describe('edits', () => {
  test('Delete deletes what is selected, and says how to have it back', async () => {
    goLive();
    model.set('selection', { nodes: ['b'] });
    press('Delete');
    const [sent] = commands();
    expect(sent?.command).toEqual({ type: 'delete-node', node_id: 'b' });
    deliver(
      commit(2, [{ type: 'node-deleted', node_id: 'b' }], { command_id: sent?.command_id ?? '' })
    );
    await vi.advanceTimersByTimeAsync(0);
    expect(text('.gx-notice')).toBe('Deleted 1 node, 0 links. Undo brings them back.');
    expect(model.traits.selection).toEqual({ nodes: [], links: [] });
  });

  test('undo and redo have their keys', () => {
    goLive();
    press('z', { ctrlKey: true });
    press('Z', { metaKey: true, shiftKey: true });
    expect(commands().map(({ command }) => command.type)).toEqual(['undo', 'redo']);
  });

  test('a refusal is shown', async () => {
    goLive();
    view.undo();
    deliver({
      type: 'rejected',
      session_id: SESSION,
      command_id: commands()[0]?.command_id ?? '',
      code: 'UNDO_EMPTY',
      message: 'There is nothing to undo'
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(text('.gx-notice')).toBe('There is nothing to undo');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(text('.gx-notice')).toBe('');
  });

  test('a layout is stored as one command', async () => {
    goLive();
    view.arrange('grid');
    await vi.advanceTimersByTimeAsync(0);
    const [sent] = commands();
    expect(sent?.command).toMatchObject({
      type: 'batch',
      label: 'Layout: grid',
      commands: [{ type: 'update-node' }, { type: 'update-node' }]
    });
  });
});

describe('looks', () => {
  function legend(): string[] {
    return [...el.querySelectorAll('.gx-legend > *')].map(line => line.textContent);
  }

  function nodes(states: Record<string, unknown>): void {
    const events = Object.entries(states).map(([node_id, state]) => ({
      type: 'property-changed' as const,
      node_id,
      property_name: 'state',
      new_value: state as string
    }));
    deliver(commit(2, events));
  }

  test('make a legend that follows the graph; what stands in it is text', () => {
    model.set('looks', { color: { property: 'state' } });
    goLive();
    expect(legend()).toEqual(['state', 'no node has it']);
    nodes({ a: '<b>done</b>', b: 'todo' });
    expect(legend()).toEqual(['state', '<b>done</b>', 'todo']);
    expect(el.querySelector('.gx-legend b')).toBeNull();
  });

  test('of numbers say from where to where, a filter how many it shows', () => {
    model.set('looks', { color: { property: 'state' }, filter: { values: { a: true } } });
    goLive();
    nodes({ a: 3, b: 8 });
    expect(legend()).toEqual(['state', '', '33', '1 of 2 nodes shown']);
    model.set('looks', {});
    vi.advanceTimersByTime(100);
    expect(el.querySelector<HTMLElement>('.gx-legend')?.hidden).toBe(true);
  });

  test('by a function in Python come as messages', () => {
    model.set('looks', { color: { values: { a: 'x' } } });
    goLive();
    expect(legend()).toEqual(['x']);
    model.fire('msg:custom', { kind: 'values', channel: 'color', values: { a: null, b: 'y' } });
    vi.advanceTimersByTime(100);
    expect(legend()).toEqual(['y']);
    model.fire('msg:custom', { kind: 'values', channel: 'nothing', values: { a: 1 } });
    expect(legend()).toEqual(['y']);
  });
});

test('a session that has ended says why, here and in Python', () => {
  model.relay('open');
  deliver({ type: 'error', code: 'NOT_FOUND', message: 'No such session', session_id: SESSION });
  expect(text('.gx-chip')).toBe('ended');
  expect([model.traits.status, model.traits.error]).toEqual(['ended', 'No such session']);
  expect(text('.gx-notice')).toBe('No such session');
});

test('height follows the model; JupyterLab’s shortcuts stay away', () => {
  const root = el.querySelector<HTMLElement>('.gx-widget');
  expect(root?.style.height).toBe('480px');
  model.set('height', '50vh');
  expect(root?.style.height).toBe('50vh');
  expect(root?.dataset['lmSuppressShortcuts']).toBe('true');
});

test('disposing closes the kernel’s socket and lets go of the model', () => {
  goLive();
  view.dispose();
  expect(model.sent.at(-1)).toMatchObject({ kind: 'close' });
  expect(model.listeners).toBe(0);
  expect(el.children).toHaveLength(0);
});
