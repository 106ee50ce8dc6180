// Where samples stand that came late, and what is said of them: a quiet mark at the foot of a chart.

import type { Axis } from '../generated/Axis';
import type { LateSpan } from '../generated/LateSpan';
import { clock, duration } from '../lib/format';
import { say } from '../words/say';

/** Spans of one kind that are too close to tell apart, in pixels from the left edge. */
export interface LateMark {
  left: number;
  right: number;
  spans: LateSpan[];
}

/** Thick enough to be pointed at. */
const MARK_PX_MIN = 4;

/** Marks that lie in a view of `width` pixels. */
export function lateMarks(
  late: readonly LateSpan[],
  axis: Axis,
  fromMs: number,
  toMs: number,
  width: number,
): LateMark[] {
  const perMs = width / (toMs - fromMs);
  const found: LateMark[] = [];
  const placed = late.map((span) => {
    const [start, end] =
      axis === 'arrival' ? [span.came_from_ms, span.came_to_ms] : [span.start_ms, span.end_ms];
    return { span, start, end };
  });
  const last: Record<string, LateMark> = {};
  for (const { span, start, end } of placed.sort((a, b) => a.start - b.start)) {
    if (end < fromMs || start > toMs) continue;
    const middle = (((start + end) / 2 - fromMs) * perMs) | 0;
    const half = Math.max(MARK_PX_MIN, (end - start) * perMs) / 2;
    const left = Math.max(0, Math.round(middle - half));
    const right = Math.min(width, Math.round(middle + half));
    if (right <= left) continue;
    const before = last[String(span.replayed)];
    if (before && left <= before.right) {
      before.right = Math.max(before.right, right);
      before.spans.push(span);
    } else {
      const mark = { left, right, spans: [span] };
      last[String(span.replayed)] = mark;
      found.push(mark);
    }
  }
  return found;
}

/** What is said of a mark: how much came late, and when. */
export function lateStory({ spans }: LateMark): { head: string; text: string } {
  const [first] = spans;
  const messages = spans.reduce((sum, span) => sum + span.messages, 0);
  const from = Math.min(...spans.map((span) => span.came_from_ms));
  const to = Math.max(...spans.map((span) => span.came_to_ms));
  const begin = Math.min(...spans.map((span) => span.start_ms));
  const replayed = first?.replayed ?? false;
  const head = say(replayed ? 'late_replayed' : 'late_late', { count: messages });
  const later = duration(Math.max(0, to - begin));
  const when = clock(from, 1000);
  const text = say(replayed ? 'late_replayed_meaning' : 'late_late_meaning', { when, later });
  return { head, text };
}
