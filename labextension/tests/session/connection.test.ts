import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  BACKOFF_FIRST_MS,
  BACKOFF_LONGEST_MS,
  CONNECT_TIMEOUT_MS,
  LIVENESS_MS,
  PING_MS,
  PONG_MS,
  SILENCE_MS
} from '../../src/session/connection';
import { FakeLine, SESSION, joined } from './fakes';

let line: FakeLine;

beforeEach(() => {
  vi.useFakeTimers();
  line = new FakeLine();
});

afterEach(() => {
  line.connection.dispose();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Lose the connection, and give the wait before the next attempt. */
function waitAfterLoss(): number {
  const attempts = line.made.length;
  const start = Date.now();
  line.last.fail();
  while (line.made.length === attempts) {
    vi.advanceTimersToNextTimer();
  }
  return Date.now() - start;
}

describe('states', () => {
  test('a connection is attempted at once', () => {
    expect(line.connection.status).toBe('connecting');
    expect(line.last.state).toBe('opening');
    line.last.accept();
    expect(line.connection.status).toBe('open');
  });

  test('a lost one is tried again by itself', () => {
    line.last.accept();
    line.last.fail();
    expect(line.connection.status).toBe('waiting');
    vi.advanceTimersByTime(BACKOFF_FIRST_MS);
    expect(line.connection.status).toBe('connecting');
    expect(line.made).toHaveLength(2);
  });

  test('an attempt that nobody answers is given up', () => {
    vi.advanceTimersByTime(CONNECT_TIMEOUT_MS);
    expect(line.connection.status).toBe('waiting');
    expect(line.last.state).toBe('closed');
  });

  test('after dispose nothing is tried any more', () => {
    line.last.accept();
    line.connection.dispose();
    expect(line.connection.status).toBe('closed');
    expect(line.last.state).toBe('closed');
    vi.advanceTimersByTime(10 * BACKOFF_LONGEST_MS);
    expect(line.made).toHaveLength(1);
  });

  test('each change of state is told once', () => {
    const told: string[] = [];
    line.connection.statusChanged.connect((_, status) => void told.push(status));
    line.last.accept();
    line.last.fail();
    line.connection.retryNow();
    expect(told).toEqual(['open', 'waiting', 'connecting']);
  });
});

describe('retries', () => {
  test('come ever later, up to a limit', () => {
    const waits = Array.from({ length: 10 }, () => waitAfterLoss());
    // with no chance in it, half of the full wait
    expect(waits.slice(0, 4)).toEqual([1, 2, 4, 8].map(n => (n * BACKOFF_FIRST_MS) / 2));
    expect(waits.at(-1)).toBe(BACKOFF_LONGEST_MS / 2);
  });

  test('start anew once the server has spoken, not when it only accepts', () => {
    waitAfterLoss();
    waitAfterLoss();
    line.last.accept();
    expect(waitAfterLoss()).toBe(2 * BACKOFF_FIRST_MS);
    line.last.accept();
    line.last.deliver({ type: 'pong' });
    expect(waitAfterLoss()).toBe(BACKOFF_FIRST_MS / 2);
  });

  test('need not wait when somebody asks, or the network or the person is back', () => {
    for (const come of [
      () => line.connection.retryNow(),
      () => window.dispatchEvent(new window.Event('online')),
      () => document.dispatchEvent(new window.Event('visibilitychange'))
    ]) {
      line.last.fail();
      const attempts = line.made.length;
      come();
      expect(line.made).toHaveLength(attempts + 1);
    }
  });
});

describe('liveness', () => {
  test('while the page is seen it gives signs of life, whatever the server sends', () => {
    line.last.accept();
    for (let ms = 0; ms < 3 * PING_MS; ms += LIVENESS_MS) {
      vi.advanceTimersByTime(LIVENESS_MS);
      line.last.deliver({ type: 'sessions_changed' });
    }
    expect(line.last.of('ping')).toHaveLength(3);
    expect(line.connection.status).toBe('open');
  });

  test('a page that is hidden pings only a server that is silent', () => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    line.last.accept();
    vi.advanceTimersByTime(SILENCE_MS - 1);
    expect(line.last.of('ping')).toHaveLength(0);
    vi.advanceTimersByTime(LIVENESS_MS);
    expect(line.last.of('ping')).toHaveLength(1);
  });

  test('a server that does not answer is given up', () => {
    line.last.accept();
    vi.advanceTimersByTime(PING_MS + PONG_MS + 2 * LIVENESS_MS);
    expect(line.made.length + Number(line.connection.status === 'waiting')).toBeGreaterThan(1);
    expect(line.made[0]?.state).toBe('closed');
  });

  test('a machine that slept asks again before it judges', () => {
    line.last.accept();
    vi.advanceTimersByTime(PING_MS + LIVENESS_MS - 1);
    expect(line.last.of('ping')).toHaveLength(1);
    // the clock goes on, timers do not: so it is to sleep, here while a ping is on its way
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(1);
    expect(line.last.of('ping')).toHaveLength(2);
    expect(line.connection.status).toBe('open');
  });

  test('an open connection is tried when the person comes back', () => {
    line.last.accept();
    document.dispatchEvent(new window.Event('visibilitychange'));
    expect(line.last.of('ping')).toHaveLength(1);
  });
});

describe('frames', () => {
  test('one that is no JSON ends the connection, which is made anew', () => {
    vi.spyOn(console, 'error').mockReturnValue(undefined);
    line.last.accept();
    line.last.frame('{"type": "jo');
    expect(line.connection.status).toBe('waiting');
  });

  test('messages of types not known here are passed over', () => {
    const client = line.connection.join(SESSION);
    line.last.accept();
    line.last.frame(`[{"type": "weather"}, ${JSON.stringify(joined())}, null, 7]`);
    expect(client.status).toBe('loading');
  });

  test('the list of sessions has changed: said by the server, and after each reconnect', () => {
    let told = 0;
    line.connection.sessionsChanged.connect(() => (told += 1));
    line.last.accept();
    expect(told).toBe(1);
    line.last.deliver({ type: 'sessions_changed' });
    expect(told).toBe(2);
  });

  test('an error that belongs to no session is told as the connection’s', () => {
    const codes: string[] = [];
    line.connection.failed.connect((_, error) => void codes.push(error.code));
    line.last.accept();
    line.last.deliver({ type: 'error', code: 'BAD_MESSAGE', message: 'what?' });
    expect(codes).toEqual(['BAD_MESSAGE']);
  });
});

describe('sessions', () => {
  test('joined twice is one client, left when both have let go', () => {
    line.last.accept();
    const client = line.connection.join(SESSION);
    expect(line.connection.join(SESSION)).toBe(client);
    expect(line.last.of('join_session')).toHaveLength(1);
    client.dispose();
    expect(client.isDisposed).toBe(false);
    client.dispose();
    expect(client.isDisposed).toBe(true);
    expect(line.last.of('leave_session')).toHaveLength(1);
    expect(line.connection.join(SESSION)).not.toBe(client);
  });
});
