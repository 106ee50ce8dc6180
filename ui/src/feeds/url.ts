// What can be seen of a feed's address before anybody dials.

import { say } from '../words/say';

/** What is wrong with it so far, or `null`. Everything else is for the application to say. */
export function urlFault(text: string): string | null {
  const url = text.trim();
  if (url === '') return say('feed_add_nothing');
  if (/\s/.test(url)) return say('feed_add_spaces');
  return null;
}

export const EXAMPLES = [
  { url: 'wss://stream.binance.com:9443/ws/btcusdt@trade', what: 'feed_add_example_market' },
  { url: 'wss://jetstream2.us-east.bsky.network/subscribe', what: 'feed_add_example_posts' },
  { url: 'ws://localhost:8080', what: 'feed_add_example_local' },
] as const;
