import { describe, expect, it } from 'vitest';
import type { BoardFeed } from '../generated/BoardFeed';
import type { Heard } from '../generated/Heard';
import type { ProfileCard } from '../generated/ProfileCard';
import {
  choices,
  chosenOf,
  draftOf,
  emptyForm,
  emptyHeader,
  type Form,
  formOf,
  type HeaderRow,
  headerFault,
  isAddress,
  likely,
  namesSecret,
  searched,
  secretOf,
  unchosen,
  untold,
  wantsSecrets,
} from './draft';

const card = (id: string, more: Partial<ProfileCard> = {}): ProfileCard => ({
  id,
  name: id,
  about: '',
  docs: null,
  tags: [],
  url: '',
  secrets: [],
  variables: [],
  ...more,
});
const kraken = card('kraken', {
  name: 'Kraken',
  about: 'Trades of one market.',
  tags: ['crypto'],
  variables: [
    { name: 'depth', about: '', default: '10', choices: [] },
    { name: 'symbol', about: '', default: null, choices: ['BTC/USD', 'ETH/USD'] },
  ],
});
const house = card('house', {
  name: 'House',
  about: 'Like Kraken, with lamps.',
  secrets: ['token'],
});
const form = (more: Partial<Form>): Form => ({ ...emptyForm(), ...more });
const row = (more: Partial<HeaderRow>): HeaderRow => ({
  id: 0,
  name: 'X-Key',
  value: '1',
  secret: false,
  told: false,
  kept: null,
  mark: '1a2b3c4d',
  ...more,
});

describe('the gallery', () => {
  it('finds every word, in names first', () => {
    const cards = [house, kraken];
    expect(searched(cards, '').map(({ id }) => id)).toEqual(['house', 'kraken']);
    expect(searched(cards, 'kraken').map(({ id }) => id)).toEqual(['kraken', 'house']);
    expect(searched(cards, 'CRYPTO trade').map(({ id }) => id)).toEqual(['kraken']);
    expect(searched(cards, 'account', (of) => (of.secrets.length > 0 ? 'account' : ''))).toEqual([
      house,
    ]);
    expect(searched(cards, 'crypto lamps')).toEqual([]);
  });

  it('takes for an address what may be one', () => {
    for (const text of ['ws://a', 'localhost:8080', 'a.example', 'x/y']) {
      expect(isAddress(text), text).toBe(true);
    }
    for (const text of ['', 'kraken', 'home assistant']) expect(isAddress(text), text).toBe(false);
  });
});

describe('a header', () => {
  it('is refused where the protocol would refuse it, and its place is told', () => {
    for (const [more, fault] of [
      [{}, null],
      [{ name: '', value: '' }, null],
      [{ name: ' ' }, 'header_no_name'],
      [{ name: 'a b' }, 'header_name_wrong'],
      [{ name: 'Ä' }, 'header_name_wrong'],
      [{ name: 'Host' }, 'header_protocol'],
      [{ name: 'sec-websocket-KEY' }, 'header_protocol'],
      [{ value: 'a\nb' }, 'header_value_wrong'],
      [{ value: ' ' }, 'header_no_value'],
      [{ value: '', secret: true }, 'header_no_value'],
      [{ value: '', secret: true, kept: 'x' }, null],
    ] as const) {
      const one = row(more);
      expect(headerFault(one, [one]), JSON.stringify(more)).toBe(fault);
    }
  });

  it('stands once', () => {
    const rows = [row({ id: 1 }), row({ id: 2, name: 'x-key' })];
    expect(rows.map((one) => headerFault(one, rows))).toEqual([null, 'header_twice']);
  });

  it('is taken for a secret where secrets usually are', () => {
    for (const name of ['Authorization', 'X-API-Key', 'Cookie', 'x-access-token']) {
      expect(namesSecret(name), name).toBe(true);
    }
    for (const name of ['', 'User-Agent', 'Accept']) expect(namesSecret(name), name).toBe(false);
    expect(wantsSecrets(form({ headers: [row({})] }))).toBe(false);
    expect(wantsSecrets(form({ headers: [row({}), row({ secret: true })] }))).toBe(true);
    expect(wantsSecrets(form({ card: house }))).toBe(true);
  });

  it('that is secret is named, and not said', () => {
    const url = 'wss://user@api.example.com:8443/x';
    const authorization = row({ name: 'Authorization', value: 'Bearer 1', secret: true });
    const { draft, secrets } = draftOf(form({ url, headers: [authorization] }));
    const name = 'api.example.com-8443-authorization-1a2b3c4d';
    expect(secretOf({ card: null, url }, authorization)).toBe(name);
    expect(secretOf({ card: null, url }, { ...authorization, secret: false })).toBeNull();
    expect(draft.headers).toEqual({ Authorization: `\${secret:${name}}` });
    expect(secrets).toEqual({ [name]: 'Bearer 1' });
    expect(JSON.stringify(draft)).not.toContain('Bearer');
  });
});

