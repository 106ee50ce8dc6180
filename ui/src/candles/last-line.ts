// The last value of candles: a line through the plot, and the value at the axis. Elements and no
// ink, as they move up and down where the strip only ever moves to the left.

import type { Shown } from '../plot/painter';

const LABEL_HEIGHT_PX = 18;

export class LastLine {
  private readonly line = document.createElement('div');
  private readonly label = document.createElement('div');

  attach(over: HTMLElement): void {
    this.line.className = 'candles-line';
    this.label.className = 'candles-label';
    this.hide();
    over.append(this.line, this.label);
  }

  show({ left, width, top, height }: Shown, at: number, text: string, rose: boolean): void {
    const inPlot = at >= top - 1 && at <= top + height + 1;
    if (!inPlot) {
      this.hide();
      return;
    }
    this.line.hidden = false;
    this.label.hidden = false;
    const direction = rose ? 'up' : 'down';
    if (this.line.dataset.direction !== direction) {
      this.line.dataset.direction = direction;
      this.label.dataset.direction = direction;
    }
    place(this.line, `translate(${left}px, ${Math.round(at)}px)`);
    place(this.label, `translate(${left + width}px, ${Math.round(at) - LABEL_HEIGHT_PX / 2}px)`);
    const wide = `${width}px`;
    if (this.line.style.width !== wide) this.line.style.width = wide;
    if (this.label.textContent !== text) this.label.textContent = text;
  }

  hide(): void {
    this.line.hidden = true;
    this.label.hidden = true;
  }

  destroy(): void {
    this.line.remove();
    this.label.remove();
  }
}

function place(element: HTMLElement, transform: string): void {
  if (element.style.transform !== transform) element.style.transform = transform;
}
