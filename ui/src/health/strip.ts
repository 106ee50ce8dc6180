// A feed's states over time, as segments of the connection strip.

import type { State } from '../generated/State';
import type { Transition } from '../generated/Transition';

export interface Segment {
  state: State;
  /** In shares of the strip's length, 0 to 1. */
  left: number;
  width: number;
  fromMs: number;
  /** `null` while it lasts. */
  toMs: number | null;
  causes: Transition[];
}

// The eye wants the last minutes; a young session fills the strip from its start.
export const STRIP_MS_MAX = 600_000;
const STRIP_MS_MIN = 60_000;
// A strip is some hundred pixels wide: finer slots than these are not seen, and their number bounds
// the work.
const SLOTS = 400;
const CAUSES_MAX = 8;

/** How seriously a state takes itself: of states too short to be told apart, the worst is shown. */
const WEIGHT: Record<State, number> = {
  live: 0,
  idle: 1,
  opening: 2,
  connecting: 3,
  stale: 4,
  waiting: 5,
  stopped: 6,
};

export function stripSpan(transitions: readonly Transition[], nowMs: number): number {
  const first = transitions[0]?.at_ms ?? nowMs;
  return Math.min(STRIP_MS_MAX, Math.max(STRIP_MS_MIN, nowMs - first));
}

export function segments(transitions: readonly Transition[], nowMs: number): Segment[] {
  const span = stripSpan(transitions, nowMs);
  const startMs = nowMs - span;
  const endOf = (n: number) => transitions[n + 1]?.at_ms ?? null;
  const slots = new Int32Array(SLOTS).fill(-1);
  transitions.forEach((transition, n) => {
    const from = ((transition.at_ms - startMs) / span) * SLOTS;
    const to = (((endOf(n) ?? nowMs) - startMs) / span) * SLOTS;
    if (to < 0) return;
    const first = Math.max(0, Math.min(SLOTS - 1, Math.floor(from)));
    const last = Math.min(SLOTS - 1, Math.max(first, Math.ceil(to) - 1));
    for (let slot = first; slot <= last; slot += 1) {
      const there = transitions[slots[slot] as number];
      if (!there || WEIGHT[transition.state] >= WEIGHT[there.state]) slots[slot] = n;
    }
  });
  const found: Segment[] = [];
  let latest = -1;
  slots.forEach((n, slot) => {
    const transition = transitions[n];
    if (!transition) return;
    const { state, at_ms: fromMs } = transition;
    const before = found.at(-1);
    if (before?.state === state && slots[slot - 1] !== -1) {
      before.width += 1 / SLOTS;
      before.toMs = endOf(n);
      if (n !== latest && before.causes.length < CAUSES_MAX) before.causes.push(transition);
    } else {
      found.push({
        state,
        left: slot / SLOTS,
        width: 1 / SLOTS,
        fromMs,
        toMs: endOf(n),
        causes: [transition],
      });
    }
    latest = n;
  });
  return found;
}

/** Since when the feed is in its present state. */
export function sinceMs(transitions: readonly Transition[]): number | null {
  return transitions.at(-1)?.at_ms ?? null;
}
