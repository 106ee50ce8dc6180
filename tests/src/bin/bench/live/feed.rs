//! The feed that all the programs draw: a server of its own process, which sends each message when
//! it is due, at a rate that can be changed.
//!
//! It must cost little, since it shares the machine with those that it feeds: frames are copied
//! from one that was made before, and only their digits are written.

use anyhow::{Context, Result};
use feedscope_tests::{Lines, Running};
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;
use std::io::{BufRead, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tungstenite::WebSocket;
use tungstenite::protocol::Role;

/// What is written in place of digits. The first frame's sequence number has as many.
const FIRST: u64 = 1_000_000_000;
const MICROS_DIGITS: usize = 16;

/// Messages that fall due in between go together: finer sleeps cost more than they give.
const TICK: Duration = Duration::from_micros(500);
/// How often it looks whether the rate has changed.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// What one write may hold: after that, it looks at the clock again.
const MESSAGES_PER_WRITE_MAX: u64 = 4_096;

const ANSWER_MAX: Duration = Duration::from_secs(20);

/// What the second series shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Second {
    /// A wave with noise, as the first.
    Wave,
    /// When its message was due: [`due_ms`].
    Due,
}

/// Two waves of some seconds, with noise: as prices and temperatures are.
const WAVE_US: [u64; 2] = [7_000_000, 11_000_000];
const PHASES: u64 = 1_024;
const NOISES: u64 = 16;

/// Over which time a value that says when its message was due goes from 10 to 90: numbers of two
/// digits before the point, none of which may be a zero at the beginning.
const DUE_CYCLE_US: u64 = 10_000_000;

/// When a message was due that was drawn at a moment, both in ms since the Unix epoch, by its value
/// of [`Second::Due`].
pub fn due_ms(value: f64, drawn_ms: f64) -> f64 {
    /// Clocks in pages are coarse: what seems to be drawn before it was due is taken for that.
    const AHEAD_MS: f64 = 100.0;
    let cycle_ms = DUE_CYCLE_US as f64 / 1e3;
    let in_cycle = (value - 10.0) / 80.0 * cycle_ms;
    drawn_ms - ((drawn_ms - in_cycle + AHEAD_MS).rem_euclid(cycle_ms) - AHEAD_MS)
}

/// A message, as it is when its digits are nought.
const MESSAGE: &str = concat!(
    r#"{"channel":"trades","sequence":0000000000,"time":0000000000000.000,"#,
    r#""price":00.0000,"size":00.000000}"#
);

/// The server, from where the programs are measured.
pub struct Feed {
    url: String,
    commands: ChildStdin,
    lines: Lines,
    rate: f64,
    since: Said,
    _process: Running,
}

/// What the server answers to each command: how many messages it has sent, as of when.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Said {
    at_ms: f64,
    sent: u64,
}

impl Feed {
    /// Starts one that sends nothing yet, to one reader.
    pub fn start(second: Second) -> Result<Feed> {
        let mut command = feedscope_tests::tied(&std::env::current_exe()?.to_string_lossy());
        let second = match second {
            Second::Wave => "wave",
            Second::Due => "due",
        };
        command.args(["feed", second]).stdin(Stdio::piped()).stdout(Stdio::piped());
        Feed::spawn(&mut command)
    }

    fn spawn(command: &mut Command) -> Result<Feed> {
        let mut process = Running::start(command)?;
        let commands = process.0.stdin.take().context("a server without input")?;
        let lines = Lines::of(process.0.stdout.take().context("a server without output")?);
        let url = lines.wait(0, ANSWER_MAX, |line| Some(line.to_owned()))?;
        let since = Said::default();
        Ok(Feed { url, commands, lines, rate: 0.0, since, _process: process })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends so many messages a second from now on; none at nought. Gives how many were sent
    /// before.
    pub fn set_rate(&mut self, rate: f64) -> Result<u64> {
        let before = self.lines.count();
        writeln!(self.commands, "{rate}")?;
        self.since = self.lines.wait(before, ANSWER_MAX, |line| serde_json::from_str(line).ok())?;
        self.rate = rate;
        Ok(self.since.sent)
    }

    /// When the rate was set, in ms since the Unix epoch.
    pub fn since_ms(&self) -> f64 {
        self.since.at_ms
    }

    /// How far someone is behind who has handled so many messages at that time: nothing for who
    /// has all that was due.
    pub fn behind(&self, handled: u64, at_ms: f64) -> Duration {
        let due = self.since.sent as f64 + self.rate * (at_ms - self.since.at_ms) / 1e3;
        Duration::from_secs_f64(((due - handled as f64) / self.rate.max(1.0)).max(0.0))
    }
}

/// The server itself: says where it listens; then takes a rate on each line of its input, and
/// answers with a line. Ends with its input.
pub fn serve(second: Second) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("ws://{}/", listener.local_addr()?);
    let pace = Arc::new(Mutex::new(Pace::new(0.0, 0)));
    let paced = pace.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A reader that leaves ends this, which is all there is to do about it. The next one
            // finds everything begun anew.
            let _ = send(stream, &paced, second);
            *lock(&paced) = Pace::new(0.0, 0);
        }
    });
    for line in std::io::stdin().lock().lines() {
        let rate: f64 = line?.trim().parse().context("a rate is a number")?;
        let mut pace = lock(&pace);
        *pace = Pace::new(rate, pace.sent);
        let said = Said { at_ms: pace.since_us / 1e3, sent: pace.sent };
        drop(pace);
        println!("{}", serde_json::to_string(&said)?);
    }
    Ok(())
}

