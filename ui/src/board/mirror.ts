// What a board from the application shares with the one that is here: panels that are the same
// stay the very same objects, so that nothing is drawn anew that has not changed.

import type { Board } from '../generated/Board';
import type { Panel } from '../generated/Panel';
import { hasTraces } from './trace';

/** `next`, with what it has in common with `before` taken from there. */
export function shared(before: Board, next: Board): Board {
  if (before.id !== next.id) return next;
  const known = new Map(before.panels.map((panel) => [panel.id, panel]));
  return { ...next, panels: next.panels.map((panel) => sharedPanel(known.get(panel.id), panel)) };
}

function sharedPanel(before: Panel | undefined, next: Panel): Panel {
  if (!before) return next;
  if (same(before, next)) return before;
  // A plot that gets the same traces by another name asks for nothing.
  if (!hasTraces(before) || !hasTraces(next)) return next;
  return same(before.traces, next.traces) ? { ...next, traces: before.traces } : next;
}

export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return (
    keys.length === others.length &&
    keys.every((key) => same(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
}
