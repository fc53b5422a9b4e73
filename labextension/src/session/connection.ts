/**
 * The one connection of a page: it opens, notices when it is lost, and opens again by itself.
 *
 * A table of states and transitions; the sessions that are followed over it are
 * session/client.ts's. Made by the panel's plugin and by each widget.
 */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { ClientMessage, ServerMessage } from '../protocol';
import { SessionClient } from './client';
import { GraphError } from './errors';
import { readFrame } from './frames';
import type { ILine } from './line';
import type { IClosed, ITransport } from './transport';

/** connecting: an attempt runs. waiting: the next one is due. closed: disposed. */
export type ConnectionStatus = 'connecting' | 'open' | 'waiting' | 'closed';

/** How long an attempt may take. */
export const CONNECT_TIMEOUT_MS = 15_000;
/** The wait before the first retry; doubled for each one after it, up to the longest. */
export const BACKOFF_FIRST_MS = 250;
export const BACKOFF_LONGEST_MS = 15_000;
/** How often liveness is looked at. */
export const LIVENESS_MS = 5_000;
/** From one ping to the next while the page is seen: for the server they are its sign of life. */
export const PING_MS = 10_000;
/** In a page that is hidden, only after so long a silence of the server. */
export const SILENCE_MS = 20_000;
/** A ping unanswered for so long means that the connection is lost. */
export const PONG_MS = 10_000;

/** Close codes from here on are the protocol's own: 4401, the login has ended; 4408, too slow. */
const FIRST_OWN_CODE = 4000;

type Input = 'opened' | 'lost' | 'retry' | 'dispose';

const TRANSITIONS: Record<ConnectionStatus, Partial<Record<Input, ConnectionStatus>>> = {
  connecting: { opened: 'open', lost: 'waiting', dispose: 'closed' },
  open: { lost: 'waiting', dispose: 'closed' },
  waiting: { retry: 'connecting', dispose: 'closed' },
  closed: {}
};

export interface IConnectionOptions {
  /** Makes a fresh transport for each attempt. */
  transport: () => ITransport;
  /** Kept over reconnects: one for each tab or widget view. */
  clientId: string;
  kind: 'ui';
  /** What people see this client as. */
  label: string;
  /** In [0, 1): spreads the retries of many pages. */
  random?: () => number;
}

export class Connection implements IDisposable, ILine {
  constructor(options: IConnectionOptions) {
    this.clientId = options.clientId;
    this.kind = options.kind;
    this.label = options.label;
    this._makeTransport = options.transport;
    this._random = options.random ?? Math.random;
    window.addEventListener('online', this._onBack);
    document.addEventListener('visibilitychange', this._onBack);
    this._enter('connecting');
  }

  readonly clientId: string;
  readonly kind: 'ui';
  readonly label: string;

  get status(): ConnectionStatus {
    return this._status;
  }

  get isOpen(): boolean {
    return this._status === 'open';
  }

  get isDisposed(): boolean {
    return this._status === 'closed';
  }

  /** Attempts in a row that failed. */
  get failures(): number {
    return this._failures;
  }

  /** How the last transport closed. */
  get lastClose(): IClosed | null {
    return this._lastClose;
  }

  get statusChanged(): ISignal<this, ConnectionStatus> {
    return this._statusChanged;
  }

  /** The server's list of sessions has changed: read it again. Also after each reconnect. */
  get sessionsChanged(): ISignal<this, void> {
    return this._sessionsChanged;
  }

  /** The server answered a message that belongs to no session. */
  get failed(): ISignal<this, GraphError> {
    return this._failed;
  }

  /** Follow a session. Joining it twice gives the same client; each join needs its dispose(). */
  join(sessionId: string): SessionClient {
    const known = this._sessions.get(sessionId);
    if (known !== undefined) {
      known.users += 1;
      return known.client;
    }
    const client = new SessionClient(sessionId, this);
    this._sessions.set(sessionId, { client, users: 1 });
    if (this.isOpen) {
      client.connected();
    }
    return client;
  }

  /** Don't wait for the next retry. */
  retryNow(): void {
    this._step('retry');
  }

  send(message: ClientMessage): void {
    if (this._transport?.state === 'open') {
      this._transport.send(JSON.stringify(message));
    }
  }

  release(sessionId: string): boolean {
    const entry = this._sessions.get(sessionId);
    if (entry !== undefined && entry.users > 1) {
      entry.users -= 1;
      return false;
    }
    this._sessions.delete(sessionId);
    return true;
  }

  leave(sessionId: string): void {
    this.send({ type: 'leave_session', session_id: sessionId });
    this._leaving.set(sessionId, (this._leaving.get(sessionId) ?? 0) + 1);
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    for (const entry of [...this._sessions.values()]) {
      entry.users = 1;
      entry.client.dispose();
    }
    window.removeEventListener('online', this._onBack);
    document.removeEventListener('visibilitychange', this._onBack);
    this._step('dispose');
    Signal.clearData(this);
  }

  private _step(input: Input): void {
    const next = TRANSITIONS[this._status][input];
    if (next !== undefined) {
      this._enter(next);
    }
  }

  private _enter(status: ConnectionStatus): void {
    const wasOpen = this._status === 'open';
    clearTimeout(this._timer);
    this._status = status;
    switch (status) {
      case 'connecting':
        this._timer = setTimeout(() => this._step('lost'), CONNECT_TIMEOUT_MS);
        this._attempt();
        break;
      case 'open':
        this._lastClose = null;
        this._heard();
        this._checkedAt = this._signAt = Date.now();
        this._timer = setTimeout(() => this._checkLiveness(), LIVENESS_MS);
        break;
      case 'waiting':
        this._drop();
        this._timer = setTimeout(() => this._step('retry'), this._backoff());
        this._failures += 1;
        break;
      case 'closed':
        this._drop();
        break;
    }
    // an attempt may fail at once, and then the state has moved on
    if (this._status === status) {
      this._tell(wasOpen);
    }
  }

