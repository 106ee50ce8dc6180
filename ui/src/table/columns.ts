// The columns of a table of traces: what they show of one, and how it is put in order by them.

import { clock } from '../lib/format';
import { language } from '../words/language.svelte';
import { type Key, say } from '../words/say';

export const COLUMNS = [
  'name',
  'latest',
  'age',
  'course',
  'change',
  'min',
  'max',
  'mean',
  'rate',
] as const;

export type ColumnName = (typeof COLUMNS)[number];

const TITLES = {
  name: 'table_name',
  latest: 'table_latest',
  course: 'table_course',
  change: 'table_change',
  min: 'table_min',
  max: 'table_max',
  mean: 'table_mean',
  rate: 'table_rate',
  age: 'table_age',
} as const satisfies Record<ColumnName, Key>;

export const columnTitle = (column: ColumnName): string => say(TITLES[column]);

/** What is known of a trace. */
export interface Row {
  /** Which of the traces it is. */
  trace: number;
  name: string;
  latest: number | null;
  /** What the latest number stands for, where that is a text; such a row has no other numbers. */
  text: string | null;
  change: number | null;
  min: number | null;
  max: number | null;
  mean: number | null;
  /** Samples in a second. */
  rate: number | null;
  /** In milliseconds. */
  age: number | null;
}

export interface Order {
  by: ColumnName;
  down: boolean;
}

/** In order; what is not known comes last, whichever way. What is equal stays as it was given. */
export function inOrder(rows: readonly Row[], order: Order | null): Row[] {
  if (!order) return [...rows];
  const { by, down } = order;
  const turn = down ? -1 : 1;
  if (by === 'name') {
    const { compare } = new Intl.Collator(language(), { numeric: true });
    return [...rows].sort((a, b) => turn * compare(a.name, b.name) || a.trace - b.trace);
  }
  if (by === 'latest' && rows.some(({ text }) => text !== null)) {
    const { compare } = new Intl.Collator(language(), { numeric: true });
    // Numbers, texts, and what is not known.
    const rank = ({ latest, text }: Row) => (text !== null ? 1 : latest !== null ? 0 : 2);
    return [...rows].sort((a, b) => {
      if (rank(a) !== rank(b)) return rank(a) - rank(b) || a.trace - b.trace;
      const order =
        a.text !== null && b.text !== null
          ? compare(a.text, b.text)
          : (a.latest ?? 0) - (b.latest ?? 0);
      return turn * order || a.trace - b.trace;
    });
  }
  // A course is put in order by what became of it.
  const column = by === 'course' ? 'change' : by;
  return [...rows].sort((a, b) => {
    const [x, y] = [a[column], b[column]];
    if (x === null || y === null)
      return Number(x === null) - Number(y === null) || a.trace - b.trace;
    return turn * (x - y) || a.trace - b.trace;
  });
}

/** What follows when someone chooses a column: largest first, the other way round, as given. */
export function nextOrder(order: Order | null, by: ColumnName): Order | null {
  const first = by !== 'name';
  if (order?.by !== by) return { by, down: first };
  return order.down === first ? { by, down: !first } : null;
}

/** Rows as other programs take them: with all their figures, and without anything to be run. */
export function toTsv(rows: readonly Row[]): string {
  const columns = COLUMNS.filter((column) => column !== 'course');
  const cell = (text: string) => {
    const line = text.replace(/[\t\r\n]+/g, ' ');
    // A name comes from a feed, and could be a formula to whoever pastes it.
    return /^[=+\-@]/.test(line) ? `'${line}` : line;
  };
  const value = (row: Row, column: (typeof columns)[number]) => {
    const known = column === 'latest' ? (row.text ?? row.latest) : row[column];
    if (typeof known === 'string') return cell(known);
    if (known === null || !Number.isFinite(known)) return '';
    return String(column === 'age' ? known / 1000 : known);
  };
  const head = columns.map((column) =>
    column === 'age' ? say('table_age_seconds') : columnTitle(column),
  );
  return [head, ...rows.map((row) => columns.map((column) => value(row, column)))]
    .map((line) => line.join('\t'))
    .join('\n');
}

/** Of when the table is. */
export const spanOf = (fromMs: number, toMs: number): string =>
  say('table_view', { from: clock(fromMs, 1000), to: clock(toMs, 1000) });
