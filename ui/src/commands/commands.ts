// All that can be done from the keyboard: one list for the shortcuts and for the palette. Which keys
// do it at first, `bindings.ts` says.

import { tick } from 'svelte';
import * as host from '$host';
import type { App } from '../app';
import { boardName } from '../board/builtin';
import { kindName } from '../board/kind-words';
import { isChart, KINDS, showsTime } from '../board/kinds';
import { tableId } from '../chart-table/rows';
import { NEW } from '../derived/derived.svelte';
import { derivedName } from '../derived/known.svelte';
import { span } from '../lib/format';
import { SPANS_MS } from '../live/time-window';
import { chooseLanguage, LANGUAGES, type Language } from '../words/language.svelte';
import { type Key, say } from '../words/say';

export interface Command {
  /** Stays the same. */
  id: string;
  name: string;
  group: Group;
  /** The shortcuts, the one that is shown first. */
  keys: readonly string[];
  /** There is nothing now that it could be done to. */
  idle?: boolean;
  run(): void;
}

export type Group = 'time' | 'board' | 'panels' | 'feeds' | 'window';

export const GROUPS: Record<Group, Key> = {
  time: 'commands_time',
  board: 'commands_board',
  panels: 'commands_panels',
  feeds: 'commands_feeds',
  window: 'commands_window',
};

/** What only the window itself can do. */
export interface Ui {
  addFeed(): void;
  inspect(feed: string): void;
  searchFields(): void;
  openPalette(): void;
}

// A tenth of what is shown: a few strokes cross the window, and none loses the place.
const PAN_SHARE = 0.1;
const ZOOM_STEP = 1.5;

