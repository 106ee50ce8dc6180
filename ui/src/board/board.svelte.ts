// The board that is open: its panels and what they draw, and its saving.

import * as host from '$host';
import type { Board } from '../generated/Board';
import type { Panel } from '../generated/Panel';
import type { Trace } from '../generated/Trace';
import { say, saysAnywhere } from '../words/say';
import { sameSeries } from './trace';

// Saved at once when something changes, and then no more often than this: a drag makes hundreds
// of changes, and a window that is closed right after one must still find it saved.
const SAVE_MS = 250;
// More lines than this in one chart cannot be told apart.
const TRACES_MAX = 16;

export class BoardState {
  name = $state('');
  spanMs = $state(60_000);
  panels: Panel[] = $state.raw([]);
  selectedId: string | null = $state(null);
  layout: unknown = null;
  private feedscope = 1;
  private saveTimer = 0;
  private unsaved = false;

  constructor(private readonly onTrouble: (trouble: unknown) => void) {
    addEventListener('pagehide', () => this.flush());
  }

  get selected(): Panel | undefined {
    return this.panels.find((panel) => panel.id === this.selectedId);
  }

  get(id: string): Panel | undefined {
    return this.panels.find((panel) => panel.id === id);
  }

  start(board: Board): void {
    this.feedscope = board.feedscope;
    this.name = board.name;
    this.spanMs = board.span_ms > 0 ? board.span_ms : 60_000;
    this.panels = board.panels;
    this.layout = board.layout;
  }

  setSpan(spanMs: number): void {
    this.spanMs = spanMs;
    this.save();
  }

  setLayout(layout: unknown): void {
    this.layout = layout;
    this.save();
  }

  rename(id: string, title: string): void {
    this.change(id, (panel) => ({ ...panel, title }));
  }

  addPanel(title = say('panel_new'), unit: Panel['unit'] = 'none'): Panel {
    const panel: Panel = { id: crypto.randomUUID(), title, unit, range: null, traces: [] };
    this.panels = [...this.panels, panel];
    this.selectedId = panel.id;
    this.save();
    return panel;
  }

  removePanel(id: string): void {
    this.panels = this.panels.filter((panel) => panel.id !== id);
    if (this.selectedId === id) this.selectedId = null;
    this.save();
  }

  removeFeed(feed: string): void {
    this.panels = this.panels.map((panel) =>
      panel.traces.some((trace) => trace.feed === feed)
        ? { ...panel, traces: panel.traces.filter((trace) => trace.feed !== feed) }
        : panel,
    );
    this.save();
  }

  isPlotted(feed: string, channel: string, path: string): boolean {
    const wanted = { feed, channel, path };
    return this.panels.some((panel) => panel.traces.some((trace) => sameSeries(trace, wanted)));
  }

  /** A field's unit is that of the panel it is drawn in, or that its channel is drawn in. */
  unitOf(feed: string, channel: string, path: string): Panel['unit'] {
    let found: Panel['unit'] = 'none';
    for (const panel of this.panels) {
      for (const trace of panel.traces) {
        if (trace.feed !== feed || trace.channel !== channel) continue;
        if (trace.path === path) return panel.unit;
        found = panel.unit;
      }
    }
    // A share of something is not in the unit of what it is a share of.
    return /percent$/i.test(path) ? 'percent' : found;
  }

  /** Draws a field where it fits, or takes it off the board if it is drawn anywhere. */
  togglePlotted(feed: string, channel: string, path: string): void {
    const wanted = { feed, channel, path };
    if (this.isPlotted(feed, channel, path)) {
      this.panels = this.panels.map((panel) => ({
        ...panel,
        traces: panel.traces.filter((trace) => !sameSeries(trace, wanted)),
      }));
      this.save();
      return;
    }
    const sibling = this.panels.find((panel) =>
      panel.traces.some((trace) => trace.feed === feed && trace.channel === channel),
    );
    const unit = this.unitOf(feed, channel, path);
    const home =
      [this.selected, sibling].find((panel) => panel && fits(panel, wanted, unit)) ??
      this.addPanel(channel || path, unit);
    const color = this.freeColor(home);
    const title =
      home.traces.length === 0 && saysAnywhere('panel_new', home.title) ? channel || path : null;
    this.change(home.id, (panel) => ({
      ...panel,
      title: title ?? panel.title,
      unit,
      traces: [...panel.traces, { ...wanted, label: null, color }],
    }));
    this.selectedId = home.id;
  }

  private freeColor(panel: Panel): number {
    const taken = new Set(panel.traces.map((trace) => trace.color));
    let color = 0;
    while (taken.has(color)) color += 1;
    return color;
  }

  private change(id: string, to: (panel: Panel) => Panel): void {
    this.panels = this.panels.map((panel) => (panel.id === id ? to(panel) : panel));
    this.save();
  }

  private save(): void {
    this.unsaved = true;
    if (this.saveTimer !== 0) return;
    this.flush();
    this.saveTimer = window.setTimeout(() => {
      this.saveTimer = 0;
      this.flush();
    }, SAVE_MS);
  }

  private flush(): void {
    if (!this.unsaved) return;
    this.unsaved = false;
    host
      .boardSave({
        feedscope: this.feedscope,
        name: this.name,
        span_ms: this.spanMs,
        // The application keeps these itself, as feeds are added and removed.
        feeds: [],
        panels: this.panels,
        layout: this.layout,
      })
      .catch(this.onTrouble);
  }
}

/** Whether a field belongs into a panel: that is empty, or draws its channel in its unit already. */
function fits(panel: Panel, wanted: Pick<Trace, 'feed' | 'channel'>, unit: Panel['unit']): boolean {
  if (panel.traces.length >= TRACES_MAX) return false;
  return (
    panel.traces.length === 0 ||
    (panel.unit === unit &&
      panel.traces.some((trace) => trace.feed === wanted.feed && trace.channel === wanted.channel))
  );
}
