/** Who is in a session and what they look at, as the server last said it. */
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { ClientInfo } from '../protocol';

export class Roster {
  /** @param clientId this page's own. */
  constructor(readonly clientId: string) {}

  /** Everybody, this page included, in the order of coming. */
  get clients(): readonly ClientInfo[] {
    return [...this._clients.values()];
  }

  /** Everybody but this page. */
  get others(): readonly ClientInfo[] {
    return this.clients.filter(client => client.client_id !== this.clientId);
  }

  /** Somebody has come, moved or gone. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Take the whole list, as it comes with `joined`; none: the server is away. */
  replace(clients: readonly ClientInfo[]): void {
    if (clients.length > 0 || this._clients.size > 0) {
      this._clients = new Map(
        clients.filter(client => client.gone !== true).map(client => [client.client_id, client])
      );
      this._changed.emit();
    }
  }

  /** Take what is new about one. */
  take(client: ClientInfo): void {
    if (client.gone !== true) {
      this._clients.set(client.client_id, client);
      this._changed.emit();
    } else if (this._clients.delete(client.client_id)) {
      this._changed.emit();
    }
  }

  private _clients = new Map<string, ClientInfo>();
  private readonly _changed = new Signal<this, void>(this);
}
