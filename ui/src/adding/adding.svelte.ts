// The dialog in which a feed is added or changed, page by page. Going back loses nothing; closing
// leaves nothing behind.

import * as host from '$host';
import type { App } from '../app';
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
import { say } from '../words/say';
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
  searched,
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
  added: { id: string; name: string; unkept: string | null } | null = $state.raw(null);

  readonly found: readonly ProfileCard[] = $derived(
    searched(this.cards, this.text, ({ secrets }) => (secrets.length > 0 ? say('account') : '')),
  );

  /** How the feed that is changed is read so far. */
  private before: FeedReading = $state.raw({});
  /** How the feed can be read. */
  readonly choices = $derived.by(() => choices(this.heard, this.before));

  /** What a person chose; no guess takes its place. */
  private touched = new Set<'sequence' | 'time' | 'patient'>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts probes, so that what a former one finds is not taken for this one's. */
  private turn = 0;

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
    this.kept = [];
    this.toml = '';
    this.problems = [];
    this.touched.clear();
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
    await this.during(async () => {
      await this.app.feeds.add(this.app.board.id, this.text.trim());
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
      this.form.reading = {};
      this.touched.clear();
    }
    this.form.url = this.text.trim();
    this.go('fill');
    this.app.try(() => this.check());
  }

  fillProfile(card: ProfileCard): void {
    if (this.form.card?.id !== card.id) {
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
  readonly missing = $derived.by(() => ({
    variables: unchosen(this.form),
    headers: this.form.headers.filter((row) => headerFault(row, this.form.headers)),
    secrets: untold(this.kept, draftOf(this.form).secrets),
  }));

  private get whole(): boolean {
    this.checked = true;
    const { variables, headers, secrets } = this.missing;
    return variables.length + headers.length + secrets.length === 0;
  }

  /** What the form comes to, and which of its secrets there are. */
  async check(): Promise<void> {
    const { toml, secrets, problems } = await host.draftCheck(draftOf(this.form).draft);
    this.toml = toml;
    this.problems = problems;
    this.kept = secrets;
  }

  /** A keychain that could not be asked may be open by now. */
  private async askAgain(): Promise<void> {
    if (this.kept.some(({ kept }) => kept === null)) await this.check();
  }

  /** Tries the feed out, from the beginning. */
  async probe(): Promise<void> {
    if (this.page === 'fill') {
      await this.during(() => this.askAgain());
      if (!this.whole) return;
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
      if (turn !== this.turn) return;
      this.trouble = asTrouble(thrown);
      this.probing = false;
    }
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
      this.look(turn).catch((thrown) => {
        this.trouble = asTrouble(thrown);
        this.probing = false;
      });
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
    if (this.page === 'try') this.app.try(() => host.probeStop(PROBE));
  }

  /** Subscribes to what was described, or changes the feed into it. */
  async subscribe(): Promise<void> {
    await this.during(() => this.askAgain());
    if (!this.whole) {
      if (this.page === 'try') this.back();
      this.checked = true;
      return;
    }
    await this.during(async () => {
      const { draft, secrets } = draftOf(this.form);
      const { changed } = this;
      const { feed, unkept } = changed
        ? await this.app.feeds.change(this.app.board.id, changed.id, draft, secrets)
        : await this.app.feeds.subscribe(this.app.board.id, named(draft, this.form), secrets);
      this.stop();
      this.form = emptyForm();
      this.added = { id: feed.id, name: feed.name, unkept };
      if (changed && !unkept) this.closed();
      else this.go('done');
    });
  }

  private async during(what: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.trouble = null;
    try {
      await what();
    } catch (thrown) {
      this.trouble = asTrouble(thrown);
    } finally {
      this.busy = false;
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
