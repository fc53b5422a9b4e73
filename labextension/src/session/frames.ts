/** Frames as the server sends them, read at the border: text in, messages out. */
import type { ServerMessage } from '../protocol';

/**
 * Read a frame: one message or an array of them.
 *
 * Messages of types that this version does not know are left out: a newer server may send them.
 *
 * @throws SyntaxError the frame is no JSON.
 */
export function readFrame(frame: string): ServerMessage[] {
  const parsed: unknown = JSON.parse(frame);
  const messages: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return messages.filter(isServerMessage);
}

const KNOWN: Record<ServerMessage['type'], true> = {
  joined: true,
  snapshot: true,
  commit: true,
  planned: true,
  presence: true,
  rejected: true,
  'session-updated': true,
  sessions_changed: true,
  left: true,
  pong: true,
  error: true
};

function isServerMessage(value: unknown): value is ServerMessage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    Object.hasOwn(KNOWN, value.type)
  );
}
