// The list of feeds as one tree: all its rows in their order, which of them the keys are at, and
// which fields are chosen. Knows no elements.

import type { Brought } from '../board/take';
import type { Field } from '../generated/Field';
import type { Unit } from '../generated/Unit';
import { say } from '../words/say';
import type { FeedState, Feeds } from './feeds.svelte';
import { beginning, FEED_PX, Knowns, ROW_PX, type Row, rows, searchWords } from './tree';

/** A row of the tree; that of a feed has none below it. */
export interface Item {
  feed: FeedState;
  row: Row | null;
}

export const keyOf = ({ feed, row }: Item): string => {
  switch (row?.kind) {
    case undefined:
      return JSON.stringify([feed.id]);
    case 'channel':
      return JSON.stringify([feed.id, 'channel', row.channel]);
    case 'field':
      return fieldKey(feed.id, row.field);
    case 'note':
      return JSON.stringify([feed.id, row.note, '']);
  }
};

export const fieldKey = (feed: string, { number }: Field): string => JSON.stringify([feed, number]);

/** What its element is called: nothing that a feed says may have a space in it. */
export const elementId = (key: string): string => `tree-${encodeURIComponent(key)}`;

/** What is below a feed. */
class Branch {
  private readonly knowns = new Knowns();
  // The status changes four times a second, this part of it hardly ever.
  private readonly unlisted: number = $derived.by(() => this.feed.status.fields_unlisted);
  readonly rows: Row[] = $derived.by(() => {
    const { name, open, fields, closedChannels } = this.feed;
    const branch = { name, open, fields, closedChannels, unlisted: this.unlisted };
    return rows(branch, this.outline.words, this.knowns.of(fields));
  });

  constructor(
    readonly feed: FeedState,
    private readonly outline: Outline,
  ) {}
}

export class Outline {
  search = $state('');
  readonly words = $derived(searchWords(this.search));
  /** The row that keys are at, by its key. */
  active: string | null = $state(null);
  /** The fields that are chosen, by their keys. */
  chosen: ReadonlySet<string> = $state.raw(new Set());
  /** Where a choice of many begins. */
  private anchor: string | null = null;
  private readonly known = new Map<string, Branch>();

  private readonly all: readonly Branch[] = $derived.by(() =>
    this.feeds.list.map((feed) => this.branchOf(feed)),
  );
  /** The feeds that are shown: all, or those in which something is found. */
  readonly branches: readonly Branch[] = $derived(
    this.words.length > 0 ? this.all.filter(({ rows }) => rows.length > 0) : this.all,
  );
  readonly count: number = $derived(
    this.branches.reduce((sum, { rows }) => sum + 1 + rows.length, 0),
  );

  /** How many fields are what is looked for. */
  readonly foundCount: number = $derived(
    this.branches.reduce(
      (sum, { rows }) => sum + rows.filter(({ kind }) => kind === 'field').length,
      0,
    ),
  );

  constructor(
    private readonly feeds: Feeds,
    private readonly unitOf: (feed: string, channel: string, path: string) => Unit,
  ) {}

  private branchOf(feed: FeedState): Branch {
    let branch = this.known.get(feed.id);
    if (branch?.feed !== feed) {
      branch = new Branch(feed, this);
      this.known.set(feed.id, branch);
    }
    return branch;
  }

  rowsOf(feed: FeedState): readonly Row[] {
    return this.branchOf(feed).rows;
  }

  at(index: number): Item | null {
    let left = index;
    for (const { feed, rows } of this.branches) {
      if (left < 0) return null;
      if (left === 0) return { feed, row: null };
      if (left <= rows.length) return { feed, row: rows[left - 1] ?? null };
      left -= 1 + rows.length;
    }
    return null;
  }

  indexOf(key: string | null): number {
    if (key === null) return -1;
    const [id, what, channel] = JSON.parse(key) as [string, (string | number)?, string?];
    let before = 0;
    for (const { feed, rows } of this.branches) {
      if (feed.id === id) {
        if (what === undefined) return before;
        const n = rows.findIndex((row) =>
          row.kind === 'field'
            ? row.field.number === what
            : row.kind === 'channel' && what === 'channel' && row.channel === channel,
        );
        return n < 0 ? -1 : before + 1 + n;
      }
      before += 1 + rows.length;
    }
    return -1;
  }

  get(key: string | null): Item | null {
    return this.at(this.indexOf(key));
  }

  /** How far from the top of the list a row is. */
  topOf(index: number): number {
    let left = index;
    let top = 0;
    for (const { rows } of this.branches) {
      if (left === 0) return top;
      if (left <= rows.length) return top + FEED_PX + (left - 1) * ROW_PX;
      left -= 1 + rows.length;
      top += FEED_PX + rows.length * ROW_PX;
    }
    return top;
  }

