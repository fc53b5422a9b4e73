import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { WebSocket as ServerSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClientMessage } from '../../src/protocol';
import { Connection } from '../../src/session/connection';
import { SUBPROTOCOL, WebSocketTransport, socketUrl } from '../../src/session/transport';
import { SESSION, joined } from './fakes';
import { PageWebSocket } from './sockets';

// real sockets: a server of the `ws` package on a port of its own
let server: WebSocketServer;
let url: string;
let connection: Connection | undefined;

async function listen(port: number): Promise<WebSocketServer> {
  const made = new WebSocketServer({ host: '127.0.0.1', port });
  await once(made, 'listening');
  return made;
}

async function nextSocket(): Promise<ServerSocket> {
  const [socket] = (await once(server, 'connection')) as [ServerSocket];
  return socket;
}

async function nextMessage(socket: ServerSocket): Promise<ClientMessage> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return JSON.parse(data.toString()) as ClientMessage;
}

function connect(): Connection {
  connection = new Connection({
    transport: () => new WebSocketTransport({ url, WebSocket: PageWebSocket }),
    clientId: 'me',
    kind: 'ui',
    label: 'test'
  });
  return connection;
}

beforeEach(async () => {
  server = await listen(0);
  url = socketUrl(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, 'a token');
});

afterEach(() => {
  connection?.dispose();
  connection = undefined;
  server.clients.forEach(socket => socket.terminate());
  server.close();
});

test('the address holds the token, and none where there is none', () => {
  expect(new URL(url).pathname).toBe('/graph-ext/api/v1/ws');
  expect(new URL(url).searchParams.get('token')).toBe('a token');
  expect(socketUrl('wss://host/user/x/', '')).toBe('wss://host/user/x/graph-ext/api/v1/ws');
});

test('frames go both ways, under our subprotocol', async () => {
  const client = connect().join(SESSION);
  const socket = await nextSocket();
  expect(socket.protocol).toBe(SUBPROTOCOL);
  expect(await nextMessage(socket)).toMatchObject({ type: 'join_session', session_id: SESSION });
  const changed = new Promise<void>(done => client.statusChanged.connect(() => done()));
  socket.send(JSON.stringify(joined({ name: 'plan' })));
  await changed;
  expect([client.status, client.name]).toEqual(['loading', 'plan']);
});

test('a server that dies and comes back is found again, and joined again', async () => {
  const line = connect();
  line.join(SESSION);
  const first = await nextSocket();
  await nextMessage(first);
  const { port } = server.address() as AddressInfo;
  const lost = new Promise<void>(done => line.statusChanged.connect(() => done()));
  server.clients.forEach(socket => socket.terminate());
  server.close();
  await lost;
  expect(line.status).toBe('waiting');
  server = await listen(port);
  const second = await nextSocket();
  expect(await nextMessage(second)).toMatchObject({ type: 'join_session', client_id: 'me' });
});
