// The board that this window shows, as a mirror of the application's, which has it: a change is
// shown at once and sent, and what others have changed is taken over. Beside it, the boards that
// are open, for the tabs.

import * as host from '$host';
import { derivedOf } from '../derived/known.svelte';
import type { Annotation } from '../generated/Annotation';
import type { Axis } from '../generated/Axis';
import type { Board } from '../generated/Board';
import type { BoardChanged } from '../generated/BoardChanged';
import type { BoardHead } from '../generated/BoardHead';
import type { Boards } from '../generated/Boards';
import type { Panel } from '../generated/Panel';
import type { Popout } from '../generated/Popout';
import type { Trace } from '../generated/Trace';
import type { Unit } from '../generated/Unit';
import type { Zone } from '../generated/Zone';
import { say, saysAnywhere } from '../words/say';
import { type Kind, newPanel, showsTexts, tracesMax } from './kinds';
import { shared } from './mirror';
import { type Brought, freeColor, panelsFor, withFields } from './take';
import {
  hasTraces,
  isTimeSeries,
  sameSeries,
  seriesName,
  type TimeSeriesPanel,
  type TracesPanel,
  tracesOf,
  unitOf,
  unitOfTrace,
  withTraces,
} from './trace';

type Series = Pick<Trace, 'feed' | 'channel' | 'path'>;

const NO_ANNOTATIONS: readonly Annotation[] = [];

const NONE: Board = {
  feedscope: 2,
  id: '',
  name: '',
  time: { span_ms: 60_000, axis: 'source', zone: 'local' },
  feeds: [],
  panels: [],
  layout: null,
};

/** A change that is on its way, or waits for the one before. */
interface Change {
  label: string | null;
  merge: string | null;
  /** What it makes of a board: of that of now, or of what others have made of it meanwhile. */
  to: (board: Board) => Board;
}

// Who is overtaken by others this often waits for them.
const TRIES_MAX = 5;

export interface Heard {
  /** Feeds are subscribed to, or no longer. */
  feeds(ids: readonly string[]): void;
  /** The board is another, or was changed by something else than this. */
  loaded(board: Board): void;
  trouble(trouble: unknown): void;
}

export class BoardState {
  /** The board with all that was done to it here. */
  document: Board = $state.raw(NONE);
  tabs: readonly BoardHead[] = $state.raw([]);
  selectedId: string | null = $state(null);
  /** The panel whose title is being typed. */
  renaming: string | null = $state(null);
  /** The panel whose settings are open. */
  settingsOf: string | null = $state(null);
  /** Which of the board's own windows this is; `null`: the first window, that has all of it. */
  here: string | null = $state(null);
  /** Counts the documents that came from elsewhere: the panels are to be where those say. */
  loads = $state(0);
  private version = 0;
  /** The board as the application has it, and the number of that. */
  private confirmed: Board = NONE;
  private revision = 0;
  private pending: Change[] = [];
  private sending = false;
  /** What is to be done one after the other. */
  private work: Promise<unknown> = Promise.resolve();
  private working = 0;
  private beside: string | undefined;

  constructor(
    private readonly heardBy: Heard,
    private readonly holdsTexts: (of: Series) => boolean = () => false,
  ) {}

  get id(): string {
    return this.document.id;
  }

  get spanMs(): number {
    return this.document.time.span_ms;
  }

  get panels(): readonly Panel[] {
    return this.document.panels;
  }

  /** The windows beside the first one. */
  get popouts(): readonly Popout[] {
    return this.document.popouts ?? [];
  }

  /** The ids of the panels that are laid out in this window. */
  get placed(): readonly string[] {
    if (this.here === null) return this.panels.map(({ id }) => id);
    return this.popouts.find(({ id }) => id === this.here)?.panels ?? [];
  }

  /** Those of them that are seen in another window, and here only keep their place. */
  get away(): ReadonlySet<string> {
    return new Set(this.here === null ? this.popouts.flatMap(({ panels }) => panels) : []);
  }

  get layout(): unknown {
    if (this.here === null) return this.document.layout;
    return this.popouts.find(({ id }) => id === this.here)?.layout ?? null;
  }

  get head(): BoardHead | undefined {
    return this.tabs.find((tab) => tab.id === this.id);
  }

  get selected(): Panel | undefined {
    return this.get(this.selectedId ?? '');
  }

