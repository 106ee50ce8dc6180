// The moments and spans that a plot marks: an upright line each, with a flag at its top that can be
// dragged, or pressed. Elements and no ink: they move without anything being drawn anew.

import { type Moment, momentsOf, momentsWithin, type Part } from '../live/moments';

// More than this in one view says only that there are many.
const FLAGS_MAX = 200;
// A press that trembles is not a drag.
const DRAG_PX_MIN = 3;
// As much room as the words of a flag may take.
const LABEL_PX = 120;

interface Flag {
  element: HTMLElement;
  label: HTMLElement;
  /** Of a span: how far it goes. */
  band: HTMLElement | null;
  moment: Moment;
}

export class Flags {
  readonly element = document.createElement('div');
  private readonly made = new Map<string, Flag>();
  private given: readonly Moment[] = [];
  private traces: readonly { feed: string }[] = [];
  private mine: Moment[] = [];
  /** The one that is held to be dragged: its element has the pointer, and stays. */
  private held: string | null = null;

  /** `msAt` says which moment is at so many CSS pixels from the plot's left edge. */
  constructor(
    private readonly panel: string,
    private readonly msAt: (x: number) => number,
  ) {
    this.element.className = 'plot-flags';
  }

  /** Shows those that lie in the plot of these traces, `perMs` CSS pixels to a millisecond. */
  show(
    moments: readonly Moment[],
    traces: readonly { feed: string }[],
    fromMs: number,
    perMs: number,
    width: number,
  ): void {
    if (moments !== this.given || traces !== this.traces) {
      this.given = moments;
      this.traces = traces;
      this.mine = momentsOf(moments, this.panel, traces);
    }
    if (this.mine.length === 0 && this.made.size === 0) return;
    const toMs = fromMs + width / perMs;
    const seen = momentsWithin(this.mine, fromMs, toMs, FLAGS_MAX, this.held);
    this.make(seen);
    const at = (ms: number) => Math.round((ms - fromMs) * perMs);
    let room = width;
    // From the right, since a flag has the room up to the next one.
    for (const moment of seen.reverse()) {
      const flag = this.made.get(moment.id);
      if (!flag) continue;
      const x = Math.min(width, Math.max(0, at(moment.ms)));
      this.place(flag, x, width, Math.min(LABEL_PX, room - x));
      room = x - 1;
      if (flag.band && moment.toMs !== undefined) {
        const end = at(moment.toMs);
        write(flag.band, 'width', `${Math.max(1, Math.min(width, end) - x)}px`);
        mark(flag.element, 'begins', at(moment.ms) >= 0);
        mark(flag.element, 'ends', end <= width);
      }
    }
  }

  private place({ element, label }: Flag, x: number, width: number, room: number): void {
    write(element, 'transform', `translateX(${x}px)`);
    // A flag that would be cut off at the right edge flies to the left.
    const turned = x > width - LABEL_PX && x > width - label.offsetWidth;
    mark(element, 'turned', turned);
    write(label, 'maxWidth', turned ? '' : `${Math.max(8, room)}px`);
  }

  /** Has an element for each of these, and for no others. */
  private make(seen: readonly Moment[]): void {
    const wanted = new Set(seen.map(({ id }) => id));
    for (const [id, { element }] of this.made) {
      if (wanted.has(id)) continue;
      this.remove(id, element);
    }
    for (const moment of seen) {
      const before = this.made.get(moment.id);
      if (before?.moment === moment) continue;
      // A moment that becomes a span, or the other way round, is another thing.
      const same = before && (before.band !== null) === (moment.toMs !== undefined);
      if (before && !same) this.remove(moment.id, before.element);
      const flag = before && same ? before : this.add(moment);
      flag.moment = moment;
      flag.element.dataset.kind = moment.kind;
      mark(flag.element, 'moves', moment.move !== undefined);
      flag.element.style.setProperty('--flag', moment.color ?? '');
      if (flag.label.textContent !== moment.text) flag.label.textContent = moment.text;
    }
  }

  private remove(id: string, element: HTMLElement): void {
    element.remove();
    this.made.delete(id);
    if (this.held === id) this.held = null;
  }

  private add(moment: Moment): Flag {
    const element = document.createElement('div');
    element.className = 'plot-flag';
    const label = document.createElement('button');
    label.type = 'button';
    label.dataset.moment = moment.id;
    // It is in the list of moments, which can be reached by keyboard.
    label.tabIndex = -1;
    const band = moment.toMs === undefined ? null : document.createElement('div');
    const flag: Flag = { element, label, band, moment };
    if (band) {
      band.className = 'plot-span';
      for (const part of ['from', 'to'] as const) {
        const edge = document.createElement('i');
        edge.className = part;
        this.drag(flag, edge, part);
        band.append(edge);
      }
      element.append(band);
    }
    element.append(label);
    this.drag(flag, label, 'all');
    this.element.append(element);
    this.made.set(moment.id, flag);
    return flag;
  }

  /** Lets an element of a flag be dragged, or pressed. */
  private drag(flag: Flag, by: HTMLElement, part: Part): void {
    let from: number | null = null;
    let moved = false;
    /** How far from the moment it was taken hold of. */
    let offMs = 0;
    // Beyond an edge of the plot it goes no further than to that edge.
    const under = ({ clientX }: PointerEvent) => {
      const { left, width } = this.element.getBoundingClientRect();
      return this.msAt(Math.min(width, Math.max(0, clientX - left)));
    };
    const letGo = () => {
      from = null;
      this.held = null;
    };
    by.addEventListener('pointerdown', (event) => {
      event.stopPropagation();
      if (event.button !== 0) return;
      from = event.clientX;
      moved = false;
      this.held = flag.moment.id;
      const { ms, toMs } = flag.moment;
      // A moment goes where the pointer is; a span is held where it was taken.
      offMs = toMs === undefined ? 0 : under(event) - (part === 'to' ? toMs : ms);
      by.setPointerCapture(event.pointerId);
    });
    by.addEventListener('pointermove', (event) => {
      if (from === null) return;
      event.stopPropagation();
      if (!moved && Math.abs(event.clientX - from) < DRAG_PX_MIN) return;
      moved = true;
      flag.moment.move?.(under(event) - offMs, part);
    });
    by.addEventListener('pointerup', (event) => {
      event.stopPropagation();
      if (from !== null && moved) flag.moment.put?.();
      else if (from !== null) flag.moment.open?.(by.getBoundingClientRect());
      letGo();
    });
    by.addEventListener('pointercancel', () => {
      if (from !== null && moved) flag.moment.put?.();
      letGo();
    });
    // Two of them are not two in the plot.
    by.addEventListener('click', (event) => event.stopPropagation());
  }
}

function write(element: HTMLElement, what: 'transform' | 'width' | 'maxWidth', text: string): void {
  if (element.style[what] !== text) element.style[what] = text;
}

function mark(element: HTMLElement, name: string, on: boolean): void {
  if (element.classList.contains(name) !== on) element.classList.toggle(name, on);
}
