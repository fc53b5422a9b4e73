// Long: whatever may come to a session is told of one client, on one fake line.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MessageChannel } from 'node:worker_threads';
import type { ClientInfo, Command, Commit, ServerMessage } from '../../src/protocol';
import type { SessionClient } from '../../src/session/client';
import { CREDIT_PAGES, REJOIN_MS } from '../../src/session/client';
import { FakeLine, SESSION, commit, joined, node } from './fakes';

const EDIT: Command = { type: 'create-node', node_id: 'mine' };

let line: FakeLine;
let client: SessionClient;

beforeEach(() => {
  // the clock stands still: no slice of work ever ends early, whatever the machine is busy with
  vi.spyOn(performance, 'now').mockReturnValue(0);
  line = new FakeLine();
  client = line.connection.join(SESSION);
});

afterEach(() => {
  line.connection.dispose();
  vi.useRealTimers();
});

/** A snapshot at `rev` with these nodes, in one page. */
function snapshot(rev: number, ids: string[], more = false): ServerMessage {
  const nodes = ids.map(node_id => ({ type: 'node-created', node_id }));
  return {
    type: 'snapshot',
    session_id: SESSION,
    epoch: 'e1',
    rev,
    total: ids.length,
    nodes,
    more
  };
}

/** Open the line and load an empty graph at rev 0. */
function goLive(): void {
  line.last.accept();
  line.last.deliver(joined(), snapshot(0, []));
}

/** Lose the line and open the next. */
function reconnect(): void {
  line.last.fail();
  line.connection.retryNow();
  line.last.accept();
}

function ids(): string[] {
  return [...client.store.nodes.keys()];
}

/** What becomes of it does not matter here: at the end of the test it is refused. */
function forget(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}

