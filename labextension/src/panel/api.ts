/** The REST side of the server, as far as the panel needs it: the list of sessions. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { SessionInfo } from '../protocol';
import { GraphError } from '../session/errors';

/** The Jupyter server answers, but has no graph extension: no code of the protocol's own. */
export const NO_EXTENSION = 'NO_EXTENSION';
/** The Jupyter server does not answer. */
export const OFFLINE = 'OFFLINE';

/** Reads and changes the list of sessions; every failure is a `GraphError`. */
export class SessionsApi {
  constructor(readonly settings: ServerConnection.ISettings) {}

  async list(): Promise<SessionInfo[]> {
    const body = await this._request('GET', '');
    const rows = isRecord(body) && 'sessions' in body ? body['sessions'] : body;
    if (!Array.isArray(rows) || !rows.every(isSessionInfo)) {
      throw new GraphError('BAD_MESSAGE', 'The server sent a list of graphs that cannot be read');
    }
    return rows;
  }

  async create(name: string): Promise<SessionInfo> {
    return this._one(await this._request('POST', '', { name }));
  }

  async rename(sessionId: string, name: string): Promise<void> {
    await this._request('PATCH', sessionId, { name });
  }

  async delete(sessionId: string): Promise<void> {
    await this._request('DELETE', sessionId);
  }

  private _one(body: unknown): SessionInfo {
    if (!isSessionInfo(body)) {
      throw new GraphError('BAD_MESSAGE', 'The server sent a graph that cannot be read');
    }
    return body;
  }

  private async _request(method: string, sessionId: string, body?: object): Promise<unknown> {
    const path = ['graph-ext/api/v1/sessions', encodeURIComponent(sessionId)].filter(Boolean);
    const url = URLExt.join(this.settings.baseUrl, ...path);
    const init: RequestInit = body ? { method, body: JSON.stringify(body) } : { method };
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, this.settings);
    } catch (error) {
      throw new GraphError(OFFLINE, error instanceof Error ? error.message : String(error));
    }
    const text = await response.text();
    const answer = parse(text);
    if (response.ok) {
      return answer;
    }
    if (isRecord(answer) && typeof answer['code'] === 'string') {
      throw new GraphError(answer['code'], asText(answer['message']) ?? response.statusText, {
        path: asText(answer['path']),
        fix: asText(answer['fix'])
      });
    }
    if (response.status === 404 && sessionId === '') {
      throw new GraphError(NO_EXTENSION, 'The graph_ext server extension is not enabled');
    }
    if (response.status === 502 || response.status === 503 || response.status === 504) {
      throw new GraphError(OFFLINE, response.statusText);
    }
    throw new GraphError('UNAVAILABLE', `${response.status} ${response.statusText}`.trim());
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null; // a proxy's error page; the status says what happened
  }
}

function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
