// What a panel says of which no feed is there.

import type { App } from '../app';
import type { Trace } from '../generated/Trace';
import { say } from '../words/say';
import { DERIVED, derivedName, derivedOf } from './known.svelte';

export function unknownFeed(app: App, traces: readonly Trace[]): string {
  const derived = traces.find(({ feed }) => feed === DERIVED);
  if (!derived) return say('panel_feed_unknown');
  const series = derivedOf(derived);
  const why = app.absence(derived);
  return series ? say('panel_derived_waits', { name: derivedName(series), why }) : why;
}
