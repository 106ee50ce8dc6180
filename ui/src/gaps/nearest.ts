// Which gap is gone to next, and how much around it is shown. Knows no window.

import type { Gap } from '../generated/Gap';
import type { Span } from '../generated/Span';
import { closest, type Direction } from '../lib/closest';

// A gap takes up this much of what is shown: what was before and after says how it came.
const SHARE = 0.25;
const SHOWN_MS_MIN = 10_000;
// What is shown is left as wide as it is, if the gap takes up at least this much, or all is near.
const SHARE_MIN = 0.02;
const NEAR_MS = 60_000;

export const endOf = (gap: Gap, nowMs: number): number => gap.end_ms ?? nowMs;

export const middleOf = (gap: Gap, nowMs: number): number => (gap.start_ms + endOf(gap, nowMs)) / 2;

/** The closest gap before or after a moment. */
export const nearest = (
  gaps: readonly Gap[],
  ms: number,
  direction: Direction,
  nowMs: number,
): Gap | undefined => closest(gaps, (gap) => middleOf(gap, nowMs), ms, direction);

/** What to show of a gap, while so much is shown. */
export function spanAround(
  gap: Gap,
  shownMs: number,
  nowMs: number,
): Pick<Span, 'from_ms' | 'to_ms'> {
  const length = endOf(gap, nowMs) - gap.start_ms;
  const fits = shownMs >= 2 * length && (shownMs <= NEAR_MS || shownMs * SHARE_MIN <= length);
  const span = fits ? shownMs : Math.max(SHOWN_MS_MIN, length / SHARE);
  const middle = middleOf(gap, nowMs);
  return { from_ms: middle - span / 2, to_ms: middle + span / 2 };
}
