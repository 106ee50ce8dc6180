// The tour, step by step: what it points at, and what a person does that is what it speaks of.

import type { Key } from '../words/say';

/** What can be told of what a person did. */
export interface Doings {
  /** How many series are drawn. */
  traces: number;
  following: boolean;
  gapsListed: boolean;
  adding: boolean;
  palette: boolean;
}

export interface Step {
  id: string;
  /** What it points at: the first of these that is there. */
  at: readonly string[];
  title: Key;
  text: Key;
  /** Whether it was done since the step began. */
  done?: (now: Doings, before: Doings) => boolean;
  /** What was opened lies over all else until it is closed. */
  covered?: (now: Doings) => boolean;
  /** The command whose shortcut is named, where it has one. */
  command?: { id: string; text: Key };
}

export const STEPS: readonly Step[] = [
  {
    id: 'feed',
    at: ['[data-testid="feed-computer"]', '[data-testid="feed-tree"]'],
    title: 'tour_feed',
    text: 'tour_feed_text',
  },
  {
    id: 'field',
    at: ['[data-testid="feed-tree"]'],
    title: 'tour_field',
    text: 'tour_field_text',
    done: (now, before) => now.traces !== before.traces,
  },
  {
    id: 'time',
    at: ['.plot-area', '[data-testid="board"]'],
    title: 'tour_time',
    text: 'tour_time_text',
    done: (now, before) => now.following !== before.following,
    command: { id: 'time.toggle', text: 'tour_time_keys' },
  },
  {
    id: 'gaps',
    at: ['[data-testid="gaps-open"]'],
    title: 'tour_gaps',
    text: 'tour_gaps_text',
    done: (now, before) => now.gapsListed && !before.gapsListed,
  },
  {
    id: 'add',
    at: ['[data-testid="feed-add"]'],
    title: 'tour_add',
    text: 'tour_add_text',
    done: (now, before) => now.adding && !before.adding,
    covered: (now) => now.adding,
  },
  {
    id: 'palette',
    at: ['[data-testid="commands"]'],
    title: 'tour_palette',
    text: 'tour_palette_text',
    done: (now, before) => now.palette && !before.palette,
    covered: (now) => now.palette,
    command: { id: 'palette', text: 'tour_palette_keys' },
  },
];
