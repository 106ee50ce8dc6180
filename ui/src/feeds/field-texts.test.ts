import { describe, expect, it, vi } from 'vitest';
import type { Feed } from '../generated/Feed';
import type { Field } from '../generated/Field';
import { FeedState } from './feeds.svelte';
import { FieldTexts } from './field-texts';

vi.mock('$host', () => ({}));

const field = (number: number, path: string, texts: string[] | null): Field => ({
  channel: 'c',
  path,
  number,
  texts,
});
const feedOf = (fields: Field[]) =>
  new FeedState({ id: 'f', fields, transitions: [] } as unknown as Feed);

describe('a feed', () => {
  it('knows which of its fields hold texts, and learns what those are', () => {
    const feed = feedOf([field(0, 'n', null), field(1, 'status', ['IDLE'])]);
    feed.addWords([
      { field: 1, code: 5, text: 'RUNNING' },
      { field: 0, code: 4, text: 'no' },
    ]);
    expect(feed.textsOf({ channel: 'c', path: 'status' })?.of(5)).toBe('RUNNING');
    expect(feed.textsOf({ channel: 'c', path: 'n' })).toBeUndefined();
    expect(feed.textsOf({ channel: 'other', path: 'status' })).toBeUndefined();
    expect(feed.holdsTexts({ channel: 'c', path: 'status' })).toBe(true);
    expect(feed.holdsTexts({ channel: 'c', path: 'n' })).toBe(false);
  });

  it('shows the numbers of a field that turns out to have some', () => {
    const feed = feedOf([field(0, 'a', []), field(1, 'b', null)]);
    feed.addFields([field(1, 'b', null), field(2, 'a', null), field(3, 'b', ['x'])]);
    expect(feed.fields.map(({ number }) => number)).toEqual([1, 2]);
    expect(feed.textsOf({ channel: 'c', path: 'a' })).toBeUndefined();
    feed.addFields([field(3, 'b', ['x']), field(4, 'd', [])]);
    expect(feed.fields.map(({ number }) => number)).toEqual([1, 2, 4]);
    feed.setValues([[4, 1]]);
    expect(feed.value(4)).toBe(1);
  });
});

describe('the texts of a field', () => {
  it('are those that it came with, and those that were learned', () => {
    const texts = new FieldTexts(['IDLE']);
    texts.learn(5, '<b>RUNNING</b>');
    expect([4, 5, 6].map((code) => texts.of(code))).toEqual(['IDLE', '<b>RUNNING</b>', undefined]);
    texts.learn(4, 'IDLE');
    expect(texts.of(4)).toBe('IDLE');
  });

  it('are words where there is no text', () => {
    const texts = new FieldTexts([]);
    expect(texts.areBooleans).toBe(true);
    expect([0, 1].map((code) => texts.of(code))).toEqual(['false', 'true']);
    expect([0, 1].map((code) => texts.latest(code))).toEqual(['off', 'on']);
    expect(texts.of(2)).toBe('null');
    expect(texts.of(Number.NaN)).toBeUndefined();
    texts.learn(4, 'true');
    expect(texts.areBooleans).toBe(false);
  });

  it('that are not told apart are known of the latest alone', () => {
    const texts = new FieldTexts([]);
    const some = texts.of(3);
    expect(texts.latest(3)).toBe(some);
    texts.learn(3, 'order 4711 was filled');
    expect(texts.latest(3)).toBe('order 4711 was filled');
    expect(texts.of(3)).toBe(some);
  });
});
