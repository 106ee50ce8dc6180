// How one number is written while it changes: with the same unit and the same decimals as long as
// that will do, so that digits do not jump. What is written once only is written by lib/format.

import type { Unit } from '../generated/Unit';
import { BYTE_STEPS, byteScale, decimalsOf, fixed, NOTHING } from '../lib/format';
import { niceStep } from '../plot/ticks';

export interface Form {
  /** What one of the unit stands for. */
  by: number;
  decimals: number;
  /** As it is written behind the figures; empty for plain numbers. */
  unit: string;
}

// As many figures as one takes in at a glance.
const FIGURES_MAX = 9;
// A change of this part of all that is shown is worth a figure.
const FINE = 100;
// A form that has more than is needed is kept for a while: it may be needed again.
const KEEP_MS = 5000;

/** The form for values of this extent. `digits`: as many decimals as someone wants. */
export function formOf(
  extent: [number, number] | null,
  whole: boolean,
  unit: Unit,
  digits: number | null,
): Form {
  const [least, greatest] = extent ?? [0, 0];
  const top = Math.max(Math.abs(least), Math.abs(greatest));
  const wanted = digits === null ? null : Math.max(0, Math.min(FIGURES_MAX, Math.round(digits)));
  if (unit === 'percent') return { by: 1, decimals: wanted ?? 1, unit: '%' };
  if (unit === 'bytes' || unit === 'bytes-per-second') {
    const scale = byteScale(top);
    const name = `${BYTE_STEPS[scale]}${unit === 'bytes' ? '' : '/s'}`;
    const by = 1000 ** scale;
    // A tenth of them says little of gigabytes of which a few come and go.
    const fine = decimalsOf(niceStep((greatest - least) / by / FINE));
    const decimals = scale === 0 ? 0 : Math.max(1, Math.min(2, fine));
    return { by, decimals: wanted ?? decimals, unit: name };
  }
  if (wanted !== null) return { by: 1, decimals: wanted, unit: '' };
  if (whole) return { by: 1, decimals: 0, unit: '' };
  const before = top >= 1 ? Math.floor(Math.log10(top)) + 1 : 1;
  const usual = top >= 1e6 ? 0 : top >= 1000 ? 2 : top >= 1 ? 4 - before : decimalsOf(top) + 3;
  const fine = greatest > least ? decimalsOf(niceStep((greatest - least) / FINE)) : 0;
  const room = Math.max(usual, FIGURES_MAX - before);
  return { by: 1, decimals: Math.max(0, Math.min(9, room, Math.max(usual, fine))), unit: '' };
}

/** The figures alone, without the unit. */
export function figures(n: number | null, { by, decimals }: Form): string {
  if (n === null || !Number.isFinite(n)) return NOTHING;
  const text = fixed(n / by, decimals);
  // What rounds to nothing is not less than nothing.
  return /[1-9]/.test(text) ? text : fixed(0, decimals);
}

/** With its sign, also where it is more. */
export function signedFigures(n: number, form: Form): string {
  const text = figures(n, form);
  return n > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** The form in use: it grows at once, and shrinks late. */
export class HeldForm {
  form: Form | null = null;
  private enoughAt = 0;

  /** `true` if it is another than before. */
  hold(wanted: Form, nowMs: number): boolean {
    const { form } = this;
    if (form && wanted.by === form.by && wanted.decimals === form.decimals) {
      this.enoughAt = nowMs;
      return this.take(wanted, wanted.unit !== form.unit);
    }
    const less =
      form && wanted.by <= form.by && (wanted.by < form.by || wanted.decimals < form.decimals);
    if (less && nowMs - this.enoughAt < KEEP_MS) return false;
    this.enoughAt = nowMs;
    return this.take(wanted, true);
  }

  forget(): void {
    this.form = null;
  }

  private take(wanted: Form, other: boolean): boolean {
    if (other) this.form = wanted;
    return other;
  }
}
