// Which gap is gone to next, and how much around it is shown. Knows no window.

import type { Gap } from '../generated/Gap';
import type { Span } from '../generated/Span';

// Moments that are closer are the same one: what is shown was made from them by arithmetic.
const SAME_MS = 0.5;
// A gap takes up this much of what is shown: what was before and after says how it came.
const SHARE = 0.25;
const SHOWN_MS_MIN = 10_000;
// What is shown is left as wide as it is, if the gap takes up at least this much, or all is near.
const SHARE_MIN = 0.02;
const NEAR_MS = 60_000;

type Stretch = Pick<Gap, 'start_ms' | 'end_ms'>;

export const endOf = (gap: Stretch, nowMs: number): number => gap.end_ms ?? nowMs;

export const middleOf = (gap: Stretch, nowMs: number): number =>
  (gap.start_ms + endOf(gap, nowMs)) / 2;

/** The closest gap before or after a moment, of those in any order. */
export function nearest(
  gaps: readonly Gap[],
  ms: number,
  direction: 'earlier' | 'later',
  nowMs: number,
): Gap | undefined {
  let best: Gap | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const gap of gaps) {
    const away = (middleOf(gap, nowMs) - ms) * (direction === 'later' ? 1 : -1);
    if (away > SAME_MS && away < least) {
      least = away;
      best = gap;
    }
  }
  return best;
}

/** What to show of a gap, while so much is shown. */
export function spanAround(
  gap: Stretch,
  shownMs: number,
  nowMs: number,
): Pick<Span, 'from_ms' | 'to_ms'> {
  const length = endOf(gap, nowMs) - gap.start_ms;
  const fits = shownMs >= 2 * length && (shownMs <= NEAR_MS || shownMs * SHARE_MIN <= length);
  const span = fits ? shownMs : Math.max(SHOWN_MS_MIN, length / SHARE);
  const middle = middleOf(gap, nowMs);
  return { from_ms: middle - span / 2, to_ms: middle + span / 2 };
}
