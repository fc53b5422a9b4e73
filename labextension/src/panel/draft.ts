/** A value that is being typed: kept apart from the graph's own until it is committed. */
import * as React from 'react';
import { GraphError } from '../session/errors';

/** A value as the field shows it, and what the field may do to it. */
export interface IDraft {
  readonly text: string;
  /** Why it was refused; empty: it was not. */
  readonly error: string;
  /** It is on its way to the server. */
  readonly isPending: boolean;
  /** Somebody else has changed the value under what is being typed. */
  readonly isOvertaken: boolean;
  set(text: string): void;
  /** Send what was typed, if it differs. */
  commit(): void;
  /** Send this. */
  commitText(text: string): void;
  /** Back to the graph's value. */
  reset(): void;
}

interface IState {
  text: string;
  base: string;
  error: string;
  isPending: boolean;
}

/**
 * Keep a draft of a value.
 *
 * What is being typed stays whatever others do; what is not being typed follows the graph at once.
 *
 * @param value - The graph's value, as text.
 * @param save - Sends a text; its failure is shown at the field. Throwing at once is a refusal too.
 */
export function useDraft(value: string, save: (text: string) => Promise<unknown>): IDraft {
  const [state, setState] = React.useState<IState | null>(null);
  const latest = React.useRef(state);
  latest.current = state;

  const put = (next: IState | null): void => {
    latest.current = next; // blur follows Enter before React draws again
    setState(next);
  };
  const commitText = (text: string): void => {
    if (text === value) {
      put(null);
      return;
    }
    const sent = { text, base: value, error: '', isPending: true };
    put(sent);
    save(text).then(
      () => {
        if (latest.current === sent) {
          put(null);
        }
      },
      (error: unknown) => {
        if (latest.current === sent) {
          put({ ...sent, isPending: false, error: errorText(error) });
        }
      }
    );
  };
  return {
    text: state?.text ?? value,
    error: state?.error ?? '',
    isPending: state?.isPending ?? false,
    isOvertaken: state !== null && !state.isPending && state.base !== value,
    set: text => put({ text, base: state?.base ?? value, error: '', isPending: false }),
    commit: () => {
      const now = latest.current;
      if (now && !now.isPending && now.error === '') {
        commitText(now.text);
      }
    },
    commitText,
    reset: () => put(null)
  };
}

/** What to show at a field for a failure. */
export function errorText(error: unknown): string {
  if (error instanceof GraphError) {
    return error.text;
  }
  return error instanceof Error ? error.message : String(error);
}
