// One gauge of a panel of gauges: its number and its range are written a few times a second, what
// is filled moves with every frame. By hand, as it streams.

import { tick } from '../lib/format';
import { ValueRange } from '../plot/value-range';
import { segments } from '../tile/level';
import { part, write } from '../tile/parts';
import type { Seen } from '../tile/seen';
import type { Moment, Tile } from '../tile/tile';
import { type Asked, ValueText } from '../tile/value-text';
import { say } from '../words/say';
import { partOf, type Shape, shapeOf, zeroPart } from './shape';

// Nobody sees what moves by less.
const MOVE_PX = 0.5;

export interface GaugeAsked extends Asked {
  range: [number, number] | null;
}

export class GaugeCell {
  readonly text: ValueText;
  readonly box: HTMLElement;
  /** The size at which the number fits. */
  shape: Shape | null = null;
  private range: [number, number] = [0, 1];
  private readonly fitting = new ValueRange();
  private filled = Number.NaN;
  private readonly svg: SVGSVGElement;
  private readonly track: SVGElement;
  private readonly fill: SVGElement;
  private readonly needle: SVGElement;
  private readonly levels: SVGElement;
  private readonly marks: SVGElement;
  private readonly number: HTMLElement;
  private readonly ends: [HTMLElement, HTMLElement];
  private readonly said: HTMLElement;
  private readonly auto: HTMLElement;

  constructor(readonly element: HTMLElement) {
    this.text = new ValueText(element);
    this.box = part(element, 'gauge');
    this.svg = this.box.querySelector('svg') as SVGSVGElement;
    const shape = (name: string) => this.svg.querySelector(`.${name}`) as SVGElement;
    this.track = shape('track');
    this.fill = shape('fill');
    this.needle = shape('needle');
    this.levels = shape('levels');
    this.marks = shape('marks');
    this.number = part(element, 'number');
    this.ends = [part(element, 'least'), part(element, 'greatest')];
    this.said = part(element, 'range');
    this.auto = part(element, 'auto');
  }

  setSize(width: number, height: number, asked: GaugeAsked): void {
    const shape = shapeOf(width, height);
    this.shape = shape;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.element.dataset.shape = shape.kind;
    for (const line of [this.track, this.fill]) {
      line.setAttribute('stroke-width', String(shape.trackWidth));
    }
    this.track.setAttribute('d', shape.track(0, 1));
    const { x, y } = shape.number;
    this.number.style.left = `${x}px`;
    this.number.style.top = `${y}px`;
    shape.ends.forEach(({ x, y }, n) => {
      const end = this.ends[n as 0 | 1];
      end.style.left = `${Math.round(x)}px`;
      end.style.top = `${Math.round(y)}px`;
    });
    this.drawRange(asked);
  }

  /** What was fitted to something else is fitted anew. */
  forget(): void {
    this.text.forget();
    this.fitting.refit();
  }

  show(n: number, tile: Tile, moment: Moment, asked: GaugeAsked): void {
    const shown = tile.seen(n, moment);
    this.text.show(n, tile, shown, moment, asked);
    const range = this.rangeOf(shown, asked);
    if (range[0] !== this.range[0] || range[1] !== this.range[1]) {
      this.range = range;
      this.drawRange(asked);
    }
    this.move(shown.value);
    this.sayRange(shown.value, asked);
  }

  /** Moves what is filled to a value: `true` if that can be seen. */
  move(value: number | null): boolean {
    const { shape, range } = this;
    if (!shape) return false;
    const at = value === null || !Number.isFinite(value) ? Number.NaN : partOf(value, range);
    if (
      Number.isNaN(at)
        ? Number.isNaN(this.filled)
        : Math.abs(at - this.filled) * shape.length < MOVE_PX
    ) {
      return false;
    }
    this.filled = at;
    const zero = zeroPart(range);
    const none = Number.isNaN(at);
    this.fill.setAttribute('d', none ? '' : shape.track(Math.min(zero, at), Math.max(zero, at)));
    this.needle.setAttribute('d', none ? '' : shape.across(at));
    return true;
  }

  private rangeOf({ min, max, value }: Seen, { range, unit, marks }: GaugeAsked): [number, number] {
    if (range) return range;
    const shares = [min, max, value].every((n) => n === null || (n >= 0 && n <= 100));
    if (unit === 'percent' && shares) return [0, 100];
    return this.fitting.at(performance.now(), value === null ? null : [value, value], () => {
      const known = [min, max, value].filter((n) => n !== null && Number.isFinite(n)) as number[];
      if (known.length === 0) return null;
      // What is filled is seen as a part of all; and what someone has marked is of interest.
      known.push(0, ...marks.map((mark) => mark.value));
      return [Math.min(...known), Math.max(...known)];
    });
  }

  private drawRange({ unit, marks }: GaugeAsked): void {
    const { shape, range } = this;
    if (!shape) return;
    this.levels.replaceChildren(
      ...segments(marks, range).map(({ from, to, level }) => {
        const line = path(shape.scale(partOf(from, range), partOf(to, range)), shape.scaleWidth);
        line.dataset.of = level;
        return line;
      }),
    );
    this.marks.replaceChildren(
      ...marks
        .filter(({ value }) => value > range[0] && value < range[1])
        .map(({ value }) => path(shape.across(partOf(value, range)), 1)),
    );
    const top = Math.max(Math.abs(range[0]), Math.abs(range[1]));
    this.ends.forEach((end, n) => {
      write(end, tick(range[n as 0 | 1], unit, (range[1] - range[0]) / 10, top));
    });
    this.filled = Number.POSITIVE_INFINITY;
  }

  private sayRange(value: number | null, { range }: GaugeAsked): void {
    const [from, to] = this.ends.map((end) => end.textContent) as [string, string];
    const beyond =
      value === null
        ? ''
        : value > this.range[1]
          ? say('gauge_above')
          : value < this.range[0]
            ? say('gauge_below')
            : '';
    write(this.said, beyond);
    write(this.auto, range || beyond ? '' : say('gauge_auto'));
    const all = range ? say('gauge_range', { from, to }) : say('gauge_range_auto', { from, to });
    if (this.box.title !== all) this.box.title = all;
  }
}

function path(d: string, width: number): SVGPathElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  made.setAttribute('d', d);
  made.setAttribute('stroke-width', String(width));
  return made;
}
