// How far a derived series is, in words and as a state that has a mark.

import { stateWords } from '../feeds/state';
import type { Derived } from '../generated/Derived';
import type { State } from '../generated/State';
import { count } from '../lib/format';
import { say } from '../words/say';
import type { DerivedList, Missing } from './derived.svelte';

/** What is waited for, and why it does not come. */
export function waitsFor(missing: readonly Missing[]): string {
  const [first] = missing;
  if (!first) return say('derived_waits');
  const { path } = first.input;
  return first.feed
    ? say('derived_waits_field', { path, feed: first.feed.name })
    : say('derived_waits_feed', { path, feed: first.input.feed });
}

export interface Said {
  state: State;
  words: string;
}

/** A series that goes on is no better than the worst of its feeds. */
export function stateOf(one: Derived, derived: DerivedList, nowMs: number): Said {
  switch (one.state) {
    case 'faulty':
      return { state: 'stopped', words: say('derived_faulty') };
    case 'waiting':
      return { state: 'stale', words: waitsFor(derived.missing(one.series)) };
    case 'catching-up':
      return {
        state: 'opening',
        words: say('derived_catching_up', { percent: count(one.made_percent) }),
      };
    case 'live': {
      const feed = derived.feedsOf(one.series).find(({ status }) => status.state !== 'live');
      if (!feed) return { state: 'live', words: say('derived_live') };
      const { state } = feed.status;
      const words = stateWords(state, feed.last, nowMs);
      return { state, words: say('panel_feed_state', { feed: feed.name, state: words }) };
    }
  }
}
