// Where the panels are: the layout library behind a small face. Knows ids, and not what panels are.

import {
  createDockview,
  type DockviewApi,
  type IHeaderActionsRenderer,
  type SerializedDockview,
} from 'dockview';
import { say } from '../words/say';
import { changeOf, comesToTheSame, defaultRows, fits, rowsHigh } from './layout';
import { type Box, boxOf, edgeOf, type Zone, zoneIn } from './zones';

/** Fills an element for a panel, and answers with what empties it again. */
export type Fill = (element: HTMLElement, panel: string, visible: Visible) => () => void;

/** Tells whether the panel can be seen: of panels stacked into tabs only one can. */
export interface Visible {
  now: boolean;
  onChange(changed: (visible: boolean) => void): void;
}

/** Where on the board something that is dragged would go. */
export interface Place {
  /** `null` for the board itself: a side of all panels. */
  panel: string | null;
  zone: Zone;
  /** What it would take up, on the screen. */
  box: Box;
}

/** A board without panels: all of it is one place. */
export function placeIn(element: HTMLElement, x: number, y: number): Place | null {
  const box = element.getBoundingClientRect();
  return zoneIn(box, x, y) ? { panel: null, zone: 'middle', box } : null;
}

// So close to the edge of the board, all panels are meant and not the one that is there.
const EDGE_PX = 10;
const EDGE_SHARE = 0.25;
// Below this, axes leave no room for the data.
const PANEL_WIDTH_MIN_PX = 220;
const PANEL_HEIGHT_MIN_PX = 112;
// Where there are too many to be seen at once, one scrolls, and each is as high as this.
const ROW_SCROLLED_PX = 220;
// What begins to float has room for a chart, and leaves others in sight.
const FLOAT_SHARE = 0.4;
const FLOAT_WIDTH_PX = 360;
const FLOAT_HEIGHT_PX = 240;
const COMPONENT = 'panel';

export class Dock {
  private readonly api: DockviewApi;
  private quiet = true;
  /** How it was when it was last looked at. */
  private known: unknown = null;
  /** How it was when it was opened, if nothing said how it was to be. */
  private unarranged: unknown = null;
  private readonly roomChanges = new ResizeObserver(() => this.grow());
  /** Where panels go that are about to be added. */
  private readonly places = new Map<string, Position>();
  /** What panels are called, for who hears of them. */
  private names: ReadonlyMap<string, string> = new Map();
  /** The headers of panels, by their ids. */
  private readonly headers = new Map<string, HTMLElement>();

  constructor(
    private readonly element: HTMLElement,
    fillPanel: Fill,
    fillHeader: Fill,
    fillActions: Fill,
    private readonly onLayout: (layout: unknown, byHand: boolean) => void,
    onSelect: (panel: string) => void,
  ) {
    this.api = createDockview(element, {
      theme: { name: 'feedscope', className: 'dock', dndOverlayMounting: 'absolute' },
      singleTabMode: 'fullwidth',
      // So much of what floats stays in sight, whatever becomes of the room.
      floatingGroupBounds: 'boundedWithinViewport',
      disableTabsOverflowList: true,
      // The browser's own dragging ends where a desktop webview catches dropped files.
      dndStrategy: 'pointer',
      announcements: true,
      messages: {
        panelOpened: () => say('panel_opened'),
        panelClosed: () => say('panel_closed'),
      },
      createComponent: ({ id }) => renderer(id, 'dock-panel', fillPanel),
      createTabComponent: ({ id }) => {
        const header = renderer(id, 'dock-header', fillHeader);
        this.headers.set(id, header.element);
        return header;
      },
      createRightHeaderActionComponent: () => actions(fillActions, () => this.nameAll()),
    });
    this.api.onDidLayoutChange(() => {
      this.nameAll();
      if (this.quiet) return;
      this.grow();
      const layout = this.api.toJSON();
      const change = changeOf(this.known, layout);
      this.known = layout;
      if (change === 'moved' || change === 'followed') this.onLayout(layout, change === 'moved');
    });
    if (element.parentElement) this.roomChanges.observe(element.parentElement);
    this.api.onDidActivePanelChange(({ panel }) => {
      if (panel && !this.quiet) onSelect(panel.id);
    });
  }

  /**
   * Opens the saved layout, or the default one where that is of no use. What is there already, of
   * the same board, stays as it is. The default one has them in rows, or `stacked` into tabs.
   */
  open(layout: unknown, panels: readonly string[], same: boolean, stacked = false): void {
    const now = this.api.toJSON();
    // One that was never arranged, and is not again, lies as it did at first.
    const stays = layout
      ? !fits(layout, panels) || comesToTheSame(now, layout)
      : comesToTheSame(now, this.unarranged);
    if (same && stays && fits(now, panels)) return;
    this.quiet = true;
    const isSaved = this.openSaved(layout, panels, same);
    if (!isSaved) this.openDefault(panels, stacked);
    this.grow();
    this.known = this.api.toJSON();
    this.unarranged = isSaved ? null : this.known;
    this.quiet = false;
  }

  /** More rows than there is room for are scrolled. */
  private grow(): void {
    this.makeRoom(rowsHigh(this.api.toJSON()));
  }

