/**
 * One session as a page follows it: its graph, its state, and the commands sent to it.
 *
 * What comes in passes through one queue, in order and in slices; so `rev` and the store always
 * agree, and a join is only sent when all that came before it has been applied. Made by
 * session/connection.ts; read by the panel and the widget. It is long for its accessors, a third of
 * it: the state that they show belongs together.
 */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type {
  Actor,
  Command,
  Commit,
  Joined,
  Left,
  MessageError,
  Planned,
  ServerMessage,
  SessionUpdated,
  Snapshot
} from '../protocol';
import type { GraphStore } from '../store/graph';
import { GraphError } from './errors';
import { newId } from './ids';
import type { ILine } from './line';
import type { IConditions } from './pending';
import { PendingCommands } from './pending';
import type { PresenceState } from './presenting';
import { Presenting } from './presenting';
import { Replica } from './replica';
import { Roster } from './roster';
import type { Task } from './slicer';
import { Slicer } from './slicer';

/**
 * connecting: not joined yet. loading: a snapshot is coming. live: every change arrives as it
 * happens. offline: the connection is lost, edits wait. ended: deleted, or may not be joined.
 */
export type SessionStatus = 'connecting' | 'loading' | 'live' | 'offline' | 'ended';

/** How long to wait before joining again where the server could not take us for now. */
export const REJOIN_MS = 3_000;
/** Snapshot pages, of 64 KiB, that may be on their way at once; half of them are granted together. */
export const CREDIT_PAGES = 32;
/** Refusals that may pass by themselves. */
const PASSING: ReadonlySet<string> = new Set(['UNAVAILABLE', 'RATE_LIMITED']);

export class SessionClient implements IDisposable {
  constructor(
    readonly sessionId: string,
    private readonly _line: ILine
  ) {
    const { clientId } = _line;
    this._pending = new PendingCommands(sessionId, clientId, message => _line.send(message));
    this._presenting = new Presenting(state =>
      _line.send({ type: 'presence', session_id: sessionId, ...state })
    );
    this.roster = new Roster(clientId);
  }

  /** Who is there; nobody while the server is away. */
  readonly roster: Roster;

  /** Its name for people; empty until joined. */
  get name(): string {
    return this._name;
  }

  /** owner, editor or viewer; empty until joined. */
  get role(): string {
    return this._role;
  }

  /** Who the server takes us for; null until joined. */
  get actor(): Actor | null {
    return this._actor;
  }

  /** The commit that the store stands at. */
  get rev(): number {
    return this._replica.rev;
  }

  /** The session's graph, as of `rev`. */
  get store(): GraphStore {
    return this._replica.store;
  }

  get epoch(): string {
    return this._replica.epoch;
  }

  get status(): SessionStatus {
    return this._status;
  }

  /** How much of a snapshot has come; null unless `status` is 'loading'. */
  get progress(): { readonly loaded: number; readonly total: number } | null {
    return this._status === 'loading' ? this._replica.progress : null;
  }

  /** Why the session can't be written; empty: it can, as far as `role` allows. */
  get readOnly(): string {
    return this._readOnly;
  }

  /** Why it has ended or can't be joined. */
  get error(): GraphError | null {
    return this._error;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** `status`, `progress`, `role` or `readOnly` has changed. */
  get statusChanged(): ISignal<this, void> {
    return this._statusChanged;
  }

  get renamed(): ISignal<this, string> {
    return this._renamed;
  }

  /** Each commit, whole, after the store has changed. */
  get commits(): ISignal<this, Commit> {
    return this._commits;
  }

  /** The session has other members: who shows them reads them again. */
  get membersChanged(): ISignal<this, void> {
    return this._membersChanged;
  }

  /** The session as a whole was refused or left us; refused commands reject their promise. */
  get failed(): ISignal<this, GraphError> {
    return this._failed;
  }

  /**
   * Ask for a change. Without a connection it waits, and it is never carried out twice.
   *
   * @returns its own commit, when it is durable and applied to `store`.
   * @throws GraphError it was refused, or the session has ended.
   */
  submit(command: Command, conditions: IConditions = {}): Promise<Commit> {
    return this._ask(id => this._pending.submit(id, command, conditions));
  }

  /**
   * Ask what a change would do, and change nothing.
   *
   * @throws GraphError why it would be refused.
   */
  dryRun(command: Command, conditions: IConditions = {}): Promise<Planned> {
    return this._ask(id => this._pending.dryRun(id, command, conditions));
  }

  /** Let others see what this page is at: the newest state, no more often than the server takes. */
  present(changes: PresenceState): void {
    this._presenting.show(changes);
  }

  /** Stop following, once all who joined have disposed. */
  dispose(): void {
    if (this._isDisposed || !this._line.release(this.sessionId)) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this._rejoinTimer);
    this._presenting.pause();
    this._queue.clear();
    // where it has ended, too: for the answers to what it had sent before
    if (this._line.isOpen) {
      this._line.leave(this.sessionId);
    }
    this._pending.refuseAll(new GraphError('UNAVAILABLE', 'The session was closed in this page'));
    Signal.clearData(this);
  }

