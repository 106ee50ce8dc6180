//! Real traffic, served and watched.

use crate::support::{Served, real_capture, received, run};

const CAPTURES: [&str; 10] = [
    "binance-futures",
    "binance-spot-depth",
    "binance-us",
    "bitfinex-seqall",
    "bitstamp",
    "coinbase-level2-ticker",
    "dydx-out-of-order",
    "htx-gzip",
    "kraken-futures",
    "okx",
];

#[test]
fn every_message_arrives_whatever_it_is() {
    for name in CAPTURES {
        let Some(capture) = real_capture(name) else { return };
        let messages = received(&capture).len();
        let served = Served::start(&capture, &["--speed", "max", "--sessions", "1"]);
        let ran = run(&["watch", &served.url, "--json", "--until-close"]).succeeded();
        let ledger = ran.ledger();
        assert_eq!(ledger["received"], messages, "{name}: {ledger}");
        assert_eq!(served.summary()["messages"], messages, "{name}");
    }
}
