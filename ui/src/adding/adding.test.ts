import { beforeEach, expect, it, vi } from 'vitest';
import type { App } from '../app';
import type { BoardFeed } from '../generated/BoardFeed';
import type { ProbeLook } from '../generated/ProbeLook';
import type { ProfileCard } from '../generated/ProfileCard';
import type { SecretKept } from '../generated/SecretKept';
import { Adding } from './adding.svelte';

const host = vi.hoisted(() => ({
  profiles: vi.fn(),
  feedDraft: vi.fn(),
  draftCheck: vi.fn(),
  noKeychain: vi.fn(),
  probeStart: vi.fn(),
  probeLook: vi.fn(),
  probeStop: vi.fn(),
}));
vi.mock('$host', () => host);

const house: ProfileCard = {
  id: 'house',
  name: 'House',
  about: '',
  docs: null,
  tags: [],
  url: '',
  secrets: ['token'],
  variables: [{ name: 'room', about: '', default: 'hall', choices: ['hall', 'attic'] }],
};
const lacking: SecretKept[] = [{ name: 'token', kept: 'nowhere', why: null }];
const subscribed = { feed: { id: 'f', name: 'F' }, unkept: null };
const subscribe = vi.fn(async (..._: unknown[]) => subscribed);
const add = vi.fn(async (..._: unknown[]) => subscribed.feed);
const change = vi.fn(async (..._: unknown[]) => subscribed);
const notices = { done: vi.fn(), trouble: vi.fn() };

function adding(): Adding {
  const app = {
    board: { id: 'b' },
    feeds: { subscribe, add, change },
    notices,
    try: (what: () => Promise<unknown>) => void what(),
  };
  return new Adding(app as unknown as App);
}

/** An answer that comes when it is given. */
function later<T>(): { promise: Promise<T>; give: (value: T) => void } {
  let give: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    give = resolve;
  });
  return { promise, give };
}

/** As the host has it: the secrets that are named, of which none is kept. */
const namedIn = async (draft: BoardFeed) => ({
  toml: 'x',
  secrets: [...JSON.stringify(draft).matchAll(/\$\{secret:([^}]+)\}/g)].map(([, name]) => ({
    name,
    kept: 'nowhere',
    why: null,
  })),
  problems: [],
});

const headerOf = (flow: Adding) => {
  const [row] = flow.form.headers;
  if (!row) throw new Error('there is one');
  return row;
};

beforeEach(() => {
  vi.clearAllMocks();
  host.profiles.mockResolvedValue([house]);
  host.draftCheck.mockResolvedValue({ toml: 'x', secrets: [], problems: [] });
  host.probeStart.mockResolvedValue(undefined);
  host.probeStop.mockResolvedValue(undefined);
});

it('loses nothing on the way back, and forgets secrets when it is closed', async () => {
  const flow = adding();
  flow.begin();
  flow.text = 'ws://a/';
  flow.fillAddress();
  flow.addHeader();
  const [row] = flow.form.headers;
  if (row) Object.assign(row, { name: 'X-Key', value: 'hunter2', secret: true });
  flow.back();
  expect([flow.page, flow.text]).toEqual(['choose', 'ws://a/']);
  flow.fillAddress();
  expect(flow.form.headers[0]?.value).toBe('hunter2');
  flow.closed();
  expect(flow.open).toBe(false);
  expect(JSON.stringify(flow.form)).not.toContain('hunter2');
  expect(flow.form.headers[0]?.name).toBe('X-Key');
});

it('says what is secret by its name, until somebody says otherwise', async () => {
  const flow = adding();
  flow.addHeader();
  const [row] = flow.form.headers;
  if (!row) throw new Error('there is one');
  flow.nameHeader(row, 'Authorization');
  expect(row.secret).toBe(true);
  flow.nameHeader(row, 'User-Agent');
  expect(row.secret).toBe(false);
  Object.assign(row, { secret: true, told: true });
  flow.nameHeader(row, 'Accept');
  expect(row.secret).toBe(true);
  host.noKeychain.mockResolvedValue('it is locked');
  await flow.askKeychain();
  expect(flow.noKeychain).toBe('it is locked');
});

