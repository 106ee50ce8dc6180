// A cursor in a plot that is moved by keys, and says where it is: the one that the pointer has, too,
// and so other panels follow it.

import { announce } from '../lib/announce';
import type { Drawing, Hover } from '../live/drawing';
import type { TimeWindow } from '../live/time-window';
import type { Direction } from './stops';

/** What a cursor goes along, from the top: a trace, a row, or a bin of values. */
export interface Lane {
  /** The trace at whose samples it stops. */
  trace: number;
  /** How far from the top of the plot area, in the canvas' pixels. */
  y: number;
  /** Which of what is said of a moment is of it; all, if it is not said. */
  reading?: number;
}

interface Moved {
  readonly id: string;
  readonly time: TimeWindow;
  readonly range: { fromMs: number; toMs: number };
  lanes(): readonly Lane[];
  next(lane: Lane, ms: number, direction: Direction): number | null;
  end(lane: Lane, direction: Direction): number | null;
  /** Where a moment is, in CSS pixels from the left of the plot area. */
  xAt(ms: number): number;
  yOf(lane: Lane): number;
  /** What is said of a moment. */
  spoken(ms: number, lane: Lane): string;
}

// With Shift, so much of what is shown at once.
const STRIDE_SHARE = 0.1;

export class KeyCursor {
  /** Where it was put; what is pointed at elsewhere goes before it. */
  private own: Hover | null = null;
  private lane = 0;
  private byPointer = false;
  private keyed = false;

  constructor(
    private readonly area: HTMLElement,
    private readonly plot: Moved,
    private readonly drawing: Drawing,
    signal: AbortSignal,
  ) {
    area.tabIndex = 0;
    area.addEventListener('pointerdown', () => this.clicked(), { signal });
    // What was clicked only happens to have the focus: its keys are those of the window.
    area.addEventListener('focus', () => this.focused(), { signal });
    area.addEventListener('blur', () => this.left(), { signal });
    area.addEventListener('keydown', (event) => this.pressed(event), { signal });
  }

  /** Puts it at the last sample, or where the pointer is. */
  focus(): void {
    this.byPointer = false;
    this.area.focus();
    this.keyed = true;
    const lane = this.laneNow();
    if (!lane) return;
    const { fromMs, toMs } = this.plot.range;
    const at = this.drawing.hover?.ms();
    const near = at !== undefined && at >= fromMs && at <= toMs;
    this.put(near ? at : this.plot.end(lane, 1), lane);
  }

  private clicked(): void {
    this.byPointer = true;
    this.keyed = false;
  }

  private focused(): void {
    this.keyed = !this.byPointer;
    this.byPointer = false;
  }

  private left(): void {
    this.keyed = false;
    this.giveBack();
  }

  private giveBack(): boolean {
    if (!this.own) return false;
    if (this.drawing.hover === this.own) this.drawing.setHover(null);
    this.own = null;
    return true;
  }

  private pressed(event: KeyboardEvent): void {
    if (!this.keyed || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!this.key(event.key, event.shiftKey)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private key(name: string, shift: boolean): boolean {
    if (name === 'Escape') return this.giveBack();
    const lane = this.laneNow();
    if (!lane) return false;
    if (name === 'ArrowLeft') this.step(lane, -1, shift);
    else if (name === 'ArrowRight') this.step(lane, 1, shift);
    else if (name === 'Home') this.put(this.plot.end(lane, -1), lane);
    else if (name === 'End') this.put(this.plot.end(lane, 1), lane);
    else if (name === 'ArrowUp') this.change(-1);
    else if (name === 'ArrowDown') this.change(1);
    else return false;
    return true;
  }

  private laneNow(): Lane | undefined {
    const lanes = this.plot.lanes();
    this.lane = Math.max(0, Math.min(lanes.length - 1, this.lane));
    return lanes[this.lane];
  }

  /** Where it is, if that can be seen. */
  private get at(): number | null {
    const ms = (this.drawing.hover ?? this.own)?.ms();
    const { fromMs, toMs } = this.plot.range;
    return ms !== undefined && ms >= fromMs && ms <= toMs ? ms : null;
  }

  private step(lane: Lane, direction: Direction, far: boolean): void {
    const { at, plot } = this;
    if (at === null) {
      this.put(plot.end(lane, 1), lane);
      return;
    }
    const { fromMs, toMs } = plot.range;
    const stride = far ? (toMs - fromMs) * STRIDE_SHARE : 0;
    const next = plot.next(lane, at + direction * stride, direction);
    if (next !== null) this.put(next, lane);
    else if (far) this.put(plot.end(lane, direction), lane);
    else if (direction < 0 || !plot.time.following) {
      // Beyond the edge there may be more: the view goes along, and the next key finds it.
      plot.time.pan(direction * (toMs - fromMs) * STRIDE_SHARE);
      this.put(at, lane);
    } else this.put(at, lane);
  }

  private change(by: number): void {
    const lanes = this.plot.lanes();
    this.lane = Math.max(0, Math.min(lanes.length - 1, this.lane + by));
    const lane = lanes[this.lane];
    if (lane) this.put(this.at ?? this.plot.end(lane, 1), lane);
  }

  private put(ms: number | null, lane: Lane): void {
    if (ms === null) return;
    const { plot } = this;
    this.own = {
      panel: plot.id,
      // While time goes on, a moment moves to the left.
      get x() {
        return plot.xAt(ms);
      },
      y: plot.yOf(lane),
      reading: lane.reading,
      ms: () => ms,
    };
    this.drawing.setHover(this.own);
    announce(plot.spoken(ms, lane));
  }
}
