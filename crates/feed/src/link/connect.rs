//! From addresses to a connection: whichever can be reached first (RFC 8305, “Happy Eyeballs”).

use crate::world::{Duplex, World};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::sleep;

/// How long an address has before the next one is tried beside it: RFC 8305's. A way that is dead
/// so costs a moment, not the whole of the time there is to connect.
const STAGGER: Duration = Duration::from_millis(250);

/// A name with more addresses than this is tried no further.
const ADDRESSES_MAX: usize = 16;

/// An address that could not be reached, and why.
pub(super) type Missed = (SocketAddr, io::Error);

/// Tries the addresses until one answers. Those that failed before are put into `missed`.
pub(super) async fn connect(
    world: &dyn World,
    addresses: &[SocketAddr],
    missed: &mut Vec<Missed>,
) -> Option<(SocketAddr, Box<dyn Duplex>)> {
    let mut untried = interleaved(addresses).into_iter().peekable();
    let mut attempts = FuturesUnordered::new();
    loop {
        match untried.next() {
            Some(address) => {
                attempts.push(async move { (address, world.connect(address).await) });
            }
            None if attempts.is_empty() => return None,
            None => {}
        }
        tokio::select! {
            biased;
            Some((address, attempt)) = attempts.next() => match attempt {
                Ok(stream) => return Some((address, stream)),
                Err(error) => missed.push((address, error)),
            },
            () = sleep(STAGGER), if untried.peek().is_some() => {}
        }
    }
}

/// One family after the other in turn, beginning with that of the first: the system has put them
/// in the order in which it would try them.
fn interleaved(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let first_is_v4 = addresses.first().is_some_and(SocketAddr::is_ipv4);
    let family = |v4: bool| addresses.iter().copied().filter(move |to| to.is_ipv4() == v4);
    let mut one = family(first_is_v4);
    let mut other = family(!first_is_v4);
    let mut all = Vec::new();
    loop {
        let pair = [one.next(), other.next()];
        if pair == [None, None] {
            all.truncate(ADDRESSES_MAX);
            return all;
        }
        all.extend(pair.into_iter().flatten());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns_and_the_first_stays_first() {
        let parse = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|text| text.parse().unwrap()).collect()
        };
        let mixed = parse(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]);
        let turns = parse(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
        assert_eq!(interleaved(&mixed), turns);
        let only = parse(&["1.1.1.1:1", "2.2.2.2:1"]);
        assert_eq!(interleaved(&only), only);
        assert_eq!(interleaved(&[]), []);
        assert_eq!(interleaved(&vec![only[0]; 1_000]).len(), ADDRESSES_MAX);
    }
}
