// What a person chooses while a feed is added, and what comes of it. No page and no host: all of
// it can be tried without either.

import type { BoardFeed } from '../generated/BoardFeed';
import type { FeedReading } from '../generated/FeedReading';
import type { Heard } from '../generated/Heard';
import type { Numbers } from '../generated/Numbers';
import type { ProfileCard } from '../generated/ProfileCard';
import type { ReadingSequence } from '../generated/ReadingSequence';
import type { ReadingTime } from '../generated/ReadingTime';
import type { SecretKept } from '../generated/SecretKept';
import type { Times } from '../generated/Times';
import type { Key } from '../words/say';

export interface HeaderRow {
  id: number;
  name: string;
  value: string;
  secret: boolean;
  /** Somebody said whether it is one. */
  told: boolean;
  /** What the secret is called that was kept for it before. */
  kept: string | null;
  /** What tells its secret from those of other feeds. */
  mark: string;
}

export interface Form {
  card: ProfileCard | null;
  url: string;
  name: string;
  variables: Record<string, string>;
  headers: HeaderRow[];
  /** What was typed for the secrets that a profile names. */
  secrets: Record<string, string>;
  reading: FeedReading;
}

export const emptyForm = (): Form => ({
  card: null,
  url: '',
  name: '',
  variables: {},
  headers: [],
  secrets: {},
  reading: {},
});

/** Whether that is meant as an address, and not as something to look for. */
export const isAddress = (text: string): boolean => /[:/.]/.test(text);

/** The profiles in which each word is found: in names first, then in all else. */
export function searched(
  cards: readonly ProfileCard[],
  text: string,
  more: (card: ProfileCard) => string = () => '',
): ProfileCard[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (within: string) => words.every((word) => within.toLowerCase().includes(word));
  const all = (card: ProfileCard) =>
    [card.name, card.id, card.about, ...card.tags, more(card)].join(' ');
  const found = cards.filter((card) => has(all(card)));
  return [...found.filter(({ name }) => has(name)), ...found.filter(({ name }) => !has(name))];
}

// As the protocol and the profiles have it: RFC 9110, and what the handshake sets itself.
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const OF_THE_PROTOCOL = new Set([
  'connection',
  'host',
  'upgrade',
  'origin',
  'content-length',
  'transfer-encoding',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
]);

export const newMark = (): string => crypto.randomUUID().slice(0, 8);

export const emptyHeader = (id: number): HeaderRow => ({
  id,
  name: '',
  value: '',
  secret: false,
  told: false,
  kept: null,
  mark: newMark(),
});

const isBlank = (row: HeaderRow) => row.name.trim() === '' && row.value === '' && !row.kept;

/** What is wrong with a header, or `null`. */
export function headerFault(row: HeaderRow, rows: readonly HeaderRow[]): Key | null {
  if (isBlank(row)) return null;
  const name = row.name.trim().toLowerCase();
  if (name === '') return 'header_no_name';
  if (!TOKEN.test(name)) return 'header_name_wrong';
  if (OF_THE_PROTOCOL.has(name)) return 'header_protocol';
  const same = rows.filter((other) => other.name.trim().toLowerCase() === name);
  if (same.length > 1 && same[0] !== row) return 'header_twice';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(row.value)) return 'header_value_wrong';
  if (row.value.trim() === '' && !(row.secret && row.kept)) return 'header_no_value';
  return null;
}

/** Whether what a header of this name lets in with is a secret, unless somebody says otherwise. */
export const namesSecret = (header: string): boolean =>
  /auth|cookie|key|pass|secret|session|token/i.test(header);

/** Whether a feed that is described like this asks for secrets. */
export const wantsSecrets = (form: Form): boolean =>
  (form.card?.secrets.length ?? 0) > 0 || form.headers.some(({ secret }) => secret);

/**
 * What the secret of a header is called, if it has one. It is named after the feed, to be known
 * again, and marked, since there may be several accounts at one host.
 */
