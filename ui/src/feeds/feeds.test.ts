import { describe, expect, it } from 'vitest';
import type { Transition } from '../generated/Transition';
import { say } from '../words/say';
import { faultsOn, NO_FAULTS, SWITCHES, toggled } from './faults';
import { needsAttention, stateWords } from './state';
import { urlFault } from './url';

describe('the state of a feed', () => {
  const waiting: Transition = {
    number: 0,
    at_ms: 0,
    state: 'waiting',
    cause: '',
    said: [],
    until_ms: 5_000,
    trouble: null,
  };

  it('counts down to the next try', () => {
    expect(stateWords('waiting', waiting, 2_100)).toBe('next try in 3 s');
    expect(stateWords('waiting', waiting, 5_000)).toBe('trying again');
    expect(stateWords('waiting', { ...waiting, until_ms: 600_000 }, 0)).toBe('next try in 10 min');
    expect(stateWords('waiting', undefined, 0)).toBe('waiting');
    expect(stateWords('live', waiting, 0)).toBe('live');
  });

  it('asks for attention when it stopped in trouble or never worked, not while it only waits', () => {
    const said = { step: [], what: [], advice: [] };
    const trouble = { code: 'x', step: '', what: '', answer: null, advice: '', said };
    const troubled = { ...waiting, trouble };
    const feed = (
      state: 'waiting' | 'stopped',
      fields: number,
      last: typeof troubled | typeof waiting,
    ) => ({
      status: { state },
      fields: Array(fields).fill(0),
      last,
    });
    expect(needsAttention(feed('waiting', 0, troubled))).toBe(true);
    expect(needsAttention(feed('stopped', 9, troubled))).toBe(true);
    expect(needsAttention(feed('waiting', 9, troubled))).toBe(false);
    expect(needsAttention(feed('stopped', 0, waiting))).toBe(false);
  });
});

describe('breaking it', () => {
  it('turns each fault on and off again, and no other', () => {
    for (const which of SWITCHES) {
      const on = toggled(NO_FAULTS, which);
      expect(faultsOn(on)).toEqual([say(which.name)]);
      expect(toggled(on, which)).toEqual(NO_FAULTS);
    }
  });
});

describe('an address', () => {
  it('is refused at once where it cannot be one', () => {
    expect(urlFault('  ')).toMatch(/Paste/);
    expect(urlFault('ws://a b')).toMatch(/spaces/);
    expect(urlFault(' wss://example.com/ws ')).toBeNull();
  });
});
