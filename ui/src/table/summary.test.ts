import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Span } from '../generated/Span';
import type { Statistics } from '../generated/Statistics';
import { Summary } from './summary';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { hidden: false });
  vi.stubGlobal('window', {
    setTimeout: (...given: Parameters<typeof setTimeout>) => setTimeout(...given),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const traces: Span['traces'] = [];
const span = (to_ms: number, of = traces): Span => ({
  traces: of,
  axis: 'source',
  from_ms: 0,
  to_ms,
});

function asking(tookMs: number) {
  const asked: { at: number; to: number }[] = [];
  const troubles: unknown[] = [];
  let fail = false;
  const began = performance.now();
  const now = () => performance.now() - began;
  const made = new Summary(
    async ({ to_ms }) => {
      asked.push({ at: now(), to: to_ms });
      await new Promise((resolve) => setTimeout(resolve, tookMs));
      if (fail) throw new Error('no');
      return [{ count: to_ms } as Statistics];
    },
    () => {},
    (trouble) => troubles.push(trouble),
  );
  return {
    made,
    asked,
    troubles,
    failing() {
      fail = true;
    },
  };
}

describe('asking for statistics', () => {
  it('is done once a second, for what is shown then', async () => {
    const { made, asked } = asking(10);
    for (let at = 0; at < 3000; at += 250) {
      made.want(span(at));
      await vi.advanceTimersByTimeAsync(250);
    }
    expect(asked).toEqual([
      { at: 0, to: 0 },
      { at: 1000, to: 750 },
      { at: 2000, to: 1750 },
      { at: 3000, to: 2750 },
    ]);
  });

  it('is done less often where it takes long, and never twice at once', async () => {
    const { made, asked } = asking(500);
    for (let at = 0; at < 8000; at += 250) {
      made.want(span(at));
      await vi.advanceTimersByTimeAsync(250);
    }
    expect(asked.map(({ at }) => at)).toEqual([0, 2500, 5000, 7500]);
  });

  it('ends where nobody wishes it any more', async () => {
    const { made, asked } = asking(10);
    made.want(span(1));
    await vi.advanceTimersByTimeAsync(20);
    made.want(span(2));
    made.destroy();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveLength(1);
  });

  it('forgets the answers to other traces, and those that come too late', async () => {
    const { made } = asking(10);
    made.want(span(1));
    await vi.advanceTimersByTimeAsync(20);
    expect(made.answer).toEqual([{ count: 1 }]);
    made.want(span(2));
    await vi.advanceTimersByTimeAsync(985);
    made.want(span(3, []));
    expect(made.answer).toEqual([]);
    await vi.advanceTimersByTimeAsync(50);
    expect(made.answer).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(made.answer).toEqual([{ count: 3 }]);
  });

  it('tells of what fails, and goes on', async () => {
    const { made, asked, troubles, failing } = asking(10);
    failing();
    made.want(span(1));
    await vi.advanceTimersByTimeAsync(20);
    expect(troubles).toHaveLength(1);
    made.want(span(2));
    await vi.advanceTimersByTimeAsync(3000);
    expect(asked).toHaveLength(2);
  });
});
