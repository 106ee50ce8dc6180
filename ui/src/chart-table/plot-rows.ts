// The rows of a chart over time: a column of it each, and each of its gaps.

import { clock, NOTHING } from '../lib/format';
import type { Source } from '../live/source';
import { bandLine } from '../plot/bands';
import { concerns } from '../plot/gap-starts';
import type { Lane } from '../plot/key-cursor';
import type { Painter } from '../plot/painter';
import { say, sayParts } from '../words/say';
import { type ChartRows, entries } from './rows';

interface Cells {
  heads: readonly string[];
  cells(ms: number): readonly string[];
}

/** What stands in a row, where the painter does not say: what is said of each of its lanes. */
function cellsOf(painter: Painter, lanes: readonly Lane[], anyMs: number): Cells {
  const said = (ms: number) =>
    lanes.map(({ y, reading }) => painter.readings(ms, 0, y)[reading ?? 0]);
  return {
    heads: said(anyMs).map((reading) => reading?.name ?? ''),
    cells: (ms) => said(ms).map((reading) => reading?.text ?? NOTHING),
  };
}

export function plotRows(painter: Painter, source: Source, lanes: readonly Lane[]): ChartRows {
  const { columns, range, time, traces } = source;
  const { columnMs } = columns;
  const { heads, cells } = painter.table?.() ?? cellsOf(painter, lanes, range.fromMs);
  const shown = lanes.map(
    (lane) =>
      painter.stops?.(lane, range.fromMs / columnMs, range.toMs / columnMs) ??
      columns.traces[lane.trace],
  );
  const of = lanes.flatMap(({ trace }) => traces[trace] ?? []);
  const gaps = columns.gaps.filter((gap) => of.some((trace) => concerns(gap, trace)));
  const found = entries(shown, columnMs, range, gaps);
  const nowMs = time.nowMs();
  const resolution = Math.min(1000, columnMs);
  return {
    head: say('chart_table_time'),
    heads,
    count: found.length,
    at: (n) => {
      const { ms, gap } = found[n] ?? { ms: 0, gap: null };
      const head = clock(ms, resolution);
      if (!gap) return { key: `${ms}`, head, cells: cells(ms + columnMs / 2) };
      const band = { left: 0, right: 0, cause: gap.cause, gaps: [gap] };
      const text = say('plot_gap', {
        gap: bandLine(band, nowMs),
        why: sayParts(gap.said, gap.story),
      });
      return { key: `${ms} ${gap.cause} ${n}`, head, cells: [], gap: { cause: gap.cause, text } };
    },
  };
}
