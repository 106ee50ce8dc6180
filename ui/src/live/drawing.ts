// When panels are drawn: at most once a frame, only those that changed, and together as far as there
// is time for it. After that the application is told, which lets its next news go; and the update is
// taken as late as it can be and still be there for the next frame.

import * as host from '$host';
import type { PanelUpdate } from '../generated/PanelUpdate';
import type { Update } from '../generated/Update';
import { Moments } from './moments';
import { Pace } from './pace';
import type { Source } from './source';
import { TimeWindow } from './time-window';
import { Turns } from './turns';

/** Where the pointer is: in which panel, at which of its pixels, and at which moment now. */
export interface Hover {
  readonly panel: string;
  readonly x: number;
  readonly y: number;
  /** Which of what is said there is meant, if it is one of several. */
  readonly reading?: number | undefined;
  ms(): number;
}

/** Where somebody asks what can be done: at a moment in a panel, and there on the screen. */
export interface Pointed {
  panel: string;
  ms: number;
  at: DOMRect;
}

/** What a panel is to the drawing of all. */
export interface Drawn {
  readonly id: string;
  readonly source: Source;
  apply(number: number, update: PanelUpdate): void;
  timeChanged(): void;
  /** Everything is to be drawn anew. */
  redraw(): void;
  /** The window is seen again. */
  returned(): void;
  /** Draws, if there is anything new to see. */
  draw(): boolean;
  /** In every frame: the pointer is there, or nowhere. */
  point(hover: Hover | null): void;
  nextColumnInMs(): number;
  /** Has a cursor in it moved by keys from now on. */
  focus?(): void;
  onTrouble(trouble: unknown): void;
}

/** What is drawn beside the panels, in the same frames, and asks for its data itself. */
export interface Beside {
  /** Draws, if there is anything new to see. */
  draw(): void;
  onTrouble(trouble: unknown): void;
}

// While nothing arrives, charts still scroll; a chart of a long span need not look more often.
const IDLE_MS_MAX = 500;
const FRAME_MS = 16;

/** No panel of this window. */
const ELSEWHERE = '';

export class Drawing {
  readonly time = new TimeWindow();
  readonly panels = new Map<string, Drawn>();
  /** By what updates name them: a panel that goes may have the id of one that comes. */
  private readonly watching = new Map<string, Drawn>();
  /** Ends the hearing of a panel's time. */
  private readonly hearing = new Map<Drawn, () => void>();
  readonly beside = new Set<Beside>();
  readonly moments = new Moments(() => this.requestFrame());
  framesDrawn = 0;
  /** In how many of these each panel was drawn, by its id. */
  readonly drawnOf = new Map<string, number>();
  hover: Hover | null = null;
  /** Told when somebody asks in a plot what can be done there. */
  onMenu: ((pointed: Pointed) => void) | null = null;
  /** Told when the pointer has moved in a panel of this window. */
  onHover: () => void = () => {};
  private readonly pace = new Pace();
  private readonly turns = new Turns();
  /** Hears of a message once the frame is painted in which it was sent. */
  private readonly painted = new MessageChannel();
  private undrawn: number[] = [];
  private frame = 0;
  private timer = 0;

