/** What is typed against what others do: a draft in a real React tree. */
import * as React from 'react';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useDraft } from '../../src/panel/draft';
import { GraphError } from '../../src/session/errors';

interface IRoot {
  render(element: React.ReactElement): void;
  unmount(): void;
}

// @types/react-dom is not among our dependencies: nothing else here draws by itself
const reactDom: string = 'react-dom/client';
const { createRoot } = (await import(reactDom)) as {
  createRoot: (host: Element) => IRoot;
};
(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

let root: IRoot;
let host: HTMLElement;
let saved: string[];
let answer: { resolve: () => void; reject: (error: Error) => void };

function Field(props: { value: string }): React.JSX.Element {
  const draft = useDraft(
    props.value,
    text =>
      new Promise<void>((resolve, reject) => {
        saved.push(text);
        answer = { resolve, reject };
      })
  );
  return (
    <>
      <input
        value={draft.text}
        onChange={event => draft.set(event.currentTarget.value)}
        onBlur={() => draft.commit()}
        onKeyDown={event => (event.key === 'Escape' ? draft.reset() : draft.commit())}
      />
      <output>{`${draft.error}|${draft.isPending}|${draft.isOvertaken}`}</output>
    </>
  );
}

const act = (work: () => void | Promise<void>): Promise<void> =>
  React.act(async () => {
    await work();
  });
const show = (value: string): Promise<void> => act(() => root.render(<Field value={value} />));
const input = (): HTMLInputElement => {
  const found = host.querySelector('input');
  if (!found) {
    throw new Error('there is no input');
  }
  return found;
};
const state = (): string => host.querySelector('output')?.textContent ?? '';
const type = (text: string): Promise<void> =>
  act(() => {
    // past React's own idea of the value, as a browser does
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input(), text);
    input().dispatchEvent(new Event('input', { bubbles: true }));
  });
const press = (key: string): Promise<void> =>
  act(() => {
    input().dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  });
const leave = (): Promise<void> =>
  act(() => {
    input().dispatchEvent(new FocusEvent('focusout', { bubbles: true }));
  });

beforeEach(() => {
  saved = [];
  host = document.createElement('div');
  document.body.append(host);
  root = createRoot(host);
});

afterEach(async () => {
  await act(() => root.unmount());
  host.remove();
});

test("what is not being typed follows others' changes", async () => {
  await show('1');
  await show('2');
  expect(input().value).toBe('2');
});

test('what is being typed stays whatever others do, and says that it is overtaken', async () => {
  await show('1');
  await type('15');
  await show('2');
  expect(input().value).toBe('15');
  expect(state()).toBe('|false|true');
  await press('Escape');
  expect(input().value).toBe('2');
  expect(saved).toEqual([]);
});

test('Enter sends it once, though the field is left while it is under way', async () => {
  await show('1');
  await type('5');
  await press('Enter');
  await leave();
  expect(saved).toEqual(['5']);
  expect(input().value).toBe('5');
  expect(state()).toBe('|true|false');
  await act(() => answer.resolve());
  await show('5');
  expect([input().value, state()]).toEqual(['5', '|false|false']);
});

test('a refusal is shown, keeps what was typed, and is not sent again by leaving', async () => {
  await show('1');
  await type('500');
  await press('Enter');
  await act(() =>
    answer.reject(new GraphError('SCHEMA', 'effort must be at most 100', { fix: 'try less' }))
  );
  expect(state()).toBe('effort must be at most 100 (try less)|false|false');
  expect(input().value).toBe('500');
  await leave();
  expect(saved).toEqual(['500']);
  await type('50');
  expect(state()).toBe('|false|false');
  await leave();
  expect(saved).toEqual(['500', '50']);
});

test('what is typed while an earlier text is under way is kept when that is refused', async () => {
  await show('1');
  await type('5');
  await press('Enter');
  await type('55');
  await act(() => answer.reject(new Error('no')));
  expect([input().value, state()]).toEqual(['55', '|false|false']);
});

test('the same text is not sent', async () => {
  await show('1');
  await type('12');
  await type('1');
  await leave();
  expect(saved).toEqual([]);
});
