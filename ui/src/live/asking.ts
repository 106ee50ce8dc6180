// When to ask for what no update brings: at once when something else is wanted, and while time is
// followed again and again, at a bounded pace. What cannot be seen is not asked for.

import { OneAtATime } from '../lib/one-at-a-time';

// Four times a second is as often as numbers can be read.
const PACE_MS = 250;
// Of the time there is, answers may take so much at most.
const BUSY = 0.2;

/** How long after one question the next may come, if the answer took so long. */
export const restMs = (tookMs: number, paceMs = PACE_MS): number => Math.max(paceMs, tookMs / BUSY);

export class Asking {
  private visible = true;
  private gone = false;
  private timer = 0;
  private dueAt = 0;
  private running = false;
  private wished = false;
  private readonly one = new OneAtATime(() => this.run());

  constructor(
    /** Asks, and takes the answer. */
    private readonly work: () => Promise<void>,
    /** Whether the same question may have another answer by and by. */
    private readonly repeats: () => boolean,
    private readonly onTrouble: (trouble: unknown) => void,
    private readonly paceMs = PACE_MS,
  ) {}

  private get idle(): boolean {
    return this.gone || !this.visible || document.hidden;
  }

  /** Something else is wanted. */
  now(): void {
    this.stop();
    if (!this.idle) this.one.ask();
  }

  /** There may be more to know: it is asked for, but not before it is time. */
  soon(): void {
    // What is under way may have been asked too early to know.
    if (this.running) this.wished = true;
    if (this.idle || this.running || this.timer !== 0) return;
    this.timer = window.setTimeout(() => this.now(), Math.max(0, this.dueAt - performance.now()));
  }

  setVisible(visible: boolean): void {
    if (visible === this.visible) return;
    this.visible = visible;
    this.now();
  }

  destroy(): void {
    this.gone = true;
    this.stop();
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  private async run(): Promise<void> {
    if (this.idle) return;
    this.running = true;
    this.wished = false;
    const began = performance.now();
    try {
      await this.work();
    } catch (trouble) {
      if (!this.gone) this.onTrouble(trouble);
      // It may be there again later, but not at once.
      this.dueAt = performance.now() + 10 * PACE_MS;
    } finally {
      this.dueAt = Math.max(this.dueAt, began + restMs(performance.now() - began, this.paceMs));
      this.running = false;
      if (this.wished || this.repeats()) this.soon();
    }
  }
}
