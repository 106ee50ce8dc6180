//! What can go wrong with boards, said.

use super::mend::{Kind, Wrong};
use super::{FEEDS_MAX, FILE_BYTES_MAX, OPEN_MAX};
use crate::api::Trouble;
use feedscope_feed::{Said, Step, said};
use std::path::Path;

/// Of one board, no more than this is said one by one: who has more to mend opens the file.
const SAID_MAX: usize = 8;

/// Of what is not said one by one, so many places are named.
const NAMED_MAX: usize = 100;

fn trouble(code: &'static str, what: Said, answer: Option<String>, advice: Said) -> Trouble {
    Trouble::new(code, said!("step_board", "Board"), what, answer, advice)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// What was wrong in a board's file.
pub(crate) fn wrong(file: &str, wrong: &[Wrong]) -> Vec<Trouble> {
    let mut troubles: Vec<Trouble> =
        wrong.iter().take(SAID_MAX).map(|wrong| one_wrong(file, wrong)).collect();
    if let Some(more) = wrong.get(SAID_MAX..).filter(|more| !more.is_empty()) {
        let places: Vec<&str> =
            more.iter().take(NAMED_MAX).map(|wrong| wrong.place.as_str()).collect();
        troubles.push(trouble(
            "board-part",
            said!(
                "trouble_board_parts",
                "{file}: {count} more places could not be used as they are.",
                file,
                count = more.len(),
            ),
            Some(places.join(", ")),
            said!(
                "advice_board_parts",
                "Look at the file with an editor that knows its schema, docs/board.schema.json."
            ),
        ));
    }
    troubles
}

fn one_wrong(file: &str, Wrong { what, place, why }: &Wrong) -> Trouble {
    let place = place.as_str();
    let (code, what, advice) = match what {
        Kind::LeftOut => (
            "board-part",
            said!("trouble_board_part", "{file}: {place} was not used.", file, place),
            said!(
                "advice_board_part",
                "The rest of the board is as it was. Before its file is written anew, a copy of \
                 it is kept beside it."
            ),
        ),
        Kind::Newer => (
            "board-newer",
            said!("trouble_board_newer", "{file} is of a newer Feedscope than this one.", file),
            said!(
                "advice_board_newer",
                "What is known here is shown. Before its file is written anew, a copy of it is \
                 kept beside it. A newer Feedscope shows all of it."
            ),
        ),
        Kind::Unknown => (
            "board-kind",
            said!("trouble_board_kind", "{file}: {place} is not known here.", file, place),
            said!(
                "advice_board_kind",
                "The panel is kept as it is, and not drawn. A newer Feedscope may know it."
            ),
        ),
        Kind::Missing => (
            "board-feed",
            said!(
                "trouble_board_feed",
                "{file}: {place} names a feed that is not there.",
                file,
                place
            ),
            said!(
                "advice_board_feed",
                "What is drawn of it stays empty. Add the feed again, or remove what is drawn of \
                 it."
            ),
        ),
    };
    // What a library says of it stays in its own words.
    let is_ours = why.parts().iter().all(|part| part.key.is_some());
    if is_ours {
        trouble(code, what.and(why.clone()), None, advice)
    } else {
        trouble(code, what, Some(why.to_string()), advice)
    }
}

pub(crate) fn unreadable(path: &Path, why: &Said) -> Trouble {
    trouble(
        "board-unreadable",
        said!("trouble_no_board", "{path} is not a board.", path = shown(path)),
        Some(why.to_string()),
        said!("advice_no_board", "It was left as it is. Mend it, or move it elsewhere."),
    )
}

pub(crate) fn refused(path: &Path, why: &str) -> Trouble {
    trouble(
        "board-refused",
        said!("trouble_file_unread", "{path} could not be read.", path = shown(path)),
        Some(why.into()),
        said!("advice_file_unread", "Check that it is there, and that it may be read."),
    )
}

/// A page of ours does not send such a thing.
pub(crate) fn unfit(why: &Said) -> Trouble {
    trouble(
        "board-unfit",
        said!("trouble_board_unfit", "That is not a board."),
        Some(why.to_string()),
        said!("advice_board_unfit", "This is a mistake in Feedscope. The board stays as it was."),
    )
}

pub(crate) fn too_large(path: Option<&Path>) -> Trouble {
    let mb = FILE_BYTES_MAX >> 20;
    let what = match path {
        Some(path) => {
            let path = shown(path);
            said!("trouble_board_file_large", "{path} is larger than {mb} MB.", path, mb)
        }
        None => said!("trouble_board_large", "The board is larger than {mb} MB.", mb),
    };
    let advice = said!("advice_board_large", "A board is much smaller: look whether this is one.");
    trouble("board-too-large", what, None, advice)
}

pub(crate) fn no_annotations(file: &str, why: &Said) -> Trouble {
    trouble(
        "annotations-unreadable",
        said!("trouble_no_annotations", "{file} has no annotations.", file),
        Some(why.to_string()),
        said!(
            "advice_no_annotations",
            "Choose a CSV or JSON file of annotations, as Feedscope exports them, or a board."
        ),
    )
}

pub(crate) fn unsaved(path: &Path, why: &str) -> Trouble {
    trouble(
        "board-unsaved",
        said!("trouble_file_unsaved", "{path} could not be saved.", path = shown(path)),
        Some(why.into()),
        said!("advice_file", "Check that the folder exists, may be written to, and has room."),
    )
}

pub(crate) fn same_id(file: &str, other: &str, id: &str) -> Trouble {
    trouble(
        "board-same-id",
        said!("trouble_board_same_id", "{file} has the id of another board, {other}.", file, other),
        None,
        said!(
            "advice_board_same_id",
            "It is shown under an id of its own now, {id}. If one is a copy, remove it.",
            id
        ),
    )
}

pub(crate) fn unknown(id: &str) -> Trouble {
    trouble(
        "board-unknown",
        said!("trouble_board_unknown", "There is no board “{id}”.", id),
        None,
        said!("advice_board_unknown", "It may have been closed or removed in another window."),
    )
}

pub(crate) fn no_feed(id: &str) -> Trouble {
    trouble(
        "feed-unknown",
        said!("trouble_feed_unknown", "There is no feed “{id}”.", id),
        None,
        said!("advice_feed_unknown", "It may have been removed in another window."),
    )
}

pub(crate) fn too_many() -> Trouble {
    trouble(
        "boards-max",
        said!("trouble_boards_max", "{count} boards are open already.", count = OPEN_MAX),
        None,
        said!("advice_boards_max", "Close one that is not needed."),
    )
}

pub(crate) fn too_many_feeds() -> Trouble {
    Trouble::new(
        "feeds-max",
        Step::Url.said(),
        said!("trouble_feeds_max", "There are {count} feeds already.", count = FEEDS_MAX),
        None,
        said!("advice_feeds_max", "Remove one that is not needed."),
    )
}

pub(crate) fn no_name() -> Trouble {
    trouble(
        "board-name",
        said!("trouble_board_name", "That is not a name for a board."),
        None,
        said!("advice_board_name", "Give it one of 1 to 200 characters."),
    )
}

pub(crate) fn no_template(name: &str) -> Trouble {
    trouble(
        "board-template",
        said!("trouble_board_template", "There is no template “{name}”.", name),
        None,
        said!("advice_board_template", "Choose another."),
    )
}

pub(crate) fn unknown_feed(id: &str) -> Trouble {
    trouble(
        "board-feed-unknown",
        said!("trouble_board_feed_unknown", "The board has no feed “{id}”.", id),
        None,
        said!("advice_board_feed_unknown", "It may have been removed meanwhile."),
    )
}

pub(crate) fn no_profile(source: &str) -> Trouble {
    trouble(
        "board-profile",
        said!("trouble_board_profile", "There is no {source}.", source = source.replace(':', " ")),
        None,
        said!(
            "advice_board_profile",
            "A newer Feedscope may have it. The feed is kept on its board, and not subscribed to."
        ),
    )
}
