//! The settings file: how much memory and disk the history may take, and the window's language. What
//! is wrong in it is said, and costs nothing but itself.

use crate::api::Trouble;
use crate::dir;
use feedscope_feed::{Said, said};
use feedscope_history::Budget;
use std::io;
use std::path::Path;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};
use toml_edit::{DocumentMut, value};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Less would not even hold what is being received.
const MEMORY_MIB_MIN: u64 = 16;
/// Most of what is kept is seldom looked at, and reading it from the disk is quick.
const MEMORY_BYTES_MAX_DEFAULT: u64 = GIB;
const DISK_BYTES_MAX_DEFAULT: u64 = 10 * GIB;
/// A number beyond this is a mistake: a million terabytes.
const MIB_MAX: u64 = 1 << 40;

const LANGUAGE: &str = "language";
/// The longest that makes sense, by RFC 5646.
const TAG_BYTES_MAX: usize = 35;

/// What the file says; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub memory_mb: Option<u64>,
    /// 0: nothing is kept on disk.
    pub disk_mb: Option<u64>,
    /// The tag of the language that was chosen; without one, it is the system's.
    pub language: Option<String>,
}

impl Settings {
    pub fn load(path: &Path) -> (Settings, Vec<Trouble>) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Default::default(),
            Err(error) => {
                let path = path.display().to_string();
                let what = said!("trouble_settings_unread", "{path} could not be read.", path);
                let advice = said!(
                    "advice_settings_unread",
                    "Check that it is a text file, and that it may be read."
                );
                return (Settings::default(), vec![trouble(what, Some(error.to_string()), advice)]);
            }
        };
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => {
                let path = path.display().to_string();
                let what =
                    said!("trouble_settings_toml", "{path} is not TOML, and was not used.", path);
                let advice = said!(
                    "advice_settings_toml",
                    "Correct it, or remove it: without it, the defaults are used."
                );
                return (Settings::default(), vec![trouble(what, Some(error.to_string()), advice)]);
            }
        };
        let mut settings = Settings::default();
        let mut troubles = Vec::new();
        for (name, value) in &table {
            let (place, least) = match name.as_str() {
                "memory_mb" => (&mut settings.memory_mb, MEMORY_MIB_MIN),
                "disk_mb" => (&mut settings.disk_mb, 0),
                LANGUAGE => {
                    settings.language = value.as_str().filter(|tag| is_tag(tag)).map(str::to_owned);
                    if settings.language.is_none() {
                        let advice = said!(
                            "advice_setting_language",
                            "Give the tag of a language, such as \"en\" or \"zh-CN\"; without one, \
                             the window speaks the system's."
                        );
                        troubles.push(trouble(unused(name, value), None, advice));
                    }
                    continue;
                }
                _ => {
                    let what = said!(
                        "trouble_setting_unknown",
                        "There is no setting called {name}.",
                        name = name.as_str(),
                    );
                    let advice = said!(
                        "advice_setting_unknown",
                        "There are memory_mb, disk_mb and language."
                    );
                    troubles.push(trouble(what, None, advice));
                    continue;
                }
            };
            let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
            match number.filter(|number| (least..=MIB_MAX).contains(number)) {
                Some(number) => *place = Some(number),
                None => {
                    let advice = said!(
                        "advice_setting",
                        "Give a whole number of megabytes, {least} or more.",
                        least,
                    );
                    troubles.push(trouble(unused(name, value), None, advice));
                }
            }
        }
        (settings, troubles)
    }

    /// What the history may take. `folder` is where it is, of which it has `taken_bytes` already.
    pub fn budget(&self, folder: &Path, taken_bytes: u64) -> Budget {
        let disk_bytes = match self.disk_mb {
            Some(0) => None,
            Some(mb) => Some(mb * MIB),
            // Where nobody knows how much is free, writing will show it.
            None => Some(match fs4::available_space(folder) {
                Ok(free_bytes) => default_disk(free_bytes, taken_bytes),
                Err(_) => DISK_BYTES_MAX_DEFAULT,
            }),
        };
        Budget { disk_bytes, ..self.budget_without_disk() }
    }

    pub fn budget_without_disk(&self) -> Budget {
        let memory_bytes =
            self.memory_mb.map_or_else(|| default_memory(installed_bytes()), |mb| mb * MIB);
        let memory_bytes = usize::try_from(memory_bytes).unwrap_or(usize::MAX);
        Budget { memory_bytes, disk_bytes: None }
    }
}

/// Writes the language that was chosen into the file, and leaves the rest of it as it is. `None`
/// is the system's.
pub(crate) fn save_language(path: &Path, language: Option<&str>) -> Result<(), Trouble> {
    let write = || -> io::Result<()> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        let mut document: DocumentMut = text.parse().map_err(io::Error::other)?;
        match language.filter(|tag| is_tag(tag)) {
            Some(language) => document[LANGUAGE] = value(language),
            None => drop(document.remove(LANGUAGE)),
        }
        dir::write_bytes(path, document.to_string().as_bytes())
    };
    write().map_err(|error| {
        let path = path.display().to_string();
        let what = said!("trouble_settings_unsaved", "{path} could not be written.", path);
        let advice = said!(
            "advice_settings_unsaved",
            "The language holds until Feedscope is closed. Check that the file is TOML, and may \
             be written to."
        );
        trouble(what, Some(error.to_string()), advice)
    })
}

