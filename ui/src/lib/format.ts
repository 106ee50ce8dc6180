// How numbers, durations and moments are written. No words of any one part.

import type { Unit } from '../generated/Unit';

// U+202F, so that a number and its unit are never parted by a line end.
const THIN = '\u202f';
const MINUS = '\u2212';
/** What stands for a value that is not there. */
export const NOTHING = '–';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A count: 12,408,331. */
export const count = (n: number): string => grouped.format(n);

/** Chooses the word after a count: 1 gap, 2 gaps. */
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;

const BYTE_STEPS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal places that `step` needs to tell its multiples apart. */
export function decimalsOf(step: number): number {
  if (!(step > 0) || step >= 1) return 0;
  return Math.min(12, Math.ceil(-Math.log10(step) - 1e-9));
}

const signed = (text: string): string => (text.startsWith('-') ? MINUS + text.slice(1) : text);

function plain(value: number, decimals: number): string {
  const magnitude = Math.abs(value);
  // Beyond these, digits say less than an exponent does.
  if (magnitude >= 1e15 || (magnitude > 0 && magnitude < 1e-9)) return value.toExponential(2);
  return value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

function byteScale(magnitude: number): number {
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
      return signed(`${n.toFixed(1)}${THIN}%`);
    case 'bytes':
    case 'bytes-per-second': {
      const scale = byteScale(magnitude);
      const scaled = n / 1000 ** scale;
      const decimals = scale === 0 || Math.abs(scaled) >= 99.95 ? 0 : 1;
      return signed(
        `${scaled.toFixed(decimals)}${THIN}${BYTE_STEPS[scale]}${unit === 'bytes' ? '' : '/s'}`,
      );
    }
    case 'none': {
      if (Number.isInteger(n)) return signed(plain(n, 0));
      const digits = magnitude === 0 ? 0 : Math.floor(Math.log10(magnitude)) + 1;
      return signed(
        plain(
          n,
          Math.max(0, Math.min(9, magnitude >= 1e6 ? 0 : magnitude >= 1000 ? 2 : 4 - digits)),
        ),
      );
    }
  }
}

/** An axis tick. `step` is the distance between ticks, `top` the largest magnitude among them. */
export function tick(n: number, unit: Unit, step: number, top: number): string {
  switch (unit) {
    case 'percent':
      return signed(`${n.toFixed(decimalsOf(step))}${THIN}%`);
    case 'bytes':
    case 'bytes-per-second': {
      if (n === 0) return '0';
      const scale = byteScale(top);
      const unitScale = 1000 ** scale;
      return signed(
        `${(n / unitScale).toFixed(decimalsOf(step / unitScale))}${THIN}${BYTE_STEPS[scale]}${unit === 'bytes' ? '' : '/s'}`,
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
  if (perSecond >= 99_950) return `${Math.round(perSecond / 1000)}k/s`;
  if (perSecond >= 9_995) return `${(perSecond / 1000).toFixed(1)}k/s`;
  if (perSecond > 0 && perSecond < 9.95) return `${Number(perSecond.toFixed(1))}/s`;
  return `${count(Math.round(perSecond))}/s`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time, in its two largest units: 850 ms, 4.2 s, 3 min 20 s, 3 h 12 m. */
export function duration(ms: number): string {
  const length = Math.max(0, ms);
  if (length === 0) return `0${THIN}s`;
  if (length < 0.95) return `${length.toFixed(1)}${THIN}ms`;
  if (length < 999.5) return `${Math.round(length)}${THIN}ms`;
  if (length < 59_950) return `${Number((length / SECOND).toFixed(1))}${THIN}s`;
  const seconds = Math.round(length / SECOND) * SECOND;
  const two = (large: number, one: string, small: number, other: string) => {
    const rest = Math.floor((seconds % large) / small);
    const head = `${Math.floor(seconds / large)}${THIN}${one}`;
    return rest === 0 ? head : `${head} ${rest}${THIN}${other}`;
  };
  if (seconds < HOUR) return two(MINUTE, 'min', SECOND, 's');
  if (seconds < DAY) return two(HOUR, 'h', MINUTE, 'm');
  return two(DAY, 'd', HOUR, 'h');
}

/** A delay, where parts of a millisecond count: 0.4 ms, 18 ms, 1.3 s. */
export function latency(ms: number): string {
  // Two clocks that disagree make it negative; that is worth seeing.
  if (ms < 0) return `${MINUS}${latency(-ms)}`;
  if (ms < 9.95) return `${Number(ms.toFixed(1))}${THIN}ms`;
  if (ms < 999.5) return `${Math.round(ms)}${THIN}ms`;
  return duration(ms);
}

const pad = (n: number, digits = 2): string => String(n).padStart(digits, '0');

/** The local time of day. `resolutionMs` says how finely it is wanted. */
export function clock(ms: number, resolutionMs: number): string {
  const at = new Date(ms);
  let text = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  if (resolutionMs < MINUTE) text += `:${pad(at.getSeconds())}`;
  if (resolutionMs < SECOND) {
    const digits = resolutionMs < 10 ? 3 : resolutionMs < 100 ? 2 : 1;
    text += `.${pad(Math.floor(at.getMilliseconds() / 10 ** (3 - digits)), digits)}`;
  }
  return text;
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** The local day: 21 Nov. */
export const day = (ms: number): string => dayFormat.format(ms);

/** The local time zone at a moment: UTC+2, UTC−3:30. */
export function zone(ms: number): string {
  const east = -new Date(ms).getTimezoneOffset();
  if (east === 0) return 'UTC';
  const minutes = Math.abs(east) % 60;
  const hours = Math.floor(Math.abs(east) / 60);
  return `UTC${east > 0 ? '+' : MINUS}${hours}${minutes ? `:${pad(minutes)}` : ''}`;
}

/** A span to choose: 10 s, 5 min, 1 h. */
export function span(ms: number): string {
  const [size, name] =
    ms >= DAY
      ? [DAY, 'd']
      : ms >= HOUR
        ? [HOUR, 'h']
        : ms >= MINUTE
          ? [MINUTE, 'min']
          : [SECOND, 's'];
  return `${Number((ms / size).toFixed(1))}${THIN}${name}`;
}
