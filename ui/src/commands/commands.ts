// All that can be done from the keyboard: one list for the shortcuts and for the palette.

import * as host from '$host';
import type { App } from '../app';
import { boardName } from '../board/builtin';
import { kindName } from '../board/kind-words';
import { KINDS } from '../board/kinds';
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
  const { time } = app.drawing;
  const { board, measure } = app;
  const found: Command[] = [];
  const add = (group: Group, id: string, name: string, run: () => void, ...keys: string[]) =>
    found.push({ id, name, group, keys, run });
  const measureAt = (which: 'a' | 'b') => {
    const at = app.drawing.hover?.ms();
    if (at !== undefined) measure.put(which, at);
  };

  add('window', 'palette', say('commands'), () => ui.openPalette(), 'mod+k');

  const follow = time.following ? 'command_pause' : 'command_follow';
  add('time', 'time.toggle', say(follow), () => time.toggle(), 'space');
  add('time', 'time.live', say('time_jump'), () => time.follow(), 'end');
  add('time', 'time.back', say('command_back'), () => time.back(), 'alt+arrowleft');
  add('time', 'time.forward', say('command_forward'), () => time.forward(), 'alt+arrowright');
  const pan = (share: number) => time.pan(time.shownMs * share);
  add('time', 'time.earlier', say('command_earlier'), () => pan(-PAN_SHARE), 'arrowleft');
  add('time', 'time.later', say('command_later'), () => pan(PAN_SHARE), 'arrowright');
  const zoom = (factor: number) => time.zoomMiddle(factor);
  add('time', 'time.in', say('command_zoom_in'), () => zoom(1 / ZOOM_STEP), '+', '=');
  add('time', 'time.out', say('command_zoom_out'), () => zoom(ZOOM_STEP), '-');
  add('time', 'measure', say(measure.on ? 'measure_end' : 'measure'), () => measure.toggle(), 'm');
  add('time', 'measure.a', say('command_measure_a'), () => measureAt('a'), 'a');
  add('time', 'measure.b', say('command_measure_b'), () => measureAt('b'), 'b');
  const gap = (direction: 'earlier' | 'later') => app.try(() => app.gaps.step(direction));
  add('time', 'gap.earlier', say('gaps_earlier'), () => gap('earlier'), 'pageup');
  add('time', 'gap.later', say('gaps_later'), () => gap('later'), 'pagedown');
  const list = () => {
    app.gaps.open = !app.gaps.open;
  };
  add('time', 'gaps', say('gaps'), list, 'g');
  for (const ms of SPANS_MS) {
    add('time', `span.${ms}`, say('command_span', { span: span(ms) }), () => app.setSpan(ms));
  }
  add('time', 'axis.source', say('time_axis_source'), () => app.setAxis('source'));
  add('time', 'axis.arrival', say('time_axis_arrival'), () => app.setAxis('arrival'));
  add('time', 'zone.local', say('command_zone_local'), () => app.setZone('local'));
  add('time', 'zone.utc', say('command_zone_utc'), () => app.setZone('utc'));

  const undone = board.head?.undo;
  const redone = board.head?.redo;
  const undo = undone ? say('undo_what', { what: undone }) : say('undo');
  const redo = redone ? say('redo_what', { what: redone }) : say('redo');
  add('board', 'undo', undo, () => board.undo(), 'mod+z');
  add('board', 'redo', redo, () => board.redo(), 'mod+shift+z', 'mod+y');
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
  if (selected) {
    const settings = () => {
      board.settingsOf = selected.id;
    };
    add('panels', 'panel.settings', say('command_settings'), settings, 'e');
    const remove = () => app.removePanel(selected.id, selected.title);
    add('panels', 'panel.remove', say('command_remove_panel'), remove, 'delete');
    const { dock } = app;
    if (dock && !board.away.has(selected.id)) {
      const float = dock.floats(selected.id) ? 'command_unfloat' : 'command_float';
      add('panels', 'panel.float', say(float), () => dock.toggleFloat(selected.id), 'f');
    }
    if (board.here === null && !board.away.has(selected.id)) {
      const popOut = () => board.popOut([selected.id]);
      add('panels', 'panel.popout', say('command_popout'), popOut, 'o');
    }
  }
  const away = board.here === null ? [...board.away] : board.placed;
  if (away.length > 0) {
    const back = board.here === null ? 'popout_back_all' : 'popout_back_window';
    const keys = board.here === null ? [] : ['o'];
    add('panels', 'popout.back', say(back), () => board.bringBack(away), ...keys);
  }

  add('feeds', 'feed.add', say('feed_add'), () => ui.addFeed(), 'n');
  add('feeds', 'feed.search', say('fields_search'), () => ui.searchFields(), 'mod+f');
  for (const feed of app.feeds.list) {
    const { id, name } = feed;
    add('feeds', `feed.inspect.${id}`, say('command_messages', { name }), () => ui.inspect(id));
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
  add('window', 'alerts', say('alerts'), alerts, 'l');
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
  (group === 'time' && id !== 'gaps') ||
  ['palette', 'undo', 'redo', 'popout.back'].includes(id) ||
  /^(language|panel\.(settings|remove|float))/.test(id);
