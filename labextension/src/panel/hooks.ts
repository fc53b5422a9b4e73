/** Signals as React state. */
import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

/** Draw again, at most once a frame, whenever one of these signals is emitted. */
export function useSignals(...signals: readonly ISignal<unknown, unknown>[]): number {
  const [version, setVersion] = React.useState(0);
  React.useEffect(() => {
    let frame = 0;
    const slot = (): void => {
      // a hidden page draws no frames; a timer would keep it busy for nobody
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        setVersion(n => n + 1);
      });
    };
    signals.forEach(signal => signal.connect(slot));
    slot(); // something may have happened between drawing and connecting
    return () => {
      cancelAnimationFrame(frame);
      signals.forEach(signal => signal.disconnect(slot));
    };
  }, signals);
  return version;
}

/** Run a slot on each emission, as it is at that time. */
export function useSlot<T>(signal: ISignal<unknown, T>, slot: (value: T) => void): void {
  const latest = React.useRef(slot);
  latest.current = slot;
  React.useEffect(() => {
    const call = (_: unknown, value: T): void => latest.current(value);
    signal.connect(call);
    return () => {
      signal.disconnect(call);
    };
  }, [signal]);
}
