/** The sessions on the server as lists show them; reads them again when the server says so. */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { SessionInfo } from '../protocol';
import type { Connection } from '../session/connection';
import { GraphError } from '../session/errors';
import type { SessionsApi } from './api';
import { NO_EXTENSION, OFFLINE } from './rest';

/** `missing`: the server has no graph extension; `offline`: it does not answer. */
export type ListStatus = 'loading' | 'ready' | 'missing' | 'offline' | 'failed';

export class SessionList implements IDisposable {
  constructor(
    private readonly _api: SessionsApi,
    private readonly _connection: Connection
  ) {
    _connection.sessionsChanged.connect(this._onChanged, this);
    _connection.statusChanged.connect(this._onConnection, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get status(): ListStatus {
    return this._status;
  }

  /** What the server said, where `status` is `failed`. */
  get message(): string {
    return this._message;
  }

  /** By name; what was last known while the server does not answer. */
  get sessions(): readonly SessionInfo[] {
    return this._sessions;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  find(sessionId: string): SessionInfo | undefined {
    return this._sessions.find(session => session.session_id === sessionId);
  }

  byName(name: string): SessionInfo | undefined {
    return this._sessions.find(session => session.name === name);
  }

  /** Read the list again. Never rejects: `status` tells how it went. */
  refresh(): Promise<void> {
    // one request at a time; whoever asks meanwhile gets the answer of one that starts after now
    this._next ??= (this._running ?? Promise.resolve()).then(() => {
      this._next = null;
      this._running = this._read();
      return this._running;
    });
    return this._next;
  }

  /**
   * Make a session.
   *
   * @throws GraphError: DUPLICATE_ID where the name is taken.
   */
  async create(name: string): Promise<SessionInfo> {
    const session = await this._api.create(name);
    await this.refresh();
    return session;
  }

  /** Rename a session; throws GraphError like `create`. */
  async rename(sessionId: string, name: string): Promise<void> {
    await this._api.rename(sessionId, name);
    await this.refresh();
  }

  /** Delete a session with all it holds. */
  async delete(sessionId: string): Promise<void> {
    await this._api.delete(sessionId);
    await this.refresh();
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private async _read(): Promise<void> {
    try {
      const sessions = await this._api.list();
      this._sessions = sessions.sort((a, b) => a.name.localeCompare(b.name));
      this._set('ready', '');
    } catch (error) {
      if (!(error instanceof GraphError)) {
        throw error;
      }
      const status = error.code === NO_EXTENSION ? 'missing' : 'failed';
      this._set(error.code === OFFLINE ? 'offline' : status, error.text);
    }
  }

  private _set(status: ListStatus, message: string): void {
    this._status = status;
    this._message = message;
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _onChanged = (): void => {
    void this.refresh();
  };

  private readonly _onConnection = (): void => {
    if (this._connection.status === 'open') {
      void this.refresh();
    }
  };

  private _isDisposed = false;
  private _status: ListStatus = 'loading';
  private _message = '';
  private _sessions: readonly SessionInfo[] = [];
  private _running: Promise<void> | null = null;
  private _next: Promise<void> | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
