/** The list against a real HTTP server; only the WebSocket is left out. */
import { ServerConnection } from '@jupyterlab/services';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SessionsApi } from '../../src/panel/api';
import { Rest } from '../../src/panel/rest';
import { SessionList } from '../../src/panel/sessionList';
import { Connection } from '../../src/session/connection';
import { WebSocketTransport } from '../../src/session/transport';

interface IAnswer {
  status: number;
  body?: unknown;
}

interface IHappyWindow {
  happyDOM: { setURL(url: string): void };
}

const session = (name: string): object => ({
  session_id: name,
  name,
  rev: 0,
  nodes: 1,
  links: 0,
  created_at: 0,
  updated_at: 0
});

let server: Server;
let asked: string[];
let answer: (method: string, path: string) => IAnswer;
let list: SessionList;
let connection: Connection;

beforeEach(async () => {
  asked = [];
  answer = () => ({ status: 200, body: [session('b'), session('a')] });
  server = createServer((request, response) => {
    // without the timestamp that JupyterLab adds against caches
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`.replace(/\?\d+$/, ''));
    const { status, body } = answer(request.method ?? '', request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? '' : JSON.stringify(body));
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  // the page is the server's own, as in JupyterLab
  (window as unknown as IHappyWindow).happyDOM.setURL(`http://127.0.0.1:${port}/`);
  const settings = ServerConnection.makeSettings({
    baseUrl: `http://127.0.0.1:${port}/`,
    token: 't',
    fetch: globalThis.fetch
  });
  connection = new Connection({
    transport: () => new WebSocketTransport({ url: `ws://127.0.0.1:${port}/ws` }),
    clientId: 'me',
    kind: 'ui',
    label: ''
  });
  list = new SessionList(new SessionsApi(new Rest(settings)), connection);
});

afterEach(async () => {
  list.dispose();
  connection.dispose();
  server.closeAllConnections();
  await new Promise(done => server.close(done));
});

test('sessions come by name', async () => {
  await list.refresh();
  expect(list.status).toBe('ready');
  expect(list.sessions.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(list.byName('b')?.session_id).toBe('b');
});

test('a server without the extension is told from one that is away', async () => {
  answer = () => ({ status: 404 });
  await list.refresh();
  expect(list.status).toBe('missing');
  server.closeAllConnections();
  await new Promise(done => server.close(done));
  await list.refresh();
  expect(list.status).toBe('offline');
});

test('what was known stays while the server is away, and comes back', async () => {
  await list.refresh();
  answer = () => ({ status: 503 });
  await list.refresh();
  expect([list.status, list.sessions.length]).toEqual(['offline', 2]);
  answer = () => ({ status: 200, body: [] });
  await list.refresh();
  expect([list.status, list.sessions.length]).toEqual(['ready', 0]);
});

test('a list that cannot be read is a failure that says so', async () => {
  answer = () => ({ status: 200, body: [{ name: 1 }] });
  await list.refresh();
  expect(list.status).toBe('failed');
  expect(list.message).toMatch('cannot be read');
});

test('many who ask at once cost two requests: the running one, and one that starts after', async () => {
  await Promise.all([list.refresh(), list.refresh(), list.refresh()]);
  expect(asked.filter(line => !line.includes('/ws')).length).toBeLessThanOrEqual(2);
});

test('a taken name is refused with its code, and nothing is listed anew', async () => {
  answer = method =>
    method === 'POST'
      ? { status: 409, body: { code: 'DUPLICATE_ID', message: 'a session named a exists' } }
      : { status: 200, body: [] };
  await expect(list.create('a')).rejects.toMatchObject({
    code: 'DUPLICATE_ID',
    message: 'a session named a exists'
  });
  expect(asked.filter(line => !line.includes('/ws'))).toEqual(['POST /graph-ext/api/v1/sessions']);
});

test('rename and delete name the session in the path', async () => {
  answer = method => ({
    status: method === 'DELETE' ? 204 : 200,
    body: method === 'GET' ? [] : undefined
  });
  await list.rename('a b', 'c');
  await list.delete('a b');
  expect(asked.filter(line => !line.startsWith('GET'))).toEqual([
    'PATCH /graph-ext/api/v1/sessions/a%20b',
    'DELETE /graph-ext/api/v1/sessions/a%20b'
  ]);
});
