/**
 * Undo and redo of a graph tab: whether there is anything, and doing it.
 *
 * The stacks are read from the log when the session is joined, and follow its commits from then on.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { Command, Commit, HistoryEntry, HistoryPage, Skipped } from '../protocol';
import type { SessionClient } from '../session/client';
import { GraphError } from '../session/errors';
import type { GraphStore } from '../store/graph';
import type { IStep } from './undoStacks';
import { UndoStacks } from './undoStacks';

export type Direction = 'undo' | 'redo';

/** Reads an actor's commits, newest first, below a rev (null: the newest). */
export type ReadHistory = (
  sessionId: string,
  actorId: string,
  beforeRev: number | null
) => Promise<HistoryPage>;

/** How people are told and asked. */
export interface IUndoTalk {
  inform(text: string): void;
  refuse(error: unknown): void;
  /** Whether to undo though that deletes what others have built on it; `why` says what. */
  confirmForce(why: string): Promise<boolean>;
}

export class Undoing implements IDisposable {
  constructor(
    private readonly _client: SessionClient,
    private readonly _read: ReadHistory,
    private readonly _talk: IUndoTalk,
    private readonly _trans: TranslationBundle
  ) {
    _client.commits.connect(this._onCommit, this);
    _client.statusChanged.connect(this._onStatus, this);
    this._onStatus();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** What can be undone or redone is another. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether there is anything; where that can't be known, it may be tried. */
  can(which: Direction): boolean {
    return this._isUnknown || this.next(which) !== null;
  }

  /** What would be taken back next; null: nothing, or not known. */
  next(which: Direction): IStep | null {
    return this._stacks?.[which] ?? null;
  }

  /** Undo or redo; what can't be is said, and what others have built on is asked about. */
  async run(which: Direction): Promise<void> {
    const step = this.next(which);
    try {
      await this._submit({ type: which });
    } catch (error) {
      this._learn(which, step, error);
      const isForceable = which === 'undo' && error instanceof GraphError;
      if (!isForceable || error.code !== 'UNDO_CONFLICT' || error.fix === null) {
        this._talk.refuse(error);
      } else if (await this._talk.confirmForce(error.message)) {
        await this._force(step);
      }
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._client.commits.disconnect(this._onCommit, this);
      this._client.statusChanged.disconnect(this._onStatus, this);
      Signal.clearData(this);
    }
  }

  private async _force(step: IStep | null): Promise<void> {
    try {
      await this._submit({ type: 'undo', force: true });
    } catch (error) {
      this._learn('undo', step, error);
      this._talk.refuse(error);
    }
  }

  private async _submit(command: Command): Promise<void> {
    const { skipped = [] } = await this._client.submit(command);
    const [first] = skipped;
    if (first !== undefined) {
      this._talk.inform(leftText(first, skipped.length - 1, this._client.store, this._trans));
    }
  }

  /** The server knows better: others may have undone it, or changed all that it had done. */
  private _learn(which: Direction, step: IStep | null, error: unknown): void {
    if (step === null || !(error instanceof GraphError)) {
      return;
    }
    if (error.code === 'UNDO_EMPTY') {
      this._stacks?.forget(which, step.rev);
    } else if (error.code === 'UNDO_NOTHING_LEFT') {
      this._stacks?.drop(step.rev);
    }
    this._changed.emit();
  }

  private readonly _onStatus = (): void => {
    const { status, epoch, rev } = this._client;
    if (status === 'live' && (epoch !== this._epoch || rev !== this._rev || this._isUnknown)) {
      void this._load();
    }
  };

  private readonly _onCommit = (_: SessionClient, commit: Commit): void => {
    if (this._missed !== null) {
      this._missed.push(commit);
    } else if (commit.rev === this._rev + 1) {
      this._rev = commit.rev;
      this._stacks?.add(commit);
      this._changed.emit();
    }
  };

  /** Read my commits, back to one that can be undone. */
  private async _load(): Promise<void> {
    const { sessionId, actor, epoch } = this._client;
    const actorId = actor?.actor_id ?? '';
    const missed: Commit[] = [];
    this._missed = missed;
    let stacks: UndoStacks | null = null;
    try {
      const newestFirst: HistoryEntry[] = [];
      let before: number | null = null;
      do {
        const page: HistoryPage = await this._read(sessionId, actorId, before);
        newestFirst.push(...page.entries);
        before = page.before_rev ?? null;
        stacks = new UndoStacks(actorId);
        [...newestFirst].reverse().forEach(entry => stacks?.add(entry));
      } while (stacks.undo === null && before !== null && this._missed === missed);
      const last = newestFirst[0]?.rev ?? 0;
      missed.filter(commit => commit.rev > last).forEach(commit => stacks?.add(commit));
    } catch (error) {
      if (!(error instanceof GraphError)) {
        throw error;
      }
      stacks = null;
    }
    // else the session was joined anew meanwhile, and they are read again
    if (this._missed === missed && !this._isDisposed) {
      this._missed = null;
      this._stacks = stacks;
      this._isUnknown = stacks === null;
      this._epoch = epoch;
      this._rev = this._client.rev;
      this._changed.emit();
    }
  }

  private _isDisposed = false;
  private _stacks: UndoStacks | null = null;
  /** They could not be read. */
  private _isUnknown = false;
  /** Where in which history the stacks stand. */
  private _epoch = '';
  private _rev = -1;
  /** What has come while they are being read; null: they are not. */
  private _missed: Commit[] | null = null;
  private readonly _changed = new Signal<this, void>(this);
}

/** What an undo has left as it is, in words. */
export function leftText(
  { reason, by, node_id: nodeId = null, link_id: linkId = null, field = null }: Skipped,
  more: number,
  store: GraphStore,
  trans: TranslationBundle
): string {
  const name = nodeId !== null ? store.label(nodeId) : linkId !== null ? trans.__('a link') : null;
  const part = field?.replace(/^properties\./, '');
  const what =
    name === null
      ? trans.__('the blueprint')
      : part === undefined
        ? name
        : trans.__('%1 of %2', part, name);
  const said =
    reason === 'deleted'
      ? trans.__('%1 has deleted %2 since: it stays so.', by, what)
      : trans.__('%1 has changed %2 since: it stays so.', by, what);
  return more === 0 ? said : `${said} ${trans._n('And %1 more.', 'And %1 more.', more)}`;
}
