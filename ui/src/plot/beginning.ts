// Where history begins, because what was before had to go: how much is shaded, and what is
// said of it. No canvas here.

import { clock, day } from '../lib/format';
import { say } from '../words/say';

/** In pixels from the left edge. */
export interface Beginning {
  /** Up to here there is nothing of any trace. */
  shaded: number;
  /** Where single traces begin, ascending. */
  edges: number[];
}

/** What of it lies in a view of `width` pixels; `null` if nothing does. */
export function beginning(
  begins: readonly (number | null)[],
  fromMs: number,
  toMs: number,
  width: number,
): Beginning | null {
  const perMs = width / (toMs - fromMs);
  const at = begins
    .filter((ms): ms is number => ms !== null && ms > fromMs)
    .map((ms) => Math.round((ms - fromMs) * perMs))
    .sort((a, b) => a - b);
  const first = at[0];
  // A trace that begins before the view is in all of it.
  const all = at.length === begins.filter((ms) => ms !== null).length;
  if (first === undefined) return null;
  return {
    shaded: all ? Math.min(first, width) : 0,
    edges: [...new Set(at)].filter((x) => x <= width),
  };
}

/** What is said where someone points at what is not kept. */
export function beginningStory(
  begins: readonly (number | null)[],
  ms: number,
): { head: string; text: string } | null {
  const known = begins.filter((at): at is number => at !== null);
  const first = Math.min(...known);
  if (known.length === 0 || ms >= first) return null;
  return {
    head: say('history_begins'),
    text: say('history_begins_story', { day: day(first), time: clock(first, 1000) }),
  };
}
