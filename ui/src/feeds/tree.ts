// A feed's channels and fields as rows of one height, of which only those in sight are put on the
// screen: ten thousand fields are no more work than thirty.

import type { Field } from '../generated/Field';

/** What the tree needs to know of a feed. */
export interface Branch {
  open: boolean;
  fields: readonly Field[];
  closedChannels: ReadonlySet<string>;
  unlisted: number;
}

export type Row =
  | { kind: 'channel'; channel: string; open: boolean; fields: number }
  | { kind: 'field'; field: Field }
  | { kind: 'note'; note: 'no-fields' | 'nothing-found' | 'unlisted' };

export const ROW_PX = 28;

/** Whether every word of the filter is in the field's channel or path. */
export function matches(field: Field, words: readonly string[]): boolean {
  const name = `${field.channel} ${field.path}`.toLowerCase();
  return words.every((word) => name.includes(word));
}

export const filterWords = (filter: string): string[] =>
  filter.toLowerCase().split(/\s+/).filter(Boolean);

/** The rows under a feed; none while it is folded. */
export function rows(branch: Branch, filter: string): Row[] {
  if (!branch.open) return [];
  if (branch.fields.length === 0) return [{ kind: 'note', note: 'no-fields' }];
  const words = filterWords(filter);
  const channels = new Map<string, Field[]>();
  for (const field of branch.fields) {
    if (words.length > 0 && !matches(field, words)) continue;
    const channel = channels.get(field.channel);
    if (channel) channel.push(field);
    else channels.set(field.channel, [field]);
  }
  const found: Row[] = [];
  if (channels.size === 0) found.push({ kind: 'note', note: 'nothing-found' });
  for (const [channel, fields] of channels) {
    // What someone looks for is shown, also where it was folded away.
    const open = words.length > 0 || !branch.closedChannels.has(channel);
    found.push({ kind: 'channel', channel, open, fields: fields.length });
    if (open) for (const field of fields) found.push({ kind: 'field', field });
  }
  if (branch.unlisted > 0) found.push({ kind: 'note', note: 'unlisted' });
  return found;
}

/** Which of so many rows lie between two heights: the first, and the one after the last. */
export function inSight(count: number, top: number, bottom: number): [number, number] {
  const first = Math.max(0, Math.min(count, Math.floor(top / ROW_PX)));
  const last = Math.max(first, Math.min(count, Math.ceil(bottom / ROW_PX)));
  return [first, last];
}
