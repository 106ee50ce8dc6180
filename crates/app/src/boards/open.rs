//! The boards that are open, in their order: what is done to them, and what of it is not in their
//! files yet. Knows no files but by their paths.

use super::document::{Document, board_id, computer_feed, feed_id, same_source};
use super::following::{Moved, Namer};
use super::format::{BoardFeed, Popout, PopoutPlace};
use super::steps::Steps;
use super::{FILE_BYTES_MAX, OPEN_MAX, carried, read, templates, troubles};
use crate::api::{BoardChange, BoardChanged, BoardHead, Trouble};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Removed boards that can be brought back.
const REMOVED_MAX: usize = 20;

#[derive(Debug)]
pub(crate) struct OpenBoard {
    pub document: Arc<Document>,
    /// The number of the change that made it what it is: see [`Open::version`].
    pub revision: u64,
    steps: Steps,
    pub file: PathBuf,
    /// The revision that is in the file.
    pub saved: u64,
    /// The file holds more than the board does: it is copied before it is written over.
    pub is_lossy: bool,
    /// It is opened anew with the next start: it was not named on the command line.
    pub is_kept: bool,
    /// Where its file was moved when it was removed.
    pub aside: Option<PathBuf>,
}

impl OpenBoard {
    fn head(&self) -> BoardHead {
        BoardHead {
            id: self.document.id().to_owned(),
            name: self.document.name().to_owned(),
            revision: self.revision,
            undo: self.steps.undo_label().map(String::from),
            redo: self.steps.redo_label().map(String::from),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Open {
    boards: Vec<OpenBoard>,
    /// Those that were removed, with where they were; the last one last.
    removed: Vec<(usize, OpenBoard)>,
    /// How many changes there have been to any of them, or to which there are.
    pub version: u64,
    /// What each window shows, by the window's label.
    shown: BTreeMap<String, String>,
    /// Which boards are open, and shown where, is not in its file yet.
    pub list_unsaved: bool,
    /// Feeds that are not wanted any more: what is kept of them goes when the application ends.
    pub feeds_removed: Vec<BoardFeed>,
    /// Feeds of which nothing is kept any more, but that may come again under the ids they had.
    feeds_forgotten: Vec<BoardFeed>,
    /// What names feeds outside of boards, whether they are there or not.
    pub feeds_named: HashMap<String, Vec<Namer>>,
    /// What of it the last step has gone over to another feed, until that is done.
    pub feeds_moved: Option<Moved>,
}

/// What is to be written of a board: its id, revision, file and content, and whether the file holds
/// more.
pub(crate) type Unsaved = (String, u64, PathBuf, Arc<Document>, bool);

impl Open {
    pub fn boards(&self) -> &[OpenBoard] {
        &self.boards
    }

    pub fn heads(&self) -> Vec<BoardHead> {
        self.boards.iter().map(OpenBoard::head).collect()
    }

    /// All feeds that are drawn by any of them, each once. The built-in one always is.
    pub fn feeds(&self) -> Vec<BoardFeed> {
        self.feeds_without("", "")
    }

    /// All but a feed of a board, if no other has it.
    pub fn feeds_without(&self, board: &str, id: &str) -> Vec<BoardFeed> {
        let mut feeds = vec![computer_feed()];
        for OpenBoard { document, .. } in &self.boards {
            for feed in document.feeds() {
                let is_it = document.id() == board && feed.id == id;
                if !is_it && !feeds.iter().any(|known| known.id == feed.id) {
                    feeds.push(feed.clone());
                }
            }
        }
        feeds
    }

    /// Whether some panel shows an order book of this feed, or may do so.
    pub fn shows_books_of(&self, feed: &str) -> bool {
        let shows = |document: &Document| {
            document.depth_feeds().any(|named| match named {
                Some(named) => named == feed,
                // The first of the board's that has any.
                None => document.feeds().iter().any(|one| one.id == feed),
            })
        };
        self.boards.iter().any(|board| shows(&board.document))
    }

    /// What a window shows: the first board, where it has not been told.
    pub fn shown(&self, window: &str) -> String {
        let told = self.shown.get(window).filter(|id| self.find(id).is_some());
        let first = || self.boards.first().map(|board| board.document.id().to_owned());
        told.cloned().or_else(first).unwrap_or_default()
    }

    pub fn all_shown(&self) -> &BTreeMap<String, String> {
        &self.shown
    }

    pub fn show(&mut self, window: &str, id: &str) -> Result<(), Trouble> {
        self.at(id)?;
        self.shown.insert(window.to_owned(), id.to_owned());
        self.list_unsaved = true;
        Ok(())
    }

    pub fn find(&self, id: &str) -> Option<&OpenBoard> {
        self.boards.iter().find(|board| board.document.id() == id)
    }

    fn at(&self, id: &str) -> Result<usize, Trouble> {
        let at = self.boards.iter().position(|board| board.document.id() == id);
        at.ok_or_else(|| troubles::unknown(id))
    }

    pub fn is_full(&self) -> bool {
        self.boards.len() >= OPEN_MAX
    }

    fn next_version(&mut self) -> u64 {
        self.version += 1;
        self.version
    }

    /// Opens one more, after those that are open. `is_saved`: its file has it as it is.
    pub fn add(&mut self, document: Document, file: PathBuf, is_saved: bool) -> &mut OpenBoard {
        let settled = self.settled(&document, None);
        let is_saved = is_saved && settled == document;
        self.list_unsaved = true;
        let revision = self.next_version();
        self.boards.push(OpenBoard {
            document: Arc::new(settled),
            revision,
            steps: Steps::default(),
            file,
            saved: if is_saved { revision } else { 0 },
            is_lossy: false,
            is_kept: true,
            aside: None,
        });
        let last = self.boards.len() - 1;
        &mut self.boards[last]
    }

    /// With ids of feeds that go together with those of all boards but `board`.
    fn settled(&self, document: &Document, board: Option<usize>) -> Document {
        let computer = computer_feed();
        let others = self.boards.iter().enumerate().filter(|(at, _)| Some(*at) != board);
        let feeds = others.flat_map(|(_, other)| other.document.feeds());
        let others: Vec<&BoardFeed> = std::iter::once(&computer).chain(feeds).collect();
        document.settled(&others)
    }

    /// Puts `document` in the place of what a board is.
    fn put(&mut self, at: usize, document: &Document) -> Arc<Document> {
        let settled = Arc::new(self.settled(document, Some(at)));
        let revision = self.next_version();
        let board = &mut self.boards[at];
        board.revision = revision;
        std::mem::replace(&mut board.document, settled)
    }

    /// Makes other documents of those that carry derived series. True if there are any.
    pub fn relieve(&mut self, mut to: impl FnMut(&Document) -> Document) -> bool {
        let carry = |board: &OpenBoard| board.document.json().contains_key(carried::KEY);
        let carriers: Vec<usize> =
            (0..).zip(&self.boards).filter(|(_, board)| carry(board)).map(|(at, _)| at).collect();
        for at in &carriers {
            let document = to(&self.boards[*at].document);
            self.put(*at, &document);
        }
        !carriers.is_empty()
    }

    /// A whole new document of a board. One that was made from another revision than that of now
    /// is refused, with the present one.
    pub fn change(
        &mut self,
        change: BoardChange,
        now: Instant,
    ) -> Result<(BoardChanged, Vec<Trouble>), Trouble> {
        let at = self.at(&change.board)?;
        if change.revision != self.boards[at].revision {
            return Ok((self.answer(at, true, true), Vec::new()));
        }
        let sent = change.document.clone();
        let fit = read::fit(change.document).map_err(|why| troubles::unfit(&why))?;
        // Kinds and feeds that are not known here were said when it was opened.
        let lost: Vec<_> = fit
            .wrong
            .into_iter()
            .filter(|wrong| wrong.what == super::mend::Kind::LeftOut)
            .collect();
        let said = troubles::wrong(fit.document.name(), &lost);
        let name = match fit.document.name() {
            "" => self.boards[at].document.name().to_owned(),
            name => name.to_owned(),
        };
        let document = fit.document.renamed(&change.board, &name);
        if document.bytes() > FILE_BYTES_MAX {
            return Err(troubles::too_large(None));
        }
        let before = self.put(at, &document);
        if let Some(label) = &change.label {
            self.boards[at].steps.done(label, change.merge.as_deref(), before, now);
        }
        let is_other = sent.as_object() != Some(self.boards[at].document.json());
        Ok((self.answer(at, false, is_other), said))
    }

    /// Does something to a board as one step.
    pub fn step(
        &mut self,
        id: &str,
        label: &str,
        to: impl FnOnce(&Document) -> Document,
    ) -> Result<BoardChanged, Trouble> {
        let at = self.at(id)?;
        let document = to(&self.boards[at].document);
        let before = self.put(at, &document);
        self.boards[at].steps.done(label, None, before, Instant::now());
        Ok(self.answer(at, false, true))
    }

    pub fn undo(&mut self, id: &str) -> Result<BoardChanged, Trouble> {
        let at = self.at(id)?;
        let moved = self.boards[at].steps.undo_moved().cloned();
        let changed = self.walk(id, Steps::undo)?;
        if let Some(Moved { from, to, mut who }) = moved {
            if !self.has_feed(&to) {
                who.extend(self.named(&to));
            }
            self.moves(at, Moved { from: to, to: from, who });
        }
        Ok(changed)
    }

    pub fn redo(&mut self, id: &str) -> Result<BoardChanged, Trouble> {
        let at = self.at(id)?;
        let moved = self.boards[at].steps.redo_moved().cloned();
        let changed = self.walk(id, Steps::redo)?;
        if let Some(Moved { from, to, .. }) = moved {
            self.follow(at, &from, &to);
        }
        Ok(changed)
    }

    fn walk(
        &mut self,
        id: &str,
        walk: impl FnOnce(&mut Steps, Arc<Document>) -> Option<Arc<Document>>,
    ) -> Result<BoardChanged, Trouble> {
        let at = self.at(id)?;
        let board = &mut self.boards[at];
        if let Some(document) = walk(&mut board.steps, board.document.clone()) {
            self.put(at, &document);
        }
        Ok(self.answer(at, false, true))
    }

    pub fn answer_of(&self, id: &str) -> Result<BoardChanged, Trouble> {
        Ok(self.answer(self.at(id)?, false, true))
    }

    fn answer(&self, at: usize, is_stale: bool, with_document: bool) -> BoardChanged {
        let board = &self.boards[at];
        BoardChanged {
            head: board.head(),
            stale: is_stale,
            document: with_document.then(|| Value::Object(board.document.json().clone())),
        }
    }

    pub fn rename(&mut self, id: &str, name: &str, label: &str) -> Result<BoardChanged, Trouble> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > super::format::NAME_CHARS_MAX {
            return Err(troubles::no_name());
        }
        self.step(id, label, |document| document.renamed(id, name))
    }

    /// The windows beside the first one, each with the id of its board.
    pub fn popouts(&self) -> impl Iterator<Item = (&str, Popout)> {
        self.boards.iter().flat_map(|board| {
            let popouts = board.document.popouts().into_iter();
            popouts.map(|popout| (board.document.id(), popout))
        })
    }

    /// Brings the panels of a window of its own back to the board.
    pub fn remove_popout(&mut self, board: &str, id: &str, label: &str) -> Result<(), Trouble> {
        self.step(board, label, |document| document.without_popout(id)).map(drop)
    }

    /// Notes where a window of its own is, which is no step.
    pub fn place_popout(
        &mut self,
        board: &str,
        id: &str,
        place: PopoutPlace,
    ) -> Result<(), Trouble> {
        let at = self.at(board)?;
        let document = self.boards[at].document.with_popout_at(id, place);
        self.put(at, &document);
        Ok(())
    }

    /// A feed that is new to a board; or the one that it is known as, if it is on it already.
    pub fn take_feed(
        &mut self,
        board: &str,
        feed: BoardFeed,
        label: &str,
    ) -> Result<String, Trouble> {
        let at = self.at(board)?;
        let is_same = |known: &&BoardFeed| same_source(known, &feed);
        if let Some(known) = self.boards[at].document.feeds().iter().find(is_same) {
            return Ok(known.id.clone());
        }
        let feed = self.numbered(feed);
        let id = feed.id.clone();
        self.step(board, label, |document| document.with_feed(feed))?;
        Ok(id)
    }

    /// As it is on other boards; or with an id that nothing else has.
    fn numbered(&self, feed: BoardFeed) -> BoardFeed {
        let is_same = |known: &BoardFeed| same_source(known, &feed);
        if let Some(shared) = self.feeds().into_iter().find(|known| is_same(known)) {
            return shared;
        }
        let source = feed.url.as_deref().or(feed.profile.as_deref());
        let id = self.new_feed_id(source.unwrap_or_default(), is_same);
        BoardFeed { id, ..feed }
    }

    /// Puts another feed in the place of one; what was drawn of that is drawn of it. It has an id of
    /// its own, since what comes of it is something else.
    pub fn change_feed(
        &mut self,
        board: &str,
        id: &str,
        feed: BoardFeed,
        label: &str,
    ) -> Result<String, Trouble> {
        let at = self.at(board)?;
        let feeds = self.boards[at].document.feeds();
        let before = feeds.iter().find(|known| known.id == id && **known != computer_feed());
        let before = before.cloned().ok_or_else(|| troubles::unknown_feed(id))?;
        let feed = match same_source(&before, &feed) {
            true => BoardFeed { id: before.id.clone(), ..feed },
            false => self.numbered(feed),
        };
        if feed == before {
            return Ok(before.id);
        }
        let new = feed.id.clone();
        self.step(board, label, |document| document.with_feed_instead(id, feed))?;
        if new != before.id {
            self.follow(at, &before.id, &new);
            self.let_go(before);
        }
        Ok(new)
    }

    /// What names a feed outside of boards goes over to the one that a board's last step has put in
    /// its place; but it stays where another board has that feed.
    fn follow(&mut self, at: usize, from: &str, to: &str) {
        let who = if self.has_feed(from) { Vec::new() } else { self.named(from) };
        let moved = Moved { from: from.to_owned(), to: to.to_owned(), who };
        self.boards[at].steps.note_moved(moved.clone());
        self.moves(at, moved);
    }

    /// Only to a feed that the board has: it may have got another id.
    fn moves(&mut self, at: usize, moved: Moved) {
        let mut feeds = self.boards[at].document.feeds().iter();
        self.feeds_moved = feeds.any(|feed| feed.id == moved.to).then_some(moved);
    }

    fn has_feed(&self, id: &str) -> bool {
        let mut feeds = self.boards.iter().flat_map(|board| board.document.feeds());
        feeds.any(|feed| feed.id == id)
    }

    fn named(&self, feed: &str) -> Vec<Namer> {
        self.feeds_named.get(feed).cloned().unwrap_or_default()
    }

    /// What is kept of a feed goes with the end of the application, unless it comes back.
    fn let_go(&mut self, feed: BoardFeed) {
        self.feeds_removed.push(feed);
        if self.feeds_removed.len() > FEEDS_REMOVED_MAX {
            self.feeds_removed.remove(0);
        }
    }

    /// An id for a feed that no board draws: the one that it had, or one that nothing has or names.
    fn new_feed_id(&self, source: &str, is_same: impl Fn(&BoardFeed) -> bool) -> String {
        let feeds = self.feeds();
        let had = self.feeds_forgotten.iter().rev().find(|feed| is_same(feed));
        let had = had.filter(|had| !feeds.iter().any(|feed| feed.id == had.id));
        had.map(|had| had.id.clone()).unwrap_or_else(|| {
            let gone = self.feeds_removed.iter().chain(&self.feeds_forgotten);
            let taken = feeds.iter().chain(gone).map(|feed| feed.id.as_str());
            let named = self.feeds_named.keys().map(String::as_str);
            feed_id(source, &taken.chain(named).collect())
        })
    }

    /// Nothing is kept any more of a feed that was removed.
    pub fn forgot(&mut self, feed: BoardFeed) {
        self.feeds_forgotten.retain(|known| known.id != feed.id);
        self.feeds_forgotten.push(feed);
        if self.feeds_forgotten.len() > FEEDS_REMOVED_MAX {
            self.feeds_forgotten.remove(0);
        }
    }

    /// Takes a feed off a board; if no other names it, it is not wanted any more.
    pub fn remove_feed(
        &mut self,
        board: &str,
        id: &str,
        label: &str,
    ) -> Result<BoardChanged, Trouble> {
        let at = self.at(board)?;
        let removed = self.boards[at].document.feeds().iter().find(|feed| feed.id == id).cloned();
        let Some(removed) = removed.filter(|feed| *feed != computer_feed()) else {
            return Ok(self.answer(at, false, true));
        };
        let answer = self.step(board, label, |document| document.without_feed(id))?;
        self.let_go(removed);
        Ok(answer)
    }

    /// A board that is a copy of another, after it. Gives its id.
    pub fn duplicate(
        &mut self,
        id: &str,
        new: &str,
        name: &str,
        file: PathBuf,
    ) -> Result<(), Trouble> {
        let at = self.at(id)?;
        let document = self.boards[at].document.renamed(new, name);
        self.add(document, file, false);
        if let Some(copy) = self.boards.pop() {
            self.boards.insert(at + 1, copy);
        }
        Ok(())
    }

    /// Takes a board out of those that are open.
    pub fn take(&mut self, id: &str) -> Result<(usize, OpenBoard), Trouble> {
        let at = self.at(id)?;
        let board = self.boards.remove(at);
        self.list_unsaved = true;
        self.next_version();
        for shown in self.shown.values_mut().filter(|shown| *shown == id) {
            let neighbour = self.boards.get(at).or(self.boards.last());
            *shown = neighbour.map(|board| board.document.id().to_owned()).unwrap_or_default();
        }
        Ok((at, board))
    }

    /// Remembers a board that was removed.
    pub fn remember(&mut self, at: usize, board: OpenBoard) {
        self.removed.push((at, board));
        if self.removed.len() > REMOVED_MAX {
            self.removed.remove(0);
        }
    }

    /// Where the file of a removed board was, and where it is.
    pub fn removed_file(&self, id: &str) -> Option<(PathBuf, Option<PathBuf>)> {
        let (_, board) = self.removed.iter().rfind(|(_, board)| board.document.id() == id)?;
        Some((board.file.clone(), board.aside.clone()))
    }

    pub fn removed(&mut self, id: &str) -> Option<(usize, OpenBoard)> {
        let at = self.removed.iter().rposition(|(_, board)| board.document.id() == id)?;
        Some(self.removed.remove(at))
    }

    /// Opens a board again that was taken out, where it was.
    pub fn bring_back(&mut self, at: usize, mut board: OpenBoard) {
        let settled = self.settled(&board.document, None);
        if settled != *board.document {
            board.document = Arc::new(settled);
            board.saved = 0;
        }
        let was_saved = board.saved == board.revision;
        self.list_unsaved = true;
        board.revision = self.next_version();
        if was_saved {
            board.saved = board.revision;
        }
        self.boards.insert(at.min(self.boards.len()), board);
    }

    /// Puts them into this order; those that are not named stay behind the others.
    pub fn reorder(&mut self, order: &[String]) {
        let rank = |board: &OpenBoard| {
            order.iter().position(|id| id == board.document.id()).unwrap_or(order.len())
        };
        self.boards.sort_by_key(rank);
        self.list_unsaved = true;
        self.next_version();
    }

    /// What is to be written: boards whose files do not have them as they are.
    pub fn unsaved(&self) -> Vec<Unsaved> {
        let unsaved = self.boards.iter().filter(|board| board.saved != board.revision);
        unsaved
            .map(|board| {
                let id = board.document.id().to_owned();
                (id, board.revision, board.file.clone(), board.document.clone(), board.is_lossy)
            })
            .collect()
    }

    /// A board's file has it as of this revision.
    pub fn saved(&mut self, id: &str, revision: u64) {
        if let Some(board) = self.boards.iter_mut().find(|board| board.document.id() == id) {
            board.saved = board.saved.max(revision);
            board.is_lossy = false;
        }
    }

    /// An id for a board that none has that is open, or could be brought back.
    pub fn free_id(&self, name: &str, is_taken: impl Fn(&str) -> bool) -> String {
        let removed = self.removed.iter().map(|(_, board)| board);
        let known: Vec<&str> =
            self.boards.iter().chain(removed).map(|board| board.document.id()).collect();
        board_id(name, |id| known.contains(&id) || is_taken(id))
    }

    pub fn template(
        &self,
        template: &str,
        id: &str,
        name: Option<&str>,
    ) -> Result<Document, Trouble> {
        let made = templates::named(template).ok_or_else(|| troubles::no_template(template))?;
        Ok(made.renamed(id, name.unwrap_or(made.name())))
    }
}

/// As many as there can be feeds.
const FEEDS_REMOVED_MAX: usize = 64;
