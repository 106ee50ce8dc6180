// What one inspector shows: asks the application for the rows in sight, and for the chosen message.
// The messages themselves stay in the application; here is only what is on the screen.

import * as host from '$host';
import type { Inspected } from '../generated/Inspected';
import type { InspectFilter } from '../generated/InspectFilter';
import type { InspectMessage } from '../generated/InspectMessage';
import type { InspectPage } from '../generated/InspectPage';
import type { InspectRow } from '../generated/InspectRow';
import type { Trouble } from '../generated/Trouble';
import { asTrouble } from '../lib/notices.svelte';
import { OneAtATime } from '../lib/one-at-a-time';
import { fromBase64 } from './bytes';
import { stepTo, topFor } from './list';

export const ROW_PX = 24;
/** Asked for beside what is in sight, so that a step or a short scroll finds it. */
const BESIDE = 20;

/** Hears which inspectors there is news for. */
export class Inspections {
  private readonly heards = new Map<string, () => void>();

  heard(ids: readonly string[]): void {
    for (const id of ids) this.heards.get(id)?.();
  }

  add(id: string, heard: () => void): () => void {
    this.heards.set(id, heard);
    return () => {
      this.heards.delete(id);
    };
  }
}

export const noFilter = (): InspectFilter => ({
  text: '',
  channel: '',
  path: '',
  equals: null,
  direction: null,
  verdict: null,
});

export const isFiltered = (filter: InspectFilter): boolean =>
  filter.text !== '' ||
  filter.channel.trim() !== '' ||
  filter.path.trim() !== '' ||
  filter.direction !== null ||
  filter.verdict !== null;

export class Inspection {
  readonly id = `inspector-${crypto.randomUUID()}`;
  facts: Inspected | null = $state.raw(null);
  page: InspectPage | null = $state.raw(null);
  filter: InspectFilter = $state.raw(noFilter());
  /** What is wrong with the filter, or with all of it. */
  trouble: Trouble | null = $state.raw(null);
  paused = $state(false);
  /** The newest stays in sight. */
  following = $state(true);
  /** The place of the chosen message, as pages count them. */
  place: number | null = $state(null);
  chosen: InspectRow | null = $state.raw(null);
  message: InspectMessage | null = $state.raw(null);
  bytes: Uint8Array<ArrayBuffer> = $state.raw(new Uint8Array());

  /** Of the list, in pixels. */
  top = 0;
  height = 0;
  /** Told where the list is to be scrolled to. */
  onscrollto: (top: number) => void = () => {};

  private readonly loading = new OneAtATime(() => this.load());
  private readonly reading = new OneAtATime(() => this.read());
  private isOpen = false;

  constructor(
    readonly feed: string,
    private readonly say: (trouble: unknown) => void,
  ) {}

  async open(): Promise<void> {
    try {
      this.facts = await host.inspectOpen(this.id, this.feed);
      this.isOpen = true;
      this.ask();
    } catch (thrown) {
      this.trouble = asTrouble(thrown);
    }
  }

  close(): void {
    this.isOpen = false;
    host.inspectClose(this.id).catch(this.say);
  }

  /** Asks for what is in sight, as it is now. */
  ask(): void {
    if (this.isOpen) this.loading.ask();
  }

  get count(): number {
    return this.page ? this.page.end - this.page.first : 0;
  }

  /** How many rows are in sight at once. */
  get perPage(): number {
    return Math.max(1, Math.floor(this.height / ROW_PX));
  }

  setFilter(change: Partial<InspectFilter>): void {
    this.filter = { ...this.filter, ...change };
    this.place = null;
    this.following = true;
    this.ask();
  }

  toggle(): void {
    this.paused = !this.paused;
    if (!this.paused) this.following = true;
    this.ask();
  }

  follow(): void {
    this.paused = false;
    this.following = true;
    this.ask();
  }

  scrolled(top: number, height: number, atEnd: boolean): void {
    this.top = top;
    this.height = height;
    if (!atEnd) this.following = false;
    else if (!this.paused) this.following = true;
    this.ask();
  }

  /** Goes on with a key; whether it meant anything. */
  step(key: string): boolean {
    const { page } = this;
    if (!page) return false;
    const from = this.place === null ? null : this.place - page.first;
    const to = stepTo(key, from === null || from < 0 ? null : from, this.count, this.perPage);
    if (to === null) return false;
    this.choose(page.first + to);
    return true;
  }

  choose(place: number): void {
    const { page } = this;
    if (!page) return;
    this.place = place;
    this.following = false;
    const top = topFor(place - page.first, this.top, this.height, ROW_PX);
    if (top !== this.top) {
      this.top = top;
      this.onscrollto(top);
    }
    const row = page.rows[place - page.from];
    if (row) this.show(row);
    this.ask();
  }

  leave(): void {
    this.place = null;
    this.chosen = null;
    this.message = null;
    this.bytes = new Uint8Array();
  }

  private show(row: InspectRow): void {
    if (this.chosen?.serial === row.serial) {
      this.chosen = row;
      return;
    }
    this.chosen = row;
    this.reading.ask();
  }

  /** Reads what is left of the chosen message, as much as is told at once. */
  async more(): Promise<void> {
    const { message, bytes } = this;
    if (!message) return;
    const next = await host.inspectMessage(this.id, message.row.serial, bytes.length);
    if (this.message?.row.serial !== next.row.serial || this.bytes !== bytes) return;
    const rest = fromBase64(next.base64);
    const whole = new Uint8Array(bytes.length + rest.length);
    whole.set(bytes);
    whole.set(rest, bytes.length);
    this.bytes = whole;
  }

  private async read(): Promise<void> {
    const { chosen } = this;
    if (!chosen) return;
    try {
      const message = await host.inspectMessage(this.id, chosen.serial, 0);
      if (this.chosen?.serial !== chosen.serial) return;
      this.message = message;
      this.bytes = fromBase64(message.base64);
    } catch (thrown) {
      this.message = null;
      this.say(thrown);
    }
  }

  private async load(): Promise<void> {
    const rows = Math.ceil(this.height / ROW_PX) + 2 * BESIDE;
    const before = this.page;
    const from = (before?.first ?? 0) + Math.floor(this.top / ROW_PX) - BESIDE;
    const filter = this.filter;
    let page: InspectPage;
    try {
      page = await host.inspectPage(this.id, {
        from: this.following ? null : Math.max(0, from),
        count: rows,
        paused: this.paused,
        filter,
      });
    } catch (thrown) {
      if (this.filter === filter) this.trouble = asTrouble(thrown);
      return;
    }
    this.trouble = null;
    this.page = page;
    const gone = page.first - (before?.first ?? page.first);
    if (this.following) {
      this.top = Math.max(0, this.count * ROW_PX - this.height);
      this.onscrollto(this.top);
    } else if (gone > 0) {
      // What is in sight stays where it is while older ones leave.
      this.top = Math.max(0, this.top - gone * ROW_PX);
      this.onscrollto(this.top);
    }
    if (this.place === null) return;
    const row = page.rows[this.place - page.from];
    if (row) this.show(row);
  }
}
