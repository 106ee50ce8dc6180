// Moments and spans of time that plots mark: where a person measures, what was noted, what went off. Kept by
// group, since each comes from another part of the window.

export interface Moment {
  id: string;
  ms: number;
  /** When it ends, if it is a span. */
  toMs?: number | undefined;
  kind: 'a' | 'b' | 'note' | 'alert';
  /** What its flag says: a letter, or a few words. */
  text: string;
  /** For CSS; without it, that of its kind. */
  color?: string;
  /** The panel that marks it; without it, all do. */
  panel?: string | undefined;
  /** It is marked where this feed is drawn; without it, everywhere. */
  feed?: string | undefined;
  /** Takes it, or an end of it, to where it was dragged; without it, it stays where it is. */
  move?(ms: number, part: Part): void;
  /** It is let go where it was dragged. */
  put?(): void;
  /** Someone pressed its flag, which is there on the screen. */
  open?(at: DOMRect): void;
}

/** What of it is dragged: one of the ends of a span, or all of it. */
export type Part = 'all' | 'from' | 'to';

/** Those that a panel marks, by time. */
export function momentsOf(
  moments: readonly Moment[],
  panel: string,
  traces: readonly { feed: string }[],
): Moment[] {
  const feeds = new Set(traces.map(({ feed }) => feed));
  return moments
    .filter((one) => one.panel === undefined || one.panel === panel)
    .filter((one) => one.feed === undefined || feeds.has(one.feed))
    .sort((a, b) => a.ms - b.ms);
}

/** Those that can be seen, of some in the order of time, and the one that is held. */
export function momentsWithin(
  moments: readonly Moment[],
  fromMs: number,
  toMs: number,
  most: number,
  held: string | null = null,
): Moment[] {
  const seen: Moment[] = [];
  for (const one of moments) {
    if (one.ms > toMs || seen.length === most) break;
    if ((one.toMs ?? one.ms) >= fromMs) seen.push(one);
  }
  const other = held !== null && moments.find(({ id }) => id === held);
  if (!other || seen.includes(other)) return seen;
  return [...seen, other].sort((a, b) => a.ms - b.ms);
}

export class Moments {
  private readonly groups = new Map<string, readonly Moment[]>();
  private all: readonly Moment[] = [];

  /** `changed` is told whenever there are others. */
  constructor(private readonly changed: () => void) {}

  /** Those of all groups. Another list whenever they change. */
  get list(): readonly Moment[] {
    return this.all;
  }

  set(group: string, moments: readonly Moment[]): void {
    if (moments.length === 0 && !this.groups.has(group)) return;
    if (moments.length === 0) this.groups.delete(group);
    else this.groups.set(group, moments);
    this.all = [...this.groups.values()].flat();
    this.changed();
  }
}
