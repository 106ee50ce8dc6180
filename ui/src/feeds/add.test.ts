import { expect, it, vi } from 'vitest';
import type { Feed } from '../generated/Feed';
import type { Status } from '../generated/Status';
import type { Update } from '../generated/Update';
import { Feeds, newsOfOthers } from './feeds.svelte';
import { feedName } from './known.svelte';

const answer = vi.hoisted(() => ({ give: (_feed: unknown) => {} }));
vi.mock('$host', () => ({
  feedAdd: () =>
    new Promise((resolve) => {
      answer.give = resolve;
    }),
}));

const status = (feed: string, state: Status['state']) => ({ feed, state }) as Status;
const added = (id: string): Feed => ({
  id,
  name: id,
  url: `ws://${id}/`,
  builtin: false,
  has_books: false,
  fields: [],
  transitions: [],
  status: status(id, 'connecting'),
});
const update = (news: Partial<Update>): Update => ({
  number: 1,
  now_ms: 0,
  panels: [],
  statuses: [],
  values: [],
  transitions: [],
  fields: [],
  words: [],
  derived: null,
  inspected: [],
  troubles: [],
  alerts: null,
  ...news,
});
const refused = {
  number: 0,
  at_ms: 1,
  state: 'stopped' as const,
  cause: 'The server has nothing at /.',
  said: [],
  until_ms: null,
  trouble: null,
};

it('hears of a feed what overtakes the answer that it was added', async () => {
  const feeds = new Feeds();
  const adding = feeds.add('board', 'ws://new/');
  feeds.heard(
    update({
      transitions: [{ feed: 'new', transitions: [refused] }],
      fields: [
        { feed: 'new', fields: [{ channel: 'trade', path: 'price', number: 0, texts: null }] },
      ],
      statuses: [status('new', 'stopped')],
    }),
  );
  answer.give(added('new'));
  const feed = await adding;
  expect(feed.status.state).toBe('stopped');
  expect(feed.last).toEqual(refused);
  expect(feed.fields).toHaveLength(1);

  // What comes later is heard once, whatever the clock says.
  const told = [1, 2].map((number) => ({ ...refused, number, at_ms: 2 - number }));
  for (const transitions of [told, told.slice(1)]) {
    feeds.heard(update({ transitions: [{ feed: 'new', transitions }] }));
  }
  expect(feed.transitions.map(({ number }) => number)).toEqual([0, 1, 2]);
});

it('keeps of an update only what is of feeds that are not known yet', () => {
  const isKnown = (id: string) => id === 'old';
  const values = [{ feed: 'old', values: [] }] as Update['values'];
  const panels = [{ panel: 'p' }] as unknown as Update['panels'];
  const old = { panels, values, statuses: [status('old', 'live')] };
  expect(newsOfOthers(update(old), isKnown)).toBeNull();
  const statuses = [status('old', 'live'), status('new', 'live')];
  expect(newsOfOthers(update({ ...old, statuses }), isKnown)).toEqual({
    fields: [],
    transitions: [],
    statuses: [status('new', 'live')],
    words: [],
    values: [],
  });
});

it('calls a feed what the board that is shown calls it', () => {
  const feeds = new Feeds();
  feeds.start([added('a'), added('b')], feeds.faults);
  feeds.show([
    { id: 'a', name: 'Mine' },
    { id: 'b', name: '' },
    { id: 'gone', name: 'Gone' },
  ]);
  expect(feeds.all.map(({ name }) => name)).toEqual(['Mine', 'b']);
  expect([feedName('a'), feedName('b')]).toEqual(['Mine', 'b']);
});
