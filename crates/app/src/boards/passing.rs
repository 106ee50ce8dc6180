//! Boards given to others and taken from them, and boards that are proposed: what windows may ask of
//! that.

use super::carried::{self, rename_feeds};
use super::commands::{at, profile_of};
use super::document::{COMPUTER_URL, Document, chosen, same_source};
use super::folder::{self, Folder};
use super::format::{BoardFeed, Trace};
use super::mend::Kind;
use super::open::Open;
use super::read::{self, Fit};
use super::roles::Seen;
use super::{FILE_BYTES_MAX, FILE_END, annotations, gallery, share, suggest, troubles};
use crate::api::{
    self, AnnotationsFormat, AnnotationsRead, BoardImport, BoardLook, BoardLookFeed,
    BoardLookState, Exported, FeedChoice, Proposal, Template, Trouble,
};
use crate::app::App;
use crate::derived;
use crate::shared::lock;
use crate::store::Store;
use crate::view;
use feedscope_feed::link::Destination;
use feedscope_feed::profile::Values;
use feedscope_feed::{Profile, Time, link};
use feedscope_history::Absent;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// How much of the past tells what a field is: less, looked at more closely, of one that is new.
const LATELY_MS: [f64; 3] = [120_000.0, 12_000.0, 1_200.0];
/// Each tells four values, and whether it rose.
const LATELY_COLUMNS: u32 = 60;
/// As many tell enough.
const COLUMNS_ENOUGH: usize = 8;
/// More fields are not told apart; of those that came first, there are enough for a board.
const FIELDS_MAX: usize = 2_000;

impl App {
    /// What is in a file that may be a board. Nothing follows from it.
    pub fn board_look(&self, file: &str, text: &str) -> Result<BoardLook, Trouble> {
        let fit = fit_of(file, text, &[], &[])?;
        let open = lock(&self.shared).boards.feeds();
        let board = fit.document.json();
        let panels = board.get("panels").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let known = fit.document.feeds();
        let mut missing: Vec<String> = Vec::new();
        let carried = board.get(carried::KEY);
        for named in panels.iter().chain(carried) {
            for_each_feed(named, &mut |id| {
                let is_known = id == derived::FEED || known.iter().any(|feed| feed.id == id);
                if !is_known && !missing.iter().any(|other| other == id) {
                    missing.push(id.to_owned());
                }
            });
        }
        let named = |id: &str| {
            let names = |panel: &&Value| {
                let mut does = false;
                for_each_feed(panel, &mut |named| does |= named == id);
                does
            };
            panels.iter().filter(names).count() as u32
        };
        let mut feeds: Vec<BoardLookFeed> = known
            .iter()
            .filter(|feed| feed.url.as_deref() != Some(COMPUTER_URL))
            .map(|feed| {
                let profile = profile_of(feed);
                let lacking = |profile| self.given.lacking(profile, &*self.world);
                let asks = profile.as_ref().map(lacking).unwrap_or_default();
                let is_open = open.iter().any(|other| same_source(other, feed));
                let to = profile
                    .as_ref()
                    .map(|profile| Destination::of(profile, &Values::default(), &*self.world));
                BoardLookFeed {
                    id: feed.id.clone(),
                    name: feed.name.clone(),
                    url: feed.url.clone(),
                    profile: feed.profile.clone(),
                    panels: named(&feed.id),
                    state: if is_open && asks.is_empty() {
                        BoardLookState::Open
                    } else if profile.is_none() {
                        BoardLookState::UnknownProfile
                    } else {
                        BoardLookState::New
                    },
                    host: to.as_ref().map(|to| to.host().to_owned()),
                    address: to.map(|to| to.url),
                    secrets: share::secrets_of(feed),
                    asks,
                }
            })
            .collect();
        feeds.extend(missing.into_iter().take(super::FEEDS_MAX).map(|id| BoardLookFeed {
            panels: named(&id),
            name: id.clone(),
            id,
            url: None,
            profile: None,
            state: BoardLookState::Missing,
            address: None,
            host: None,
            secrets: Vec::new(),
            asks: Vec::new(),
        }));
        // Feeds that are not there have a place of their own, where that can be mended.
        let wrong: Vec<_> =
            fit.wrong.into_iter().filter(|wrong| wrong.what != Kind::Missing).collect();
        Ok(BoardLook {
            name: name_of(&fit.document, file),
            panels: panels.len() as u32,
            feeds,
            troubles: troubles::wrong(file, &wrong),
        })
    }

