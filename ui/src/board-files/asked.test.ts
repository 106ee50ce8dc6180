import { describe, expect, it } from 'vitest';
import type { BoardLookFeed } from '../generated/BoardLookFeed';
import { askedOf, keyOf } from './asked';

const secret = (name: string) => `\${secret:${name}}`;
const TOKEN = `wss://evil/?t=${secret('token')}`;

const feed = (url: string | null, secrets: string[], asks = secrets): BoardLookFeed => ({
  id: 'f',
  name: 'F',
  url,
  profile: null,
  panels: 1,
  state: 'new',
  address: 'wss://evil/',
  host: 'evil',
  secrets,
  asks,
});

describe('secrets that a feed of a file would send', () => {
  it('are those that were not given for where it leads', () => {
    expect(askedOf(feed(TOKEN, ['house', 'token'], ['house']), TOKEN)).toEqual({
      names: ['house'],
      host: 'evil',
    });
    expect(askedOf(feed(TOKEN, ['token'], []), TOKEN)).toBeNull();
    expect(askedOf(feed(null, ['house']), '')?.host).toBe('evil');
  });

  it('are asked about anew at another address, without those that only the old one names', () => {
    const of = (to: string) => askedOf(feed(TOKEN, ['house', 'token'], []), to);
    expect(of('wss://Other:1/')).toEqual({ names: ['house'], host: 'other:1' });
    expect(of(`wss://a\\@b/?${secret('x')}`)).toEqual({ names: ['house', 'x'], host: 'a' });
    expect(of('nonsense')?.host).toBe('nonsense');
    const plain = feed(TOKEN, ['token']);
    expect(askedOf(plain, 'wss://evil/?t=typed')).toBeNull();
  });

  it('are given for what was shown, and not for what came of that later', () => {
    const asked = { names: ['a'], host: 'one' };
    expect(keyOf(asked)).toBe(keyOf({ ...asked }));
    expect(keyOf(asked)).not.toBe(keyOf({ ...asked, host: 'two' }));
  });
});