/// When which message is due.
struct Pace {
    /// Messages a second.
    rate: f64,
    since: Instant,
    since_us: f64,
    /// Before that.
    before: u64,
    /// In all.
    sent: u64,
}

impl Pace {
    fn new(rate: f64, sent: u64) -> Pace {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let since_us = now.as_secs_f64() * 1e6;
        Pace { rate, since: Instant::now(), since_us, before: sent, sent }
    }

    /// How many are due, those sent included.
    fn due(&self) -> u64 {
        self.before + (self.since.elapsed().as_secs_f64() * self.rate) as u64
    }

    fn due_us(&self, number: u64) -> f64 {
        self.since_us + (number - self.before) as f64 / self.rate * 1e6
    }

    /// How long until the next one is due.
    fn wait(&self) -> Duration {
        let next = (self.sent + 1 - self.before) as f64 / self.rate;
        Duration::from_secs_f64(next.min(1.0)).saturating_sub(self.since.elapsed())
    }
}

fn send(stream: TcpStream, pace: &Mutex<Pace>, second: Second) -> Result<()> {
    stream.set_nodelay(true)?;
    let socket = tungstenite::accept(stream).map_err(|error| anyhow::anyhow!("{error}"))?;
    let shared = Shared(Arc::new((socket.into_inner(), Mutex::new(()))));
    let mut listening = WebSocket::from_raw_socket(shared.clone(), Role::Server, None);
    // Pings have to be answered, which it does by itself. It ends with the connection.
    thread::spawn(move || while listening.read().is_ok() {});

    let mut writer = shared;
    let mut frames = Frames::new(second);
    loop {
        let mut now = lock(pace);
        let due = now.due().min(now.sent + MESSAGES_PER_WRITE_MAX);
        if due == now.sent {
            let wait = now.wait();
            drop(now);
            thread::sleep(wait.clamp(TICK, LOOK_EVERY));
            continue;
        }
        frames.clear();
        for number in now.sent..due {
            frames.push(number, now.due_us(number + 1));
        }
        // Not during the write, which may take as long as the reader pleases. Counted before it:
        // a pause that comes in between is answered with what is going to be sent.
        now.sent = due;
        drop(now);
        writer.write_all(&frames.bytes)?;
    }
}

/// A socket that one writes to and another listens to, who may have something to answer.
#[derive(Clone)]
struct Shared(Arc<(TcpStream, Mutex<()>)>);

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        (&self.0.0).read(buffer)
    }
}

