// Whether what is shown of a trace is no longer so, and since when, in words.

import { clock, duration } from '../lib/format';
import { causeWord } from '../plot/bands';
import { say } from '../words/say';
import { gapAt, isOld, type Seen } from './seen';
import type { Moment, Tile } from './tile';

/** A length of time in which something is shown: 1 min, and not 1 min 0.2 s. */
export const spanText = (ms: number): string =>
  duration(ms < 60_000 ? ms : Math.round(ms / 1000) * 1000);

// Ages count in whole seconds: what is finer flickers.
const AGE_STEP_MS = 1000;

function ageText(age: { ms: number; exact: boolean } | null, spanMs: number): string {
  if (!age) return say('tile_longer', { span: spanText(spanMs) });
  if (age.exact && age.ms < AGE_STEP_MS) return say('now');
  const length = duration(Math.max(1, Math.floor(age.ms / AGE_STEP_MS)) * AGE_STEP_MS);
  return age.exact ? say('tile_ago', { age: length }) : say('tile_ago_most', { age: length });
}

export interface Stale {
  /** It lies in a gap, or nothing has come for longer than it is used to. */
  old: boolean;
  /** What kind of gap it lies in; empty where it lies in none. */
  gap: string;
  /** When the last of it came; while time stands still, of when it is. */
  since: string;
}

/** `null` where there is nothing that could be so. */
export function stale(n: number, tile: Tile, seen: Seen, moment: Moment): Stale | null {
  const trace = tile.source.traces[n];
  if (seen.value === null || !trace) return null;
  const { following, fromMs, toMs, nowMs } = moment;
  const found = gapAt(tile.source.columns.gaps, trace, Math.min(toMs, nowMs));
  const gap = found ? causeWord(found.cause) : '';
  if (!following) {
    return { old: found !== null, gap, since: say('tile_at', { time: clock(toMs, 1000) }) };
  }
  const age = tile.age(n, nowMs);
  const old = found !== null || !age || isOld(age.ms, seen.count, toMs - fromMs);
  return { old, gap, since: ageText(age, toMs - fromMs) };
}

/** The parts of what is said of it that are not empty. */
export const joined = (...parts: string[]): string =>
  parts.filter((part) => part !== '').join(' · ');
