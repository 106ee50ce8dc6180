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
export const missingWords = (status: Pick<Status, 'gaps' | 'missing'>): string =>
  say('ledger_missing', { missing: count(status.missing), gaps: status.gaps });

const listed = (all: readonly Entry[]): string =>
  all
    .map(({ count: n, words }) => say('ledger_entry', { count: count(n), words }))
    .join(say('list_between'));

/** All of it in a sentence, with what is missing as it is said. */
export const whole = (ledger: Ledger, missing: string): string =>
  say('ledger_whole', {
    received: count(ledger.received),
    entries: listed(entries(ledger)),
    missing,
  });

/** What there is of it in a sentence: where so much is received and drawn, and none is missing. */
export function short(ledger: Ledger, missing: number): string {
  const some = entries(ledger).filter(({ key, count: n }) => key === 'delivered' || n !== 0);
  return say('ledger_short', {
    received: count(ledger.received),
    entries: listed(some),
    missing: say('health_missing', { count: count(missing) }),
  });
}
