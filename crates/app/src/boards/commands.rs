//! What windows may ask of boards, and what follows from it: files are written, feeds are
//! subscribed to and dropped, and every window hears of it.

use super::document::{COMPUTER_URL, Document};
use super::folder::{self, Folder, List};
use super::following;
use super::format::BoardFeed;
use super::open::{Open, Unsaved};
use super::read::Fit;
use super::share::variable_without_secrets;
use super::troubles;
use crate::adding;
use crate::api::{self, BoardChange, BoardChanged, BoardList, Boards, ClosedBoard, Trouble};
use crate::app::App;
use crate::names;
use crate::shared::{Shared, lock};
use crate::store::Store;
use feedscope_feed::profile::Values;
use feedscope_feed::{Profile, Time, link};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The window that there always is.
pub const MAIN_WINDOW: &str = "main";

/// How long after a change it is written: what comes in between is written with it.
const SAVE_AFTER: Duration = Duration::from_millis(200);

/// How long a disk that fails is left alone.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Opens the boards that were open, and those that are named; says what was wrong. There is always
/// one.
pub(crate) fn open_all(folder: &Folder, named: &[PathBuf]) -> (Open, Vec<Trouble>) {
    let mut open = Open::default();
    let mut said = Vec::new();
    let files = folder.files();
    let list = folder.list();
    let by_name = |name: &String| files.iter().find(|path| folder::file_name(path) == *name);
    let wanted: Vec<PathBuf> = match &list {
        Some(list) => list.open.iter().filter_map(by_name).cloned().collect(),
        None => files.clone(),
    };
    for path in wanted {
        if let Err(trouble) = opened(&mut open, folder, &path, &mut said) {
            said.push(trouble);
        }
    }
    for (window, name) in list.iter().flat_map(|list| &list.shown) {
        let shown = open.boards().iter().find(|board| folder::file_name(&board.file) == *name);
        if let Some(id) = shown.map(|board| board.document.id().to_owned()) {
            // It is open.
            let _ = open.show(window, &id);
        }
    }
    for path in named {
        match opened(&mut open, folder, path, &mut said) {
            Ok(id) => drop(open.show(MAIN_WINDOW, &id)),
            Err(trouble) => said.push(trouble),
        }
    }
    if open.boards().is_empty() {
        let _ = add_template(&mut open, folder, "this-computer", None);
    }
    (open, said)
}

/// What the disk says of where a board's file is.
struct Place {
    path: PathBuf,
    /// What it is called where it is open.
    open_as: Vec<PathBuf>,
    /// It is in the folder of boards.
    is_kept: bool,
}

impl Place {
    fn find(folder: &Folder, path: &Path, open: &[PathBuf]) -> Place {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let known = folder.file(&folder::file_name(&path));
        let of = whole(&path);
        Place {
            is_kept: known.is_some_and(|known| whole(&known) == of),
            open_as: open.iter().filter(|open| whole(open) == of).cloned().collect(),
            path,
        }
    }
}

/// What was read of a file becomes a board.
fn opened(
    open: &mut Open,
    folder: &Folder,
    path: &Path,
    said: &mut Vec<Trouble>,
) -> Result<String, Trouble> {
    let fit = folder::open(path)?;
    let files: Vec<PathBuf> = open.boards().iter().map(|board| board.file.clone()).collect();
    open_fit(open, folder, &Place::find(folder, path, &files), fit, said)
}

/// Opens what was read of a board's file, unless it is open. Gives the board's id.
fn open_fit(
    open: &mut Open,
    folder: &Folder,
    place: &Place,
    fit: Fit,
    said: &mut Vec<Trouble>,
) -> Result<String, Trouble> {
    let Place { path, open_as, is_kept } = place;
    let same =
        |board: &&super::open::OpenBoard| board.file == *path || open_as.contains(&board.file);
    if let Some(board) = open.boards().iter().find(same) {
        return Ok(board.document.id().to_owned());
    }
    if open.is_full() {
        return Err(troubles::too_many());
    }
    let file = folder::file_name(path);
    let is_lossy = fit.is_lossy();
    said.extend(troubles::wrong(&file, &fit.wrong));
    let (document, is_new) = named(open, folder, path, fit.document, said);
    let id = document.id().to_owned();
    let board = open.add(document, path.clone(), !fit.is_old && !is_new);
    board.is_lossy = is_lossy;
    board.is_kept = *is_kept;
    Ok(id)
}