/** The client stands as it should: wait until its work is done. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise<void>(done => client.statusChanged.connect(() => done()));
  }
}

describe('joining', () => {
  test('the first time asks for everything; later from where it stands', () => {
    goLive();
    line.last.deliver(commit(1, [node('a')]));
    expect(line.last.of('join_session')[0]).toMatchObject({ client_id: 'me', since: null });
    reconnect();
    expect(line.last.of('join_session')[0]).toMatchObject({ since: { epoch: 'e1', rev: 1 } });
  });

  test('status goes from connecting over loading to live, then offline and live again', () => {
    const seen: string[] = [client.status];
    client.statusChanged.connect(() => void seen.push(client.status));
    line.last.accept();
    line.last.deliver(joined());
    line.last.deliver(snapshot(0, ['a']));
    line.last.fail();
    line.connection.retryNow();
    line.last.accept();
    line.last.deliver(joined({ mode: 'resume' }));
    expect(seen).toEqual(['connecting', 'loading', 'live', 'offline', 'live']);
    expect(ids()).toEqual(['a']);
  });

  test('name, role and actor are the server’s', () => {
    line.last.accept();
    line.last.deliver(joined({ name: 'roof', role: 'viewer', read_only: 'its log is damaged' }));
    expect([client.name, client.role, client.actor?.actor_id]).toEqual([
      'roof',
      'viewer',
      'client:me'
    ]);
    expect(client.readOnly).toBe('its log is damaged');
  });

  test('one that is refused for good ends, with the reason', () => {
    const errors: string[] = [];
    client.failed.connect((_, error) => void errors.push(error.code));
    line.last.accept();
    line.last.deliver({
      type: 'error',
      code: 'NOT_FOUND',
      message: 'No session',
      session_id: SESSION
    });
    expect([client.status, client.error?.code, ...errors]).toEqual([
      'ended',
      'NOT_FOUND',
      'NOT_FOUND'
    ]);
    reconnect();
    expect(line.last.of('join_session')).toEqual([]);
  });

  test('one that is refused for now is tried again', () => {
    vi.useFakeTimers();
    line.last.accept();
    const refusal = { code: 'UNAVAILABLE', message: 'Another server has it open' };
    line.last.deliver({ type: 'error', ...refusal, session_id: SESSION });
    expect([client.status, client.error?.code]).toEqual(['offline', 'UNAVAILABLE']);
    vi.advanceTimersByTime(REJOIN_MS);
    expect(line.last.of('join_session')).toHaveLength(2);
    line.last.deliver(joined(), snapshot(0, []));
    expect([client.status, client.error]).toEqual(['live', null]);
  });
});

describe('snapshots', () => {
  test('come in pages, with progress, and count when the last is there', () => {
    line.last.accept();
    line.last.deliver(joined({ rev: 7 }));
    line.last.deliver({ ...snapshot(7, ['a', 'b'], true), total: 3 } as ServerMessage);
    expect(client.progress).toEqual({ loaded: 2, total: 3 });
    expect(client.status).toBe('loading');
    line.last.deliver(snapshot(7, ['c']));
    expect([client.status, client.rev, client.progress]).toEqual(['live', 7, null]);
    expect(ids()).toEqual(['a', 'b', 'c']);
  });

  test('one that broke off is asked for again as a whole', () => {
    line.last.accept();
    line.last.deliver(joined(), snapshot(3, ['a'], true));
    reconnect();
    expect(line.last.of('join_session')[0]?.since).toBeNull();
    line.last.deliver(joined(), snapshot(4, ['b']));
    expect([client.rev, ...ids()]).toEqual([4, 'b']);
  });

  test('another history replaces this one', () => {
    goLive();
    line.last.deliver(commit(1, [node('old')]));
    reconnect();
    line.last.deliver(joined({ epoch: 'e2' }), { ...snapshot(9, ['new']), epoch: 'e2' } as never);
    expect([client.epoch, client.rev, ...ids()]).toEqual(['e2', 9, 'new']);
  });

  test('a large one is worked off in slices, commits behind it in their turn', async () => {
    vi.stubGlobal('MessageChannel', MessageChannel);
    let now = 0;
    // each look at the clock costs a millisecond: a slice ends after some eight steps
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 1));
    const many = Array.from({ length: 10_000 }, (_, i) => `n${i}`);
    let emissions = 0;
    client.store.changed.connect(() => (emissions += 1));
    line.last.accept();
    line.last.deliver(joined(), snapshot(1, many), commit(2, [node('after')]));
    expect(client.status).toBe('loading');
    expect(client.store.nodes.size).toBeLessThan(10_000);
    await until(() => client.status === 'live' && client.rev === 2);
    expect(client.store.nodes.size).toBe(10_001);
    expect(emissions).toBeGreaterThan(2);
    expect(emissions).toBeLessThan(20);
  });
});

describe('commits', () => {
  beforeEach(() => goLive());

  test('one frame of several is one change of the store', () => {
    let emissions = 0;
    client.store.changed.connect(() => (emissions += 1));
    line.last.deliver(commit(1, [node('a')]), commit(2, [node('b')]));
    expect([emissions, client.rev]).toEqual([1, 2]);
  });

  test('are told after the store has changed', () => {
    const told: [number, number][] = [];
    client.commits.connect((_, { rev }) => void told.push([rev, client.store.nodes.size]));
    line.last.deliver(commit(1, [node('a')]));
    expect(told).toEqual([[1, 1]]);
  });

  test('a known one is passed over', () => {
    line.last.deliver(commit(1, [node('a')]));
    line.last.deliver(commit(1, [node('a2')]));
    expect([client.rev, ...ids()]).toEqual([1, 'a']);
  });

  test('a gap is noticed: the client joins again from where it stands', () => {
    line.last.deliver(commit(1, [node('a')]), commit(3, [node('c')]), commit(4, [node('d')]));
    expect(ids()).toEqual(['a']);
    expect(line.last.of('join_session')).toHaveLength(2);
    expect(line.last.of('join_session')[1]?.since).toEqual({ epoch: 'e1', rev: 1 });
    line.last.deliver(joined({ mode: 'resume' }), commit(2, [node('b')]), commit(3, [node('c')]));
    expect(ids()).toEqual(['a', 'b', 'c']);
  });

  test('parts of a long one are applied together, with the last', () => {
    line.last.deliver(commit(1, [node('a')], { more: true }));
    line.last.deliver(commit(1, [node('b')], { more: true }));
    expect(ids()).toEqual([]);
    let whole: Commit | undefined;
    client.commits.connect((_, told) => (whole = told));
    line.last.deliver(commit(1, [node('c')]));
    expect([client.rev, ...ids()]).toEqual([1, 'a', 'b', 'c']);
    expect(whole?.events).toHaveLength(3);
  });

  test('parts that broke off are forgotten: they come again', () => {
    line.last.deliver(commit(1, [node('a')], { more: true }));
    reconnect();
    line.last.deliver(joined({ mode: 'resume' }));
    line.last.deliver(commit(1, [node('a')], { more: true }), commit(1, [node('b')]));
    expect(ids()).toEqual(['a', 'b']);
  });

  test('one that can not be applied makes the client load everything again', () => {
    vi.spyOn(console, 'error').mockReturnValue(undefined);
    line.last.deliver(commit(1, [{ type: 'node-deleted', node_id: 'never there' }]));
    expect(line.last.of('join_session')[1]?.since).toBeNull();
    line.last.deliver(joined(), snapshot(1, ['a']));
    expect([client.status, ...ids()]).toEqual(['live', 'a']);
  });
});

describe('commands', () => {
  test('resolve with their own commit', async () => {
    goLive();
    const done = client.submit(EDIT);
    const [sent] = line.last.of('command');
    expect(sent).toMatchObject({ session_id: SESSION, command: EDIT });
    line.last.deliver(commit(1, [node('theirs')]));
    line.last.deliver(commit(2, [node('mine')], { command_id: sent?.command_id ?? '' }));
    expect((await done).rev).toBe(2);
  });

  test('reject with the refusal, typed', async () => {
    goLive();
    const done = client.submit(EDIT);
    line.last.deliver({
      type: 'rejected',
      session_id: SESSION,
      command_id: line.last.of('command')[0]?.command_id ?? '',
      code: 'SCHEMA',
      message: 'Task.effort must be a number',
      path: 'properties.effort',
      fix: 'write 3'
    });
    await expect(done).rejects.toMatchObject({
      code: 'SCHEMA',
      path: 'properties.effort',
      by: null,
      text: 'Task.effort must be a number (write 3)'
    });
  });

  test('are not refused by what answers a join before (rule 3.4)', async () => {
    goLive();
    const done = client.submit(EDIT);
    const command_id = line.last.of('command')[0]?.command_id ?? '';
    line.last.deliver(commit(5, [node('theirs')]));
    expect(line.last.of('join_session')).toHaveLength(2);
    const refusal = { code: 'UNAVAILABLE', message: 'The disk is full' };
    line.last.deliver({ type: 'rejected', session_id: SESSION, command_id, ...refusal });
    line.last.deliver(joined({ mode: 'resume', rev: 5 }));
    expect(line.last.of('command')).toHaveLength(2);
    line.last.deliver(commit(1, [node('mine')], { command_id }));
    expect((await done).rev).toBe(1);
  });

  test('wait for the connection, and are sent in order', () => {
    forget(client.submit(EDIT));
    forget(client.submit({ type: 'undo' }));
    goLive();
    expect(line.last.of('command').map(message => message.command.type)).toEqual([
      'create-node',
      'undo'
    ]);
  });

  test('wait for the whole snapshot, which may hold their commit otherwise (rule 2.5)', () => {
    line.last.accept();
    line.last.deliver(joined(), snapshot(0, ['a'], true));
    forget(client.submit(EDIT));
    expect(line.last.of('command')).toEqual([]);
    line.last.deliver(snapshot(0, ['b']));
    expect(line.last.of('command')).toHaveLength(1);
  });

  test('unanswered when the line broke are asked about, and sent again with the same id', async () => {
    goLive();
    const done = client.submit(EDIT);
    const id = line.last.of('command')[0]?.command_id ?? '';
    reconnect();
    expect(line.last.of('join_session')[0]?.pending).toEqual([id]);
    expect(line.last.of('command')).toEqual([]);
    line.last.deliver(joined({ mode: 'resume' }));
    expect(line.last.of('command').map(message => message.command_id)).toEqual([id]);
    line.last.deliver(commit(1, [node('mine')], { command_id: id }));
    expect((await done).rev).toBe(1);
  });

  test('carried out while away resolve when their commit comes, and are not sent again', async () => {
    goLive();
    const done = client.submit(EDIT);
    const id = line.last.of('command')[0]?.command_id ?? '';
    reconnect();
    line.last.deliver(joined({ mode: 'resume', rev: 1, outcomes: { [id]: { rev: 1 } } }));
    expect(line.last.of('command')).toEqual([]);
    line.last.deliver(commit(1, [node('mine')], { command_id: id }));
    expect((await done).events).toHaveLength(1);
  });

  test('that a snapshot already holds resolve with it', async () => {
    goLive();
    const done = client.submit(EDIT);
    const id = line.last.of('command')[0]?.command_id ?? '';
    reconnect();
    line.last.deliver(joined({ rev: 5, outcomes: { [id]: { rev: 4 } } }), snapshot(5, ['mine']));
    expect(await done).toMatchObject({ rev: 4, command_id: id, events: [] });
  });

  test('that only another history has are sent again (rule 2.5)', async () => {
    goLive();
    const done = client.submit(EDIT);
    const id = line.last.of('command')[0]?.command_id ?? '';
    reconnect();
    line.last.deliver(joined({ mode: 'resume', rev: 9, outcomes: { [id]: { rev: 4 } } }));
    reconnect();
    line.last.deliver(joined({ rev: 5 }), snapshot(5, []));
    expect(line.last.of('command').map(message => message.command_id)).toEqual([id]);
    line.last.deliver(commit(6, [node('mine')], { command_id: id }));
    expect((await done).rev).toBe(6);
  });

  test('refused while away reject', async () => {
    goLive();
    const done = client.submit(EDIT);
    const id = line.last.of('command')[0]?.command_id ?? '';
    reconnect();
    const outcomes = { [id]: { code: 'CYCLE', message: 'A circle' } };
    line.last.deliver(joined({ mode: 'resume', outcomes }));
    await expect(done).rejects.toMatchObject({ code: 'CYCLE', message: 'A circle' });
  });

  test('sent again though done before resolve with what the server repeats of them', async () => {
    goLive();
    line.last.deliver(commit(1, [node('mine')]));
    const done = client.submit(EDIT);
    const id = line.last.of('command')[0]?.command_id ?? '';
    line.last.deliver(commit(1, [], { command_id: id }));
    expect((await done).rev).toBe(1);
    expect(ids()).toEqual(['mine']);
  });

  test('a long batch goes up in parts under one id', () => {
    goLive();
    const commands = Array.from({ length: 3_000 }, (_, i) => ({
      type: 'create-node' as const,
      node_id: `n${i}`,
      name: 'x'.repeat(50)
    }));
    forget(client.submit({ type: 'batch', label: 'many', commands }));
    const parts = line.last.of('command');
    expect(parts.length).toBeGreaterThan(2);
    expect(new Set(parts.map(part => part.command_id)).size).toBe(1);
    expect(parts.map(part => part.more === true)).toEqual(
      parts.map((_, i) => i < parts.length - 1)
    );
    const sent = parts.flatMap(({ command }) => (command.type === 'batch' ? command.commands : []));
    expect(sent).toEqual(commands);
    for (const part of parts) {
      expect(JSON.stringify(part).length).toBeLessThanOrEqual(66 * 1024);
    }
  });

  test('one edit over the limit is refused here, and not sent', async () => {
    line.last.accept();
    const limits = {
      message_bytes: 10_000,
      batch_commands: 10,
      commands_per_s: 10,
      presence_per_s: 10
    };
    line.last.deliver(joined({ limits }), snapshot(0, []));
    // each of these is two bytes, which is what the server counts
    const done = client.submit({ ...EDIT, name: 'é'.repeat(6_000) });
    await expect(done).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(line.last.of('command')).toEqual([]);
  });
});

describe('the end', () => {
  beforeEach(() => goLive());

  test('a deleted session ends, and with it what waits', async () => {
    const done = client.submit(EDIT);
    line.last.deliver({ type: 'session-updated', session_id: SESSION, ended: true });
    expect(client.status).toBe('ended');
    await expect(done).rejects.toMatchObject({ code: 'GONE' });
    await expect(client.submit(EDIT)).rejects.toMatchObject({ code: 'GONE' });
  });

  test('a renamed one says so', () => {
    const names: string[] = [];
    client.renamed.connect((_, name) => void names.push(name));
    line.last.deliver({ type: 'session-updated', session_id: SESSION, name: 'roof' });
    expect([client.name, ...names]).toEqual(['roof', 'roof']);
  });

  test('disposing leaves the session, and lets nobody wait', async () => {
    const done = client.submit(EDIT);
    client.dispose();
    expect(line.last.of('leave_session')).toHaveLength(1);
    await expect(done).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    line.last.deliver(commit(1, [node('a')]));
    expect(ids()).toEqual([]);
  });

  test('one that joins after one that ended begins behind the answers to that (rule 2.7)', () => {
    line.last.deliver({ type: 'left', session_id: SESSION, code: 'GONE', message: 'It is gone' });
    expect(client.status).toBe('ended');
    client.dispose();
    client = line.connection.join(SESSION);
    const message = 'This needs its session joined';
    line.last.deliver({ type: 'error', code: 'BAD_MESSAGE', message, session_id: SESSION });
    line.last.deliver({ type: 'left', session_id: SESSION });
    line.last.deliver(joined(), snapshot(2, ['a']));
    expect([client.status, ...ids()]).toEqual(['live', 'a']);
  });

  test('one that joins after a leave begins behind its answer (rule 2.7)', () => {
    client.dispose();
    client = line.connection.join(SESSION);
    // to the joins before
    line.last.deliver(joined({ mode: 'resume', rev: 9 }));
    line.last.deliver({ type: 'left', session_id: SESSION });
    expect(client.status).toBe('connecting');
    const refusal = { code: 'UNAVAILABLE', message: 'The disk can not be read' };
    line.last.deliver({ type: 'error', ...refusal, session_id: SESSION });
    expect([client.status, client.error?.code]).toEqual(['offline', 'UNAVAILABLE']);
    client.connected();
    line.last.deliver(joined(), snapshot(2, ['a']));
    expect([client.status, ...ids()]).toEqual(['live', 'a']);
  });
});

describe('a close with a code of the protocol', () => {
  test('says why, until the session is joined again', () => {
    goLive();
    line.last.fail(4408, 'you read too slowly');
    expect([client.status, client.error?.message]).toEqual(['offline', 'you read too slowly']);
    line.connection.retryNow();
    line.last.accept();
    line.last.deliver(joined({ mode: 'resume' }));
    expect([client.status, client.error]).toEqual(['live', null]);
    line.last.fail();
    expect([client.status, client.error]).toEqual(['offline', null]);
  });
});

describe('credit', () => {
  test('half of it is granted again each time that so many pages are applied', () => {
    line.last.accept();
    expect(line.last.of('join_session')[0]?.credit).toBe(CREDIT_PAGES);
    line.last.deliver(joined({ rev: 7 }));
    for (let n = 0; n < CREDIT_PAGES - 1; n += 1) {
      line.last.deliver(snapshot(7, [`n${n}`], true));
    }
    const half = CREDIT_PAGES / 2;
    expect(line.last.of('credit').map(grant => grant.pages)).toEqual([half]);
    line.last.deliver(snapshot(7, ['one more'], true));
    expect(line.last.of('credit').map(grant => grant.pages)).toEqual([half, half]);
    line.last.deliver(snapshot(7, ['last']));
    expect(client.status).toBe('live');
    expect(line.last.of('credit')).toHaveLength(2);
  });
});

describe('conditions and dry runs', () => {
  const expected = [{ node_id: 'mine', exists: false }];

  test('conditions travel with the command', () => {
    goLive();
    forget(client.submit(EDIT, { expect: expected, baseRev: 0 }));
    expect(line.last.of('command')[0]).toMatchObject({ expect: expected, base_rev: 0 });
    forget(client.submit(EDIT));
    expect(line.last.of('command')[1]).not.toHaveProperty('expect');
  });

  test('of a long batch the last part alone carries them', () => {
    goLive();
    const commands = Array.from({ length: 3 }, (_, n) => ({
      type: 'create-node' as const,
      node_id: `n${n}`,
      name: 'x'.repeat(40_000)
    }));
    forget(client.submit({ type: 'batch', commands, label: 'Long' }, { expect: expected }));
    const sent = line.last.of('command');
    expect(sent.map(part => [part.more ?? false, part.expect ?? null])).toEqual([
      [true, null],
      [true, null],
      [false, expected]
    ]);
  });

  test('a dry run gives what is planned, and changes nothing', async () => {
    goLive();
    const planned = client.dryRun(EDIT);
    const [sent] = line.last.of('command');
    expect(sent?.dry_run).toBe(true);
    line.last.deliver({
      type: 'planned',
      session_id: SESSION,
      command_id: sent?.command_id ?? '',
      rev: 1,
      count: 1,
      events: [node('mine')]
    });
    expect((await planned).events).toEqual([node('mine')]);
    expect([client.rev, ...ids()]).toEqual([0]);
  });

  test('one that would be refused says why', async () => {
    goLive();
    const planned = client.dryRun(EDIT);
    line.last.deliver({
      type: 'rejected',
      session_id: SESSION,
      command_id: line.last.of('command')[0]?.command_id ?? '',
      code: 'CONFLICT',
      message: 'node mine exists'
    });
    await expect(planned).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('people', () => {
  const ann: ClientInfo = { client_id: 'ann', actor: { actor_id: 'ann', name: 'Ann' } };
  const me: ClientInfo = { client_id: 'me', actor: { actor_id: 'client:me' } };

  test('the roster follows who comes, moves and goes; others are all but this page', () => {
    let told = 0;
    client.roster.changed.connect(() => (told += 1));
    line.last.accept();
    line.last.deliver(joined({ clients: [me, ann] }), snapshot(0, []));
    expect(client.roster.others).toEqual([ann]);
    const moved = { ...ann, selection: ['a'] };
    line.last.deliver({ type: 'presence', session_id: SESSION, client: moved });
    expect(client.roster.others).toEqual([moved]);
    line.last.deliver({
      type: 'presence',
      session_id: SESSION,
      client: { ...ann, gone: true }
    });
    expect(client.roster.clients).toEqual([me]);
    line.last.fail();
    expect(client.roster.clients).toEqual([]);
    expect(told).toBe(4);
  });

  test('a role that is changed holds at once, and is told', () => {
    goLive();
    const seen: string[] = [];
    client.statusChanged.connect(() => void seen.push(client.role));
    line.last.deliver({ type: 'session-updated', session_id: SESSION, role: 'viewer' });
    line.last.deliver({ type: 'session-updated', session_id: SESSION, role: 'viewer' });
    expect(seen).toEqual(['viewer']);
  });

  test('that the members are others is told', () => {
    let told = 0;
    client.membersChanged.connect(() => (told += 1));
    goLive();
    line.last.deliver({ type: 'session-updated', session_id: SESSION, members: true });
    expect(told).toBe(1);
  });

  test('who loses access ends, with the reason, and does not ask again', async () => {
    goLive();
    const refused = client.submit(EDIT);
    const message = 'Ann has removed you';
    line.last.deliver({ type: 'left', session_id: SESSION, code: 'FORBIDDEN', message });
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect([client.status, client.error?.message]).toEqual(['ended', message]);
    reconnect();
    expect(line.last.of('join_session')).toEqual([]);
  });
});

describe('presence', () => {
  beforeEach(() => void vi.useFakeTimers());

  test('goes out at once, and then the newest alone, as often as the server takes it', () => {
    goLive();
    for (let x = 0; x < 50; x += 1) {
      client.present({ cursor: [x, 0] });
    }
    expect(line.last.of('presence').map(sent => sent.cursor)).toEqual([[0, 0]]);
    vi.advanceTimersByTime(100);
    expect(line.last.of('presence').map(sent => sent.cursor)).toEqual([
      [0, 0],
      [49, 0]
    ]);
  });

  test('keeps what is not said anew; the same again is not sent', () => {
    goLive();
    client.present({ selection: ['a'] });
    vi.advanceTimersByTime(1000);
    client.present({ editing: 'a' });
    client.present({ editing: 'a' });
    vi.advanceTimersByTime(1000);
    expect(line.last.of('presence')).toEqual([
      { type: 'presence', session_id: SESSION, selection: ['a'] },
      { type: 'presence', session_id: SESSION, selection: ['a'], editing: 'a' }
    ]);
  });

  test('waits for the session to be joined, and is said again after a reconnect', () => {
    client.present({ selection: ['a'] });
    line.last.accept();
    expect(line.last.of('presence')).toHaveLength(0);
    line.last.deliver(joined(), snapshot(0, []));
    expect(line.last.of('presence')).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    reconnect();
    expect(line.last.of('presence')).toHaveLength(0);
    line.last.deliver(joined({ mode: 'resume' }));
    expect(line.last.of('presence')).toHaveLength(1);
  });

  test('who shows nothing sends nothing', () => {
    goLive();
    vi.advanceTimersByTime(1000);
    expect(line.last.of('presence')).toHaveLength(0);
  });
});
