// When plots are drawn: all together, at most once a frame, and only those that changed. After
// that the application is told, which lets its next news go; and the update is taken as late as it
// can be and still be there for the next frame.

import * as host from '$host';
import type { Update } from '../generated/Update';
import { Pace } from './pace';
import type { Plot } from './plot';
import { TimeWindow } from './time-window';

/** Where the pointer is: in which plot, and at which of its pixels. */
export interface Hover {
  panel: string;
  x: number;
  y: number;
}

// While nothing arrives, charts still scroll; a chart of a long span need not look more often.
const IDLE_MS_MAX = 500;
const FRAME_MS = 16;

export class Drawing {
  readonly time = new TimeWindow();
  readonly plots = new Map<string, Plot>();
  framesDrawn = 0;
  hover: Hover | null = null;
  private readonly pace = new Pace();
  private undrawn: number[] = [];
  private frame = 0;
  private timer = 0;

  /** `also` hears every update after the plots have. */
  constructor(private readonly also: (update: Update) => void) {
    this.time.onChange(() => {
      for (const plot of this.plots.values()) plot.timeChanged();
      this.requestFrame();
    });
    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.timer);
      if (document.hidden) return;
      for (const plot of this.plots.values()) plot.returned();
      // Before the first frame, which then has the present in it.
      this.answer();
      this.requestFrame();
    });
  }

  add(plot: Plot): void {
    this.plots.set(plot.panel.id, plot);
    this.requestFrame();
  }

  remove(plot: Plot): void {
    if (this.plots.get(plot.panel.id) === plot) this.plots.delete(plot.panel.id);
    if (this.hover?.panel === plot.panel.id) this.hover = null;
  }

  /** There is an update to take. */
  news(): void {
    const waitMs = this.pace.wait(performance.now());
    if (waitMs < 1) this.take();
    else setTimeout(() => this.take(), waitMs);
  }

  private take(): void {
    // It fails when the application is going, and then there are no more.
    host.takeUpdate().then(
      (update) => {
        if (update) this.heard(update);
      },
      () => {},
    );
  }

  private heard(update: Update): void {
    this.pace.heard(performance.now());
    this.time.heard(update.now_ms);
    for (const change of update.panels) {
      for (const plot of this.plots.values()) {
        if (plot.watchId === change.panel) plot.apply(update.number, change);
      }
    }
    this.undrawn.push(update.number);
    this.requestFrame();
    // Last, so that the update is answered whatever becomes of this.
    this.also(update);
  }

  setHover(hover: Hover | null): void {
    this.hover = hover;
    this.requestFrame();
  }

  requestFrame(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame((now) => this.draw(now));
  }

  private draw(frameAt: number): void {
    this.frame = 0;
    this.pace.frame(frameAt);
    let drew = false;
    let nextMs = IDLE_MS_MAX;
    for (const plot of this.plots.values()) {
      // A panel that fails costs itself: without "drawn", no update would come any more.
      try {
        if (plot.draw()) drew = true;
        plot.point(this.hover);
      } catch (trouble) {
        plot.onTrouble(trouble);
      }
      nextMs = Math.min(nextMs, plot.nextColumnInMs());
    }
    if (drew) this.framesDrawn += 1;
    this.answer();
    clearTimeout(this.timer);
    if (!this.time.following || document.hidden) return;
    // A timer ends somewhere within a frame; the one after it would be too late.
    if (nextMs < 2 * FRAME_MS) this.requestFrame();
    else this.timer = window.setTimeout(() => this.requestFrame(), nextMs);
  }

  private answer(): void {
    for (const number of this.undrawn) {
      // Nobody to hear it means that nobody waits for it either.
      host.drawn(number).catch(() => {});
    }
    this.undrawn.length = 0;
  }
}
