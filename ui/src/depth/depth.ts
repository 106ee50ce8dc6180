// What is wanted and offered at which price: two curves that add up from the middle on. Bids are at
// the left and asks at the right, whatever their colours.

import * as host from '$host';
import type { ChartRows } from '../chart-table/rows';
import type { Depth } from '../generated/Depth';
import type { DepthBook } from '../generated/DepthBook';
import type { DepthView } from '../generated/DepthView';
import { decimalsOf, fixed, tick, value } from '../lib/format';
import { theme } from '../lib/theme';
import { placer } from '../plot/scale';
import { valueTicks } from '../plot/ticks';
import { ValueRange } from '../plot/value-range';
import { type Area, type Axes, Sampled, type Shown } from '../spread/sampled';
import { say } from '../words/say';
import {
  best,
  type Level,
  middle,
  most,
  nearestTo,
  pointAt,
  points,
  priceDecimals,
  type SideName,
} from './levels';
import { incompleteText } from './says';

const VALUE_TICK_PX = 28;
const PRICE_TICK_PX = 84;
const TICKS_MAX = 10;
const FILL = 0.22;
// What is not all there is looks so.
const FILL_INCOMPLETE = 0.08;
const DASH_PX = [4, 3];
// A table has no use for more.
const LEVELS_MAX = 100;
const NAMED_HIGH_PX = 90;

export class DepthPlot extends Sampled {
  answer: Depth | null = null;
  /** When the answer came, by our clock. */
  answeredMs = 0;
  private view: DepthView | null = null;
  private feed = '';
  private readonly sums = new ValueRange();
  private greatest = 1;
  private area: Area | null = null;
  private all: Level[] = [];
  /** The point that is pointed at, by the pointer or the keyboard. */
  private cursor: number | null = null;
  private byKey = false;
  /** The point that was gone to by the keyboard: the cursor stays there, whatever comes beside it. */
  private goneTo: Level | null = null;
  private pointer: { x: number; y: number } | null = null;

  setView(view: DepthView, feed: string): void {
    const asked = ({ channel, key, range_percent }: DepthView) => [channel, key, range_percent];
    const same =
      this.view !== null &&
      this.feed === feed &&
      JSON.stringify(asked(this.view)) === JSON.stringify(asked(view));
    this.view = view;
    this.feed = feed;
    if (same) return;
    this.answer = null;
    this.all = [];
    this.goneTo = null;
    this.cursor = null;
    this.shown = null;
    this.sums.refit();
    this.asked();
    this.redraw();
  }

  get book(): DepthBook | null {
    return this.answer?.book ?? null;
  }

  protected async ask(shown: Shown): Promise<void> {
    const { feed, view } = this;
    if (!view || feed === '') return;
    // While it is paused, it stays what it was.
    if (!this.time.following && this.answer) return;
    const { channel, key, range_percent } = view;
    const answer = await host.depth({
      feed,
      of: channel === null ? null : { channel, key },
      levels: LEVELS_MAX,
      range_percent,
    });
    if (view !== this.view || feed !== this.feed) return;
    this.answer = answer;
    this.answeredMs = this.time.nowMs();
    this.all = answer?.book ? points(answer.book) : [];
    this.cursor = this.cursorNow();
    this.shown = shown;
    this.redraw();
  }