  /** `also` hears every update after the panels have. */
  constructor(private readonly also: (update: Update) => void) {
    this.time.onChange(() => this.requestFrame());
    this.painted.port1.onmessage = ({ data: [panels, since, waiting] }) =>
      this.turns.took(panels, performance.now() - since, waiting);
    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.timer);
      if (document.hidden) return;
      for (const panel of this.panels.values()) panel.returned();
      // Before the first frame, which then has the present in it.
      this.answer();
      this.requestFrame();
    });
  }

  add(panel: Drawn): void {
    this.panels.set(panel.id, panel);
    this.watching.set(panel.source.watchId, panel);
    const heard = () => {
      panel.timeChanged();
      this.requestFrame();
      // Where it points to is another moment now.
      if (this.hover?.panel === panel.id) this.onHover();
    };
    this.hearing.set(panel, panel.source.time.onChange(heard));
    this.requestFrame();
  }

  remove(panel: Drawn): void {
    this.watching.delete(panel.source.watchId);
    this.hearing.get(panel)?.();
    this.hearing.delete(panel);
    if (this.panels.get(panel.id) === panel) {
      this.panels.delete(panel.id);
      this.drawnOf.delete(panel.id);
    }
    if (this.hover?.panel === panel.id) this.hover = null;
  }

  /** There is an update to take. */
  news(): void {
    const waitMs = this.pace.wait(performance.now());
    if (waitMs < 1) this.take();
    else setTimeout(() => this.take(), waitMs);
  }

  private take(): void {
    // It fails when the application is going, and then there are no more.
    host.takeUpdate().then(
      (update) => {
        if (update) this.heard(update);
      },
      () => {},
    );
  }

  private heard(update: Update): void {
    this.pace.heard(performance.now());
    this.time.heard(update.now_ms);
    // First, so that the update is answered whatever becomes of the rest.
    this.undrawn.push(update.number);
    this.requestFrame();
    for (const change of update.panels) {
      const panel = this.watching.get(change.panel);
      try {
        panel?.apply(update.number, change);
      } catch (trouble) {
        panel?.onTrouble(trouble);
      }
    }
    this.also(update);
  }

  setHover(hover: Hover | null): void {
    this.hover = hover;
    this.requestFrame();
    this.onHover();
  }

  /** Marks the moment that is pointed at in another window; `null`: nowhere any more. */
  pointElsewhere(ms: (() => number) | null): void {
    // Where the pointer is in this window, it is not in another.
    if (!ms && this.hover?.panel !== ELSEWHERE) return;
    this.hover = ms && { panel: ELSEWHERE, x: 0, y: 0, ms };
    this.requestFrame();
  }

  /** Whether what is marked is pointed at here. */
  get pointsHere(): boolean {
    return this.hover !== null && this.hover.panel !== ELSEWHERE;
  }

  /** The time in which it is pointed: that of all, or of the panel that has its own. */
  get pointedTime(): TimeWindow {
    return this.panels.get(this.hover?.panel ?? ELSEWHERE)?.source.time ?? this.time;
  }

  /** Everything is to be drawn anew. */
  redraw(): void {
    for (const panel of this.panels.values()) panel.redraw();
  }

  requestFrame(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame((now) => this.draw(now));
  }

  private draw(frameAt: number): void {
    this.frame = 0;
    this.pace.frame(frameAt);
    const since = performance.now();
    const { drew, waiting } = this.turns.take(
      [...this.panels.values()],
      this.panels.get(this.hover?.panel ?? ELSEWHERE),
      (panel) => this.drawPanel(panel),
    );
    let nextMs = waiting ? 0 : IDLE_MS_MAX;
    let { following } = this.time;
    for (const panel of this.panels.values()) {
      if (!panel.source.time.following) continue;
      following = true;
      nextMs = Math.min(nextMs, panel.nextColumnInMs());
    }
    for (const one of this.beside) {
      try {
        one.draw();
      } catch (trouble) {
        one.onTrouble(trouble);
      }
    }
    if (drew > 0) {
      this.framesDrawn += 1;
      this.painted.port2.postMessage([drew, since, waiting]);
    }
    this.answer();
    clearTimeout(this.timer);
    if (document.hidden || !(following || waiting)) return;
    // A timer ends somewhere within a frame; the one after it would be too late.
    if (nextMs < 2 * FRAME_MS) this.requestFrame();
    else this.timer = window.setTimeout(() => this.requestFrame(), nextMs);
  }

  private drawPanel(panel: Drawn): boolean {
    // A panel that fails costs itself: without "drawn", no update would come any more.
    try {
      const drew = panel.draw();
      panel.point(this.hover);
      if (drew) this.drawnOf.set(panel.id, (this.drawnOf.get(panel.id) ?? 0) + 1);
      return drew;
    } catch (trouble) {
      panel.onTrouble(trouble);
      return false;
    }
  }

  private answer(): void {
    for (const number of this.undrawn) {
      // Nobody to hear it means that nobody waits for it either.
      host.drawn(number).catch(() => {});
    }
    this.undrawn.length = 0;
  }
}
