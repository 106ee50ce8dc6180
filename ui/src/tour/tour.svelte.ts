// The tour: whether it is on, and where it is. It ends for good by being taken or declined.

import * as host from '$host';
import { type Doings, STEPS, type Step } from './steps';

export class Tour {
  /** `null` while there is none. */
  at: number | null = $state(null);
  /** What the step speaks of was done. */
  did = $state(false);
  private before: Doings | null = null;

  constructor(private readonly trouble: (trouble: unknown) => void) {}

  get step(): Step | undefined {
    return this.at === null ? undefined : STEPS[this.at];
  }

  begin(): void {
    this.go(0);
  }

  /** Past the last one it is over. */
  go(to: number): void {
    if (to >= STEPS.length) {
      this.end();
      return;
    }
    this.at = Math.max(0, to);
    this.did = false;
    this.before = null;
  }

  end(): void {
    this.at = null;
    host.tourOver().catch(this.trouble);
  }

  /** Takes note of how things are: what a step begins with, and that it was done. */
  see(now: Doings): void {
    const { step } = this;
    if (!step) return;
    this.before ??= now;
    if (step.done?.(now, this.before)) this.did = true;
  }
}
