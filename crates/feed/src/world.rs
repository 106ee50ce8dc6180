//! What a feed needs of the world around it: names, connections, the time, secrets. Behind a
//! trait, so that a test can put another world in its place, in which the network fails on
//! purpose and a week passes in a moment.
//!
//! Moments that only measure time are [`tokio::time::Instant`]s everywhere, which a test can pause.

mod network;

use crate::record::Time;
use crate::secrets::Secrets;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};

pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What carries bytes both ways: TCP, a proxy's tunnel, or TLS over either.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// See the [module](self).
pub trait World: Send + Sync + 'static {
    /// The time by this computer's clock, which people and NTP set as they please.
    fn now(&self) -> Time;

    /// The addresses of a name, asked for anew with each call.
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Pending<'a, io::Result<Vec<SocketAddr>>>;

    /// A TCP connection, which sends small messages without delay.
    fn connect(&self, to: SocketAddr) -> Pending<'_, io::Result<Box<dyn Duplex>>>;

    /// The secret of this name; `None` if there is none. An error says why nobody knows: what keeps
    /// it does not answer.
    fn secret(&self, name: &str) -> Result<Option<String>, String>;

    /// Whether this secret is kept from what is dialled here, whatever it is: who names it was not
    /// given it.
    fn withholds(&self, _secret: &str) -> bool {
        false
    }

    /// A variable of the environment, such as those that name a proxy; `None` if there is none.
    fn environment(&self, _name: &str) -> Option<String> {
        None
    }

    /// Resolves when this computer's network changes: an interface came, went, or got another
    /// address. Never, where that cannot be known. Asking is not free: what was asked once is to be
    /// kept until it resolves.
    fn network_changed(&self) -> Pending<'_, ()>;
}

/// As much as the system may hold of what is to be sent, beside what is on its way.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNSENT_BYTES: u32 = 128 << 10;

/// The world as it is. By itself, it knows those secrets alone that are in the environment.
#[derive(Debug)]
pub struct RealWorld {
    secrets: Arc<Secrets>,
}

impl RealWorld {
    /// The world in which these secrets are known.
    pub fn knowing(secrets: Arc<Secrets>) -> Self {
        RealWorld { secrets }
    }
}

impl Default for RealWorld {
    fn default() -> Self {
        RealWorld::knowing(Arc::new(Secrets::in_memory()))
    }
}

impl World for RealWorld {
    fn now(&self) -> Time {
        Time::now()
    }

    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Pending<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(lookup_host((host, port)).await?.collect()) })
    }

    fn connect(&self, to: SocketAddr) -> Pending<'_, io::Result<Box<dyn Duplex>>> {
        Box::pin(async move {
            let stream = TcpStream::connect(to).await?;
            // Pings and small requests must not wait for more to come.
            let _ = stream.set_nodelay(true);
            // Nor behind megabytes that the system has taken, but not sent.
            #[cfg(any(target_os = "android", target_os = "linux"))]
            let _ = socket2::SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT_BYTES);
            Ok(Box::new(stream) as Box<dyn Duplex>)
        })
    }

    fn secret(&self, name: &str) -> Result<Option<String>, String> {
        self.secrets.get(name)
    }

    fn environment(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn network_changed(&self) -> Pending<'_, ()> {
        Box::pin(network::changed())
    }
}

/// Who is asked for secrets in place of a world.
pub trait Keeper: Send + Sync + 'static {
    /// As [`World::secret`], where `world` is the one in whose place it is asked.
    fn secret(&self, world: &dyn World, name: &str) -> Result<Option<String>, String>;

    /// As [`World::withholds`].
    fn withholds(&self, _secret: &str) -> bool {
        false
    }
}

/// A world in all but its secrets.
pub struct WithSecrets<K> {
    pub world: Arc<dyn World>,
    pub keeper: K,
}

impl<K: Keeper> World for WithSecrets<K> {
    fn now(&self) -> Time {
        self.world.now()
    }

    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Pending<'a, io::Result<Vec<SocketAddr>>> {
        self.world.resolve(host, port)
    }

    fn connect(&self, to: SocketAddr) -> Pending<'_, io::Result<Box<dyn Duplex>>> {
        self.world.connect(to)
    }

    fn secret(&self, name: &str) -> Result<Option<String>, String> {
        self.keeper.secret(&*self.world, name)
    }

    fn withholds(&self, secret: &str) -> bool {
        self.keeper.withholds(secret)
    }

    fn environment(&self, name: &str) -> Option<String> {
        self.world.environment(name)
    }

    fn network_changed(&self) -> Pending<'_, ()> {
        self.world.network_changed()
    }
}