/** All that can be done now. */
export function commands(app: App, ui: Ui): Command[] {
  // Keys act on what is pointed at, if that goes by itself.
  const own = app.times.pointed();
  const time = app.times.of(own);
  const { board, measure } = app;
  const found: Command[] = [];
  const add = (group: Group, id: string, name: string, run: () => void, idle = false) =>
    found.push({ id, name, group, keys: app.shortcuts.keys(id), idle, run });
  const measureAt = (which: 'a' | 'b') => {
    const at = app.drawing.hover?.ms();
    if (at !== undefined) measure.put(which, at);
  };

  add('window', 'palette', say('commands'), () => ui.openPalette());

  const follow = time.following ? 'command_pause' : 'command_follow';
  add('time', 'time.toggle', say(follow), () => time.toggle());
  add('time', 'time.live', say('time_jump'), () => time.follow());
  add('time', 'time.back', say('command_back'), () => time.back());
  add('time', 'time.forward', say('command_forward'), () => time.forward());
  const pan = (share: number) => time.pan(time.shownMs * share);
  add('time', 'time.earlier', say('command_earlier'), () => pan(-PAN_SHARE));
  add('time', 'time.later', say('command_later'), () => pan(PAN_SHARE));
  const zoom = (factor: number) => time.zoomMiddle(factor);
  add('time', 'time.in', say('command_zoom_in'), () => zoom(1 / ZOOM_STEP));
  add('time', 'time.out', say('command_zoom_out'), () => zoom(ZOOM_STEP));
  add('time', 'measure', say(measure.on ? 'measure_end' : 'measure'), () => measure.toggle());
  add('time', 'measure.a', say('command_measure_a'), () => measureAt('a'));
  add('time', 'measure.b', say('command_measure_b'), () => measureAt('b'));
  const gap = (direction: 'earlier' | 'later') => app.try(() => app.gaps.step(direction));
  add('time', 'gap.earlier', say('gaps_earlier'), () => gap('earlier'));
  add('time', 'gap.later', say('gaps_later'), () => gap('later'));
  const list = () => {
    app.gaps.open = !app.gaps.open;
  };
  add('time', 'gaps', say('gaps'), list);
  const { annotations } = app;
  const annotate = say(measure.on ? 'annotate_span' : 'annotate_moment');
  add('time', 'annotate', annotate, () => annotations.beginHere());
  const annotated = (direction: 'earlier' | 'later') => annotations.step(direction);
  add('time', 'annotation.earlier', say('annotations_earlier'), () => annotated('earlier'));
  add('time', 'annotation.later', say('annotations_later'), () => annotated('later'));
  const noted = () => {
    annotations.open = !annotations.open;
  };
  add('time', 'annotations', say('annotations'), noted);
  add('time', 'annotations.csv', say('command_annotations_csv'), () => annotations.export('csv'));
  add('time', 'annotations.json', say('command_annotations_json'), () =>
    annotations.export('json'),
  );
  for (const ms of SPANS_MS) {
    add('time', `span.${ms}`, say('command_span', { span: span(ms) }), () => app.setSpan(ms, own));
  }
  add('time', 'axis.source', say('time_axis_source'), () => app.setAxis('source'));
  add('time', 'axis.arrival', say('time_axis_arrival'), () => app.setAxis('arrival'));
  add('time', 'zone.local', say('command_zone_local'), () => app.setZone('local'));
  add('time', 'zone.utc', say('command_zone_utc'), () => app.setZone('utc'));

  const undone = board.head?.undo;
  const redone = board.head?.redo;
  const undo = undone ? say('undo_what', { what: undone }) : say('undo');
  const redo = redone ? say('redo_what', { what: redone }) : say('redo');
  add('board', 'undo', undo, () => board.undo());
  add('board', 'redo', redo, () => board.redo());
  add('board', 'board.new', say('board_new'), () => board.addBoard('empty'));
  const { boardFiles } = app;
  const boardNamed = boardName(board.head?.name ?? '');
  const template = () => {
    boardFiles.gallery = true;
  };
  const rename = () => boardFiles.rename(board.id);
  const duplicate = () => board.duplicateBoard(board.id, say('board_copy', { name: boardNamed }));
  add('board', 'board.template', say('command_template'), template);
  add('board', 'board.suggest', say('suggest_open'), () => boardFiles.suggest());
  add('board', 'board.rename', say('command_board_rename'), rename);
  add('board', 'board.duplicate', say('command_board_duplicate'), duplicate);
  add('board', 'board.import', say('command_board_import'), () => boardFiles.pick());
  add('board', 'board.export', say('command_board_export'), () => boardFiles.export());
  add('board', 'board.file', say('command_board_file'), () => boardFiles.showFile());
  add('board', 'board.close', say('command_board_close'), () => board.closeBoard(board.id));
  const removeBoard = () => app.removeBoard(board.id, boardNamed);
  add('board', 'board.remove', say('command_board_remove'), removeBoard);
  for (const { file, name } of boardFiles.closed) {
    const reopen = say('command_board_reopen', { name: boardName(name) });
    add('board', `board.open.${file}`, reopen, () => board.openBoard(file));
  }
  for (const tab of board.tabs) {
    if (tab.id === board.id) continue;
    const name = say('command_show', { name: boardName(tab.name) });
    add('board', `board.${tab.id}`, name, () => board.show(tab.id));
  }

  for (const kind of KINDS) {
    const name = say('command_add_panel', { kind: kindName(kind) });
    add('panels', `panel.add.${kind}`, name, () => board.addPanel(kind, kindName(kind)));
  }
  const { selected } = board;
  const settings = () => {
    if (selected) board.settingsOf = selected.id;
  };
  add('panels', 'panel.settings', say('command_settings'), settings, !selected);
  const cursor = () => {
    if (!selected) return;
    const table = document.getElementById(tableId(selected.id));
    if (table) table.focus();
    else app.drawing.panels.get(selected.id)?.focus?.();
  };
  add('panels', 'panel.cursor', say('command_cursor'), cursor, !selected);
  const toggle = () => {
    if (!selected) return;
    board.toggleTable(selected.id);
    // Keys go on where they were, in what stands there now.
    if (document.activeElement?.matches('.plot-area, .chart-table')) tick().then(cursor);
  };
  const how = selected?.as_table ? 'command_chart' : 'command_table';
  add('panels', 'panel.table', say(how), toggle, !selected || !isChart(selected.kind));
  const hasTime = selected !== undefined && showsTime(selected.kind);
  const isOwn = selected !== undefined && app.times.owned(selected.id) !== undefined;
  const owns = () => {
    if (!selected) return;
    if (isOwn) app.shareTime(selected.id);
    else app.ownTime(selected.id);
  };
  add('panels', 'panel.time', say(isOwn ? 'time_shared' : 'time_own'), owns, !hasTime);
  const remove = () => {
    if (selected) app.removePanel(selected.id, selected.title);
  };
  add('panels', 'panel.remove', say('command_remove_panel'), remove, !selected);
  const { away, here } = board;
  const floating = () => {
    if (selected) app.dock?.toggleFloat(selected.id);
  };
  const floats = selected !== undefined && (app.dock?.floats(selected.id) ?? false);
  const isAway = !selected || away.has(selected.id);
  add('panels', 'panel.float', say(floats ? 'command_unfloat' : 'command_float'), floating, isAway);
  // One key moves a panel there and back, whichever window it is pressed in.
  if (here === null) {
    const popOut = () => {
      if (selected) board.popOut([selected.id]);
    };
    add('panels', 'panel.popout', say('command_popout'), popOut, isAway);
    const back = () => board.bringBack([...away]);
    add('panels', 'popout.back', say('popout_back_all'), back, away.size === 0);
  } else {
    const back = () => board.bringBack(board.placed);
    add('panels', 'panel.popout', say('popout_back_window'), back, board.placed.length === 0);
  }

  add('feeds', 'feed.add', say('feed_add'), () => ui.addFeed());
  add('feeds', 'feed.search', say('fields_search'), () => ui.searchFields());
  const { selectedId } = app.feeds;
  const health = () => {
    if (selectedId !== null) app.health.toggle(selectedId);
  };
  add('feeds', 'health', say('command_health'), health, selectedId === null);
  for (const feed of app.feeds.list) {
    const { id, name } = feed;
    add('feeds', `feed.inspect.${id}`, say('command_messages', { name }), () => ui.inspect(id));
    const health = () => app.health.toggle(id);
    add('feeds', `feed.health.${id}`, say('health_of', { name }), health);
    const again = () => app.try(() => host.feedReconnect(id));
    add('feeds', `feed.reconnect.${id}`, say('command_reconnect', { name }), again);
  }

  const { derived } = app;
  const edit = (series = NEW) => {
    derived.edited = { ...series };
  };
  add('feeds', 'derived.add', say('derived_add'), () => edit());
  for (const { series } of derived.list) {
    const name = say('command_derived', { name: derivedName(series) });
    add('feeds', `derived.edit.${series.id}`, name, () => edit(series));
  }

  const alerts = () => {
    app.alerts.open = !app.alerts.open;
  };
  add('window', 'alerts', say('alerts'), alerts);
  const shortcuts = () => {
    app.shortcuts.open = true;
  };
  add('window', 'shortcuts', say('shortcuts'), shortcuts);
  add('window', 'tour', say('tour_take'), () => app.tour.begin());
  for (const [tag, { name }] of Object.entries(LANGUAGES)) {
    const choose = () => {
      chooseLanguage(tag as Language);
      app.try(() => host.languageSet(tag));
    };
    add('window', `language.${tag}`, say('command_language', { name }), choose);
  }
  return board.here === null ? found : found.filter(inPopout);
}

/** What is of use in a window of some panels: these, their time, and what was done to the board. */
const inPopout = ({ id, group }: Command): boolean =>
  (group === 'time' && !/^(gaps$|annotations)/.test(id)) ||
  ['palette', 'undo', 'redo'].includes(id) ||
  /^(language|panel\.(?!add))/.test(id);
