// How numbers, durations and moments are written in the window's language. No words of any one part.

import type { Unit } from '../generated/Unit';
import type { Zone } from '../generated/Zone';
import { LANGUAGES, type Language, language } from '../words/language.svelte';
import { say } from '../words/say';

// U+202F, so that a number and its unit are never parted by a line end.
const THIN = '\u202f';
const MINUS = '\u2212';
/** What stands for a value that is not there. */
export const NOTHING = '–';

// Making a formatter takes a thousand times as long as using it, and they are used in every frame.
let formattersOf: Language | null = null;
const formatters = new Map<number, Intl.NumberFormat>();
let days = new Intl.DateTimeFormat('en');
let compactOf: Language | null = null;
let compact = new Intl.NumberFormat('en');

/** With that many decimal places, and no fewer than `least`. */
function decimal(n: number, most: number, least = most): string {
  const of = language();
  if (formattersOf !== of) {
    formattersOf = of;
    formatters.clear();
    days = new Intl.DateTimeFormat(LANGUAGES[of].dates, {
      day: 'numeric',
      month: 'short',
      timeZone: 'UTC',
    });
  }
  const key = most * 16 + least;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.NumberFormat(of, {
      minimumFractionDigits: least,
      maximumFractionDigits: most,
    });
    formatters.set(key, formatter);
  }
  return formatter.format(n);
}

/** A count: 12,408,331. */
export const count = (n: number): string => decimal(n, 0);

export const BYTE_STEPS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal places that `step` needs to tell its multiples apart. */
export function decimalsOf(step: number): number {
  if (!(step > 0) || step >= 1) return 0;
  return Math.min(12, Math.ceil(-Math.log10(step) - 1e-9));
}

const signed = (text: string): string => (text.startsWith('-') ? MINUS + text.slice(1) : text);

function plain(value: number, decimals: number, least = decimals): string {
  const magnitude = Math.abs(value);
  // Beyond these, digits say less than an exponent does.
  if (magnitude >= 1e15 || (magnitude > 0 && magnitude < 1e-9)) return value.toExponential(2);
  return decimal(value, decimals, least);
}

/** With so many decimals, whatever its size. */
export const fixed = (n: number, decimals: number): string => signed(plain(n, decimals));

/** Which of the steps a magnitude is written in. */
export function byteScale(magnitude: number): number {
  let scale = 0;
  while (magnitude >= 999.5 && scale < BYTE_STEPS.length - 1) {
    magnitude /= 1000;
    scale += 1;
  }
  return scale;
}

/** A value as it is read: four significant digits, and its unit. */
export function value(n: number | null | undefined, unit: Unit): string {
  if (n === null || n === undefined || !Number.isFinite(n)) return NOTHING;
  const magnitude = Math.abs(n);
  switch (unit) {
    case 'percent':
      return signed(`${decimal(n, 1)}${THIN}%`);
    case 'bytes':
    case 'bytes-per-second': {
      const scale = byteScale(magnitude);
      const scaled = n / 1000 ** scale;
      const decimals = scale === 0 || Math.abs(scaled) >= 99.95 ? 0 : 1;
      return signed(
        `${decimal(scaled, decimals)}${THIN}${BYTE_STEPS[scale]}${unit === 'bytes' ? '' : '/s'}`,
      );
    }
    case 'none':
      return signed(plain(n, usefulDecimals(n)));
  }
}

/** As many decimals as make four significant digits. */
function usefulDecimals(n: number): number {
  if (Number.isInteger(n)) return 0;
  const magnitude = Math.abs(n);
  if (magnitude >= 1e6) return 0;
  if (magnitude >= 1000) return 2;
  return Math.max(0, Math.min(9, 3 - Math.floor(Math.log10(magnitude))));
}

/** A value where there is room for so many letters: 4,129,030,144 is 4.129B then. */
export function narrow(n: number | null | undefined, unit: Unit, room: number): string {
  const whole = value(n, unit);
  if (whole.length <= room || unit !== 'none' || Math.abs(n ?? 0) < 1e6) return whole;
  const of = language();
  if (compactOf !== of) {
    compactOf = of;
    compact = new Intl.NumberFormat(of, { notation: 'compact', maximumSignificantDigits: 4 });
  }
  return Math.abs(n ?? 0) < 1e15 ? signed(compact.format(n ?? 0)) : whole;
}

/** A number that stands still: no zeros at its end have to keep its neighbours in place. */
export function short(n: number): string {
  return Number.isFinite(n) ? signed(plain(n, usefulDecimals(n), 0)) : NOTHING;
}

/** By how much a value differs from one before, in percent of that: +0.12 %. */
export function change(before: number, after: number): string {
  const percent = ((after - before) / Math.abs(before)) * 100;
  if (!Number.isFinite(percent)) return NOTHING;
  // What is written as nothing has no sign.
  const text = decimal(Math.abs(percent) < 0.005 ? 0 : percent, 2);
  return signed(`${percent >= 0.005 ? '+' : ''}${text}${THIN}%`);
}

