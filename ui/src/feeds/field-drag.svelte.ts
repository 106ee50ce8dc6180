// Fields that are dragged out of the list onto the board, by pointer events: those of the browser's
// own dragging are swallowed where a webview takes dropped files, and a finger has none.

import type { Place } from '../board/dock';
import { type Brought, refusal } from '../board/take';
import type { Panel } from '../generated/Panel';

/** What the board is to what is dragged over it. */
export interface Landing {
  /** What lies under a point; `null` outside of the board. */
  at(x: number, y: number): Place | null;
  panel(id: string): Panel | undefined;
  /** Draws the fields in a panel that is there. */
  add(panel: string, fields: readonly Brought[]): void;
  /** Draws the fields in new panels; without a place where there is most room. */
  make(fields: readonly Brought[], place: Place | null): void;
}

export interface Aim {
  place: Place | null;
  /** The panel that takes them; `null` where new ones are made. */
  into: Panel | null;
  /** Why nothing would come of it. */
  refused: string | null;
}

// What moves less was a click.
const BEGINS_PX = 5;

export class FieldDrag {
  /** The board, while one is there. */
  landing: Landing | null = null;
  fields: readonly Brought[] = $state.raw([]);
  x = $state(0);
  y = $state(0);
  /** Where it would go; `null` where nothing would come of it. */
  aim: Aim | null = $state.raw(null);
  /** What takes fields beside the board: it is told by an event `fields`. */
  taker: HTMLElement | null = $state.raw(null);
  private stop: (() => void) | null = null;

  get on(): boolean {
    return this.fields.length > 0;
  }

  /**
   * A pointer was pressed on fields. They are dragged once it moves; `began` is told, and answers
   * with what is dragged, since that is chosen only then.
   */
  press(event: PointerEvent, began: () => readonly Brought[]): void {
    this.end(false);
    const { pointerId, clientX, clientY } = event;
    const move = (next: PointerEvent) => {
      if (next.pointerId !== pointerId) return;
      if (!this.on) {
        if (Math.hypot(next.clientX - clientX, next.clientY - clientY) < BEGINS_PX) return;
        this.fields = began();
        if (!this.on) {
          this.end(false);
          return;
        }
      }
      next.preventDefault();
      // What lies beneath is not pointed at.
      next.stopPropagation();
      this.move(next.clientX, next.clientY);
    };
    const up = (last: PointerEvent) => {
      if (last.pointerId !== pointerId) return;
      const dropped = this.on;
      if (dropped) this.move(last.clientX, last.clientY);
      this.end(dropped);
      if (!dropped) return;
      // Nothing was pressed there, and the click that follows is none.
      last.stopPropagation();
      swallowClick();
    };
    const cancel = () => this.end(false);
    const key = (pressed: KeyboardEvent) => {
      if (pressed.key !== 'Escape' || !this.on) return;
      pressed.stopPropagation();
      pressed.preventDefault();
      cancel();
    };
    const off = [
      listen('pointermove', move),
      listen('pointerup', up),
      listen('pointercancel', cancel),
      // That of the window, not of what had the focus in it.
      listen('blur', (event) => event.target === window && cancel()),
      listen('keydown', key),
    ];
    this.stop = () => {
      for (const stop of off) stop();
    };
  }

  private move(x: number, y: number): void {
    this.x = x;
    this.y = y;
    const under = document.elementFromPoint(x, y);
    this.taker = under?.closest<HTMLElement>('[data-takes-fields]') ?? null;
    this.aim = this.landing && !this.taker ? aimAt(this.landing, x, y, this.fields) : null;
  }

  private end(drop: boolean): void {
    this.stop?.();
    this.stop = null;
    const { fields, aim, landing, taker } = this;
    this.fields = [];
    this.aim = null;
    this.taker = null;
    if (drop && taker) taker.dispatchEvent(new CustomEvent('fields', { detail: fields }));
    if (!drop || !landing || !aim || aim.refused !== null) return;
    if (aim.into) landing.add(aim.into.id, fields);
    else landing.make(fields, aim.place);
  }
}

/** What would come of fields that are let go at a point. */
export function aimAt(
  landing: Landing,
  x: number,
  y: number,
  fields: readonly Brought[],
): Aim | null {
  const place = landing.at(x, y);
  if (!place) return null;
  if (place.zone !== 'middle' || place.panel === null) return { place, into: null, refused: null };
  const into = landing.panel(place.panel) ?? null;
  return { place, into, refused: into ? refusal(into, fields) : null };
}

function listen<K extends keyof WindowEventMap>(
  name: K,
  heard: (event: WindowEventMap[K]) => void,
): () => void {
  window.addEventListener(name, heard, true);
  return () => window.removeEventListener(name, heard, true);
}

function swallowClick(): void {
  const swallow = (event: MouseEvent) => {
    event.stopPropagation();
    event.preventDefault();
  };
  window.addEventListener('click', swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 0);
}
