import { describe, expect, it } from 'vitest';
import type { Field } from '../generated/Field';
import type { Transition } from '../generated/Transition';
import { say } from '../words/say';
import { faultsOn, NO_FAULTS, SWITCHES, toggled } from './faults';
import { needsAttention, stateWords } from './state';
import { type Branch, inSight, ROW_PX, type Row, rows } from './tree';
import { urlFault } from './url';

const field = (channel: string, path: string, number = 0): Field => ({ channel, path, number });
const branch = (fields: Field[], more: Partial<Branch> = {}): Branch => ({
  open: true,
  fields,
  closedChannels: new Set(),
  unlisted: 0,
  ...more,
});
const said = (list: Row[]) =>
  list.map((row) =>
    row.kind === 'channel' ? `# ${row.channel}` : row.kind === 'field' ? row.field.path : row.note,
  );

describe('the tree of fields', () => {
  const fields = [field('trade', 'price'), field('book', 'bid'), field('trade', 'data.size')];

  it('groups fields by channel, in order of appearance', () => {
    expect(said(rows(branch(fields), ''))).toEqual([
      '# trade',
      'price',
      'data.size',
      '# book',
      'bid',
    ]);
  });

  it('shows nothing of a folded feed, and no fields of a folded channel', () => {
    expect(rows(branch(fields, { open: false }), '')).toEqual([]);
    expect(said(rows(branch(fields, { closedChannels: new Set(['trade']) }), ''))).toEqual([
      '# trade',
      '# book',
      'bid',
    ]);
  });

  it('finds by all words, in channel and path, also in folded channels', () => {
    const folded = branch(fields, { closedChannels: new Set(['trade']) });
    expect(said(rows(folded, 'TRADE size'))).toEqual(['# trade', 'data.size']);
    expect(said(rows(folded, 'nowhere'))).toEqual(['nothing-found']);
    expect(said(rows(folded, '  '))).toHaveLength(3);
  });

  it('says when there are no fields yet, and when some are not listed', () => {
    expect(said(rows(branch([]), 'x'))).toEqual(['no-fields']);
    expect(said(rows(branch(fields, { unlisted: 5 }), '')).at(-1)).toBe('unlisted');
  });

  it('puts on the screen what is in sight, of however many rows', () => {
    expect(inSight(10_000, -100, 500)).toEqual([0, Math.ceil(500 / ROW_PX)]);
    expect(inSight(10_000, 28_000, 28_280)).toEqual([1000, 1010]);
    expect(inSight(10_000, 1e9, 2e9)).toEqual([10_000, 10_000]);
    expect(inSight(0, -500, 500)).toEqual([0, 0]);
    expect(inSight(5, -900, -300)).toEqual([0, 0]);
  });
});

describe('the state of a feed', () => {
  const waiting: Transition = {
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
