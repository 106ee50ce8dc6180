//! A server that plays a transcript, one session a connection, and takes note of what was not as
//! written in it.

use super::transcript::{Line, Ping, Session, Transcript};
use crate::support::server::{finish, request, text, upgrade};
use crate::support::{DEADLINE, Server, WebSocket};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

pub struct Scripted {
    server: Server,
    sessions: usize,
    told: watch::Receiver<Told>,
}

#[derive(Debug, Default)]
struct Told {
    /// How many sessions were played to their end.
    done: usize,
    pings: usize,
    wrong: Vec<String>,
}

impl Scripted {
    pub async fn start(transcript: &Transcript) -> Self {
        let (tell, told) = watch::channel(Told::default());
        let tell = Arc::new(tell);
        let sessions = Arc::new(transcript.sessions.clone());
        let ping = transcript.ping.clone();
        let (count, played) = (sessions.len(), sessions);
        let server = Server::start(move |number, stream| {
            let (session, ping) = (played.get(number - 1).cloned(), ping.clone());
            let tell = tell.clone();
            async move {
                let played = match session {
                    Some(session) => play(stream, session, ping, &tell).await,
                    None => Err(format!("there is no session {number} in it")),
                };
                if let Err(wrong) = played {
                    tell.send_modify(|told| told.wrong.push(wrong));
                }
            }
        })
        .await;
        Scripted { server, sessions: count, told }
    }

    /// By a name that the tests' world knows.
    pub fn url(&self) -> String {
        format!("ws://localhost:{}", self.server.port())
    }

    /// Waits until all sessions were played to their ends.
    pub async fn is_done(&mut self) {
        let sessions = self.sessions;
        self.until(|told| told.done == sessions).await;
    }

    pub async fn has_answered_pings(&mut self, count: usize) {
        self.until(|told| told.pings >= count).await;
    }

    async fn until(&mut self, condition: impl Fn(&Told) -> bool) {
        let wait = self.told.wait_for(|told| !told.wrong.is_empty() || condition(told));
        let met = tokio::time::timeout(DEADLINE, wait).await.is_ok();
        assert!(met, "waited in vain: {:?}", self.told.borrow());
        self.was_as_written();
    }

    pub fn was_as_written(&self) {
        assert_eq!(self.told.borrow().wrong, [""; 0]);
    }
}

async fn play(
    mut stream: TcpStream,
    session: Session,
    ping: Option<Ping>,
    tell: &watch::Sender<Told>,
) -> Result<(), String> {
    let refused = session.refused;
    let asked = match refused {
        Some(_) => request(&mut stream).await,
        None => upgrade(&mut stream).await,
    };
    let path = asked.split(' ').nth(1).unwrap_or_default();
    if path != session.path {
        return Err(format!("asked for {path} instead of {}", session.path));
    }
    let done = || tell.send_modify(|told| told.done += 1);
    if let Some(status) = refused {
        let answer = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
        let _ = stream.write_all(answer.as_bytes()).await;
        done();
        finish(stream).await;
        return Ok(());
    }
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let lost = |expected: &str| format!("hung up instead of {expected}");
    for line in session.lines {
        match line {
            Line::Says(says) => {
                socket.send(text(&*says)).await.map_err(|_| lost(&says))?;
            }
            Line::Hears(expected) => {
                let heard = hear(&mut socket, ping.as_ref(), tell).await;
                let heard = heard.ok_or_else(|| lost(&expected))?;
                if !is_same(&heard, &expected) {
                    return Err(format!("heard {heard} instead of {expected}"));
                }
            }
            Line::Closes(code) => {
                let frame = CloseFrame { code: code.into(), reason: "".into() };
                let _ = socket.close(Some(frame)).await;
            }
        }
    }
    done();
    match hear(&mut socket, ping.as_ref(), tell).await {
        Some(heard) => Err(format!("heard {heard} at the end")),
        None => Ok(()),
    }
}

/// The next message that is no ping; `None` at the end of the session.
async fn hear(
    socket: &mut WebSocket,
    ping: Option<&Ping>,
    tell: &watch::Sender<Told>,
) -> Option<String> {
    loop {
        let heard = match socket.next().await?.ok()? {
            Message::Text(heard) => heard.to_string(),
            Message::Binary(_) => return Some("a binary message".into()),
            _ => continue,
        };
        let Some(answer) = ping.and_then(|ping| ping.answer(&heard)) else { return Some(heard) };
        // In a session that is closing, nobody waits for it.
        if socket.send(text(answer)).await.is_ok() {
            tell.send_modify(|told| told.pings += 1);
        }
    }
}

fn is_same(one: &str, other: &str) -> bool {
    let json = |text| serde_json::from_str::<Value>(text).ok();
    one == other || json(one).is_some_and(|one| Some(one) == json(other))
}
