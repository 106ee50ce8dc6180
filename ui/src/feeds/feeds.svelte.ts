// The feeds as the window knows them. What changes with every message (values) is kept in plain
// memory, of which only a version is reactive: rows that are on screen read it again.

import * as host from '$host';
import type { BoardFeed } from '../generated/BoardFeed';
import type { Faults } from '../generated/Faults';
import type { Feed } from '../generated/Feed';
import type { Field } from '../generated/Field';
import type { Status } from '../generated/Status';
import type { Subscribed } from '../generated/Subscribed';
import type { Transition } from '../generated/Transition';
import type { Update } from '../generated/Update';
import type { Word } from '../generated/Word';
import { say } from '../words/say';
import { FieldTexts } from './field-texts';
import { setFeedNames } from './known.svelte';

// The strip shows minutes; a feed that flaps all day must not fill the memory.
const TRANSITIONS_MAX = 2000;

/** What an update has of feeds. */
type News = Pick<Update, 'fields' | 'transitions' | 'statuses' | 'words' | 'values'>;

export class FeedState {
  readonly id: string;
  readonly url: string;
  readonly builtin: boolean;
  /** Its profile says where order books are. */
  readonly hasBooks: boolean;
  status: Status = $state.raw() as Status;
  transitions: Transition[] = $state.raw([]);
  /** Those that are shown: of a path that has texts and numbers, the numbers. */
  fields: Field[] = $state.raw([]);
  open = $state(false);
  closedChannels: ReadonlySet<string> = $state.raw(new Set());
  private given = $state('');
  private values = new Float64Array(0);
  private valuesVersion = $state(0);
  /** How many fields were told of. */
  private told = 0;
  private readonly texts = new Map<number, FieldTexts>();
  /** By channel and path, of fields that are shown. */
  private readonly textsAt = new Map<string, FieldTexts>();
  private readonly numbersAt = new Set<string>();

  constructor(feed: Feed) {
    this.id = feed.id;
    this.given = feed.name;
    this.url = feed.url;
    this.builtin = feed.builtin;
    this.hasBooks = feed.has_books;
    this.status = feed.status;
    this.transitions = feed.transitions;
    this.addFields(feed.fields);
  }

  get name(): string {
    return this.builtin ? say('builtin_feed') : this.given;
  }

  rename(name: string): void {
    this.given = name;
  }

  get last(): Transition | undefined {
    return this.transitions.at(-1);
  }

  value(field: number): number {
    // Reading it is what makes the reader hear of new values.
    void this.valuesVersion;
    return this.values[field] ?? Number.NaN;
  }

  setValues(pairs: [number, number][]): void {
    for (const [field, value] of pairs) this.values[field] = value;
    this.valuesVersion += 1;
  }

  /** One value that was asked for by itself. */
  learn(field: number, value: number): void {
    if (field >= this.values.length || Object.is(this.values[field], value)) return;
    this.values[field] = value;
    this.valuesVersion += 1;
  }

  /** Those that are new: a feed that came whole may have come with some that are told again. */
  addFields(told: Field[]): void {
    const fields = told.filter((field) => field.number >= this.told);
    if (fields.length === 0) return;
    const most = fields.reduce((top, field) => Math.max(top, field.number), 0);
    this.told = most + 1;
    this.fields = this.withFields(fields);
    if (most >= this.values.length) {
      const room = new Float64Array(Math.max(64, (most + 1) * 2)).fill(Number.NaN);
      room.set(this.values);
      this.values = room;
    }
  }

  /** With new fields, and without those of texts that turn out to hold numbers. */
  private withFields(added: readonly Field[]): Field[] {
    const shown: Field[] = [];
    let changed = false;
    for (const field of added) {
      const place = placeOf(field);
      if (field.texts) {
        const texts = new FieldTexts(field.texts);
        this.texts.set(field.number, texts);
        if (this.numbersAt.has(place)) continue;
        this.textsAt.set(place, texts);
      } else {
        this.numbersAt.add(place);
        if (this.textsAt.delete(place)) changed = true;
      }
      shown.push(field);
    }
    const all = [...this.fields, ...shown];
    return changed ? all.filter((field) => !field.texts || this.textsAt.has(placeOf(field))) : all;
  }

