// The dialog in which a feed is added or changed, page by page. Going back loses nothing; closing
// leaves nothing behind.

import * as host from '$host';
import type { App } from '../app';
import type { FeedState } from '../feeds/feeds.svelte';
import { urlFault } from '../feeds/url';
import type { BoardFeed } from '../generated/BoardFeed';
import type { DraftProblem } from '../generated/DraftProblem';
import type { FeedReading } from '../generated/FeedReading';
import type { Heard } from '../generated/Heard';
import type { ProbeStep } from '../generated/ProbeStep';
import type { ProfileCard } from '../generated/ProfileCard';
import type { SecretKept } from '../generated/SecretKept';
import type { Trouble } from '../generated/Trouble';
import { asTrouble } from '../lib/notices.svelte';
import { type Key, say } from '../words/say';
import {
  choices,
  draftOf,
  emptyForm,
  emptyHeader,
  type Form,
  formOf,
  type HeaderRow,
  headerFault,
  likely,
  namesSecret,
  newMark,
  searched,
  secretOf,
  sequenceOf,
  unchosen,
  untold,
} from './draft';

export type Page = 'choose' | 'fill' | 'try' | 'done';

// Numbers are read, not watched: four times a second is as fast as they are of use.
const LOOK_EVERY_MS = 250;
const PROBE = 'adding';

export class Adding {
  open = $state(false);
  page: Page = $state('choose');
  /** The feed that is changed; `null` while one is added. */
  changed: { id: string; name: string } | null = $state.raw(null);
  /** What is typed on the first page: an address, or what is looked for. */
  text = $state('');
  form: Form = $state(emptyForm());
  cards: readonly ProfileCard[] = $state.raw([]);
  trouble: Trouble | null = $state.raw(null);
  fault: string | null = $state(null);
  busy = $state(false);
  /** Faults are shown once someone wanted to go on. */
  checked = $state(false);
  /** Counts how often someone wanted to go on, and could not. */
  refusals = $state(0);
  kept: readonly SecretKept[] = $state.raw([]);
  /** Why secrets are kept until Feedscope ends and no longer, if that is so. */
  noKeychain: string | null = $state(null);
  toml = $state('');
  /** What of the draft is wrong, by the profile that it comes to. */
  problems: readonly DraftProblem[] = $state.raw([]);
  steps: readonly ProbeStep[] = $state.raw([]);
  heard: Heard | null = $state.raw(null);
  probing = $state(false);
  /** What was subscribed to, on the last page. */
  added: { feed: FeedState; unkept: string | null } | null = $state.raw(null);

  readonly found: readonly ProfileCard[] = $derived(
    searched(this.cards, this.text, ({ secrets }) => (secrets.length > 0 ? say('account') : '')),
  );

  /** How the feed that is changed is read so far. */
  private before: FeedReading = $state.raw({});
  /** How the feed can be read. */
  readonly choices = $derived.by(() => choices(this.heard, this.before));
  /** The secrets that neither the profile nor a header of the form has: those of an address, say. */
  private others: readonly string[] = $state.raw([]);
  /** The secrets that have a field of their own. */
  readonly own: readonly string[] = $derived.by(() => [
    ...new Set([...(this.form.card?.secrets ?? []), ...this.others]),
  ]);

  /** What a person chose; no guess takes its place. */
  private touched = new Set<'sequence' | 'time' | 'patient'>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts probes, so that what a former one finds is not taken for this one's. */
  private turn = 0;
  /** Counts the questions of what the form comes to: it may have changed since an older one. */
  private checks = 0;
  /** Counts how often the dialog was left for something else: what is under way is not for that. */
  private visit = 0;

  constructor(private readonly app: App) {}

  begin(): void {
    if (this.changed) this.forget();
    this.trouble = null;
    this.fault = null;
    this.page = this.page === 'done' ? 'choose' : this.page;
    this.open = true;
    void this.load();
  }

  /** Begins with a feed that there is, to change it. */
  change(id: string, name: string): void {
    this.app.try(async () => {
      await this.load();
      const draft = await host.feedDraft(this.app.board.id, id);
      this.forget();
      this.form = formOf(draft, this.cards);
      this.before = { ...draft.reading };
      // How it is read was chosen when it was added.
      this.touched = new Set(['sequence', 'time', 'patient']);
      this.changed = { id, name };
      this.page = 'fill';
      this.open = true;
      await this.check();
    });
  }

  private async load(): Promise<void> {
    try {
      if (this.cards.length === 0) this.cards = await host.profiles();
    } catch (thrown) {
      this.trouble = asTrouble(thrown);
    }
  }

  /** As it was before anything was typed. */
  private forget(): void {
    this.stop();
    this.changed = null;
    this.text = '';
    this.form = emptyForm();
    this.page = 'choose';
    this.trouble = null;
    this.fault = null;
    this.checked = false;
    this.before = {};
    this.touched.clear();
    this.uncheck();
  }

