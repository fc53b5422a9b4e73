/**
 * Work cut into slices, so that a snapshot of 300,000 elements never freezes the page.
 *
 * Tasks are generators that yield between small steps and run strictly in the order they were
 * added. Little work is done at once; what takes longer goes on in the next slice.
 */

/** How long one slice may take: half a frame at 60 Hz, so that painting keeps up. */
export const SLICE_MS = 8;

export type Task = Generator<void, void>;

export interface ISlicerOptions {
  /** Runs one slice; calls `work` exactly once. Here what one slice changed is gathered. */
  around: (work: () => void) => void;
  /** A task threw: it was dropped. */
  failed: (error: unknown) => void;
  /** Call back soon, without being throttled in hidden tabs as timers are. */
  soon?: (run: () => void) => void;
  sliceMs?: number;
  now?: () => number;
}

export class Slicer {
  constructor(options: ISlicerOptions) {
    this._options = { soon, sliceMs: SLICE_MS, now: () => performance.now(), ...options };
  }

  /** Add tasks; if nothing is waiting, the first slice runs before this returns. */
  add(...tasks: Task[]): void {
    this._tasks.push(...tasks);
    if (!this._busy) {
      this._slice();
    }
  }

  /** Drop what has not run. */
  clear(): void {
    this._tasks = [];
  }

  private _slice(): void {
    const { around, now, sliceMs, soon } = this._options;
    const until = now() + sliceMs;
    this._busy = true;
    around(() => {
      while (this._tasks.length > 0) {
        this._step();
        if (now() >= until) {
          break;
        }
      }
    });
    this._busy = this._tasks.length > 0;
    if (this._busy) {
      soon(() => this._slice());
    }
  }

  private _step(): void {
    const task = this._tasks[0];
    try {
      if (task?.next().done === true) {
        this._tasks.shift();
      }
    } catch (error) {
      this._tasks.shift();
      this._options.failed(error);
    }
  }

  private readonly _options: Required<ISlicerOptions>;
  private _tasks: Task[] = [];
  /** A slice runs or is due. */
  private _busy = false;
}

function soon(run: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    run();
  };
  port2.postMessage(null);
}
