// What can be seen of a feed's address before anybody dials.

/** What is wrong with it so far, or `null`. Everything else is for the application to say. */
export function urlFault(text: string): string | null {
  const url = text.trim();
  if (url === '') return 'Paste the address of a feed.';
  if (/\s/.test(url)) return 'An address has no spaces.';
  return null;
}

export const EXAMPLES: readonly { url: string; what: string }[] = [
  { url: 'wss://stream.binance.com:9443/ws/btcusdt@trade', what: 'Trades of a market' },
  { url: 'wss://jetstream2.us-east.bsky.network/subscribe', what: 'Posts of a social network' },
  { url: 'ws://localhost:8080', what: 'A server on this computer' },
];
