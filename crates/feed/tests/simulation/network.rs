//! The world in which the engine is tried: names, connections and a clock, all of which fail when
//! told to.

use super::server::Server;
use super::wire::{Side, Sockets, Travel, Wire};
use feedscope_feed::Time;
use feedscope_feed::world::{Duplex, Pending, World};
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep};

/// When the run begins, by the wall clock.
const BEGIN: Time = Time(1_800_000_000_000_000_000);

/// What becomes of a name lookup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    #[default]
    Known,
    Unknown,
    WithoutAddress,
    Unanswered,
}

/// What becomes of an attempt to connect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    Open,
    Refused,
    Unreachable,
    Unanswered,
    /// It succeeds; what is sent then is lost both ways.
    LostOnceOpen,
}

#[derive(Debug)]
struct State {
    travel: Travel,
    names: Names,
    reach: Reach,
    wires: Vec<Wire>,
    /// By how many nanoseconds the wall clock was set.
    set: i64,
    attempts: Vec<Instant>,
}

/// See the [module](self).
#[derive(Debug)]
pub struct Network {
    begin: Instant,
    server: Arc<Server>,
    state: Mutex<State>,
    /// Counts changes of what the network is like.
    changes: watch::Sender<u64>,
    interfaces: Notify,
    sockets: Arc<Sockets>,
    /// Addresses of the server's name that lead nowhere, before the one that does.
    dead_addresses: u16,
}

impl Network {
    pub fn new(server: Arc<Server>, latency: Duration, dead_addresses: u16) -> Self {
        Network {
            begin: Instant::now(),
            server,
            state: Mutex::new(State {
                travel: Travel { latency, bytes_per_second: FAST, is_stalled: false },
                names: Names::default(),
                reach: Reach::default(),
                wires: Vec::new(),
                set: 0,
                attempts: Vec::new(),
            }),
            changes: watch::Sender::new(0),
            interfaces: Notify::new(),
            sockets: Arc::default(),
            dead_addresses,
        }
    }

    /// Nothing gets through, until it does again.
    pub fn partition(&self, is_stalled: bool) {
        self.travel(|travel| travel.is_stalled = is_stalled);
    }

    /// How fast everything is; `None` for as fast as it can be.
    pub fn throttle(&self, bytes_per_second: Option<u64>) {
        self.travel(|travel| travel.bytes_per_second = bytes_per_second.unwrap_or(FAST));
    }

    fn travel(&self, change: impl FnOnce(&mut Travel)) {
        let mut state = self.lock();
        change(&mut state.travel);
        let travel = state.travel;
        state.wires.iter().for_each(|wire| wire.travels(travel));
        drop(state);
        self.changes.send_modify(|changes| *changes += 1);
    }

    pub fn names(&self, names: Names) {
        self.lock().names = names;
    }

    pub fn reach(&self, reach: Reach) {
        self.lock().reach = reach;
    }

    /// Something happens to all connections that the client has.
    pub fn each(&self, happens: impl Fn(&Wire)) {
        self.lock().wires.iter().filter(|wire| wire.is_held_by_client()).for_each(happens);
    }

    /// What is under way is lost for good, without a word: as when a router forgets.
    pub fn lose(&self, sides: &[Side]) {
        self.each(|wire| sides.iter().for_each(|side| wire.lose_to(*side)));
    }

    /// The wall clock is set.
    pub fn set_clock(&self, by_seconds: i64) {
        self.lock().set += by_seconds * 1_000_000_000;
    }

    /// This computer has another address, or none.
    pub fn change_interfaces(&self) {
        self.interfaces.notify_waiters();
    }

    /// When the client began to connect: each time it looked the name up.
    pub fn attempts(&self) -> Vec<Instant> {
        self.lock().attempts.clone()
    }

    pub fn attempts_count(&self) -> usize {
        self.lock().attempts.len()
    }

    pub fn sockets(&self) -> &Sockets {
        &self.sockets
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with it")
    }

    async fn open(&self, to: SocketAddr) -> io::Result<Box<dyn Duplex>> {
        if to.port() != SERVER_PORT {
            return pending().await;
        }
        let mut changes = self.changes.subscribe();
        let travel = loop {
            let (travel, reach) = {
                let state = self.lock();
                (state.travel, state.reach)
            };
            // There and back.
            sleep(2 * travel.latency).await;
            match reach {
                Reach::Refused => return Err(io::ErrorKind::ConnectionRefused.into()),
                Reach::Unreachable => return Err(io::ErrorKind::NetworkUnreachable.into()),
                Reach::Unanswered => return pending().await,
                Reach::Open | Reach::LostOnceOpen if !travel.is_stalled => break travel,
                // It is asked again by TCP, until it gets through.
                Reach::Open | Reach::LostOnceOpen => {
                    let _ = changes.changed().await;
                }
            }
        };
        let (wire, client, server) = Wire::new(travel, self.sockets.clone());
        let mut state = self.lock();
        // It may have changed while the answer was on its way.
        wire.travels(state.travel);
        if state.reach == Reach::LostOnceOpen {
            wire.lose_to(Side::Client);
            wire.lose_to(Side::Server);
        }
        state.wires.retain(Wire::is_held_by_client);
        state.wires.push(wire);
        drop(state);
        self.server.accept(server);
        Ok(Box::new(client))
    }
}

/// As fast as a link can be without its mattering.
const FAST: u64 = 1_000_000_000;

/// The port tells the server's address from those that lead nowhere.
const SERVER_PORT: u16 = 80;

impl World for Network {
    fn now(&self) -> Time {
        let Time(begin) = BEGIN + self.begin.elapsed();
        Time(begin + self.lock().set)
    }

    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> Pending<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move {
            let (names, travel) = {
                let mut state = self.lock();
                state.attempts.push(Instant::now());
                (state.names, state.travel)
            };
            if travel.is_stalled {
                return pending().await;
            }
            sleep(2 * travel.latency).await;
            match names {
                Names::Known => {
                    let dead = (1..=self.dead_addresses).map(|n| {
                        SocketAddr::from(([0xfd00, 0, 0, 0, 0, 0, 0, n], SERVER_PORT + n))
                    });
                    Ok(dead.chain([SocketAddr::from(([10, 0, 0, 1], SERVER_PORT))]).collect())
                }
                Names::Unknown => Err(io::Error::other("Name or service not known")),
                Names::WithoutAddress => Ok(Vec::new()),
                Names::Unanswered => pending().await,
            }
        })
    }

    fn connect(&self, to: SocketAddr) -> Pending<'_, io::Result<Box<dyn Duplex>>> {
        Box::pin(self.open(to))
    }

    fn secret(&self, _: &str) -> Result<Option<String>, String> {
        Ok(None)
    }

    fn network_changed(&self) -> Pending<'_, ()> {
        Box::pin(self.interfaces.notified())
    }
}
