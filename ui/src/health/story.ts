// What is said of the states of a feed, and of times without data.

import { stateWord } from '../feeds/state';
import type { HealthClock } from '../generated/HealthClock';
import type { HealthSpan } from '../generated/HealthSpan';
import type { Interruption } from '../generated/Interruption';
import type { State } from '../generated/State';
import { clock, count, day, duration, latency, value } from '../lib/format';
import { say, sayParts } from '../words/say';

const DAY_MS = 86_400_000;

/** Nobody listens to a feed while the application is not running. */
export const wordOf = (state: State | null): string =>
  state === null ? say('health_not_listened') : stateWord(state);

/** The name that a state goes by in styles. */
export const nameOf = (state: State | null): string => state ?? 'closed';

/** The time of day, and the day where that is another. */
export function moment(ms: number, nowMs: number): string {
  const time = clock(ms, 1000);
  return Math.abs(nowMs - ms) < DAY_MS / 2 ? time : `${day(ms)} ${time}`;
}

/** A segment of the strip, in two lines. */
export function segmentLines(span: HealthSpan, nowMs: number): [string, string] {
  const until = span.to_ms ?? nowMs;
  const what =
    span.changes > 1
      ? say('health_several', { count: count(span.changes), worst: wordOf(span.state) })
      : wordOf(span.state);
  const head = say('health_segment', {
    state: what,
    from: moment(span.from_ms, nowMs),
    to: span.to_ms === null ? say('now') : moment(span.to_ms, nowMs),
    time: duration(until - span.from_ms),
  });
  return [head, sayParts(span.said, span.cause)];
}

/** A time without data: what happened, and how it ended. */
export function interruptionLines(interruption: Interruption, nowMs: number): [string, string] {
  const time = duration((interruption.to_ms ?? nowMs) - interruption.from_ms);
  const { tries } = interruption;
  const end =
    interruption.to_ms === null
      ? say('health_lasts', { time, tries })
      : say('health_back', { time, tries });
  return [sayParts(interruption.said, interruption.cause), end];
}

/** For how much of the time that it was listened to it was live. */
export function shareWords(liveMs: number, listenedMs: number): string {
  if (listenedMs <= 0) return say('health_nothing_known');
  const share = liveMs / listenedMs;
  // All of it is only said of what was.
  const percent = share < 1 ? Math.min(99.9, Math.floor(share * 1000) / 10) : 100;
  return say('health_live_for', {
    live: duration(liveMs),
    listened: duration(listenedMs),
    percent: value(percent, 'percent'),
  });
}

/** How far the clocks are apart, and what that means for what is measured by both. */
export function clockWords(of: HealthClock): string {
  const unsure = latency(of.uncertainty_ms);
  if (Math.abs(of.ahead_ms) <= of.uncertainty_ms) return say('health_clock_agrees', { unsure });
  const apart = latency(Math.abs(of.ahead_ms));
  return of.ahead_ms > 0
    ? say('health_clock_ahead', { apart, unsure })
    : say('health_clock_behind', { apart, unsure });
}

/** What was under way, once the clocks are set against each other. */
export function trueLatency(seemsMs: number, of: HealthClock): string {
  return say('health_really', {
    time: latency(Math.max(0, seemsMs + of.ahead_ms)),
    unsure: latency(of.uncertainty_ms),
  });
}

export const interruptionsWords = (total: number, longestMs: number): string =>
  total === 0
    ? say('health_no_interruption')
    : say('health_interruptions', { count: total, longest: duration(longestMs) });

export const rest = (listed: number, total: number): string =>
  say('gaps_more', { listed: count(listed), total: count(total) });
