//! Whether this computer's network is still the one that it was.

use futures_util::StreamExt;
use if_watch::tokio::IfWatcher;
use if_watch::{IfEvent, IpNet};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::timeout;

/// Changes come in bursts, an address at a time, and the ways follow the addresses.
const SETTLED_AFTER: Duration = Duration::from_millis(300);

/// Resolves once the addresses by which this computer reaches others are not what they were when
/// this was called. Never, where the system does not say.
pub(super) async fn changed() {
    let Ok(mut watcher) = IfWatcher::new() else { return std::future::pending().await };
    // The watcher begins by telling what there is.
    let mut ways = BTreeSet::new();
    let mut before = None;
    loop {
        match timeout(SETTLED_AFTER, watcher.next()).await {
            Ok(Some(Ok(event))) => note(&mut ways, event),
            // It will tell no more.
            Ok(_) => return std::future::pending().await,
            Err(_) => {
                let before = before.get_or_insert_with(|| ways.clone());
                if *before != ways {
                    return;
                }
                match watcher.next().await {
                    Some(Ok(event)) => note(&mut ways, event),
                    _ => return std::future::pending().await,
                }
            }
        }
    }
}

fn note(ways: &mut BTreeSet<IpNet>, event: IfEvent) {
    match event {
        IfEvent::Up(net) => way(net).map(|way| ways.insert(way)),
        IfEvent::Down(net) => way(net).map(|way| ways.remove(&way)),
    };
}

/// What of an address makes a difference to a connection; `None` if nobody is reached by it.
fn way(net: IpNet) -> Option<IpNet> {
    let is_local = match net.addr() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unicast_link_local(),
    };
    match net {
        _ if is_local => None,
        IpNet::V4(_) => Some(net),
        // Within its network, a computer takes a new address every day, to be followed less.
        IpNet::V6(_) => Some(net.trunc()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_that_lead_nowhere_and_daily_ones_are_no_change() {
        let mut ways = BTreeSet::new();
        for local in ["127.0.0.1/8", "::1/128", "fe80::1/64", "169.254.3.4/16"] {
            note(&mut ways, IfEvent::Up(net(local)));
        }
        assert!(ways.is_empty());
        note(&mut ways, IfEvent::Up(net("2001:db8::1/64")));
        let before = ways.clone();
        note(&mut ways, IfEvent::Up(net("2001:db8::2/64")));
        assert_eq!(ways, before);
        note(&mut ways, IfEvent::Up(net("192.0.2.7/24")));
        assert_ne!(ways, before);
        note(&mut ways, IfEvent::Down(net("192.0.2.7/24")));
        assert_eq!(ways, before);
    }

    /// In a network namespace of its own, in which addresses can be added without harm: this runs
    /// itself there.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_new_address_of_this_computer_is_a_change() {
        const INSIDE: &str = "FEEDSCOPE_TEST_NETWORK";
        if std::env::var_os(INSIDE).is_some() {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(inside());
            return;
        }
        let test = std::env::current_exe().unwrap();
        let name = "world::network::tests::a_new_address_of_this_computer_is_a_change";
        let run = std::process::Command::new("unshare")
            .args(["--map-root-user", "--net"])
            .arg(test)
            .args(["--exact", "--nocapture", name])
            .env(INSIDE, "1")
            .output();
        match run {
            Ok(run) if String::from_utf8_lossy(&run.stderr).starts_with("unshare:") => {
                println!("Not tested: no network namespace can be made here.");
            }
            Err(_) => println!("Not tested: there is no unshare here."),
            Ok(run) => {
                let said = String::from_utf8_lossy(&run.stdout);
                println!("{said}{}", String::from_utf8_lossy(&run.stderr));
                assert!(run.status.success());
                assert!(said.contains("1 passed"), "the name of the test is not right");
            }
        }
    }

    #[cfg(target_os = "linux")]
    async fn inside() {
        let ip = |arguments: &[&str]| {
            std::process::Command::new("ip").args(arguments).status().is_ok_and(|s| s.success())
        };
        if !ip(&["link", "set", "lo", "up"]) {
            println!("Not tested: there is no ip here.");
            return;
        }
        let mut changed = std::pin::pin!(changed());
        let nothing = timeout(2 * SETTLED_AFTER, &mut changed).await;
        assert!(nothing.is_err(), "what is there from the beginning is no change");
        assert!(ip(&["address", "add", "127.0.0.9/8", "dev", "lo"]));
        let nothing = timeout(2 * SETTLED_AFTER, &mut changed).await;
        assert!(nothing.is_err(), "loopback leads nowhere");
        assert!(ip(&["address", "add", "192.0.2.9/32", "dev", "lo"]));
        timeout(Duration::from_secs(20), &mut changed).await.expect("it is told");
    }
}
