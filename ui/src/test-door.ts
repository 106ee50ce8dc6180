// A read-only view of what the window shows, for tests and for support: `window.__feedscope`.

import type { App } from './app';
import { traceLabel } from './board/trace';

export function openDoor(app: App): void {
  const door = {
    panels: () =>
      [...app.drawing.panels.values()].map(({ id, source }) => ({
        id,
        following: source.time.following,
        ...source.range,
        columnMs: source.columns.columnMs,
        traces: source.traces.map((trace, n) => {
          const columns = source.columns.traces[n];
          return {
            label: traceLabel(trace),
            columns: Array.from({ length: columns?.length ?? 0 }, (_, at) => columns?.at(at)),
            latest: source.columns.latest[n] ?? null,
          };
        }),
        gaps: source.columns.gaps,
      })),
    /** The latest values of a panel's traces: little to ask for, even in every frame. */
    latest: (id: string): readonly (number | null)[] | null =>
      app.drawing.panels.get(id)?.source.columns.latest ?? null,
    /** The moment that is pointed at, in whatever window. */
    get pointedMs() {
      return app.drawing.hover?.ms() ?? null;
    },
    /** The panel that is dealt with. */
    get selected() {
      return app.board.selectedId;
    },
    get framesDrawn() {
      return app.drawing.framesDrawn;
    },
    /** In how many of these a panel was drawn. */
    drawnOf: (id: string): number => app.drawing.drawnOf.get(id) ?? 0,
    /** How the alerts are, by id. */
    get alerts() {
      return Object.fromEntries(app.alerts.states);
    },
    get statuses() {
      return app.feeds.list.map((feed) => feed.status);
    },
  };
  Object.defineProperty(window, '__feedscope', { value: Object.freeze(door) });
}