    /// A board of a file's text, with other feeds where that was chosen. Gives its id.
    pub fn board_import(&self, import: &BoardImport) -> Result<String, Trouble> {
        for url in import.feeds.iter().filter(|choice| choice.feed.is_none()) {
            let Some(url) = &url.url else { continue };
            link::check(&at(url.trim()), &Values::default(), &*self.world)
                .map_err(|failure| Trouble::from(&failure.trouble))?;
        }
        let feeds = lock(&self.shared).boards.feeds();
        let fit = fit_of(&import.file, &import.text, &import.feeds, &feeds)?;
        let name = name_of(&fit.document, &import.file);
        for feed in fit.document.feeds().iter().filter(|feed| import.given.contains(&feed.id)) {
            self.give_feed(feed);
        }
        self.act(|open| taken(open, &self.folder, &fit.document, &name))
    }

    /// Writes a board for others, without what may be secret in it, to where downloads are.
    pub fn board_export(&self, id: &str) -> Result<Exported, Trouble> {
        let document = {
            let shared = lock(&self.shared);
            let board = shared.boards.find(id).ok_or_else(|| troubles::unknown(id))?;
            board.document.carrying(&shared.store.derived.list(), &shared.boards.feeds())
        };
        let shared = share::shareable(&document);
        let without_secrets = document
            .feeds()
            .iter()
            .zip(shared.feeds())
            .filter(|(feed, shared)| feed != shared)
            .map(|(feed, _)| feed.name.clone())
            .collect();
        let path = folder::free_file(&self.config.downloads_dir, document.name(), FILE_END);
        folder::save(&path, &shared, false)?;
        Ok(Exported { path: path.to_string_lossy().into_owned(), without_secrets })
    }

    /// Writes the annotations of a board to where downloads are. Gives the file.
    pub fn annotations_export(
        &self,
        id: &str,
        format: AnnotationsFormat,
    ) -> Result<PathBuf, Trouble> {
        let (name, list) = {
            let shared = lock(&self.shared);
            let board = shared.boards.find(id).ok_or_else(|| troubles::unknown(id))?;
            (board.document.name().to_owned(), annotations::of(&board.document))
        };
        let path = folder::free_file(&self.config.downloads_dir, &name, format.file_end());
        folder::write_new(&path, annotations::written(&list, format).as_bytes())?;
        Ok(path)
    }

    /// The annotations in a file's text, whichever of the formats it has.
    pub fn annotations_read(&self, file: &str, text: &str) -> Result<AnnotationsRead, Trouble> {
        if text.len() > FILE_BYTES_MAX {
            return Err(troubles::too_large(Some(Path::new(file))));
        }
        annotations::read(text).map_err(|why| troubles::no_annotations(file, &why))
    }

    /// Whether this is something that was exported here, and may be shown in the file manager.
    pub fn is_export(&self, path: &Path) -> bool {
        let ends = [FILE_END, annotations::CSV_END, annotations::JSON_END];
        path.parent() == Some(&self.config.downloads_dir)
            && ends.iter().any(|end| folder::file_name(path).ends_with(end))
            && path.is_file()
    }

    /// Where a board is kept, as it is now.
    pub fn board_file(&self, id: &str) -> Result<PathBuf, Trouble> {
        self.save_boards()?;
        let shared = lock(&self.shared);
        let board = shared.boards.find(id).ok_or_else(|| troubles::unknown(id))?;
        Ok(board.file.clone())
    }

    /// Panels for what a feed has sent lately.
    pub fn board_suggest(&self, feed: &str) -> Result<Proposal, Trouble> {
        Ok(suggest::suggest(feed, self.has_books(feed), &self.seen(feed)?))
    }

    pub fn board_templates() -> Vec<Template> {
        gallery::templates()
    }

    /// A template's panels, with fields of this feed.
    pub fn board_fill(&self, template: &str, feed: &str) -> Result<Proposal, Trouble> {
        let mut seen = self.seen(feed)?;
        seen.retain(|seen| !seen.is_text);
        let has_books = self.has_books(feed);
        gallery::fill(template, feed, has_books, &seen)
            .ok_or_else(|| troubles::no_template(template))
    }

    /// Whether the profile of a feed says where order books are.
    fn has_books(&self, id: &str) -> bool {
        let shared = lock(&self.shared);
        let feed = shared.store.feeds.iter().find(|feed| feed.id == id);
        feed.is_some_and(|feed| !feed.profile.book.is_empty())
    }

