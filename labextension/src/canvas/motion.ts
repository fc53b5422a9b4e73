/** Smooth moves: a step for each frame, none for those who asked their system for less motion. */

/**
 * Call `step` with 0..1, eased, until the time is over; the last call gets exactly 1.
 *
 * @returns a function that ends the move where it is.
 */
export function tween(
  durationMs: number,
  step: (t: number) => void,
  done?: () => void
): () => void {
  if (durationMs <= 0 || window.matchMedia('(prefers-reduced-motion: reduce)').matches) {
    step(1);
    done?.();
    return () => undefined;
  }
  const start = performance.now();
  let frame = requestAnimationFrame(function next(now) {
    const t = Math.min(1, Math.max(0, (now - start) / durationMs));
    step(t < 1 ? ease(t) : 1);
    if (t < 1) {
      frame = requestAnimationFrame(next);
    } else {
      done?.();
    }
  });
  return () => cancelAnimationFrame(frame);
}

function ease(t: number): number {
  return t < 0.5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2;
}
