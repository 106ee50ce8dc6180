// The alerts as the window knows them: the rules, how they are, and what they did lately.

import * as host from '$host';
import type { Alert } from '../generated/Alert';
import type { AlertEvent } from '../generated/AlertEvent';
import type { AlertState } from '../generated/AlertState';
import type { AlertStates } from '../generated/AlertStates';
import type { Update } from '../generated/Update';
import { OneAtATime } from '../lib/one-at-a-time';

/** Events that are kept here: all that a chart or a person looks at. */
export const EVENTS_MAX = 1000;
/** An event that ended goes on if its alert fires again this soon; it is asked for again. */
const REOPENS_MS = 61_000;

export class Alerts {
  list: Alert[] = $state.raw([]);
  states: ReadonlyMap<string, AlertState> = $state.raw(new Map());
  /** The newest first. */
  events: readonly AlertEvent[] = $state.raw([]);
  /** Whether the sheet is open. */
  open = $state(false);

  private version = -1;
  private rules = -1;
  private askedMs: number | null = null;
  private readonly asker = new OneAtATime(() => this.fetchEvents());
  private readonly lister = new OneAtATime(() => this.fetchRules());

  constructor(private readonly onTrouble: (trouble: unknown) => void) {}

  /** Those that fire. */
  get firing(): Alert[] {
    return this.list.filter(
      (alert) => alert.enabled && this.states.get(alert.id)?.phase === 'firing',
    );
  }

  async start(): Promise<void> {
    const { alerts, states } = await host.alerts();
    if (states.rules >= this.rules) {
      this.rules = states.rules;
      this.list = alerts;
    }
    this.told(states);
    this.asker.ask();
  }

  heard(update: Update): void {
    if (update.alerts) this.told(update.alerts);
  }

  /** Answers and updates overtake each other. */
  private told(told: AlertStates): void {
    if (told.version <= this.version) return;
    this.version = told.version;
    this.states = new Map(told.states.map((state) => [state.alert, state]));
    this.asker.ask();
    // They may have gone over to another feed.
    if (told.rules > this.rules) this.lister.ask();
  }

  private async fetchRules(): Promise<void> {
    try {
      await this.start();
    } catch (trouble) {
      this.onTrouble(trouble);
    }
  }

  private async fetchEvents(): Promise<void> {
    const now = Date.now();
    try {
      const fresh = await host.alertLog({ from_ms: since(this.events, this.askedMs), to_ms: null });
      this.askedMs = now;
      this.events = merged(this.events, fresh);
    } catch (trouble) {
      this.onTrouble(trouble);
    }
  }

  /** Adds an alert, or changes the one of its id. */
  async set(alert: Alert): Promise<Alert> {
    const kept = await host.alertSet(alert);
    const others = this.list.some((other) => other.id === kept.id);
    this.list = others
      ? this.list.map((other) => (other.id === kept.id ? kept : other))
      : [...this.list, kept];
    return kept;
  }

  async remove(alert: Alert): Promise<void> {
    await host.alertRemove(alert.id);
    this.list = this.list.filter((other) => other.id !== alert.id);
  }
}

/** From when on the log is asked for. What fires may turn out to have been over long since. */
export function since(known: readonly AlertEvent[], askedMs: number | null): number | null {
  if (askedMs === null) return null;
  const begins = known.filter((event) => event.firing).map((event) => event.begin_ms);
  return begins.reduce((least, begin) => Math.min(least, begin), askedMs - REOPENS_MS);
}

/** What is known, with what is new in its place. */
export function merged(
  known: readonly AlertEvent[],
  fresh: readonly AlertEvent[],
): readonly AlertEvent[] {
  const all = new Map(known.map((event) => [event.number, event]));
  for (const event of fresh) all.set(event.number, event);
  return [...all.values()].sort((a, b) => b.number - a.number).slice(0, EVENTS_MAX);
}