  get(id: string): Panel | undefined {
    return this.panels.find((panel) => panel.id === id);
  }

  timeSeries(id: string): TimeSeriesPanel | undefined {
    const panel = this.get(id);
    return isTimeSeries(panel) ? panel : undefined;
  }

  start(boards: Boards, board: Board): void {
    this.version = boards.version;
    this.tabs = boards.list;
    this.revision = boards.list.find((tab) => tab.id === board.id)?.revision ?? 0;
    this.take(board);
  }

  /** What the application tells every window. It can come later than what is newer. */
  heard(boards: Boards): void {
    if (boards.version <= this.version) return;
    this.version = boards.version;
    const at = this.tabs.findIndex((tab) => tab.id === this.id);
    this.tabs = boards.list;
    // In the place of a board that has gone, the one that comes after it.
    if (!this.head && at >= 0) this.beside = boards.list[Math.min(at, boards.list.length - 1)]?.id;
    this.heardBy.feeds(boards.feeds);
    this.catchUp();
  }

  // Boards

  show(id: string): void {
    if (id === this.id) return;
    void this.later(async () => this.load(await host.boardShow(id)));
  }

  /** Shows a board that was just made. */
  showNew(id: string): Promise<void> {
    return this.later(async () => this.loadNew(await host.boardShow(id)));
  }

  addBoard(template: string, name: string | null = null): void {
    void this.later(async () =>
      this.load(await host.boardShow(await host.boardNew(template, name))),
    );
  }

  openBoard(file: string): void {
    void this.later(async () => this.load(await host.boardShow(await host.boardOpen(file))));
  }

  duplicateBoard(id: string, name: string): void {
    void this.later(async () =>
      this.load(await host.boardShow(await host.boardDuplicate(id, name))),
    );
  }

  renameBoard(id: string, name: string): void {
    void this.later(async () => {
      const changed = await host.boardRename(id, name, say('undo_board_rename'));
      if (id === this.id) this.load(changed);
    });
  }

  closeBoard(id: string): void {
    void this.later(() => host.boardClose(id));
  }

  /** Resolves once it is gone. */
  removeBoard(id: string): Promise<void> {
    return this.later(() => host.boardRemove(id));
  }

  restoreBoard(id: string): void {
    void this.later(async () => {
      await host.boardRestore(id);
      this.load(await host.boardShow(id));
    });
  }

  /** Shows the tabs in this order, as they are while one is dragged. */
  arrange(order: readonly string[]): void {
    const rank = (tab: BoardHead) => order.indexOf(tab.id);
    this.tabs = [...this.tabs].sort((a, b) => rank(a) - rank(b));
  }

  /** Has the tabs stay in the order in which they are shown. */
  reorder(): void {
    const order = this.tabs.map((tab) => tab.id);
    void this.later(() => host.boardsReorder(order));
  }

  /** Once all that was done so far is, or has failed. */
  async idle(): Promise<void> {
    await this.work;
  }

  undo(): void {
    void this.later(async () => this.load(await host.boardUndo(this.id)));
  }

  redo(): void {
    void this.later(async () => this.load(await host.boardRedo(this.id)));
  }

  // The board that is shown

  setSpan(spanMs: number): void {
    this.setTime(say('undo_span'), { span_ms: spanMs }, 'span');
  }

  /** By which of its two times samples are drawn. */
  setAxis(axis: Axis): void {
    this.setTime(say('undo_axis'), { axis });
  }

  /** In whose time moments are written. */
  setZone(zone: Zone): void {
    this.setTime(say('undo_zone'), { zone });
  }

  private setTime(label: string, time: Partial<Board['time']>, merge: string | null = null): void {
    this.change(label, (board) => ({ ...board, time: { ...board.time, ...time } }), merge);
  }

  /** Where the panels are. By hand is a step; what follows from another is none of its own. */
  setLayout(layout: unknown, byHand: boolean): void {
    const label = byHand ? say('undo_arrange') : null;
    const { here } = this;
    const to = (board: Board): Board =>
      here === null
        ? { ...board, layout }
        : withPopouts(board, (popouts) =>
            popouts.map((popout) => (popout.id === here ? { ...popout, layout } : popout)),
          );
    this.change(label, to, byHand ? 'layout' : null);
  }

