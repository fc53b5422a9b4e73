/**
 * Frames over a widget's messages, for pages that can't reach the Jupyter server themselves.
 *
 * The kernel opens a socket for us and carries frames both ways, unread:
 * graph_ext/client/connection/relay.py.
 */
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { newId } from '../session/ids';
import type { IClosed, ITransport, TransportState } from '../session/transport';

/** As much of a widget's model as a transport needs. */
export interface IComm {
  send(content: unknown): void;
  on(event: 'msg:custom', callback: (content: unknown) => void): void;
  off(event: 'msg:custom', callback: (content: unknown) => void): void;
}

/** What WebSockets say when there was no closing handshake. */
const ABNORMAL = 1006;

export class CommTransport implements ITransport {
  constructor(private readonly _comm: IComm) {}

  get state(): TransportState {
    return this._state;
  }

  get opened(): ISignal<ITransport, void> {
    return this._opened;
  }

  get closed(): ISignal<ITransport, IClosed> {
    return this._closed;
  }

  get received(): ISignal<ITransport, string> {
    return this._received;
  }

  open(): void {
    if (this._state === 'idle') {
      this._state = 'opening';
      this._comm.on('msg:custom', this._onMessage);
      this._post({ kind: 'open', view: this._view });
    }
  }

  send(frame: string): void {
    this._post({ kind: 'frame', view: this._view, data: frame });
  }

  close(): void {
    const wasOpen = this._state === 'opening' || this._state === 'open';
    this._release();
    if (wasOpen) {
      this._post({ kind: 'close', view: this._view });
    }
  }

  /** A kernel that is gone takes no messages, and says so by an error. */
  private _post(message: object): void {
    try {
      this._comm.send(message);
    } catch (error) {
      if (this._state !== 'closed') {
        this._release();
        this._closed.emit({ code: ABNORMAL, reason: String(error) });
      }
    }
  }

  private readonly _onMessage = (content: unknown): void => {
    const message = readMessage(content);
    if (message?.view !== this._view) {
      return;
    }
    switch (message.kind) {
      case 'open':
        this._state = 'open';
        this._opened.emit();
        break;
      case 'frame':
        this._received.emit(message.data);
        break;
      case 'close':
        this._release();
        this._closed.emit({ code: ABNORMAL, reason: message.data });
        break;
    }
  };

  private _release(): void {
    this._state = 'closed';
    this._comm.off('msg:custom', this._onMessage);
  }

  private _state: TransportState = 'idle';
  /** What the kernel knows this attempt by. */
  private readonly _view = newId();
  private readonly _opened = new Signal<ITransport, void>(this);
  private readonly _closed = new Signal<ITransport, IClosed>(this);
  private readonly _received = new Signal<ITransport, string>(this);
}

function readMessage(content: unknown): { kind: string; view: string; data: string } | null {
  if (typeof content !== 'object' || content === null || !('kind' in content)) {
    return null;
  }
  const { kind, view, data } = content as { kind: unknown; view?: unknown; data?: unknown };
  return typeof kind === 'string' && typeof view === 'string'
    ? { kind, view, data: typeof data === 'string' ? data : '' }
    : null;
}
