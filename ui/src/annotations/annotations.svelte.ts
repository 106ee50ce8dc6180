// What people say of moments and spans of time: where it is marked, what of it is edited, and the
// way from one to the next. The board keeps them.

import * as host from '$host';
import type { App } from '../app';
import type { Annotation } from '../generated/Annotation';
import type { AnnotationsFormat } from '../generated/AnnotationsFormat';
import { seriesVariable } from '../lib/theme';
import type { Pointed } from '../live/drawing';
import type { Moment, Part } from '../live/moments';
import { say } from '../words/say';
import {
  ANNOTATIONS_MAX,
  dragged,
  type End,
  endOf,
  merged,
  middleOf,
  nearest,
  onlyOf,
  shownOf,
  withTimes,
} from './list';
import { readMoment } from './moment-text';

// The application refuses larger ones, and need not be sent all of them for that.
const FILE_BYTES_MAX = 8 << 20;

/** What is edited. */
export interface Edited {
  annotation: Annotation;
  /** What it was before; `null`: it is new. */
  before: Annotation | null;
  /** The times that are written as none: it cannot be kept so. */
  wrong: readonly End[];
  /** Where it is on the screen. */
  at: DOMRect;
}

export class Annotations {
  /** Whether the list is open. */
  open = $state(false);
  /** The one that was gone to last. */
  current: string | null = $state(null);
  /** Where somebody asks what can be done. */
  asked: Pointed | null = $state.raw(null);
  /** What is edited of each board: it waits there while another is shown. */
  private editedOf: ReadonlyMap<string, Edited> = $state.raw(new Map());
  private dragged: Annotation | null = $state.raw(null);
  private lastColor = 0;

  constructor(private readonly app: App) {}

  get list(): readonly Annotation[] {
    return this.app.board.annotations;
  }

  /** What is edited of the board that is shown. */
  get edited(): Edited | null {
    return this.editedOf.get(this.app.board.id) ?? null;
  }

  private setEdited(edited: Edited | null): void {
    const all = new Map(this.editedOf);
    if (edited) all.set(this.app.board.id, edited);
    else all.delete(this.app.board.id);
    this.editedOf = all;
  }

  /** As plots mark them: what is edited or dragged as it is now. */
  get moments(): Moment[] {
    const { edited, dragged } = this;
    const now = [edited?.annotation, dragged].filter((one) => one !== null && one !== undefined);
    const others = this.list.filter(({ id }) => now.every((one) => one.id !== id));
    return [...others, ...now].map((one) => this.momentOf(one));
  }

  private momentOf(one: Annotation): Moment {
    return {
      id: one.id,
      ms: one.from_ms,
      toMs: one.to_ms,
      kind: 'note',
      text: one.text || say('annotation_empty'),
      color: seriesVariable(one.color),
      panel: one.panel,
      feed: one.feed,
      move: (ms, part) => this.drag(one, ms, part),
      put: () => this.drop(),
      open: (at) => this.edit(one.id, at),
    };
  }

  private drag(one: Annotation, ms: number, part: Part): void {
    const { edited } = this;
    if (edited?.annotation.id === one.id) {
      this.change((annotation) => dragged(annotation, ms, part));
    } else {
      this.dragged = dragged(this.dragged?.id === one.id ? this.dragged : one, ms, part);
    }
  }

  private drop(): void {
    const { dragged } = this;
    this.dragged = null;
    if (dragged) this.keep(dragged);
  }

  private keep(one: Annotation): void {
    this.app.board.setAnnotations(say('undo_annotation_edit'), (list) =>
      list.map((other) => (other.id === one.id ? one : other)),
    );
  }

  /** Begins one: of the span between A and B while that is measured, or else of a moment. */
  begin({ ms, at }: Pick<Pointed, 'ms' | 'at'>, panel?: string): void {
    const { measure, notices } = this.app;
    if (!this.settle()) return;
    if (this.list.length >= ANNOTATIONS_MAX) {
      notices.done(say('annotations_full', { max: ANNOTATIONS_MAX }));
      return;
    }
    const [from_ms, to_ms] = [Math.min(measure.a, measure.b), Math.max(measure.a, measure.b)];
    const annotation: Annotation = {
      id: crypto.randomUUID(),
      ...(measure.on && to_ms > from_ms ? { from_ms, to_ms } : { from_ms: ms }),
      text: '',
      color: this.lastColor,
      ...(panel !== undefined && { panel }),
    };
    this.setEdited({ annotation, before: null, wrong: [], at });
  }

  /** Begins one where the pointer is, or in the middle of what is shown. */
  beginHere(): void {
    const { hover, pointsHere, time } = this.app.drawing;
    const here = pointsHere ? hover : null;
    const area = (panel: string) =>
      document.querySelector(`[data-panel="${CSS.escape(panel)}"] .plot-area`);
    const element = here ? area(here.panel) : document.querySelector('.plot-area');
    const { left, top, width } = (element ?? document.body).getBoundingClientRect();
    const at = here ?? { x: width / 2, y: 40 };
    const { fromMs, toMs } = time.range(1, 1);
    const ms = hover?.ms() ?? (fromMs + toMs) / 2;
    this.begin({ ms, at: new DOMRect(left + at.x, top + at.y, 0, 0) });
  }