it('asks a keychain again that did not answer', async () => {
  const locked: SecretKept[] = [{ name: 'token', kept: null, why: 'locked' }];
  host.draftCheck.mockResolvedValue({ toml: 'x', secrets: locked, problems: [] });
  const flow = adding();
  flow.fillProfile(house);
  await vi.waitFor(() => expect(flow.kept).toEqual(locked));
  await flow.subscribe();
  expect(subscribe).not.toHaveBeenCalled();
  const open: SecretKept[] = [{ name: 'token', kept: 'keychain', why: null }];
  host.draftCheck.mockResolvedValue({ toml: 'x', secrets: open, problems: [] });
  await flow.subscribe();
  expect(subscribe).toHaveBeenCalledOnce();
});

it('goes no further while something is missing, and says what', async () => {
  host.draftCheck.mockResolvedValue({ toml: 'x', secrets: lacking, problems: [] });
  const flow = adding();
  flow.fillProfile(house);
  expect(flow.form.variables).toEqual({ room: 'hall' });
  await vi.waitFor(() => expect(flow.kept).toEqual(lacking));
  await flow.probe();
  await flow.subscribe();
  expect([flow.page, flow.checked]).toEqual(['fill', true]);
  expect(flow.missing.secrets).toEqual(['token']);
  expect(host.probeStart).not.toHaveBeenCalled();
  expect(subscribe).not.toHaveBeenCalled();
  flow.form.secrets = { token: 't' };
  flow.form.variables = { room: 'attic' };
  await flow.subscribe();
  const draft = { id: 'new', name: 'House attic', profile: 'house', variables: { room: 'attic' } };
  expect(subscribe).toHaveBeenCalledWith('b', draft, { token: 't' });
  expect(flow.page).toBe('done');
  expect(flow.form.secrets).toEqual({});
});

it('takes the likely guess until a person chooses, and what is tried last', async () => {
  const numbers = [
    {
      rule: 'increment' as const,
      scope: 'connection' as const,
      number: 'seq',
      first: null,
      previous: null,
      steps: 99,
      share: 1,
    },
  ];
  const look = {
    steps: [{ took_ms: null, found: 'no-pong', waited_ms: 5000 }],
    heard: { numbers, times: [{ path: 't', unit: 'ms', before_ms: 1, share: 1 }] },
    done: true,
    trouble: null,
  } as unknown as ProbeLook;
  host.probeLook.mockResolvedValue(look);
  const flow = adding();
  flow.text = 'ws://a/';
  flow.fillAddress();
  await flow.probe();
  expect(flow.form.reading).toEqual({
    sequence: { rule: 'increment', scope: 'connection', number: 'seq' },
    time: { path: 't', unit: 'ms' },
    patient: true,
  });
  expect(flow.probing).toBe(false);
  flow.chooseSequence(-1);
  flow.choosePatient(false);
  await flow.probe();
  expect(flow.form.reading).toEqual({ time: { path: 't', unit: 'ms' } });
  // What is read of it is found anew, whatever was found before.
  expect(host.probeStart.mock.lastCall?.[1]).toEqual({ id: 'new', name: '', url: 'ws://a/' });
  flow.back();
  expect([flow.page, host.probeStop.mock.calls.length > 0]).toEqual(['fill', true]);
  // Another address is read by itself.
  flow.back();
  flow.text = 'ws://b/';
  flow.fillAddress();
  expect(flow.form.reading).toEqual({});
});

it('goes on when a header that was secret is renamed, removed or secret no more', async () => {
  host.draftCheck.mockImplementation(namedIn);
  host.probeLook.mockResolvedValue(null);
  for (const edit of [
    (flow: Adding) => flow.nameHeader(headerOf(flow), 'X-Api-Key'),
    (flow: Adding) => flow.removeHeader(headerOf(flow).id),
    (flow: Adding) => Object.assign(headerOf(flow), { secret: false }),
  ]) {
    const flow = adding();
    flow.text = 'ws://a/';
    flow.fillAddress();
    flow.addHeader();
    flow.nameHeader(headerOf(flow), 'Authorization');
    headerOf(flow).value = 'hunter2';
    await flow.probe();
    expect([flow.page, flow.kept.length]).toEqual(['try', 1]);
    flow.back();
    edit(flow);
    await flow.probe();
    expect(flow.page).toBe('try');
    await flow.subscribe();
    expect(flow.page).toBe('done');
  }
});

