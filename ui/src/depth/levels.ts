// An order book as it is drawn and read: its levels from the lowest price to the highest, what lies
// between its two sides, and which of them weighs more. No page here.

import type { DepthBook } from '../generated/DepthBook';

export type SideName = 'bid' | 'ask';

/** A place in the curves. */
export interface Level {
  side: SideName;
  price: number;
  /** What is offered there; where levels lie too close to be told apart, of all of these. */
  size: number;
  /** All that is offered from the middle up to there. */
  sum: number;
}

type Pairs = readonly (readonly [number, number])[];

/** The points of both curves, from the lowest price to the highest. */
export function points(book: DepthBook): Level[] {
  const of = (side: SideName, curve: Pairs): Level[] =>
    curve.map(([price, sum], n) => ({
      side,
      price,
      size: sum - (curve[n - 1]?.[1] ?? 0),
      sum,
    }));
  return [...of('bid', book.bids.curve).reverse(), ...of('ask', book.asks.curve)];
}

/** The best levels of a side one by one, the best first. */
export function best(book: DepthBook, side: SideName): Level[] {
  let sum = 0;
  return (side === 'bid' ? book.bids : book.asks).best.map(([price, size]) => {
    sum += size;
    return { side, price, size, sum };
  });
}

/** What lies in the middle; `null` where a side is empty. */
export interface Middle {
  bid: number;
  ask: number;
  price: number;
  spread: number;
  /** The spread, in ten-thousandths of the price. */
  basisPoints: number;
}

export function middle(book: DepthBook): Middle | null {
  const bid = book.bids.best[0]?.[0] ?? book.bids.curve[0]?.[0];
  const ask = book.asks.best[0]?.[0] ?? book.asks.curve[0]?.[0];
  if (bid === undefined || ask === undefined) return null;
  const price = (bid + ask) / 2;
  const spread = ask - bid;
  return { bid, ask, price, spread, basisPoints: (spread / Math.abs(price)) * 10_000 };
}

/** All that is wanted and offered within the range: from −1, only asks, to 1, only bids. */
export function imbalance(book: DepthBook): number | null {
  const bids = book.bids.curve.at(-1)?.[1] ?? 0;
  const asks = book.asks.curve.at(-1)?.[1] ?? 0;
  return bids + asks > 0 ? (bids - asks) / (bids + asks) : null;
}

/** The most that either curve comes to. */
export const most = (book: DepthBook): number =>
  Math.max(book.bids.curve.at(-1)?.[1] ?? 0, book.asks.curve.at(-1)?.[1] ?? 0);

/** Which of the points is meant by a price: on the curve that is drawn there, or the nearest. */
export function pointAt(all: readonly Level[], price: number): number | null {
  if (all.length === 0) return null;
  // A bid's sum holds from the next lower price up to its own, an ask's the other way round.
  const bids = all.findIndex(({ side }) => side === 'ask');
  const asks = bids < 0 ? all.length : bids;
  const bid = all.slice(0, asks).findIndex((level) => level.price >= price);
  if (bid >= 0) return bid;
  const ask = all.findLastIndex((level) => level.side === 'ask' && level.price <= price);
  if (ask >= 0) return ask;
  const [below, above] = [asks - 1, asks];
  if (below < 0) return above;
  if (above >= all.length) return below;
  const distance = (n: number) => Math.abs((all[n] as Level).price - price);
  return distance(below) <= distance(above) ? below : above;
}

/** Which of the points is closest to another one, on its side if there is any. */
export function nearestTo(all: readonly Level[], { side, price }: Level): number | null {
  const hasSide = all.some((level) => level.side === side);
  let nearest: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [n, level] of all.entries()) {
    const distance = Math.abs(level.price - price);
    if ((hasSide && level.side !== side) || distance >= least) continue;
    nearest = n;
    least = distance;
  }
  return nearest;
}

// What JavaScript writes with fewer is not a number of more.
const DECIMALS_MAX = 12;

/** As many decimals as the prices have, so that they stand in line. */
export function priceDecimals(book: DepthBook): number {
  const prices = [...book.bids.best, ...book.asks.best].map(([price]) => price);
  return prices.reduce((all, price) => Math.max(all, decimals(price)), 0);
}

// More digits of a size than these, all of them together, are noise.
const SIZE_DIGITS_MAX = 7;

/** The same for sizes, as far as there is room. */
export function sizeDecimals(levels: readonly Level[]): number {
  const most = levels.reduce((all, { size }) => Math.max(all, decimals(size)), 0);
  const top = levels.reduce((all, { size }) => Math.max(all, size), 1);
  return Math.min(most, Math.max(0, SIZE_DIGITS_MAX - Math.ceil(Math.log10(top + 1))));
}

function decimals(price: number): number {
  const [digits = '', exponent = '0'] = String(price).split('e');
  const fraction = digits.split('.')[1]?.length ?? 0;
  return Math.min(DECIMALS_MAX, Math.max(0, fraction - Number(exponent)));
}
