// A feed's ledger in plain words: where every received message went.

import type { Ledger } from '../generated/Ledger';
import type { Status } from '../generated/Status';
import { count, plural } from '../lib/format';

export interface Entry {
  key: Exclude<keyof Ledger, 'received'>;
  count: number;
  words: string;
  meaning: string;
}

const ENTRIES: [Entry['key'], string, string][] = [
  ['delivered', 'drawn', 'Read, put in order, and kept'],
  ['control', 'heartbeats and acknowledgements', 'Not data'],
  ['duplicate', 'duplicates', 'Came a second time; counted once'],
  ['late', 'late', 'Came after its place was given up'],
  ['undecodable', 'unreadable', 'Could not be decoded'],
  ['held', 'waiting', 'Held until what comes before it is here'],
  ['overflow', 'dropped', 'Too large, or there was no room'],
];

export function entries(ledger: Ledger): Entry[] {
  return ENTRIES.map(([key, words, meaning]) => ({ key, count: ledger[key], words, meaning }));
}

/** What the entries leave unexplained; anything but 0 is a mistake in the application. */
export function imbalance(ledger: Ledger): number {
  return entries(ledger).reduce((rest, entry) => rest - entry.count, ledger.received);
}

/** What did not come: 42 missing in 2 gaps. */
export const missingWords = (status: Status): string =>
  `${count(status.missing)} missing in ${plural(status.gaps, 'gap')}`;

/** All of it in a sentence. */
export function ledgerWords(status: Status): string {
  const parts = entries(status.ledger).map((entry) => `${count(entry.count)} ${entry.words}`);
  return `${count(status.ledger.received)} received: ${parts.join(', ')}; ${missingWords(status)}.`;
}
