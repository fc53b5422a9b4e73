import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { WebSocket as ServerSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SessionLink } from '../../src/widget/link';
import { SESSION, joined } from '../session/fakes';
import { PageWebSocket } from '../session/sockets';
import { FakeModel } from './fakes';

// the page's own way leads to a real server, the kernel's is the model's relay
let server: WebSocketServer;
let model: FakeModel;
let link: SessionLink;

beforeEach(async () => {
  vi.stubGlobal('WebSocket', PageWebSocket);
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  model = new FakeModel();
});

afterEach(() => {
  link.dispose();
  server.clients.forEach(socket => socket.terminate());
  server.close();
  vi.unstubAllGlobals();
});

function open(port = (server.address() as AddressInfo).port): SessionLink {
  const page = { wsUrl: `ws://127.0.0.1:${port}/`, token: '' };
  return new SessionLink({ sessionId: SESSION, server: page, comm: model, label: 'test' });
}

/** A server that answers each message with these. */
function answer(message: object): void {
  server.on('connection', (socket: ServerSocket) => {
    socket.on('message', () => socket.send(JSON.stringify(message)));
  });
}

function changed(): Promise<void> {
  return new Promise(done => link.changed.connect(() => done()));
}

test('without a server of the page the kernel’s way is taken at once', () => {
  link = new SessionLink({ sessionId: SESSION, server: null, comm: model, label: 'test' });
  expect(model.sent).toMatchObject([{ kind: 'open' }]);
  model.relay('open');
  expect(JSON.parse(model.sent[1]?.data ?? '')).toMatchObject({ type: 'join_session' });
});

test('the page’s own way is taken where there is one, and the kernel not bothered', async () => {
  answer(joined());
  link = open();
  await new Promise<void>(done => link.client.statusChanged.connect(() => done()));
  expect(link.client.status).toBe('loading');
  expect(model.sent).toEqual([]);
});

test('a server that does not know the session: the kernel’s may', async () => {
  answer({ type: 'error', code: 'NOT_FOUND', message: 'No such session', session_id: SESSION });
  link = open();
  const first = link.client;
  await changed();
  expect(link.client).not.toBe(first);
  expect(link.client.status).toBe('connecting');
  expect(model.sent).toMatchObject([{ kind: 'open' }]);
});

test('a server that can not be reached: the kernel may reach it', async () => {
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  link = open(port);
  await changed();
  expect(model.sent).toMatchObject([{ kind: 'open' }]);
});

test('a connection that was good once is waited for, not given up', async () => {
  answer(joined());
  link = open();
  let hasChanged = false;
  link.changed.connect(() => (hasChanged = true));
  await new Promise<void>(done => link.client.statusChanged.connect(() => done()));
  const again = once(server, 'connection');
  server.clients.forEach(socket => socket.terminate());
  await again;
  expect(hasChanged).toBe(false);
});
