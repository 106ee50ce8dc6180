// How lately channels were heard of: asked for once a second, of those in sight, and written by
// hand. Plain memory that nothing reactive watches.

import * as host from '$host';
import type { Freshness } from '../generated/Freshness';
import { Asking } from '../live/asking';

const PACE_MS = 1000;
// What scrolls by is not worth a question.
const REST_MS = 120;
// A rate is of so many answers: of a few seconds.
const ANSWERS_MAX = 5;
// Less than this is no silence: few feeds send so often that a person would wait for it.
const SILENT_MS_MIN = 3000;
// So many times as long as it usually takes is long.
const SILENT_TIMES = 5;

/** What is said of a channel. */
export interface Fresh {
  /** Records a second; `null` where nothing has come in this run. */
  rate: number | null;
  /** `null` where nothing ever came. */
  ageMs: number | null;
  /** It has been silent for longer than it is used to. */
  silent: boolean;
}

export interface Heard {
  atMs: number;
  freshness: Freshness;
}

/** What answers come to, the last of which is the newest. */
export function freshOf(answers: readonly Heard[]): Fresh {
  const [first] = answers;
  const last = answers.at(-1);
  if (!first || !last) return { rate: null, ageMs: null, silent: false };
  const { records, first_ms, last_ms } = last.freshness;
  const ageMs = last_ms === null ? null : Math.max(0, last.atMs - last_ms);
  return { rate: rateOf(first, last), ageMs, silent: isSilent(ageMs, records, first_ms, last_ms) };
}

function rateOf(first: Heard, last: Heard): number | null {
  const { records, first_ms } = last.freshness;
  if (first_ms === null) return null;
  const came = records - first.freshness.records;
  const ms = last.atMs - first.atMs;
  // At first, there is only all that came until now.
  if (ms <= 0 || came < 0) return (1000 * records) / Math.max(1000, last.atMs - first_ms);
  return (1000 * came) / ms;
}

function isSilent(
  ageMs: number | null,
  records: number,
  firstMs: number | null,
  lastMs: number | null,
): boolean {
  if (ageMs === null) return false;
  // Of what has not come in this run, nobody knows how often it should.
  if (firstMs === null || lastMs === null) return ageMs > SILENT_MS_MIN;
  const usualMs = records > 1 ? (lastMs - firstMs) / (records - 1) : 0;
  return ageMs > Math.max(SILENT_MS_MIN, SILENT_TIMES * usualMs);
}

interface Channel {
  feed: string;
  channel: string;
  answers: Heard[];
  write: (fresh: Fresh) => void;
}

export class ChannelsFresh {
  private readonly channels = new Set<Channel>();
  private timer = 0;
  private readonly asking: Asking;

  constructor(
    private readonly nowMs: () => number,
    onTrouble: (trouble: unknown) => void,
  ) {
    this.asking = new Asking(
      () => this.fetch(),
      () => this.channels.size > 0,
      onTrouble,
      PACE_MS,
    );
    document.addEventListener('visibilitychange', this.returned);
  }

  /** Has it written how lately a channel was heard of, until what this answers with is called. */
  add(feed: string, channel: string, write: (fresh: Fresh) => void): () => void {
    const added: Channel = { feed, channel, answers: [], write };
    this.channels.add(added);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.asking.now(), REST_MS);
    return () => {
      this.channels.delete(added);
    };
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.asking.destroy();
    document.removeEventListener('visibilitychange', this.returned);
  }

  private readonly returned = () => {
    if (!document.hidden) this.asking.now();
  };

  private async fetch(): Promise<void> {
    const byFeed = new Map<string, Channel[]>();
    for (const channel of this.channels) {
      const some = byFeed.get(channel.feed);
      if (some) some.push(channel);
      else byFeed.set(channel.feed, [channel]);
    }
    await Promise.all(
      [...byFeed].map(async ([feed, channels]) => {
        const names = channels.map(({ channel }) => channel);
        const answers = await host.freshness(feed, names);
        const atMs = this.nowMs();
        channels.forEach((channel, n) => {
          const freshness = answers[n];
          if (!freshness || !this.channels.has(channel)) return;
          channel.answers.push({ atMs, freshness });
          if (channel.answers.length > ANSWERS_MAX) channel.answers.shift();
          channel.write(freshOf(channel.answers));
        });
      }),
    );
  }
}