  // Choosing

  /** Goes to a row. `many`: with all fields from where the choice began; `more`: what is chosen stays. */
  go(index: number, how: { many?: boolean; more?: boolean } = {}): void {
    const item = this.at(Math.max(0, Math.min(this.count - 1, index)));
    if (!item) return;
    const key = keyOf(item);
    this.active = key;
    if (how.many) {
      this.chooseTo(index);
      return;
    }
    if (how.more) return;
    this.chosen = new Set(item.row?.kind === 'field' ? [key] : []);
    this.anchor = key;
  }

  /** Chooses a field beside others, or no longer. */
  toggle(key: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(key) && this.get(key)?.row?.kind === 'field') chosen.add(key);
    this.chosen = chosen;
    this.active = key;
    this.anchor = key;
  }

  private chooseTo(index: number): void {
    const begin = this.indexOf(this.anchor);
    const from = begin < 0 ? index : begin;
    this.choose(Math.min(from, index), Math.max(from, index));
  }

  /** Chooses all fields of the channel that keys are at. */
  chooseChannel(): void {
    const at = this.indexOf(this.active);
    if (at < 0) return;
    const isField = (n: number) => this.at(n)?.row?.kind === 'field';
    let from = at;
    while (isField(from - 1)) from -= 1;
    let to = at;
    while (isField(to + 1)) to += 1;
    this.choose(from, to);
  }

  private choose(from: number, to: number): void {
    const chosen = new Set<string>();
    for (let n = from; n <= to; n += 1) {
      const item = this.at(n);
      if (item?.row?.kind === 'field') chosen.add(keyOf(item));
    }
    this.chosen = chosen;
  }

  /** The fields that are meant by a row: all that are chosen, if it is one of them; those of a channel. */
  meant(key: string): Brought[] {
    if (this.chosen.has(key)) return this.broughtOf(this.chosen);
    const item = this.get(key);
    if (item?.row?.kind === 'field') return [this.brought(item.feed, item.row.field)];
    if (item?.row?.kind !== 'channel') return [];
    const { channel } = item.row;
    const fields = item.feed.fields.filter((field) => field.channel === channel);
    return fields.map((field) => this.brought(item.feed, field));
  }

  private broughtOf(keys: ReadonlySet<string>): Brought[] {
    const numbers = new Map<string, Set<number>>();
    for (const key of keys) {
      const [feed, number] = JSON.parse(key) as [string, number];
      const some = numbers.get(feed) ?? new Set();
      numbers.set(feed, some.add(number));
    }
    // As they stand in the list, and not as they were clicked.
    return this.feeds.list.flatMap((feed) =>
      feed.fields
        .filter(({ number }) => numbers.get(feed.id)?.has(number))
        .map((field) => this.brought(feed, field)),
    );
  }

  private brought(feed: FeedState, field: Field): Brought {
    const { channel, path } = field;
    return {
      feed: feed.id,
      channel,
      path,
      unit: this.unitOf(feed.id, channel, path),
      texts: feed.holdsTexts(field),
    };
  }

  /** What its latest value stands for, where that is a text. */
  textOf(feed: FeedState, field: Field): string | undefined {
    return feed.textsOf(field)?.latest(feed.value(field.number));
  }

  /** Folds or unfolds a row. `false` if it is so already. */
  fold({ feed, row }: Item, open: boolean): boolean {
    if (row === null) {
      if (feed.open === open) return false;
      feed.open = open;
      return true;
    }
    // What was found stays in sight.
    if (row.kind !== 'channel' || row.open === open || this.words.length > 0) return false;
    feed.toggleChannel(row.channel);
    return true;
  }

  /** Goes to the next row that begins so. */
  goToTyped(typed: string): void {
    const { count } = this;
    const at = this.indexOf(this.active);
    // Of one letter, the next one; of more, this one may still be meant.
    const from = typed.length > 1 ? Math.max(0, at) : at + 1;
    const name = (n: number) => this.nameOf(this.at(n));
    const found = beginning(count, count === 0 ? 0 : from % count, typed, name);
    if (found >= 0) this.go(found);
  }

  private nameOf(item: Item | null): string {
    if (!item) return '';
    const { feed, row } = item;
    if (row === null) return feed.name;
    if (row.kind === 'channel') return row.channel || say('channel_none');
    if (row.kind === 'note') return '';
    return row.field.path.slice(row.field.path.lastIndexOf('.') + 1);
  }

  /** The row above that it belongs to. */
  parentOf(index: number): number {
    const item = this.at(index);
    if (!item || item.row === null) return -1;
    const isField = item.row.kind === 'field';
    for (let n = index - 1; n >= 0; n -= 1) {
      const row = this.at(n)?.row;
      if (row === null || (isField && row?.kind === 'channel')) return n;
    }
    return -1;
  }
}
