// The words around a plot: at its axes, and in its bands. They are elements and no ink, so that
// they move and change without anything being drawn anew, and follow the theme by themselves.

import { theme } from '../lib/theme';
import { type Band, bandLines } from './bands';

const TIME_WIDTH_PX = 60;
// Between the values and the plot.
const LABEL_AIR_PX = 8;
const VALUE_HEIGHT_PX = 14;
const BAND_LABEL_Y_PX = 40;
const BAND_LABEL_ROOM_PX = 4;
// Numbers that change faster cannot be read.
const BAND_LABEL_MS = 250;
const MEASURED_MAX = 500;

// As wide as the values of lines need, so that plots one above the other begin at one place.
const NAME_PX_MIN = 66;
const NAME_PX_MAX = 176;
/** How much of the whole width names may take. */
const NAME_SHARE = 0.34;
// Between a name and the panel's edge, and between it and its row.
const NAME_AIR_PX = 18;

export interface Label {
  at: number;
  text: string;
}

/** Fills an element with as many children as there are labels, and writes only what differs. */
function write(parent: HTMLElement, labels: readonly Label[], place: (at: number) => string): void {
  while (parent.children.length > labels.length) parent.lastElementChild?.remove();
  while (parent.children.length < labels.length) parent.append(document.createElement('span'));
  labels.forEach(({ at, text }, n) => {
    const child = parent.children[n] as HTMLElement;
    if (child.textContent !== text) child.textContent = text;
    const transform = place(at);
    if (child.style.transform !== transform) child.style.transform = transform;
  });
}

/** Beside horizontal lines. */
export class ValueLabels {
  readonly element: HTMLElement;

  constructor(side: 'left' | 'right') {
    this.element = made('plot-values');
    this.element.classList.add(`plot-${side}`);
  }

  /** As wide as there is room, in CSS pixels. */
  setRoom(wide: number): void {
    this.element.style.width = `${Math.max(0, wide - LABEL_AIR_PX)}px`;
  }

  show(labels: readonly Label[]): void {
    write(this.element, labels, (at) => `translateY(${at - VALUE_HEIGHT_PX / 2}px)`);
  }
}

/** Under vertical lines. They move with the strip that these are drawn on. */
export class TimeLabels {
  readonly element = made('plot-times');
  private readonly mover = document.createElement('div');
  private labels: readonly Label[] = [];
  private first = 0;
  private last = -1;
  /** How much of a label at the plot's left edge would be out of the panel. */
  private hangs = 0;

  constructor() {
    this.element.append(this.mover);
  }

  /** Where the plot area begins. Half a label is left of its moment. */
  setLeft(left: number): void {
    this.hangs = Math.max(0, TIME_WIDTH_PX / 2 - left);
    this.element.style.left = `${left - TIME_WIDTH_PX / 2}px`;
  }

  /** What there is on the strip, ascending. */
  set(labels: readonly Label[]): void {
    this.labels = labels;
    this.last = -2;
  }

  /** Half a label would stick out of the panel, or lie under the values'. */
  show(moved: number, width: number, room: number): void {
    let first = 0;
    const least = moved + this.hangs;
    while (first < this.labels.length && (this.labels[first] as Label).at < least) first += 1;
    let last = this.labels.length - 1;
    while (last >= 0 && (this.labels[last] as Label).at > moved + width + room - TIME_WIDTH_PX / 2)
      last -= 1;
    if (first !== this.first || last !== this.last) {
      this.first = first;
      this.last = last;
      write(
        this.mover,
        this.labels.slice(first, last + 1),
        (at) => `translateX(${at - TIME_WIDTH_PX / 2}px)`,
      );
    }
    move(this.mover, moved);
  }
}

/** In bands, where they have room: how much, and why. */
export class BandLabels {
  readonly element = made('plot-bands');

  show(found: readonly Band[], moved: number, width: number, height: number, nowMs: number): void {
    let used = 0;
    let taken = Number.NEGATIVE_INFINITY;
    for (const band of found) {
      const left = Math.max(0, band.left - moved);
      const right = Math.min(width, band.right - moved);
      if (right - left <= 2 * BAND_LABEL_ROOM_PX || left < taken) continue;
      const [much, why] = bandLines(band, Math.ceil(nowMs / BAND_LABEL_MS) * BAND_LABEL_MS);
      const wide = Math.max(measured(much, 600), measured(why, 400)) + 2 * BAND_LABEL_ROOM_PX;
      if (wide > right - left) continue;
      taken = right;
      const label = this.label(used);
      used += 1;
      label.dataset.cause = band.cause;
      const [first, second] = label.children as unknown as [HTMLElement, HTMLElement];
      if (first.textContent !== much) first.textContent = much;
      if (second.textContent !== why) second.textContent = why;
      const x = Math.round((left + right - wide) / 2);
      const y = Math.min(height / 2, BAND_LABEL_Y_PX);
      const transform = `translate(${x}px, ${Math.round(y)}px)`;
      if (label.style.transform !== transform) label.style.transform = transform;
    }
    while (this.element.children.length > used) this.element.lastElementChild?.remove();
  }

  private label(n: number): HTMLElement {
    const known = this.element.children[n];
    if (known) return known as HTMLElement;
    const label = document.createElement('div');
    label.append(document.createElement('strong'), document.createElement('span'));
    this.element.append(label);
    return label;
  }
}

/** Moves what scrolls to the left, by whole pixels. */
export function move(element: HTMLElement, by: number): void {
  const transform = `translateX(${-by}px)`;
  if (element.style.transform !== transform) element.style.transform = transform;
}

function made(className: string): HTMLElement {
  const element = document.createElement('div');
  element.className = className;
  // What is said here is said by the legend and the readout, too.
  element.ariaHidden = 'true';
  return element;
}

let ruler: CanvasRenderingContext2D | null = null;
const widths = new Map<string, number>();

/** How wide a text is, without laying out the page. */
export function measured(text: string, weight: number): number {
  const font = `${weight} 11px ${theme().font}`;
  const key = `${font} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  ruler ??= document.createElement('canvas').getContext('2d');
  if (!ruler) return Number.POSITIVE_INFINITY;
  ruler.font = font;
  const { width } = ruler.measureText(text);
  if (widths.size >= MEASURED_MAX) widths.clear();
  widths.set(key, width);
  return width;
}

/** How much room the names of rows need beside a plot, all of it being `width` wide. */
export function nameRoom(names: readonly string[], width: number): number {
  const widest = names.reduce((most, name) => Math.max(most, measured(name, 400)), 0);
  const most = Math.max(NAME_PX_MIN, Math.min(NAME_PX_MAX, width * NAME_SHARE));
  return Math.round(Math.max(NAME_PX_MIN, Math.min(most, widest + NAME_AIR_PX)));
}
