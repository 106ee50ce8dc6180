import { describe, expect, it } from 'vitest';
import type { LateSpan } from '../generated/LateSpan';
import { lateMarks, lateStory } from './late';

const span = (start_ms: number, end_ms: number, replayed = false, came = 90_000): LateSpan => ({
  feed: 'f',
  channel: 'c',
  start_ms,
  end_ms,
  came_from_ms: came,
  came_to_ms: came + 500,
  messages: 3,
  replayed,
});

describe('the marks of what came late', () => {
  const at = (late: LateSpan[], axis: 'arrival' | 'source' = 'source') =>
    lateMarks(late, axis, 0, 100_000, 1000).map(({ left, right, spans }) => [
      left,
      right,
      spans.length,
    ]);

  it('stand where it belongs, or by the other axis where it came', () => {
    expect(at([span(10_000, 30_000)])).toEqual([[100, 300, 1]]);
    expect(at([span(10_000, 30_000)], 'arrival')).toEqual([[900, 905, 1]]);
  });

  it('are wide enough to be pointed at, and one where they touch', () => {
    expect(at([span(10_000, 10_000), span(10_100, 10_100), span(50_000, 50_000)])).toEqual([
      [98, 103, 2],
      [498, 502, 1],
    ]);
  });

  it('tell what was late from what was sent again', () => {
    expect(at([span(10_000, 20_000), span(15_000, 25_000, true)])).toHaveLength(2);
  });

  it('are none where nothing of it is seen', () => {
    expect(at([span(200_000, 300_000)])).toEqual([]);
  });

  it('say how much it was, and how late', () => {
    const [mark] = lateMarks(
      [span(10_000, 20_000, true), span(18_000, 21_000, true)],
      'source',
      0,
      1e5,
      1000,
    );
    const story = mark && lateStory(mark);
    expect(story?.head).toBe('6 messages sent again');
    expect(story?.text.replaceAll('\u202f', ' ')).toContain('1 min 21 s');
  });
});