  protected paint(pen: CanvasRenderingContext2D, area: Area): Axes {
    const { book } = this;
    const { ratio } = area;
    const colors = theme();
    const hair = Math.max(1, Math.round(ratio));
    this.area = area;
    const top = book ? most(book) : 0;
    if (!book?.span || top <= 0) {
      this.name([]);
      this.showCursor();
      return { left: [], below: [] };
    }
    const [, greatest] = this.sums.at(performance.now(), [0, top], () => [0, top]);
    this.greatest = Math.max(greatest, top);
    const y = placer({ least: 0, greatest: this.greatest, log: false }, area.top, area.height);
    const x = this.placeX(area);
    pen.fillStyle = colors.grid;
    const room = Math.min(TICKS_MAX, area.height / ratio / VALUE_TICK_PX);
    const sums = valueTicks(0, this.greatest, room);
    for (const at of sums.at) pen.fillRect(area.left, Math.round(y(at)), area.width, hair);

    pen.save();
    pen.beginPath();
    pen.rect(area.left, area.top - ratio, area.width, area.height + 2 * ratio);
    pen.clip();
    const base = Math.round(y(0));
    for (const side of ['bid', 'ask'] as const) {
      const levels = this.all.filter((level) => level.side === side);
      if (side === 'bid') levels.reverse();
      const color = side === 'bid' ? colors.up : colors.down;
      const edge = side === 'bid' ? area.left : area.left + area.width;
      this.curve(pen, levels, x, y, { base, edge, color, whole: book.incomplete === null });
    }
    pen.restore();

    const at = middle(book);
    if (at) {
      pen.fillStyle = colors.muted;
      const place = Math.round(x(at.price));
      for (let from = area.top; from < base; from += 6 * ratio) {
        pen.fillRect(place, from, hair, Math.min(3 * ratio, base - from));
      }
    }
    pen.fillStyle = colors.muted;
    pen.fillRect(area.left, base, area.width, hair);
    this.name(this.areaHeight < NAMED_HIGH_PX ? [] : [say('depth_bids'), say('depth_asks')]);
    this.showCursor();

    const [from, to] = book.span;
    const prices = valueTicks(
      from,
      to,
      Math.max(1, Math.min(TICKS_MAX, area.width / ratio / PRICE_TICK_PX)),
    );
    return {
      left: sums.at.map((at) => ({
        at: Math.round(y(at)),
        text: tick(at, 'none', sums.step, top),
      })),
      below: prices.at.map((at) => ({
        at: Math.round(x(at)),
        text: fixed(at, decimalsOf(prices.step)),
      })),
    };
  }

  /** A side, the best level first: as high as all that is offered up to there, in steps. */
  private curve(
    pen: CanvasRenderingContext2D,
    levels: readonly Level[],
    x: (price: number) => number,
    y: (sum: number) => number,
    how: { base: number; edge: number; color: string; whole: boolean },
  ): void {
    const [first] = levels;
    if (!first) return;
    const ratio = this.area?.ratio ?? 1;
    const line = new Path2D();
    let before = how.base;
    line.moveTo(Math.round(x(first.price)), how.base);
    for (const { price, sum } of levels) {
      const [at, top] = [Math.round(x(price)), Math.round(y(sum))];
      line.lineTo(at, before);
      line.lineTo(at, top);
      before = top;
    }
    line.lineTo(how.edge, before);
    const filled = new Path2D(line);
    filled.lineTo(how.edge, how.base);
    filled.closePath();
    pen.fillStyle = how.color;
    pen.strokeStyle = how.color;
    pen.globalAlpha = how.whole ? FILL : FILL_INCOMPLETE;
    pen.fill(filled);
    pen.globalAlpha = 1;
    pen.lineWidth = Math.max(1, 1.5 * ratio);
    pen.lineJoin = 'round';
    pen.setLineDash(how.whole ? [] : DASH_PX.map((px) => px * ratio));
    pen.stroke(line);
    pen.setLineDash([]);
  }

  /** What the sides are called, in their corners. */
  private name(words: readonly string[]): void {
    const { notes } = this;
    while (notes.children.length > words.length) notes.lastElementChild?.remove();
    while (notes.children.length < words.length) notes.append(document.createElement('span'));
    words.forEach((text, n) => {
      const note = notes.children[n] as HTMLElement;
      if (note.textContent !== text) note.textContent = text;
      note.style.top = '4px';
      note.style.left = n === 0 ? '4px' : 'auto';
      note.style.right = n === 0 ? 'auto' : '4px';
    });
  }

  /** From the left, where `placer` counts from the top. */
  private placeX({ left, width }: Area): (price: number) => number {
    const [least, greatest] = this.book?.span ?? [0, 1];
    const from = placer({ least, greatest, log: false }, 0, width);
    return (price) => left + width - from(price);
  }

  protected pointed(at: { x: number; y: number } | null): void {
    this.byKey = false;
    this.pointer = at;
    this.cursor = this.cursorNow();
    this.showCursor();
  }

  /** Which of the points as they are now is pointed at, or was gone to. */
  private cursorNow(): number | null {
    const { all, areaWidth, book, pointer } = this;
    if (this.byKey) return this.goneTo && nearestTo(all, this.goneTo);
    if (!pointer || !book?.span || pointer.x < 0 || pointer.x > areaWidth) return null;
    const [from, to] = book.span;
    return pointAt(all, from + ((to - from) * pointer.x) / areaWidth);
  }

