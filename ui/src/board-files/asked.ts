// Secrets of this computer that feeds of a file would send: nobody's but who says so.

import type { BoardLookFeed } from '../generated/BoardLookFeed';

export interface Asked {
  names: string[];
  host: string;
}

/** What a feed of a file would send that was not given for where it leads: to the address that the
 * file says, or to the one that is written in its place. */
export function askedOf(feed: BoardLookFeed, url: string): Asked | null {
  const isSame = url.trim() === (feed.url ?? '');
  if (isSame) return feed.asks.length > 0 ? { names: feed.asks, host: feed.host ?? '' } : null;
  const gone = named(feed.url ?? '');
  const left = feed.secrets.filter((name) => !gone.includes(name));
  const names = [...new Set([...left, ...named(url)])];
  return names.length > 0 ? { names, host: hostOf(url) } : null;
}

/** Tells what was said yes to from what it became since. */
export function keyOf(asked: Asked): string {
  return JSON.stringify([asked.host, ...asked.names]);
}

function named(url: string): string[] {
  return [...url.matchAll(/\$\{secret:([^}]*)\}/g)].map(([, name]) => name ?? '');
}

function hostOf(url: string): string {
  try {
    return new URL(url.trim()).host || url.trim();
  } catch {
    return url.trim();
  }
}
