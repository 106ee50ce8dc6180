// Keeps this window in step with the others: in what time all show, where the pointer is, what is
// measured. What is done here is told once a frame at most, in one question that also answers with
// what others did; what comes from there is shown and not told again.

import * as host from '$host';
import type { Chosen } from '../commands/bindings';
import type { Together } from '../generated/Together';
import type { Zone } from '../generated/Zone';
import { OneAtATime } from '../lib/one-at-a-time';
import type { Drawing } from '../live/drawing';
import type { Measure } from '../time/measure.svelte';

/** What is chosen for all windows has commands of its own, and is only heard of here. */
type Part = Exclude<keyof Together, keyof Choosing>;
interface Choosing {
  language(tag: string | null): void;
  shortcuts(chosen: Chosen): void;
}

type Pointing = Pick<
  Drawing,
  'time' | 'hover' | 'pointsHere' | 'pointedTime' | 'pointElsewhere' | 'onHover'
>;

export class InStep {
  /** This window shows what others do from its start on, and not what its board says. */
  follows = false;
  private readonly dirty = new Set<Part>();
  private adopting = false;
  private frame = 0;
  private viewsTold = 0;
  private readonly asker = new OneAtATime(() => this.exchange());

  constructor(
    private readonly drawing: Pointing,
    private readonly measure: Pick<Measure, 'between' | 'adopt' | 'onChange'>,
    private readonly zone: { now(): Zone; set(zone: Zone): void },
    private readonly choose: Choosing,
  ) {
    drawing.time.onChange(() => {
      this.changed('time');
      // Where it points to is another moment now.
      if (drawing.pointsHere) this.changed('cursor');
    });
    drawing.onHover = () => this.changed('cursor');
    measure.onChange = () => this.changed('measure');
  }

  /** From here on, it is in step. The first window says how. */
  start(isFirst: boolean): void {
    this.follows = !isFirst;
    this.dirty.clear();
    if (isFirst) for (const part of ['time', 'zone'] as const) this.dirty.add(part);
    this.asker.ask();
  }

  /** Other windows show something else. */
  told(): void {
    this.asker.ask();
  }

  /** Something is otherwise in this window. */
  changed(part: Part): void {
    if (this.adopting) return;
    this.dirty.add(part);
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.asker.ask();
    });
  }

  private async exchange(): Promise<void> {
    const shown = this.shown();
    this.dirty.clear();
    let others: Together;
    try {
      others = await host.together(shown);
    } catch {
      // The application is going, or the page is a window's that is no more.
      return;
    }
    this.adopting = true;
    try {
      this.adopt(others);
    } finally {
      this.adopting = false;
    }
  }

  /** What is to be told. */
  private shown(): Together {
    const { dirty } = this;
    const { time } = this.drawing;
    const shown: Together = {};
    if (dirty.has('time')) shown.time = time.shown;
    if (dirty.has('time') && time.viewsVersion !== this.viewsTold) {
      this.viewsTold = time.viewsVersion;
      shown.views = time.views;
    }
    if (dirty.has('zone')) shown.zone = this.zone.now();
    if (dirty.has('measure')) shown.measure = { between: this.measure.between };
    if (dirty.has('cursor')) {
      const ms = this.drawing.pointsHere ? (this.drawing.hover?.ms() ?? null) : null;
      // Where time is followed, what is pointed at is as long ago wherever it is drawn.
      const { following: ago } = this.drawing.pointedTime;
      shown.cursor = { ms: ms !== null && ago ? time.nowMs() - ms : ms, ago };
    }
    return shown;
  }

  private adopt({ time, views, zone, cursor, measure, ...chosen }: Together): void {
    const { dirty, drawing } = this;
    // What was done here meanwhile is told next, and stands.
    if (!dirty.has('time')) drawing.time.adopt(time, views);
    if (zone && !dirty.has('zone')) this.zone.set(zone);
    if (measure && !dirty.has('measure')) this.measure.adopt(measure.between);
    if (cursor && !dirty.has('cursor')) {
      const { ms, ago } = cursor;
      const at = (ms: number) => () => (ago ? drawing.time.nowMs() - ms : ms);
      drawing.pointElsewhere(ms === null ? null : at(ms));
    }
    if (chosen.language) this.choose.language(chosen.language.tag);
    if (chosen.shortcuts) this.choose.shortcuts(chosen.shortcuts);
  }
}
