//! Secrets, by name: what `${secret:NAME}` stands for in a profile.
//!
//! A secret is looked for in the environment, then among those that are kept in memory for this
//! run, then in the system's keychain. It is never told to anybody but to who puts it into what is
//! sent; whoever shows secrets is told where each [is kept](Kept).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::runtime::{Handle, RuntimeFlavor};

/// The name under which the keychain has ours.
const SERVICE: &str = "Feedscope";

/// What nothing is kept under: it is asked for to learn whether there is an answer.
const ANY_NAME: &str = "none";

const NO_KEYCHAIN: &str = "there is no keychain";

/// A longer text is no token; and the smallest of the keychains, that of Windows, takes no more.
const SECRET_BYTES_MAX: usize = 2_560;

/// A keychain that is locked asks its user, who may be away; whoever waits for a secret goes on
/// without it.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// Questions that wait while the keychain answers another. More means that it hangs.
const WAITING_MAX: usize = 16;

/// Where a secret of a name is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// Nowhere: there is none.
    Nowhere,
    /// In a variable of the environment, which counts before all others.
    Environment,
    /// Until the program ends: there is no keychain that took it.
    Memory,
    Keychain,
}

/// What keeps secrets over the end of the program. An error says why it cannot be asked.
pub trait Keychain: Send + Sync {
    fn read(&self, name: &str) -> Result<Option<String>, String>;
    fn write(&self, name: &str, secret: &str) -> Result<(), String>;
    /// That there is none already is no error.
    fn erase(&self, name: &str) -> Result<(), String>;
}

/// See the [module](self).
pub struct Secrets {
    keychain: Option<Box<dyn Keychain>>,
    here: Mutex<BTreeMap<String, String>>,
}

impl Secrets {
    /// Those in the system's keychain.
    pub fn of_system() -> Self {
        Secrets::kept_by(System)
    }

    pub fn kept_by(keychain: impl Keychain + 'static) -> Self {
        Secrets { keychain: Some(Box::new(keychain)), here: Mutex::default() }
    }

    /// Without a keychain: they are gone when the program ends.
    pub fn in_memory() -> Self {
        Secrets { keychain: None, here: Mutex::default() }
    }

    /// The secret of this name. May wait for the keychain, for some seconds at the most.
    pub fn get(&self, name: &str) -> Option<String> {
        self.find(name).ok().flatten().map(|(secret, _)| secret)
    }

    /// Where it is kept; an error, if the keychain cannot be asked.
    pub fn kept(&self, name: &str) -> Result<Kept, String> {
        Ok(self.find(name)?.map_or(Kept::Nowhere, |(_, kept)| kept))
    }

    /// Why the keychain takes nothing, if that is so: what is set is kept until the program ends.
    pub fn no_keychain(&self) -> Option<String> {
        match &self.keychain {
            Some(keychain) => keychain.read(ANY_NAME).err(),
            None => Some(NO_KEYCHAIN.to_owned()),
        }
    }

    fn find(&self, name: &str) -> Result<Option<(String, Kept)>, String> {
        if let Ok(secret) = std::env::var(variable(name)) {
            return Ok(Some((secret, Kept::Environment)));
        }
        if let Some(secret) = self.here().get(name) {
            return Ok(Some((secret.clone(), Kept::Memory)));
        }
        let Some(keychain) = &self.keychain else { return Ok(None) };
        Ok(keychain.read(name)?.map(|secret| (secret, Kept::Keychain)))
    }

    /// Keeps a secret in the keychain; in memory, where that does not take it. The answer is why it
    /// did not.
    pub fn set(&self, name: &str, secret: &str) -> Result<(), String> {
        if secret.len() > SECRET_BYTES_MAX {
            return Err(format!("a secret has {SECRET_BYTES_MAX} bytes at most"));
        }
        let written = match &self.keychain {
            Some(keychain) => keychain.write(name, secret),
            None => Err(NO_KEYCHAIN.to_owned()),
        };
        let mut here = self.here();
        match &written {
            // What is here would be found before it.
            Ok(()) => drop(here.remove(name)),
            Err(_) => drop(here.insert(name.to_owned(), secret.to_owned())),
        }
        written
    }

    /// Forgets a secret, wherever it is kept but for the environment.
    pub fn remove(&self, name: &str) -> Result<(), String> {
        let was_here = self.here().remove(name).is_some();
        match &self.keychain {
            Some(keychain) => keychain.erase(name).or_else(|why| {
                // What no keychain took is not in one.
                if was_here { Ok(()) } else { Err(why) }
            }),
            None => Ok(()),
        }
    }

