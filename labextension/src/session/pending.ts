/** A client's commands on their way: sent or waiting for a connection, until their outcome is known. */
import type {
  Actor,
  Command,
  Commit,
  Expectation,
  Joined,
  Planned,
  SubmitCommand
} from '../protocol';
import { commandMessages } from './batches';
import { GraphError } from './errors';

/** What must hold of the graph for a command to be carried out. */
export interface IConditions {
  readonly expect?: Expectation[];
  /** The session's rev: nobody has changed anything since. */
  readonly baseRev?: number;
}

interface IPending {
  readonly message: SubmitCommand;
  /** It was carried out. */
  readonly resolve: (commit: Commit) => void;
  /** It was a dry run. */
  readonly planned: (planned: Planned) => void;
  readonly reject: (error: GraphError) => void;
  /** The rev it became, where the server has said so before the commit itself came. */
  rev: number | null;
  /** It went out since the session was last joined. */
  isSent: boolean;
}

export class PendingCommands {
  constructor(
    private readonly _sessionId: string,
    private readonly _clientId: string,
    private readonly _send: (message: SubmitCommand) => void
  ) {}

  /** Ids in the order of submission. */
  get ids(): string[] {
    return [...this._pending.keys()];
  }

  /** Take a command; `sendWaiting` sends it. */
  submit(commandId: string, command: Command, conditions: IConditions): Promise<Commit> {
    const message = this._message(commandId, command, conditions);
    return new Promise((resolve, reject) => {
      const planned = (): void => undefined;
      this._pending.set(commandId, { message, resolve, planned, reject, rev: null, isSent: false });
    });
  }

  /** Ask what a command would do; `sendWaiting` sends it. */
  dryRun(commandId: string, command: Command, conditions: IConditions): Promise<Planned> {
    const message = { ...this._message(commandId, command, conditions), dry_run: true };
    return new Promise((planned, reject) => {
      const resolve = (): void => undefined;
      this._pending.set(commandId, { message, resolve, planned, reject, rev: null, isSent: false });
    });
  }

  /** A dry run was answered. */
  plan(planned: Planned): void {
    this._take(planned.command_id)?.planned(planned);
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
    this._actor = joined.actor;
    for (const entry of [...this._pending.values()]) {
      const outcome = joined.outcomes?.[entry.message.command_id];
      // what was said before may have been of another history
      entry.rev = null;
      if (outcome === undefined) {
        entry.isSent = false;
      } else if (typeof outcome.rev === 'number') {
        entry.rev = outcome.rev;
      } else {
        const message = outcome.message ?? 'The server refused this change';
        this.refuse(
          entry.message.command_id,
          new GraphError(outcome.code ?? 'UNAVAILABLE', message)
        );
      }
    }
  }

  /**
   * Settle what a snapshot at `rev` already holds: its own commit will not come any more.
   *
   * A commit without events stands for it.
   */
  settleUpTo(rev: number, epoch: string): void {
    for (const entry of [...this._pending.values()]) {
      if (entry.rev !== null && entry.rev <= rev) {
        this.settle({
          type: 'commit',
          session_id: this._sessionId,
          epoch,
          rev: entry.rev,
          command_id: entry.message.command_id,
          client_id: this._clientId,
          actor: this._actor,
          at: Date.now() / 1000,
          events: []
        });
      }
    }
  }

  private _message(
    commandId: string,
    command: Command,
    { expect = [], baseRev }: IConditions
  ): SubmitCommand {
    return {
      type: 'command',
      session_id: this._sessionId,
      command_id: commandId,
      command,
      ...(expect.length > 0 && { expect }),
      ...(baseRev !== undefined && { base_rev: baseRev })
    };
  }

  private _transmit(entry: IPending): void {
    entry.isSent = true;
    try {
      commandMessages(entry.message, this._messageBytes).forEach(this._send);
    } catch (error) {
      if (!(error instanceof GraphError)) {
        throw error;
      }
      this.refuse(entry.message.command_id, error);
    }
  }

  private _take(commandId: string): IPending | undefined {
    const entry = this._pending.get(commandId);
    this._pending.delete(commandId);
    return entry;
  }

  /** The server's limit for one message, as told on joining. */
  private _messageBytes = Infinity;
  /** Who the server takes us for. */
  private _actor: Actor = { actor_id: '' };
  private readonly _pending = new Map<string, IPending>();
}
