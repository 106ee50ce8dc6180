// The list of feeds, channels and fields as rows of known height, of which only those in sight
// are put on the screen: ten thousand fields are no more work than thirty.

import type { Field } from '../generated/Field';

/** What the tree needs to know of a feed. */
export interface Branch {
  id: string;
  open: boolean;
  fields: readonly Field[];
  closedChannels: ReadonlySet<string>;
  unlisted: number;
}

export type Row =
  | { kind: 'feed'; feed: string }
  | { kind: 'channel'; feed: string; channel: string; open: boolean; fields: number }
  | { kind: 'field'; feed: string; field: Field }
  | { kind: 'note'; feed: string; note: 'no-fields' | 'nothing-found' | 'unlisted' };

export const ROW_PX: Record<Row['kind'], number> = { feed: 48, channel: 28, field: 28, note: 28 };

/** Whether every word of the filter is in the field's channel or path. */
export function matches(field: Field, words: readonly string[]): boolean {
  const name = `${field.channel} ${field.path}`.toLowerCase();
  return words.every((word) => name.includes(word));
}

export const filterWords = (filter: string): string[] =>
  filter.toLowerCase().split(/\s+/).filter(Boolean);

export function rows(branches: readonly Branch[], filter: string): Row[] {
  const words = filterWords(filter);
  const found: Row[] = [];
  for (const branch of branches) {
    const feed = branch.id;
    found.push({ kind: 'feed', feed });
    if (!branch.open) continue;
    if (branch.fields.length === 0) {
      found.push({ kind: 'note', feed, note: 'no-fields' });
      continue;
    }
    const channels = new Map<string, Field[]>();
    for (const field of branch.fields) {
      if (words.length > 0 && !matches(field, words)) continue;
      const channel = channels.get(field.channel);
      if (channel) channel.push(field);
      else channels.set(field.channel, [field]);
    }
    if (channels.size === 0) found.push({ kind: 'note', feed, note: 'nothing-found' });
    for (const [channel, fields] of channels) {
      // What someone looks for is shown, also where it was folded away.
      const open = words.length > 0 || !branch.closedChannels.has(channel);
      found.push({ kind: 'channel', feed, channel, open, fields: fields.length });
      if (open) for (const field of fields) found.push({ kind: 'field', feed, field });
    }
    if (branch.unlisted > 0) found.push({ kind: 'note', feed, note: 'unlisted' });
  }
  return found;
}

/** The top of every row, and after them the height of all. */
export function tops(list: readonly Row[]): Float64Array {
  const found = new Float64Array(list.length + 1);
  list.forEach((row, n) => {
    found[n + 1] = (found[n] as number) + ROW_PX[row.kind];
  });
  return found;
}

/** The rows between two heights: the first, and the one after the last. */
export function inSight(at: Float64Array, top: number, bottom: number): [number, number] {
  const firstBelow = (height: number) => {
    let low = 0;
    let high = at.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((at[middle + 1] as number) <= height) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const first = firstBelow(top);
  return [first, Math.min(at.length - 1, firstBelow(bottom) + 1)];
}
