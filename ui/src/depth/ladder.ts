// The best levels of an order book, one below the other: asks above, bids below, the best of both in
// the middle. Plain DOM, as it is written several times a second; who does not see it has the same as a
// table.

import type { DepthBook } from '../generated/DepthBook';
import { fixed } from '../lib/format';
import { writeText } from '../panel/readings';
import { best, type Level, type Middle, middle, priceDecimals, sizeDecimals } from './levels';

const ROW_PX = 18;
const MIDDLE_PX = 24;

/** How many levels a side there is room for. */
export const levelsIn = (heightPx: number, most: number): number =>
  Math.max(0, Math.min(most, Math.floor((heightPx - MIDDLE_PX) / 2 / ROW_PX)));

export class Ladder {
  private readonly asks = document.createElement('div');
  private readonly middle = document.createElement('div');
  private readonly bids = document.createElement('div');

  constructor(element: HTMLElement) {
    this.asks.className = 'asks';
    this.middle.className = 'middle';
    this.bids.className = 'bids';
    element.replaceChildren(this.asks, this.middle, this.bids);
  }

  write(book: DepthBook | null, levels: number): void {
    const decimals = book ? priceDecimals(book) : 0;
    const of = (side: 'bid' | 'ask') => (book ? best(book, side).slice(0, levels) : []);
    const [bids, asks] = [of('bid'), of('ask')];
    const most = Math.max(bids.at(-1)?.sum ?? 0, asks.at(-1)?.sum ?? 0);
    const how = { decimals, most, sizes: sizeDecimals([...bids, ...asks]) };
    side(this.asks, asks.reverse(), how);
    side(this.bids, bids, how);
    writeText(this.middle, book ? middleText(middle(book), decimals) : '');
  }
}

const middleText = (at: Middle | null, decimals: number): string =>
  // The middle of two prices has a digit more.
  at ? fixed(at.price, Math.min(12, decimals + 1)) : '';

interface How {
  /** Decimals of prices, and of sizes. */
  decimals: number;
  sizes: number;
  most: number;
}

function side(element: HTMLElement, levels: readonly Level[], how: How) {
  const { decimals, most, sizes } = how;
  while (element.children.length > levels.length) element.lastElementChild?.remove();
  while (element.children.length < levels.length) {
    const row = document.createElement('div');
    row.append(document.createElement('b'), document.createElement('span'));
    element.append(row);
  }
  levels.forEach(({ price, size, sum }, n) => {
    const row = element.children[n] as HTMLElement;
    const [at, amount] = row.children as unknown as [HTMLElement, HTMLElement];
    writeText(at, fixed(price, decimals));
    writeText(amount, fixed(size, sizes));
    row.style.setProperty('--sum', `${most > 0 ? Math.round((sum / most) * 100) : 0}%`);
  });
}