  /** Has panels be in a window of their own. */
  popOut(ids: readonly string[]): void {
    const popout = {
      id: `window-${crypto.randomUUID()}`,
      panels: [...ids],
      layout: null,
      place: null,
    };
    this.change(say('undo_popout', { count: ids.length }), (board) =>
      withPopouts(board, (popouts) => [...without(popouts, ids), popout]),
    );
  }

  /** Has panels that are in windows of their own be where they were. */
  bringBack(ids: readonly string[]): void {
    this.change(say('undo_popout_back'), (board) =>
      withPopouts(board, (popouts) => without(popouts, ids)),
    );
  }

  rename(id: string, title: string): void {
    this.changePanel(say('undo_panel_rename'), id, (panel) => ({ ...panel, title }));
  }

  addPanel(kind: Kind = 'time-series', title = say('panel_new')): void {
    const panel = newPanel(kind, title, 'none', []);
    this.change(say('undo_panel_add'), (board) => ({
      ...board,
      panels: [...board.panels, panel],
    }));
    this.selectedId = panel.id;
    this.settingsOf = panel.id;
  }

  /** Changes what a panel shows, or how. Changes of one `what` that follow each other are one. */
  setPanel(id: string, what: string, to: (panel: Panel) => Panel): void {
    this.changePanel(say('undo_panel_settings'), id, to, `${id} ${what}`);
  }

  /** How much time of its own a panel shows; `null`: it shows that of all. */
  setPanelSpan(id: string, spanMs: number | null): void {
    this.setPanel(id, 'time', ({ time, ...panel }) =>
      spanMs === null ? panel : { ...panel, time: { ...time, span_ms: spanMs } },
    );
  }

  get annotations(): readonly Annotation[] {
    return this.document.annotations ?? NO_ANNOTATIONS;
  }

  setAnnotations(label: string, to: (list: readonly Annotation[]) => Annotation[]): void {
    this.change(label, (board) => ({ ...board, annotations: to(board.annotations ?? []) }));
  }

  /** Shows what a panel draws as a table, or draws it again. */
  toggleTable(id: string): void {
    this.changePanel(say('undo_panel_table'), id, (panel) => ({
      ...panel,
      as_table: !panel.as_table,
    }));
  }

  /** With it goes what was said of it. */
  removePanel(id: string): void {
    this.change(say('undo_panel_remove'), ({ annotations, ...board }) => ({
      ...withPopouts(board, (popouts) => without(popouts, [id])),
      panels: board.panels.filter((panel) => panel.id !== id),
      ...(annotations && { annotations: annotations.filter(({ panel }) => panel !== id) }),
    }));
    if (this.selectedId === id) this.selectedId = null;
  }

  /** Changes the board so that its panels and feeds have to be looked for anew. */
  fill(label: string, to: (board: Board) => Board): void {
    this.change(label, to);
    this.loads += 1;
    this.heardBy.loaded(this.document);
  }

  /** Adds a board, shows it, and fills it as one step. Answers with its id, once it is there. */
  async addFilled(
    name: string,
    label: string,
    to: (board: Board) => Board,
  ): Promise<string | null> {
    let made: string | null = null;
    await this.later(async () => {
      const id = await host.boardNew('empty', name);
      this.loadNew(await host.boardShow(id));
      made = id;
    });
    if (made !== null && made === this.id) this.fill(label, to);
    return made;
  }

  /** Takes a feed off the board, with what is drawn of it. Resolves once it is. */
  removeFeed(feed: string): Promise<void> {
    const board = this.id;
    return this.later(async () => {
      const changed = await host.feedRemove(board, feed, say('undo_feed_remove'));
      if (board === this.id) this.load(changed);
    });
  }

  isPlotted(feed: string, channel: string, path: string): boolean {
    const wanted = { feed, channel, path };
    return this.panels.some((panel) => tracesOf(panel).some((trace) => sameSeries(trace, wanted)));
  }

  /** A field's unit is that of the panel it is drawn in, or that its channel is drawn in. */
  unitOf(feed: string, channel: string, path: string): Unit {
    const derived = derivedOf({ feed, path });
    if (derived) return derived.unit;
    let found: Unit = 'none';
    for (const panel of this.panels) {
      for (const trace of tracesOf(panel)) {
        if (trace.feed !== feed || trace.channel !== channel) continue;
        if (trace.path === path) return unitOfTrace(panel, trace);
        found = unitOfTrace(panel, trace);
      }
    }
    // A share of something is not in the unit of what it is a share of.
    return /percent$/i.test(path) ? 'percent' : found;
  }

