// An order book without a market: prices that wander, levels that come and go. `?book` is whole;
// `?book=missing` and the other causes are not, `?book=none` has not come, `?book=never` never does.

import type { Depth } from '../generated/Depth';
import type { DepthAsked } from '../generated/DepthAsked';
import type { DepthSide } from '../generated/DepthSide';
import type { DepthWhy } from '../generated/DepthWhy';

const LEVELS = 400;
const STEP = 0.5;
const CAUSES: readonly DepthWhy[] = ['begun', 'missing', 'outage', 'unreadable', 'crossed'];

const noise = (n: number): number => Math.abs(Math.sin(n * 12.9898) * 43_758.5453) % 1;

function side(first: number, step: number, span: [number, number], of: DepthAsked): DepthSide {
  const moment = Math.floor(Date.now() / 400);
  const all = Array.from({ length: LEVELS }, (_, n): [number, number] => {
    const price = first + n * step;
    const wall = noise(price) > 0.96 ? 9 : 0;
    const wavers = noise(price * 3 + (noise(price + moment) > 0.8 ? moment : 0));
    return [price, Number((0.02 + wavers * (0.3 + n / 40) + wall).toFixed(5))];
  });
  let sum = 0;
  const curve = all
    .map(([price, size]): [number, number] => {
      sum += size;
      return [price, sum];
    })
    .filter(([price]) => price >= span[0] && price <= span[1]);
  return { levels: all.length, best: all.slice(0, of.levels), curve };
}

export function pretendedDepth(kind: string, asked: DepthAsked, bornMs: number): Depth {
  const of = { channel: 'book', key: 'BTC-USD' };
  const depth: Depth = {
    has_books: true,
    sends_whole: kind !== 'never',
    all: [of, { channel: 'book', key: 'ETH-USD' }],
    untold: 0,
    book: null,
  };
  if (kind === 'none') return { ...depth, all: [] };
  const middle = 64_000 + Math.round(20 * Math.sin(Date.now() / 9000)) * STEP;
  const reach = asked.range_percent === null ? 50 : (middle * asked.range_percent) / 100;
  const span: [number, number] = [middle - reach, middle + reach];
  const why = kind === 'never' ? 'begun' : CAUSES.find((cause) => cause === kind);
  const numbers = { first: why === 'missing' ? 4021 : null, last: why === 'missing' ? 4062 : null };
  return {
    ...depth,
    book: {
      of,
      since_ms: bornMs,
      incomplete: why ? { why, ...numbers, told_since_ms: bornMs } : null,
      changed_ms: Date.now(),
      is_crossed: why === 'crossed',
      is_cut: false,
      span,
      bids: side(middle - STEP, -STEP, span, asked),
      asks: side(middle + STEP, STEP, span, asked),
    },
  };
}
