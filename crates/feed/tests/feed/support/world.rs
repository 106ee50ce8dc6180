//! A world of which a test says what is in it.

use feedscope_feed::world::{Duplex, Pending};
use feedscope_feed::{RealWorld, Time, World};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;

/// The real world, with names, secrets, an environment and dead ways of its own.
#[derive(Debug, Default)]
pub struct TestWorld {
    pub names: HashMap<String, Vec<SocketAddr>>,
    pub secrets: HashMap<String, String>,
    pub environment: HashMap<String, String>,
    /// To these a connection is never made, nor refused.
    pub dead: Vec<SocketAddr>,
}

impl TestWorld {
    pub fn with_name(name: &str, addresses: &[SocketAddr]) -> Self {
        let names = HashMap::from([(name.to_owned(), addresses.to_vec())]);
        TestWorld { names, ..TestWorld::default() }
    }
}

impl World for TestWorld {
    fn now(&self) -> Time {
        Time::now()
    }

    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Pending<'a, io::Result<Vec<SocketAddr>>> {
        if host == "localhost" {
            return Box::pin(async move { RealWorld::default().resolve("127.0.0.1", port).await });
        }
        let found = self.names.get(host).cloned();
        Box::pin(async move { found.ok_or_else(|| io::Error::other("no such name")) })
    }

    fn connect(&self, to: SocketAddr) -> Pending<'_, io::Result<Box<dyn Duplex>>> {
        if self.dead.contains(&to) {
            return Box::pin(std::future::pending());
        }
        Box::pin(async move { RealWorld::default().connect(to).await })
    }

    fn secret(&self, name: &str) -> Result<Option<String>, String> {
        Ok(self.secrets.get(name).cloned())
    }

    fn environment(&self, name: &str) -> Option<String> {
        self.environment.get(name).cloned()
    }

    fn network_changed(&self) -> Pending<'_, ()> {
        Box::pin(std::future::pending())
    }
}
