//! The settings file: how much memory and disk the history may take, and what was chosen in the
//! window. What is wrong in it is said, and costs nothing but itself.

use crate::api::Trouble;
use crate::dir;
use feedscope_feed::{Said, said};
use feedscope_history::Budget;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};
use toml_edit::{Array, DocumentMut, Table, value};

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

const SHORTCUTS: &str = "shortcuts";
/// More than there are commands.
const SHORTCUTS_MAX: usize = 256;
const KEYS_MAX: usize = 4;
/// The name of a command may have that of a feed in it.
const COMMAND_BYTES_MAX: usize = 160;
const KEY_BYTES_MAX: usize = 40;
/// Of what is wrong among many: who reads as much of it as this knows.
const WRONG_MAX: usize = 4;

const TOURED: &str = "toured";

/// Of a value that is wrong, so much tells which it is.
const SHOWN_CHARS_MAX: usize = 100;

/// Other shortcuts than the defaults, by the command they are of; none of it is no shortcut.
pub type Shortcuts = BTreeMap<String, Vec<String>>;

/// What was chosen in the window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// The tag of the language; without one, it is the system's.
    pub language: Option<String>,
    pub shortcuts: Shortcuts,
    /// The tour was taken, or declined.
    pub toured: bool,
}

/// What the file says; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub memory_mb: Option<u64>,
    /// 0: nothing is kept on disk.
    pub disk_mb: Option<u64>,
    pub chosen: Chosen,
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
                    let tag = value.as_str().filter(|tag| is_tag(tag));
                    settings.chosen.language = tag.map(str::to_owned);
                    if tag.is_none() {
                        let advice = said!(
                            "advice_setting_language",
                            "Give the tag of a language, such as \"en\" or \"zh-CN\"; without one, \
                             the window speaks the system's."
                        );
                        troubles.push(trouble(unused(name, value), None, advice));
                    }
                    continue;
                }
                SHORTCUTS => {
                    let (shortcuts, wrong) = read_shortcuts(name, value);
                    settings.chosen.shortcuts = shortcuts;
                    troubles.extend(wrong);
                    continue;
                }
                TOURED => {
                    settings.chosen.toured = value.as_bool().unwrap_or_default();
                    if !value.is_bool() {
                        let advice = said!("advice_setting_toured", "Give true or false.");
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
                        "There are memory_mb, disk_mb, language, shortcuts and toured."
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

/// Writes the language that was chosen into the file. `None` is the system's.
pub(crate) fn save_language(path: &Path, language: Option<&str>) -> Result<(), Trouble> {
    save(path, |document| match language.filter(|tag| is_tag(tag)) {
        Some(language) => document[LANGUAGE] = value(language),
        None => drop(document.remove(LANGUAGE)),
    })
}

/// Writes the shortcuts that were chosen into the file.
pub(crate) fn save_shortcuts(path: &Path, shortcuts: &Shortcuts) -> Result<(), Trouble> {
    save(path, |document| {
        if shortcuts.is_empty() {
            document.remove(SHORTCUTS);
            return;
        }
        let rows = shortcuts.iter().map(|(command, keys)| (command, value(Array::from_iter(keys))));
        document[SHORTCUTS] = Table::from_iter(rows).into();
    })
}

/// Writes into the file that the tour is over.
pub(crate) fn save_toured(path: &Path) -> Result<(), Trouble> {
    save(path, |document| document[TOURED] = value(true))
}

/// What of them can be kept.
pub(crate) fn fitting(shortcuts: Shortcuts) -> Shortcuts {
    shortcuts
        .into_iter()
        .filter(|(command, keys)| fits(command, keys))
        .take(SHORTCUTS_MAX)
        .collect()
}

/// Whether they look like shortcuts of a command; which of either there are, the window knows.
fn fits(command: &str, keys: &[String]) -> bool {
    let is_name = |text: &str, most| {
        !text.is_empty() && text.len() <= most && !text.contains(char::is_control)
    };
    is_name(command, COMMAND_BYTES_MAX)
        && keys.len() <= KEYS_MAX
        && keys.iter().all(|key| is_name(key, KEY_BYTES_MAX))
}

/// The shortcuts of the file, and the first few that are none.
fn read_shortcuts(name: &str, of: &toml::Value) -> (Shortcuts, Vec<Trouble>) {
    let mut shortcuts = Shortcuts::new();
    let mut troubles = Vec::new();
    let mut wrong = |name: &str, value: &toml::Value| {
        let advice = said!(
            "advice_setting_shortcuts",
            "Give each command a list of at most {most} keys, as in \"undo\" = [\"mod+z\"]; an empty \
             one leaves it without.",
            most = KEYS_MAX,
        );
        if troubles.len() < WRONG_MAX {
            troubles.push(trouble(unused(name, value), None, advice));
        }
    };
    let Some(table) = of.as_table() else {
        wrong(name, of);
        return (shortcuts, troubles);
    };
    for (command, value) in table {
        let keys: Option<Vec<String>> = value
            .as_array()
            .and_then(|keys| keys.iter().map(|key| key.as_str().map(str::to_owned)).collect());
        match keys.filter(|keys| fits(command, keys) && shortcuts.len() < SHORTCUTS_MAX) {
            Some(keys) => drop(shortcuts.insert(command.clone(), keys)),
            None => wrong(&format!("{name}.{command}"), value),
        }
    }
    (shortcuts, troubles)
}

/// Changes the file, and leaves the rest of it as it is.
fn save(path: &Path, change: impl FnOnce(&mut DocumentMut)) -> Result<(), Trouble> {
    let write = || -> io::Result<()> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => read?,
        };
        let mut document: DocumentMut = text.parse().map_err(io::Error::other)?;
        change(&mut document);
        dir::write_bytes(path, document.to_string().as_bytes())
    };
    write().map_err(|error| {
        let path = path.display().to_string();
        let what = said!("trouble_settings_unsaved", "{path} could not be written.", path);
        let advice = said!(
            "advice_settings_unsaved",
            "What was chosen holds until Feedscope is closed. Check that the file is TOML, and \
             may be written to."
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
    let mut value = value.to_string();
    if value.chars().count() > SHOWN_CHARS_MAX {
        value = value.chars().take(SHOWN_CHARS_MAX).chain(['…']).collect();
    }
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
        assert_eq!(Settings::load(&path).0.chosen.language.as_deref(), Some("zh-CN"));
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
    fn shortcuts_and_the_tour_are_written_beside_what_the_file_says_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "# Mine.\nmemory_mb = 64 # little\n").unwrap();
        let shortcuts: Shortcuts = [
            ("time.toggle".to_owned(), vec!["p".to_owned(), "mod+\"".to_owned()]),
            ("undo".to_owned(), vec![]),
        ]
        .into();
        save_shortcuts(&path, &shortcuts).unwrap();
        save_toured(&path).unwrap();
        let (settings, troubles) = Settings::load(&path);
        assert_eq!(troubles, []);
        assert_eq!(settings.memory_mb, Some(64));
        assert_eq!(settings.chosen, Chosen { language: None, shortcuts, toured: true });
        save_shortcuts(&path, &Shortcuts::new()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "# Mine.\nmemory_mb = 64 # little\ntoured = true\n");
    }

    #[test]
    fn of_many_shortcuts_the_wrong_ones_are_left_out_and_some_of_them_named() {
        let mut text = "[shortcuts]\n\"time.toggle\" = [\"p\"]\n".to_owned();
        for n in 0..300 {
            text += &format!("\"wrong {n}\" = {n}\n\"right {n}\" = [\"f{n}\"]\n");
        }
        text += &format!("\"long\" = [\"{}\"]\n", "a".repeat(10_000));
        text += "\"many\" = [\"a\", \"b\", \"c\", \"d\", \"e\"]\n";
        let (settings, troubles) = load(&text);
        let shortcuts = settings.chosen.shortcuts;
        assert_eq!((shortcuts.len(), troubles.len()), (SHORTCUTS_MAX, WRONG_MAX));
        assert!(!shortcuts.contains_key("long") && !shortcuts.contains_key("many"));
        assert!(troubles.iter().all(|trouble| trouble.what.len() < 300), "{troubles:?}");

        let window: Shortcuts = (0..300)
            .map(|n| (format!("command {n}"), vec!["a".to_owned()]))
            .chain([(String::new(), vec![]), ("a".repeat(1_000), vec![])])
            .collect();
        let kept = fitting(window);
        assert_eq!(kept.len(), SHORTCUTS_MAX);
        assert!(kept.keys().all(|command| command.starts_with("command")));
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
            ("toured = 1\ndisk_mb = 7", "toured = 1 was not used."),
            ("shortcuts = 7\ndisk_mb = 7", "shortcuts = 7 was not used."),
            ("disk_mb = 7\n[shortcuts]\nundo = \"z\"", "shortcuts.undo = \"z\" was not used."),
            ("disk_mb = 7\n[shortcuts]\nundo = [7]", "shortcuts.undo = [7] was not used."),
            ("disk_mb = 7\n[shortcuts]\nundo = [\"\"]", "shortcuts.undo = [\"\"] was not used."),
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
