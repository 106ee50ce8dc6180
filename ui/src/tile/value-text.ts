// What cells of numbers and gauges write alike: how a value is written, how old it is, and what
// level it has reached.

import type { Mark } from '../generated/Mark';
import type { Unit } from '../generated/Unit';
import { figures, formOf, HeldForm } from './figures';
import { levelWord, reached } from './level';
import { mark, part, write } from './parts';
import type { Seen } from './seen';
import { joined, stale } from './stale';
import type { Moment, Tile } from './tile';

export interface Asked {
  unit: Unit;
  digits: number | null;
  /** In order. */
  marks: readonly Mark[];
  /** What a trace's number stands for, where that is a text. */
  textOf?: (n: number, value: number) => string | undefined;
}

// A text that is longer is cut, rather than made so small.
const TEXT_CHARACTERS_MAX = 16;

/** The text of one number that changes, and what stands beside it. */
export class ValueText {
  readonly held = new HeldForm();
  /** The most characters that it had at once, since its form is this. */
  characters = 0;
  /** What is shown, if that is a text. */
  text: string | undefined;
  private readonly number: HTMLElement;
  private readonly unit: HTMLElement;
  private readonly level: HTMLElement;
  private readonly age: HTMLElement;

  constructor(readonly element: HTMLElement) {
    this.number = part(element, 'figures');
    this.unit = part(element, 'unit');
    this.level = part(element, 'level');
    this.age = part(element, 'age');
  }

  forget(): void {
    this.held.forget();
    this.characters = 0;
  }

  show(n: number, tile: Tile, shown: Seen, moment: Moment, asked: Asked): void {
    const { value, min, max } = shown;
    this.text = value === null ? undefined : asked.textOf?.(n, value);
    mark(this.element, 'text', this.text === undefined ? null : '');
    if (this.text !== undefined) {
      this.held.forget();
      this.characters = Math.min(TEXT_CHARACTERS_MAX, this.text.length);
      write(this.number, this.text);
      write(this.unit, '');
      mark(this.element, 'level', null);
      write(this.level, '');
      this.showAge(n, tile, shown, moment);
      return;
    }
    const known = [value, min, max].filter((n) => n !== null && Number.isFinite(n)) as number[];
    const extent: [number, number] | null =
      known.length > 0 ? [Math.min(...known), Math.max(...known)] : null;
    const wanted = formOf(extent, shown.whole, asked.unit, asked.digits);
    // Nothing says nothing of how what comes next is to be written.
    if ((extent || !this.held.form) && this.held.hold(wanted, moment.nowMs)) this.characters = 0;
    const form = this.held.form ?? wanted;
    const written = figures(value, form);
    write(this.number, written);
    write(this.unit, value === null ? '' : form.unit);
    this.characters = Math.max(this.characters, written.length);

    const reachedMark = reached(asked.marks, value);
    mark(this.element, 'level', reachedMark?.level ?? null);
    write(this.level, levelWord(reachedMark));

    this.showAge(n, tile, shown, moment);
  }

  private showAge(n: number, tile: Tile, shown: Seen, moment: Moment): void {
    const found = stale(n, tile, shown, moment);
    mark(this.element, 'old', found?.old ? '' : null);
    // How its feed is stands there already, if that is not well.
    const down = this.element.classList.contains('down');
    // A text that is not seen need not be made.
    const text = found && (found.old || down) ? joined(down ? '' : found.gap, found.since) : '';
    write(this.age, text);
  }
}