  private makeRoom(rows: number): void {
    const room = this.element.parentElement?.clientHeight ?? 0;
    const grows = room > 0 && rows * PANEL_HEIGHT_MIN_PX > room;
    const height = grows ? `${rows * ROW_SCROLLED_PX}px` : '';
    if (this.element.style.height === height) return;
    this.element.style.height = height;
    // At once: what comes next is given its share of the room there is.
    if (room > 0) this.api.layout(this.element.clientWidth, this.element.clientHeight);
  }

  /**
   * These are seen in windows of their own: here, they only keep their place, for when they are back.
   * A group of which all are away takes no room, and of another their tabs are not there.
   */
  setAway(away: ReadonlySet<string>): void {
    let changed = false;
    this.quiet = true;
    for (const group of this.api.groups) {
      const ids = group.panels.map(({ id }) => id);
      const allAway = ids.length > 0 && ids.every((id) => away.has(id));
      if (group.api.isVisible === allAway) {
        group.api.setVisible(!allAway);
        changed = true;
      }
      for (const id of ids) {
        const tab = this.headers.get(id)?.closest<HTMLElement>('.dv-tab');
        if (tab) tab.hidden = !allAway && away.has(id);
      }
      const { activePanel } = group;
      if (allAway || !activePanel || !away.has(activePanel.id)) continue;
      group.panels.find(({ id }) => !away.has(id))?.api.setActive();
      changed = true;
    }
    if (changed) this.grow();
    this.quiet = false;
    if (!changed) return;
    this.known = this.api.toJSON();
    this.onLayout(this.known, false);
  }

  /** Whether a panel floats above the others. */
  floats(panel: string): boolean {
    return this.api.getPanel(panel)?.group.api.location.type === 'floating';
  }

  /** Has a panel float above the others, or lie among them again. */
  toggleFloat(id: string): void {
    const panel = this.api.getPanel(id);
    if (!panel) return;
    if (!this.floats(id)) {
      const [width, height] = [this.element.clientWidth, this.element.clientHeight];
      const wide = Math.min(width, Math.max(FLOAT_WIDTH_PX, width * FLOAT_SHARE));
      const high = Math.min(height, Math.max(FLOAT_HEIGHT_PX, height * FLOAT_SHARE));
      const [x, y] = [(width - wide) / 2, (height - high) / 2];
      this.api.addFloatingGroup(panel, { x, y, width: wide, height: high });
      return;
    }
    const place = this.largest();
    const beside =
      place && 'referencePanel' in place ? this.api.getPanel(place.referencePanel) : undefined;
    const group = beside?.group ?? this.api.addGroup({ direction: 'right' });
    const position = place?.direction === 'below' ? 'bottom' : 'right';
    panel.api.moveTo(beside ? { group, position } : { group });
  }

  /** The panels that are stacked into tabs with this one, and it itself. */
  groupOf(panel: string): string[] {
    return this.api.getPanel(panel)?.group.panels.map(({ id }) => id) ?? [];
  }

  /** Adds and removes, so that exactly these panels are there. */
  sync(panels: readonly string[]): void {
    for (const panel of [...this.api.panels]) {
      if (panels.includes(panel.id)) continue;
      this.api.removePanel(panel);
      this.headers.delete(panel.id);
    }
    for (const id of panels) {
      if (!this.api.getPanel(id)) this.add(id, this.placeOf(id));
    }
    this.places.clear();
  }

  /** What of the board lies under a point of the screen. */
  at(x: number, y: number): Place | null {
    const whole = this.element.getBoundingClientRect();
    const edge = this.api.groups.length > 1 ? edgeOf(whole, x, y, EDGE_PX) : null;
    if (edge) return { panel: null, zone: edge, box: boxOf(whole, edge, EDGE_SHARE) };
    // What floats lies above.
    const floats = ({ api }: (typeof this.api.groups)[number]) => api.location.type === 'floating';
    const groups = [...this.api.groups].sort((a, b) => Number(floats(b)) - Number(floats(a)));
    for (const group of groups) {
      if (!group.api.isVisible) continue;
      const box = group.element.getBoundingClientRect();
      const zone = zoneIn(box, x, y);
      const panel = group.activePanel?.id;
      if (zone && panel) return { panel, zone, box: boxOf(box, zone) };
    }
    return null;
  }

  /** Has panels that are about to be added go there, the second below the first. */
  place(panels: readonly string[], { panel, zone }: Pick<Place, 'panel' | 'zone'>): void {
    const [first, ...rest] = panels;
    if (!first || zone === 'middle') return;
    this.places.set(
      first,
      panel ? { referencePanel: panel, direction: zone } : { direction: zone },
    );
    let before = first;
    for (const id of rest) {
      this.places.set(id, { referencePanel: before, direction: 'below' });
      before = id;
    }
  }

  /** Says what panels are called. */
  name(names: ReadonlyMap<string, string>): void {
    this.names = names;
    this.nameAll();
  }

