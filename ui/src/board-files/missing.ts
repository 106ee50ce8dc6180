// Feeds that a board's panels name, and that are not there; and what can be put in their place.

import type { Board } from '../generated/Board';
import type { BoardFeed } from '../generated/BoardFeed';
import type { Panel } from '../generated/Panel';

// Derived series are named as if they were of a feed, which is none.
const DERIVED = 'derived';

export interface MissingFeed {
  id: string;
  name: string;
  /** Where it would be, if the board says so. */
  source: string | null;
  /** How many panels name it. */
  panels: number;
}

/** Wherever a feed is named in a panel, of whatever kind, it is by a key `feed`. */
function* named(within: unknown): Generator<string> {
  if (Array.isArray(within)) {
    for (const item of within) yield* named(item);
  } else if (typeof within === 'object' && within !== null) {
    for (const [key, value] of Object.entries(within)) {
      if (key === 'feed' && typeof value === 'string') yield value;
      else yield* named(value);
    }
  }
}

/** Those that a board does not say the source of, or of a profile that nobody knows here. */
export function missingFeeds(board: Board, subscribed: readonly string[]): MissingFeed[] {
  const found = new Map<string, MissingFeed>();
  for (const panel of board.panels) {
    for (const id of new Set(named(panel))) {
      if (id === DERIVED) continue;
      const feed = board.feeds.find((feed) => feed.id === id);
      if (feed && (subscribed.includes(id) || !feed.profile)) continue;
      const known = found.get(id);
      if (known) known.panels += 1;
      else {
        const name = feed?.name || id;
        found.set(id, { id, name, source: feed?.url ?? feed?.profile ?? null, panels: 1 });
      }
    }
  }
  return [...found.values()];
}

function renamed<T>(within: T, from: string, to: string): T {
  if (Array.isArray(within)) return within.map((item) => renamed(item, from, to)) as T;
  if (typeof within !== 'object' || within === null) return within;
  const entries = Object.entries(within).map(([key, value]) => [
    key,
    key === 'feed' && value === from ? to : renamed(value, from, to),
  ]);
  return Object.fromEntries(entries);
}

/** The board with another of its feeds, or of another board, in the place of one. */
export function inPlaceOf(board: Board, missing: string, feed: BoardFeed): Board {
  const others = board.feeds.filter(({ id }) => id !== missing);
  const feeds = others.some(({ id }) => id === feed.id) ? others : [...others, feed];
  return { ...board, feeds, panels: renamed(board.panels, missing, feed.id) };
}

/** The board with nothing that is drawn of a feed. */
export function without(board: Board, missing: string): Board {
  const left = (panel: Panel): Panel => {
    const { traces, x, feed } = panel as unknown as {
      traces?: { feed: string }[];
      x?: { feed: string } | null;
      feed?: string | null;
    };
    return {
      ...panel,
      ...(Array.isArray(traces)
        ? { traces: traces.filter((trace) => trace?.feed !== missing) }
        : {}),
      ...(x?.feed === missing ? { x: null } : {}),
      ...(feed === missing ? { feed: null } : {}),
    } as Panel;
  };
  return {
    ...board,
    feeds: board.feeds.filter(({ id }) => id !== missing),
    panels: board.panels.map(left),
  };
}
