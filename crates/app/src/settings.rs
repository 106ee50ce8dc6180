//! The settings file: how much memory and disk the history may take. What is wrong in it is said,
//! and costs nothing but itself.

use crate::api::Trouble;
use feedscope_history::Budget;
use std::io;
use std::path::Path;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Less would not even hold what is being received.
const MEMORY_MIB_MIN: u64 = 16;
/// Most of what is kept is seldom looked at, and reading it from the disk is quick.
const MEMORY_BYTES_MAX_DEFAULT: u64 = GIB;
const DISK_BYTES_MAX_DEFAULT: u64 = 10 * GIB;
/// A number beyond this is a mistake: a million terabytes.
const MIB_MAX: u64 = 1 << 40;

/// What the file says; `None` where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub memory_mb: Option<u64>,
    /// 0: nothing is kept on disk.
    pub disk_mb: Option<u64>,
}

impl Settings {
    pub fn load(path: &Path) -> (Settings, Vec<Trouble>) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Default::default(),
            Err(error) => {
                let what = format!("{} could not be read.", path.display());
                let advice = "Check that it is a text file, and that it may be read.";
                return (Settings::default(), vec![trouble(what, Some(error.to_string()), advice)]);
            }
        };
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => {
                let what = format!("{} is not TOML, and was not used.", path.display());
                let advice = "Correct it, or remove it: without it, the defaults are used.";
                return (Settings::default(), vec![trouble(what, Some(error.to_string()), advice)]);
            }
        };
        let mut settings = Settings::default();
        let mut troubles = Vec::new();
        for (name, value) in &table {
            let (place, least) = match name.as_str() {
                "memory_mb" => (&mut settings.memory_mb, MEMORY_MIB_MIN),
                "disk_mb" => (&mut settings.disk_mb, 0),
                _ => {
                    let what = format!("There is no setting called {name}.");
                    let advice = "There are memory_mb and disk_mb.";
                    troubles.push(trouble(what, None, advice));
                    continue;
                }
            };
            let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
            match number.filter(|number| (least..=MIB_MAX).contains(number)) {
                Some(number) => *place = Some(number),
                None => {
                    let what = format!("{name} = {value} was not used.");
                    let advice = format!("Give a whole number of megabytes, {least} or more.");
                    troubles.push(trouble(what, None, &advice));
                }
            }
        }
        (settings, troubles)
    }

    /// What the history may take. `folder` is where it is, of which it has `taken_bytes` already.
    pub fn budget(self, folder: &Path, taken_bytes: u64) -> Budget {
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

    pub fn budget_without_disk(self) -> Budget {
        let memory_bytes =
            self.memory_mb.map_or_else(|| default_memory(installed_bytes()), |mb| mb * MIB);
        let memory_bytes = usize::try_from(memory_bytes).unwrap_or(usize::MAX);
        Budget { memory_bytes, disk_bytes: None }
    }
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

fn trouble(what: String, answer: Option<String>, advice: &str) -> Trouble {
    Trouble {
        code: "settings".into(),
        step: "Settings".into(),
        what,
        answer,
        advice: advice.into(),
    }
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
        assert_eq!((settings, troubles), (Settings::default(), vec![]));
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
    fn what_is_wrong_is_said_and_costs_itself_alone() {
        for (text, what) in [
            ("memory_mb = 15\ndisk_mb = 7", "memory_mb = 15 was not used."),
            ("memory_mb = \"64\"\ndisk_mb = 7", "memory_mb = \"64\" was not used."),
            ("memory_mb = -1\ndisk_mb = 7", "memory_mb = -1 was not used."),
            ("memory_mb = 1.5\ndisk_mb = 7", "memory_mb = 1.5 was not used."),
            ("memory = 64\ndisk_mb = 7", "There is no setting called memory."),
        ] {
            let (settings, troubles) = load(text);
            assert_eq!(settings, Settings { memory_mb: None, disk_mb: Some(7) }, "{text}");
            assert_eq!(troubles.len(), 1, "{text}");
            assert_eq!(troubles[0].what, what);
            assert!(!troubles[0].advice.is_empty());
        }
        let (settings, troubles) = load("memory_mb =");
        assert_eq!((settings, troubles.len()), (Settings::default(), 1));
        assert!(troubles[0].what.ends_with("is not TOML, and was not used."), "{troubles:?}");
    }
}
