/** A client's commands on their way: sent or waiting for a connection, until their outcome is known. */
import type { Command, Commit, Joined, SubmitCommand } from '../protocol';
import { commandMessages } from './batches';
import { GraphError } from './errors';

interface IPending {
  readonly commandId: string;
  readonly command: Command;
  readonly resolve: (commit: Commit) => void;
  readonly reject: (error: GraphError) => void;
  /** The rev it became, where the server has said so before the commit itself came. */
  rev: number | null;
  /** It went out since the session was last joined. */
  isSent: boolean;
}

export class PendingCommands {
  constructor(
    private readonly _sessionId: string,
    private readonly _send: (message: SubmitCommand) => void
  ) {}

  /** Ids in the order of submission. */
  get ids(): string[] {
    return [...this._pending.keys()];
  }

  /** Take a command; `sendWaiting` sends it. */
  submit(commandId: string, command: Command): Promise<Commit> {
    return new Promise((resolve, reject) => {
      const entry = { commandId, command, resolve, reject, rev: null, isSent: false };
      this._pending.set(commandId, entry);
    });
  }

  /**
   * Send what has not gone out since joining, and has no outcome yet.
   *
   * Only for a replica that is whole: the commit of a command that is sent while a snapshot comes
   * may be part of that snapshot, and would never come by itself.
   */
  sendWaiting(): void {
    for (const entry of [...this._pending.values()]) {
      if (!entry.isSent && entry.rev === null) {
        this._transmit(entry);
      }
    }
  }

  /** Its own commit has been applied. */
  settle(commit: Commit): void {
    this._take(commit.command_id)?.resolve(commit);
  }

  refuse(commandId: string, error: GraphError): void {
    this._take(commandId)?.reject(error);
  }

  refuseAll(error: GraphError): void {
    for (const id of this.ids) {
      this.refuse(id, error);
    }
  }

  /** Joined again: note what became of commands; the others are to be sent again. */
  resume(joined: Joined): void {
    this._messageBytes = joined.limits.message_bytes;
    for (const entry of [...this._pending.values()]) {
      const outcome = joined.outcomes?.[entry.commandId];
      if (outcome === undefined) {
        entry.isSent = false;
      } else if (typeof outcome.rev === 'number') {
        entry.rev = outcome.rev;
      } else {
        const message = outcome.message ?? 'The server refused this change';
        this.refuse(entry.commandId, new GraphError(outcome.code ?? 'UNAVAILABLE', message));
      }
    }
  }

  /** Settle what a snapshot at `rev` already holds: its own commit will not come any more. */
  settleUpTo(rev: number, commit: (commandId: string, rev: number) => Commit): void {
    for (const entry of [...this._pending.values()]) {
      if (entry.rev !== null && entry.rev <= rev) {
        this.settle(commit(entry.commandId, entry.rev));
      }
    }
  }

  private _transmit(entry: IPending): void {
    entry.isSent = true;
    const message: SubmitCommand = {
      type: 'command',
      session_id: this._sessionId,
      command_id: entry.commandId,
      command: entry.command
    };
    try {
      commandMessages(message, this._messageBytes).forEach(this._send);
    } catch (error) {
      if (!(error instanceof GraphError)) {
        throw error;
      }
      this.refuse(entry.commandId, error);
    }
  }

  private _take(commandId: string): IPending | undefined {
    const entry = this._pending.get(commandId);
    this._pending.delete(commandId);
    return entry;
  }

  /** The server's limit for one message, as told on joining. */
  private _messageBytes = Infinity;
  private readonly _pending = new Map<string, IPending>();
}
