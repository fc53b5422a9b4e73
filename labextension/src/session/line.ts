/** What a session's client needs of the connection it goes over. */
import type { ClientMessage } from '../protocol';

export interface ILine {
  readonly clientId: string;
  readonly kind: 'ui';
  readonly label: string;
  readonly isOpen: boolean;
  send(message: ClientMessage): void;
  /** One of those that joined the session leaves it; true: it was the last. */
  release(sessionId: string): boolean;
  /** Tell the server that a session is left; what still comes for it reaches nobody. */
  leave(sessionId: string): void;
}