  addWords(words: readonly Word[]): void {
    for (const { field, code, text } of words) this.texts.get(field)?.learn(code, text);
    this.valuesVersion += 1;
  }

  /** What the numbers of a field stand for, if it holds texts or booleans. */
  textsOf(field: { channel: string; path: string }): FieldTexts | undefined {
    // What they are may change with values.
    void this.valuesVersion;
    return this.textsAt.get(placeOf(field));
  }

  holdsTexts(field: { channel: string; path: string }): boolean {
    // That changes with its fields alone.
    void this.fields;
    return this.textsAt.has(placeOf(field));
  }

  addTransitions(told: Transition[]): void {
    // Not by their times: two may be of one moment, and clocks are set back.
    const last = this.last?.number ?? -1;
    const transitions = told.filter((transition) => transition.number > last);
    if (transitions.length === 0) return;
    this.transitions = [...this.transitions, ...transitions].slice(-TRANSITIONS_MAX);
  }

  toggleChannel(channel: string): void {
    const closed = new Set(this.closedChannels);
    if (!closed.delete(channel)) closed.add(channel);
    this.closedChannels = closed;
  }
}

const placeOf = ({ channel, path }: { channel: string; path: string }): string =>
  JSON.stringify([channel, path]);

/** What an update has of feeds that are not known; `null`, if that is nothing. */
export function newsOfOthers(update: News, isKnown: (feed: string) => boolean): News | null {
  const others = <T extends { feed: string }>(news: readonly T[]) =>
    news.filter(({ feed }) => !isKnown(feed));
  const found = {
    fields: others(update.fields),
    transitions: others(update.transitions),
    statuses: others(update.statuses),
    words: others(update.words),
    values: others(update.values),
  };
  return Object.values(found).some((news) => news.length > 0) ? found : null;
}

export class Feeds {
  /** All that are subscribed to, on whatever board. */
  all: readonly FeedState[] = $state.raw([]);
  private shown: readonly string[] = $state.raw([]);
  /** Those of the board that is shown. */
  list: readonly FeedState[] = $derived(this.all.filter((feed) => this.shown.includes(feed.id)));
  selectedId: string | null = $state(null);
  /** The feed that was just added, until its fields have been brought into sight. */
  addedId: string | null = $state(null);
  /** The feed that was added last by hand. */
  newestId: string | null = $state(null);
  faults: Faults = $state.raw({ silent: false, delay_ms: 0, duplicate: 0, reorder: 0, lose: 0 });

  private adding = 0;
  /** What came of a feed while it was being added: it may overtake the answer that it was. */
  private early: News[] = [];

  get selected(): FeedState | undefined {
    return this.list.find((feed) => feed.id === this.selectedId);
  }

  get(id: string): FeedState | undefined {
    return this.all.find((feed) => feed.id === id);
  }

  /** The text that a number of a field stands for; `undefined` where it is but a number. */
  textOf(feed: string, channel: string, path: string, number: number): string | undefined {
    return this.get(feed)?.textsOf({ channel, path })?.of(number);
  }

  /** Whether the numbers of a series stand for texts or booleans. */
  holdsTexts(of: { feed: string; channel: string; path: string }): boolean {
    return this.get(of.feed)?.holdsTexts(of) ?? false;
  }

  /** As `textOf`, of the latest number. */
  latestTextOf(of: { feed: string; channel: string; path: string }, number: number) {
    return this.get(of.feed)?.textsOf(of)?.latest(number);
  }

  start(feeds: Feed[], faults: Faults): void {
    this.hold(feeds.map((feed) => new FeedState(feed)));
    this.faults = faults;
    const first = this.all[0];
    if (first) first.open = true;
  }

  private hold(feeds: readonly FeedState[]): void {
    this.all = feeds;
    setFeedNames(feeds);
  }