it('has a secret of its own in each feed, and none in the place of a kept one', () => {
  const typed = { name: 'Authorization', value: 'Bearer 1', secret: true };
  const [one, other] = [0, 0].map((id) =>
    form({ url: 'wss://api.example.com/', headers: [{ ...emptyHeader(id), ...typed }] }),
  );
  if (!one || !other) throw new Error('there are two');
  const names = [one, other].flatMap((each) => Object.keys(draftOf(each).secrets));
  expect(new Set(names).size).toBe(2);
  // A keychain and the environment are asked by it.
  for (const name of names) expect(name).toMatch(/^api\.example\.com-authorization-[0-9a-f]{8}$/);
  const [name = ''] = names;
  const again = formOf(draftOf(one).draft, []);
  for (const header of again.headers) header.value = 'Bearer 2';
  expect(draftOf(again).secrets).toEqual({ [name]: 'Bearer 2' });
});

describe('a draft', () => {
  it('has what was chosen, and nothing that is as it would be anyway', () => {
    const { draft, secrets } = draftOf(
      form({
        card: kraken,
        name: ' Mine ',
        variables: { depth: '10', symbol: 'ETH/USD', gone: 'x' },
        secrets: { token: 't', other: '' },
        headers: [row({ name: '', value: '' })],
        // Of an address that was typed before.
        url: 'ws://a/',
        reading: { patient: true },
      }),
    );
    expect(draft).toEqual({
      id: 'new',
      name: 'Mine',
      profile: 'kraken',
      variables: { symbol: 'ETH/USD' },
    });
    expect(secrets).toEqual({ token: 't' });
  });

  it('comes back as the form that it was', () => {
    const cards = [kraken];
    const drafts: BoardFeed[] = [
      { id: 'new', name: 'K', profile: 'kraken', variables: { symbol: 'X' }, headers: { a: '1' } },
      {
        id: 'new',
        name: 'A',
        url: 'ws://a/',
        headers: { Authorization: `\${secret:mine}`, b: `Bearer \${secret:c}` },
        reading: { time: { path: 't', unit: 'ms' } },
      },
    ];
    for (const draft of drafts) {
      const back = formOf(draft, cards);
      expect(draftOf(back)).toEqual({ draft, secrets: {} });
    }
    const replaced = formOf(
      { id: 'x', name: '', url: 'ws://a/', headers: { k: `\${secret:mine}` } },
      [],
    );
    const [header] = replaced.headers;
    if (header) header.value = 'new';
    expect(draftOf(replaced).secrets).toEqual({ mine: 'new' });
  });

  it('says what it lacks', () => {
    expect(unchosen(form({ card: kraken }))).toEqual(['symbol']);
    expect(unchosen(form({ card: kraken, variables: { symbol: 'X', depth: '' } }))).toEqual([
      'depth',
    ]);
    const kept = [
      { name: 'a', kept: 'nowhere' as const, why: null },
      { name: 'b', kept: 'keychain' as const, why: null },
      { name: 'c', kept: 'nowhere' as const, why: null },
      { name: 'd', kept: null, why: 'locked' },
    ];
    expect(untold(kept, { a: 'x' })).toEqual(['c', 'd']);
  });
});

it('what a feed had can be chosen beside what was found', () => {
  const found = {
    rule: 'increment' as const,
    scope: 'channel' as const,
    number: 'n',
    first: null,
    previous: null,
    steps: 9,
    share: 1,
  };
  const time = { path: 't', unit: 'ms' as const, before_ms: 3, share: 1 };
  const heard = { numbers: [found], times: [time] } as unknown as Heard;
  const sequence = { rule: 'range' as const, scope: 'channel' as const, number: 'u', first: 'U' };
  const before = { sequence, time: { path: 't', unit: 'us' as const } };
  const both = choices(heard, before);
  expect(both.sequences.map(({ number }) => number)).toEqual(['n', 'u']);
  expect(both.times.map(({ unit }) => unit)).toEqual(['ms', 'us']);
  expect(chosenOf(both, before)).toEqual({ sequence: 1, time: 1 });
  expect(chosenOf(both, {})).toEqual({ sequence: -1, time: -1 });
  // What was found again stands once.
  const [same] = both.sequences;
  const again = choices(heard, { sequence: same, time: { path: 't', unit: 'ms' } });
  expect([again.sequences.length, again.times.length]).toEqual([1, 1]);
});

it('a guess is taken when it rests on enough', () => {
  const numbers = (rule: 'increment' | 'sparse', steps: number, share: number) => ({
    rule,
    scope: 'connection' as const,
    number: `${rule}-${steps}`,
    first: null,
    previous: null,
    steps,
    share,
  });
  const heard = (more: Partial<Heard>) => ({ numbers: [], times: [], ...more }) as unknown as Heard;
  const all = [numbers('sparse', 99, 1), numbers('increment', 4, 1), numbers('increment', 9, 0.9)];
  expect(likely(heard({ numbers: all })).sequence?.steps).toBe(9);
  const time = { path: 't', unit: 'ms' as const, before_ms: 3, share: 0.4 };
  expect(likely(heard({ times: [time] }))).toEqual({ sequence: null, time: null });
  expect(likely(heard({ times: [{ ...time, share: 0.6 }] })).time?.path).toBe('t');
});
