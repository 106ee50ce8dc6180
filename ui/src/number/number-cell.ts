// One number of a panel of numbers: written by hand, as it streams.

import type { Trace } from '../generated/Trace';
import { clock, fixed } from '../lib/format';
import { drawCourse } from '../tile/draw-course';
import { type Form, signedFigures } from '../tile/figures';
import { mark, part, Sheet, write } from '../tile/parts';
import { type Seen, trend } from '../tile/seen';
import { spanText } from '../tile/stale';
import type { Moment, Tile } from '../tile/tile';
import { type Asked, ValueText } from '../tile/value-text';
import { say } from '../words/say';

export class NumberCell {
  readonly text: ValueText;
  readonly sheet: Sheet;
  readonly box: HTMLElement;
  private readonly trend: HTMLElement;
  private readonly time: HTMLElement;

  constructor(readonly element: HTMLElement) {
    this.text = new ValueText(element);
    this.box = part(element, 'course');
    this.sheet = new Sheet(this.box.firstElementChild as HTMLCanvasElement);
    this.trend = part(element, 'trend');
    this.time = part(element, 'time');
  }

  show(n: number, tile: Tile, moment: Moment, trace: Trace, asked: Asked): void {
    const shown = tile.seen(n, moment);
    this.text.show(n, tile, shown, moment, asked);
    if (this.text.text !== undefined) {
      // It neither rises nor falls.
      mark(this.element, 'trend', null);
      write(this.trend, '');
      write(this.time, moment.following ? '' : say('tile_at', { time: clock(moment.toMs, 1000) }));
      this.sheet.draw(() => {});
      return;
    }
    this.showTrend(shown, moment, asked);
    drawCourse(this.sheet, tile, n, shown, moment, trace);
  }

  private showTrend(shown: Seen, moment: Moment, { unit }: Asked): void {
    const form = this.text.held.form as Form;
    const found = trend(shown);
    const difference = found ? signedFigures(found.difference, form) : '';
    // What rounds to nothing has not moved, as far as one can see.
    const moved = /[1-9]/.test(difference);
    mark(
      this.element,
      'trend',
      !found ? null : !moved ? 'flat' : found.difference > 0 ? 'up' : 'down',
    );
    let text = '';
    if (!found) text = shown.value === null ? say('tile_nothing') : '';
    else if (!moved) text = say('trend_flat');
    else if (unit === 'percent') text = say('trend_points', { difference });
    else {
      const written = form.unit ? `${difference}\u202f${form.unit}` : difference;
      text =
        found.percent === null
          ? written
          : say('trend', { difference: written, percent: percentText(found.percent) });
    }
    write(this.trend, text);
    const time = moment.following
      ? say('trend_in', { span: spanText(moment.toMs - moment.fromMs) })
      : say('tile_at', { time: clock(moment.toMs, 1000) });
    write(this.time, found || !moment.following ? time : '');
  }
}

/** With its sign: as fine as it is small, and no finer than a hundredth. */
export function percentText(percent: number): string {
  const size = Math.abs(percent);
  const text = fixed(percent, size < 0.995 ? 2 : size < 99.5 ? 1 : 0);
  return `${percent > 0 ? '+' : ''}${text}\u202f%`;
}
