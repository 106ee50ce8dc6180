// A feed's channels and fields as rows of one height, of which only those in sight are put on the
// screen: a hundred thousand fields are no more work than thirty.

import type { Field } from '../generated/Field';

/** What the tree needs to know of a feed. */
export interface Branch {
  name: string;
  open: boolean;
  fields: readonly Field[];
  closedChannels: ReadonlySet<string>;
  unlisted: number;
}

export type Row =
  | { kind: 'channel'; channel: string; open: boolean; fields: number }
  | { kind: 'field'; field: Field }
  | { kind: 'note'; note: 'no-fields' | 'unlisted' };

export const ROW_PX = 28;
export const FEED_PX = 48;

export const searchWords = (search: string): string[] =>
  search.toLowerCase().split(/\s+/).filter(Boolean);

/** What is made of a field once: what it is called, in small letters, and its row. */
interface Known {
  name: string;
  row: Row;
}

/** Fields are hardly ever other than added: of a hundred thousand, a letter that is typed makes
 * nothing anew. */
export class Knowns {
  private readonly knowns: Known[] = [];

  of(fields: readonly Field[]): readonly Known[] {
    const { knowns } = this;
    const last = knowns.at(-1)?.row;
    if (last?.kind === 'field' && fields[knowns.length - 1] !== last.field) knowns.length = 0;
    for (let n = knowns.length; n < fields.length; n += 1) {
      const field = fields[n] as Field;
      const name = `${field.channel} ${field.path}`.toLowerCase();
      knowns.push({ name, row: { kind: 'field', field } });
    }
    return knowns;
  }
}

/** The rows under a feed; none while it is folded, or while nothing in it is what is looked for. */
export function rows(branch: Branch, words: readonly string[], knowns: readonly Known[]): Row[] {
  const searched = words.length > 0;
  if (!branch.open && !searched) return [];
  if (branch.fields.length === 0) return searched ? [] : [{ kind: 'note', note: 'no-fields' }];
  // What the feed is called is a part of what its fields are called.
  const feed = branch.name.toLowerCase();
  const wanted = words.filter((word) => !feed.includes(word));
  const channels = new Map<string, Row[]>();
  for (let n = 0; n < branch.fields.length; n += 1) {
    const { channel: of } = branch.fields[n] as Field;
    const { name, row } = knowns[n] as Known;
    if (!wanted.every((word) => name.includes(word))) continue;
    const channel = channels.get(of);
    if (channel) channel.push(row);
    else channels.set(of, [row]);
  }
  const found: Row[] = [];
  for (const [channel, fields] of channels) {
    // What someone looks for is shown, also where it was folded away.
    const open = searched || !branch.closedChannels.has(channel);
    found.push({ kind: 'channel', channel, open, fields: fields.length });
    if (open) for (const row of fields) found.push(row);
  }
  if (branch.unlisted > 0 && !searched) found.push({ kind: 'note', note: 'unlisted' });
  return found;
}

/** Which of so many rows lie between two heights: the first, and the one after the last. */
export function inSight(count: number, top: number, bottom: number): [number, number] {
  const first = Math.max(0, Math.min(count, Math.floor(top / ROW_PX)));
  const last = Math.max(first, Math.min(count, Math.ceil(bottom / ROW_PX)));
  return [first, last];
}

/** A text in parts: those that a word of the search stands in, and those between. */
export function marked(text: string, words: readonly string[]): { text: string; found: boolean }[] {
  const small = text.toLowerCase();
  // Letters that are more than one when they are small would shift what comes after them.
  if (words.length === 0 || small.length !== text.length) return [{ text, found: false }];
  const spans: [number, number][] = [];
  for (const word of words) {
    for (let at = small.indexOf(word); at >= 0; at = small.indexOf(word, at + word.length)) {
      spans.push([at, at + word.length]);
    }
  }
  spans.sort((a, b) => a[0] - b[0]);
  const parts: { text: string; found: boolean }[] = [];
  let done = 0;
  for (const [from, to] of spans) {
    if (to <= done) continue;
    const begin = Math.max(from, done);
    if (begin > done) parts.push({ text: text.slice(done, begin), found: false });
    const last = parts.at(-1);
    // What touches is one.
    if (last?.found && begin === done) last.text += text.slice(begin, to);
    else parts.push({ text: text.slice(begin, to), found: true });
    done = to;
  }
  if (done < text.length) parts.push({ text: text.slice(done), found: false });
  return parts;
}

/** The row after `from` of which what it is called begins so, round about; `-1` if there is none. */
export function beginning(
  count: number,
  from: number,
  typed: string,
  nameOf: (n: number) => string,
): number {
  const small = typed.toLowerCase();
  for (let step = 0; step < count; step += 1) {
    const at = (from + step) % count;
    if (nameOf(at).toLowerCase().startsWith(small)) return at;
  }
  return -1;
}
