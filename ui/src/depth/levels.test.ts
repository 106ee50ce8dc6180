import { describe, expect, it } from 'vitest';
import type { DepthBook } from '../generated/DepthBook';
import {
  best,
  imbalance,
  middle,
  most,
  nearestTo,
  pointAt,
  points,
  priceDecimals,
  sizeDecimals,
} from './levels';

type Pairs = [number, number][];

function book(bids: Pairs, asks: Pairs): DepthBook {
  const side = (pairs: Pairs) => {
    let sum = 0;
    const curve = pairs.map(([price, size]): [number, number] => {
      sum += size;
      return [price, sum];
    });
    return { levels: pairs.length, best: pairs, curve };
  };
  return {
    of: { channel: 'book', key: null },
    since_ms: 0,
    incomplete: null,
    changed_ms: null,
    is_crossed: false,
    is_cut: false,
    span: [90, 110],
    bids: side(bids),
    asks: side(asks),
  };
}

const some = book(
  [
    [99, 1],
    [98.5, 2],
    [97, 4],
  ],
  [
    [101, 3],
    [103.25, 5],
  ],
);

describe('an order book', () => {
  it('is drawn from the lowest price to the highest, and adds up from the middle', () => {
    expect(points(some).map(({ side, price, size, sum }) => [side, price, size, sum])).toEqual([
      ['bid', 97, 4, 7],
      ['bid', 98.5, 2, 3],
      ['bid', 99, 1, 1],
      ['ask', 101, 3, 3],
      ['ask', 103.25, 5, 8],
    ]);
    expect(best(some, 'ask').map(({ price, sum }) => [price, sum])).toEqual([
      [101, 3],
      [103.25, 8],
    ]);
    expect(most(some)).toBe(8);
  });

  it('says what lies between its sides, and which weighs more', () => {
    expect(middle(some)).toEqual({ bid: 99, ask: 101, price: 100, spread: 2, basisPoints: 200 });
    expect(imbalance(some)).toBeCloseTo(-1 / 15);
    expect(imbalance(book([[99, 1]], []))).toBe(1);
    expect(imbalance(book([], []))).toBeNull();
    expect(middle(book([[99, 1]], []))).toBeNull();
  });

  it.each([
    // What is wanted at 97 is wanted up to there: at 96 nobody says more.
    [90, 97],
    [97, 97],
    [97.5, 98.5],
    [98.6, 99],
    [99.5, 99],
    [100.4, 101],
    [101, 101],
    [103.2, 101],
    [103.3, 103.25],
    [500, 103.25],
  ])('is read at %d where the curve is drawn: %d', (price, expected) => {
    const all = points(some);
    expect(all[pointAt(all, price) ?? -1]?.price).toBe(expected);
  });

  it('is read where only one side is', () => {
    const asks = points(book([], [[101, 3]]));
    expect(pointAt(asks, 90)).toBe(0);
    const bids = points(book([[99, 3]], []));
    expect(pointAt(bids, 120)).toBe(0);
    expect(pointAt([], 1)).toBeNull();
  });

  it('has for a point that it had before the closest one, of the same side if it can be', () => {
    const all = points(some);
    const was = (side: 'bid' | 'ask', price: number) => ({ side, price, size: 1, sum: 1 });
    const nearest = (side: 'bid' | 'ask', price: number, from = all) =>
      from[nearestTo(from, was(side, price)) ?? -1]?.price;
    expect(nearest('bid', 98.6)).toBe(98.5);
    expect(nearest('bid', 100.9)).toBe(99);
    expect(nearest('ask', 50)).toBe(101);
    expect(nearest('bid', 97, points(book([], [[101, 3]])))).toBe(101);
    expect(nearestTo([], was('bid', 1))).toBeNull();
  });

  it('is written with as many decimals as its prices have', () => {
    expect(priceDecimals(some)).toBe(2);
    expect(priceDecimals(book([[9.121e-7, 1]], []))).toBe(10);
    expect(priceDecimals(book([[64_000, 1]], []))).toBe(0);
  });

  it.each([
    [[1, 2.5], 1],
    [[0.00012345, 3.5], 6],
    [[12_345.678, 0.123456], 2],
    [[7, 90_000_000], 0],
  ])('writes sizes alike, as far as there is room: %j', (sizes, expected) => {
    const bids = sizes.map((size, n): [number, number] => [9 - n, size]);
    expect(sizeDecimals(best(book(bids, []), 'bid'))).toBe(expected);
  });
});