    /// How the fields of a feed were lately.
    fn seen(&self, id: &str) -> Result<Vec<Seen>, Trouble> {
        let fields: Vec<api::Field> = {
            let shared = lock(&self.shared);
            let feed = shared.store.feeds.iter().find(|feed| feed.id == id);
            feed.ok_or_else(|| troubles::no_feed(id))?.fields_from(0)
        };
        let numbers: HashSet<(String, String)> = fields
            .iter()
            .filter(|field| field.texts.is_none())
            .map(|field| (field.channel.clone(), field.path.clone()))
            .collect();
        let traces: Vec<(Trace, bool)> = fields
            .into_iter()
            .map(|field| {
                let (feed, is_text) = (id.into(), field.texts.is_some());
                let api::Field { channel, path, .. } = field;
                (Trace { feed, channel, path, ..Trace::default() }, is_text)
            })
            // What has both is shown by its numbers.
            .filter(|(trace, is_text)| {
                !is_text || !numbers.contains(&(trace.channel.clone(), trace.path.clone()))
            })
            .take(FIELDS_MAX)
            .collect();
        self.ask(|shared| {
            let seen = traces.iter().map(|(trace, is_text)| {
                Ok(Seen { is_text: *is_text, ..seen_of(&shared.store, trace)? })
            });
            seen.collect::<Result<_, Absent>>()
        })
    }
}

fn seen_of(store: &Store, trace: &Trace) -> Result<Seen, Absent> {
    let now_ms = Time::now().millis();
    // By arrival, since what a source calls now may be another time.
    let mut found = Vec::new();
    for lately_ms in LATELY_MS {
        let grid = view::grid(api::Axis::Arrival, now_ms - lately_ms, now_ms, LATELY_COLUMNS);
        let columns = view::columns_of(store, trace, &grid)?;
        if columns.len() > found.len() {
            found = columns;
        }
        if found.len() >= COLUMNS_ENOUGH {
            break;
        }
    }
    Ok(Seen::of(&trace.channel, &trace.path, &found))
}

fn name_of(document: &Document, file: &str) -> String {
    match document.name() {
        "" => folder::stem(Path::new(file)),
        name => name.to_owned(),
    }
}

/// Opens a document as a board of its own.
fn taken(
    open: &mut Open,
    folder: &Folder,
    document: &Document,
    name: &str,
) -> Result<String, Trouble> {
    if open.is_full() {
        return Err(troubles::too_many());
    }
    let is_free = !document.id().is_empty()
        && open.find(document.id()).is_none()
        && !folder.has_id(document.id())
        && open.free_id(document.id(), |_| false) == document.id();
    // An id from elsewhere becomes the name of a file.
    let is_name = is_free && super::document::board_id(document.id(), |_| false) == document.id();
    let id = match document.id() {
        id if is_name => id.to_owned(),
        _ => open.free_id(name, |id| folder.has_id(id)),
    };
    open.add(document.renamed(&id, name), folder.new_file(&id), false);
    Ok(id)
}

