//! What tracks and series are called in the history, by which they are found again after a
//! relaunch. A name is a JSON list, so that no two are mistaken for each other, whatever feeds call
//! their channels and fields.

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

/// Takes the name of a series apart: feed, channel, key and path. `None` if it is no such name.
pub(crate) fn parts(name: &str) -> Option<(String, String, Option<String>, String)> {
    let (id, url, channel, key, path): (String, String, String, Option<String>, String) =
        serde_json::from_str(name).ok()?;
    Some((feed(&id, &url), channel, key, path))
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
            let name = field(&feed, channel, key, "data.p[0]");
            let (of, in_channel, with_key, path) = parts(&name).unwrap();
            assert_eq!((of.as_str(), in_channel.as_str()), (feed.as_str(), channel));
            assert_eq!((with_key.as_deref(), path.as_str()), (key, "data.p[0]"));
        }
        assert_ne!(channel(&feed, "a b", None), channel(&feed, "a", Some("b")));
        assert_eq!(parts(&channel(&feed, "a", None)), None);
        assert_eq!(parts("7"), None);
    }
}
