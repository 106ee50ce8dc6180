//! The feed of this computer, as its clients see it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "it is a test")]

use feedscope_hub::{Hub, computer, protocol};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

/// Not a wait but a despair: it takes a second and a half.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn every_channel_comes_whole_and_plausible() {
    let hub = Arc::new(Hub::bind(computer::config()).await.unwrap());
    let (mut socket, _) = connect_async(hub.url()).await.unwrap();
    socket.send(Message::Text(protocol::SUBSCRIBE_ALL.into())).await.unwrap();

    let mut seen: HashMap<String, Vec<Value>> = HashMap::new();
    let listen = async {
        // The channels that every computer has.
        while ["cpu", "memory", "network"]
            .iter()
            .any(|&channel| seen.get(channel).is_none_or(|messages| messages.len() < 10))
        {
            let Message::Text(text) = socket.next().await.unwrap().unwrap() else { continue };
            let value: Value = serde_json::from_str(&text).unwrap();
            if value["type"] == "data" {
                seen.entry(value["channel"].as_str().unwrap().into()).or_default().push(value);
            }
        }
    };
    tokio::select! {
        listened = timeout(PATIENCE, listen) => listened.expect("ten of each"),
        ended = computer::run(Arc::clone(&hub)) => panic!("{ended:?}"),
    }

    for (channel, messages) in &seen {
        assert!(computer::CHANNELS.contains(&channel.as_str()));
        for two in messages.windows(2) {
            let [sequence, next] = [0, 1].map(|at| two[at]["sequence"].as_u64().unwrap());
            assert_eq!(next, sequence + 1);
            assert!(two[0]["time"].as_f64().unwrap() < two[1]["time"].as_f64().unwrap());
        }
        for message in messages {
            for (field, value) in message["data"].as_object().unwrap() {
                let value = value.as_f64().unwrap_or_else(|| panic!("{channel} {field} {value}"));
                let max = if channel == "cpu" { 100.0 } else { f64::MAX };
                assert!((0.0..=max).contains(&value), "{channel} {field} {value}");
            }
        }
    }

    let first = |channel: &str| seen[channel][0]["data"].as_object().unwrap();
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(first("cpu").len() > cores, "a total, and every core that may be used");
    assert!(first("cpu").contains_key("total") && first("cpu").contains_key("core0"));
    let memory = first("memory");
    assert!(memory["total"].as_f64() > Some(0.0));
    assert!(memory["used"].as_f64() <= memory["total"].as_f64());
    assert!((0.0..=100.0).contains(&memory["used_percent"].as_f64().unwrap()));
    assert_eq!(first("network").len(), 2);
    #[cfg(not(windows))]
    assert_eq!(first("load").len(), 3);
}
