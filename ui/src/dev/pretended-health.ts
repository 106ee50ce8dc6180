// How the pretended feeds did over the last week: with interruptions now and then, a night on which nobody
// listened, and, asked for by `flapping`, ten thousand changes.

import type { Health } from '../generated/Health';
import type { HealthAsked } from '../generated/HealthAsked';
import type { HealthSpan } from '../generated/HealthSpan';
import type { Part } from '../generated/Part';
import type { State } from '../generated/State';
import type { Column } from '../live/columns';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface Reasons {
  closed: Part;
  connected: Part;
  silent: Part;
  absent: Part;
}

/** Of a feed that was never reached. */
export const NEVER: Health = {
  begins_ms: null,
  spans: [],
  interruptions: [],
  interruptions_total: 0,
  live_ms: 0,
  listened_ms: 0,
  clock: null,
  round_trip_ms: null,
};

function turns(bornMs: number, flapping: boolean, why: Reasons): HealthSpan[] {
  const found: HealthSpan[] = [];
  const add = (from_ms: number, state: State | null, said: Part) => {
    const last = found.at(-1);
    if (last) last.to_ms = from_ms;
    found.push({ from_ms, to_ms: null, state, changes: 1, cause: said.text, said: [said] });
  };
  const interruption = (at: number, tries: number) => {
    for (let n = 0; n < tries; n += 1) {
      add(at + n * 4000, 'waiting', why.closed);
      add(at + n * 4000 + 3900, 'connecting', why.connected);
    }
    add(at + tries * 4000, 'live', why.connected);
  };
  if (flapping) {
    for (let n = 3333; n > 0; n -= 1) interruption(bornMs - n * 30_000, 1);
    return found;
  }
  add(bornMs - 40 * HOUR, 'connecting', why.connected);
  add(bornMs - 40 * HOUR + 900, 'live', why.connected);
  interruption(bornMs - 33 * HOUR, 14);
  add(bornMs - 22 * HOUR, null, why.absent);
  add(bornMs - 14 * HOUR, 'connecting', why.connected);
  add(bornMs - 14 * HOUR + 500, 'live', why.connected);
  interruption(bornMs - 5 * HOUR, 3);
  interruption(bornMs - 48 * MINUTE, 90);
  add(bornMs - 21 * MINUTE, 'stale', why.silent);
  add(bornMs - 18 * MINUTE, 'live', why.connected);
  interruption(bornMs - 4 * MINUTE, 1);
  return found;
}

/** What the feed was in then. */
function stateAt(all: readonly HealthSpan[], ms: number): State | null {
  return all.findLast(({ from_ms }) => from_ms <= ms)?.state ?? null;
}

export class PretendedHealth {
  private readonly all: HealthSpan[];

  constructor(
    private readonly bornMs: number,
    flapping: boolean,
    why: Reasons,
  ) {
    this.all = turns(bornMs, flapping, why);
  }

  answer(asked: HealthAsked): Health {
    const now = Date.now();
    const { from_ms, to_ms, columns, most } = asked;
    const touching = this.all.filter((one) => (one.to_ms ?? now) >= from_ms && one.from_ms < to_ms);
    const column = (to_ms - from_ms) / columns;
    const spans: HealthSpan[] = [];
    for (const one of touching) {
      const last = spans.at(-1);
      const short = (one.to_ms ?? now) - one.from_ms < column;
      if (last && short && (one.to_ms ?? now) - last.from_ms <= column) {
        last.to_ms = one.to_ms;
        last.changes += 1;
        if (one.state === 'waiting') last.state = 'waiting';
      } else spans.push({ ...one });
    }
    const interruptions = this.interruptions().filter(
      (one) => (one.to_ms ?? now) >= from_ms && one.from_ms < to_ms,
    );
    const length = (one: HealthSpan) =>
      Math.max(0, Math.min(one.to_ms ?? now, to_ms, now) - Math.max(one.from_ms, from_ms));
    const sum = (of: readonly HealthSpan[]) => of.reduce((all, one) => all + length(one), 0);
    return {
      begins_ms: this.all[0]?.from_ms ?? null,
      spans,
      interruptions: interruptions.slice(0, most),
      interruptions_total: interruptions.length,
      live_ms: sum(this.all.filter(({ state }) => state === 'live')),
      listened_ms: sum(this.all.filter(({ state }) => state !== null)),
      clock: { ahead_ms: -161.2, uncertainty_ms: 9.4, messages: 4800 },
      round_trip_ms: 18.8,
    };
  }

  private interruptions(): Health['interruptions'] {
    const found: Health['interruptions'] = [];
    let run: HealthSpan[] = [];
    for (const one of [...this.all, null]) {
      if (one && one.state !== 'live') {
        run.push(one);
        continue;
      }
      const first = run.find(({ state }) => state !== 'connecting');
      if (first) {
        const tries = run.filter(({ state }) => state === 'connecting').length;
        found.push({ ...first, to_ms: run.at(-1)?.to_ms ?? null, tries });
      }
      run = [];
    }
    return found.reverse();
  }

  columns(path: string, columnMs: number, from: number, to: number): Column[] {
    const found: Column[] = [];
    const last = Math.min(to, Math.floor(Date.now() / columnMs) + 1);
    const first = Math.max(from, Math.floor((this.bornMs - 40 * HOUR) / columnMs));
    let gap = 0;
    for (let index = first; index < last; index += 1) {
      const ms = index * columnMs;
      if (stateAt(this.all, ms) !== 'live') {
        gap = 1;
        continue;
      }
      const noise = Math.abs(Math.sin(index * 12.9898) * 43_758.5453) % 1;
      const spread = Math.min(0.5, columnMs / (10 * MINUTE));
      const value = healthAt(path, ms, noise);
      if (value === 0) continue;
      found.push([
        index,
        Math.max(1, Math.round(columnMs / 1000)),
        value,
        value * (1 - spread),
        value * (1 + spread),
        value,
        gap,
      ]);
      gap = 0;
    }
    return found;
  }
}

function healthAt(path: string, ms: number, noise: number): number {
  const wave = 1 + 0.3 * Math.sin(ms / (3 * HOUR)) + 0.1 * noise;
  switch (path) {
    case 'messages_per_second':
    case 'received':
      return Math.round(80 * wave);
    case 'delivered':
      return Math.round(80 * wave);
    case 'bytes_per_second':
      return Math.round(9400 * wave);
    case 'arrival_ms':
      return 178 + 12 * wave + 8 * noise;
    case 'arrival_max_ms':
      return 210 + (noise > 0.97 ? 400 : 40 * noise);
    case 'drawn_ms':
      return 8 + 5 * noise;
    case 'drawn_max_ms':
      return 17 + (noise > 0.98 ? 60 : 6 * noise);
    default:
      return 0;
  }
}
