/** What this page lets others see of it: the newest state alone, no more often than allowed. */
import type { Presence } from '../protocol';

/** What a person looks at. */
export type PresenceState = Omit<Presence, 'type' | 'session_id'>;

/** Of what is selected, others are told so much. */
export const PRESENTED = 200;

export class Presenting {
  /** @param send sends a state; only called between `begin` and `pause`. */
  constructor(private readonly _send: (state: PresenceState) => void) {}

  /** Let others see this; fields that are left out stay as they are. */
  show(changes: PresenceState): void {
    const next = { ...this._state, ...changes };
    const text = JSON.stringify(next);
    if (text !== JSON.stringify(this._state)) {
      this._state = next;
      this._isNew = true;
      this._sendSoon();
    }
  }

  /** Send: the session is joined, and the server takes so many a second. */
  begin(presencePerS: number): void {
    this._gapMs = presencePerS > 0 ? 1000 / presencePerS : null;
    // after a reconnect the server may know nothing of it
    this._isNew = Object.keys(this._state).length > 0;
    this._sendSoon();
  }

  /** Send nothing: the session is not joined. */
  pause(): void {
    this._gapMs = null;
    clearTimeout(this._timer);
    this._timer = undefined;
  }

  private _sendSoon(): void {
    if (!this._isNew || this._gapMs === null || this._timer !== undefined) {
      return;
    }
    const waitMs = this._nextAt - Date.now();
    if (waitMs > 0) {
      // a clock that was set back must not silence the page
      this._timer = setTimeout(() => this._due(), Math.min(waitMs, this._gapMs));
      return;
    }
    this._nextAt = Date.now() + this._gapMs;
    this._isNew = false;
    this._send(this._state);
  }

  private _due(): void {
    this._timer = undefined;
    this._nextAt = 0;
    this._sendSoon();
  }

  private _state: PresenceState = {};
  /** The server lacks the present state. */
  private _isNew = false;
  /** From one to the next; null while the session is not joined. */
  private _gapMs: number | null = null;
  private _nextAt = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
