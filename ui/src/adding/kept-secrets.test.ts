import { beforeEach, expect, it, vi } from 'vitest';
import type { SecretKept } from '../generated/SecretKept';
import { KeptSecrets } from './kept-secrets.svelte';

const host = vi.hoisted(() => ({
  feedSecrets: vi.fn(),
  secretSet: vi.fn(),
  secretRemove: vi.fn(),
}));
vi.mock('$host', () => host);

const kept = (name: string): SecretKept => ({ name, kept: 'keychain', why: null });
const gone: SecretKept = { name: 'a', kept: 'nowhere', why: null };

beforeEach(() => {
  vi.resetAllMocks();
  host.feedSecrets.mockImplementation(async (feed: string) => [kept(feed)]);
  host.secretRemove.mockResolvedValue(gone);
});

it('deletes a secret when that is wanted twice', async () => {
  const secrets = new KeptSecrets();
  await secrets.show('a');
  expect(await secrets.remove('a')).toBeNull();
  secrets.spare('a');
  expect(await secrets.remove('a')).toBeNull();
  // To have wanted it of another is not to have wanted it of this one.
  expect(await secrets.remove('b')).toBeNull();
  expect(await secrets.remove('a')).toBeNull();
  expect(host.secretRemove).not.toHaveBeenCalled();
  expect(await secrets.remove('a')).toEqual(gone);
  expect(secrets.list).toEqual([gone]);
  expect(secrets.leaving).toBeNull();
});

it('shows nothing of another feed', async () => {
  const secrets = new KeptSecrets();
  await secrets.show('a');
  secrets.typed = { a: 'hunter2' };
  await secrets.remove('a');
  let answer = (_: SecretKept) => {};
  host.secretSet.mockReturnValue(
    new Promise((resolve) => {
      answer = resolve;
    }),
  );
  const keeping = secrets.keep('a');
  const showing = secrets.show('b');
  expect([secrets.list, secrets.typed, secrets.leaving]).toEqual([[], {}, null]);
  answer({ name: 'a', kept: 'memory', why: 'it is locked' });
  await Promise.all([keeping, showing]);
  expect([secrets.list, secrets.typed, secrets.unkept]).toEqual([[kept('b')], {}, null]);

  // An answer about the one before comes late.
  let late = (_: SecretKept[]) => {};
  host.feedSecrets.mockReturnValueOnce(
    new Promise((resolve) => {
      late = resolve;
    }),
  );
  const before = secrets.show('a');
  await secrets.show('b');
  late([kept('a')]);
  await before;
  expect(secrets.list).toEqual([kept('b')]);
});
