// What an alert watches for, in a sentence, and what it is called.

import { tracesOf, unitOf } from '../board/trace';
import type { Alert } from '../generated/Alert';
import type { AlertDirection } from '../generated/AlertDirection';
import type { AlertEvent } from '../generated/AlertEvent';
import type { AlertField } from '../generated/AlertField';
import type { AlertOn } from '../generated/AlertOn';
import type { AlertState } from '../generated/AlertState';
import type { Panel } from '../generated/Panel';
import type { Unit } from '../generated/Unit';
import { count, duration, value } from '../lib/format';
import { say } from '../words/say';

/** What the feeds are called, and how the fields' values are written. */
export interface Names {
  feed: (id: string) => string;
  field: (field: AlertField) => string;
  unit: (field: AlertField) => Unit;
}

export const fieldOf = (what: AlertOn): AlertField | null => ('field' in what ? what.field : null);
export const feedOf = (what: AlertOn): string => ('field' in what ? what.field.feed : what.feed);

const sameField = (a: AlertField, b: AlertField): boolean =>
  a.feed === b.feed && a.channel === b.channel && a.path === b.path;

/** The names that the board has for them, and where it has none, what the feed calls them. */
export function namesOf(
  panels: readonly Panel[],
  feeds: readonly { id: string; name: string }[],
): Names {
  const place = (field: AlertField) => {
    for (const panel of panels) {
      const trace = tracesOf(panel).find((trace) => sameField(trace, field));
      if (trace) return { panel, trace };
    }
    return null;
  };
  return {
    feed: (id) => feeds.find((feed) => feed.id === id)?.name ?? id,
    field: (field) => `${field.channel} ${field.path}`,
    unit: (field) => unitOf(place(field)?.panel),
  };
}

/** What it is called. */
export function nameOf(alert: Alert, names: Names): string {
  return alert.name || saysWhat(alert, names);
}

const CHANGES = {
  either: 'alert_says_change',
  up: 'alert_says_change_up',
  down: 'alert_says_change_down',
} as const satisfies Record<AlertDirection, string>;
const RATES = {
  either: 'alert_says_rate',
  up: 'alert_says_rate_up',
  down: 'alert_says_rate_down',
} as const satisfies Record<AlertDirection, string>;

function saysWhat({ what, for_ms }: Alert, names: Names): string {
  if ('field' in what) {
    const field = names.field(what.field);
    const written = (n: number) => value(n, names.unit(what.field));
    switch (what.on) {
      case 'above':
        return say('alert_says_above', { field, value: written(what.value) });
      case 'below':
        return say('alert_says_below', { field, value: written(what.value) });
      case 'outside':
        return say('alert_says_outside', {
          field,
          low: written(what.low),
          high: written(what.high),
        });
      case 'change':
        return say(CHANGES[what.direction], {
          field,
          value: written(what.by),
          time: duration(what.within_ms),
        });
      case 'rate':
        return say(RATES[what.direction], { field, value: written(what.per_second) });
      case 'absent':
        return say('alert_says_absent', { field, time: duration(for_ms) });
    }
  }
  const feed = names.feed(what.feed);
  switch (what.on) {
    case 'not-live':
      return say('alert_says_not_live', { feed });
    case 'gap':
      return say('alert_says_gap', { feed });
    case 'latency':
      return say('alert_says_latency', { feed, time: duration(what.above_ms) });
    case 'reconnects':
      return say('alert_says_reconnects', {
        feed,
        count: count(what.count),
        time: duration(what.within_ms),
      });
  }
}

/** All that it watches for. */
export function says(alert: Alert, names: Names): string {
  const what = saysWhat(alert, names);
  if (alert.for_ms === 0 || alert.what.on === 'absent') return what;
  return say('alert_says_for', { what, time: duration(alert.for_ms) });
}

/** How bad it was, as its kind of alert measures it. */
export function worst(event: AlertEvent, alert: Alert | undefined, names: Names): string | null {
  if (event.worst === null) return null;
  const on = alert?.what.on;
  if (on === 'absent' || on === 'latency') return duration(event.worst);
  if (event.field) return value(event.worst, names.unit(event.field));
  return count(event.worst);
}

export type Phase = 'firing' | 'pending' | 'ok' | 'blind' | 'off';

/** How an alert is, as it is shown. */
export function phaseOf(alert: Alert, state: AlertState | undefined): Phase {
  if (!alert.enabled) return 'off';
  if (state?.phase === 'firing') return 'firing';
  if (state === undefined || state.blind) return 'blind';
  return state.phase;
}

const WORDS = {
  firing: 'alert_phase_firing',
  pending: 'alert_phase_pending',
  ok: 'alert_phase_ok',
  blind: 'alert_phase_blind',
  off: 'alert_phase_off',
} as const satisfies Record<Phase, string>;

export const phaseWord = (phase: Phase): string => say(WORDS[phase]);
