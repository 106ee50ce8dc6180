// The states of a feed in words. Their shapes are in state-mark.svelte.

import type { State } from '../generated/State';
import type { Transition } from '../generated/Transition';
import { count } from '../lib/format';
import { say } from '../words/say';

export const stateWord = (state: State): string => say(`state_${state}`);

/** The state's word, and while waiting when it goes on. */
export function stateWords(state: State, last: Transition | undefined, nowMs: number): string {
  if (state !== 'waiting' || !last?.until_ms) return stateWord(state);
  const seconds = Math.ceil((last.until_ms - nowMs) / 1000);
  if (seconds <= 0) return say('state_trying');
  if (seconds < 100) return say('state_next_try_seconds', { n: count(seconds) });
  return say('state_next_try_minutes', { n: count(Math.ceil(seconds / 60)) });
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
