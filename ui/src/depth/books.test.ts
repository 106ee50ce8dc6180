import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as host from '$host';
import type { Depth } from '../generated/Depth';
import type { DepthOf } from '../generated/DepthOf';
import { offered, watchBooks } from './books';

vi.mock('$host', () => ({ depth: vi.fn() }));

const book = (key: string): DepthOf => ({ channel: 'book', key });
let all: DepthOf[];
const told: string[] = [];
const tell = (books: readonly DepthOf[]) => void told.push(books.map(({ key }) => key).join());

beforeEach(() => {
  vi.useFakeTimers();
  told.length = 0;
  all = [];
  vi.mocked(host.depth)
    .mockReset()
    .mockImplementation(async () => ({ all: [...all] }) as Depth);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the books of a feed', () => {
  it('are told of as soon as they are known, and when there are others', async () => {
    const stop = watchBooks('f', tell);
    await vi.advanceTimersByTimeAsync(500);
    expect(told).toEqual([]);
    all = [book('a')];
    await vi.advanceTimersByTimeAsync(3000);
    vi.mocked(host.depth).mockRejectedValueOnce(new Error());
    await vi.advanceTimersByTimeAsync(1000);
    all = [book('a'), book('b')];
    await vi.advanceTimersByTimeAsync(1000);
    expect(told).toEqual(['a', 'a,b']);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are not those of one that was asked about before', async () => {
    all = [book('a')];
    const stop = watchBooks('f', tell);
    stop();
    await vi.advanceTimersByTimeAsync(3000);
    expect(told).toEqual([]);
    expect(host.depth).toHaveBeenCalledTimes(1);
    watchBooks('', tell)();
    expect(host.depth).toHaveBeenCalledTimes(1);
  });

  it('are offered with the one that is chosen', () => {
    const a = [book('a')];
    expect(offered(a, { channel: null, key: null })).toBe(a);
    expect(offered(a, book('a'))).toBe(a);
    expect(offered(a, book('b'))).toEqual([book('a'), book('b')]);
  });
});
