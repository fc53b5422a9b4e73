/**
 * What one actor can undo and redo, derived from the log as the server does it in
 * graph_ext/core/undo_stacks.py.
 */
import type { HistoryEntry } from '../protocol';

/** As much of a commit as counts here; one of the log, or one that has just come. */
export type Logged = Pick<HistoryEntry, 'rev' | 'actor' | 'label' | 'undoes' | 'redoes'>;

/** A commit that can be taken back. */
export interface IStep {
  readonly rev: number;
  /** What its author called it, or what it takes back; empty: nothing. */
  readonly label: string;
}

/** How many steps the server keeps. */
const DEPTH = 1000;

export class UndoStacks {
  constructor(private readonly _actorId: string) {}

  /** What undo would take back. */
  get undo(): IStep | null {
    return this._undo.at(-1) ?? null;
  }

  /** The undo that redo would take back. */
  get redo(): IStep | null {
    return this._redo.at(-1) ?? null;
  }

  /** Take note of the next commit, whoever made it. */
  add(commit: Logged): void {
    const { rev, undoes, redoes } = commit;
    const isMine = commit.actor.actor_id === this._actorId;
    if (typeof undoes === 'number') {
      const label = take(this._undo, undoes)?.label ?? '';
      // an undo that was undone from the history can't be redone any more
      take(this._redo, undoes);
      if (isMine) {
        push(this._redo, { rev, label });
      }
    } else if (typeof redoes === 'number') {
      const label = take(this._redo, redoes)?.label ?? '';
      if (isMine) {
        push(this._undo, { rev, label });
      }
    } else if (isMine) {
      this._redo.length = 0;
      push(this._undo, { rev, label: commit.label ?? '' });
    }
  }

  /** Forget a commit of which nothing is left. */
  drop(rev: number): void {
    take(this._undo, rev);
    take(this._redo, rev);
  }

  /** Forget the commits up to a rev: the server has said that there is nothing. */
  forget(which: 'undo' | 'redo', rev: number): void {
    const stack = which === 'undo' ? this._undo : this._redo;
    const last = stack.findIndex(step => step.rev > rev);
    stack.splice(0, last < 0 ? stack.length : last);
  }

  private readonly _undo: IStep[] = [];
  private readonly _redo: IStep[] = [];
}

function push(stack: IStep[], step: IStep): void {
  stack.push(step);
  if (stack.length > DEPTH) {
    stack.shift();
  }
}

function take(stack: IStep[], rev: number): IStep | undefined {
  const at = stack.findIndex(step => step.rev === rev);
  return at < 0 ? undefined : stack.splice(at, 1)[0];
}