/// With an id that no other has, and a name. True if it had not.
fn named(
    open: &Open,
    folder: &Folder,
    path: &Path,
    document: Document,
    said: &mut Vec<Trouble>,
) -> (Document, bool) {
    let stem = folder::stem(path);
    let name = if document.name().is_empty() { &stem } else { document.name() };
    let other = open.find(document.id());
    if !document.id().is_empty() && other.is_none() && !document.name().is_empty() {
        return (document, false);
    }
    let is_other = |id: &str| folder.has_id(id) && id != stem;
    let id = match (other, document.id()) {
        (None, "") => open.free_id(&stem, is_other),
        (None, id) => id.to_owned(),
        (Some(other), _) => {
            let id = open.free_id(&stem, is_other);
            let other = folder::file_name(&other.file);
            said.push(troubles::same_id(&folder::file_name(path), &other, &id));
            id
        }
    };
    (document.renamed(&id, name), true)
}

/// The same for all names of a file.
fn whole(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn add_template(
    open: &mut Open,
    folder: &Folder,
    template: &str,
    name: Option<&str>,
) -> Result<String, Trouble> {
    if open.is_full() {
        return Err(troubles::too_many());
    }
    let made = open.template(template, "new", name)?;
    let id = open.free_id(made.name(), |id| folder.has_id(id));
    let file = folder.new_file(&id);
    open.add(made.renamed(&id, made.name()), file, false);
    Ok(id)
}

impl App {
    /// Which are open, and which are not.
    pub fn boards(&self) -> BoardList {
        let open = self.boards_now();
        let closed = self.closed();
        // Read without the lock. Whether it can be opened shows once someone wants it.
        let closed = closed.into_iter().map(|path| {
            let name = folder::open(&path).ok().map(|fit| fit.document.name().to_owned());
            let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| folder::stem(&path));
            ClosedBoard { file: folder::file_name(&path), name }
        });
        BoardList { closed: closed.collect(), open }
    }

    /// The files of boards that are not open.
    fn closed(&self) -> Vec<PathBuf> {
        let open: HashSet<PathBuf> = self.open_files().iter().map(|file| whole(file)).collect();
        let mut files = self.folder.files();
        files.retain(|path| !open.contains(&whole(path)));
        files
    }

    /// Disks may be slow: what is looked for on them is not looked for under the lock.
    fn open_files(&self) -> Vec<PathBuf> {
        let shared = lock(&self.shared);
        shared.boards.boards().iter().map(|board| board.file.clone()).collect()
    }

    /// What every window is told of boards.
    pub(crate) fn boards_now(&self) -> Boards {
        let shared = lock(&self.shared);
        Boards {
            version: shared.boards.version,
            list: shared.boards.heads(),
            feeds: shared.store.feeds.iter().map(|feed| feed.id.clone()).collect(),
        }
    }

    /// A board as it is now.
    pub fn board_get(&self, id: &str) -> Result<BoardChanged, Trouble> {
        lock(&self.shared).boards.answer_of(id)
    }

    /// A window shows this board from now on, and after a relaunch.
    pub fn board_show(&self, window: &str, id: &str) -> Result<BoardChanged, Trouble> {
        let answer = {
            let mut shared = lock(&self.shared);
            shared.boards.show(window, id)?;
            shared.boards.answer_of(id)
        };
        self.boards_unsaved.notify_one();
        answer
    }

    /// Opens a board of the folder that is closed; gives its id.
    pub fn board_open(&self, file: &str) -> Result<String, Trouble> {
        let path = self.folder.file(file).ok_or_else(|| troubles::unknown(file))?;
        let fit = folder::open(&path)?;
        let place = Place::find(&self.folder, &path, &self.open_files());
        let mut said = Vec::new();
        let id = self.act(|open| open_fit(open, &self.folder, &place, fit, &mut said))?;
        self.troubles(said);
        Ok(id)
    }

    /// Closes a board, which stays in its file. Its feeds are dropped, but for what others draw.
    pub fn board_close(&self, id: &str) -> Result<(), Trouble> {
        let _only = lock(&self.writing);
        self.save_board(id)?;
        let (at, board) = self.act(|open| {
            let taken = open.take(id)?;
            self.one_is_left(open);
            Ok(taken)
        })?;
        if board.saved == board.revision {
            return Ok(());
        }
        // It was changed in between.
        folder::save(&board.file, &board.document, board.is_lossy).or_else(|trouble| {
            self.act(|open| {
                open.bring_back(at, board);
                Err(trouble)
            })
        })
    }

    fn one_is_left(&self, open: &mut Open) {
        if open.boards().is_empty() {
            // There is room.
            let _ = add_template(open, &self.folder, "empty", None);
        }
    }

    /// A new board, made by a template: `empty`, `this-computer`. Gives its id.
    pub fn board_new(&self, template: &str, name: Option<&str>) -> Result<String, Trouble> {
        self.act(|open| add_template(open, &self.folder, template, name))
    }

    /// As a step that can be undone; `label` is what it is called in the menu.
    pub fn board_rename(&self, id: &str, name: &str, label: &str) -> Result<BoardChanged, Trouble> {
        self.act(|open| open.rename(id, name, label))
    }

    /// A copy, after the original; gives its id.
    pub fn board_duplicate(&self, id: &str, name: &str) -> Result<String, Trouble> {
        self.act(|open| {
            if open.is_full() {
                return Err(troubles::too_many());
            }
            let new = open.free_id(name, |id| self.folder.has_id(id));
            open.duplicate(id, &new, name, self.folder.new_file(&new))?;
            Ok(new)
        })
    }

    /// Removes a board: its file is moved aside, from where it can be brought back. One from
    /// elsewhere is only closed.
    pub fn board_remove(&self, id: &str) -> Result<(), Trouble> {
        // What is moved aside is the board as it was seen last.
        let _only = lock(&self.writing);
        self.save_board(id)?;
        let (file, is_kept) = {
            let shared = lock(&self.shared);
            let board = shared.boards.find(id).ok_or_else(|| troubles::unknown(id))?;
            (board.file.clone(), board.is_kept)
        };
        let aside = (is_kept && file.exists()).then(|| self.folder.set_aside(&file));
        let aside =
            aside.transpose().map_err(|error| troubles::unsaved(&file, &error.to_string()))?;
        self.act(|open| {
            let (at, mut board) = open.take(id)?;
            board.aside = aside;
            open.remember(at, board);
            self.one_is_left(open);
            Ok(())
        })
    }

    /// Brings a board back that was removed since the application was started.
    pub fn board_restore(&self, id: &str) -> Result<(), Trouble> {
        let _only = lock(&self.writing);
        let (file, aside) = {
            let shared = lock(&self.shared);
            if shared.boards.is_full() {
                return Err(troubles::too_many());
            }
            shared.boards.removed_file(id).ok_or_else(|| troubles::unknown(id))?
        };
        if let Some(aside) = aside {
            folder::bring_back(&aside, &file);
        }
        let is_there = file.exists();
        self.act(|open| {
            let (at, mut board) = open.removed(id).ok_or_else(|| troubles::unknown(id))?;
            if !is_there {
                board.saved = 0;
            }
            open.bring_back(at, board);
            Ok(())
        })
    }

    /// Puts the boards into this order.
    pub fn boards_reorder(&self, order: &[String]) -> Result<(), Trouble> {
        self.act(|open| {
            open.reorder(order);
            Ok(())
        })
    }

    /// A board as it is to be from now on. See [`BoardChange`].
    pub fn board_change(&self, change: BoardChange) -> Result<BoardChanged, Trouble> {
        let (changed, said) = self.act(|open| open.change(change, Instant::now()))?;
        self.troubles(said);
        Ok(changed)
    }

    pub fn board_undo(&self, id: &str) -> Result<BoardChanged, Trouble> {
        self.act(|open| open.undo(id))
    }

    pub fn board_redo(&self, id: &str) -> Result<BoardChanged, Trouble> {
        self.act(|open| open.redo(id))
    }

    /// Subscribes a board to `url`. Fails only if it is not one; whether anyone answers there,
    /// shows.
    pub fn board_feed_add(
        &self,
        board: &str,
        url: &str,
        label: &str,
    ) -> Result<api::Feed, Trouble> {
        let url = url.trim();
        let profile = at(url);
        link::check(&profile, &Values::default(), &*self.world)
            .map_err(|failure| Trouble::from(&failure.trouble))?;
        self.give(&profile);
        let feed =
            BoardFeed { name: profile.name, url: Some(url.to_owned()), ..BoardFeed::default() };
        self.take_feed(board, feed, label)
    }

    /// Subscribes a board to a feed that is known to be one.
    pub(crate) fn take_feed(
        &self,
        board: &str,
        feed: BoardFeed,
        label: &str,
    ) -> Result<api::Feed, Trouble> {
        room_for(&feed, &lock(&self.shared).boards.feeds())?;
        self.forget(|removed| super::document::same_source(removed, &feed));
        let id = self.act(|open| open.take_feed(board, feed, label))?;
        self.feed(&id)
    }

    /// Puts a feed in the place of one of a board's.
    pub(crate) fn change_feed(
        &self,
        board: &str,
        id: &str,
        feed: BoardFeed,
        label: &str,
    ) -> Result<api::Feed, Trouble> {
        let id = self.act(|open| {
            // What it was makes room, unless another board draws it.
            room_for(&feed, &open.feeds_without(board, id))?;
            open.change_feed(board, id, feed, label)
        })?;
        self.feed(&id)
    }

    /// A feed as its board names it.
    pub(crate) fn board_feed(&self, board: &str, id: &str) -> Result<BoardFeed, Trouble> {
        let shared = lock(&self.shared);
        let board = shared.boards.find(board).ok_or_else(|| troubles::unknown(board))?;
        let feed = board.document.feeds().iter().find(|feed| feed.id == id);
        feed.cloned().ok_or_else(|| troubles::unknown_feed(id))
    }

    /// Takes a feed off a board, with what is drawn of it. If no other board draws it, what is kept
    /// of it goes when the application ends, or when it is added anew; until then, it can be undone.
    pub fn board_feed_remove(
        &self,
        board: &str,
        feed: &str,
        label: &str,
    ) -> Result<BoardChanged, Trouble> {
        self.act(|open| open.remove_feed(board, feed, label))
    }

    /// Does something to the boards, and all that follows from it.
    pub(crate) fn act<T>(
        &self,
        act: impl FnOnce(&mut Open) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let (answer, has_changed, followed) = {
            let mut shared = lock(&self.shared);
            let Shared { boards, alerts, store, .. } = &mut *shared;
            boards.feeds_named = following::named(alerts, &store.derived);
            let before = boards.version;
            let answer = act(boards);
            let moved = boards.feeds_moved.take();
            let followed = moved.map(|moved| moved.apply(Time::now(), alerts, store));
            (answer, boards.version != before, followed.unwrap_or_default())
        };
        if has_changed {
            self.take_carried();
            self.sync_feeds();
            self.sync_books();
            self.window.boards(&self.boards_now());
            self.sync_popouts();
            self.boards_unsaved.notify_one();
        }
        if followed.alerts {
            self.alerts_changed();
        }
        if followed.derived {
            self.derived_changed();
        }
        answer
    }

    /// Subscribes to what boards draw now, and drops what none does any more.
    pub(crate) fn sync_feeds(&self) {
        let _only = lock(&self.syncing);
        let (gone, new) = {
            let mut shared = lock(&self.shared);
            if !shared.subscribes {
                return;
            }
            let wanted = shared.boards.feeds();
            let Shared { store, alerts, .. } = &mut *shared;
            let Store { feeds, past, history, derived, .. } = store;
            let is_wanted = |id: &str, source: &str| {
                wanted.iter().any(|feed| feed.id == id && source_of(feed) == source)
            };
            let (kept, gone): (Vec<_>, Vec<_>) =
                std::mem::take(feeds).into_iter().partition(|feed| is_wanted(&feed.id, &feed.url));
            *feeds = kept;
            for feed in &mut *feeds {
                let wanted = wanted.iter().find(|wanted| wanted.id == feed.id);
                if wanted.is_some_and(|wanted| feed.rename(&wanted.name)) {
                    alerts.feed_renamed(feed);
                }
            }
            let now = Time::now();
            for feed in &gone {
                past.put(feed.name(), feed.left(now));
                derived.feed_is_gone(feed.number, history);
                alerts.feed_gone(now, &feed.id);
            }
            let is_new = |feed: &&BoardFeed| !feeds.iter().any(|known| known.id == feed.id);
            let room = super::FEEDS_MAX.saturating_sub(feeds.len());
            let new: Vec<BoardFeed> = wanted.iter().filter(is_new).take(room).cloned().collect();
            if !gone.is_empty() {
                store.reshaped();
            }
            if wanted.len() > super::FEEDS_MAX {
                shared.troubles.push(troubles::too_many_feeds());
            }
            (gone, new)
        };
        // Their subscriptions end, and may have something to say: not under the lock.
        drop(gone);
        for feed in new {
            self.subscribe(feed);
        }
        self.pump.changed.notify_one();
    }

    /// Has those order books be kept that panels show.
    fn sync_books(&self) {
        let shared = lock(&self.shared);
        for feed in &shared.store.feeds {
            feed.depths.watch(shared.boards.shows_books_of(&feed.id));
        }
    }

    /// Forgets what is kept of feeds that were removed, and are like this.
    fn forget(&self, is_it: impl Fn(&BoardFeed) -> bool) {
        let mut shared = lock(&self.shared);
        let wanted = shared.boards.feeds();
        let removed = std::mem::take(&mut shared.boards.feeds_removed);
        let (forgotten, left): (Vec<_>, Vec<_>) = removed.into_iter().partition(|feed| is_it(feed));
        shared.boards.feeds_removed = left;
        let Shared { boards, store, .. } = &mut *shared;
        let Store { past, history, .. } = store;
        for feed in forgotten {
            if !wanted.iter().any(|wanted| super::document::same_source(wanted, &feed)) {
                past.forget(&name_of(&feed), history);
            }
            boards.forgot(feed);
        }
    }

    /// The application is about to end: what was removed is not brought back any more.
    pub(crate) fn forget_removed(&self) {
        // Boards that are closed draw it, too, once they are open.
        let closed: Vec<BoardFeed> = {
            let files = self.closed();
            let fits = files.iter().filter_map(|path| folder::open(path).ok());
            fits.flat_map(|fit| fit.document.feeds().to_vec()).collect()
        };
        self.forget(|feed| !closed.iter().any(|other| super::document::same_source(other, feed)));
    }

    /// Writes boards soon after they have changed, for as long as the application runs.
    pub(crate) async fn keep_saving(self) {
        let mut is_failing = false;
        loop {
            if is_failing {
                tokio::time::sleep(RETRY_AFTER).await;
            } else {
                self.boards_unsaved.notified().await;
                tokio::time::sleep(SAVE_AFTER).await;
            }
            let app = self.clone();
            let saved = tokio::task::spawn_blocking(move || app.save_boards()).await;
            let failed = saved.is_ok_and(|saved| match saved {
                Ok(()) => false,
                Err(trouble) => {
                    // Once, and not every time that it is tried again.
                    if !is_failing {
                        self.trouble(trouble);
                    }
                    true
                }
            });
            is_failing = failed;
        }
    }

    /// Writes what is not in its file yet. One at a time, so that an older one never comes over a
    /// newer one.
    pub(crate) fn save_boards(&self) -> Result<(), Trouble> {
        let _only = lock(&self.writing);
        let (unsaved, list) = {
            let mut shared = lock(&self.shared);
            let open = &mut shared.boards;
            let list = std::mem::take(&mut open.list_unsaved).then(|| list_of(open));
            (open.unsaved(), list)
        };
        let mut failed = self.write_boards(unsaved).err();
        if let Some(list) = list
            && let Err(error) = self.folder.write_list(&list)
        {
            lock(&self.shared).boards.list_unsaved = true;
            let path = PathBuf::from("open-boards.json");
            failed = failed.or(Some(troubles::unsaved(&path, &error.to_string())));
        }
        failed.map_or(Ok(()), Err)
    }

    /// Writes one, whatever becomes of the others; to be called by who may write.
    fn save_board(&self, id: &str) -> Result<(), Trouble> {
        let mut unsaved = lock(&self.shared).boards.unsaved();
        unsaved.retain(|(of, ..)| of == id);
        self.write_boards(unsaved)
    }

    /// Writes all of them that can be written.
    fn write_boards(&self, unsaved: Vec<Unsaved>) -> Result<(), Trouble> {
        let mut failed = None;
        for (id, revision, file, document, is_lossy) in unsaved {
            match folder::save(&file, &document, is_lossy) {
                Ok(()) => lock(&self.shared).boards.saved(&id, revision),
                Err(trouble) => failed = failed.or(Some(trouble)),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    pub(super) fn troubles(&self, said: Vec<Trouble>) {
        for trouble in said {
            self.trouble(trouble);
        }
    }
}

fn list_of(open: &Open) -> List {
    let file = |id: &String| {
        let board = open.find(id).filter(|board| board.is_kept)?;
        Some(folder::file_name(&board.file))
    };
    let kept = open.boards().iter().filter(|board| board.is_kept);
    let shown = open.all_shown().iter();
    List {
        open: kept.map(|board| folder::file_name(&board.file)).collect(),
        shown: shown.filter_map(|(window, id)| Some((window.clone(), file(id)?))).collect(),
    }
}

fn room_for(feed: &BoardFeed, among: &[BoardFeed]) -> Result<(), Trouble> {
    let is_known = among.iter().any(|known| super::document::same_source(known, feed));
    match is_known || among.len() < super::FEEDS_MAX {
        true => Ok(()),
        false => Err(troubles::too_many_feeds()),
    }
}

/// What tells where a feed's data come from, in one text.
pub(crate) fn source_of(feed: &BoardFeed) -> String {
    let chosen = super::document::chosen(feed);
    let mut source = match (&feed.profile, &feed.url) {
        (None, Some(url)) => url.clone(),
        (Some(profile), None) => format!("profile:{profile}"),
        (Some(profile), Some(url)) => format!("profile:{profile} {url}"),
        (None, None) => String::new(),
    };
    for (key, value) in chosen {
        source.push_str(&format!(" {key}={value}"));
    }
    source
}

/// A feed of which nothing but its URL is known, in which there may be names of secrets.
pub(crate) fn at(url: &str) -> Profile {
    let mut profile = Profile::from_url(url);
    if url.contains("${")
        && let Ok(template) = url.parse()
    {
        profile.connection.url = template;
    }
    profile
}

/// The profile of a feed of a board, but for the built-in one; `None` if there is none of its name.
pub(crate) fn profile_of(feed: &BoardFeed) -> Option<Profile> {
    if !super::document::chosen(feed).is_empty() {
        return adding::described(feed).ok();
    }
    let mut profile = match (&feed.profile, &feed.url) {
        (Some(profile), _) => Profile::bundled_named(profile)?,
        (None, Some(url)) => at(url),
        (None, None) => return None,
    };
    if let (Some(_), Some(url)) = (&feed.profile, &feed.url) {
        profile.connection.url = at(url).connection.url;
    }
    if !feed.name.is_empty() {
        profile.name.clone_from(&feed.name);
    }
    Some(profile)
}

/// What a feed's track is called in the history.
fn name_of(feed: &BoardFeed) -> String {
    names::feed(&feed.id, &told_apart(feed, profile_of(feed).as_ref()))
}

/// What tells one of a profile's feeds from its others, without what may be secret.
pub(crate) fn told_apart(feed: &BoardFeed, profile: Option<&Profile>) -> String {
    if feed.url.as_deref() == Some(COMPUTER_URL) {
        return COMPUTER_URL.to_owned();
    }
    let named = || feed.profile.as_ref().unwrap_or(&feed.name).clone();
    let mut shown = profile.map_or_else(named, Profile::shown_url);
    for (name, value) in &feed.variables {
        shown.push_str(&format!(" {name}={}", variable_without_secrets(name, value)));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_feeds_in_the_history_tell_them_apart_and_no_secrets() {
        let of = |profile: &str, url: &str| {
            let texts = |key: &str, value: &str| [(key.to_owned(), value.to_owned())].into();
            name_of(&BoardFeed {
                id: "f".into(),
                name: "F".into(),
                profile: Some(profile.into()),
                variables: texts("url", url),
                headers: texts("X-Key", "hunter2"),
                ..BoardFeed::default()
            })
        };
        // One that there is, and one that there is not.
        for profile in ["signalk", "gone"] {
            let name = of(profile, "ws://boat/?token=hunter2");
            assert!(name.contains("ws://boat/") && !name.contains("hunter2"), "{name}");
            assert_ne!(name, of(profile, "ws://other/"));
        }
    }
}
