// The pairs of a panel of one value against another: how an answer's bytes become pairs, and which of
// them is near a place or a moment. No canvas here.

import type { PairsFacts } from '../generated/PairsFacts';
import { BrokenAnswer } from '../live/columns';

/** x, y, when in milliseconds, and 1 where a line to it would cross a gap: flat, by time. */
export type Trail = Float64Array;

export const X = 0;
export const Y = 1;
export const AT = 2;
export const GAP = 3;
export const FIELDS = 4;

// More than is ever asked for; what comes beyond is a mistake, and must not eat the memory.
const PAIRS_MAX = 200_000;

export interface Answer {
  facts: PairsFacts;
  trails: Trail[];
}

/** Reads the bytes that `pairs` answers with. */
export function decode(bytes: ArrayBuffer): Answer {
  const whole = new DataView(bytes);
  if (bytes.byteLength < 4) throw new BrokenAnswer('no header');
  const jsonLength = whole.getUint32(0, true);
  let offset = Math.ceil((4 + jsonLength) / 8) * 8;
  if (offset > bytes.byteLength) throw new BrokenAnswer('the header is cut short');
  const facts = JSON.parse(
    new TextDecoder().decode(new Uint8Array(bytes, 4, jsonLength)),
  ) as PairsFacts;
  const trails = facts.traces.map(() => {
    if (offset + 8 > bytes.byteLength) throw new BrokenAnswer('it is cut short');
    const length = whole.getFloat64(offset, true);
    offset += 8;
    if (!(length >= 0 && length <= PAIRS_MAX)) throw new BrokenAnswer(`${length} pairs`);
    const end = offset + length * FIELDS * 8;
    if (end > bytes.byteLength) throw new BrokenAnswer('it is cut short');
    const trail = new Float64Array(length * FIELDS);
    for (let at = 0; at < trail.length; at += 1)
      trail[at] = whole.getFloat64(offset + at * 8, true);
    offset = end;
    return trail;
  });
  return { facts, trails };
}

/** The least and the greatest of a field of all trails that are shown; `null` where there is none. */
export function extent(
  trails: readonly Trail[],
  field: typeof X | typeof Y,
  hidden: ReadonlySet<number>,
): [number, number] | null {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  trails.forEach((trail, n) => {
    if (hidden.has(n)) return;
    for (let at = field; at < trail.length; at += FIELDS) {
      const value = trail[at] as number;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
  });
  return least <= greatest ? [least, greatest] : null;
}

export interface Found {
  trace: number;
  /** The offset of the pair in its trail. */
  at: number;
}

/** The pair nearest to a place, no further away than `within`; `x` and `y` say where values are. */
export function nearest(
  trails: readonly Trail[],
  hidden: ReadonlySet<number>,
  place: { x: number; y: number },
  x: (value: number) => number,
  y: (value: number) => number,
  within: number,
): Found | null {
  let best: Found | null = null;
  let least = within * within;
  trails.forEach((trail, trace) => {
    if (hidden.has(trace)) return;
    for (let at = 0; at < trail.length; at += FIELDS) {
      const dx = x(trail[at + X] as number) - place.x;
      const dy = y(trail[at + Y] as number) - place.y;
      const away = dx * dx + dy * dy;
      // Of two that are as near, the later one lies on top.
      if (away <= least) {
        least = away;
        best = { trace, at };
      }
    }
  });
  return best;
}

/** The offset of the last pair that is not later than a moment; `null` if all are. */
export function atMoment(trail: Trail, ms: number): number | null {
  let low = 0;
  let high = trail.length / FIELDS;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((trail[middle * FIELDS + AT] as number) <= ms) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : (low - 1) * FIELDS;
}

/** Which of `steps` steps of age a moment has: 0 is the oldest. */
export function ageStep(ms: number, fromMs: number, toMs: number, steps: number): number {
  const share = (ms - fromMs) / Math.max(1e-9, toMs - fromMs);
  return Math.max(0, Math.min(steps - 1, Math.floor(share * steps)));
}
