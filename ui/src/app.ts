// The parts of the window, and how what the application sends reaches them.

import * as host from '$host';
import { Adding } from './adding/adding.svelte';
import { Alerts } from './alerts/alerts.svelte';
import { Annotations } from './annotations/annotations.svelte';
import { BoardState } from './board/board.svelte';
import type { Dock } from './board/dock';
import { BoardFiles } from './board-files/board-files.svelte';
import { Shortcuts } from './commands/shortcuts.svelte';
import { DerivedList } from './derived/derived.svelte';
import { DERIVED, derivedName, derivedOf } from './derived/known.svelte';
import { waitsFor } from './derived/says';
import { type FeedState, Feeds } from './feeds/feeds.svelte';
import { FieldDrag } from './feeds/field-drag.svelte';
import { Gaps } from './gaps/gaps.svelte';
import type { Axis } from './generated/Axis';
import type { DerivedSeries } from './generated/DerivedSeries';
import type { Trace } from './generated/Trace';
import type { Zone } from './generated/Zone';
import { HealthState } from './health/health.svelte';
import { Inspections } from './inspector/inspection.svelte';
import { Clock } from './lib/clock.svelte';
import { Notices } from './lib/notices.svelte';
import { Drawing } from './live/drawing';
import { InStep } from './popouts/in-step';
import { openDoor } from './test-door';
import { Measure } from './time/measure.svelte';
import { PanelTimes } from './time/panel-times.svelte';
import { Tour } from './tour/tour.svelte';
import { chooseLanguage } from './words/language.svelte';
import { say } from './words/say';

export class App {
  readonly drawing = new Drawing((update) => {
    this.feeds.heard(update);
    this.derived.heard(update);
    this.inspections.heard(update.inspected);
    this.alerts.heard(update);
    for (const trouble of update.troubles) this.notices.trouble(trouble);
  });
  readonly times = new PanelTimes(this.drawing.time);
  readonly feeds = new Feeds();
  /** Fields on their way from the list to the board. */
  readonly drag = new FieldDrag();
  readonly derived = new DerivedList(this.feeds);
  readonly inspections = new Inspections();
  readonly notices = new Notices();
  readonly shortcuts = new Shortcuts((trouble) => this.notices.trouble(trouble));
  readonly tour = new Tour((trouble) => this.notices.trouble(trouble));
  readonly board = new BoardState(
    {
      feeds: (ids) => this.feeds.subscribed(ids, (trouble) => this.notices.trouble(trouble)),
      loaded: (board) => {
        this.feeds.show(board.feeds);
        // The time of all windows is what the first one makes of its board.
        const { follows } = this.inStep;
        if (!follows) this.drawing.time.load(board.time.span_ms, board.time.axis);
        this.times.take(board.id, board.panels);
        if (!follows) this.showZone(board.time.zone);
      },
      trouble: (trouble) => this.notices.trouble(trouble),
    },
    (of) => this.feeds.holdsTexts(of),
  );
  readonly alerts = new Alerts((trouble) => this.notices.trouble(trouble));
  readonly gaps = new Gaps(this.drawing.time, (direction) =>
    this.notices.done(say(direction === 'earlier' ? 'gaps_none_earlier' : 'gaps_none_later')),
  );
  readonly health = new HealthState();
  readonly boardFiles = new BoardFiles(this);
  readonly adding = new Adding(this);
  readonly annotations = new Annotations(this);
  readonly clock = new Clock(this.drawing.time);
  readonly measure = new Measure(this.drawing, (trouble) => this.notices.trouble(trouble));

  /** Where the panels of this window are, while they are shown. */
  dock: Dock | null = null;
  readonly inStep: InStep = new InStep(
    this.drawing,
    this.measure,
    {
      now: () => this.clock.zone,
      set: (zone) => this.showZone(zone),
    },
    {
      language: chooseLanguage,
      shortcuts: (chosen) => this.shortcuts.start(chosen),
    },
  );

  /** Runs something that may fail, and tells the person if it does. */
  readonly try = (what: () => Promise<unknown>): void => {
    what().catch((trouble) => this.notices.trouble(trouble));
  };

  /** Takes a feed off the board that is shown. */
  removeFeed(id: string, name: string): void {
    void this.board.removeFeed(id);
    void this.undoable(say('removed', { name }), say('undo_feed_remove'));
  }

