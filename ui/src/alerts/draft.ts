// What stands in the editor: texts as they are typed, and the alert that they make, or what is
// wrong with them.

import type { Alert } from '../generated/Alert';
import type { AlertDirection } from '../generated/AlertDirection';
import type { AlertField } from '../generated/AlertField';
import type { AlertOn } from '../generated/AlertOn';
import { type Key, say } from '../words/say';
import { feedOf, fieldOf } from './says';

export type On = AlertOn['on'];

/** What can be watched for, in the order in which it is offered. */
export const ONS: readonly { on: On; key: Key }[] = [
  { on: 'above', key: 'alert_on_above' },
  { on: 'below', key: 'alert_on_below' },
  { on: 'outside', key: 'alert_on_outside' },
  { on: 'change', key: 'alert_on_change' },
  { on: 'rate', key: 'alert_on_rate' },
  { on: 'absent', key: 'alert_on_absent' },
  { on: 'not-live', key: 'alert_on_not_live' },
  { on: 'gap', key: 'alert_on_gap' },
  { on: 'latency', key: 'alert_on_latency' },
  { on: 'reconnects', key: 'alert_on_reconnects' },
];

export const aboutField = (on: On): boolean =>
  !['not-live', 'gap', 'latency', 'reconnects'].includes(on);
/** Whether how far back a value is has a meaning. */
export const hasMargin = (on: On): boolean =>
  ['above', 'below', 'outside', 'change', 'rate', 'latency'].includes(on);

export interface Draft {
  id: string;
  name: string;
  enabled: boolean;
  on: On;
  field: AlertField | null;
  feed: string;
  value: string;
  high: string;
  time: string;
  count: string;
  direction: AlertDirection;
  lasts: string;
  clearBy: string;
  clearFor: string;
  desktop: boolean;
  sound: boolean;
}

/** One to begin with. */
export function newDraft(on: On, feed: string, field: AlertField | null = null): Draft {
  return {
    id: '',
    name: '',
    enabled: true,
    on,
    field,
    feed,
    value: '',
    high: '',
    time: on === 'latency' ? '500 ms' : '1 min',
    count: '3',
    direction: 'either',
    lasts: on === 'absent' ? '10 s' : on === 'not-live' ? '5 s' : '0 s',
    clearBy: '0',
    clearFor: '1 s',
    desktop: true,
    sound: false,
  };
}

/** What to begin with when another kind is chosen, where nothing else was typed. */
export function changeOn(draft: Draft, on: On): Draft {
  const fresh = newDraft(draft.on, '');
  const next = newDraft(on, '');
  const kept = (name: 'time' | 'lasts') => (draft[name] === fresh[name] ? next[name] : draft[name]);
  return { ...draft, on, time: kept('time'), lasts: kept('lasts') };
}

export function draftOf(alert: Alert): Draft {
  const { what } = alert;
  const draft = newDraft(what.on, feedOf(what), fieldOf(what));
  return {
    ...draft,
    id: alert.id,
    name: alert.name,
    enabled: alert.enabled,
    lasts: timeText(alert.for_ms),
    clearBy: String(alert.clear.by),
    clearFor: timeText(alert.clear.for_ms),
    desktop: alert.notify.desktop,
    sound: alert.notify.sound,
    ...typed(what),
  };
}

function typed(what: AlertOn): Partial<Draft> {
  switch (what.on) {
    case 'above':
    case 'below':
      return { value: String(what.value) };
    case 'outside':
      return { value: String(what.low), high: String(what.high) };
    case 'change':
      return {
        value: String(what.by),
        time: timeText(what.within_ms),
        direction: what.direction,
      };
    case 'rate':
      return {
        value: String(what.per_second),
        time: timeText(what.over_ms),
        direction: what.direction,
      };
    case 'latency':
      return { time: timeText(what.above_ms) };
    case 'reconnects':
      return { count: String(what.count), time: timeText(what.within_ms) };
    default:
      return {};
  }
}

export type Faults = Partial<Record<keyof Draft, string>>;

/** The alert that a draft makes, or what is wrong with it. */
export function made(draft: Draft): { alert: Alert } | { faults: Faults } {
  const faults: Faults = {};
  const number = (name: 'value' | 'high' | 'count' | 'clearBy'): number => {
    const read = parseNumber(draft[name]);
    if (read === null) faults[name] = say('alert_bad_number');
    return read ?? 0;
  };
  const time = (name: 'time' | 'lasts' | 'clearFor'): number => {
    const read = parseTime(draft[name]);
    if (read === null) faults[name] = say('alert_bad_time');
    return read ?? 0;
  };
  const { feed, on, direction } = draft;
  const nowhere: AlertField = { feed: '', channel: '', path: '' };
  const field = draft.field ?? nowhere;
  if (aboutField(on)) {
    if (!draft.field) faults.field = say('alert_bad_field');
  } else if (!feed) faults.feed = say('alert_bad_feed');
  const what = ((): AlertOn => {
    switch (on) {
      case 'above':
      case 'below':
        return { on, field, value: number('value') };
      case 'outside':
        return { on, field, low: number('value'), high: number('high') };
      case 'change':
        return { on, field, by: number('value'), within_ms: time('time'), direction };
      case 'rate':
        return { on, field, per_second: number('value'), over_ms: time('time'), direction };
      case 'absent':
        return { on, field };
      case 'not-live':
      case 'gap':
        return { on, feed };
      case 'latency':
        return { on, feed, above_ms: time('time') };
      case 'reconnects':
        return {
          on,
          feed,
          count: Math.max(1, Math.round(number('count'))),
          within_ms: time('time'),
        };
    }
  })();
  const alert: Alert = {
    id: draft.id,
    name: draft.name.trim(),
    enabled: draft.enabled,
    what,
    for_ms: time('lasts'),
    clear: { by: hasMargin(on) ? number('clearBy') : 0, for_ms: time('clearFor') },
    notify: { desktop: draft.desktop, sound: draft.desktop && draft.sound },
  };
  return Object.keys(faults).length > 0 ? { faults } : { alert };
}

/** A number as people type it: 64,000.5, −3, 1e6. */
export function parseNumber(text: string): number | null {
  const plain = text
    .trim()
    .replaceAll(/[\s,\u202f]/g, '')
    .replace('\u2212', '-');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  const read = Number(plain);
  return Number.isFinite(read) ? read : null;
}

const MS: Record<string, number> = {
  ms: 1,
  毫秒: 1,
  s: 1000,
  sec: 1000,
  秒: 1000,
  m: 60_000,
  min: 60_000,
  分: 60_000,
  分钟: 60_000,
  h: 3_600_000,
  小时: 3_600_000,
  d: 86_400_000,
  天: 86_400_000,
};

/** A length of time as people type it, in milliseconds: 10 s, 1.5 min, 1 h 30 min; 10 is 10 s. */
export function parseTime(text: string): number | null {
  const plain = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(plain)) return Number(plain) * 1000;
  const parts = [...plain.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+|[^\d\s.a-z]+)\s*/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  if (parts.length === 0 || length !== plain.length) return null;
  let ms = 0;
  for (const [, number, unit = ''] of parts) {
    const size = Object.hasOwn(MS, unit) ? MS[unit] : undefined;
    if (size === undefined) return null;
    ms += Number(number) * size;
  }
  return ms;
}

/** The same in figures and a unit, to be edited. */
export function timeText(ms: number): string {
  if (ms !== 0 && ms < 1000) return `${ms} ms`;
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size} ${unit}`;
  }
  return `${ms / 1000} s`;
}
