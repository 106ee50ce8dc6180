// What is gone to next, of things that have a place in time. Knows no window.

export type Direction = 'earlier' | 'later';

// Moments that are closer are the same one: what is shown was made from them by arithmetic.
const SAME_MS = 0.5;

/** The closest one before or after a moment, of those in any order. */
export function closest<T>(
  items: readonly T[],
  middle: (item: T) => number,
  ms: number,
  direction: Direction,
): T | undefined {
  let best: T | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const away = (middle(item) - ms) * (direction === 'later' ? 1 : -1);
    if (away > SAME_MS && away < least) {
      least = away;
      best = item;
    }
  }
  return best;
}