  /** What is known of a form is not known of another. */
  private uncheck(): void {
    this.checks += 1;
    this.kept = [];
    this.others = [];
    this.toml = '';
    this.problems = [];
  }

  /** What was typed is there when the dialog is opened again, but for secrets. */
  closed(): void {
    this.stop();
    this.open = false;
    this.form.secrets = {};
    for (const row of this.form.headers) if (row.secret) row.value = '';
    if (this.changed || this.page === 'done') this.forget();
  }

  edited(): void {
    this.fault = null;
    this.trouble = null;
  }

  /** Subscribes to the address that was typed, without more ado. */
  async addNow(): Promise<void> {
    this.fault = urlFault(this.text);
    this.trouble = null;
    if (this.fault) return;
    await this.during(async (here) => {
      const feed = await this.app.feeds.add(this.app.board.id, this.text.trim());
      if (!here()) return this.tell(feed.name, null);
      this.open = false;
      this.forget();
    });
  }

  /** Goes on with the address that was typed. */
  fillAddress(): void {
    this.fault = urlFault(this.text);
    this.trouble = null;
    if (this.fault) return;
    if (this.form.card) this.form = { ...emptyForm(), headers: this.form.headers };
    if (this.form.url !== this.text.trim()) {
      this.uncheck();
      this.form.reading = {};
      this.touched.clear();
    }
    this.form.url = this.text.trim();
    this.go('fill');
    this.app.try(() => this.check());
  }

  fillProfile(card: ProfileCard): void {
    if (this.form.card?.id !== card.id) {
      this.uncheck();
      this.form = { ...emptyForm(), card };
      for (const { name, default: usual } of card.variables) {
        this.form.variables[name] = usual ?? '';
      }
    }
    this.go('fill');
    this.app.try(() => this.check());
  }

  private go(page: Page): void {
    this.page = page;
    this.trouble = null;
    this.checked = false;
  }

  back(): void {
    this.stop();
    this.go(this.page === 'try' ? 'fill' : 'choose');
  }

  addHeader(): void {
    const id = Math.max(-1, ...this.form.headers.map((row) => row.id)) + 1;
    this.form.headers.push(emptyHeader(id));
  }

  nameHeader(row: HeaderRow, name: string): void {
    row.name = name;
    if (!row.told) row.secret = namesSecret(name);
  }

  /** Asks whether secrets can be kept for longer than until Feedscope ends. */
  async askKeychain(): Promise<void> {
    this.noKeychain = await host.noKeychain();
  }

  removeHeader(id: number): void {
    this.form.headers = this.form.headers.filter((row) => row.id !== id);
  }

  /** What keeps the form from being a feed. */
  readonly missing = $derived.by(() => {
    const { headers } = this.form;
    // Of a header that has gone since the last check, nothing is missing.
    const named = [...this.own, ...this.headerSecrets];
    return {
      variables: unchosen(this.form),
      headers: headers.filter((row) => headerFault(row, headers)),
      secrets: untold(this.kept, draftOf(this.form).secrets).filter((name) => named.includes(name)),
    };
  });

  /** What is shown to be wrong with a header, or `null`. */
  faultOf(row: HeaderRow): Key | null {
    if (!this.checked) return null;
    const secret = secretOf(this.form, row);
    const lacks = secret !== null && this.missing.secrets.includes(secret);
    return headerFault(row, this.form.headers) ?? (lacks ? 'secret_missing' : null);
  }

  private get headerSecrets(): string[] {
    return this.form.headers.flatMap((row) => secretOf(this.form, row) ?? []);
  }

  /** What the form comes to, and which of its secrets there are. */
  async check(): Promise<void> {
    this.checks += 1;
    const { checks, headerSecrets } = this;
    const { toml, secrets, problems } = await host.draftCheck(draftOf(this.form).draft);
    if (checks !== this.checks) return;
    this.toml = toml;
    this.problems = problems;
    this.kept = secrets;
    const names = secrets.map(({ name }) => name);
    this.others = names.filter((name) => !headerSecrets.includes(name));
  }

  /** Whether the form is a feed. Asks for it anew: a keychain that was locked may be open by now. */
  private async ready(here: () => boolean): Promise<boolean> {
    await this.check();
    if (!here()) return false;
    const { variables, headers, secrets } = this.missing;
    if (variables.length + headers.length + secrets.length === 0) return true;
    if (this.page === 'try') this.back();
    this.checked = true;
    this.refusals += 1;
    return false;
  }

  /** Tries the feed out, from the beginning. */
  async probe(): Promise<void> {
    if (this.busy) return;
    if (this.page === 'fill') {
      const ready = await this.during((here) => this.ready(here));
      if (!ready) return;
    }
    // The next takes the place of one that is under way.
    this.halt();
    this.go('try');
    this.steps = [];
    this.heard = null;
    const turn = this.turn;
    this.probing = true;
    try {
      const { draft, secrets } = draftOf(this.form);
      // What is read of it is found anew.
      const { reading: _, ...asked } = draft;
      await host.probeStart(PROBE, asked, secrets);
      await this.check();
      if (turn === this.turn) await this.look(turn);
    } catch (thrown) {
      this.failed(turn, thrown);
    }
  }