  /** The board that is shown has these, by these names. */
  show(feeds: readonly Pick<BoardFeed, 'id' | 'name'>[]): void {
    this.shown = feeds.map(({ id }) => id);
    for (const { id, name } of feeds) if (name !== '') this.get(id)?.rename(name);
    setFeedNames(this.all);
    this.select();
  }

  /** These are subscribed to now, and no others. */
  subscribed(ids: readonly string[], onTrouble: (trouble: unknown) => void): void {
    this.hold(this.all.filter((feed) => ids.includes(feed.id)));
    this.select();
    for (const id of ids) {
      if (!this.get(id)) this.take(() => host.feed(id)).catch(onTrouble);
    }
  }

  /** Selects a feed of the board that is shown, if it is one, though it may yet have to come. */
  choose(id: string): void {
    if (this.shown.includes(id)) this.selectedId = id;
  }

  private select(): void {
    if (!this.selected) this.selectedId = this.list[0]?.id ?? null;
  }

  heard(update: Update): void {
    for (const feed of this.all) this.tell(feed, update);
    // A keychain may keep the answer waiting for long: what is of others is not kept for it.
    const news = this.adding > 0 && newsOfOthers(update, (id) => this.get(id) !== undefined);
    if (news) this.early.push(news);
  }

  private tell(feed: FeedState, update: News): void {
    for (const news of update.fields) if (news.feed === feed.id) feed.addFields(news.fields);
    for (const news of update.transitions) {
      if (news.feed === feed.id) feed.addTransitions(news.transitions);
    }
    const status = update.statuses.find((status) => status.feed === feed.id);
    if (status) feed.status = status;
    for (const news of update.words) if (news.feed === feed.id) feed.addWords(news.words);
    for (const news of update.values) if (news.feed === feed.id) feed.setValues(news.values);
  }

  async add(board: string, url: string): Promise<FeedState> {
    return this.shownFirst(await this.take(() => host.feedAdd(board, url, say('undo_feed_add'))));
  }

  /** The same of one that was described. */
  async subscribe(
    board: string,
    draft: BoardFeed,
    secrets: Record<string, string>,
  ): Promise<{ feed: FeedState; unkept: string | null }> {
    return this.described(() => host.feedSubscribe(board, draft, secrets, say('undo_feed_add')));
  }

  /** Puts one that was described in the place of another. */
  async change(
    board: string,
    id: string,
    draft: BoardFeed,
    secrets: Record<string, string>,
  ): Promise<{ feed: FeedState; unkept: string | null }> {
    const label = say('undo_feed_change');
    return this.described(() => host.feedChange(board, id, draft, secrets, label));
  }

  private async described(
    ask: () => Promise<Subscribed>,
  ): Promise<{ feed: FeedState; unkept: string | null }> {
    let unkept: string | null = null;
    const feed = await this.take(async () => {
      const subscribed = await ask();
      ({ unkept } = subscribed);
      return subscribed.feed;
    });
    return { feed: this.shownFirst(feed), unkept };
  }

  private shownFirst(feed: FeedState): FeedState {
    feed.open = true;
    // The board may be told of it a moment later.
    if (!this.shown.includes(feed.id)) this.shown = [...this.shown, feed.id];
    this.selectedId = feed.id;
    this.addedId = feed.id;
    this.newestId = feed.id;
    return feed;
  }

  private async take(ask: () => Promise<Feed>): Promise<FeedState> {
    this.adding += 1;
    try {
      const added = await ask();
      const known = this.get(added.id);
      if (known) return known;
      const feed = new FeedState(added);
      for (const update of this.early) this.tell(feed, update);
      this.hold([...this.all, feed]);
      return feed;
    } finally {
      this.adding -= 1;
      if (this.adding === 0) this.early = [];
    }
  }

  async setFaults(faults: Faults): Promise<void> {
    const before = this.faults;
    this.faults = faults;
    try {
      await host.faultsSet(faults);
    } catch (trouble) {
      this.faults = before;
      throw trouble;
    }
  }
}