  /** Draws a field where it fits, unless it is drawn somewhere. */
  plot(feed: string, channel: string, path: string): void {
    if (!this.isPlotted(feed, channel, path)) this.togglePlotted(feed, channel, path);
  }

  /** Draws a field where it fits, or takes it off the board if it is drawn anywhere. */
  togglePlotted(feed: string, channel: string, path: string): void {
    const wanted = { feed, channel, path };
    const name = seriesName(wanted);
    if (this.isPlotted(feed, channel, path)) {
      this.change(say('undo_undraw', { path: name }), (board) => ({
        ...board,
        panels: board.panels.map((panel) =>
          tracesOf(panel).some((trace) => sameSeries(trace, wanted))
            ? withTraces(panel, (traces) => traces.filter((trace) => !sameSeries(trace, wanted)))
            : panel,
        ),
      }));
      return;
    }
    const unit = this.unitOf(feed, channel, path);
    const isText = this.holdsTexts(wanted);
    const isFor = (panel: Panel) =>
      isText ? showsTexts(panel.kind) : !tracesOf(panel).some((trace) => this.holdsTexts(trace));
    const sibling = this.panels.find(
      (panel) =>
        isFor(panel) &&
        tracesOf(panel).some((trace) => trace.feed === feed && trace.channel === channel),
    );
    const trace = (color: number): Trace => ({ ...wanted, label: null, color });
    const homes = [this.selected, sibling].filter(hasTraces).filter(isFor);
    const home = homes.find((panel) => fits(panel, wanted, unit));
    const label = say('undo_draw', { path: name });
    if (home) {
      const isUnnamed = home.traces.length === 0 && saysAnywhere('panel_new', home.title);
      const title = isUnnamed ? channel || name : home.title;
      this.changePanel(label, home.id, (panel) => {
        if (!hasTraces(panel)) return panel;
        const traces = [...panel.traces, trace(freeColor(panel.traces))];
        return 'unit' in panel ? { ...panel, title, unit, traces } : { ...panel, title, traces };
      });
      this.selectedId = home.id;
      return;
    }
    const kind = isText ? 'states' : 'time-series';
    const panel = newPanel(kind, channel || name, unit, [trace(0)]);
    this.change(label, (board) => ({ ...board, panels: [...board.panels, panel] }));
    this.selectedId = panel.id;
  }

  /** Draws fields in a panel. */
  addFields(id: string, fields: readonly Brought[]): void {
    this.changePanel(drawLabel(fields), id, (panel) => withFields(panel, fields));
    this.selectedId = id;
  }

  /** Draws fields in new panels; answers with their ids. */
  addFieldPanels(fields: readonly Brought[]): string[] {
    const made = panelsFor(fields);
    const last = made.at(-1);
    if (!last) return [];
    this.change(drawLabel(fields), (board) => ({ ...board, panels: [...board.panels, ...made] }));
    this.selectedId = last.id;
    return made.map(({ id }) => id);
  }

  private changePanel(
    label: string,
    id: string,
    to: (panel: Panel) => Panel,
    merge: string | null = null,
  ): void {
    const change = (board: Board) => ({
      ...board,
      panels: board.panels.map((panel) => (panel.id === id ? to(panel) : panel)),
    });
    this.change(label, change, merge);
  }

  /** Changes the board here and now, and has it changed where it is kept. */
  private change(
    label: string | null,
    to: (board: Board) => Board,
    merge: string | null = null,
  ): void {
    const last = this.pending.at(-1);
    const waits = last && !(this.sending && this.pending.length === 1);
    const goesOn = label === null || (merge !== null && last?.merge === merge);
    if (waits && goesOn) {
      // A drag is faster than any answer: what waits is sent as it is last.
      const before = last.to;
      last.to = (board) => to(before(board));
    } else this.pending.push({ label, merge, to });
    this.document = to(this.document);
    void this.later(() => this.send());
  }

