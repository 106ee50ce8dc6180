// The statistics of a span that follows the present: at most once a second, and less often where
// the answers take long.

import type { Span } from '../generated/Span';
import type { Statistics } from '../generated/Statistics';
import { Asking } from '../live/asking';

const EVERY_MS = 1000;

export class Summary {
  /** Of the traces that were asked for last; empty until there is an answer. */
  answer: readonly Statistics[] = [];
  private wish: Span | null = null;
  private traces: Span['traces'] | null = null;
  private readonly asking: Asking;

  constructor(
    private readonly ask: (span: Span) => Promise<Statistics[]>,
    private readonly onAnswer: () => void,
    onTrouble: (trouble: unknown) => void,
  ) {
    const never = () => false;
    this.asking = new Asking(() => this.run(), never, onTrouble, EVERY_MS);
  }

  /** Of what is shown now; only the latest wish is asked for. */
  want(span: Span): void {
    if (span.traces !== this.traces) {
      this.traces = span.traces;
      this.answer = [];
    }
    this.wish = span;
    this.asking.soon();
  }

  destroy(): void {
    this.traces = null;
    this.asking.destroy();
  }

  private async run(): Promise<void> {
    const span = this.wish;
    if (!span) return;
    const answer = await this.ask(span);
    if (span.traces !== this.traces) return;
    this.answer = answer;
    this.onAnswer();
  }
}
