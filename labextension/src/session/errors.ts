/** Refusals as the front end sees them: the codes of graph_ext/core/errors.py, one class. */

/** What a refusal carries besides its code and message. */
export interface IErrorInfo {
  /** Which part of the command is meant. */
  path?: string | null;
  /** Who stands in the way. */
  by?: string | null;
  /** What the sender can do about it. */
  fix?: string | null;
}

/** A refusal: nothing was changed. `message` is for people. */
export class GraphError extends Error {
  constructor(
    readonly code: string,
    message: string,
    info: IErrorInfo = {}
  ) {
    super(message);
    this.name = 'GraphError';
    this.path = info.path ?? null;
    this.by = info.by ?? null;
    this.fix = info.fix ?? null;
  }

  readonly path: string | null;
  readonly by: string | null;
  readonly fix: string | null;

  /** The message, with the fix where there is one. */
  get text(): string {
    return this.fix === null ? this.message : `${this.message} (${this.fix})`;
  }
}
