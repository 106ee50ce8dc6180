//! What a command to a feed takes while messages come in faster than they can be read: counted in
//! messages, so that it does not matter how fast the machine is.

use crate::support::server::text;
use crate::support::{DEADLINE, Server, numbered, numbered_profile};
use feedscope_feed::{Batch, Settings, Sink, State, Subscription, Time, Transition};
use futures_util::{SinkExt, StreamExt};
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc;

/// Many batches in, none of which was the last.
const COMMAND_AFTER: u64 = 20_000;

/// A command waits for the batch that is being read, and no longer. At a million messages a second
/// that is far below a millisecond.
const MESSAGES_AFTER_MAX: u64 = 256;

/// Gives a command from within a batch, in the middle of the flood, and counts what still comes
/// before its effect.
struct Commander {
    subscription: Arc<OnceLock<Subscription>>,
    command: fn(&Subscription),
    effect: State,
    received: u64,
    commanded_at: Option<u64>,
    done: mpsc::Sender<u64>,
}

impl Sink for Commander {
    fn transition(&mut self, _at: Time, transition: &Transition) {
        if let Some(commanded_at) = self.commanded_at
            && transition.state == self.effect
        {
            let _ = self.done.try_send(self.received - commanded_at);
        }
    }

    fn batch(&mut self, batch: &Batch<'_>) {
        self.received = batch.totals.ledger.received();
        if self.commanded_at.is_none()
            && self.received > COMMAND_AFTER
            && let Some(subscription) = self.subscription.get()
        {
            self.commanded_at = Some(self.received);
            (self.command)(subscription);
        }
    }
}

/// How many messages came between the command and its effect.
async fn messages_until(command: fn(&Subscription), effect: State) -> u64 {
    let server = Server::websocket(|_, mut socket| async move {
        // Until whoever reads has gone.
        for number in 0.. {
            if socket.feed(text(numbered(number))).await.is_err() {
                return;
            }
        }
        while let Some(Ok(_)) = socket.next().await {}
    })
    .await;
    let (done, mut counts) = mpsc::channel(1);
    let subscription = Arc::new(OnceLock::new());
    let sink = Commander {
        subscription: subscription.clone(),
        command,
        effect,
        received: 0,
        commanded_at: None,
        done,
    };
    let started =
        Subscription::start(numbered_profile(&server.url()), Settings::default(), sink).unwrap();
    assert!(subscription.set(started).is_ok(), "it is set once");
    let count = tokio::time::timeout(DEADLINE, counts.recv()).await;
    count.expect("the command had no effect").expect("the feed has ended")
}

#[tokio::test]
async fn a_stop_waits_for_no_more_than_the_batch_that_is_being_read() {
    let messages = messages_until(Subscription::stop, State::Stopped).await;
    assert!(messages <= MESSAGES_AFTER_MAX, "{messages} messages came after it");
}

#[tokio::test]
async fn a_reconnect_waits_for_no_more_than_the_batch_that_is_being_read() {
    let messages = messages_until(Subscription::reconnect, State::Connecting).await;
    assert!(messages <= MESSAGES_AFTER_MAX, "{messages} messages came after it");
}
