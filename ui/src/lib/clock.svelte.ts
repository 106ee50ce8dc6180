// The time window as the controls show it, and a clock for words that count down.

import type { TimeWindow } from '../live/time-window';

// Words count whole seconds; twice as often keeps them from stumbling.
const TICK_MS = 500;

export class Clock {
  nowMs = $state(0);
  following = $state(true);
  /** How much time the panels show, which is the chosen span only while nobody zooms. */
  shownMs = $state(0);

  constructor(private readonly time: TimeWindow) {
    time.onChange(() => this.read());
    let timer = 0;
    const run = () => {
      clearInterval(timer);
      if (document.hidden) return;
      this.nowMs = time.nowMs();
      timer = window.setInterval(() => {
        this.nowMs = time.nowMs();
      }, TICK_MS);
    };
    document.addEventListener('visibilitychange', run);
    run();
  }

  read(): void {
    this.nowMs = this.time.nowMs();
    this.following = this.time.following;
    this.shownMs = this.time.shownMs;
  }
}