  /** The feed that a trace is no better than: of those of a derived series, one that is not live. */
  feedOf(trace: Pick<Trace, 'feed' | 'path'>): FeedState | undefined {
    const derived = derivedOf(trace);
    if (!derived) return this.feeds.get(trace.feed);
    if (this.derived.missing(derived).length > 0) return undefined;
    const feeds = this.derived.feedsOf(derived);
    return feeds.find(({ status }) => status.state !== 'live') ?? feeds[0];
  }

  feedsOf(traces: readonly Pick<Trace, 'feed' | 'path'>[]): FeedState[] {
    return [...new Set(traces.flatMap((trace) => this.feedOf(trace) ?? []))];
  }

  /** Why a trace has no feed. */
  absence(trace: Pick<Trace, 'feed' | 'path'>): string {
    const derived = derivedOf(trace);
    if (derived) return waitsFor(this.derived.missing(derived));
    return say(trace.feed === DERIVED ? 'derived_gone' : 'tile_feed_unknown');
  }

  removeDerived(series: DerivedSeries): void {
    this.try(async () => {
      await this.derived.remove(series.id);
      const notice = this.notices.done(say('removed', { name: derivedName(series) }), {
        name: say('undo'),
        act: () => {
          this.notices.close(notice);
          this.try(() => this.derived.set(series));
        },
      });
    });
  }

  removePanel(id: string, title: string): void {
    this.board.removePanel(id);
    void this.undoable(say('removed', { name: title }), say('undo_panel_remove'));
  }

  removeBoard(id: string, name: string): void {
    void this.board.removeBoard(id).then(() => {
      if (this.board.tabs.some((tab) => tab.id === id)) return;
      this.notices.done(say('removed', { name }), {
        name: say('undo'),
        act: () => this.board.restoreBoard(id),
      });
    });
  }

  /** The notice of what was removed last. */
  private removal = -1;

  /** Tells what is being done on the board that is shown, once it is, and offers to undo it for as
   * long as it is what was done last. */
  async undoable(text: string, step: string): Promise<void> {
    const { id } = this.board;
    const still = () => this.board.id === id && this.board.head?.undo === step;
    await this.board.idle();
    if (!still()) return;
    // It would be undone by an earlier notice, too.
    this.notices.close(this.removal);
    this.removal = this.notices.done(text, {
      name: say('undo'),
      act: () => this.board.undo(),
      still,
    });
  }

  /** Shows as much time: in all panels that share it, or in one that has its own. */
  setSpan(spanMs: number, panel: string | null = null): void {
    this.times.of(panel).setSpan(spanMs);
    if (panel === null) this.board.setSpan(spanMs);
    else this.board.setPanelSpan(panel, spanMs);
  }

  /** Has a panel show a time of its own. */
  ownTime(panel: string): void {
    this.board.setPanelSpan(panel, this.times.leave(panel));
  }

  /** Has it show that of all again. */
  shareTime(panel: string): void {
    this.times.rejoin(panel);
    this.board.setPanelSpan(panel, null);
  }

  setAxis(axis: Axis): void {
    this.drawing.time.setAxis(axis);
    this.board.setAxis(axis);
  }

  setZone(zone: Zone): void {
    this.showZone(zone);
    this.board.setZone(zone);
  }

  /** Writes moments in that time, at the axes and everywhere. */
  private showZone(zone: Zone): void {
    if (zone === this.clock.zone) return;
    this.clock.setZone(zone);
    this.drawing.redraw();
    this.inStep.changed('zone');
  }

  async start(): Promise<void> {
    // Listening comes first: the first news follows `start` at once, and what nobody hears of would
    // be waited for without end. The update is taken once what it adds to is here.
    let ready = () => {};
    const started = new Promise<void>((resolve) => {
      ready = resolve;
    });
    await host.onNews(async () => {
      await started;
      this.drawing.news();
    });
    await host.onBoards(async (boards) => {
      await started;
      this.board.heard(boards);
    });
    await host.onTogether(async () => {
      await started;
      this.inStep.told();
    });
    const start = await host.start();
    this.board.here = start.popout;
    chooseLanguage(start.language);
    this.shortcuts.start(start.shortcuts);
    this.drawing.time.heard(start.now_ms);
    this.feeds.start(start.feeds, start.faults);
    this.derived.start(start.derived);
    this.board.start(start.boards, start.board);
    this.clock.read();
    for (const trouble of start.troubles) this.notices.trouble(trouble);
    this.inStep.start(start.popout === null);
    this.try(() => this.alerts.start());
    openDoor(this);
    if (!start.toured) this.tour.begin();
    ready();
  }
}
