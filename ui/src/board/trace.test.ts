import { expect, test } from 'vitest';
import { setFeedNames } from '../feeds/known.svelte';
import type { Trace } from '../generated/Trace';
import { traceLabel, traceLabels } from './trace';

const trace = (feed: string, channel: string, path: string): Trace =>
  ({ feed, channel, path, color: 0 }) as Trace;

test('fields of other names are called by their paths', () => {
  expect(traceLabels([trace('a', 'btc', 'price'), trace('b', 'eth', 'size')])).toEqual([
    'price',
    'size',
  ]);
});

test('what is called the same is told apart by as little as tells it apart', () => {
  setFeedNames([
    { id: 'a', name: 'Kraken' },
    { id: 'b', name: 'Binance' },
  ]);
  const [btc, eth] = [trace('a', 'btc', 'price'), trace('a', 'eth', 'price')];
  expect(traceLabels([btc, eth])).toEqual(['btc price', 'eth price']);
  const other = trace('b', 'btc', 'price');
  expect(traceLabels([btc, other])).toEqual(['Kraken price', 'Binance price']);
  expect(traceLabel(btc, [btc, eth, other])).toBe('Kraken btc price');
  // A feed without channels, or whose name is not known.
  expect(traceLabel(trace('c', '', 'price'), [btc])).toBe('c price');
});

test('a thousand of one name are called in one go', () => {
  const all = Array.from({ length: 1_000 }, (_, n) => trace('a', `m${n}`, 'price'));
  let asked = 0;
  for (const one of all) {
    Object.defineProperty(one, 'path', {
      get: () => {
        asked += 1;
        return 'price';
      },
    });
  }
  expect(traceLabels(all)[999]).toBe('m999 price');
  expect(asked).toBeLessThan(10 * all.length);
});

test('one series twice is of one name', () => {
  const one = trace('a', 'btc', 'price');
  expect(traceLabels([one, { ...one, color: 1 }])).toEqual(['price', 'price']);
});
