// A panel that is made of samples, not of columns over time: asks for an answer of its own, and draws
// it on one canvas with values at the left and below. Plain memory that nothing reactive watches.

import type { ChartRows } from '../chart-table/rows';
import { Asking } from '../live/asking';
import type { Drawing, Drawn, Hover } from '../live/drawing';
import { Source } from '../live/source';
import type { TimeWindow } from '../live/time-window';
import { type Label, TimeLabels, ValueLabels } from '../plot/labels';
import { Readout } from '../plot/readout';
import '../plot/plot.css';
import './sampled.css';

const AXIS_PX = { left: 66, right: 14, top: 10, bottom: 26 };
// Where there is little room, it is the data's.
const NARROW_PX = 300;
const NARROW_LEFT_PX = 52;
// Lines at the very edge are not cut in half.
const BLEED_PX = 6;

/** Where things are drawn: the plot area, in the canvas' pixels. */
export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
  ratio: number;
}

/** A span of time that was asked for. */
export interface Shown {
  fromMs: number;
  toMs: number;
}

export abstract class Sampled implements Drawn {
  readonly source: Source;
  /** Called when there is another answer, for what is written beside the plot. */
  onAnswer: (() => void) | null = null;
  /** What the last answer is about. */
  shown: Shown | null = null;
  protected readonly asking: Asking;
  protected readonly readout = new Readout();
  /** Over the canvas: what marks a place in it. */
  protected readonly marker = document.createElement('div');
  /** Over the canvas: words. */
  protected readonly notes = document.createElement('div');
  protected readonly place = document.createElement('div');
  protected width = 0;
  protected height = 0;
  private readonly canvas = document.createElement('canvas');
  private readonly left = new ValueLabels('left');
  private readonly below = new TimeLabels();
  private ratio = 1;
  private visible = true;
  private dirty = true;
  private readonly listening = new AbortController();

  constructor(
    readonly element: HTMLElement,
    readonly id: string,
    protected readonly drawing: Drawing,
    readonly time: TimeWindow,
    readonly onTrouble: (trouble: unknown) => void,
  ) {
    // It has no traces, and so asks nothing: what is asked for here are not columns.
    this.source = new Source(id, time, () => {}, onTrouble);
    this.asking = new Asking(
      () => this.fetch(),
      () => this.time.following || (this.shown?.toMs ?? 0) > this.time.nowMs(),
      onTrouble,
    );
    this.place.classList.add('plot-area', 'sampled-area');
    this.marker.className = 'sampled-marker';
    this.marker.hidden = true;
    this.notes.className = 'sampled-notes';
    this.notes.ariaHidden = 'true';
    this.canvas.dataset.testid = `canvas-${id}`;
    this.place.append(this.canvas, this.notes, this.marker);
    this.element.append(this.left.element, this.place, this.below.element);
    this.listen();
    drawing.add(this);
  }

  /** Asks for the span that is shown, and keeps the answer. */
  protected abstract ask(shown: Shown): Promise<void>;
  /** Draws the answer; says what stands at the left and below, in the canvas' pixels. */
  protected abstract paint(pen: CanvasRenderingContext2D, area: Area): Axes;
  /** The pointer is there, in CSS pixels of the plot area; `null`: nowhere. */
  protected abstract pointed(at: { x: number; y: number } | null): void;
  /** What is drawn, as a table. */
  abstract rows(): ChartRows;
  /** Moves the cursor of the keyboard. `false` if the key means nothing here. */
  protected abstract key(name: string): boolean;

  private get room() {
    return { ...AXIS_PX, left: this.width < NARROW_PX ? NARROW_LEFT_PX : AXIS_PX.left };
  }

  /** In CSS pixels. */
  get areaWidth(): number {
    const { left, right } = this.room;
    return Math.max(0, this.width - left - right);
  }

  get areaHeight(): number {
    return Math.max(0, this.height - AXIS_PX.top - AXIS_PX.bottom);
  }

  /** Something else is wanted. */
  asked(): void {
    this.asking.now();
  }

  setSize(width: number, height: number): void {
    if (width === this.width && height === this.height) return;
    this.width = width;
    this.height = height;
    this.redraw();
  }

  setVisible(visible: boolean): void {
    if (visible === this.visible) return;
    this.visible = visible;
    this.asking.setVisible(visible);
    this.redraw();
  }

  timeChanged(): void {
    this.asking.now();
  }

  returned(): void {
    this.asking.now();
  }

