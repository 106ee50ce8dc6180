// The states of a feed in words. Their shapes are in state-mark.svelte.

import type { State } from '../generated/State';
import type { Transition } from '../generated/Transition';

const WORDS: Record<State, string> = {
  idle: 'idle',
  connecting: 'connecting',
  opening: 'opening',
  live: 'live',
  stale: 'stale',
  waiting: 'waiting',
  stopped: 'stopped',
};

export const stateWord = (state: State): string => WORDS[state];

/** The state's word, and while waiting when it goes on. */
export function stateWords(state: State, last: Transition | undefined, nowMs: number): string {
  if (state !== 'waiting' || !last?.until_ms) return stateWord(state);
  const seconds = Math.ceil((last.until_ms - nowMs) / 1000);
  if (seconds <= 0) return 'trying again';
  if (seconds < 100) return `next try in ${seconds} s`;
  return `next try in ${Math.ceil(seconds / 60)} min`;
}

/** Whether a feed is in a trouble that someone has to see: it stopped, or it never worked yet. */
export function needsAttention(feed: {
  status: { state: State };
  fields: readonly unknown[];
  last: Transition | undefined;
}): boolean {
  if (!feed.last?.trouble) return false;
  return feed.status.state === 'stopped' || feed.fields.length === 0;
}
