// A moment as it is written in a field, and read from one: by the clock of the zone that is chosen.

import { zoneOffsetMs } from '../lib/format';

const PARTS =
  /^\s*(\d{4})-(\d{1,2})-(\d{1,2})[\sT]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?\s*$/;

/** 2026-11-22 05:19:19.123 */
export function writeMoment(ms: number): string {
  const at = new Date(ms + zoneOffsetMs(ms));
  return Number.isNaN(at.getTime()) ? '' : at.toISOString().slice(0, 23).replace('T', ' ');
}

/** What is written; `null` if that is no moment. */
export function readMoment(text: string): number | null {
  const found = PARTS.exec(text);
  if (!found) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const utc = Date.UTC(year, month - 1, day, hour, minute, second);
  // The 31st of a month that has none is no day, and not the first of the next.
  const at = new Date(utc);
  const same =
    at.getUTCMonth() === month - 1 &&
    at.getUTCDate() === day &&
    at.getUTCHours() === hour &&
    at.getUTCMinutes() === minute &&
    at.getUTCSeconds() === second;
  if (!same) return null;
  const ms = utc + Number(`0.${found[7] ?? 0}`) * 1000;
  // How far the clock was ahead then, which may be another than now.
  const guess = ms - zoneOffsetMs(ms);
  return ms - zoneOffsetMs(guess);
}
