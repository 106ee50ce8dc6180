// The moments that a plot marks: an upright line each, with a flag at its top that can be dragged,
// or pressed. Elements and no ink: they move without anything being drawn anew.

import type { Moment } from '../live/moments';

// More than this in one view says only that there are many.
const FLAGS_MAX = 200;
// A press that trembles is not a drag.
const DRAG_PX_MIN = 3;

export class Flags {
  readonly element = document.createElement('div');
  private readonly made = new Map<string, HTMLElement>();
  private readonly known = new Map<string, Moment>();
  private drawn: readonly Moment[] = [];

  /** `msAt` says which moment is at so many CSS pixels from the plot's left edge. */
  constructor(private readonly msAt: (x: number) => number) {
    this.element.className = 'plot-flags';
  }

  /** Shows those that lie in the plot, `perMs` CSS pixels to a millisecond. */
  show(moments: readonly Moment[], fromMs: number, perMs: number, width: number): void {
    if (moments !== this.drawn) this.make(moments);
    for (const { id, ms } of this.drawn) {
      const flag = this.made.get(id);
      if (!flag) continue;
      const x = Math.round((ms - fromMs) * perMs);
      const hidden = !(x >= 0 && x <= width);
      if (flag.hidden !== hidden) flag.hidden = hidden;
      if (hidden) continue;
      const transform = `translateX(${x}px)`;
      if (flag.style.transform !== transform) flag.style.transform = transform;
      // A flag that would be cut off at the right edge flies to the left.
      const turned = x > width - flag.offsetWidth;
      if (flag.classList.contains('turned') !== turned) flag.classList.toggle('turned', turned);
    }
  }

  private make(moments: readonly Moment[]): void {
    this.drawn = moments.slice(0, FLAGS_MAX);
    const wanted = new Set(this.drawn.map(({ id }) => id));
    for (const [id, flag] of this.made) {
      if (wanted.has(id)) continue;
      flag.remove();
      this.made.delete(id);
      this.known.delete(id);
    }
    for (const moment of this.drawn) {
      this.known.set(moment.id, moment);
      const flag = this.made.get(moment.id) ?? this.add(moment.id);
      flag.dataset.kind = moment.kind;
      flag.classList.toggle('moves', moment.move !== undefined);
      const label = flag.firstElementChild as HTMLElement;
      if (label.textContent !== moment.text) label.textContent = moment.text;
    }
  }

  private add(id: string): HTMLElement {
    const flag = document.createElement('div');
    flag.className = 'plot-flag';
    const label = document.createElement('button');
    label.type = 'button';
    // It is in the list of moments, which can be reached by keyboard.
    label.tabIndex = -1;
    flag.append(label);
    this.element.append(flag);
    this.made.set(id, flag);
    let from: number | null = null;
    let moved = false;
    label.addEventListener('pointerdown', (event) => {
      event.stopPropagation();
      if (event.button !== 0) return;
      from = event.clientX;
      moved = false;
      label.setPointerCapture(event.pointerId);
    });
    label.addEventListener('pointermove', (event) => {
      if (from === null) return;
      event.stopPropagation();
      if (!moved && Math.abs(event.clientX - from) < DRAG_PX_MIN) return;
      moved = true;
      const { left } = this.element.getBoundingClientRect();
      this.known.get(id)?.move?.(this.msAt(event.clientX - left));
    });
    label.addEventListener('pointerup', () => {
      if (from !== null && !moved) this.known.get(id)?.open?.();
      from = null;
    });
    label.addEventListener('pointercancel', () => {
      from = null;
    });
    return flag;
  }
}
