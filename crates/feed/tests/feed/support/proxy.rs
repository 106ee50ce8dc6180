//! A TCP proxy on loopback that does to connections what networks do.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With a FIN: nothing more will be sent.
    Fin,
    /// With a reset.
    Reset,
    /// Without a word: it stands, and whatever is sent is lost.
    Lost,
}

/// What is done to a connection on its way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Treatment {
    /// It ends after so many bytes from the server.
    pub end_after: Option<(usize, End)>,
    /// Every piece takes so much longer, each way.
    pub delay: Duration,
    /// Bytes from the server come in pieces of this size.
    pub piece_max: Option<usize>,
}

/// See the [module](self).
pub struct Proxy {
    address: SocketAddr,
    /// For the next connections; those that follow are left alone.
    treatments: Arc<Mutex<VecDeque<Treatment>>>,
    /// How often all connections were ended, and how the last time.
    orders: watch::Sender<(u64, End)>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub async fn start(server: SocketAddr) -> Self {
        Proxy::start_at("127.0.0.1:0", server).await
    }

    pub async fn start_at(address: &str, server: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("the port is free");
        let address = listener.local_addr().expect("it is bound");
        let treatments: Arc<Mutex<VecDeque<Treatment>>> = Arc::default();
        let orders = watch::Sender::new((0, End::Fin));
        let (next, hears) = (treatments.clone(), orders.subscribe());
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let treatment = next.lock().expect("nobody panics with it").pop_front();
                let (mut orders, treatment) = (hears.clone(), treatment.unwrap_or_default());
                orders.mark_unchanged();
                connections.spawn(async move {
                    let _ = carry(client, server, treatment, orders).await;
                });
            }
        });
        Proxy { address, treatments, orders, task }
    }

    pub fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }

    /// The next connections are treated like this, each with one of them.
    pub fn treat(&self, treatments: impl IntoIterator<Item = Treatment>) {
        self.treatments.lock().expect("nobody panics with it").extend(treatments);
    }

    /// All connections end now.
    pub fn end(&self, how: End) {
        self.orders.send_modify(|(count, end)| {
            *count += 1;
            *end = how;
        });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(
    mut client: TcpStream,
    server: SocketAddr,
    treatment: Treatment,
    mut orders: watch::Receiver<(u64, End)>,
) -> std::io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut up, mut down) = (vec![0; 4_096], vec![0; treatment.piece_max.unwrap_or(4_096)]);
    let mut left = treatment.end_after;
    let mut lost = false;
    loop {
        if let Some((0, how)) = left {
            left = None;
            if !end(&client, how)? {
                return Ok(());
            }
            lost = true;
        }
        let room = left.map_or(down.len(), |(bytes, _)| bytes.min(down.len()));
        tokio::select! {
            ordered = orders.changed() => {
                if ordered.is_err() || !end(&client, orders.borrow().1)? {
                    return Ok(());
                }
                lost = true;
            }
            read = client.read(&mut up) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                tokio::time::sleep(treatment.delay).await;
                if !lost {
                    server.write_all(&up[..read]).await?;
                }
            }
            read = server.read(&mut down[..room]) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                tokio::time::sleep(treatment.delay).await;
                if !lost {
                    client.write_all(&down[..read]).await?;
                }
                if let Some((left, _)) = &mut left {
                    *left -= read;
                }
            }
        }
    }
}

/// Whether it goes on.
fn end(client: &TcpStream, how: End) -> std::io::Result<bool> {
    match how {
        End::Fin => Ok(false),
        End::Reset => client.set_zero_linger().map(|()| false),
        End::Lost => Ok(true),
    }
}
