/**
 * A widget view's way to its session: the page's own WebSocket, or else the kernel's.
 *
 * The own one stays live while the kernel is busy, so it comes first; the other one is taken where
 * the page has no Jupyter server, can't reach it, or it does not know the session.
 */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { SessionClient } from '../session/client';
import { Connection } from '../session/connection';
import { newId } from '../session/ids';
import type { ITransport } from '../session/transport';
import { WebSocketTransport, socketUrl } from '../session/transport';
import type { IComm } from './comm';
import { CommTransport } from './comm';
import type { IPageServer } from './page';

/** After so many failed attempts in a row, none of which ever opened, the kernel's way is taken. */
const ATTEMPTS = 2;
/** Refusals that another server may not give. */
const ELSEWHERE: ReadonlySet<string> = new Set(['NOT_FOUND', 'GONE', 'FORBIDDEN', 'BAD_MESSAGE']);

export interface ILinkOptions {
  readonly sessionId: string;
  /** Null: there is only the kernel's way. */
  readonly server: IPageServer | null;
  readonly comm: IComm;
  readonly label: string;
}

export class SessionLink implements IDisposable {
  constructor(private readonly _options: ILinkOptions) {
    const { comm, server } = _options;
    if (server === null) {
      this._line = this._open(() => new CommTransport(comm));
      return;
    }
    const url = socketUrl(server.wsUrl, server.token);
    this._line = this._open(() => new WebSocketTransport({ url }));
    const { connection, client } = this._line;
    let wasOpen = false;
    connection.statusChanged.connect(() => {
      wasOpen ||= connection.isOpen;
      if (!wasOpen && connection.status === 'waiting' && connection.failures >= ATTEMPTS) {
        this._fallBack();
      }
    });
    client.failed.connect((_, error) => {
      if (ELSEWHERE.has(error.code) && client.epoch === '') {
        this._fallBack();
      }
    });
  }

  /** The session; another object after `changed`. */
  get client(): SessionClient {
    return this._line.client;
  }

  /** `client` is another one now. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._line.connection.isDisposed;
  }

  retryNow(): void {
    this._line.connection.retryNow();
  }

  dispose(): void {
    this._line.connection.dispose();
    Signal.clearData(this);
  }

  private _fallBack(): void {
    this._line.connection.dispose();
    this._line = this._open(() => new CommTransport(this._options.comm));
    this._changed.emit();
  }

  private _open(transport: () => ITransport): { connection: Connection; client: SessionClient } {
    const { label, sessionId } = this._options;
    const connection = new Connection({ transport, clientId: newId(), kind: 'ui', label });
    return { connection, client: connection.join(sessionId) };
  }

  private _line: { readonly connection: Connection; readonly client: SessionClient };
  private readonly _changed = new Signal<this, void>(this);
}
