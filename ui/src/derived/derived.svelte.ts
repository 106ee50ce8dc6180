// The derived series as the window knows them: which there are, how far each is, and what each is
// now. What streams is kept in plain memory, as that of feeds is.

import * as host from '$host';
import type { FeedState, Feeds } from '../feeds/feeds.svelte';
import type { Derived } from '../generated/Derived';
import type { DerivedInput } from '../generated/DerivedInput';
import type { DerivedSeries } from '../generated/DerivedSeries';
import type { Field } from '../generated/Field';
import type { Update } from '../generated/Update';
import { namesIn } from './expression';
import { DERIVED, setKnown } from './known.svelte';

/** A field that a series is made of, and that is not there. */
export interface Missing {
  input: DerivedInput;
  /** The feed that it would be of; `null` if nobody is subscribed to that. */
  feed: FeedState | null;
}

export const NEW: DerivedSeries = { id: '', name: '', unit: 'none', expression: '', inputs: {} };

export class DerivedList {
  list: readonly Derived[] = $state.raw([]);
  /** Whether they are to be seen in the list of feeds. */
  unfolded = $state(true);
  /** What is edited; without an id, it is new. */
  edited: DerivedSeries | null = $state.raw(null);
  private readonly values = new Map<number, number>();
  private valuesVersion = $state(0);

  constructor(private readonly feeds: Pick<Feeds, 'get'>) {}

  /** Whose latest values are wanted on their account. */
  get peeked(): string[] {
    return this.unfolded && this.list.length > 0 ? [DERIVED] : [];
  }

  start(list: readonly Derived[]): void {
    this.list = list;
    setKnown(list.map(({ series }) => series));
  }

  heard(update: Pick<Update, 'derived' | 'values'>): void {
    if (update.derived) this.start(update.derived);
    for (const { feed, values } of update.values) {
      if (feed !== DERIVED) continue;
      for (const [number, value] of values) this.values.set(number, value);
      this.valuesVersion += 1;
    }
  }

  get(id: string): Derived | undefined {
    return this.list.find(({ series }) => series.id === id);
  }

  value({ number, state }: Derived): number {
    // Reading it is what makes the reader hear of new values.
    void this.valuesVersion;
    // What was made of a field that has gone has gone with it.
    return (state === 'waiting' ? undefined : this.values.get(number)) ?? Number.NaN;
  }

  /** Makes a series, or another one of that of its id. Answers with it as it is kept. */
  async set(series: DerivedSeries): Promise<DerivedSeries> {
    const kept = await host.derivedSet(series);
    const known = this.get(kept.series.id);
    // An update may have told more of it already: the answer and it overtake each other.
    this.start(
      known
        ? this.list.map((one) => (one === known ? { ...one, series: kept.series } : one))
        : [...this.list, kept],
    );
    return kept.series;
  }

  async remove(id: string): Promise<void> {
    await host.derivedRemove(id);
    this.start(this.list.filter(({ series }) => series.id !== id));
    if (this.edited?.id === id) this.edited = null;
  }

  /** What it is made of, as far as its expression names it. */
  private inputsOf({ expression, inputs }: DerivedSeries): DerivedInput[] {
    const names = namesIn(expression);
    return Object.entries(inputs).flatMap(([name, input]) => (names.has(name) ? [input] : []));
  }

  /** The feeds that it is made of. */
  feedsOf(series: DerivedSeries): FeedState[] {
    const ids = new Set(this.inputsOf(series).map(({ feed }) => feed));
    return [...ids].flatMap((id) => this.feeds.get(id) ?? []);
  }

  /** What it waits for. */
  missing(series: DerivedSeries): Missing[] {
    return this.inputsOf(series).flatMap((input) => {
      const feed = this.feeds.get(input.feed) ?? null;
      // It is made of numbers.
      const is = ({ channel, path, texts }: Field) =>
        channel === input.channel && path === input.path && !texts;
      return feed?.fields.some(is) ? [] : [{ input, feed }];
    });
  }
}