  apply(): void {}

  nextColumnInMs(): number {
    return Number.POSITIVE_INFINITY;
  }

  focus(): void {
    this.place.focus();
  }

  redraw(): void {
    this.dirty = true;
    this.drawing.requestFrame();
  }

  point(hover: Hover | null): void {
    if (hover && hover.panel !== this.id) this.pointedElsewhere(hover.ms());
    else if (!hover) this.pointedElsewhere(null);
  }

  /** The pointer is at a moment in another panel. */
  protected pointedElsewhere(_ms: number | null): void {}

  draw(): boolean {
    if (devicePixelRatio !== this.ratio) this.dirty = true;
    if (!this.visible || !this.dirty || this.areaWidth === 0 || this.areaHeight === 0) return false;
    this.dirty = false;
    const pen = this.sized();
    if (!pen) return false;
    const { ratio } = this;
    const bleed = Math.round(BLEED_PX * ratio);
    const area: Area = {
      left: bleed,
      top: bleed,
      width: Math.round(this.areaWidth * ratio),
      height: Math.round(this.areaHeight * ratio),
      ratio,
    };
    const axes = this.paint(pen, area);
    const inCss = (at: number) => AXIS_PX.top + (at - bleed) / ratio;
    this.left.show(axes.left.map(({ at, text }) => ({ at: inCss(at), text })));
    this.below.set(axes.below.map(({ at, text }) => ({ at: (at - bleed) / ratio, text })));
    this.below.show(0, this.areaWidth, this.room.right);
    return true;
  }

  destroy(): void {
    this.asking.destroy();
    this.source.destroy();
    this.listening.abort();
    this.drawing.remove(this);
    this.readout.destroy();
    this.element.replaceChildren();
  }

  /** The canvas as large as the plot area is now, and empty. */
  private sized(): CanvasRenderingContext2D | null {
    this.ratio = devicePixelRatio;
    const { canvas, ratio, room } = this;
    const width = Math.round((this.areaWidth + 2 * BLEED_PX) * ratio);
    const height = Math.round((this.areaHeight + 2 * BLEED_PX) * ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${width / ratio}px`;
      canvas.style.height = `${height / ratio}px`;
      canvas.style.transform = `translate(${-BLEED_PX}px, ${-BLEED_PX}px)`;
      this.place.style.left = `${room.left}px`;
      this.place.style.top = `${AXIS_PX.top}px`;
      this.place.style.width = `${this.areaWidth}px`;
      this.place.style.height = `${this.areaHeight}px`;
      this.left.setRoom(room.left);
      this.below.setLeft(room.left);
    }
    const pen = canvas.getContext('2d');
    pen?.clearRect(0, 0, width, height);
    return pen;
  }

  private async fetch(): Promise<void> {
    const { time } = this;
    const now = time.nowMs();
    const shown = time.following ? { fromMs: now - time.spanMs, toMs: now } : time.range(1, 1);
    await this.ask(shown);
    if (this.shown) this.onAnswer?.();
  }

  private listen(): void {
    const { signal } = this.listening;
    const { place } = this;
    place.addEventListener(
      'pointermove',
      ({ clientX, clientY }) => {
        const { left, top } = place.getBoundingClientRect();
        this.pointed({ x: clientX - left, y: clientY - top });
      },
      { signal },
    );
    place.addEventListener('pointerleave', () => this.pointed(null), { signal });
    place.addEventListener('blur', () => this.pointed(null), { signal });
    place.addEventListener(
      'keydown',
      (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey || !this.key(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
      },
      { signal },
    );
  }

  /** Makes the plot area a control for the keyboard, and names it. */
  protected setRole(
    role: 'slider' | 'img',
    name: string,
    text: string,
    at?: [number, number],
  ): void {
    const { place } = this;
    place.role = role;
    place.ariaLabel = name;
    place.tabIndex = role === 'slider' ? 0 : -1;
    place.ariaValueText = role === 'slider' ? text : null;
    place.ariaValueMin = at ? '0' : null;
    place.ariaValueMax = at ? String(at[1]) : null;
    place.ariaValueNow = at ? String(at[0]) : null;
  }

  /** Where the readout stands for a place in the plot area. */
  protected onScreen(x: number, y: number): { x: number; y: number } {
    const { left, top } = this.place.getBoundingClientRect();
    return { x: left + x, y: top + y };
  }
}

export interface Axes {
  left: Label[];
  below: Label[];
}
