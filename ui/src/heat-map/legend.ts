// What colours stand for: the ramp from top to bottom, and values beside it. It follows the theme by
// itself.

import type { Label } from '../plot/labels';
import type { Shown } from '../plot/painter';

const AIR_PX = 10;
const LABEL_HEIGHT_PX = 14;

export class Legend {
  private readonly box = document.createElement('div');
  private readonly labels = document.createElement('div');
  private values: readonly Label[] = [];
  private height = 0;

  attach(over: HTMLElement): void {
    this.box.className = 'heat-legend';
    this.box.append(document.createElement('i'), this.labels);
    over.append(this.box);
  }

  /** Values, `at` which share of the height from the top; `null` hides it. */
  show(values: readonly Label[] | null): void {
    this.box.hidden = values === null;
    this.values = values ?? [];
    this.write();
  }

  place({ left, width, top, height }: Shown): void {
    const transform = `translate(${left + width + AIR_PX}px, ${top}px)`;
    if (this.box.style.transform !== transform) this.box.style.transform = transform;
    if (height === this.height) return;
    this.height = height;
    this.box.style.height = `${height}px`;
    this.write();
  }

  destroy(): void {
    this.box.remove();
  }

  private write(): void {
    const { labels } = this;
    while (labels.children.length > this.values.length) labels.lastElementChild?.remove();
    while (labels.children.length < this.values.length) {
      labels.append(document.createElement('span'));
    }
    this.values.forEach(({ at, text }, n) => {
      const label = labels.children[n] as HTMLElement;
      if (label.textContent !== text) label.textContent = text;
      const y = Math.round(at * this.height - LABEL_HEIGHT_PX / 2);
      label.style.transform = `translateY(${y}px)`;
    });
  }
}