impl Write for Shared {
    /// All or nothing, so that frames stay whole.
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _only = lock(&self.0.1);
        (&self.0.0).write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Frames one after the other, as they go over the wire.
struct Frames {
    bytes: Vec<u8>,
    frame: Vec<u8>,
    sequence_at: usize,
    time_at: usize,
    price_at: usize,
    size_at: usize,
    second: Second,
    waves: Waves,
}

impl Frames {
    fn new(second: Second) -> Frames {
        /// A text, in one frame.
        const TEXT: u8 = 0x81;
        let mut frame = vec![TEXT, MESSAGE.len() as u8];
        frame.extend(MESSAGE.as_bytes());
        let after = |name: &str| {
            let header = frame.len() - MESSAGE.len();
            MESSAGE.find(name).map_or(0, |at| header + at + name.len())
        };
        Frames {
            bytes: Vec::new(),
            sequence_at: after(r#""sequence":"#),
            time_at: after(r#""time":"#),
            price_at: after(r#""price":"#),
            size_at: after(r#""size":"#),
            frame,
            second,
            waves: Waves::new(),
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
    }

    fn push(&mut self, number: u64, due_us: f64) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&self.frame);
        let frame = &mut self.bytes[start..];
        write_digits(&mut frame[self.sequence_at..self.time_at], 10, FIRST + number);
        let micros = due_us as u64;
        // The last three lie behind the point.
        let (millis_digits, thousandths_at) = (MICROS_DIGITS - 3, self.time_at + MICROS_DIGITS - 2);
        write_digits(&mut frame[self.time_at..], millis_digits, micros / 1_000);
        write_digits(&mut frame[thousandths_at..], 3, micros % 1_000);
        let price = self.waves.at(0, micros, number);
        frame[self.price_at..self.price_at + price.len()].copy_from_slice(price);
        match self.second {
            Second::Wave => {
                let size = self.waves.at(1, micros, number);
                frame[self.size_at..self.size_at + size.len()].copy_from_slice(size);
            }
            Second::Due => {
                // In millionths.
                let value = 10_000_000 + (micros % DUE_CYCLE_US) * 80_000_000 / DUE_CYCLE_US;
                write_digits(&mut frame[self.size_at..], 2, value / 1_000_000);
                write_digits(&mut frame[self.size_at + 3..], 6, value % 1_000_000);
            }
        }
    }
}

fn write_digits(place: &mut [u8], digits: usize, mut number: u64) {
    for digit in place[..digits].iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Values as they are written, for every phase of a wave and a few noises.
struct Waves(Vec<[u8; 7]>);

impl Waves {
    fn new() -> Waves {
        let mut values = Vec::with_capacity((PHASES * NOISES) as usize);
        for phase in 0..PHASES {
            for noise in 0..NOISES {
                let wave = (phase as f64 / PHASES as f64 * TAU).sin();
                // Numbers that look random, and are the same in every run.
                let noise = ((noise * 7_919 + phase * 104_729) % 1_000) as f64 / 1_000.0 - 0.5;
                let mut text = [0; 7];
                text.copy_from_slice(
                    &format!("{:07.4}", 50.0 + 30.0 * wave + 6.0 * noise).as_bytes()[..7],
                );
                values.push(text);
            }
        }
        Waves(values)
    }

    fn at(&self, wave: usize, micros: u64, number: u64) -> &[u8; 7] {
        let phase = (micros % WAVE_US[wave]) * PHASES / WAVE_US[wave];
        let noise = (number + wave as u64 * 5) % NOISES;
        &self.0[(phase * NOISES + noise) as usize]
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::ensure;
    use serde_json::Value;

    #[test]
    fn frames_hold_what_they_say() {
        assert!(MESSAGE.len() < 126, "a frame's length would take more bytes");
        let length = 2 + MESSAGE.len();
        for second in [Second::Wave, Second::Due] {
            let mut frames = Frames::new(second);
            // Every hundredth of a cycle, and then some.
            for number in 0..150_u64 {
                let due_ms_sent = 1_766_311_200_123.457 + (number * 100) as f64;
                frames.clear();
                frames.push(41, 0.0);
                frames.push(number, (due_ms_sent * 1e3).round());
                assert_eq!(frames.bytes.len(), 2 * length);
                let message: Value = serde_json::from_slice(&frames.bytes[length + 2..]).unwrap();
                assert_eq!(message["channel"], "trades");
                assert_eq!(message["sequence"], FIRST + number);
                assert_eq!(message["time"], due_ms_sent);
                let [price, size] = ["price", "size"].map(|name| message[name].as_f64().unwrap());
                assert!((17.0..83.0).contains(&price), "{message}");
                assert!((10.0..90.0).contains(&size), "{message}");
                if second == Second::Due {
                    let due = due_ms(size, due_ms_sent + 30.0);
                    assert!((due - due_ms_sent).abs() < 0.002, "{due} is not {due_ms_sent}");
                }
            }
        }
    }

    #[test]
    fn what_is_drawn_across_the_end_of_a_cycle_is_late_and_what_seems_early_is_not() {
        assert_eq!(due_ms(89.92, 20_010.0).round(), 19_990.0);
        assert_eq!(due_ms(10.04, 20_004.0).round(), 20_005.0);
    }

    #[test]
    fn who_has_all_that_was_due_is_not_behind() {
        let mut pace = Pace::new(1_000.0, 500);
        assert_eq!(pace.due_us(600) - pace.due_us(500), 100_000.0);
        thread::sleep(Duration::from_millis(5));
        let due = pace.due();
        assert!(due >= 505, "{due}");
        pace.sent = due + 1_000;
        assert!(pace.wait() > Duration::from_millis(900));
    }

    #[test]
    fn a_reader_gets_what_was_sent_and_its_pings_are_answered() -> Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = format!("ws://{}/", listener.local_addr()?);
        let pace = Arc::new(Mutex::new(Pace::new(0.0, 0)));
        let paced = pace.clone();
        thread::spawn(move || send(listener.accept()?.0, &paced, Second::Wave));
        let stream = TcpStream::connect(url.trim_start_matches("ws://").trim_end_matches('/'))?;
        let (mut socket, _) = tungstenite::client(&url, stream)?;
        socket.send(tungstenite::Message::Ping("here".into()))?;
        *lock(&pace) = Pace::new(100_000.0, 0);
        let mut answered = false;
        for number in 0..20_000 {
            let mut message = socket.read()?;
            while message.is_pong() {
                answered = true;
                message = socket.read()?;
            }
            let text: Value = serde_json::from_slice(&message.into_data())?;
            ensure!(text["sequence"] == FIRST + number, "{text} is not {number}");
        }
        ensure!(answered, "the ping was not answered");
        Ok(())
    }
}