  /** Where the layout library would read out ids. */
  private nameAll(): void {
    for (const { activePanel, element, panels } of this.api.groups) {
      if (activePanel) label(element, this.names.get(activePanel.id));
      for (const { id } of panels) {
        label(element.querySelector(`[data-tab-panel-id="${CSS.escape(id)}"]`), this.names.get(id));
      }
    }
  }

  select(panel: string): void {
    const found = this.api.getPanel(panel);
    if (found && this.api.activePanel?.id !== panel) found.api.setActive();
  }

  destroy(): void {
    this.quiet = true;
    this.roomChanges.disconnect();
    this.api.dispose();
  }

  private openSaved(layout: unknown, panels: readonly string[], same: boolean): boolean {
    if (!fits(layout, panels)) return false;
    try {
      // A panel that stays need not ask for all its data again.
      this.api.fromJSON(layout as SerializedDockview, { reuseExistingPanels: same });
      return this.api.panels.length === panels.length;
    } catch {
      // A layout that the library refuses costs the arrangement, not the board.
      this.api.clear();
      return false;
    }
  }

  private openDefault(panels: readonly string[], stacked: boolean): void {
    this.api.clear();
    const rows = stacked ? [panels] : defaultRows(panels);
    this.makeRoom(rows.length);
    for (const [first, ...rest] of rows) {
      if (!first) continue;
      this.add(first, this.api.panels.length > 0 ? { direction: 'below' } : undefined);
      let before = first;
      for (const panel of rest) {
        this.add(panel, { referencePanel: before, direction: stacked ? 'within' : 'right' });
        before = panel;
      }
    }
  }

  private add(id: string, position?: Position): void {
    this.api.addPanel({
      id,
      component: COMPONENT,
      tabComponent: COMPONENT,
      minimumWidth: PANEL_WIDTH_MIN_PX,
      minimumHeight: PANEL_HEIGHT_MIN_PX,
      ...(position ? { position } : {}),
    } as Parameters<DockviewApi['addPanel']>[0]);
  }

  private placeOf(id: string): Position | undefined {
    const place = this.places.get(id);
    // What it is to lie beside may have gone meanwhile.
    const beside = place && 'referencePanel' in place ? place.referencePanel : null;
    return place && (beside === null || this.api.getPanel(beside)) ? place : this.largest();
  }

  /** A new panel halves the largest, along its longer side. */
  private largest(): Position | undefined {
    const seen = this.api.panels.filter(
      ({ group }) => group.api.isVisible && group.api.location.type === 'grid',
    );
    const [panel] = seen.sort((a, b) => b.api.width * b.api.height - a.api.width * a.api.height);
    // Without a place it would be stacked onto one that is not seen.
    if (!panel) return this.api.panels.length > 0 ? { direction: 'right' } : undefined;
    // Time runs from left to right: width is worth more than height.
    const direction = panel.api.width > panel.api.height * 2.2 ? 'right' : 'below';
    return { referencePanel: panel.id, direction };
  }
}

type Side = Exclude<Zone, 'middle'>;
type Position = { direction: Side } | { referencePanel: string; direction: Side | 'within' };

function label(element: Element | null, name: string | undefined) {
  if (element && name !== undefined && element.ariaLabel !== name) element.ariaLabel = name;
}

/** What stands in a group's header beside the tabs, for the panel that is in front. */
function actions(fill: Fill, changed: () => void): IHeaderActionsRenderer {
  const element = document.createElement('div');
  element.className = 'dock-actions';
  let empty: () => void = () => {};
  let heard: { dispose(): void } | undefined;
  let filled: string | undefined;
  return {
    element,
    init({ api, group }) {
      const show = () => {
        // The library says its own after this.
        queueMicrotask(changed);
        const id = group.activePanel?.id;
        if (id === filled) return;
        empty();
        empty = () => {};
        filled = id;
        if (id !== undefined) empty = fill(element, id, { now: true, onChange: () => {} });
      };
      heard = api.onDidActivePanelChange(show);
      show();
    },
    dispose() {
      heard?.dispose();
      empty();
    },
  };
}

function renderer(id: string, className: string, fill: Fill) {
  const element = document.createElement('div');
  element.className = className;
  let empty: () => void = () => {};
  let sight: IntersectionObserver | undefined;
  return {
    element,
    init(params: { api: { isVisible: boolean; onDidVisibilityChange: unknown } }) {
      const api = params.api as unknown as {
        isVisible: boolean;
        onDidVisibilityChange(heard: (event: { isVisible: boolean }) => void): unknown;
      };
      // Of many panels, only those in sight are worth drawing.
      let isInSight = true;
      let was = api.isVisible;
      let told: (visible: boolean) => void = () => {};
      const tell = () => {
        const visible = api.isVisible && isInSight;
        if (visible !== was) told(visible);
        was = visible;
      };
      api.onDidVisibilityChange(tell);
      empty = fill(element, id, {
        now: was,
        onChange: (changed) => {
          told = changed;
        },
      });
      sight = new IntersectionObserver((entries) => {
        isInSight = entries.at(-1)?.isIntersecting ?? true;
        tell();
      });
      sight.observe(element);
    },
    dispose() {
      sight?.disconnect();
      empty();
    },
  };
}
