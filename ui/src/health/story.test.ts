import { describe, expect, it } from 'vitest';
import type { Statistics } from '../generated/Statistics';
import { imbalance } from './ledger';
import { ledgerOf, sum, took } from './series';
import * as story from './story';

const thick = (text: string | undefined) => (text ?? '').replaceAll('\u202f', ' ');

const SPAN = { from_ms: 0, to_ms: 4200, cause: 'The server closed the connection.', said: [] };

const statistics = (count: number, mean: number, more: Partial<Statistics> = {}): Statistics => ({
  count,
  mean,
  min: null,
  max: null,
  std_dev: null,
  p50: null,
  p95: null,
  p99: null,
  samples_per_second: null,
  ...more,
});

describe('the story of a state', () => {
  it('says which, how long and why', () => {
    const [head, why] = story.segmentLines({ ...SPAN, state: 'waiting', changes: 1 }, 10_000);
    expect(head).toContain('waiting');
    expect(thick(head)).toContain('4.2 s');
    expect(why).toBe('The server closed the connection.');
  });

  it('says that nobody listened, and of how many changes it is made', () => {
    expect(story.segmentLines({ ...SPAN, state: null, changes: 1 }, 10_000)[0]).toContain(
      'not running',
    );
    const [several] = story.segmentLines({ ...SPAN, state: 'waiting', changes: 1234 }, 10_000);
    expect(several).toContain('1,234 changes, waiting among them');
  });

  it('says how an interruption ended, or that it lasts', () => {
    const lines = (to_ms: number | null, tries: number) =>
      thick(story.interruptionLines({ ...SPAN, to_ms, state: 'waiting', tries }, 9000)[1]);
    expect(lines(4200, 3)).toBe('Back after 4.2 s; 3 tries.');
    expect(lines(4200, 1)).toBe('Back after 4.2 s; 1 try.');
    expect(lines(4200, 0)).toBe('Back after 4.2 s.');
    expect(lines(null, 2)).toBe('For 9 s now; 2 tries.');
  });

  it('never rounds up to all of it', () => {
    expect(story.shareWords(3_599_999, 3_600_000)).toContain('99.9');
    expect(story.shareWords(3_600_000, 3_600_000)).toContain('100.0');
    expect(story.shareWords(0, 0)).toBe('Nothing is known of this time.');
  });
});

describe('the clocks', () => {
  const clock = (ahead_ms: number) => ({ ahead_ms, uncertainty_ms: 10, messages: 5 });

  it('agree as far as can be told, or one is ahead', () => {
    expect(story.clockWords(clock(-9))).toContain('agrees');
    expect(thick(story.clockWords(clock(500)))).toContain('500 ms ahead');
    expect(thick(story.clockWords(clock(-500)))).toContain('500 ms behind');
  });

  it('are set against each other for what is measured by both', () => {
    expect(thick(story.trueLatency(520, clock(-500)))).toContain('20 ms');
    expect(thick(story.trueLatency(-400, clock(500)))).toContain('100 ms');
    expect(thick(story.trueLatency(10, clock(-500)))).toContain(' 0 ms');
  });
});

describe('what a span comes to', () => {
  it('is whole numbers, and adds up as the ledger does', () => {
    // As means of many are, they are a little off.
    const figures = {
      received: statistics(3, 10.333_333_333_333_334),
      delivered: statistics(3, 9.666_666_666_666_666),
      held: statistics(2, 1),
    };
    const ledger = ledgerOf(figures);
    expect(ledger).toMatchObject({ received: 31, delivered: 29, held: 2, late: 0 });
    expect(imbalance(ledger)).toBe(0);
    expect(sum(statistics(0, Number.NaN, { mean: null }))).toBe(0);
  });

  it('has no percentile above the longest', () => {
    const most = statistics(9, 1, { max: 198 });
    const of = statistics(9, 1, { p50: 10, p99: 199, max: 190 });
    expect(took(of, most)).toEqual({ p50: 10, p99: 198, max: 198 });
    expect(took(statistics(0, 0, { mean: null }), most)).toBeNull();
  });
});