  /** The connection is open: join, from where the store stands. Called by the connection. */
  connected(): void {
    this._queue.add(once(() => this._join()));
  }

  /**
   * The connection is lost. Called by the connection.
   *
   * @param why what the server said when it closed it; empty: nothing.
   */
  disconnected(why: string): void {
    this._isJoined = false;
    if (why !== '' && this._status !== 'ended') {
      this._error = new GraphError('UNAVAILABLE', why);
    }
    clearTimeout(this._rejoinTimer);
    this._presenting.pause();
    this.roster.replace([]);
    if (this._status === 'loading' || this._status === 'live') {
      this._setStatus('offline');
    }
  }

  /** Take this session's messages of one frame. Called by the connection. */
  receive(messages: readonly ServerMessage[]): void {
    if (!this._isDisposed) {
      this._queue.add(...messages.map(message => this._handle(message)));
    }
  }

  private _join(): void {
    if (this._status === 'ended' || !this._line.isOpen) {
      return;
    }
    this._isJoined = false;
    this._isJoining = true;
    this._presenting.pause();
    this._line.send({
      type: 'join_session',
      session_id: this.sessionId,
      client_id: this._line.clientId,
      kind: this._line.kind,
      label: this._line.label,
      since: this._replica.resumeFrom(),
      pending: this._pending.ids,
      credit: CREDIT_PAGES
    });
  }

  private *_handle(message: ServerMessage): Task {
    switch (message.type) {
      case 'joined':
        this._onJoined(message);
        break;
      case 'snapshot':
        yield* this._onSnapshot(message);
        break;
      case 'commit':
        yield* this._onCommit(message);
        break;
      case 'rejected':
        // while joining it answers what was sent under an earlier join: that is sent again, unless
        // `joined` says what became of it (rule 3.4)
        if (!this._isJoining) {
          this._pending.refuse(
            message.command_id,
            new GraphError(message.code, message.message, message)
          );
        }
        break;
      case 'session-updated':
        this._onSessionUpdated(message);
        break;
      case 'left':
      case 'error':
        this._onRefused(message);
        break;
      case 'planned':
        this._pending.plan(message);
        break;
      case 'presence':
        this.roster.take(message.client);
        break;
      case 'pong':
      case 'sessions_changed':
        break;
    }
  }

  private _onJoined(message: Joined): void {
    if (!this._isJoining) {
      return;
    }
    this._isJoining = false;
    this._isJoined = this._line.isOpen;
    this._role = message.role;
    this._actor = message.actor;
    this._readOnly = message.read_only ?? '';
    this._error = null;
    this._rename(message.name);
    if (message.mode === 'snapshot') {
      this._replica.restart(message.epoch);
      this._pages = 0;
    }
    this._presenting.begin(message.limits.presence_per_s);
    this.roster.replace(message.clients ?? []);
    this._setStatus(message.mode === 'snapshot' ? 'loading' : 'live');
    this._pending.resume(message);
    this._sendWaiting();
  }

  private *_onSnapshot(page: Snapshot): Task {
    if (this._isJoining) {
      return;
    }
    yield* this._replica.page(page);
    this._statusIsNew = true;
    if (this._replica.isWhole) {
      const { rev } = this._replica;
      this._pending.settleUpTo(rev, this._replica.epoch);
      this._setStatus(this._line.isOpen ? 'live' : 'offline');
      this._sendWaiting();
      return;
    }
    this._pages += 1;
    if (this._pages === CREDIT_PAGES / 2) {
      this._line.send({ type: 'credit', session_id: this.sessionId, pages: this._pages });
      this._pages = 0;
    }
  }

  private *_onCommit(part: Commit): Task {
    if (this._isJoining) {
      return;
    }
    if (this._replica.isGapBefore(part)) {
      this._join();
      return;
    }
    if (this._replica.isWhole && part.rev <= this._replica.rev) {
      // a command sent again that had been carried out before: its commit, without the events
      this._pending.settle(part);
      return;
    }
    const commit = yield* this._replica.commit(part);
    if (commit !== null) {
      this._applied.push(commit);
    }
  }

