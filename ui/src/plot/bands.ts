// Where gaps lie on the screen, and what is said of them. No canvas here.

import type { Cause } from '../generated/Cause';
import type { Gap } from '../generated/Gap';
import { duration } from '../lib/format';
import { say } from '../words/say';

/** A gap, or several of one cause too close to tell apart, in pixels from the left edge. */
export interface Band {
  left: number;
  right: number;
  cause: Cause;
  gaps: Gap[];
}

/** The thinnest gap that is still seen from two metres. */
export const BAND_PX_MIN = 3;

/** Bands that lie in a view of `width` pixels; their number is bounded by it. */
export function bands(gaps: readonly Gap[], fromMs: number, toMs: number, width: number): Band[] {
  const perMs = width / (toMs - fromMs);
  const found: Band[] = [];
  const lastOf = new Map<Cause, Band>();
  for (const gap of [...gaps].sort((a, b) => a.start_ms - b.start_ms)) {
    const end = gap.end_ms ?? toMs;
    if (end < fromMs || gap.start_ms > toMs) continue;
    let left = (gap.start_ms - fromMs) * perMs;
    let right = (end - fromMs) * perMs;
    if (right - left < BAND_PX_MIN) {
      const middle = (left + right) / 2;
      left = middle - BAND_PX_MIN / 2;
      right = middle + BAND_PX_MIN / 2;
    }
    left = Math.max(0, Math.round(left));
    right = Math.min(width, Math.round(right));
    if (right <= left) continue;
    const before = lastOf.get(gap.cause);
    if (before && left <= before.right) {
      before.right = Math.max(before.right, right);
      before.gaps.push(gap);
    } else {
      const band = { left, right, cause: gap.cause, gaps: [gap] };
      lastOf.set(gap.cause, band);
      found.push(band);
    }
  }
  return found;
}

export const causeWord = (cause: Cause): string => say(`gap_word_${cause}`);

/** What stands in a band: how much, and why. `nowMs` ends a gap that still lasts. */
export function bandLines(band: Band, nowMs: number): [string, string] {
  const [first] = band.gaps;
  if (band.gaps.length > 1 || !first) {
    return [say('gaps_count', { count: band.gaps.length }), causeWord(band.cause)];
  }
  const missing = first.missing;
  const much =
    band.cause === 'missing' && missing !== null
      ? say('messages_count', { count: missing })
      : duration((first.end_ms ?? nowMs) - first.start_ms);
  return [much, causeWord(band.cause)];
}

/** The same in one line. */
export function bandLine(band: Band, nowMs: number): string {
  const [much, why] = bandLines(band, nowMs);
  return say('gap_line', { much, why });
}

/** The bands under a position, the narrowest first: it is the hardest to point at. */
export function bandsAt(found: readonly Band[], x: number, slack = 2): Band[] {
  return found
    .filter((band) => x >= band.left - slack && x <= band.right + slack)
    .sort((a, b) => a.right - a.left - (b.right - b.left));
}