    fn here(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// None of them is told.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// Where in the environment a secret is looked for: `FEEDSCOPE_SECRET_NAME`, the name in capitals,
/// with `_` for anything but letters and digits.
pub fn variable(name: &str) -> String {
    let fit = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("FEEDSCOPE_SECRET_{}", name.chars().map(fit).collect::<String>())
}

/// The keychain of this computer's user: Secret Service on Linux, Credential Manager on Windows,
/// Keychain on macOS. It is asked on a thread of its own, since asking blocks.
struct System;

type Question = Box<dyn FnOnce() + Send>;

impl System {
    fn ask<T: Send + 'static>(
        question: impl FnOnce() -> Result<T, keyring::Error> + Send + 'static,
    ) -> Result<T, String> {
        static ASKED: OnceLock<Option<SyncSender<Question>>> = OnceLock::new();
        let asked = ASKED.get_or_init(|| {
            let (asked, questions) = sync_channel::<Question>(WAITING_MAX);
            let thread = std::thread::Builder::new().name("keychain".into());
            let answering = thread.spawn(move || questions.iter().for_each(|question| question()));
            answering.is_ok().then_some(asked)
        });
        let asked = asked.as_ref().ok_or("no thread can be started")?;
        let (answer, answered) = sync_channel(1);
        let question = Box::new(move || {
            // Who asked may not be waiting any more.
            let _ = answer.send(question());
        });
        asked.try_send(question).map_err(|_| "the keychain does not answer")?;
        let wait = || answered.recv_timeout(ANSWER_MAX);
        let answer = match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
            // Other feeds have something to do meanwhile.
            Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
            _ => wait(),
        };
        answer.map_err(|_| "the keychain does not answer")?.map_err(|error| match error {
            keyring::Error::NoDefaultStore => match keyring::Entry::store_status() {
                Err(why) => why.to_string(),
                Ok(()) => error.to_string(),
            },
            // Some say what they could not read, which is not for others.
            keyring::Error::BadEncoding(_) => "what is kept there is no text".to_owned(),
            error => error.to_string(),
        })
    }
}

impl Keychain for System {
    fn read(&self, name: &str) -> Result<Option<String>, String> {
        let name = name.to_owned();
        System::ask(move || match keyring::Entry::new(SERVICE, &name)?.get_password() {
            Err(keyring::Error::NoEntry) => Ok(None),
            secret => secret.map(Some),
        })
    }

    fn write(&self, name: &str, secret: &str) -> Result<(), String> {
        let (name, secret) = (name.to_owned(), secret.to_owned());
        System::ask(move || keyring::Entry::new(SERVICE, &name)?.set_password(&secret))
    }

