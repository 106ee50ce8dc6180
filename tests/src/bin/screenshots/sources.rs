//! What a market and a machine would say.

use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

/// In messages a second.
pub const MARKET_RATE: f64 = 40.0;
pub const MACHINE_RATE: f64 = 20.0;

const TRADES: &str = "publicTrade.BTCUSDT";
/// The same as a board names it: of a channel that tells markets apart, one.
pub const TRADES_OF: &str = "publicTrade.BTCUSDT BTCUSDT";
const BOOK: &str = "orderbook.50.BTCUSDT";
const LEVELS: u32 = 50;

/// As Bybit speaks: the first message says that the subscription is granted; of the others, one in
/// four is a trade, and the rest are the whole book.
pub fn market(n: u64) -> String {
    if n == 1 {
        return r#"{"success":true,"req_id":"subscribe","op":"subscribe"}"#.into();
    }
    let at = n as f64;
    let middle = 64_000.0 + 40.0 * (at / 900.0).sin() + 12.0 * (at / 113.0).sin();
    let ts = now_ms();
    if n.is_multiple_of(4) {
        let price = format!("{:.1}", middle + 4.0 * (at / 11.0).sin());
        return json!({ "topic": TRADES, "type": "snapshot", "ts": ts,
            "data": [{ "s": "BTCUSDT", "S": "Buy", "v": "0.120", "p": price }] })
        .to_string();
    }
    let best = (middle * 2.0).round() / 2.0;
    let side = |step: f64| -> Vec<[String; 2]> {
        let level = |k: u32| {
            let price = best + step * f64::from(k + 1);
            // The same price has the same size for a while, as it has where people wait.
            let size = 0.3 + 2.0 * (price * 12.9898).sin().abs() + f64::from(k) * 0.06;
            [format!("{price:.1}"), format!("{size:.3}")]
        };
        (0..LEVELS).map(level).collect()
    };
    json!({ "topic": BOOK, "type": "snapshot", "ts": ts,
        "data": { "s": "BTCUSDT", "b": side(-0.5), "a": side(0.5), "u": n - n / 4 + 100 } })
    .to_string()
}

/// A machine tool that works, waits, and has its door opened.
pub fn machine(n: u64) -> String {
    let (state, rpm) = match n % 400 {
        0..220 => ("RUN", 8_000.0),
        220..300 => ("IDLE", 0.0),
        300..340 => ("TOOL CHANGE", 0.0),
        _ => ("RUN", 12_000.0),
    };
    let at = n as f64;
    let busy = if rpm > 0.0 { 1.0 } else { 0.0 };
    json!({ "channel": "line-1", "state": state, "door_open": (240..290).contains(&(n % 400)),
        "program": format!("O{:04}", 1200 + n / 300),
        "spindle_rpm": rpm + busy * 60.0 * (at / 9.0).sin(),
        "load": busy * (38.0 + 9.0 * (at / 23.0).sin()) })
    .to_string()
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}
