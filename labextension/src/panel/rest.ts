/** The REST side of the server: one request, and every failure a `GraphError`. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { GraphError } from '../session/errors';

/** The Jupyter server answers, but has no graph extension: no code of the protocol's own. */
export const NO_EXTENSION = 'NO_EXTENSION';
/** The Jupyter server does not answer. */
export const OFFLINE = 'OFFLINE';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Makes requests to the operations of docs/openapi.json. */
export class Rest {
  constructor(readonly settings: ServerConnection.ISettings) {}

  /**
   * Make a request; its answer has yet to be read.
   *
   * @param path its parts below the API's root, as they are.
   * @throws GraphError the refusal, OFFLINE or NO_EXTENSION.
   */
  async request(
    method: Method,
    path: readonly string[],
    body?: object,
    query: Readonly<Record<string, string>> = {}
  ): Promise<unknown> {
    const parts = ['graph-ext/api/v1', ...path.map(encodeURIComponent)];
    const asked = new URLSearchParams(query).toString();
    const url = URLExt.join(this.settings.baseUrl, ...parts) + (asked === '' ? '' : `?${asked}`);
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
    if (response.status === 404) {
      throw new GraphError(NO_EXTENSION, 'The graph_ext server extension is not enabled');
    }
    if (response.status === 502 || response.status === 503 || response.status === 504) {
      throw new GraphError(OFFLINE, response.statusText);
    }
    throw new GraphError('UNAVAILABLE', `${response.status} ${response.statusText}`.trim());
  }
}

/** An answer that is not what it should be: another version's server. */
export function unreadable(what: string): GraphError {
  return new GraphError('BAD_MESSAGE', `The server sent ${what} that cannot be read`);
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

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
