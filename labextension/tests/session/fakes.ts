/** A transport in memory: what was sent is kept, what comes is up to the test. */
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { ClientMessage, Commit, Event, Joined, ServerMessage } from '../../src/protocol';
import { Connection } from '../../src/session/connection';
import type { IClosed, ITransport, TransportState } from '../../src/session/transport';

export class FakeTransport implements ITransport {
  state: TransportState = 'idle';
  readonly sent: ClientMessage[] = [];

  get opened(): ISignal<ITransport, void> {
    return this._opened;
  }

  get closed(): ISignal<ITransport, IClosed> {
    return this._closed;
  }

  get received(): ISignal<ITransport, string> {
    return this._received;
  }

  open(): void {
    this.state = 'opening';
  }

  send(frame: string): void {
    this.sent.push(JSON.parse(frame) as ClientMessage);
  }

  close(): void {
    this.state = 'closed';
  }

  /** The server accepts. */
  accept(): void {
    this.state = 'open';
    this._opened.emit();
  }

  /** The connection breaks, or could not be made; or the server closes it, and says why. */
  fail(code = 1006, reason = ''): void {
    this.state = 'closed';
    this._closed.emit({ code, reason });
  }

  /** One frame comes. */
  deliver(...messages: ServerMessage[]): void {
    this.frame(JSON.stringify(messages.length === 1 ? messages[0] : messages));
  }

  frame(text: string): void {
    this._received.emit(text);
  }

  /** What was sent of one type. */
  of<T extends ClientMessage['type']>(type: T): Extract<ClientMessage, { type: T }>[] {
    return this.sent.filter(
      (message): message is Extract<ClientMessage, { type: T }> => message.type === type
    );
  }

  private readonly _opened = new Signal<ITransport, void>(this);
  private readonly _closed = new Signal<ITransport, IClosed>(this);
  private readonly _received = new Signal<ITransport, string>(this);
}

/** A connection over fake transports; `line.last` is the one in use. */
export class FakeLine {
  readonly made: FakeTransport[] = [];

  readonly connection = new Connection({
    transport: () => {
      const transport = new FakeTransport();
      this.made.push(transport);
      return transport;
    },
    clientId: 'me',
    kind: 'ui',
    label: 'test',
    random: () => 0
  });

  get last(): FakeTransport {
    const transport = this.made.at(-1);
    if (transport === undefined) {
      throw new Error('no transport was made');
    }
    return transport;
  }
}

export const SESSION = 'f'.repeat(32);

export function joined(more: Partial<Joined> = {}): Joined {
  return {
    type: 'joined',
    session_id: SESSION,
    client_id: 'me',
    name: 'plan',
    actor: { actor_id: 'client:me' },
    role: 'owner',
    epoch: 'e1',
    rev: 0,
    floor: 0,
    mode: 'snapshot',
    limits: {
      message_bytes: 1 << 20,
      batch_commands: 100_000,
      commands_per_s: 1e4,
      presence_per_s: 10
    },
    ...more
  };
}

export function commit(rev: number, events: Event[], more: Partial<Commit> = {}): Commit {
  return {
    type: 'commit',
    session_id: SESSION,
    epoch: 'e1',
    rev,
    command_id: `c${rev}`,
    client_id: 'another',
    actor: { actor_id: 'client:another' },
    at: 0,
    events,
    ...more
  };
}

export function node(nodeId: string): Event {
  return { type: 'node-created', node_id: nodeId };
}
