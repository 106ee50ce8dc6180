// A read-only view of what the window shows, for tests and for support: `window.__feedscope`.

import type { App } from './app';
import { traceLabel } from './board/trace';

export function openDoor(app: App): void {
  const door = {
    panels: () =>
      [...app.drawing.plots.values()].map((plot) => ({
        id: plot.panel.id,
        following: app.drawing.time.following,
        ...plot.range,
        columnMs: plot.columns.columnMs,
        traces: plot.panel.traces.map((trace, n) => {
          const columns = plot.columns.traces[n];
          return {
            label: traceLabel(trace),
            columns: Array.from({ length: columns?.length ?? 0 }, (_, at) => columns?.at(at)),
            latest: plot.columns.latest[n] ?? null,
          };
        }),
        gaps: plot.columns.gaps,
      })),
    /** The latest values of a panel's traces: little to ask for, even in every frame. */
    latest: (id: string): readonly (number | null)[] | null =>
      app.drawing.plots.get(id)?.columns.latest ?? null,
    get framesDrawn() {
      return app.drawing.framesDrawn;
    },
    get statuses() {
      return app.feeds.list.map((feed) => feed.status);
    },
  };
  Object.defineProperty(window, '__feedscope', { value: Object.freeze(door) });
}
