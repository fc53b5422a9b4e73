/** Node's WebSocket as browsers have it: an error is told by the closing that follows it. */
import { WebSocket as NodeWebSocket } from 'ws';

class QuietWebSocket extends NodeWebSocket {
  constructor(url: string, protocol: string) {
    super(url, protocol);
    this.on('error', () => undefined);
  }
}

export const PageWebSocket = QuietWebSocket as unknown as typeof WebSocket;
