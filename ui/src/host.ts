// The one door between the window and the application behind it. Nothing else imports Tauri.

import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWindow } from '@tauri-apps/api/window';
import type { Alert } from './generated/Alert';
import type { AlertEvent } from './generated/AlertEvent';
import type { AlertLogSpan } from './generated/AlertLogSpan';
import type { AlertRehearsal } from './generated/AlertRehearsal';
import type { Alerts } from './generated/Alerts';
import type { AnnotationsFormat } from './generated/AnnotationsFormat';
import type { AnnotationsRead } from './generated/AnnotationsRead';
import type { BoardChange } from './generated/BoardChange';
import type { BoardChanged } from './generated/BoardChanged';
import type { BoardFeed } from './generated/BoardFeed';
import type { BoardImport } from './generated/BoardImport';
import type { BoardList } from './generated/BoardList';
import type { BoardLook } from './generated/BoardLook';
import type { Boards } from './generated/Boards';
import type { CodeAsked } from './generated/CodeAsked';
import type { Depth } from './generated/Depth';
import type { DepthAsked } from './generated/DepthAsked';
import type { Derived } from './generated/Derived';
import type { DerivedInput } from './generated/DerivedInput';
import type { DerivedPreview } from './generated/DerivedPreview';
import type { DerivedSeries } from './generated/DerivedSeries';
import type { Distribution } from './generated/Distribution';
import type { DraftChecked } from './generated/DraftChecked';
import type { Exported } from './generated/Exported';
import type { Faults } from './generated/Faults';
import type { Feed } from './generated/Feed';
import type { Freshness } from './generated/Freshness';
import type { GapList } from './generated/GapList';
import type { GapsAsked } from './generated/GapsAsked';
import type { Health } from './generated/Health';
import type { HealthAsked } from './generated/HealthAsked';
import type { Heat } from './generated/Heat';
import type { Histogram } from './generated/Histogram';
import type { Inspected } from './generated/Inspected';
import type { InspectMessage } from './generated/InspectMessage';
import type { InspectPage } from './generated/InspectPage';
import type { JsonFault } from './generated/JsonFault';
import type { Mistake } from './generated/Mistake';
import type { PageAsked } from './generated/PageAsked';
import type { Pairs } from './generated/Pairs';
import type { Picture } from './generated/Picture';
import type { ProbeLook } from './generated/ProbeLook';
import type { ProfileCard } from './generated/ProfileCard';
import type { Proposal } from './generated/Proposal';
import type { SecretKept } from './generated/SecretKept';
import type { SendAsked } from './generated/SendAsked';
import type { SendResult } from './generated/SendResult';
import type { Span } from './generated/Span';
import type { Start } from './generated/Start';
import type { Statistics } from './generated/Statistics';
import type { Subscribed } from './generated/Subscribed';
import type { Template } from './generated/Template';
import type { Together } from './generated/Together';
import type { Update } from './generated/Update';
import type { View } from './generated/View';
import type { Watch } from './generated/Watch';

// Every command that fails throws a `Trouble`.

export const start = (): Promise<Start> => invoke('start');

// What is told to this window only: without its name, one hears what others are told as well.
const listenHere = (event: string, heard: () => void): Promise<() => void> =>
  listen(event, () => heard(), { target: getCurrentWindow().label });

/** Hears that there is an update to take, until the returned function is called. */
export const onNews = (heard: () => void): Promise<() => void> => listenHere('update', heard);

/** All that has changed since the last update; `null` while that is not drawn. */
export const takeUpdate = (): Promise<Update | null> => invoke('take_update');

/** Hears of boards that have changed, from this window or another. */
export const onBoards = (heard: (boards: Boards) => void): Promise<() => void> =>
  listen<Boards>('boards', (event) => heard(event.payload));

/** Lets the next news go. */
export const drawn = (number: number): Promise<void> => invoke('drawn', { number });

export const watch = (watch: Watch): Promise<ArrayBuffer> => invoke('watch', { watch });
export const unwatch = (panel: string): Promise<void> => invoke('unwatch', { panel });
export const view = (view: View): Promise<ArrayBuffer> => invoke('view', { view });

/** What the samples of a span come to, trace by trace. */
export const statistics = (span: Span): Promise<Statistics[]> => invoke('statistics', { span });

/** What did not come, the newest first. */
export const gaps = (asked: GapsAsked): Promise<GapList> => invoke('gaps', { asked });

/** How lately channels of a feed were heard of, in that order. */
export const freshness = (feed: string, channels: string[]): Promise<Freshness[]> =>
  invoke('freshness', { feed, channels });

/** How a feed did over a span; `null` if there is no such feed. */
export const health = (asked: HealthAsked): Promise<Health | null> => invoke('health', { asked });

/** An order book of a feed; `null` if there is no such feed. */
export const depth = (asked: DepthAsked): Promise<Depth | null> => invoke('depth', { asked });
/** How the values of a span are distributed. */
export const histogram = (histogram: Histogram): Promise<Distribution> =>
  invoke('histogram', { histogram });
