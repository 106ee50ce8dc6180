// The parts of the window, and how what the application sends reaches them.

import * as host from '$host';
import { BoardState } from './board/board.svelte';
import { Feeds } from './feeds/feeds.svelte';
import { Clock } from './lib/clock.svelte';
import { Notices } from './lib/notices.svelte';
import { openDoor } from './test-door';
import { Drawing } from './time-series/drawing';
import { chooseLanguage } from './words/language.svelte';

export class App {
  readonly drawing = new Drawing((update) => {
    this.feeds.heard(update);
    for (const trouble of update.troubles) this.notices.trouble(trouble);
  });
  readonly feeds = new Feeds();
  readonly notices = new Notices();
  readonly board = new BoardState((trouble) => this.notices.trouble(trouble));
  readonly clock = new Clock(this.drawing.time);

  /** Runs something that may fail, and tells the person if it does. */
  readonly try = (what: () => Promise<unknown>): void => {
    what().catch((trouble) => this.notices.trouble(trouble));
  };

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
    const start = await host.start();
    chooseLanguage(start.language);
    this.drawing.time.heard(start.now_ms);
    this.feeds.start(start.feeds, start.faults);
    this.board.start(start.board);
    this.drawing.time.spanMs = this.board.spanMs;
    this.clock.read();
    for (const trouble of start.troubles) this.notices.trouble(trouble);
    openDoor(this);
    ready();
  }
}
