// The order books of a feed, for whoever chooses one of them.

import * as host from '$host';
import { same } from '../board/mirror';
import type { DepthOf } from '../generated/DepthOf';

const PACE_MS = 1000;

/** Tells which books a feed has, now and whenever there are others, until it is stopped. They are known
 * only while one of them is watched: who asks first may be told of none. */
export function watchBooks(feed: string, tell: (books: readonly DepthOf[]) => void): () => void {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let known: readonly DepthOf[] = [];
  async function ask() {
    // What is wrong with the feed, the panel says.
    const answer = await host
      .depth({ feed, of: null, levels: 0, range_percent: null })
      .catch(() => null);
    if (stopped) return;
    if (answer && !same(known, answer.all)) {
      known = answer.all;
      tell(known);
    }
    timer = setTimeout(ask, PACE_MS);
  }
  if (feed !== '') void ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** Those that there are, and the one that is chosen: it may not be known yet, or any more. */
export function offered(
  books: readonly DepthOf[],
  { channel, key }: { channel: string | null; key: string | null },
): readonly DepthOf[] {
  if (channel === null || books.some((book) => book.channel === channel && book.key === key)) {
    return books;
  }
  return [...books, { channel, key }];
}
