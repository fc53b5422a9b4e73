/**
 * How frames travel: one interface, a WebSocket of the page's own behind it.
 *
 * A transport is one attempt: opened once, closed once, thrown away; session/connection.ts makes
 * the next. widget/comm.ts has the other kind, which goes through a notebook's kernel.
 */
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

export type TransportState = 'idle' | 'opening' | 'open' | 'closed';

/** Why a transport closed: a WebSocket close code, and the server's reason where it gave one. */
export interface IClosed {
  readonly code: number;
  readonly reason: string;
}

export interface ITransport {
  readonly state: TransportState;
  readonly opened: ISignal<ITransport, void>;
  /** Emitted once, also when opening fails; not after `close()`. */
  readonly closed: ISignal<ITransport, IClosed>;
  /** A frame, as text. */
  readonly received: ISignal<ITransport, string>;
  open(): void;
  /** Send a frame; only while `state` is 'open'. */
  send(frame: string): void;
  close(): void;
}

export interface IWebSocketTransportOptions {
  /** The whole URL, ws:// or wss://, with the token where one is needed. */
  url: string;
  /** Where the page brings its own, as JupyterLab's server settings do. */
  WebSocket?: typeof WebSocket;
}

/** The version of the protocol, as the server knows it (graph_ext/protocol.py). */
export const SUBPROTOCOL = 'graph-ext.v1';

/**
 * The address of the graph WebSocket.
 *
 * @param wsBaseUrl the server's WebSocket base URL, ending in a slash.
 * @param token the server's token; empty: cookies alone.
 */
export function socketUrl(wsBaseUrl: string, token: string): string {
  const url = `${wsBaseUrl}graph-ext/api/v1/ws`;
  return token === '' ? url : `${url}?token=${encodeURIComponent(token)}`;
}

/** Frames over a WebSocket to the Jupyter server. */
export class WebSocketTransport implements ITransport {
  constructor(private readonly _options: IWebSocketTransportOptions) {}

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
    if (this._state !== 'idle') {
      return;
    }
    this._state = 'opening';
    const socket = new (this._options.WebSocket ?? WebSocket)(this._options.url, SUBPROTOCOL);
    this._socket = socket;
    socket.onopen = () => {
      this._state = 'open';
      this._opened.emit();
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === 'string') {
        this._received.emit(event.data);
      }
    };
    socket.onclose = event => {
      this._release();
      this._closed.emit({ code: event.code, reason: event.reason });
    };
  }

  send(frame: string): void {
    this._socket?.send(frame);
  }

  close(): void {
    const socket = this._socket;
    this._release();
    socket?.close();
  }

  private _release(): void {
    this._state = 'closed';
    if (this._socket !== null) {
      this._socket.onopen = null;
      this._socket.onmessage = null;
      this._socket.onclose = null;
      this._socket = null;
    }
  }

  private _state: TransportState = 'idle';
  /** The socket, from `open()` until it closes. */
  private _socket: WebSocket | null = null;
  private readonly _opened = new Signal<ITransport, void>(this);
  private readonly _closed = new Signal<ITransport, IClosed>(this);
  private readonly _received = new Signal<ITransport, string>(this);
}