  private _tell(wasOpen: boolean): void {
    const clients = [...this._sessions.values()].map(entry => entry.client);
    if (this._status === 'open') {
      clients.forEach(client => client.connected());
      this._sessionsChanged.emit();
    } else if (wasOpen) {
      const { code = 0, reason = '' } = this._lastClose ?? {};
      clients.forEach(client => client.disconnected(code >= FIRST_OWN_CODE ? reason : ''));
    }
    this._statusChanged.emit(this._status);
  }

  private _attempt(): void {
    const transport = this._makeTransport();
    this._transport = transport;
    transport.opened.connect(this._onOpened);
    transport.closed.connect(this._onClosed);
    transport.received.connect(this._onReceived);
    transport.open();
  }

  private _drop(): void {
    const transport = this._transport;
    this._transport = null;
    this._leaving.clear();
    if (transport !== null) {
      transport.opened.disconnect(this._onOpened);
      transport.closed.disconnect(this._onClosed);
      transport.received.disconnect(this._onReceived);
      transport.close();
    }
  }

  private readonly _onOpened = (): void => {
    this._step('opened');
  };

  private readonly _onClosed = (_: ITransport, closed: IClosed): void => {
    this._lastClose = closed;
    this._step('lost');
  };

  private readonly _onReceived = (_: ITransport, frame: string): void => {
    this._heard();
    this._failures = 0;
    let messages: ServerMessage[];
    try {
      messages = readFrame(frame);
    } catch (error) {
      console.error('graph_ext: a frame could not be read', error);
      this._step('lost');
      return;
    }
    const bySession = new Map<string, ServerMessage[]>();
    for (const message of messages) {
      if (message.type === 'sessions_changed') {
        this._sessionsChanged.emit();
      } else if (message.type === 'error' && typeof message.session_id !== 'string') {
        this._failed.emit(new GraphError(message.code, message.message, message));
      } else if (message.type !== 'pong') {
        const sessionId = message.session_id ?? '';
        if (this._isForWhoLeft(sessionId, message)) {
          continue;
        }
        const known = bySession.get(sessionId) ?? [];
        known.push(message);
        bySession.set(sessionId, known);
      }
    }
    for (const [sessionId, group] of bySession) {
      this._sessions.get(sessionId)?.client.receive(group);
    }
  };

  /** Whether a message is for a client that has left its session since, or answers that. */
  private _isForWhoLeft(sessionId: string, message: ServerMessage): boolean {
    const unanswered = this._leaving.get(sessionId) ?? 0;
    if (unanswered > 0 && message.type === 'left' && (message.code ?? '') === '') {
      this._leaving.set(sessionId, unanswered - 1);
    }
    return unanswered > 0;
  }

  /** Half of the wait is certain, half is chance: pages do not come back all at once. */
  private _backoff(): number {
    const full = Math.min(BACKOFF_FIRST_MS * 2 ** this._failures, BACKOFF_LONGEST_MS);
    return full * (0.5 + 0.5 * this._random());
  }

  private _heard(): void {
    this._heardAt = Date.now();
    this._pingedAt = null;
  }

  private _ping(): void {
    this._pingedAt = this._signAt = Date.now();
    this.send({ type: 'ping' });
  }

  private _checkLiveness(): void {
    const now = Date.now();
    // a timer that comes late slept with the machine: what it measured is no silence of the server
    const slept = now - this._checkedAt > 2 * LIVENESS_MS;
    this._checkedAt = now;
    const isDue =
      document.visibilityState === 'hidden'
        ? now - this._heardAt >= SILENCE_MS
        : now - this._signAt >= PING_MS;
    if (slept || (this._pingedAt === null && isDue)) {
      this._ping();
    } else if (this._pingedAt !== null && now - this._pingedAt >= PONG_MS) {
      this._step('lost');
      return;
    }
    this._timer = setTimeout(() => this._checkLiveness(), LIVENESS_MS);
  }

  /** The network or the person has come back: retry at once, or see whether the line still lives. */
  private readonly _onBack = (): void => {
    if (document.visibilityState === 'hidden') {
      return;
    }
    if (this._status === 'open' && this._pingedAt === null) {
      this._ping();
    }
    this.retryNow();
  };

  private readonly _makeTransport: () => ITransport;
  private readonly _random: () => number;
  private readonly _sessions = new Map<string, { client: SessionClient; users: number }>();
  /** session_id -> how many `leave_session` have not been answered over the present transport. */
  private readonly _leaving = new Map<string, number>();
  private _status: ConnectionStatus = 'connecting';
  private _transport: ITransport | null = null;
  private _failures = 0;
  private _lastClose: IClosed | null = null;
  /** The one timer of the present state: the attempt's end, the retry, or liveness. */
  private _timer: ReturnType<typeof setTimeout> | undefined;
  /** When something last came, and when a ping went that nothing has followed: ms. */
  private _heardAt = 0;
  private _pingedAt: number | null = null;
  private _checkedAt = 0;
  /** When the server last got a ping, or a join. */
  private _signAt = 0;
  private readonly _statusChanged = new Signal<this, ConnectionStatus>(this);
  private readonly _sessionsChanged = new Signal<this, void>(this);
  private readonly _failed = new Signal<this, GraphError>(this);
}
