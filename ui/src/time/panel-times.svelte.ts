// The times that panels show: most the shared one, and some their own. A panel asks here for its
// time, and is made anew when that is another.

import { SvelteMap } from 'svelte/reactivity';
import type { Panel } from '../generated/Panel';
import { TimeWindow } from '../live/time-window';

export class PanelTimes {
  private readonly own = new SvelteMap<string, TimeWindow>();
  private board = '';

  constructor(private readonly shared: TimeWindow) {
    shared.onChange(() => {
      for (const time of this.own.values()) time.setAxis(shared.axis);
    });
  }

  /** The time that a panel shows. */
  of(panel: string | null): TimeWindow {
    return this.owned(panel) ?? this.shared;
  }

  /** The time of a panel that does not show the shared one. */
  owned(panel: string | null): TimeWindow | undefined {
    return panel === null ? undefined : this.own.get(panel);
  }

  /** Takes up what a board says of its panels. Where they stood on another board is forgotten. */
  take(board: string, panels: readonly Panel[]): void {
    if (board !== this.board) this.own.clear();
    this.board = board;
    const spans = new Map(panels.map(({ id, time }) => [id, time?.span_ms]));
    for (const id of [...this.own.keys()]) {
      if (spans.get(id) === undefined) this.own.delete(id);
    }
    for (const [id, spanMs] of spans) {
      if (spanMs === undefined) continue;
      const time = this.own.get(id) ?? new TimeWindow(this.shared);
      time.load(spanMs, this.shared.axis);
      this.own.set(id, time);
    }
  }

  /** Has a panel go on by itself from what is shown. Answers with how much time that is. */
  leave(panel: string): number {
    const { shared } = this;
    const time = new TimeWindow(shared);
    const { fromMs, toMs } = shared.range(1, 1);
    time.load(shared.shownMs, shared.axis);
    if (!shared.following) time.show(fromMs, toMs);
    this.own.set(panel, time);
    return shared.shownMs;
  }

  /** Has it show the shared time again. */
  rejoin(panel: string): void {
    this.own.delete(panel);
  }

  /** The panel that is pointed at, or has the focus, if it shows a time of its own. */
  pointed(): string | null {
    const focused = document.activeElement?.closest<HTMLElement>('[data-panel]');
    const at = document.querySelector<HTMLElement>('[data-panel]:hover') ?? focused;
    const panel = at?.dataset.panel ?? null;
    return this.owned(panel) ? panel : null;
  }
}
