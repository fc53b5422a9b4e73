/**
 * A page's copy of a session's graph, and where in its history it stands.
 *
 * Snapshot pages and commits (long ones in parts) become changes of a store, in steps: the
 * generators yield between them, so that session/slicer.ts can cut the work.
 */
import type { Commit, Cursor, Event, Snapshot } from '../protocol';
import { GraphStore } from '../store/graph';

/** How many elements are applied between two looks at the clock. */
const STEP_ELEMENTS = 250;

export interface IProgress {
  readonly loaded: number;
  readonly total: number;
}

export class Replica {
  readonly store = new GraphStore();

  /** The commit that the store stands at. */
  get rev(): number {
    return this._rev;
  }

  get epoch(): string {
    return this._epoch;
  }

  /** The store stands at exactly `rev`: not within a snapshot or a long commit. */
  get isWhole(): boolean {
    return this._isWhole;
  }

  /** How much of the snapshot has come. */
  get progress(): IProgress {
    return this._progress;
  }

  /** Where to go on from; null: only a snapshot will do. Held parts are dropped: they come again. */
  resumeFrom(): Cursor | null {
    this._partsRev = null;
    this._parts = [];
    return this._isWhole ? { epoch: this._epoch, rev: this._rev } : null;
  }

  /** What is here may be wrong: only a snapshot will do. */
  distrust(): void {
    this._isWhole = false;
  }

  /** A snapshot is coming. */
  restart(epoch: string): void {
    this._epoch = epoch;
    this._rev = 0;
    this._isWhole = false;
    this._progress = { loaded: 0, total: 0 };
    this.store.reset();
  }

  /** Add a page of a snapshot; with the last one the copy is whole. */
  *page(page: Snapshot): Generator<void, void> {
    if (this._isWhole || page.epoch !== this._epoch) {
      return;
    }
    const nodes = page.nodes ?? [];
    const links = page.links ?? [];
    this.store.load([], [], page.blueprint ?? null);
    for (let i = 0; i < nodes.length; i += STEP_ELEMENTS) {
      this.store.load(nodes.slice(i, i + STEP_ELEMENTS), [], null);
      yield;
    }
    for (let i = 0; i < links.length; i += STEP_ELEMENTS) {
      this.store.load([], links.slice(i, i + STEP_ELEMENTS), null);
      yield;
    }
    const loaded = this._progress.loaded + nodes.length + links.length;
    this._progress = { loaded, total: Math.max(page.total ?? 0, this._progress.total) };
    if (page.more !== true) {
      this._rev = page.rev;
      this._isWhole = true;
    }
  }

  /** Commits between this one and `rev` are missing, or it is of another history. */
  isGapBefore(part: Commit): boolean {
    return this._isWhole && (part.epoch !== this._epoch || part.rev > this._rev + 1);
  }

  /**
   * Take a commit or a part of one.
   *
   * @returns the whole commit, once it is applied; null if more parts are to come or it is known.
   */
  *commit(part: Commit): Generator<void, Commit | null> {
    if (!this._isWhole || part.rev <= this._rev) {
      return null;
    }
    if (this._partsRev !== part.rev) {
      this._partsRev = part.rev;
      this._parts = [];
    }
    if (part.more === true) {
      this._parts.push(part.events);
      return null;
    }
    const commit =
      this._parts.length === 0 ? part : { ...part, events: [...this._parts, part.events].flat() };
    this._parts = [];
    this._isWhole = false;
    for (let i = 0; i < commit.events.length; i += STEP_ELEMENTS) {
      this.store.apply(commit.events.slice(i, i + STEP_ELEMENTS));
      yield;
    }
    this._isWhole = true;
    this._rev = commit.rev;
    return commit;
  }

  private _rev = 0;
  private _epoch = '';
  private _isWhole = false;
  private _progress: IProgress = { loaded: 0, total: 0 };
  /** Which commit's parts are held, and their events. */
  private _partsRev: number | null = null;
  private _parts: Event[][] = [];
}
