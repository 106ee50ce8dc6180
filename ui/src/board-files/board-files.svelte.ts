// Boards as files, and boards that are proposed: what of that is under way in this window.

import * as host from '$host';
import type { App } from '../app';
import type { Board } from '../generated/Board';
import type { BoardLook } from '../generated/BoardLook';
import type { ClosedBoard } from '../generated/ClosedBoard';
import type { FeedChoice } from '../generated/FeedChoice';
import type { Panel } from '../generated/Panel';
import type { Proposal } from '../generated/Proposal';
import { say } from '../words/say';
import { layoutOf, only } from './rows';

// The application refuses larger ones, and need not be sent all of them for that.
const FILE_BYTES_MAX = 8 << 20;
// Whoever drops more of them meant something else.
const FILES_MAX = 32;

export interface Looked {
  file: string;
  text: string;
  look: BoardLook;
}

export class BoardFiles {
  /** The file that somebody is asked about. */
  looked: Looked | null = $state.raw(null);
  /** The feed for which a board is proposed. */
  suggestFor: string | null = $state(null);
  gallery = $state(false);
  /** The board whose name is edited. */
  renaming: string | null = $state(null);
  /** Boards that can be opened. */
  closed: readonly ClosedBoard[] = $state.raw([]);
  /** Has the person choose a file; set by what is on the screen. */
  pick: () => void = () => {};
  private waiting: File[] = [];
  private looking = false;

  constructor(private readonly app: App) {}

  /** Lets what gives the focus back, as it closes, do so before the name takes it. */
  rename(board: string): void {
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        this.renaming = board;
      }),
    );
  }

  refresh(): void {
    this.app.try(async () => {
      this.closed = (await host.boards()).closed;
    });
  }

  /** Looks at files that were chosen or dropped, one after the other. */
  take(files: readonly File[]): void {
    this.waiting = [...this.waiting, ...files].slice(0, FILES_MAX);
    if (!this.looked && !this.looking) void this.next();
  }

  private async next(): Promise<void> {
    const file = this.waiting.shift();
    if (!file) return;
    this.looking = true;
    try {
      const text = await file.slice(0, FILE_BYTES_MAX + 1).text();
      this.looked = { file: file.name, text, look: await host.boardLook(file.name, text) };
    } catch (trouble) {
      this.app.notices.trouble(trouble);
      await this.next();
    } finally {
      this.looking = false;
    }
  }

  /** Done with the file that was asked about. */
  close(): void {
    this.looked = null;
    void this.next();
  }

  /** `given` are the feeds that get the secrets that they name. */
  /** `lacking` is a feed that does not get what it asks for: why it stands still is shown. */
  async import(
    { file, text }: Looked,
    feeds: FeedChoice[],
    given: string[],
    lacking: string | null,
  ): Promise<void> {
    const id = await host.boardImport({ file, text, feeds, given });
    this.close();
    await this.app.board.showNew(id);
    if (lacking !== null && this.app.board.id === id) this.app.feeds.choose(lacking);
  }

  export(): void {
    const { id } = this.app.board;
    this.app.try(async () => {
      const { path, without_secrets } = await host.boardExport(id);
      const left = without_secrets.map((feeds) => say('board_exported_without', { feeds }));
      this.app.notices.done([say('board_exported', { path }), ...left].join(' '), {
        name: say('picture_show'),
        act: () => this.app.try(() => host.exportShow(path)),
      });
    });
  }

  showFile(): void {
    const { id } = this.app.board;
    this.app.try(() => host.boardFileShow(id));
  }

  /** The feed that a board is most likely wanted for. */
  get likely(): string | null {
    const { selectedId, list } = this.app.feeds;
    const sent = list.filter((feed) => feed.fields.length > 0);
    return (sent.find((feed) => feed.id === selectedId) ?? sent[0] ?? list[0])?.id ?? null;
  }

  suggest(feed: string | null = this.likely): void {
    this.suggestFor = feed;
  }

  /** Makes what was proposed: on the board that is shown, or on one of its own. */
  async make(
    proposal: Proposal,
    wanted: ReadonlySet<string>,
    feed: string,
    name: string,
    here: boolean,
  ): Promise<void> {
    const { board, notices } = this.app;
    const chosen = proposal.panels.filter(({ id }) => wanted.has(id));
    const drawn = new Set(
      chosen.flatMap((panel) => ('traces' in panel ? panel.traces : [])).map(({ path }) => path),
    );
    const derived = proposal.derived.filter(({ id }) => drawn.has(id));
    const ids = new Map(chosen.map(({ id }) => [id, crypto.randomUUID() as string]));
    const panels = chosen.map((panel): Panel => ({ ...panel, id: ids.get(panel.id) ?? panel.id }));
    const rows = only(proposal.rows, wanted).map((row) => ({
      ...row,
      tiles: row.tiles.map((tile) => ({ ...tile, panel: ids.get(tile.panel ?? '') ?? null })),
    }));
    const source = board.document.feeds.find(({ id }) => id === feed);
    const to = (document: Board): Board => {
      const isThere = !source || document.feeds.some(({ id }) => id === feed);
      return {
        ...document,
        feeds: isThere ? document.feeds : [...document.feeds, source],
        panels: [...document.panels, ...panels],
        // They are taken over from the board, beside those that have such names already.
        ...(derived.length > 0 ? { derived } : {}),
        layout: document.panels.length === 0 ? layoutOf(rows) : document.layout,
      };
    };
    const label = say('undo_suggest');
    if (here) {
      board.fill(label, to);
      return;
    }
    const id = await board.addFilled(name, label, to);
    if (id === null) return;
    notices.done(say('board_made', { name }), {
      name: say('undo'),
      act: () => this.app.try(() => host.boardRemove(id)),
    });
  }
}