/** The same of each column of a span. */
export const heat = (heat: Heat): Promise<ArrayBuffer> => invoke('heat', { heat });
/** The values of traces against those of another. */
export const pairs = (pairs: Pairs): Promise<ArrayBuffer> => invoke('pairs', { pairs });

/** Names the feeds whose latest values are wanted with the statuses. */
export const peek = (feeds: string[]): Promise<void> => invoke('peek', { feeds });

export const feed = (feed: string): Promise<Feed> => invoke('feed', { feed });
export const feedAdd = (board: string, url: string, label: string): Promise<Feed> =>
  invoke('feed_add', { board, url, label });
/** Subscribes to a feed that was described; secrets by name go to the keychain. */
export const feedSubscribe = (
  board: string,
  draft: BoardFeed,
  secrets: Record<string, string>,
  label: string,
): Promise<Subscribed> => invoke('feed_subscribe', { board, draft, secrets, label });
/** Puts a feed that was described in the place of one of a board's. */
export const feedChange = (
  board: string,
  feed: string,
  draft: BoardFeed,
  secrets: Record<string, string>,
  label: string,
): Promise<Subscribed> => invoke('feed_change', { board, feed, draft, secrets, label });
/** How a feed of a board is described. */
export const feedDraft = (board: string, feed: string): Promise<BoardFeed> =>
  invoke('feed_draft', { board, feed });
export const profiles = (): Promise<ProfileCard[]> => invoke('profiles');
/** What a draft comes to, and what of it is wrong. */
export const draftCheck = (draft: BoardFeed): Promise<DraftChecked> =>
  invoke('draft_check', { draft });
/** The secrets that a feed names, and where each is kept. */
export const feedSecrets = (feed: string): Promise<SecretKept[]> =>
  invoke('feed_secrets', { feed });
/** Why secrets are kept until Feedscope ends and no longer; `null` where a keychain keeps them. */
export const noKeychain = (): Promise<string | null> => invoke('no_keychain');

export const secretSet = (feed: string, name: string, secret: string): Promise<SecretKept> =>
  invoke('secret_set', { feed, name, secret });
export const secretRemove = (name: string): Promise<SecretKept> =>
  invoke('secret_remove', { name });
/** Tries a draft out. */
export const probeStart = (
  probe: string,
  draft: BoardFeed,
  secrets: Record<string, string>,
): Promise<void> => invoke('probe_start', { probe, draft, secrets });
/** What was found, without the first `known` steps; `null` if there is no such probe. */
export const probeLook = (probe: string, known: number): Promise<ProbeLook | null> =>
  invoke('probe_look', { probe, known });
export const probeStop = (probe: string): Promise<void> => invoke('probe_stop', { probe });
export const feedRemove = (board: string, feed: string, label: string): Promise<BoardChanged> =>
  invoke('feed_remove', { board, feed, label });
export const feedReconnect = (feed: string): Promise<void> => invoke('feed_reconnect', { feed });
export const feedStop = (feed: string): Promise<void> => invoke('feed_stop', { feed });

export const faultsSet = (faults: Faults): Promise<void> => invoke('faults_set', { faults });
/** Drops the built-in feed's connections. */
export const feedCut = (): Promise<void> => invoke('feed_cut');

/** All that is wrong with an expression. */
export const derivedCheck = (
  expression: string,
  inputs: Record<string, DerivedInput>,
): Promise<Mistake[]> => invoke('derived_check', { expression, inputs });
/** What an expression would come to, as the answer to `view`, of one trace. */
export const derivedPreview = (asked: DerivedPreview): Promise<ArrayBuffer> =>
  invoke('derived_preview', { asked });
/** Makes a derived series, or another one of that of its id. */
export const derivedSet = (series: DerivedSeries): Promise<Derived> =>
  invoke('derived_set', { series });
export const derivedRemove = (id: string): Promise<void> => invoke('derived_remove', { id });

// A label says what is done, as the menu of undo is to have it.

export const boards = (): Promise<BoardList> => invoke('boards');
export const boardGet = (board: string): Promise<BoardChanged> => invoke('board_get', { board });
/** This window shows that board from now on. */
export const boardShow = (board: string): Promise<BoardChanged> => invoke('board_show', { board });
/** Opens a board's file of those that are closed; answers with the board's id. */
export const boardOpen = (file: string): Promise<string> => invoke('board_open', { file });
export const boardClose = (board: string): Promise<void> => invoke('board_close', { board });
export const boardNew = (template: string, name: string | null): Promise<string> =>
  invoke('board_new', { template, name });
export const boardRename = (board: string, name: string, label: string): Promise<BoardChanged> =>
  invoke('board_rename', { board, name, label });
export const boardDuplicate = (board: string, name: string): Promise<string> =>
  invoke('board_duplicate', { board, name });
