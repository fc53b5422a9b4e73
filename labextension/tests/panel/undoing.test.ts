/** What can be undone in a tab; the WebSocket is a fake, and the log is what the test says. */
import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { leftText, Undoing } from '../../src/panel/undoing';
import type { HistoryEntry, HistoryPage } from '../../src/protocol';
import { GraphError } from '../../src/session/errors';
import type { SessionClient } from '../../src/session/client';
import { commit, FakeLine, joined, node, SESSION } from '../session/fakes';

const ME = { actor_id: 'client:me' };
const trans = nullTranslator.load('graph_ext');

let line: FakeLine;
let client: SessionClient;
let undoing: Undoing;
/** The log's pages that are asked for, and how the test answers them. */
let asked: { before: number | null; answer: (page: HistoryPage | GraphError) => void }[];

/** What people were told and asked, and what they say to a forced undo. */
let said: string[];
let isForced: boolean;

beforeEach(() => {
  asked = [];
  said = [];
  isForced = false;
  line = new FakeLine();
  client = line.connection.join(SESSION);
  undoing = new Undoing(
    client,
    (_, actorId, before) =>
      new Promise((resolve, reject) => {
        expect(actorId).toBe(ME.actor_id);
        asked.push({
          before,
          answer: page => {
            if (page instanceof GraphError) {
              reject(page);
            } else {
              resolve(page);
            }
          }
        });
      }),
    {
      inform: text => said.push(text),
      refuse: error => said.push(error instanceof GraphError ? error.code : String(error)),
      confirmForce: why => {
        said.push(why);
        return Promise.resolve(isForced);
      }
    },
    trans
  );
});

afterEach(() => {
  undoing.dispose();
  line.connection.dispose();
});

function join(rev: number): void {
  line.last.accept();
  line.last.deliver(joined({ rev, mode: 'snapshot' }));
  line.last.deliver({ type: 'snapshot', session_id: SESSION, epoch: 'e1', rev });
}

async function answer(entries: HistoryEntry[], beforeRev: number | null = null): Promise<void> {
  const done = changed();
  asked.at(-1)?.answer({ entries, before_rev: beforeRev });
  await done;
}

/** Wait until the stacks change, or another page is asked for. */
function changed(): Promise<void> {
  const before = asked.length;
  return new Promise(resolve => {
    const slot = (): void => {
      undoing.changed.disconnect(slot);
      resolve();
    };
    undoing.changed.connect(slot);
    const look = (): void => {
      if (asked.length > before) {
        resolve();
      } else {
        setImmediate(look);
      }
    };
    look();
  });
}

/** Wait until so many commands have been sent. */
async function sent(count: number): Promise<void> {
  while (line.last.of('command').length < count) {
    await new Promise(setImmediate);
  }
}

function entry(rev: number, more: Partial<HistoryEntry> = {}): HistoryEntry {
  return { rev, at: 0, actor: ME, command_id: `c${rev}`, count: 1, ...more };
}

const can = (): [boolean, boolean] => [undoing.can('undo'), undoing.can('redo')];

test('before the log was read there is nothing, and then what it says', async () => {
  join(5);
  expect(can()).toEqual([false, false]);
  await answer([entry(5, { undoes: 4 }), entry(4), entry(2)]);
  expect(can()).toEqual([true, true]);
  expect(undoing.next('undo')?.rev).toBe(2);
});

test('who has changed nothing can undo nothing, until they change something', async () => {
  join(5);
  await answer([]);
  expect(can()).toEqual([false, false]);
  line.last.deliver(commit(6, [node('theirs')]));
  expect(can()).toEqual([false, false]);
  line.last.deliver(commit(7, [node('mine')], { actor: ME, label: 'Import' }));
  expect(undoing.next('undo')).toEqual({ rev: 7, label: 'Import' });
  line.last.deliver(commit(8, [], { undoes: 7 }));
  expect(can()).toEqual([false, false]);
});

test('what comes while the log is read counts once', async () => {
  join(5);
  line.last.deliver(commit(6, [node('a')], { actor: ME }), commit(7, [], { undoes: 6 }));
  await answer([entry(6)]);
  expect(can()).toEqual([false, false]);
});

test('the log is read back to something that can be undone', async () => {
  join(3);
  await answer([entry(3, { undoes: 2 }), entry(2)], 2);
  expect(asked.map(({ before }) => before)).toEqual([null, 2]);
  await answer([entry(1)]);
  expect(undoing.next('undo')?.rev).toBe(1);
});

test('a snapshot that skips commits has the log read again; a resume has not', async () => {
  join(1);
  await answer([]);
  line.last.fail();
  line.connection.retryNow();
  line.last.accept();
  line.last.deliver(joined({ rev: 1, mode: 'resume' }));
  expect(asked).toHaveLength(1);
  line.last.fail();
  line.connection.retryNow();
  join(9);
  expect(asked).toHaveLength(2);
  await answer([entry(8)]);
  expect(can()).toEqual([true, false]);
});

test('where the log can’t be read it may be tried', async () => {
  join(1);
  const done = changed();
  asked[0]?.answer(new GraphError('UNAVAILABLE', 'not now'));
  await done;
  expect(can()).toEqual([true, true]);
});

function refuse(code: string, fix: string | null = null): void {
  line.last.deliver({
    type: 'rejected',
    session_id: SESSION,
    command_id: line.last.of('command').at(-1)?.command_id ?? '',
    code,
    message: `refused: ${code}`,
    fix
  });
}

test('what the server says that there is not is not offered again', async () => {
  join(2);
  await answer([entry(2), entry(1)]);
  const first = undoing.run('undo');
  refuse('UNDO_NOTHING_LEFT');
  await first;
  expect(undoing.next('undo')?.rev).toBe(1);
  const second = undoing.run('undo');
  refuse('UNDO_EMPTY');
  await second;
  expect(can()).toEqual([false, false]);
  expect(said).toEqual(['UNDO_NOTHING_LEFT', 'UNDO_EMPTY']);
});

test.each([true, false])('what others have built on is asked about: %s', async yes => {
  join(1);
  await answer([entry(1)]);
  isForced = yes;
  const done = undoing.run('undo');
  refuse('UNDO_CONFLICT', 'force the undo');
  if (yes) {
    await sent(2);
    refuse('UNDO_CONFLICT');
  }
  await done;
  expect(said).toEqual(['refused: UNDO_CONFLICT', ...(yes ? ['UNDO_CONFLICT'] : [])]);
  expect(line.last.of('command').map(({ command }) => command)).toEqual([
    { type: 'undo' },
    ...(yes ? [{ type: 'undo', force: true }] : [])
  ]);
  expect(undoing.can('undo')).toBe(true);
});

test('what an undo has left is said in words', () => {
  client.store.apply([node('Design')]);
  const text = (...[skipped, more]: [Parameters<typeof leftText>[0], number]): string =>
    leftText(skipped, more, client.store, trans);
  const by = { rev: 3, by: 'Ada' };
  expect(
    text({ reason: 'overwritten', ...by, node_id: 'Design', field: 'properties.effort' }, 0)
  ).toBe('Ada has changed effort of Design since: it stays so.');
  expect(text({ reason: 'deleted', ...by, link_id: 'l' }, 2)).toBe(
    'Ada has deleted a link since: it stays so. And 2 more.'
  );
});
