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

type Stretch = Pick<Gap, 'start_ms' | 'end_ms'>;

export const endOf = (gap: Stretch, nowMs: number): number => gap.end_ms ?? nowMs;

export const middleOf = (gap: Stretch, nowMs: number): number =>
  (gap.start_ms + endOf(gap, nowMs)) / 2;

/** Whether two are the same gap: one that lasts ends at some time. */
export const sameGap = (one: Gap, other: Gap | null): boolean =>
  other !== null &&
  one.feed === other.feed &&
  one.start_ms === other.start_ms &&
  one.cause === other.cause &&
  one.channel === other.channel;

/**
 * The closest gap before or after a moment. Who has `gone` to one that lasts has been there, though
 * its middle has moved on since.
 */
export function nearest(
  gaps: readonly Gap[],
  ms: number,
  direction: Direction,
  nowMs: number,
  gone: Gap | null = null,
): Gap | undefined {
  const isThere = (gap: Gap) => gap.end_ms === null && gap.start_ms <= ms && sameGap(gap, gone);
  const left = direction === 'later' ? gaps.filter((gap) => !isThere(gap)) : gaps;
  return closest(left, (gap) => middleOf(gap, nowMs), ms, direction);
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
