//! Which links of a note may be opened, outside of the window: web pages, and addresses to write to.
//! A note can come from anyone, with the board it stands in.

use url::Url;

/// Longer ones are not addresses that someone wrote down.
const LINK_BYTES_MAX: usize = 4_096;

/// The link as it may be handed to the system; `None` for one that may not be opened. It is written
/// anew from its parts, so that it can be nothing but an address by the time a program gets it.
#[must_use]
pub fn outside(link: &str) -> Option<String> {
    if link.len() > LINK_BYTES_MAX {
        return None;
    }
    let url = Url::parse(link).ok()?;
    let open = match url.scheme() {
        "http" | "https" => url.has_host(),
        "mailto" => !url.path().is_empty(),
        _ => false,
    };
    open.then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::outside;

    #[test]
    fn pages_and_addresses_are_opened() {
        for (link, opened) in [
            ("https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
            ("HTTP://EXAMPLE.com", "http://example.com/"),
            ("mailto:someone@example.com", "mailto:someone@example.com"),
            // What a shell would make something of is not in it any more.
            ("https://example.com/a b\"c", "https://example.com/a%20b%22c"),
        ] {
            assert_eq!(outside(link).as_deref(), Some(opened));
        }
    }

    #[test]
    fn nothing_else_is() {
        let long = format!("https://example.com/{}", "a".repeat(5_000));
        for link in [
            "",
            "-h",
            "/etc/passwd",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "file:///etc/passwd",
            "vbscript:x",
            "tauri://localhost",
            "smb://host/share",
            "mailto:",
            "http://",
            &long,
        ] {
            assert_eq!(outside(link), None, "{link}");
        }
    }
}