  private failed(turn: number, thrown: unknown): void {
    if (turn !== this.turn) return;
    this.trouble = asTrouble(thrown);
    this.probing = false;
  }

  private async look(turn: number): Promise<void> {
    const look = await host.probeLook(PROBE, this.steps.length);
    if (turn !== this.turn) return;
    if (!look) {
      this.probing = false;
      return;
    }
    if (look.steps.length > 0) this.steps = [...this.steps, ...look.steps];
    this.heard = look.heard;
    this.trouble = look.trouble;
    this.guess();
    if (look.done) {
      this.probing = false;
      await this.check();
      return;
    }
    this.timer = setTimeout(() => {
      this.look(turn).catch((thrown) => this.failed(turn, thrown));
    }, LOOK_EVERY_MS);
  }

  private guess(): void {
    if (this.form.card || !this.heard) return;
    const { sequence, time } = likely(this.heard);
    const reading = { ...this.form.reading };
    if (!this.touched.has('sequence')) {
      delete reading.sequence;
      if (sequence) reading.sequence = sequenceOf(sequence);
    }
    if (!this.touched.has('time')) {
      delete reading.time;
      if (time) reading.time = { path: time.path, unit: time.unit };
    }
    if (!this.touched.has('patient')) {
      delete reading.patient;
      if (this.steps.some(({ found }) => found === 'no-pong')) reading.patient = true;
    }
    this.form.reading = reading;
  }

  chooseSequence(number: number): void {
    this.touched.add('sequence');
    const { sequence: _, ...reading } = this.form.reading;
    const sequence = this.choices.sequences[number];
    this.form.reading = sequence ? { ...reading, sequence } : reading;
    this.app.try(() => this.check());
  }

  chooseTime(number: number): void {
    this.touched.add('time');
    const { time: _, ...reading } = this.form.reading;
    const chosen = this.choices.times[number];
    const time = chosen && { path: chosen.path, unit: chosen.unit };
    this.form.reading = time ? { ...reading, time } : reading;
    this.app.try(() => this.check());
  }

  choosePatient(patient: boolean): void {
    this.touched.add('patient');
    const { patient: _, ...reading } = this.form.reading;
    this.form.reading = patient ? { ...reading, patient } : reading;
    this.app.try(() => this.check());
  }

  /** Hears no more of the probe that is under way. */
  private halt(): void {
    this.turn += 1;
    clearTimeout(this.timer);
    this.probing = false;
  }

  private stop(): void {
    this.halt();
    this.visit += 1;
    // What is being subscribed to may keep its secrets yet: not under the names of the next feed's.
    if (this.busy) for (const row of this.form.headers) row.mark = newMark();
    this.busy = false;
    if (this.page === 'try') this.app.try(() => host.probeStop(PROBE));
  }

  /** Subscribes to what was described, or changes the feed into it. */
  async subscribe(): Promise<void> {
    if (this.busy) return;
    await this.during(async (here) => {
      if (!(await this.ready(here))) return;
      const { draft, secrets } = draftOf(this.form);
      const { changed } = this;
      const { feed, unkept } = changed
        ? await this.app.feeds.change(this.app.board.id, changed.id, draft, secrets)
        : await this.app.feeds.subscribe(this.app.board.id, named(draft, this.form), secrets);
      if (!here()) return this.tell(feed.name, unkept);
      this.stop();
      this.form = emptyForm();
      this.added = { feed, unkept };
      if (changed && !unkept) this.closed();
      else this.go('done');
    });
  }

  /** What was subscribed to while the dialog is about something else, or closed. */
  private tell(name: string, unkept: string | null): void {
    this.app.notices.done(say('adding_done_help', { name }));
    if (unkept !== null) this.app.notices.done(say('secret_unkept', { why: unkept }));
  }

  /** Does something that is waited for; it can ask whether the dialog still waits. */
  private async during<T>(what: (here: () => boolean) => Promise<T>): Promise<T | undefined> {
    const { visit } = this;
    const here = () => visit === this.visit;
    this.busy = true;
    this.trouble = null;
    try {
      return await what(here);
    } catch (thrown) {
      if (here()) this.trouble = asTrouble(thrown);
      else this.app.notices.trouble(thrown);
      return undefined;
    } finally {
      if (here()) this.busy = false;
    }
  }
}

/** A feed of a profile is called by what was chosen, too: there may be several. */
function named(draft: BoardFeed, form: Form): BoardFeed {
  if (draft.name !== '' || !form.card) return draft;
  const chosen = form.card.variables.find(({ name }) => draft.variables?.[name]);
  const value = chosen && draft.variables?.[chosen.name];
  const short = value && !value.includes('://') && value.length <= 24;
  return { ...draft, name: short ? `${form.card.name} ${value}` : form.card.name };
}
