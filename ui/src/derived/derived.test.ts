import { beforeEach, describe, expect, it } from 'vitest';
import { seriesName, traceLabel, traceTitle } from '../board/trace';
import type { FeedState } from '../feeds/feeds.svelte';
import type { Derived } from '../generated/Derived';
import type { Trace } from '../generated/Trace';
import { DerivedList } from './derived.svelte';
import { DERIVED } from './known.svelte';
import { stateOf, waitsFor } from './says';

const input = (feed: string, path: string) => ({ feed, channel: 'c', path });
const feed = (id: string, ...paths: string[]) =>
  ({
    id,
    name: `Feed ${id}`,
    fields: paths.map((path, number) => ({ channel: 'c', path, number })),
    status: { state: 'live' },
    last: undefined,
  }) as unknown as FeedState;

const spread: Derived = {
  series: {
    id: 'spread',
    name: 'Spread',
    unit: 'percent',
    expression: 'a - b',
    inputs: { a: input('f', 'ask'), b: input('g', 'bid'), c: input('h', 'unused') },
  },
  number: 4,
  state: 'live',
  made_percent: 100,
};
const trace: Trace = { feed: DERIVED, channel: '', path: 'spread', label: null, color: 0 };
const news = (derived: Derived[] | null, values: [number, number][] = []) => ({
  derived,
  values: [{ feed: DERIVED, values }],
});

let feeds: FeedState[];
let list: DerivedList;
beforeEach(() => {
  feeds = [feed('f', 'ask'), feed('g', 'bid')];
  list = new DerivedList({ get: (id) => feeds.find((feed) => feed.id === id) });
  list.start([spread]);
});

describe('derived series', () => {
  it('have the names that they were given, wherever a trace is named', () => {
    expect(traceLabel(trace)).toBe('Spread');
    expect(traceTitle(trace)).toBe('a - b');
    expect(traceLabel({ ...trace, label: 'Mine' })).toBe('Mine');
    list.heard(news([{ ...spread, series: { ...spread.series, name: '' } }]));
    expect(traceLabel(trace)).toBe('a - b');
    list.heard(news([]));
    expect(seriesName(trace)).toBe('spread');
    // A field of a feed that is called as one of them is none.
    list.heard(news([spread]));
    expect(traceLabel({ ...trace, feed: 'f' })).toBe('spread');
  });

  it('have the latest value that was told, unless what they are made of has gone', () => {
    expect(list.value(spread)).toBeNaN();
    list.heard(news(null, [[4, 1.5]]));
    expect(list.value(spread)).toBe(1.5);
    expect(list.value({ ...spread, state: 'waiting' })).toBeNaN();
  });

  it('are asked for while they are to be seen', () => {
    expect(list.peeked).toEqual([DERIVED]);
    list.unfolded = false;
    expect(list.peeked).toEqual([]);
    list.unfolded = true;
    list.start([]);
    expect(list.peeked).toEqual([]);
  });

  it('are what the answer says, and no less far than an update has told', async () => {
    const made = await list.set({ ...spread.series, id: '', name: 'New one' });
    expect(list.list.map(({ series }) => series.name)).toEqual(['Spread', 'New one']);
    const live = { ...spread, series: made, state: 'live' as const, number: 9 };
    list.heard(news([spread, live]));
    await list.set({ ...made, name: 'Newer' });
    expect(list.get(made.id)).toMatchObject({ state: 'live', series: { name: 'Newer' } });
    list.edited = made;
    await list.remove(made.id);
    expect(list.list).toEqual([spread]);
    expect(list.edited).toBeNull();
  });
});

describe('what a series is made of', () => {
  it('is what its expression names', () => {
    expect(list.feedsOf(spread.series).map(({ id }) => id)).toEqual(['f', 'g']);
    expect(list.missing(spread.series)).toEqual([]);
  });

  it('is waited for by name', () => {
    feeds = [feed('f', 'other'), feed('g', 'bid')];
    expect(waitsFor(list.missing(spread.series))).toBe('waiting for ask of Feed f');
    feeds = [feed('f', 'ask')];
    expect(waitsFor(list.missing(spread.series))).toBe('waiting for bid: its feed, g, is not here');
    const waiting = { ...spread, state: 'waiting' as const };
    expect(stateOf(waiting, list, 0)).toEqual({
      state: 'stale',
      words: 'waiting for bid: its feed, g, is not here',
    });
  });

  it('says how it is while it goes on', () => {
    expect(stateOf(spread, list, 0)).toEqual({ state: 'live', words: 'live' });
    (feeds[1] as FeedState).status = { state: 'stale' } as FeedState['status'];
    expect(stateOf(spread, list, 0).state).toBe('stale');
    const making = { ...spread, state: 'catching-up' as const, made_percent: 40 };
    expect(stateOf(making, list, 0)).toEqual({ state: 'opening', words: 'making the past, 40 %' });
    expect(stateOf({ ...spread, state: 'faulty' }, list, 0).state).toBe('stopped');
  });
});