export const boardRemove = (board: string): Promise<void> => invoke('board_remove', { board });
/** Brings back a board that was removed. */
export const boardRestore = (board: string): Promise<void> => invoke('board_restore', { board });
export const boardsReorder = (order: string[]): Promise<void> =>
  invoke('boards_reorder', { order });
export const boardChange = (change: BoardChange): Promise<BoardChanged> =>
  invoke('board_change', { change });
export const boardUndo = (board: string): Promise<BoardChanged> => invoke('board_undo', { board });
export const boardRedo = (board: string): Promise<BoardChanged> => invoke('board_redo', { board });
/** What is in a file that may be a board. */
export const boardLook = (file: string, text: string): Promise<BoardLook> =>
  invoke('board_look', { file, text });
/** Answers with the board's id. */
export const boardImport = (of: BoardImport): Promise<string> =>
  invoke('board_import', { import: of });
/** Writes the annotations of a board to a file; answers with its path. */
export const annotationsExport = (board: string, format: AnnotationsFormat): Promise<string> =>
  invoke('annotations_export', { board, format });
/** What annotations there are in a file's text. */
export const annotationsRead = (file: string, text: string): Promise<AnnotationsRead> =>
  invoke('annotations_read', { file, text });
export const boardExport = (board: string): Promise<Exported> => invoke('board_export', { board });
/** Shows a board's file in the platform's file manager. */
export const boardFileShow = (board: string): Promise<void> => invoke('board_file_show', { board });
/** Shows a board that was exported there. */
export const exportShow = (path: string): Promise<void> => invoke('export_show', { path });
/** Panels for what a feed has sent lately. */
export const boardSuggest = (feed: string): Promise<Proposal> => invoke('board_suggest', { feed });
export const boardTemplates = (): Promise<Template[]> => invoke('board_templates');
/** A template's panels, with fields of this feed. */
export const boardFill = (template: string, feed: string): Promise<Proposal> =>
  invoke('board_fill', { template, feed });

/** Hears that other windows show something else than before. */
export const onTogether = (heard: () => void): Promise<() => void> => listenHere('together', heard);
/** Says what this window shows otherwise than before; answers with what others do. */
export const together = (shown: Together): Promise<Together> => invoke('together', { shown });

/** What the window speaks from now on; `null`: as the system has it. */
export const languageSet = (language: string | null): Promise<void> =>
  invoke('language_set', { language });

/** Other shortcuts than the defaults, by the command they are of. */
export const shortcutsSet = (
  shortcuts: Readonly<Record<string, readonly string[]>>,
): Promise<void> => invoke('shortcuts_set', { shortcuts });

/** The tour does not begin by itself again. */
export const tourOver = (): Promise<void> => invoke('tour_over');

/** Answers with the path of the file. */
export const pictureSave = (picture: Picture): Promise<string> =>
  invoke('picture_save', { picture });
/** Shows a saved picture in the platform's file manager. */
export const pictureShow = (path: string): Promise<void> => invoke('picture_show', { path });

/** Opens a web page, or an address to write to, outside of the window. */
export const linkOpen = (link: string): Promise<void> => invoke('link_open', { link });

/** Looks at a feed's messages until `inspectClose`. */
export const inspectOpen = (inspector: string, feed: string): Promise<Inspected> =>
  invoke('inspect_open', { inspector, feed });
export const inspectClose = (inspector: string): Promise<void> =>
  invoke('inspect_close', { inspector });
export const inspectPage = (inspector: string, asked: PageAsked): Promise<InspectPage> =>
  invoke('inspect_page', { inspector, asked });
/** A message, from one of its bytes on. */
export const inspectMessage = (
  inspector: string,
  serial: number,
  from: number,
): Promise<InspectMessage> => invoke('inspect_message', { inspector, serial, from });
/** A command for a shell that does the same. */
export const inspectCode = (asked: CodeAsked): Promise<string> => invoke('inspect_code', { asked });

/** What is wrong with a text as JSON, if anything. */
export const jsonCheck = (text: string): Promise<JsonFault | null> =>
  invoke('json_check', { text });
export const feedSend = (send: SendAsked): Promise<SendResult> => invoke('feed_send', { send });

export const alerts = (): Promise<Alerts> => invoke('alerts');
/** Adds an alert, or changes the one of its id; answers with it as it is kept. */
export const alertSet = (alert: Alert): Promise<Alert> => invoke('alert_set', { alert });
export const alertRemove = (alert: string): Promise<void> => invoke('alert_remove', { alert });
/** Shows its notification now. */
export const alertTest = (alert: Alert): Promise<void> => invoke('alert_test', { alert });
/** What it would have done lately; `null` where that is not known. */
export const alertRehearse = (alert: Alert): Promise<AlertRehearsal | null> =>
  invoke('alert_rehearse', { alert });
/** What alerts did, the newest first. */
export const alertLog = (span: AlertLogSpan): Promise<AlertEvent[]> =>
  invoke('alert_log', { span });
