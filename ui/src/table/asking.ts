// Asks for the statistics of a span, again and again, while it follows the present: at most once a
// second, and less often where the answers take long.

import type { Span } from '../generated/Span';
import type { Statistics } from '../generated/Statistics';

const EVERY_MS = 1000;
// An answer that took a while is worth so many times as long.
const REST = 4;

export class Asking {
  /** Of the traces that were asked for last; empty until there is an answer. */
  answer: readonly Statistics[] = [];
  private wish: Span | null = null;
  private busy = false;
  private gone = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private nextAt = Number.NEGATIVE_INFINITY;
  private traces: Span['traces'] | null = null;

  constructor(
    private readonly ask: (span: Span) => Promise<Statistics[]>,
    private readonly now: () => number,
    private readonly onAnswer: () => void,
    private readonly onTrouble: (trouble: unknown) => void,
  ) {}

  /** Of what is shown now; only the latest wish is asked for. */
  want(span: Span): void {
    if (span.traces !== this.traces) {
      this.traces = span.traces;
      this.answer = [];
    }
    this.wish = span;
    this.go();
  }

  destroy(): void {
    this.gone = true;
    clearTimeout(this.timer);
  }

  private go(): void {
    clearTimeout(this.timer);
    const span = this.wish;
    if (this.busy || this.gone || !span) return;
    const at = this.now();
    if (at < this.nextAt) {
      this.timer = setTimeout(() => this.go(), this.nextAt - at);
      return;
    }
    this.wish = null;
    this.busy = true;
    this.ask(span)
      .then(
        (answer) => {
          if (this.gone || span.traces !== this.traces) return;
          this.answer = answer;
          this.onAnswer();
        },
        (trouble) => {
          if (!this.gone) this.onTrouble(trouble);
        },
      )
      .finally(() => {
        const done = this.now();
        this.nextAt = Math.max(at + EVERY_MS, done + REST * (done - at));
        this.busy = false;
        this.go();
      });
  }
}
