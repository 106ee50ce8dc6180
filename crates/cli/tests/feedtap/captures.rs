//! Real traffic, served and watched.

use crate::support::{Served, real_capture, run};

/// Each, and how many messages were received in it.
const CAPTURES: [(&str, u64); 10] = [
    ("binance-futures", 1_536),
    ("binance-spot-depth", 41_249),
    ("binance-us", 481),
    ("bitfinex-seqall", 1_693),
    ("bitstamp", 767),
    ("coinbase-level2-ticker", 9_946),
    ("dydx-out-of-order", 4_733),
    ("htx-gzip", 362),
    ("kraken-futures", 7_175),
    ("okx", 412),
];

#[test]
fn every_message_arrives_whatever_it_is() {
    for (name, messages) in CAPTURES {
        let Some(capture) = real_capture(name) else { return };
        let served = Served::start(&capture, &["--speed", "max", "--sessions", "1"]);
        let ran = run(&["watch", &served.url, "--json", "--until-close"]).succeeded();
        let ledger = ran.ledger();
        assert_eq!(ledger["received"], messages, "{name}: {ledger}");
        assert_eq!(served.summary()["messages"], messages, "{name}");
    }
}
