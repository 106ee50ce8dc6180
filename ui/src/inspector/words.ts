// What the inspector calls things.

import type { InspectPage } from '../generated/InspectPage';
import type { InspectRow } from '../generated/InspectRow';
import type { SendTemplateKind } from '../generated/SendTemplateKind';
import type { Verdict } from '../generated/Verdict';
import { count, duration, rate, value } from '../lib/format';
import { say } from '../words/say';

export const VERDICTS: readonly Verdict[] = [
  'delivered',
  'control',
  'duplicate',
  'late',
  'undecodable',
  'held',
  'overflow',
  'piece',
];

export function verdictWord(verdict: Verdict): string {
  switch (verdict) {
    case 'delivered':
      return say('inspect_delivered');
    case 'control':
      return say('inspect_control');
    case 'duplicate':
      return say('inspect_duplicate');
    case 'late':
      return say('inspect_late');
    case 'undecodable':
      return say('inspect_undecodable');
    case 'held':
      return say('inspect_held');
    case 'overflow':
      return say('inspect_overflow');
    case 'piece':
      return say('inspect_piece');
  }
}

export function verdictMeaning(verdict: Verdict): string {
  switch (verdict) {
    case 'delivered':
      return say('inspect_delivered_meaning');
    case 'control':
      return say('inspect_control_meaning');
    case 'duplicate':
      return say('inspect_duplicate_meaning');
    case 'late':
      return say('inspect_late_meaning');
    case 'undecodable':
      return say('inspect_undecodable_meaning');
    case 'held':
      return say('inspect_held_meaning');
    case 'overflow':
      return say('inspect_overflow_meaning');
    case 'piece':
      return say('inspect_piece_meaning');
  }
}

export function templateWord(kind: SendTemplateKind): string {
  switch (kind) {
    case 'opening':
      return say('inspect_template_opening');
    case 'ping':
      return say('inspect_template_ping');
    case 'gap':
      return say('inspect_template_gap');
  }
}

/** What is not a text, in a word. */
export function kindWord(row: InspectRow): string | null {
  switch (row.kind) {
    case 'text':
      return null;
    case 'binary':
      return say('inspect_binary');
    case 'ping':
      return say('inspect_ping');
    case 'pong':
      return say('inspect_pong');
    case 'close':
      return say('inspect_goodbye', { code: String(row.code ?? '') });
  }
}

export const directionWord = (row: InspectRow): string =>
  row.direction === 'received' ? say('inspect_received') : say('inspect_sent');

/** How long it took, where a part of a millisecond counts. */
export const took = (ms: number): string => (ms < 0 ? `−${duration(-ms)}` : duration(ms));

/** How much is kept of what comes, honestly. */
export function keptWords(page: InspectPage): string {
  const received = page.received_per_second;
  // Two rates of the same second may differ by a message at its ends.
  if (page.kept_per_second >= received * 0.98) {
    return say('inspect_kept_all', { received: count(Math.round(received)) });
  }
  return say('inspect_kept', {
    kept: count(Math.round(page.kept_per_second)),
    received: rate(received).replace(/\/.*$/, ''),
  });
}

export const sizeWords = (bytes: number): string => value(bytes, 'bytes');
