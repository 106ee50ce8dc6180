import { describe, expect, it, vi } from 'vitest';
import type { Alert } from '../generated/Alert';
import type { AlertEvent } from '../generated/AlertEvent';
import type { Update } from '../generated/Update';
import { Alerts, EVENTS_MAX, merged, since } from './alerts.svelte';
import { phaseOf, says } from './says';

const host = vi.hoisted(() => ({ alerts: vi.fn(), alertLog: vi.fn(async () => []) }));
vi.mock('$host', () => host);

const event = (number: number, times = 1): AlertEvent => ({
  number,
  alert: 'a',
  name: '',
  feed: 'f',
  field: null,
  begin_ms: number,
  end_ms: null,
  firing: false,
  times,
  worst: null,
  text: '',
  said: [],
});

const alert: Alert = {
  id: 'a',
  name: '',
  enabled: true,
  what: { on: 'above', field: { feed: 'f', channel: 'c', path: 'p' }, value: 90 },
  for_ms: 10_000,
  clear: { by: 0, for_ms: 1000 },
  notify: { desktop: true, sound: false },
};
const names = {
  feed: (id: string) => id,
  field: () => 'All cores',
  unit: () => 'percent' as const,
};

describe('the rules', () => {
  it('are asked for again once others than these are told of', async () => {
    const rule = (feed: string): Alert => ({ ...alert, what: { on: 'not-live', feed } });
    const states = (version: number, rules: number) => ({ version, rules, states: [], events: 0 });
    const update = (version: number, rules: number) =>
      ({ alerts: states(version, rules) }) as unknown as Update;
    host.alerts.mockResolvedValue({ alerts: [rule('a')], states: states(1, 1) });
    const alerts = new Alerts(() => {});
    await alerts.start();
    alerts.heard(update(2, 1));
    expect(host.alerts).toHaveBeenCalledTimes(1);
    host.alerts.mockResolvedValue({ alerts: [rule('b')], states: states(3, 2) });
    alerts.heard(update(3, 2));
    await vi.waitFor(() => expect(alerts.list).toEqual([rule('b')]));
  });
});

describe('the events', () => {
  it('are the newest, each once and as it is now', () => {
    const known = [event(3), event(2), event(1)];
    const now = merged(known, [event(4), event(3, 2)]);
    expect(now.map(({ number, times }) => [number, times])).toEqual([
      [4, 1],
      [3, 2],
      [2, 1],
      [1, 1],
    ]);
    const many = Array.from({ length: EVENTS_MAX + 5 }, (_, n) => event(n + 1));
    const kept = merged([], many);
    expect([kept.length, kept[0]?.number]).toEqual([EVENTS_MAX, EVENTS_MAX + 5]);
  });

  it('are asked for from the begin of what fires: it may have been over long since', () => {
    const hour = 3_600_000;
    const firing = { ...event(hour), firing: true };
    expect(since([firing], null)).toBe(null);
    expect(since([event(1), event(2)], 5 * hour)).toBe(5 * hour - 61_000);
    expect(since([event(1), firing, { ...event(2 * hour), firing: true }], 5 * hour)).toBe(hour);
    expect(since([{ ...event(5 * hour), firing: true }], 5 * hour)).toBe(5 * hour - 61_000);
  });
});

describe('an alert', () => {
  it('says what it watches for, with units', () => {
    expect(says(alert, names)).toBe('All cores above 90.0\u202f%, for 10\u202fs');
    expect(says({ ...alert, for_ms: 0 }, names)).toBe('All cores above 90.0\u202f%');
  });

  it('is blind rather than well where nothing is known, but fires on', () => {
    const state = { alert: 'a', phase: 'ok' as const, since_ms: null, blind: true };
    expect(phaseOf(alert, state)).toBe('blind');
    expect(phaseOf(alert, { ...state, phase: 'firing' })).toBe('firing');
    expect(phaseOf(alert, undefined)).toBe('blind');
    expect(phaseOf({ ...alert, enabled: false }, state)).toBe('off');
  });
});
