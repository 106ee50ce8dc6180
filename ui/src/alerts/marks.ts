// The alerts of a panel's series, over its canvas: thresholds as dashed lines, and where an alert
// fired a labelled tick at the top edge.

import type { Alert } from '../generated/Alert';
import type { AlertEvent } from '../generated/AlertEvent';
import type { Trace } from '../generated/Trace';
import type { Overlay, OverlayView } from '../plot/plot';
import { placer } from '../plot/scale';
import './marks.css';

/** More in one view are not told apart; the newest are shown. */
const TICKS_MAX = 50;
/** A label of a few letters and its air: closer ticks are not labelled. */
const LABEL_PX = 72;
/** Twelve lines over a chart are a grid, and no thresholds any more. */
const LINES_MAX = 12;

export interface Mark {
  beginMs: number;
  endMs: number | null;
  firing: boolean;
  name: string;
}

export interface Line {
  at: number;
  name: string;
}

interface Series {
  feed: string;
  channel: string;
  path: string;
}

const isOf = (traces: readonly Trace[], field: Series | null): boolean =>
  field !== null &&
  traces.some(
    (trace) =>
      trace.feed === field.feed && trace.channel === field.channel && trace.path === field.path,
  );

/** The thresholds of alerts on any of these. */
export function linesOf(
  alerts: readonly Alert[],
  traces: readonly Trace[],
  nameOf: (alert: Alert) => string,
): Line[] {
  const lines = alerts.flatMap((alert) => {
    const { what } = alert;
    if (!alert.enabled || !('field' in what) || !isOf(traces, what.field)) return [];
    const name = nameOf(alert);
    if (what.on === 'above' || what.on === 'below') return [{ at: what.value, name }];
    if (what.on === 'outside') return [what.low, what.high].map((at) => ({ at, name }));
    return [];
  });
  return lines.slice(0, LINES_MAX);
}

/** When alerts on any of these fired, or on the feed of one: the newest first. */
export function marksOf(events: readonly AlertEvent[], traces: readonly Trace[]): Mark[] {
  const feeds = new Set(traces.map((trace) => trace.feed));
  return events
    .filter((event) => (event.field ? isOf(traces, event.field) : feeds.has(event.feed)))
    .map((event) => ({
      beginMs: event.begin_ms,
      endMs: event.end_ms,
      firing: event.firing,
      name: event.name,
    }));
}

export interface Tick {
  /** In CSS pixels from the left edge. */
  at: number;
  mark: Mark;
  labelled: boolean;
}

/** The ticks of a view, the newest first; where two are close, the newer has the label. */
export function ticksOf(marks: readonly Mark[], view: OverlayView): Tick[] {
  const { fromMs, toMs, width } = view;
  const ticks: Tick[] = [];
  let labelledAt = Number.POSITIVE_INFINITY;
  for (const mark of marks) {
    if (mark.beginMs < fromMs || mark.beginMs > toMs) continue;
    const at = Math.round(((mark.beginMs - fromMs) / (toMs - fromMs)) * width);
    const labelled = labelledAt - at >= LABEL_PX;
    if (labelled) labelledAt = at;
    ticks.push({ at, mark, labelled });
    if (ticks.length === TICKS_MAX) break;
  }
  return ticks;
}

/** Where a value is, in CSS pixels from the top of the overlay; `null` out of sight. */
export function heightOf(value: number, view: OverlayView): number | null {
  const { scale, top, height } = view;
  if (!scale || !(value >= scale.least && value <= scale.greatest)) return null;
  return Math.round(placer(scale, top, height)(value));
}

export class AlertMarks implements Overlay {
  readonly element = document.createElement('div');
  private marks: readonly Mark[] = [];
  private lines: readonly Line[] = [];
  private readonly ticks: HTMLElement[] = [];
  private readonly rules: HTMLElement[] = [];

  constructor() {
    this.element.className = 'plot-alerts';
    // What it shows is in the list and in the log, for who cannot see it.
    this.element.setAttribute('aria-hidden', 'true');
  }

  set(marks: readonly Mark[], lines: readonly Line[]): void {
    this.marks = marks;
    this.lines = lines;
  }

  show(view: OverlayView): void {
    const ticks = ticksOf(this.marks, view);
    resized(this.ticks, ticks.length, this.element, 'plot-alert');
    ticks.forEach(({ at, mark, labelled }, n) => {
      const element = this.ticks[n] as HTMLElement;
      const transform = `translateX(${at}px)`;
      if (element.style.transform !== transform) element.style.transform = transform;
      const text = labelled ? mark.name : '';
      const label = element.firstChild as HTMLElement;
      if (label.textContent !== text) label.textContent = text;
      element.classList.toggle('firing', mark.firing);
    });
    const seen = this.lines.flatMap((line) => {
      const top = heightOf(line.at, view);
      return top === null ? [] : [{ top, name: line.name }];
    });
    resized(this.rules, seen.length, this.element, 'plot-threshold');
    seen.forEach(({ top, name }, n) => {
      const element = this.rules[n] as HTMLElement;
      const transform = `translateY(${top}px)`;
      if (element.style.transform !== transform) element.style.transform = transform;
      const label = element.firstChild as HTMLElement;
      if (label.textContent !== name) label.textContent = name;
    });
  }
}

/** Has as many elements of a class as wanted, each with a place for a label. */
function resized(elements: HTMLElement[], count: number, into: HTMLElement, name: string): void {
  while (elements.length > count) elements.pop()?.remove();
  while (elements.length < count) {
    const element = document.createElement('div');
    element.className = name;
    element.append(document.createElement('span'));
    into.append(element);
    elements.push(element);
  }
}