/** An axis tick. `step` is the distance between ticks, `top` the largest magnitude among them. */
export function tick(n: number, unit: Unit, step: number, top: number): string {
  switch (unit) {
    case 'percent':
      return signed(`${decimal(n, decimalsOf(step))}${THIN}%`);
    case 'bytes':
    case 'bytes-per-second': {
      if (n === 0) return '0';
      const scale = byteScale(top);
      const unitScale = 1000 ** scale;
      return signed(
        `${decimal(n / unitScale, decimalsOf(step / unitScale))}${THIN}${BYTE_STEPS[scale]}${unit === 'bytes' ? '' : '/s'}`,
      );
    }
    case 'none': {
      // A whole axis of long numbers reads better in thousands or millions.
      const scales: [number, string][] = [
        [1e12, 'T'],
        [1e9, 'G'],
        [1e6, 'M'],
        [1e4, 'k'],
      ];
      for (const [limit, suffix] of scales) {
        const by = suffix === 'k' ? 1e3 : limit;
        if (top >= limit && step >= by / 100) {
          return n === 0 ? '0' : signed(`${plain(n / by, decimalsOf(step / by))}${THIN}${suffix}`);
        }
      }
      return signed(plain(n, decimalsOf(step)));
    }
  }
}

/** A rate of messages: 80/s, 12.4k/s. */
export function rate(perSecond: number): string {
  return say('unit_per_second', { n: rateOf(perSecond) });
}

function rateOf(perSecond: number): string {
  if (perSecond >= 99_950) return `${count(Math.round(perSecond / 1000))}k`;
  if (perSecond >= 9_995) return `${decimal(perSecond / 1000, 1)}k`;
  if (perSecond > 0 && perSecond < 9.95) return decimal(perSecond, 1, 0);
  return count(Math.round(perSecond));
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const milliseconds = (n: string): string => say('unit_milliseconds', { n });
const seconds = (n: string): string => say('unit_seconds', { n });

/** A length of time, in its two largest units: 850 ms, 4.2 s, 3 min 20 s, 3 h 12 m. */
export function duration(ms: number): string {
  const length = Math.max(0, ms);
  if (length === 0) return seconds('0');
  if (length < 0.95) return milliseconds(decimal(length, 1));
  if (length < 999.5) return milliseconds(count(Math.round(length)));
  if (length < 59_950) return seconds(decimal(length / SECOND, 1, 0));
  const whole = Math.round(length / SECOND) * SECOND;
  const two = (
    large: number,
    one: 'unit_minutes' | 'unit_hours' | 'unit_days',
    small: number,
    other: 'unit_seconds' | 'unit_minutes_after_hours' | 'unit_hours',
  ) => {
    const rest = Math.floor((whole % large) / small);
    const head = say(one, { n: count(Math.floor(whole / large)) });
    if (rest === 0) return head;
    return say('unit_two', { large: head, small: say(other, { n: count(rest) }) });
  };
  if (whole < HOUR) return two(MINUTE, 'unit_minutes', SECOND, 'unit_seconds');
  if (whole < DAY) return two(HOUR, 'unit_hours', MINUTE, 'unit_minutes_after_hours');
  return two(DAY, 'unit_days', HOUR, 'unit_hours');
}

/** A delay, where parts of a millisecond count: 0.4 ms, 18 ms, 1.3 s. */
export function latency(ms: number): string {
  // Two clocks that disagree make it negative; that is worth seeing.
  if (ms < 0) return `${MINUS}${latency(-ms)}`;
  if (ms < 9.95) return milliseconds(decimal(ms, 1, 0));
  return duration(ms);
}

const pad = (n: number, digits = 2): string => String(n).padStart(digits, '0');

let zoneNow: Zone = 'local';

/** Says in whose time moments are written. */
export function setZone(zone: Zone): void {
  zoneNow = zone;
}

/** How far the clock that moments are written by is ahead of UTC then. */
export function zoneOffsetMs(ms: number): number {
  return zoneNow === 'utc' ? 0 : -new Date(ms).getTimezoneOffset() * MINUTE;
}

/** The time of day. `resolutionMs` says how finely it is wanted. */
export function clock(ms: number, resolutionMs: number): string {
  // Read as UTC, it says what the clock of the zone does.
  const at = new Date(ms + zoneOffsetMs(ms));
  let text = `${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}`;
  if (resolutionMs < MINUTE) text += `:${pad(at.getUTCSeconds())}`;
  if (resolutionMs < SECOND) {
    const digits = resolutionMs < 10 ? 3 : resolutionMs < 100 ? 2 : 1;
    text += `.${pad(Math.floor(at.getUTCMilliseconds() / 10 ** (3 - digits)), digits)}`;
  }
  return text;
}

/** The day: 21 Nov. */
export function day(ms: number): string {
  // Makes the formatters of the language that is spoken.
  decimal(0, 0);
  return days.format(ms + zoneOffsetMs(ms));
}

/** The time zone at a moment: UTC+2, UTC−3:30. */
export function zone(ms: number): string {
  const east = zoneOffsetMs(ms) / MINUTE;
  if (east === 0) return 'UTC';
  const minutes = Math.abs(east) % 60;
  const hours = Math.floor(Math.abs(east) / 60);
  return `UTC${east > 0 ? '+' : MINUS}${hours}${minutes ? `:${pad(minutes)}` : ''}`;
}

/** A span to choose: 10 s, 5 min, 1 h. */
export function span(ms: number): string {
  const [size, unit] =
    ms >= DAY
      ? ([DAY, 'unit_days'] as const)
      : ms >= HOUR
        ? ([HOUR, 'unit_hours'] as const)
        : ms >= MINUTE
          ? ([MINUTE, 'unit_minutes'] as const)
          : ([SECOND, 'unit_seconds'] as const);
  return say(unit, { n: decimal(ms / size, 1, 0) });
}
