import { beforeEach, expect, test } from 'vitest';
import { CommTransport } from '../../src/widget/comm';
import { FakeModel } from './fakes';

let model: FakeModel;
let transport: CommTransport;
let heard: string[];

beforeEach(() => {
  model = new FakeModel();
  transport = new CommTransport(model);
  heard = [];
  transport.opened.connect(() => void heard.push('opened'));
  transport.received.connect((_, frame) => void heard.push(frame));
  transport.closed.connect((_, { reason }) => void heard.push(`closed: ${reason}`));
  transport.open();
});

test('asks the kernel for a socket, and is open when that is', () => {
  expect(model.sent).toMatchObject([{ kind: 'open' }]);
  expect(transport.state).toBe('opening');
  model.relay('open');
  expect(transport.state).toBe('open');
});

test('carries frames both ways, unread', () => {
  model.relay('open');
  transport.send('{"type":"ping"}');
  model.relay('frame', '{"type":"pong"}');
  expect(model.sent[1]).toMatchObject({ kind: 'frame', data: '{"type":"ping"}' });
  expect(heard).toEqual(['opened', '{"type":"pong"}']);
});

test('hears the end, and the reason', () => {
  model.relay('open');
  model.relay('close', 'the server is gone');
  expect(heard.at(-1)).toBe('closed: the server is gone');
  expect([transport.state, model.listeners]).toEqual(['closed', 0]);
});

test('closed by us, it says so to the kernel and hears no more', () => {
  model.relay('open');
  transport.close();
  transport.close();
  model.relay('frame', 'late');
  expect(model.sent.filter(message => message.kind === 'close')).toHaveLength(1);
  expect(heard).toEqual(['opened']);
});

test('messages for other views, and others’ messages, are not ours', () => {
  const other = new CommTransport(model);
  other.open();
  model.relay('open');
  model.fire('msg:custom', { kind: 'open' });
  model.fire('msg:custom', 'hello');
  expect([transport.state, other.state]).toEqual(['opening', 'open']);
});

test('a kernel that is gone closes it', () => {
  model.relay('open');
  model.send = () => {
    throw new Error('Cannot send');
  };
  transport.send('{"type":"ping"}');
  expect([transport.state, heard.at(-1)]).toEqual(['closed', 'closed: Error: Cannot send']);
});
