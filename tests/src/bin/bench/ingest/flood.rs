//! A server that sends as fast as it is read: whole blocks of frames that were made before, in
//! which only the sequence numbers and the times change.

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::ops::Range;
use std::thread;

/// The first sequence number. All have as many digits, so that frames keep their length.
pub const FIRST: u64 = 1_000_000_000;
/// The time of the first, in milliseconds; each is one after the one before.
const FIRST_TIME: u64 = 1_766_311_200_000;
const KEYS: [&str; 8] = ["BTC", "ETH", "SOL", "XRP", "ADA", "DOT", "LTC", "BCH"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Size {
    Small,
    Large,
}

/// The message with this sequence number: channel, key, sequence number, time, and four numbers.
pub fn payload(size: Size, number: u64) -> String {
    let key = KEYS[(number % KEYS.len() as u64) as usize];
    let time = time_of(number);
    let cents = 6_400_000 + number * 37 % 9_999;
    let (price, bid, ask) = (cents as f64 / 100.0, cents / 100 - 1, cents / 100 + 1);
    let amount = (1 + number * 31 % 997) as f64 / 1_000.0;
    let small = format!(
        r#"{{"ch":"t","s":"{key}","n":{number},"t":{time},"p":{price:.2},"q":{amount:.3},"b":{bid},"a":{ask}"#
    );
    match size {
        Size::Small => small + "}",
        Size::Large => small + LARGE,
    }
}

fn time_of(number: u64) -> u64 {
    FIRST_TIME + (number - FIRST)
}

/// What tickers, posts and telemetry have beside their numbers: texts, lists of texts, objects in
/// objects, in several scripts and with escapes.
const LARGE: &str = r#","instrument":{"name":"Bitcoin / US Dollar","kind":"spot","status":"online","base":{"code":"BTC","name":"Bitcoin","networks":["bitcoin","lightning","liquid"]},"quote":{"code":"USD","name":"US Dollar","networks":["fedwire","swift","sepa-instant"]},"flags":{"margin":true,"post_only":false,"limit_only":false,"auction":null}},"venue":{"id":"xfra-7f3c9a2e","name":"Börse Frankfurt – Handelsplatz für Kryptowerte","city":"Frankfurt am Main","links":["https://example.org/venues/xfra-7f3c9a2e","https://example.org/venues/xfra-7f3c9a2e/fees?tier=maker&currency=usd","https://example.org/status"]},"conditions":["regular","odd-lot","not-held","intermarket-sweep","closing-price"],"orders":[{"id":"6f1c2b1e-88f4-4d3b-9a53-0d6a9b1f77c1","side":"buy","type":"limit","tif":"gtc","tags":["algo","twap","parent"]},{"id":"b0a7c7de-2f64-4c02-8a4e-5a1be1f0c9d2","side":"sell","type":"limit","tif":"ioc","tags":["manual","hedge"]}],"note":"Matched against resting liquidity in \"dark\" and lit books; see the operator's rules of 2025, section IV, paragraph 3 (in the version that was published with the circular of the same day, and that is in force until the committee decides otherwise).\nThe counterparty is not disclosed.","checksum":"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","trace":{"gateway":"gw-eu-west-1c","hops":["edge-17","router-a","matcher-btc-usd","publisher-03"],"session":"c2Vzc2lvbi1pZC1mb3ItdGhlLWJlbmNo","region":"eu-west","build":"v3.11.2-rc.4+g5d1c9f0"}}"#;

/// Serves whoever comes, one after the other, until it is ended.
pub fn serve(size: Size) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("ws://{}/", listener.local_addr()?);
    for stream in listener.incoming().flatten() {
        // A reader that leaves ends its thread, which is all there is to do about it.
        thread::spawn(move || flood(stream, size));
    }
    Ok(())
}

fn flood(stream: TcpStream, size: Size) -> Result<()> {
    let mut stream = tungstenite::accept(stream).map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut block = Block::new(size)?;
    let socket = stream.get_mut();
    loop {
        socket.write_all(&block.frames)?;
        block.advance()?;
    }
}

/// Frames one after the other, a power of ten of them: so the last digits of their sequence
/// numbers and times stay, and only those before are written anew.
struct Block {
    frames: Vec<u8>,
    /// Where the digits are that change, of each frame.
    places: Vec<[Range<usize>; 2]>,
    changing: [u64; 2],
}

impl Block {
    fn new(size: Size) -> Result<Block> {
        let same_digits = match size {
            Size::Small => 3,
            Size::Large => 2,
        };
        let count = 10_u64.pow(same_digits);
        let changing = [FIRST / count, FIRST_TIME / count];
        let mut block = Block { frames: Vec::new(), places: Vec::new(), changing };
        for number in FIRST..FIRST + count {
            let text = payload(size, number);
            push_frame(&mut block.frames, &text);
            let start = block.frames.len() - text.len();
            let place = |number: u64| {
                let digits = number.to_string();
                let at = start + text.find(&digits).context("the number is not there")?;
                anyhow::Ok(at..at + digits.len() - same_digits as usize)
            };
            block.places.push([place(number)?, place(time_of(number))?]);
        }
        Ok(block)
    }

    fn advance(&mut self) -> Result<()> {
        for (index, changing) in self.changing.iter_mut().enumerate() {
            *changing += 1;
            let digits = changing.to_string();
            for places in &self.places {
                let place = &mut self.frames[places[index].clone()];
                ensure!(place.len() == digits.len(), "the numbers are used up");
                place.copy_from_slice(digits.as_bytes());
            }
        }
        Ok(())
    }
}

fn push_frame(frames: &mut Vec<u8>, text: &str) {
    const TEXT: u8 = 0x81;
    const LENGTH_FOLLOWS: u8 = 126;
    frames.push(TEXT);
    match u8::try_from(text.len()) {
        Ok(length) if length < LENGTH_FOLLOWS => frames.push(length),
        // Fits: no message of these is as long as 64 KiB.
        _ => {
            frames.push(LENGTH_FOLLOWS);
            frames.extend((text.len() as u16).to_be_bytes());
        }
    }
    frames.extend(text.as_bytes());
}
