// Why an order book is not all there is, in a sentence.

import type { DepthBook } from '../generated/DepthBook';
import { clock, count } from '../lib/format';
import { say } from '../words/say';

/** Since when, and why; and what is shown all the same. */
export function incompleteText({ incomplete, since_ms }: DepthBook): string {
  if (!incomplete) return '';
  const time = clock(since_ms, 1000);
  const { why, first, last } = incomplete;
  switch (why) {
    case 'begun':
      return say('depth_incomplete_begun', { time });
    case 'missing':
      return first === last
        ? say('depth_incomplete_missing_one', { time, number: count(first ?? 0) })
        : say('depth_incomplete_missing', {
            time,
            first: count(first ?? 0),
            last: count(last ?? 0),
          });
    case 'outage':
      return say('depth_incomplete_outage', { time });
    case 'unreadable':
      return say('depth_incomplete_unreadable', { time });
    case 'crossed':
      return say('depth_incomplete_crossed', { time });
  }
}
