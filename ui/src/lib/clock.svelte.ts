// The time window as the controls show it, and a clock for words that count down.

import type { Axis } from '../generated/Axis';
import type { Zone } from '../generated/Zone';
import type { TimeWindow } from '../live/time-window';
import { setZone } from './format';

// Words count whole seconds; twice as often keeps them from stumbling.
const TICK_MS = 500;

export class Clock {
  nowMs = $state(0);
  following = $state(true);
  /** How much time the panels show, which is the chosen span only while nobody zooms. */
  shownMs = $state(0);
  axis: Axis = $state('source');
  zone: Zone = $state('local');
  canGoBack = $state(false);
  canGoForward = $state(false);

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
    this.axis = this.time.axis;
    this.canGoBack = this.time.canGoBack;
    this.canGoForward = this.time.canGoForward;
  }

  /** Says in whose time moments are written. */
  setZone(zone: Zone): void {
    setZone(zone);
    this.zone = zone;
    this.nowMs = this.time.nowMs();
  }
}
