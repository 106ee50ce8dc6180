// A feed's ledger in plain words: where every received message went.

import type { Ledger } from '../generated/Ledger';
import type { Status } from '../generated/Status';
import { count } from '../lib/format';
import { say } from '../words/say';

type Kind = Exclude<keyof Ledger, 'received'>;

export interface Entry {
  key: Kind;
  count: number;
  words: string;
  meaning: string;
}

const KINDS: readonly Kind[] = [
  'delivered',
  'control',
  'duplicate',
  'late',
  'undecodable',
  'held',
  'overflow',
];

export function entries(ledger: Ledger): Entry[] {
  return KINDS.map((key) => ({
    key,
    count: ledger[key],
    words: say(`ledger_${key}`),
    meaning: say(`ledger_${key}_meaning`),
  }));
}

/** What the entries leave unexplained; anything but 0 is a mistake in the application. */
export function imbalance(ledger: Ledger): number {
  return KINDS.reduce((rest, key) => rest - ledger[key], ledger.received);
}

/** What did not come: 42 missing in 2 gaps. */
export const missingWords = (status: Status): string =>
  say('ledger_missing', { missing: count(status.missing), gaps: status.gaps });

/** All of it in a sentence. */
export function ledgerWords(status: Status): string {
  const parts = entries(status.ledger).map(({ count: n, words }) =>
    say('ledger_entry', { count: count(n), words }),
  );
  return say('ledger_whole', {
    received: count(status.ledger.received),
    entries: parts.join(say('list_between')),
    missing: missingWords(status),
  });
}