/// Whether it looks like the tag of a language; which of them there are, the window knows.
fn is_tag(text: &str) -> bool {
    (2..=TAG_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn unused(name: &str, value: &toml::Value) -> Said {
    let value = value.to_string();
    said!("trouble_setting", "{name} = {value} was not used.", name, value)
}

/// A quarter of the machine's.
fn default_memory(installed_bytes: u64) -> u64 {
    (installed_bytes / 4).clamp(MEMORY_MIB_MIN * MIB, MEMORY_BYTES_MAX_DEFAULT)
}

/// Half of what is free, or would be without it.
fn default_disk(free_bytes: u64, taken_bytes: u64) -> u64 {
    (free_bytes.saturating_add(taken_bytes) / 2).min(DISK_BYTES_MAX_DEFAULT)
}

/// What nobody knows counts as little.
fn installed_bytes() -> u64 {
    let memory = MemoryRefreshKind::nothing().with_ram();
    let system = System::new_with_specifics(RefreshKind::nothing().with_memory(memory));
    system.map_or(0, |system| {
        // In a container there is less than the machine has.
        let limit = system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory);
        system.total_memory().min(limit)
    })
}

fn trouble(what: Said, answer: Option<String>, advice: Said) -> Trouble {
    Trouble::new("settings", said!("step_settings", "Settings"), what, answer, advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> (Settings, Vec<Trouble>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, text).unwrap();
        Settings::load(&path)
    }

    #[test]
    fn what_the_file_says_holds() {
        let (settings, troubles) = load("memory_mb = 64\ndisk_mb = 2000 # two gigabytes\n");
        assert_eq!(troubles, []);
        let budget = settings.budget(Path::new("/"), 0);
        assert_eq!(budget, Budget { memory_bytes: 64 << 20, disk_bytes: Some(2000 << 20) });
        let (settings, _) = load("disk_mb = 0");
        assert_eq!(settings.budget(Path::new("/"), 0).disk_bytes, None);
    }

    #[test]
    fn without_a_file_there_are_defaults_and_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let (settings, troubles) = Settings::load(&folder.path().join("settings.toml"));
        assert_eq!((&settings, troubles), (&Settings::default(), vec![]));
        let budget = settings.budget(folder.path(), 0);
        assert!(budget.memory_bytes <= 1 << 30);
        assert!(budget.disk_bytes.unwrap() <= 10 << 30);
    }

    #[test]
    fn the_defaults_leave_room_for_others() {
        assert_eq!(default_memory(2 << 30), 512 << 20);
        assert_eq!(default_memory(64 << 30), 1 << 30);
        assert_eq!(default_memory(0), 16 << 20);
        assert_eq!(default_disk(6 << 30, 0), 3 << 30);
        assert_eq!(default_disk(4 << 30, 2 << 30), 3 << 30, "it does not shrink as it grows");
        assert_eq!(default_disk(1 << 40, 0), 10 << 30);
    }

    #[test]
    fn a_language_is_written_beside_what_the_file_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deeper/settings.toml");
        save_language(&path, Some("zh-CN")).unwrap();
        assert_eq!(Settings::load(&path).0.language.as_deref(), Some("zh-CN"));
        std::fs::write(&path, "# Mine.\nmemory_mb = 64 # little\n").unwrap();
        save_language(&path, Some("zh-CN")).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "# Mine.\nmemory_mb = 64 # little\nlanguage = \"zh-CN\"\n");
        for none in [None, Some("no tag at all")] {
            save_language(&path, Some("en")).unwrap();
            save_language(&path, none).unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(text, "# Mine.\nmemory_mb = 64 # little\n");
        }
    }

    #[test]
    fn a_file_that_is_not_understood_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "memory_mb =").unwrap();
        let trouble = save_language(&path, Some("en")).unwrap_err();
        assert_eq!(trouble.code, "settings");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "memory_mb =");
    }

    #[test]
    fn what_is_wrong_is_said_and_costs_itself_alone() {
        for (text, what) in [
            ("memory_mb = 15\ndisk_mb = 7", "memory_mb = 15 was not used."),
            ("memory_mb = \"64\"\ndisk_mb = 7", "memory_mb = \"64\" was not used."),
            ("memory_mb = -1\ndisk_mb = 7", "memory_mb = -1 was not used."),
            ("memory_mb = 1.5\ndisk_mb = 7", "memory_mb = 1.5 was not used."),
            ("memory = 64\ndisk_mb = 7", "There is no setting called memory."),
            ("language = 7\ndisk_mb = 7", "language = 7 was not used."),
            (
                "language = \"Chinese, please\"\ndisk_mb = 7",
                "language = \"Chinese, please\" was not used.",
            ),
        ] {
            let (settings, troubles) = load(text);
            assert_eq!(settings, Settings { disk_mb: Some(7), ..Settings::default() }, "{text}");
            assert_eq!(troubles.len(), 1, "{text}");
            assert_eq!(troubles[0].what, what);
            assert!(!troubles[0].advice.is_empty());
        }
        let (settings, troubles) = load("memory_mb =");
        assert_eq!((settings, troubles.len()), (Settings::default(), 1));
        assert!(troubles[0].what.ends_with("is not TOML, and was not used."), "{troubles:?}");
    }
}
