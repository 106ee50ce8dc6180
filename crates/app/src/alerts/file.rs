//! The alerts' own file, `alerts.json`: the rules, as JSON. They are the person's, and not the
//! board's: which board is open has nothing to do with what is worth being woken for.

use super::rules::{ALERTS_MAX, checked, step};
use crate::api::{Alert, Trouble};
use crate::dir;
use feedscope_feed::{Said, said};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io;
use std::path::{Path, PathBuf};

/// The version of the file format that is written.
const VERSION: u32 = 1;

/// What stands in the file.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AlertsFile {
    /// The version of the file format.
    feedscope_alerts: u32,
    #[schemars(with = "Vec<Alert>")]
    alerts: Vec<Value>,
}

/// What was found in it.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub alerts: Vec<Alert>,
    /// What was not understood, which is kept as it is: it may be of a newer Feedscope.
    pub foreign: Vec<Value>,
    pub troubles: Vec<Trouble>,
}

pub(crate) fn load(path: &Path) -> Found {
    let mut found = Found::default();
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return found,
        Err(error) => {
            let what =
                said!("trouble_file_unread", "{path} could not be read.", path = shown(path));
            found.troubles.push(trouble(what, Some(error.to_string()), aside(path)));
            return found;
        }
    };
    let file: AlertsFile = match serde_json::from_slice(&text) {
        Ok(file) => file,
        Err(error) => {
            let what = said!("trouble_no_alerts", "{path} holds no alerts.", path = shown(path));
            found.troubles.push(trouble(what, Some(error.to_string()), aside(path)));
            return found;
        }
    };
    for value in file.alerts {
        let taken = |id: &str| found.alerts.iter().any(|alert| alert.id == id);
        let read = Alert::deserialize(&value).map_err(|error| error.to_string());
        let read = read.and_then(|alert| checked(alert, taken).map_err(|trouble| trouble.what));
        match read {
            Ok(alert) if !taken(&alert.id) && found.alerts.len() < ALERTS_MAX => {
                found.alerts.push(alert);
            }
            read => {
                let why = read.err().unwrap_or_else(|| "it is there twice, or one too many".into());
                let name = value.get("name").and_then(Value::as_str).unwrap_or_default();
                let what = said!(
                    "trouble_alert_unread",
                    "An alert of {path} is not understood: {name}",
                    path = shown(path),
                    name,
                );
                let advice = said!("advice_alert_unread", "It is left as it is, and not used.");
                found.troubles.push(trouble(what, Some(why), advice));
                if found.foreign.len() < ALERTS_MAX {
                    found.foreign.push(value);
                }
            }
        }
    }
    found
}

/// Writes the whole file or leaves the old one.
pub(crate) fn save(path: &Path, alerts: &[Alert], foreign: &[Value]) -> Result<(), Trouble> {
    let write = || -> io::Result<()> {
        let alerts = alerts.iter().map(serde_json::to_value);
        let alerts = alerts.chain(foreign.iter().cloned().map(Ok)).collect::<Result<_, _>>()?;
        dir::write_json(path, &AlertsFile { feedscope_alerts: VERSION, alerts })
    };
    write().map_err(|error| {
        let what = said!("trouble_file_unsaved", "{path} could not be saved.", path = shown(path));
        trouble(what, Some(error.to_string()), look())
    })
}

/// Where they are, in the data folder.
pub(crate) fn paths(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join("alerts.json"), folder.join("alerts-log.jsonl"))
}

/// The JSON Schema of the file.
#[must_use]
pub fn schema() -> Value {
    schemars::schema_for!(AlertsFile).to_value()
}

/// Keeps the file as it is; what is changed from now on is written to another.
fn aside(path: &Path) -> Said {
    match dir::set_aside(path) {
        Ok(aside) => said!("advice_alerts_aside", "It is kept as {path}.", path = shown(&aside)),
        Err(_) => look(),
    }
}

fn look() -> Said {
    said!("advice_file", "Check that the folder exists, may be written to, and has room.")
}

fn trouble(what: Said, answer: Option<String>, advice: Said) -> Trouble {
    Trouble::new("alerts-file", step(), what, answer, advice)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::AlertOn;

    const GOOD: &str = r#"{"id":"hot","what":{"on":"above",
        "field":{"feed":"computer","channel":"cpu","path":"data.total"},"value":90}}"#;

    fn with(alerts: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts.json");
        std::fs::write(&path, format!(r#"{{"feedscope_alerts":1,"alerts":[{alerts}]}}"#)).unwrap();
        (folder, path)
    }

    #[test]
    fn alerts_come_back_as_they_were_saved() {
        let (_folder, path) = with(GOOD);
        let found = load(&path);
        assert_eq!(found.troubles, []);
        let [alert] = &found.alerts[..] else { panic!("{found:?}") };
        assert!(matches!(alert.what, AlertOn::Above { value: 90.0, .. }));
        assert!(alert.enabled && alert.notify.desktop && !alert.notify.sound);
        save(&path, &found.alerts, &[]).unwrap();
        assert_eq!(load(&path).alerts, found.alerts);
    }

    #[test]
    fn what_is_not_understood_costs_itself_is_said_and_stays_in_the_file() {
        let future = r#"{"id":"x","name":"Tomorrow","what":{"on":"moon-phase"}}"#;
        let (_folder, path) = with(&format!("{future},{GOOD},{GOOD},7"));
        let found = load(&path);
        assert_eq!(found.alerts.len(), 1);
        let said: Vec<_> = found.troubles.iter().map(|trouble| &*trouble.what).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[0].ends_with("Tomorrow"), "{said:?}");
        save(&path, &found.alerts, &found.foreign).unwrap();
        let again = load(&path);
        assert_eq!((again.alerts, again.foreign), (found.alerts, found.foreign));
    }

    #[test]
    fn nonsense_is_kept_aside() {
        for nonsense in ["", "{", "[]", "{\"alerts\":7}", "\u{0}"] {
            let (folder, path) = with("");
            std::fs::write(&path, nonsense).unwrap();
            let found = load(&path);
            assert_eq!((found.alerts.len(), found.troubles.len()), (0, 1), "{nonsense}");
            let aside = folder.path().join("alerts.unreadable.json");
            assert_eq!(std::fs::read_to_string(aside).unwrap(), nonsense);
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_written_over() {
        let (folder, path) = with("");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir_all(path.join("not a file")).unwrap();
        let found = load(&path);
        assert_eq!((found.alerts.len(), found.troubles.len()), (0, 1));
        assert!(folder.path().join("alerts.unreadable.json/not a file").exists());
        save(&path, &[], &[]).unwrap();
        assert_eq!(load(&path).troubles, []);
    }
}
