/** The list of sessions on the server: read, made longer and shorter, renamed. */
import type { SessionInfo } from '../protocol';
import type { Rest } from './rest';
import { isRecord, unreadable } from './rest';

/** Reads and changes the list of sessions; every failure is a `GraphError`. */
export class SessionsApi {
  constructor(private readonly _rest: Rest) {}

  async list(): Promise<SessionInfo[]> {
    const rows = await this._rest.request('GET', ['sessions']);
    if (!Array.isArray(rows) || !rows.every(isSessionInfo)) {
      throw unreadable('a list of graphs');
    }
    return rows;
  }

  async create(name: string): Promise<SessionInfo> {
    return readSession(await this._rest.request('POST', ['sessions'], { name }));
  }

  async rename(sessionId: string, name: string): Promise<void> {
    await this._rest.request('PATCH', ['sessions', sessionId], { name });
  }

  async delete(sessionId: string): Promise<void> {
    await this._rest.request('DELETE', ['sessions', sessionId]);
  }
}

/** Read an answer that is a session. */
export function readSession(body: unknown): SessionInfo {
  if (!isSessionInfo(body)) {
    throw unreadable('a graph');
  }
  return body;
}

function isSessionInfo(value: unknown): value is SessionInfo {
  return (
    isRecord(value) &&
    typeof value['session_id'] === 'string' &&
    typeof value['name'] === 'string' &&
    typeof value['nodes'] === 'number' &&
    typeof value['links'] === 'number'
  );
}
