/**
 * A Socket.IO client as people have them: tests/transports/test_socketio.py talks to it by lines.
 *
 * The first line has the options; then `ping`, `bad` (joins a session that there is not) and `end`.
 * What it hears is written line by line, as {event, data}.
 */
import process from 'node:process';
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const tell = (event, data) => process.stdout.write(`${JSON.stringify({ event, data })}\n`);

const { value } = await lines.next();
const options = JSON.parse(value);
const socket = io(options.url, {
  path: options.path,
  transports: options.transports,
  query: { token: options.token },
  reconnection: false
});
socket.on('connect_error', error => tell('connect_error', error.message));
socket.on('connect', () => {
  socket.emit('join_session', { session_id: options.session_id }, answer => {
    tell('joined', answer);
    socket.onAny((event, data) => tell(event, data));
  });
});
for await (const line of lines) {
  if (line === 'ping') {
    socket.emit('ping');
  } else if (line === 'bad') {
    socket.emit('join_session', { session_id: '0'.repeat(32) });
  } else {
    break;
  }
}
socket.disconnect();
process.exit(0); // its standard input is still open
