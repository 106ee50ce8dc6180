//! A WebSocket server of our own, for what peers do not send: any messages, at any rate.

use anyhow::Result;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::http::StatusCode;
use tungstenite::{Message, WebSocket};

/// Messages that fall due in between go together: finer sleeps cost more than they give.
const TICK: Duration = Duration::from_millis(2);

/// Sends each client the same messages, from the first one on.
pub struct Server {
    port: u16,
    state: Arc<State>,
}

struct State {
    message: fn(u64) -> String,
    /// Who does not bring this header is not let in.
    header: Option<(&'static str, &'static str)>,
    /// The paths that were asked for, with their queries.
    asked: Mutex<Vec<String>>,
    /// Messages in a million seconds.
    rate: AtomicU64,
    sent: AtomicU64,
    paused: AtomicBool,
    /// Held by who is just sending.
    sending: Mutex<()>,
    over: AtomicBool,
}

impl Server {
    /// Starts one whose `n`th message, counted from 1, is `message(n)`.
    pub fn start(rate: f64, message: fn(u64) -> String) -> Result<Server> {
        Server::start_for(None, rate, message)
    }

    /// Starts one that lets in who brings a header of this name and value.
    pub fn start_for(
        header: Option<(&'static str, &'static str)>,
        rate: f64,
        message: fn(u64) -> String,
    ) -> Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(State {
            message,
            header,
            asked: Mutex::default(),
            rate: AtomicU64::new(micro(rate)),
            sent: AtomicU64::new(0),
            paused: AtomicBool::new(false),
            sending: Mutex::new(()),
            over: AtomicBool::new(false),
        });
        let serving = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if serving.over.load(Ordering::Relaxed) {
                    return;
                }
                let state = serving.clone();
                // A client that leaves ends its thread, which is all there is to do about it.
                thread::spawn(move || {
                    let _ = serve(stream, &state);
                });
            }
        });
        Ok(Server { port, state })
    }

    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/", self.port)
    }

    /// The paths that were asked for by those who were let in, with their queries.
    pub fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends so many messages a second from now on.
    pub fn set_rate(&self, rate: f64) {
        self.state.rate.store(micro(rate), Ordering::Relaxed);
    }

    /// Sends nothing more; says how many messages it has sent in all.
    pub fn pause(&self) -> u64 {
        self.state.paused.store(true, Ordering::SeqCst);
        let _nobody_sends = self.state.sending.lock().unwrap_or_else(PoisonError::into_inner);
        self.sent()
    }

    pub fn sent(&self) -> u64 {
        self.state.sent.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::Relaxed);
        // Wakes the one who waits for clients.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn micro(rate: f64) -> u64 {
    (rate * 1e6) as u64
}

fn serve(stream: TcpStream, state: &State) -> Result<(), Box<dyn std::error::Error>> {
    stream.set_nodelay(true)?;
    // The type is the library's.
    #[allow(clippy::result_large_err)]
    let check = |request: &Request, response: Response| {
        let told = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        if state.header.is_some_and(|(name, value)| told(name) != Some(value)) {
            let mut no = ErrorResponse::new(Some("Who are you?".into()));
            *no.status_mut() = StatusCode::UNAUTHORIZED;
            return Err(no);
        }
        let mut asked = state.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(request.uri().to_string());
        Ok(response)
    };
    let accepted = tungstenite::accept_hdr(stream, check);
    let mut socket = accepted.map_err(|error| error.to_string())?;
    // Between two rounds of sending, it waits for what comes: pings have to be answered.
    socket.get_ref().set_read_timeout(Some(TICK))?;
    let mut sent = 0;
    let mut due = 0.0;
    let mut before = Instant::now();
    while !state.over.load(Ordering::Relaxed) {
        let now = Instant::now();
        let sending = state.sending.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.paused.load(Ordering::SeqCst) {
            due += (now - before).as_secs_f64() * state.rate.load(Ordering::Relaxed) as f64 / 1e6;
            while due >= 1.0 {
                due -= 1.0;
                sent += 1;
                socket.write(Message::text((state.message)(sent)))?;
                state.sent.fetch_add(1, Ordering::SeqCst);
            }
            socket.flush()?;
        }
        drop(sending);
        before = now;
        listen(&mut socket)?;
    }
    socket.close(None)?;
    Ok(())
}

fn listen(socket: &mut WebSocket<TcpStream>) -> tungstenite::Result<()> {
    match socket.read() {
        Err(tungstenite::Error::Io(error))
            if matches!(
                error.kind(),
                std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
            ) =>
        {
            Ok(())
        }
        other => other.map(drop),
    }
}
