import { describe, expect, it } from 'vitest';
import type { Alert } from '../generated/Alert';
import type { AlertOn } from '../generated/AlertOn';
import { changeOn, draftOf, made, newDraft, ONS, parseNumber, parseTime, timeText } from './draft';

const field = { feed: 'f', channel: 'c', path: 'p' };
const alertOn = (what: AlertOn): Alert => ({
  id: 'a',
  name: 'Hot',
  enabled: false,
  what,
  for_ms: 90_000,
  clear: { by: 'value' in what ? 2.5 : 0, for_ms: 1500 },
  notify: { desktop: true, sound: true },
});

describe('what is typed', () => {
  it('is a number as people write it, or none', () => {
    expect(parseNumber(' 64,000.5 ')).toBe(64000.5);
    expect(parseNumber('\u22123')).toBe(-3);
    expect(parseNumber('1e6')).toBe(1e6);
    for (const text of ['', 'x', '1x', '1e999', 'Infinity', '--1', '.']) {
      expect(parseNumber(text), text).toBeNull();
    }
  });

  it('is a time as people write it, or none', () => {
    const times: [string, number][] = [
      ['10', 10_000],
      ['10s', 10_000],
      ['1.5 min', 90_000],
      ['1 h 30 min', 5_400_000],
      ['250 MS', 250],
      ['3 秒', 3000],
      ['1小时5分钟', 3_900_000],
    ];
    for (const [text, ms] of times) expect(parseTime(text), text).toBe(ms);
    for (const text of ['', 's', '10 x', '-1 s', '10 s s', '1..5 s', 'constructor', '1 toString']) {
      expect(parseTime(text), text).toBeNull();
    }
  });

  it('is written as it can be read again', () => {
    for (const ms of [0, 1, 999, 1000, 1500, 60_000, 61_000, 3_600_000, 86_400_000]) {
      expect(parseTime(timeText(ms))).toBe(ms);
    }
  });
});

describe('a draft', () => {
  const every: AlertOn[] = [
    { on: 'above', field, value: 90 },
    { on: 'below', field, value: -1.5 },
    { on: 'outside', field, low: 1, high: 2 },
    { on: 'change', field, by: 3, within_ms: 60_000, direction: 'up' },
    { on: 'rate', field, per_second: 4, over_ms: 1000, direction: 'down' },
    { on: 'absent', field },
    { on: 'not-live', feed: 'f' },
    { on: 'gap', feed: 'f' },
    { on: 'latency', feed: 'f', above_ms: 250 },
    { on: 'reconnects', feed: 'f', count: 3, within_ms: 3_600_000 },
  ];

  it('makes the alert again that it was made of, whatever that watches for', () => {
    expect(every.map(({ on }) => on)).toEqual(ONS.map(({ on }) => on));
    for (const what of every) {
      const alert = alertOn(what);
      expect(made(draftOf(alert))).toEqual({ alert });
    }
  });

  it('says what is wrong, where it is', () => {
    const wrong = made({ ...newDraft('outside', ''), value: 'x', lasts: 'soon' });
    expect('faults' in wrong && Object.keys(wrong.faults).sort()).toEqual([
      'field',
      'high',
      'lasts',
      'value',
    ]);
    expect('faults' in made(newDraft('gap', ''))).toBe(true);
    expect('alert' in made(newDraft('gap', 'f'))).toBe(true);
  });

  it('has no sound without a notification', () => {
    const quiet = made({ ...newDraft('gap', 'f'), desktop: false, sound: true });
    expect('alert' in quiet && quiet.alert.notify).toEqual({ desktop: false, sound: false });
  });

  it('begins with other times for another kind, but for those that were typed', () => {
    const draft = newDraft('above', 'f', field);
    expect(changeOn(draft, 'absent').lasts).toBe('10 s');
    expect(changeOn({ ...draft, lasts: '7 s' }, 'absent').lasts).toBe('7 s');
  });
});
