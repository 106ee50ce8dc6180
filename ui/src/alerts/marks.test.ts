import { describe, expect, it } from 'vitest';
import type { Alert } from '../generated/Alert';
import type { AlertEvent } from '../generated/AlertEvent';
import type { Trace } from '../generated/Trace';
import { heightOf, linesOf, marksOf, ticksOf } from './marks';

const field = { feed: 'f', channel: 'c', path: 'p' };
const traces = [{ ...field, label: null, color: 0 }] as unknown as Trace[];
const scale = { least: 0, greatest: 50, log: false };
const view = { fromMs: 1000, toMs: 2000, width: 500, top: 2, height: 100, scale };

const alert = (what: Alert['what'], enabled = true): Alert => ({
  id: 'a',
  name: 'Hot',
  enabled,
  what,
  for_ms: 0,
  clear: { by: 0, for_ms: 1000 },
  notify: { desktop: true, sound: false },
});
const event = (
  number: number,
  begin_ms: number,
  of: AlertEvent['field'],
  feed = 'f',
): AlertEvent => ({
  number,
  alert: 'a',
  name: 'Hot',
  feed,
  field: of,
  begin_ms,
  end_ms: null,
  firing: false,
  times: 1,
  worst: null,
  text: '',
  said: [],
});

describe('thresholds', () => {
  it('are lines in the panels of their series, while their alert is on', () => {
    const alerts = [
      alert({ on: 'above', field, value: 90 }),
      alert({ on: 'outside', field, low: 1, high: 2 }),
      alert({ on: 'below', field: { ...field, path: 'q' }, value: 5 }),
      alert({ on: 'below', field, value: 7 }, false),
      alert({ on: 'gap', feed: 'f' }),
    ];
    expect(linesOf(alerts, traces, ({ name }) => name)).toEqual([
      { at: 90, name: 'Hot' },
      { at: 1, name: 'Hot' },
      { at: 2, name: 'Hot' },
    ]);
  });

  it('are where their value is, if that is in sight', () => {
    expect(heightOf(50, view)).toBe(2);
    expect(heightOf(0, view)).toBe(102);
    expect(heightOf(25, view)).toBe(52);
    expect(heightOf(51, view)).toBeNull();
    expect(heightOf(Number.NaN, view)).toBeNull();
  });
});

describe('events', () => {
  it('are marked in the panels of their series, or of their feed', () => {
    const events = [
      event(4, 1900, field),
      event(3, 1800, { ...field, path: 'q' }),
      event(2, 1700, null),
      event(1, 1600, null, 'g'),
    ];
    expect(marksOf(events, traces).map(({ beginMs }) => beginMs)).toEqual([1900, 1700]);
  });

  it('are ticks in the view, labelled where there is room', () => {
    const events = [1950, 1940, 1500, 500, 2500].map((ms, n) => event(9 - n, ms, field));
    const ticks = ticksOf(marksOf(events, traces), view);
    expect(ticks.map(({ at, labelled }) => [at, labelled])).toEqual([
      [475, true],
      [470, false],
      [250, true],
    ]);
    const many = Array.from({ length: 500 }, (_, n) => event(n, 1000 + n, field)).reverse();
    expect(ticksOf(marksOf(many, traces), view).length).toBe(50);
  });
});