fn fit_of(
    file: &str,
    text: &str,
    choices: &[FeedChoice],
    feeds: &[BoardFeed],
) -> Result<Fit, Trouble> {
    let path = Path::new(file);
    if text.len() > FILE_BYTES_MAX {
        return Err(troubles::too_large(Some(path)));
    }
    let unreadable = |why| troubles::unreadable(path, &why);
    if choices.is_empty() {
        return read::read(text.as_bytes()).map_err(unreadable);
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut board: Value =
        serde_json::from_str(text).map_err(|error| unreadable(error.to_string().into()))?;
    for choice in choices {
        choose(&mut board, choice, feeds);
    }
    read::fit(board).map_err(unreadable)
}

/// What a feed of a file has that is known here.
const KNOWN: [&str; 7] = ["id", "name", "url", "profile", "variables", "headers", "reading"];

/// A feed of a file, at another address. A profile that is not known here goes, with what is chosen
/// of it.
fn readdressed(board: &Map<String, Value>, id: &str, url: &str) -> BoardFeed {
    let feeds = board.get("feeds").and_then(Value::as_array).into_iter().flatten();
    let mut feeds = feeds.filter_map(|feed| BoardFeed::deserialize(feed).ok());
    let mut feed = feeds.find(|feed| feed.id == id).unwrap_or_default();
    let is_known = |profile: &String| Profile::bundled_named(profile).is_some();
    feed.profile = feed.profile.filter(is_known);
    if feed.profile.is_none() {
        feed.variables.clear();
    }
    if feed.name.is_empty() {
        feed.name = at(url).name;
    }
    BoardFeed { id: String::new(), url: Some(url.to_owned()), ..feed }
}

/// Puts another feed in the place of one of a file.
fn choose(board: &mut Value, choice: &FeedChoice, feeds: &[BoardFeed]) {
    let Some(board) = board.as_object_mut() else { return };
    let source = match (&choice.feed, &choice.url) {
        (Some(id), _) => feeds.iter().find(|feed| feed.id == *id).cloned(),
        (None, Some(url)) => {
            let there = readdressed(board, &choice.id, url.trim());
            let known = feeds.iter().find(|feed| same_source(feed, &there));
            Some(known.cloned().unwrap_or(there))
        }
        (None, None) => None,
    };
    let Some(source) = source else { return };
    let list = board.entry("feeds").or_insert_with(|| json!([]));
    if !list.is_array() {
        *list = json!([]);
    }
    let Some(list) = list.as_array_mut() else { return };
    let text = |feed: &Value, key: &str| feed.get(key).and_then(Value::as_str).map(String::from);
    let is_same = |feed: &&Value| {
        let feed = BoardFeed::deserialize(*feed);
        feed.is_ok_and(|feed| feed.id != choice.id && same_source(&feed, &source))
    };
    let same = list.iter().find(is_same).and_then(|feed| text(feed, "id"));
    let is_it = |feed: &Value| text(feed, "id").as_deref() == Some(choice.id.as_str());
    let before = list.iter().find(|feed| is_it(feed)).and_then(Value::as_object).cloned();
    list.retain(|feed| !is_it(feed));
    match same {
        // What comes from one place is one feed.
        Some(same) => rename_feeds(board, &HashMap::from([(choice.id.clone(), same)])),
        // Its id stays, for now: as it is opened, it gets that of the feed that is subscribed to.
        None => {
            // With what is not known here, if it is the same but for its address.
            let mut feed = before.filter(|_| choice.feed.is_none()).unwrap_or_default();
            feed.retain(|key, _| !KNOWN.contains(&key.as_str()));
            feed.insert("id".into(), choice.id.as_str().into());
            feed.insert("name".into(), source.name.as_str().into());
            for (key, value) in [("url", &source.url), ("profile", &source.profile)] {
                if let Some(value) = value {
                    feed.insert(key.into(), value.as_str().into());
                }
            }
            feed.extend(chosen(&source).into_iter().map(|(key, value)| (key.to_owned(), value)));
            list.push(Value::Object(feed));
        }
    }
}

/// Wherever a feed is named, in a panel of whatever kind, it is by a key `feed`.
fn for_each_feed(within: &Value, found: &mut impl FnMut(&str)) {
    match within {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(id) if key == "feed" => found(id),
                    value => for_each_feed(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| for_each_feed(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::FeedReading;

    fn feed_of(choice: &FeedChoice, open: &[BoardFeed]) -> Value {
        let mut board = json!({ "feeds": [
            { "id": "a", "name": "A", "url": "ws://old/", "headers": { "X": "1" },
              "reading": { "patient": true }, "of-tomorrow": 1 },
            { "id": "b", "profile": "of-tomorrow", "variables": { "v": "1" } },
        ] });
        choose(&mut board, choice, open);
        let feeds = board["feeds"].as_array().unwrap();
        feeds.iter().find(|feed| feed["id"] == choice.id.as_str()).unwrap().clone()
    }

    #[test]
    fn a_feed_at_another_address_keeps_all_else_that_its_file_says() {
        let to =
            |id: &str| FeedChoice { id: id.into(), url: Some(" ws://new/ ".into()), feed: None };
        let of = |feeds: &[BoardFeed]| feed_of(&to("a"), feeds);
        let wanted = json!({ "id": "a", "name": "A", "url": "ws://new/", "headers": { "X": "1" },
            "reading": { "patient": true }, "of-tomorrow": 1 });
        assert_eq!(of(&[]), wanted);
        let open = |header: &str| BoardFeed {
            id: "open".into(),
            name: "Open".into(),
            url: Some("ws://new/".into()),
            headers: [("X".to_owned(), header.to_owned())].into(),
            reading: Some(FeedReading { patient: true, ..FeedReading::default() }),
            ..BoardFeed::default()
        };
        assert_eq!(of(&[open("2")]), wanted, "one of another header is another feed");
        assert_eq!(of(&[open("1")])["name"], "Open");
        let wanted = json!({ "id": "b", "name": "new", "url": "ws://new/" });
        assert_eq!(feed_of(&to("b"), &[]), wanted);
    }
}
