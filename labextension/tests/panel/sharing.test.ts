/** What the Share dialog does, against a real HTTP server; only the WebSocket is a fake. */
import { ServerConnection } from '@jupyterlab/services';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Rest } from '../../src/panel/rest';
import { SharingModel } from '../../src/panel/sharing';
import { SharingApi } from '../../src/panel/sharingApi';
import { FakeLine, SESSION, joined } from '../session/fakes';

interface IHappyWindow {
  happyDOM: { setURL(url: string): void };
}

const ANN = { actor_id: 'user:ann', name: 'Ann', role: 'owner', added_by: '', at: 0 };
const BOB = { actor_id: 'user:bob', name: 'Bob', role: 'viewer', added_by: 'user:ann', at: 0 };
const invitation = (invitation_id: string, more: object = {}): object => ({
  invitation_id,
  role: 'editor',
  by: 'user:ann',
  at: 0,
  ...more
});

let server: Server;
let asked: string[];
let answers: Record<string, unknown>;
let refusal: object | null;
let line: FakeLine;
let api: SharingApi;
let model: SharingModel;

beforeEach(async () => {
  asked = [];
  refusal = null;
  answers = {
    'GET health': { status: 'ok', access_policy: 'members' },
    [`GET sessions/${SESSION}/members`]: [ANN, BOB],
    [`GET sessions/${SESSION}/invitations`]: [
      invitation('old', { expires_at: 1 }),
      invitation('open'),
      invitation('full', { uses: 1, accepted: ['user:bob'] }),
      invitation('gone', { revoked: true }),
      invitation('new', { uses: 2, accepted: ['user:bob'] })
    ]
  };
  server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?\d+$/, '').replace('/graph-ext/api/v1/', '');
    const what = `${request.method ?? ''} ${path}`;
    asked.push(what);
    const isRefused = refusal !== null && request.method !== 'GET';
    response.writeHead(isRefused ? 409 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isRefused ? refusal : (answers[what] ?? null)));
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  (window as unknown as IHappyWindow).happyDOM.setURL(`http://127.0.0.1:${port}/`);
  const settings = ServerConnection.makeSettings({
    baseUrl: `http://127.0.0.1:${port}/`,
    token: ''
  });
  line = new FakeLine();
  const client = line.connection.join(SESSION);
  line.last.accept();
  line.last.deliver(joined({ actor: { actor_id: 'user:ann' }, mode: 'resume' }));
  api = new SharingApi(new Rest(settings));
  model = new SharingModel(client, api, token => `link#${token}`);
  await idle();
});

afterEach(async () => {
  model.dispose();
  line.connection.dispose();
  await new Promise(done => server.close(done));
});

async function idle(): Promise<void> {
  while (model.isBusy) {
    await new Promise<void>(done => {
      const slot = (): void => {
        model.changed.disconnect(slot);
        done();
      };
      model.changed.connect(slot);
    });
  }
}

test('members are listed; of the invitations, newest first, those that can be accepted', () => {
  expect(model.members?.map(member => [member.name, model.isMe(member)])).toEqual([
    ['Ann', true],
    ['Bob', false]
  ]);
  expect(model.invitations.map(each => each.invitation_id)).toEqual(['new', 'open']);
});

test('what is changed is asked for, and the list read again', async () => {
  asked.length = 0;
  await model.setRole(model.members?.[1] ?? (BOB as never), 'editor');
  expect(asked).toEqual([
    `PUT sessions/${SESSION}/members/user%3Abob`,
    `GET sessions/${SESSION}/members`,
    `GET sessions/${SESSION}/invitations`
  ]);
});

test('a refusal is said, and the list stays', async () => {
  refusal = { code: 'CONFLICT', message: 'There must be an owner' };
  await model.remove(model.members?.[0] ?? (ANN as never));
  expect(model.problem).toBe('There must be an owner');
  expect(model.members).toHaveLength(2);
});

test('a link is made of the token', async () => {
  answers[`POST sessions/${SESSION}/invitations`] = { token: 't', invitation: invitation('i') };
  await model.invite({ role: 'viewer' });
  expect(model.link).toBe('link#t');
});

test('what others change shows at once; who is no owner any more sees no invitations', async () => {
  line.last.deliver({ type: 'session-updated', session_id: SESSION, role: 'editor' });
  await idle();
  answers[`GET sessions/${SESSION}/members`] = [BOB];
  line.last.deliver({ type: 'session-updated', session_id: SESSION, members: true });
  await idle();
  expect(model.isOwner).toBe(false);
  expect(model.members).toEqual([BOB]);
  expect(model.invitations).toEqual([]);
});

test('where roles come from the server itself nobody is asked who is a member', async () => {
  answers['GET health'] = { status: 'ok', access_policy: 'server' };
  asked.length = 0;
  const other = new SharingModel(model.client, api, token => token);
  model.dispose();
  model = other;
  await idle();
  expect(model.policy).toBe('server');
  expect(model.hasNames).toBe(true);
  line.last.deliver({ type: 'session-updated', session_id: SESSION, members: true });
  await idle();
  expect(asked).toEqual(['GET health']);
});

test('a policy that is none is said', async () => {
  answers['GET health'] = { status: 'ok' };
  const other = new SharingModel(model.client, api, token => token);
  model.dispose();
  model = other;
  await idle();
  expect(model.problem).toContain('cannot be read');
});
