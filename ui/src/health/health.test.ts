import { describe, expect, it } from 'vitest';
import type { State } from '../generated/State';
import type { Status } from '../generated/Status';
import type { Transition } from '../generated/Transition';
import { imbalance, missingWords, short, whole } from './ledger';
import { STRIP_MS_MAX, segments, stripSpan } from './strip';

const status: Status = {
  feed: 'f',
  state: 'live',
  messages_per_second: 80,
  ledger: {
    received: 12_408_331,
    delivered: 12_408_102,
    control: 201,
    duplicate: 28,
    late: 0,
    undecodable: 0,
    held: 0,
    overflow: 0,
  },
  gaps: 2,
  missing: 42,
  last_message_ms: null,
  latency: null,
  reordered: 0,
  fields_unlisted: 0,
  texts_untold: 0,
};

describe('the ledger', () => {
  it('says where every message went', () => {
    expect(whole(status.ledger, missingWords(status))).toBe(
      '12,408,331 received: 12,408,102 drawn, 201 heartbeats and acknowledgements, 28 duplicates, ' +
        '0 late, 0 unreadable, 0 waiting, 0 dropped; 42 missing in 2 gaps.',
    );
  });

  it('is short about what there is nothing of', () => {
    expect(short(status.ledger, 0)).toBe(
      '12,408,331 received: 12,408,102 drawn, 201 heartbeats and acknowledgements, 28 duplicates, ' +
        '0 missing.',
    );
  });

  it('adds up, and tells by how much when it does not', () => {
    expect(imbalance(status.ledger)).toBe(0);
    expect(imbalance({ ...status.ledger, late: 3 })).toBe(-3);
    expect(imbalance({ ...status.ledger, received: status.ledger.received + 5 })).toBe(5);
  });
});

describe('the connection strip', () => {
  const turn = (at: number, state: State, cause = `${state} at ${at}`): Transition => ({
    number: 0,
    at_ms: at,
    state,
    cause,
    said: [],
    until_ms: null,
    trouble: null,
  });

  it('is as long as the session, and no longer than ten minutes', () => {
    expect(stripSpan([turn(0, 'live')], 200_000)).toBe(200_000);
    expect(stripSpan([turn(0, 'live')], 1_000)).toBe(60_000);
    expect(stripSpan([turn(0, 'live')], 1e9)).toBe(STRIP_MS_MAX);
  });

  it('shows the states in their order, with when and why', () => {
    const found = segments(
      [turn(0, 'live'), turn(100_000, 'waiting', 'closed'), turn(150_000, 'live')],
      200_000,
    );
    expect(found.map(({ state, fromMs, toMs }) => [state, fromMs, toMs])).toEqual([
      ['live', 0, 100_000],
      ['waiting', 100_000, 150_000],
      ['live', 150_000, null],
    ]);
    expect(found[1]?.causes.map(({ cause }) => cause)).toEqual(['closed']);
    expect(found[1]?.left).toBeCloseTo(0.5);
    expect(found[1]?.width).toBeCloseTo(0.25);
    expect(found.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(1);
  });

  it('shows an outage too short for a pixel rather than the quiet around it', () => {
    const found = segments(
      [turn(0, 'live'), turn(300_000, 'waiting', 'closed'), turn(300_010, 'live')],
      600_000,
    );
    expect(found.map(({ state }) => state)).toEqual(['live', 'waiting', 'live']);
  });

  it('has a bounded number of segments, however often a feed flaps', () => {
    const flaps = Array.from({ length: 2000 }, (_, n) => turn(n * 100, n % 2 ? 'live' : 'waiting'));
    const found = segments(flaps, 200_000);
    expect(found.length).toBeLessThanOrEqual(400);
    for (const segment of found) expect(segment.causes.length).toBeLessThanOrEqual(8);
  });

  it('leaves what was before the first change empty, and forgets what is long over', () => {
    expect(segments([], 1000)).toEqual([]);
    expect(segments([turn(50_000, 'live')], 60_000)[0]?.left).toBeGreaterThan(0.8);
    const old = segments([turn(0, 'waiting'), turn(1000, 'live')], 10_000_000);
    expect(old.map(({ state }) => state)).toEqual(['live']);
  });
});