  protected key(name: string): boolean {
    const last = this.all.length - 1;
    if (last < 0) return false;
    if (name === 'Escape') {
      if (this.cursor === null) return false;
      this.cursor = null;
      this.goneTo = null;
      this.pointer = null;
      this.showCursor();
      return true;
    }
    const moves: Record<string, (from: number) => number> = {
      ArrowRight: (from) => from + 1,
      ArrowUp: (from) => from + 1,
      ArrowLeft: (from) => from - 1,
      ArrowDown: (from) => from - 1,
      Home: () => 0,
      End: () => last,
    };
    const move = moves[name];
    if (!move) return false;
    this.byKey = true;
    // It begins in the middle, where most happens.
    const start = this.all.findLastIndex(({ side }) => side === 'bid');
    const next = this.cursor === null ? Math.max(0, start) : move(this.cursor);
    this.cursor = Math.min(last, Math.max(0, name === 'Home' || name === 'End' ? move(0) : next));
    this.goneTo = this.all[this.cursor] ?? null;
    this.showCursor();
    return true;
  }

  private showCursor(): void {
    const { area, book, marker } = this;
    const level = this.cursor === null ? undefined : this.all[this.cursor];
    this.describe(level);
    marker.hidden = !level;
    if (!level || !area || !book) {
      this.readout.hide();
      return;
    }
    const x = this.placeX({ ...area, left: 0 })(level.price) / area.ratio;
    const y = this.areaHeight * (1 - level.sum / this.greatest);
    marker.classList.add('sampled-ring');
    marker.style.transform = `translate(${x}px, ${y}px)`;
    const place = this.byKey || !this.pointer ? { x, y } : this.pointer;
    const { up, down } = theme();
    const color = level.side === 'bid' ? up : down;
    this.readout.show(
      `${sideName(level.side)} ${fixed(level.price, priceDecimals(book))}`,
      [],
      [
        { color, name: say('depth_size'), text: value(level.size, 'none') },
        { color, name: say('depth_sum'), text: value(level.sum, 'none') },
      ],
      this.onScreen(place.x, place.y),
    );
  }

  private describe(level: Level | undefined): void {
    const name = say('depth_name', { book: this.bookName() });
    if (this.all.length === 0) this.setRole('img', name, '');
    else {
      const at = Math.max(0, this.cursor ?? 0);
      this.setRole('slider', name, level ? this.levelText(level) : this.text(), [
        at,
        this.all.length - 1,
      ]);
    }
  }

  private levelText({ side, price, size, sum }: Level): string {
    return say(side === 'bid' ? 'depth_bid_text' : 'depth_ask_text', {
      price: fixed(price, this.book ? priceDecimals(this.book) : 0),
      size: value(size, 'none'),
      sum: value(sum, 'none'),
    });
  }

  bookName(): string {
    const of = this.book?.of;
    return of ? (of.key ?? of.channel) : '';
  }

  /** What is shown, in words. */
  text(): string {
    const { book } = this;
    if (!book) return '';
    const decimals = priceDecimals(book);
    const at = middle(book);
    const said = at
      ? say('depth_text', {
          bid: fixed(at.bid, decimals),
          ask: fixed(at.ask, decimals),
          spread: fixed(at.spread, decimals),
        })
      : say('depth_one_sided');
    return book.incomplete ? `${incompleteText(book)} ${said}` : said;
  }

  rows(): ChartRows {
    const { book } = this;
    const decimals = book ? priceDecimals(book) : 0;
    const levels = book ? [...best(book, 'ask').reverse(), ...best(book, 'bid')] : [];
    return {
      head: say('depth_price'),
      heads: [say('depth_side'), say('depth_size'), say('depth_sum')],
      count: levels.length,
      at: (n) => {
        const { side, price, size, sum } = levels[n] as Level;
        return {
          key: `${side} ${price}`,
          head: fixed(price, decimals),
          cells: [sideName(side), value(size, 'none'), value(sum, 'none')],
        };
      },
    };
  }
}

export const sideName = (side: SideName): string => say(side === 'bid' ? 'depth_bid' : 'depth_ask');
