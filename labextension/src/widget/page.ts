/** The Jupyter server that serves this page, if there is one. */

export interface IPageServer {
  /** Ends in a slash. */
  readonly wsUrl: string;
  /** Empty: cookies alone. */
  readonly token: string;
}

/**
 * Read the page's configuration, as JupyterLab and Notebook 7 write it.
 *
 * @param baseUrl the path of the kernel's server: a page of another server is of no use.
 * @returns null: the page has no Jupyter server (VS Code, Colab), or another one.
 */
export function pageServer(baseUrl: string): IPageServer | null {
  const config = readConfig();
  const own = config === null ? null : absolute(text(config['baseUrl']));
  if (config === null || own === null || own.pathname !== slashed(baseUrl)) {
    return null;
  }
  const wsUrl = absolute(text(config['wsUrl'])) ?? own;
  wsUrl.protocol = wsUrl.protocol === 'https:' || wsUrl.protocol === 'wss:' ? 'wss:' : 'ws:';
  return { wsUrl: slashed(wsUrl.href), token: text(config['token']) };
}

function readConfig(): Record<string, unknown> | null {
  const element = document.getElementById('jupyter-config-data');
  try {
    const config: unknown = JSON.parse(element?.textContent ?? 'null');
    return typeof config === 'object' ? (config as Record<string, unknown> | null) : null;
  } catch {
    // a page of another making
    return null;
  }
}

function absolute(url: string): URL | null {
  if (url === '') {
    return null;
  }
  const found = new URL(url, window.location.href);
  found.pathname = slashed(found.pathname);
  return found;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function slashed(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}
