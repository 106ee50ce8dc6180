//! What tracks and series are called in the history, by which they are found again after a
//! relaunch. A name is a JSON list, so that no two are mistaken for each other, whatever feeds call
//! their channels and fields.

/// What the names of series of texts end with.
const TEXTS: &str = "texts";

/// A feed's track: its id, and its URL without what may be secret, since another feed may get the
/// id once this one is removed.
pub(crate) fn feed(id: &str, shown_url: &str) -> String {
    list(&[Some(id), Some(shown_url)])
}

/// The track of what is told apart within `feed`: a channel, and one of its keys if it has any.
pub(crate) fn channel(feed: &str, channel: &str, key: Option<&str>) -> String {
    within(feed, &[Some(channel), key])
}

/// The series of a field.
pub(crate) fn field(feed: &str, channel: &str, key: Option<&str>, path: &str) -> String {
    within(feed, &[Some(channel), key, Some(path)])
}

/// A series of how a feed does.
pub(crate) fn health(feed: &str, path: &str) -> String {
    within(feed, &[Some(path)])
}

/// Whether it is the name of such a series.
pub(crate) fn is_health(name: &str) -> bool {
    serde_json::from_str::<(String, String, String)>(name).is_ok()
}

/// The track of the states of a feed's session.
pub(crate) fn states(feed: &str) -> String {
    within(feed, &[Some("states")])
}

/// The track of what came late of a feed.
pub(crate) fn late(feed: &str) -> String {
    within(feed, &[Some("late")])
}

/// The series of what a field was that was a text or a boolean. The same field may have had numbers,
/// which are another series.
pub(crate) fn texts(feed: &str, channel: &str, key: Option<&str>, path: &str) -> String {
    within(feed, &[Some(channel), key, Some(path), Some(TEXTS)])
}

/// What the name of a series is made of.
#[derive(Debug, PartialEq)]
pub(crate) struct Parts {
    pub feed: String,
    pub channel: String,
    pub key: Option<String>,
    pub path: String,
    pub is_text: bool,
}

/// Takes the name of a series apart. `None` if it is no such name.
pub(crate) fn parts(name: &str) -> Option<Parts> {
    let parts: Vec<Option<String>> = serde_json::from_str(name).ok()?;
    let (parts, is_text) = match parts.as_slice() {
        [parts @ .., Some(kind)] if parts.len() == 5 && kind == TEXTS => (parts, true),
        parts => (parts, false),
    };
    let [Some(id), Some(url), Some(channel), key, Some(path)] = parts else { return None };
    let (feed, channel) = (feed(id, url), channel.clone());
    Some(Parts { feed, channel, key: key.clone(), path: path.clone(), is_text })
}

fn within(feed: &str, parts: &[Option<&str>]) -> String {
    let outer = feed.strip_suffix(']').unwrap_or(feed);
    let inner = list(parts);
    format!("{outer},{}", inner.strip_prefix('[').unwrap_or(&inner))
}

fn list(parts: &[Option<&str>]) -> String {
    // Text is always JSON.
    serde_json::to_string(parts).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_all_that_it_was_made_of() {
        let feed = feed("a\"]", "ws://a/,[");
        for (channel, key) in [("trade", None), ("trade", Some("")), ("t\n\"", Some("null"))] {
            let (path, key_of) = ("data.p[0]".to_owned(), key.map(str::to_owned));
            let of = (feed.clone(), channel.to_owned(), key_of);
            for (name, is_text) in [
                (field(&feed, channel, key, &path), false),
                (texts(&feed, channel, key, &path), true),
            ] {
                let (feed, channel, key) = of.clone();
                let expected = Parts { feed, channel, key, path: path.clone(), is_text };
                assert_eq!(parts(&name), Some(expected));
            }
        }
        assert_ne!(channel(&feed, "a b", None), channel(&feed, "a", Some("b")));
        assert_eq!(parts(&channel(&feed, "a", None)), None);
        assert_eq!(parts("7"), None);
    }
}