it('says at a header, and of an address, which secret is missing', async () => {
  host.draftCheck.mockImplementation(namedIn);
  host.feedDraft.mockResolvedValue({
    id: 'f',
    name: 'F',
    url: `wss://a/?key=\${secret:key}`,
    headers: { Authorization: `\${secret:mine}` },
  });
  const flow = adding();
  flow.change('f', 'F');
  await vi.waitFor(() => expect(flow.kept).toHaveLength(2));
  expect(flow.own).toEqual(['key']);
  expect(flow.faultOf(headerOf(flow))).toBeNull();
  await flow.subscribe();
  expect(change).not.toHaveBeenCalled();
  expect([flow.missing.secrets, flow.refusals]).toEqual([['key', 'mine'], 1]);
  expect(flow.faultOf(headerOf(flow))).toBe('secret_missing');
  headerOf(flow).value = 'Bearer 1';
  flow.form.secrets = { key: 'k' };
  await flow.subscribe();
  expect(change.mock.lastCall?.[3]).toEqual({ key: 'k', mine: 'Bearer 1' });
});

it('takes no late answer about what the form was before', async () => {
  const late = later<unknown>();
  host.draftCheck.mockReturnValueOnce(late.promise);
  const flow = adding();
  flow.fillProfile(house);
  flow.back();
  flow.text = 'ws://a/';
  flow.fillAddress();
  await vi.waitFor(() => expect(flow.toml).toBe('x'));
  late.give({ toml: 'house', secrets: lacking, problems: [{ key: 'k', what: '', said: [] }] });
  await late.promise;
  await Promise.resolve();
  expect([flow.toml, flow.kept, flow.problems]).toEqual(['x', [], []]);
});

it('keeps how a feed that is changed is read when it is tried out', async () => {
  const reading = {
    sequence: { rule: 'sparse', scope: 'channel', number: 'u' },
    time: { path: 'E', unit: 'us' },
    patient: true,
  };
  host.feedDraft.mockResolvedValue({ id: 'f', name: 'F', url: 'ws://a/', reading });
  host.probeLook.mockResolvedValue({
    steps: [],
    heard: { numbers: [], times: [{ path: 't', unit: 'ms', before_ms: 1, share: 1 }] },
    done: true,
    trouble: null,
  });
  const flow = adding();
  flow.change('f', 'F');
  await vi.waitFor(() => expect(flow.page).toBe('fill'));
  await flow.probe();
  expect(flow.form.reading).toEqual(reading);
  // It can be chosen again once something else was.
  flow.chooseTime(0);
  expect(flow.form.reading.time).toEqual({ path: 't', unit: 'ms' });
  flow.chooseTime(1);
  expect(flow.form.reading).toEqual(reading);
});

it('leaves the next form alone once what the last one subscribed to is there', async () => {
  const late = later<typeof subscribed>();
  subscribe.mockReturnValueOnce(late.promise);
  const flow = adding();
  flow.text = 'ws://a/';
  flow.fillAddress();
  flow.addHeader();
  const row = headerOf(flow);
  Object.assign(row, { name: 'X-Key', value: 'hunter2', secret: true });
  const { mark } = row;
  const subscribing = flow.subscribe();
  await vi.waitFor(() => expect(subscribe).toHaveBeenCalled());
  flow.closed();
  expect(flow.busy).toBe(false);
  flow.begin();
  flow.back();
  flow.text = 'ws://b/';
  flow.fillAddress();
  late.give(subscribed);
  await subscribing;
  expect([flow.open, flow.page, flow.form.url]).toEqual([true, 'fill', 'ws://b/']);
  expect(headerOf(flow).mark).not.toBe(mark);
  expect(notices.done).toHaveBeenCalledOnce();

  // The same of an address that is added without more ado, and of one that cannot be.
  const added = later<{ id: string; name: string }>();
  add.mockReturnValueOnce(added.promise);
  flow.back();
  const adds = flow.addNow();
  flow.closed();
  flow.begin();
  added.give(subscribed.feed);
  await adds;
  expect([flow.open, flow.text]).toEqual([true, 'ws://b/']);
  subscribe.mockImplementationOnce(async () => {
    flow.closed();
    throw new Error('refused');
  });
  flow.fillAddress();
  flow.removeHeader(0);
  await flow.subscribe();
  expect([flow.trouble, flow.busy]).toEqual([null, false]);
  expect(notices.trouble).toHaveBeenCalledOnce();
});

it('tries nothing out once the dialog is closed', async () => {
  const flow = adding();
  flow.text = 'ws://a/';
  flow.fillAddress();
  const late = later<unknown>();
  host.draftCheck.mockReturnValueOnce(late.promise);
  const trying = flow.probe();
  flow.closed();
  late.give({ toml: 'x', secrets: [], problems: [] });
  await trying;
  expect(host.probeStart).not.toHaveBeenCalled();
  expect(flow.page).toBe('fill');
});