export function secretOf(form: Pick<Form, 'card' | 'url'>, row: HeaderRow): string | null {
  if (!row.secret || isBlank(row)) return null;
  // One that is replaced keeps its name: other feeds may use it.
  if (row.kept) return row.kept;
  const host = /^[a-z]+:\/\/(?:[^/?#]*@)?([^/?#]+)/i.exec(form.url.trim())?.[1];
  const of = form.card?.id ?? host ?? 'feed';
  return `${of}-${row.name.trim()}-${row.mark}`.toLowerCase().replace(/[^a-z0-9_.-]+/g, '-');
}

/** The feed that was described, and the secrets that were typed, by name. */
export function draftOf(form: Form): { draft: BoardFeed; secrets: Record<string, string> } {
  const headers: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  for (const row of form.headers) {
    if (isBlank(row)) continue;
    const name = row.name.trim();
    const secret = secretOf(form, row);
    if (secret === null) {
      headers[name] = row.value;
      continue;
    }
    headers[name] = `\${secret:${secret}}`;
    if (row.value !== '') secrets[secret] = row.value;
  }
  for (const [name, value] of Object.entries(form.secrets)) if (value !== '') secrets[name] = value;
  const draft: BoardFeed = { id: 'new', name: form.name.trim() };
  if (form.card) {
    draft.profile = form.card.id;
    const chosen = form.card.variables.flatMap(({ name, default: usual }) => {
      const value = form.variables[name] ?? '';
      return value === '' || value === usual ? [] : [[name, value]];
    });
    if (chosen.length > 0) draft.variables = Object.fromEntries(chosen);
  } else {
    draft.url = form.url.trim();
    const { sequence, time, patient } = form.reading;
    if (sequence || time || patient) draft.reading = form.reading;
  }
  if (Object.keys(headers).length > 0) draft.headers = headers;
  return { draft, secrets };
}

const ONE_SECRET = /^\$\{secret:([A-Za-z0-9_.-]+)\}$/;

/** The form in which a feed was described. */
export function formOf(draft: BoardFeed, cards: readonly ProfileCard[]): Form {
  const card = cards.find(({ id }) => id === draft.profile) ?? null;
  const headers = Object.entries(draft.headers ?? {}).map(([name, value], id): HeaderRow => {
    const kept = ONE_SECRET.exec(value)?.[1] ?? null;
    const secret = kept !== null;
    return { ...emptyHeader(id), name, value: secret ? '' : value, secret, told: true, kept };
  });
  return {
    ...emptyForm(),
    card,
    url: draft.url ?? '',
    name: draft.name,
    variables: { ...draft.variables },
    headers,
    reading: { ...draft.reading },
  };
}

/** The variables that still want a value. */
export const unchosen = (form: Form): string[] =>
  (form.card?.variables ?? [])
    .filter(({ name, default: usual }) => !(form.variables[name] ?? usual ?? ''))
    .map(({ name }) => name);

/** Whether it is known that there is one. */
export const isKept = (secret: SecretKept | undefined): boolean =>
  (secret?.kept ?? 'nowhere') !== 'nowhere';

/** The secrets that are not known to be kept, and were not typed. */
export const untold = (kept: readonly SecretKept[], typed: Record<string, string>): string[] =>
  kept.filter((secret) => !isKept(secret) && !typed[secret.name]).map(({ name }) => name);

export function sequenceOf({ rule, scope, number, first, previous }: Numbers): ReadingSequence {
  const sequence: ReadingSequence = { rule, scope, number };
  if (first !== null) sequence.first = first;
  if (previous !== null) sequence.previous = previous;
  return sequence;
}

const sameSequence = (one: ReadingSequence, other: ReadingSequence): boolean =>
  (['rule', 'scope', 'number', 'first', 'previous'] as const).every(
    (key) => one[key] === other[key],
  );

const sameTime = (one: ReadingTime, other: ReadingTime): boolean =>
  one.path === other.path && one.unit === other.unit;

/** What can be chosen: what was found, then what the feed had before it was changed. */
export function choices(
  heard: Heard | null,
  before: FeedReading,
): { sequences: ReadingSequence[]; times: (Times | ReadingTime)[] } {
  const sequences = (heard?.numbers ?? []).map(sequenceOf);
  const times: (Times | ReadingTime)[] = [...(heard?.times ?? [])];
  const { sequence, time } = before;
  if (sequence && !sequences.some((found) => sameSequence(found, sequence))) {
    sequences.push(sequence);
  }
  if (time && !times.some((found) => sameTime(found, time))) times.push(time);
  return { sequences, times };
}

/** Which of the choices a reading has; -1 for none. */
export const chosenOf = (
  { sequences, times }: ReturnType<typeof choices>,
  { sequence, time }: FeedReading,
): { sequence: number; time: number } => ({
  sequence: sequence ? sequences.findIndex((one) => sameSequence(one, sequence)) : -1,
  time: time ? times.findIndex((one) => sameTime(one, time)) : -1,
});

// A guess on less is a coincidence as likely as not.
const SHARE_MIN = 0.5;
const STEPS_MIN = 5;

/** The guesses that are taken unless a person says otherwise. */
export function likely(heard: Heard): { sequence: Numbers | null; time: Times | null } {
  const sure = ({ rule, steps, share }: Numbers) =>
    rule !== 'sparse' && steps >= STEPS_MIN && share >= SHARE_MIN;
  return {
    sequence: heard.numbers.find(sure) ?? null,
    time: heard.times.find(({ share }) => share >= SHARE_MIN) ?? null,
  };
}
