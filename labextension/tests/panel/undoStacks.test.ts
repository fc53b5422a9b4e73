import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { Logged } from '../../src/panel/undoStacks';
import { UndoStacks } from '../../src/panel/undoStacks';

// the same cases that tests/core/test_vectors.py replays: see tests/vectors/README.md
interface ICase {
  commits: Logged[];
  expect: Record<string, { undo: number | null; redo: number | null }>;
}

const cases = JSON.parse(
  readFileSync(resolve('../tests/vectors/undo/stacks.json'), 'utf8')
) as ICase[];

const me = (rev: number, more: Partial<Logged> = {}): Logged => ({
  rev,
  actor: { actor_id: 'me' },
  ...more
});

test.each(cases)(
  'undo and redo take back what Python’s would: log %#',
  ({ commits, expect: tops }) => {
    for (const [actorId, top] of Object.entries(tops)) {
      const stacks = new UndoStacks(actorId);
      commits.forEach(commit => stacks.add(commit));
      expect({ undo: stacks.undo?.rev ?? null, redo: stacks.redo?.rev ?? null }).toEqual(top);
    }
  }
);

test('an undo and its redo are called as what they take back', () => {
  const stacks = new UndoStacks('me');
  stacks.add(me(1, { label: 'Layout' }));
  expect(stacks.undo?.label).toBe('Layout');
  stacks.add(me(2, { undoes: 1 }));
  expect([stacks.undo, stacks.redo?.label]).toEqual([null, 'Layout']);
  stacks.add(me(3, { redoes: 2 }));
  expect([stacks.undo?.label, stacks.redo]).toEqual(['Layout', null]);
});

test('a thousand steps are kept', () => {
  const stacks = new UndoStacks('me');
  for (let rev = 1; rev <= 1001; rev += 1) {
    stacks.add(me(rev));
  }
  for (let rev = 2; rev <= 1001; rev += 1) {
    stacks.drop(rev);
  }
  expect(stacks.undo).toBeNull();
});

test('what the server says that there is not is forgotten, up to there', () => {
  const stacks = new UndoStacks('me');
  [1, 2, 3].forEach(rev => stacks.add(me(rev)));
  stacks.forget('undo', 2);
  expect(stacks.undo?.rev).toBe(3);
  stacks.forget('undo', 3);
  expect(stacks.undo).toBeNull();
});
