//! What is said outside of the window, in its language: by the window's own catalogues.

use feedscope_app::Said;
use feedscope_app::said::{Part, Value};
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// As it is said where it is said.
    English,
    Chinese,
}

type Catalogue = HashMap<String, String>;

static CHINESE: LazyLock<Catalogue> = LazyLock::new(|| {
    // A test reads it.
    serde_json::from_str(include_str!("../../ui/src/words/zh-CN.json")).unwrap_or_default()
});

/// The language of a tag; without one, the system's.
pub fn language(chosen: Option<&str>) -> Language {
    let tag = chosen.map(str::to_owned).or_else(sys_locale::get_locale).unwrap_or_default();
    let base = tag.split(['-', '_']).next().unwrap_or_default();
    if base.eq_ignore_ascii_case("zh") { Language::Chinese } else { Language::English }
}

pub fn say(language: Language, said: &Said) -> String {
    match language {
        Language::English => said.to_string(),
        Language::Chinese => said.parts().iter().map(|part| say_part(&CHINESE, part)).collect(),
    }
}

fn say_part(words: &Catalogue, part: &Part) -> String {
    let text = part.key.as_deref().and_then(|key| words.get(key));
    // What chooses by number is for the window, which can.
    let Some(text) = text.filter(|text| is_plain(text)) else { return part.text.clone() };
    let mut said = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        said.push_str(before);
        match part.values.get(name) {
            Some(Value::Text(value)) => said.push_str(value),
            Some(Value::Part(part)) => said.push_str(&say_part(words, part)),
            None => {}
        }
        rest = after;
    }
    said + rest
}

/// Whether nothing but places for values are in it.
fn is_plain(text: &str) -> bool {
    !text.contains('\'')
        && text.split('{').skip(1).all(|place| {
            let name = place.split_once('}').map(|(name, _)| name);
            name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_app::said;

    #[test]
    fn a_tag_names_a_language() {
        assert_eq!(language(Some("zh-CN")), Language::Chinese);
        assert_eq!(language(Some("zh_TW.UTF-8")), Language::Chinese);
        assert_eq!(language(Some("en")), Language::English);
    }

    #[test]
    fn what_is_said_is_said_in_chinese_with_what_stands_in_it() {
        let time = said!("unit_seconds", "{n} s", n = 5_u32);
        let said = said!("alert_absent", "{field} has not come for {time}.", field = "a {b}", time);
        assert_eq!(say(Language::English, &said), "a {b} has not come for 5\u{202f}s.");
        assert_eq!(say(Language::Chinese, &said), "a {b} 已有 5\u{202f}秒没有数据。");
        let others = Said::from("It said so.");
        assert_eq!(say(Language::Chinese, &others), "It said so.");
    }

    #[test]
    fn all_that_alerts_say_can_be_said_here() {
        let said = |key: &&String| key.starts_with("alert_") || key.starts_with("unit_");
        let keys: Vec<_> = CHINESE.keys().filter(said).collect();
        assert!(keys.len() > 15, "{keys:?}");
        for key in ["alert_above", "alert_gap", "alert_again", "alert_crowd", "alert_test"] {
            assert!(is_plain(&CHINESE[key]), "{key}");
        }
    }
}