    fn erase(&self, name: &str) -> Result<(), String> {
        let name = name.to_owned();
        System::ask(move || match keyring::Entry::new(SERVICE, &name)?.delete_credential() {
            Err(keyring::Error::NoEntry) => Ok(()),
            erased => erased,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// One that can be locked.
    #[derive(Clone, Default)]
    struct Chest(Arc<Mutex<(bool, BTreeMap<String, String>)>>);

    impl Chest {
        fn open<T>(
            &self,
            act: impl FnOnce(&mut BTreeMap<String, String>) -> T,
        ) -> Result<T, String> {
            let mut chest = self.0.lock().unwrap();
            if chest.0 { Err("it is locked".into()) } else { Ok(act(&mut chest.1)) }
        }
    }

    impl Keychain for Chest {
        fn read(&self, name: &str) -> Result<Option<String>, String> {
            self.open(|kept| kept.get(name).cloned())
        }

        fn write(&self, name: &str, secret: &str) -> Result<(), String> {
            self.open(|kept| drop(kept.insert(name.into(), secret.into())))
        }

        fn erase(&self, name: &str) -> Result<(), String> {
            self.open(|kept| drop(kept.remove(name)))
        }
    }

    #[test]
    fn a_secret_is_kept_by_the_keychain_and_by_nobody_else() {
        let chest = Chest::default();
        let secrets = Secrets::kept_by(chest.clone());
        assert_eq!((secrets.get("a"), secrets.kept("a")), (None, Ok(Kept::Nowhere)));
        assert_eq!(secrets.no_keychain(), None);
        secrets.set("a", "one").unwrap();
        assert_eq!(secrets.get("a").as_deref(), Some("one"));
        assert_eq!(secrets.kept("a"), Ok(Kept::Keychain));
        assert!(secrets.here().is_empty());
        // Another run has it, too.
        assert_eq!(Secrets::kept_by(chest.clone()).get("a").as_deref(), Some("one"));
        secrets.remove("a").unwrap();
        assert_eq!((secrets.get("a"), secrets.kept("a")), (None, Ok(Kept::Nowhere)));
        assert!(secrets.set("a", &"x".repeat(SECRET_BYTES_MAX + 1)).is_err());
        assert_eq!(secrets.get("a"), None);
    }

    #[test]
    fn what_the_keychain_does_not_take_is_kept_until_the_program_ends() {
        let chest = Chest::default();
        chest.0.lock().unwrap().0 = true;
        let secrets = Secrets::kept_by(chest.clone());
        assert_eq!(secrets.kept("a"), Err("it is locked".into()));
        assert_eq!(secrets.no_keychain(), Some("it is locked".into()));
        assert_eq!(secrets.set("a", "one"), Err("it is locked".into()));
        assert_eq!(secrets.get("a").as_deref(), Some("one"));
        assert_eq!(secrets.kept("a"), Ok(Kept::Memory));
        // Once it takes it, it is the keychain's alone.
        chest.0.lock().unwrap().0 = false;
        secrets.set("a", "two").unwrap();
        assert_eq!(secrets.kept("a"), Ok(Kept::Keychain));
        assert_eq!(secrets.get("a").as_deref(), Some("two"));
        chest.0.lock().unwrap().0 = true;
        assert_eq!(secrets.get("a"), None);
        assert!(secrets.remove("a").is_err());
        let memory = Secrets::in_memory();
        assert!(memory.set("a", "one").is_err());
        assert_eq!(memory.kept("a"), Ok(Kept::Memory));
        memory.remove("a").unwrap();
        assert_eq!(memory.get("a"), None);
    }

    #[test]
    fn nothing_that_is_printed_has_a_secret_in_it() {
        let secrets = Secrets::in_memory();
        let _ = secrets.set("a", "hunter2");
        assert_eq!(format!("{secrets:?}"), "Secrets { .. }");
        assert_eq!(variable("home-assistant.2"), "FEEDSCOPE_SECRET_HOME_ASSISTANT_2");
    }

    /// On a bus of its own with a keychain of its own, where this computer has both; on one without
    /// a keychain in any case: this runs itself there.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_systems_keychain_keeps_a_secret_or_says_that_there_is_none() {
        const INSIDE: &str = "FEEDSCOPE_TEST_KEYCHAIN";
        match std::env::var(INSIDE).as_deref() {
            Ok("none") => {
                let secrets = Secrets::of_system();
                assert!(secrets.kept("a").is_err() && secrets.no_keychain().is_some());
                let why = secrets.set("a", "hunter2").unwrap_err();
                assert!(!why.is_empty() && !why.contains("hunter2"), "{why}");
                assert_eq!(secrets.kept("a"), Ok(Kept::Memory));
                println!("checked: none");
                return;
            }
            Ok(_) => {
                let secrets = Secrets::of_system();
                secrets.set("a", "öne").unwrap();
                assert_eq!(secrets.kept("a"), Ok(Kept::Keychain));
                let other = Secrets::of_system();
                assert_eq!(other.get("a").as_deref(), Some("öne"));
                other.remove("a").unwrap();
                assert_eq!(secrets.kept("a"), Ok(Kept::Nowhere));
                other.remove("a").unwrap();
                println!("checked: some");
                return;
            }
            Err(_) => {}
        }
        let test = std::env::current_exe().unwrap();
        let test = test.to_string_lossy();
        let name = "secrets::tests::the_systems_keychain_keeps_a_secret_or_says_that_there_is_none";
        let run = |script: &str, inside: &str| {
            let home = tempfile::tempdir().unwrap();
            std::process::Command::new("sh")
                .args(["-c", script, "sh", &test, "--exact", "--nocapture", name])
                .env(INSIDE, inside)
                .env("HOME", home.path())
                .env("XDG_DATA_HOME", home.path())
                .env("XDG_RUNTIME_DIR", home.path())
                .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
                .output()
                .unwrap()
        };
        let checked = |output: &std::process::Output, what: &str| {
            let said = String::from_utf8_lossy(&output.stdout);
            let wrong = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains(what), "{said}{wrong}");
        };
        checked(&run("exec \"$@\"", "none"), "checked: none");
        let has =
            |program: &str| std::process::Command::new(program).arg("--version").output().is_ok();
        if !has("dbus-run-session") || !has("gnome-keyring-daemon") {
            println!("Not tested: there is no gnome-keyring here.");
            return;
        }
        let script = "exec dbus-run-session -- sh -c '\
                      printf pass | gnome-keyring-daemon --unlock --components=secrets >&2 && \
                      \"$@\"' sh \"$@\"";
        checked(&run(script, "some"), "checked: some");
    }
}