  edit(id: string, at: DOMRect): void {
    if (this.edited?.annotation.id === id || !this.settle()) return;
    const annotation = this.list.find((one) => one.id === id);
    if (annotation) this.setEdited({ annotation, before: annotation, wrong: [], at });
  }

  /** What is being written, as far as it is. */
  change(to: Partial<Annotation> | ((one: Annotation) => Annotation)): void {
    const { edited } = this;
    if (!edited) return;
    const { annotation } = edited;
    const changed = typeof to === 'function' ? to(annotation) : { ...annotation, ...to };
    // Another time takes the place of what was written for it.
    const wrong = edited.wrong.filter((end) => endOf(changed, end) === endOf(annotation, end));
    this.setEdited({ ...edited, annotation: changed, wrong });
  }

  /** Sets one of its times; without an end, it is a moment. */
  setTime(end: End, ms: number | null): void {
    const { edited } = this;
    if (!edited) return;
    this.setEdited({ ...edited, wrong: edited.wrong.filter((other) => other !== end) });
    this.change((one) =>
      end === 'from'
        ? withTimes(one, ms ?? one.from_ms, one.to_ms ?? null)
        : withTimes(one, one.from_ms, ms),
    );
  }

  /** Takes one of its times as it was written, or notes that it is none. */
  readTime(end: End, written: string): void {
    const { edited } = this;
    const ms = readMoment(written);
    if (ms !== null || (end === 'to' && written.trim() === '')) this.setTime(end, ms);
    else if (edited) this.setEdited({ ...edited, wrong: [...new Set([...edited.wrong, end])] });
  }

  /** Keeps what is edited. `false` if that cannot be, and it is still edited. */
  finish(): boolean {
    const { edited } = this;
    if (!edited) return true;
    const { annotation, before, wrong } = edited;
    if (wrong.length > 0) return false;
    this.setEdited(null);
    this.lastColor = annotation.color;
    if (annotation === before) return true;
    // It is not there if it is new, or was removed in another window meanwhile.
    if (this.list.some(({ id }) => id === annotation.id)) this.keep(annotation);
    else {
      const add = (list: readonly Annotation[]) => [...list, annotation];
      this.app.board.setAnnotations(say('undo_annotation_add'), add);
    }
    return true;
  }

  /** Makes room for another: keeps what is edited, but for a new one without a word. */
  private settle(): boolean {
    const { edited } = this;
    if (edited?.before === null && edited.annotation.text === '') this.cancel();
    return this.finish();
  }

  /** Leaves it as it was before. */
  cancel(): void {
    this.setEdited(null);
  }

  remove(id: string): void {
    if (this.edited?.annotation.id === id) this.cancel();
    this.app.board.setAnnotations(say('undo_annotation_remove'), (list) =>
      list.filter((one) => one.id !== id),
    );
    void this.app.undoable(say('annotation_removed'), say('undo_annotation_remove'));
  }

  goTo(one: Annotation): void {
    const time = this.app.times.of(one.panel ?? null);
    const shownMs = shownOf(one, time.shownMs);
    const middle = middleOf(one);
    time.show(middle - shownMs / 2, middle + shownMs / 2);
    this.current = one.id;
  }

  /** Goes to the one before or after what is shown. */
  step(direction: 'earlier' | 'later'): void {
    const { times } = this.app;
    const here = this.list.find(({ id }) => id === this.current);
    // What was gone to last may be of a panel that shows another time, and still be there.
    const { middleMs } = times.of(here?.panel ?? null);
    const isThere = here !== undefined && Math.abs(middleOf(here) - middleMs) < 1;
    const from = isThere ? middleOf(here) : times.of(null).middleMs;
    const next = nearest(this.list, from, direction);
    if (next) this.goTo(next);
    else {
      const none = direction === 'earlier' ? 'annotations_none_earlier' : 'annotations_none_later';
      this.app.notices.done(say(none));
    }
  }

  export(format: AnnotationsFormat): void {
    const { app } = this;
    app.try(async () => {
      const path = await host.annotationsExport(app.board.id, format);
      app.notices.done(say('annotations_exported', { path }), {
        name: say('picture_show'),
        act: () => app.try(() => host.exportShow(path)),
      });
    });
  }

  /** Takes those of a file. */
  import(file: File): void {
    const { app } = this;
    app.try(async () => {
      const text = await file.slice(0, FILE_BYTES_MAX + 1).text();
      const read = await host.annotationsRead(file.name, text);
      // What is of a panel or a feed that is not here is of the board.
      const { feeds, panels } = app.board.document;
      const known = new Set([...feeds, ...panels].map(({ id }) => id));
      const here = read.annotations.map((one) => onlyOf(one, known));
      const { left } = merged(this.list, here);
      app.board.setAnnotations(say('undo_annotations_import'), (list) => merged(list, here).list);
      const count = here.length - left;
      const lost = read.left_out + left;
      const texts = [say('annotations_imported', { count })];
      if (lost > 0) texts.push(say('annotations_left_out', { count: lost }));
      await app.undoable(texts.join(' '), say('undo_annotations_import'));
    });
  }
}
