/** What the plugins of this extension share, and others may ask for: one connection, one list. */
import { Token } from '@lumino/coreutils';
import type { Connection } from '../session/connection';
import type { HistoryApi } from './historyApi';
import type { SessionList } from './sessionList';
import type { SharingApi } from './sharingApi';

/** The page's one connection to the graph server, and the sessions that are there. */
export interface IGraphHub {
  readonly connection: Connection;
  readonly sessions: SessionList;
  readonly sharing: SharingApi;
  readonly history: HistoryApi;
}

export const IGraphHub = new Token<IGraphHub>(
  'graph-ext:IGraphHub',
  'The connection to the graph server and the list of its sessions.'
);