  private async send(): Promise<void> {
    for (let tries = 0; this.pending[0] && tries < TRIES_MAX; tries += 1) {
      const [{ label, merge, to }] = this.pending as [Change];
      const document = shared(this.document, to(this.confirmed));
      const change = { board: this.id, revision: this.revision, label, merge, document };
      this.sending = true;
      let changed: BoardChanged;
      try {
        changed = await host.boardChange(change);
      } catch (trouble) {
        this.pending.shift();
        this.confirm(this.confirmed);
        throw trouble;
      } finally {
        this.sending = false;
      }
      this.note(changed);
      if (changed.stale) {
        // Someone else was faster: it is done to what they have made of the board.
        if (changed.document) this.take(changed.document);
        continue;
      }
      tries = -1;
      this.pending.shift();
      this.confirm(changed.document ?? document);
      // One that another board has as well gets the id that it has there.
      const ids = (board: Board) => board.feeds.map(({ id }) => id).join();
      if (changed.document && ids(changed.document) !== ids(document)) {
        this.heardBy.loaded(this.document);
      }
    }
  }

  private load(changed: BoardChanged): void {
    this.note(changed);
    if (changed.document) this.take(changed.document);
  }

  /** The answer may be here before it is told that there is such a board. */
  private loadNew(changed: BoardChanged): void {
    if (!this.tabs.some(({ id }) => id === changed.head.id)) {
      this.tabs = [...this.tabs, changed.head];
    }
    this.load(changed);
  }

  private note({ head }: BoardChanged): void {
    this.revision = head.revision;
    this.tabs = this.tabs.map((tab) =>
      tab.id === head.id && tab.revision < head.revision ? head : tab,
    );
  }

  /** The board is now this, and what is still on its way comes on top of it. */
  private confirm(confirmed: Board): void {
    this.confirmed = confirmed;
    const document = this.pending.reduce((board, { to }) => to(board), confirmed);
    this.document = shared(this.document, document);
  }

  private take(board: Board): void {
    if (board.id !== this.id) {
      this.selectedId = null;
      this.pending = [];
    }
    this.confirm(board);
    if (this.selectedId !== null && !this.selected) this.selectedId = null;
    this.loads += 1;
    this.heardBy.loaded(this.document);
  }

  private later(task: () => Promise<void>): Promise<void> {
    this.working += 1;
    const done = this.work
      .then(task)
      .catch((trouble) => this.heardBy.trouble(trouble))
      .finally(() => {
        this.working -= 1;
        this.catchUp();
      });
    this.work = done;
    return done;
  }

  /** Takes over what others have done, once all that was done here is where it belongs. */
  private catchUp(): void {
    if (this.working > 0) return;
    const { head, tabs } = this;
    // A window of a board's own goes with its board.
    if (!head && this.here !== null) return;
    if (head && head.revision > this.revision) {
      void this.later(async () => this.load(await host.boardGet(head.id)));
    } else if (!head && tabs[0]) {
      this.show(this.beside ?? tabs[0].id);
      this.beside = undefined;
    }
  }
}

/** With other windows beside the first one; a board without any says nothing of them. */
function withPopouts(
  { popouts = [], ...board }: Board,
  to: (popouts: readonly Popout[]) => readonly Popout[],
): Board {
  const made = to(popouts);
  return made.length > 0 ? { ...board, popouts: [...made] } : board;
}

/** Without these panels, and the windows that have no others. */
function without(popouts: readonly Popout[], ids: readonly string[]): readonly Popout[] {
  return popouts
    .map((popout) => ({ ...popout, panels: popout.panels.filter((id) => !ids.includes(id)) }))
    .filter(({ panels }) => panels.length > 0);
}

function drawLabel(fields: readonly Brought[]): string {
  const [first] = fields;
  return fields.length === 1 && first
    ? say('undo_draw', { path: seriesName(first) })
    : say('undo_draw_some', { count: fields.length });
}

/** Whether a field belongs into a panel: that is empty, or draws its channel in its unit already. */
function fits(panel: TracesPanel, wanted: Pick<Trace, 'feed' | 'channel'>, unit: Unit): boolean {
  if (panel.traces.length >= tracesMax(panel.kind)) return false;
  return (
    panel.traces.length === 0 ||
    (unitOf(panel) === unit &&
      panel.traces.some((trace) => trace.feed === wanted.feed && trace.channel === wanted.channel))
  );
}
