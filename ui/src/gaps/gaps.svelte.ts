// What did not come, of all feeds: a list to look through, and the way from one to the next.

import * as host from '$host';
import type { Gap } from '../generated/Gap';
import type { GapList } from '../generated/GapList';
import type { TimeWindow } from '../live/time-window';
import { nearest, spanAround } from './nearest';

/** As many as are listed: nobody looks through more. */
export const LISTED_MAX = 500;
/** As many as are gone through. */
const GONE_THROUGH_MAX = 2000;

export class Gaps {
  /** Whether the sheet is open. */
  open = $state(false);
  /** `null` before anyone knows. */
  list: GapList | null = $state.raw(null);
  /** The feed whose gaps are listed; `null`: all. */
  feed: string | null = $state(null);
  /** The one that was gone to last. */
  current: Gap | null = $state.raw(null);

  constructor(
    private readonly time: TimeWindow,
    private readonly none: (direction: 'earlier' | 'later') => void,
  ) {}

  async load(): Promise<void> {
    const { feed } = this;
    const list = await host.gaps({ feed, most: LISTED_MAX, before_ms: null, after_ms: null });
    if (feed === this.feed) this.list = list;
  }

  goTo(gap: Gap): void {
    const { from_ms, to_ms } = spanAround(gap, this.time.shownMs, this.time.nowMs());
    this.time.show(from_ms, to_ms);
    this.current = gap;
  }

  /** Goes to the gap before or after what is shown. */
  async step(direction: 'earlier' | 'later'): Promise<void> {
    const { time } = this;
    const ms = time.middleMs;
    const { gaps } = await host.gaps({
      feed: this.open ? this.feed : null,
      most: GONE_THROUGH_MAX,
      before_ms: direction === 'earlier' ? ms : null,
      after_ms: direction === 'later' ? ms : null,
    });
    const next = nearest(gaps, ms, direction, time.nowMs(), this.current);
    if (next) this.goTo(next);
    else this.none(direction);
  }
}
