/** How a command goes up: as one message, or a long batch in parts. */
import type { Edit, SubmitCommand } from '../protocol';
import { GraphError } from './errors';

/** How large a part of a long batch becomes, as graph_ext/protocol.py's PAGE_BYTES. */
export const PART_BYTES = 64 * 1024;
/** Room for a message's own fields around its commands. */
const ENVELOPE_BYTES = 1024;

const encoder = new TextEncoder();

/**
 * The messages that carry a command: one, or for a long batch several, `more` on all but the last.
 *
 * @param messageBytes the server's limit for one message.
 * @throws GraphError TOO_LARGE: one edit alone is over the limit.
 */
export function commandMessages(message: SubmitCommand, messageBytes: number): SubmitCommand[] {
  const { command } = message;
  const partBytes = Math.min(PART_BYTES, messageBytes - ENVELOPE_BYTES);
  if (command.type !== 'batch') {
    checkBytes(jsonBytes(command), messageBytes);
    return [message];
  }
  const parts: Edit[][] = [];
  let part: Edit[] = [];
  let bytes = 0;
  for (const edit of command.commands) {
    const size = jsonBytes(edit) + 1;
    checkBytes(size, messageBytes);
    if (part.length > 0 && bytes + size > partBytes) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(edit);
    bytes += size;
  }
  parts.push(part);
  // the last part alone carries the conditions
  const { type, session_id, command_id } = message;
  return parts.map((commands, i) =>
    i < parts.length - 1
      ? { type, session_id, command_id, command: { ...command, commands }, more: true }
      : { ...message, command: { ...command, commands } }
  );
}

function checkBytes(bytes: number, messageBytes: number): void {
  if (bytes + ENVELOPE_BYTES > messageBytes) {
    const size = `${Math.ceil(bytes / 1024)} KiB`;
    const limit = `${Math.floor(messageBytes / 1024)} KiB`;
    throw new GraphError('TOO_LARGE', `One change is ${size}, the server takes ${limit}`, {
      fix: 'make the value smaller'
    });
  }
}

function jsonBytes(value: unknown): number {
  return encoder.encode(JSON.stringify(value)).length;
}