  private _onSessionUpdated(message: SessionUpdated): void {
    if (message.ended === true) {
      this._end(new GraphError('GONE', 'This session was deleted'));
      return;
    }
    this._rename(message.name ?? '');
    if (message.role !== undefined && message.role !== this._role) {
      this._role = message.role;
      this._statusIsNew = true;
    }
    if (message.members === true) {
      this._membersChanged.emit();
    }
  }

  /** The server does not let us in, lets us go, or answers a message that is no command. */
  private _onRefused(message: Left | MessageError): void {
    const error = new GraphError(message.code ?? '', message.message ?? '', {
      fix: message.type === 'error' ? (message.fix ?? null) : null
    });
    if (message.type === 'error' && !this._isJoining) {
      this._failed.emit(error);
    } else if (PASSING.has(error.code)) {
      this._isJoined = this._isJoining = false;
      this._error = error;
      this._setStatus('offline');
      this._failed.emit(error);
      this._rejoinTimer = setTimeout(() => this.connected(), REJOIN_MS);
    } else {
      this._end(error);
    }
  }

  private _end(error: GraphError): void {
    this._isJoined = this._isJoining = false;
    this._error = error;
    this._presenting.pause();
    this.roster.replace([]);
    this._setStatus('ended');
    this._pending.refuseAll(error);
    this._failed.emit(error);
  }

  /** A replica that has lost its way starts again from a snapshot. */
  private _resync(error: unknown): void {
    console.error('graph_ext: the graph in this page is loaded again', error);
    this._replica.distrust();
    this._queue.add(once(() => this._join()));
  }

  private _ask<T>(submit: (commandId: string) => Promise<T>): Promise<T> {
    if (this._status === 'ended' || this._isDisposed) {
      return Promise.reject(this._error ?? new GraphError('GONE', 'This session is closed'));
    }
    const done = submit(newId());
    this._sendWaiting();
    return done;
  }

  private _sendWaiting(): void {
    if (this._isJoined && this._replica.isWhole) {
      this._pending.sendWaiting();
    }
  }

  private _rename(name: string): void {
    if (name !== '' && name !== this._name) {
      this._name = name;
      this._renamed.emit(name);
    }
  }

  private _setStatus(status: SessionStatus): void {
    if (status !== this._status) {
      this._status = status;
      this._statusIsNew = true;
      if (!this._isInSlice) {
        this._tell();
      }
    }
  }

  /** One slice of work: one signal of the store, then what became whole in it. */
  private _slice(work: () => void): void {
    this._isInSlice = true;
    this.store.transaction(work);
    this._isInSlice = false;
    this._tell();
  }

  private _tell(): void {
    const applied = this._applied;
    this._applied = [];
    for (const commit of applied) {
      this._commits.emit(commit);
      this._pending.settle(commit);
    }
    if (this._statusIsNew) {
      this._statusIsNew = false;
      this._statusChanged.emit();
    }
  }

  private _name = '';
  private _role = '';
  private _actor: Actor | null = null;
  private _readOnly = '';
  private _error: GraphError | null = null;
  private _status: SessionStatus = 'connecting';
  private _isDisposed = false;
  /** Joined over the present connection: commands may be sent. */
  private _isJoined = false;
  /** A join is on its way: what comes before its answer belongs to the past. */
  private _isJoining = false;
  /** Listeners are yet to hear of the present status. */
  private _statusIsNew = false;
  private _isInSlice = false;
  private _rejoinTimer: ReturnType<typeof setTimeout> | undefined;
  /** Commits applied in this slice, not yet told. */
  private _applied: Commit[] = [];
  /** Pages of the snapshot since more were granted. */
  private _pages = 0;
  private readonly _replica = new Replica();
  private readonly _pending: PendingCommands;
  private readonly _presenting: Presenting;
  private readonly _queue = new Slicer({
    around: work => this._slice(work),
    failed: error => this._resync(error)
  });
  private readonly _statusChanged = new Signal<this, void>(this);
  private readonly _renamed = new Signal<this, string>(this);
  private readonly _commits = new Signal<this, Commit>(this);
  private readonly _membersChanged = new Signal<this, void>(this);
  private readonly _failed = new Signal<this, GraphError>(this);
}

// eslint-disable-next-line require-yield -- a task of one step
function* once(run: () => void): Task {
  run();
}
