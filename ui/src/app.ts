// The parts of the window, and how what the application sends reaches them.

import * as host from '$host';
import { Adding } from './adding/adding.svelte';
import { Alerts } from './alerts/alerts.svelte';
import { BoardState } from './board/board.svelte';
import { BoardFiles } from './board-files/board-files.svelte';
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
import { Inspections } from './inspector/inspection.svelte';
import { Clock } from './lib/clock.svelte';
import { Notices } from './lib/notices.svelte';
import { Drawing } from './live/drawing';
import { openDoor } from './test-door';
import { Measure } from './time/measure.svelte';
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
  readonly feeds = new Feeds();
  /** Fields on their way from the list to the board. */
  readonly drag = new FieldDrag();
  readonly derived = new DerivedList(this.feeds);
  readonly inspections = new Inspections();
  readonly notices = new Notices();
  readonly board = new BoardState({
    feeds: (ids) => this.feeds.subscribed(ids, (trouble) => this.notices.trouble(trouble)),
    loaded: (board) => {
      this.feeds.show(board.feeds.map((feed) => feed.id));
      this.drawing.time.load(board.time.span_ms, board.time.axis);
      this.showZone(board.time.zone);
    },
    trouble: (trouble) => this.notices.trouble(trouble),
  });
  readonly alerts = new Alerts((trouble) => this.notices.trouble(trouble));
  readonly gaps = new Gaps(this.drawing.time, (direction) =>
    this.notices.done(say(direction === 'earlier' ? 'gaps_none_earlier' : 'gaps_none_later')),
  );
  readonly boardFiles = new BoardFiles(this);
  readonly adding = new Adding(this);
  readonly clock = new Clock(this.drawing.time);
  readonly measure = new Measure(this.drawing, (trouble) => this.notices.trouble(trouble));

  /** Runs something that may fail, and tells the person if it does. */
  readonly try = (what: () => Promise<unknown>): void => {
    what().catch((trouble) => this.notices.trouble(trouble));
  };

  /** Takes a feed off the board that is shown. */
  removeFeed(id: string, name: string): void {
    void this.board.removeFeed(id).then(() => this.undoable(say('removed', { name })));
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
    this.undoable(say('removed', { name: title }));
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

  /** Tells what was done last on the board that is shown, and offers to undo it. */
  private undoable(text: string): void {
    const board = this.board.id;
    this.notices.done(text, {
      name: say('undo'),
      act: () => {
        if (this.board.id === board) this.board.undo();
      },
    });
  }

  setSpan(spanMs: number): void {
    this.drawing.time.setSpan(spanMs);
    this.board.setSpan(spanMs);
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
    const start = await host.start();
    chooseLanguage(start.language);
    this.drawing.time.heard(start.now_ms);
    this.feeds.start(start.feeds, start.faults);
    this.derived.start(start.derived);
    this.board.start(start.boards, start.board);
    this.clock.read();
    for (const trouble of start.troubles) this.notices.trouble(trouble);
    this.try(() => this.alerts.start());
    openDoor(this);
    ready();
  }
}
