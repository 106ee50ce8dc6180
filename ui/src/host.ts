// The one door between the window and the application behind it. Nothing else imports Tauri.

import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Board } from './generated/Board';
import type { Faults } from './generated/Faults';
import type { Feed } from './generated/Feed';
import type { Picture } from './generated/Picture';
import type { Span } from './generated/Span';
import type { Start } from './generated/Start';
import type { Statistics } from './generated/Statistics';
import type { Update } from './generated/Update';
import type { View } from './generated/View';
import type { Watch } from './generated/Watch';

// Every command that fails throws a `Trouble`.

export const start = (): Promise<Start> => invoke('start');

/** Hears that there is an update to take, until the returned function is called. */
export const onNews = (heard: () => void): Promise<() => void> => listen('update', () => heard());

/** All that has changed since the last update; `null` while that is not drawn. */
export const takeUpdate = (): Promise<Update | null> => invoke('take_update');

/** Lets the next news go. */
export const drawn = (number: number): Promise<void> => invoke('drawn', { number });

export const watch = (watch: Watch): Promise<ArrayBuffer> => invoke('watch', { watch });
export const unwatch = (panel: string): Promise<void> => invoke('unwatch', { panel });
export const view = (view: View): Promise<ArrayBuffer> => invoke('view', { view });

/** What the samples of a span come to, trace by trace. */
export const statistics = (span: Span): Promise<Statistics[]> => invoke('statistics', { span });

/** Names the feeds whose latest values are wanted with the statuses. */
export const peek = (feeds: string[]): Promise<void> => invoke('peek', { feeds });

export const feedAdd = (url: string): Promise<Feed> => invoke('feed_add', { url });
export const feedRemove = (feed: string): Promise<void> => invoke('feed_remove', { feed });
export const feedReconnect = (feed: string): Promise<void> => invoke('feed_reconnect', { feed });
export const feedStop = (feed: string): Promise<void> => invoke('feed_stop', { feed });

export const faultsSet = (faults: Faults): Promise<void> => invoke('faults_set', { faults });
/** Drops the built-in feed's connections. */
export const feedCut = (): Promise<void> => invoke('feed_cut');

export const boardSave = (board: Board): Promise<void> => invoke('board_save', { board });

/** What the window speaks from now on; `null`: as the system has it. */
export const languageSet = (language: string | null): Promise<void> =>
  invoke('language_set', { language });

/** Answers with the path of the file. */
export const pictureSave = (picture: Picture): Promise<string> =>
  invoke('picture_save', { picture });
/** Shows a saved picture in the platform's file manager. */
export const pictureShow = (path: string): Promise<void> => invoke('picture_show', { path });
