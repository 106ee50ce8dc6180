//! How much each network interface has carried so far.
//!
//! On Linux this reads one file. sysinfo opens ten for each interface, which with the dozens that
//! containers bring costs more than all else that is measured here; and one of the ten, the link
//! speed, asks the driver.

use super::Totals;

#[derive(Debug, PartialEq)]
pub(super) struct Interface {
    pub name: String,
    pub is_loopback: bool,
    pub totals: Totals,
}

#[cfg(target_os = "linux")]
pub(super) struct Interfaces;

#[cfg(target_os = "linux")]
impl Interfaces {
    pub(super) fn new() -> Result<Self, sysinfo::Error> {
        Ok(Interfaces)
    }

    pub(super) fn read(&mut self) -> Vec<Interface> {
        parse(&std::fs::read_to_string("/proc/net/dev").unwrap_or_default())
    }
}

/// Two lines of titles, then a line for each interface: its name, a colon, eight numbers about
/// what it received and eight about what it sent, of which the first is bytes.
#[cfg(target_os = "linux")]
fn parse(table: &str) -> Vec<Interface> {
    let line = |line: &str| {
        let (name, numbers) = line.split_once(':')?;
        let name = name.trim();
        let mut numbers = numbers.split_ascii_whitespace();
        let totals = Totals {
            taken_in: numbers.next()?.parse().ok()?,
            given_out: numbers.nth(7)?.parse().ok()?,
        };
        Some(Interface { name: name.to_owned(), is_loopback: name == "lo", totals })
    };
    table.lines().filter_map(line).collect()
}

#[cfg(not(target_os = "linux"))]
pub(super) struct Interfaces(sysinfo::Networks);

#[cfg(not(target_os = "linux"))]
impl Interfaces {
    pub(super) fn new() -> Result<Self, sysinfo::Error> {
        Ok(Interfaces(sysinfo::Networks::new()?))
    }

    pub(super) fn read(&mut self) -> Vec<Interface> {
        self.0.refresh(true);
        let interface = |(name, data): (&std::ffi::OsString, &sysinfo::NetworkData)| Interface {
            name: name.to_string_lossy().into_owned(),
            is_loopback: data.ip_networks().iter().any(|network| network.addr.is_loopback()),
            totals: Totals { taken_in: data.total_received(), given_out: data.total_transmitted() },
        };
        self.0.iter().map(interface).collect()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const TABLE: &str = "\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 6312906    4137    0    0    0     0          0         0  6312907    4137    0    0    0     0       0          0
wlp0s20f3:123456789012 9 0 0 0 0 0 0 42 1 0 0 0 0 0 0
 broken: 1 2 3
";

    #[test]
    fn the_systems_table_is_read_line_by_line() {
        let interface = |name: &str, is_loopback, taken_in, given_out| Interface {
            name: name.to_owned(),
            is_loopback,
            totals: Totals { taken_in, given_out },
        };
        let expected = [
            interface("lo", true, 6312906, 6312907),
            interface("wlp0s20f3", false, 123456789012, 42),
        ];
        assert_eq!(parse(TABLE), expected);
    }

    #[test]
    fn this_computer_has_such_a_table() {
        assert!(Interfaces::new().unwrap().read().iter().any(|interface| interface.is_loopback));
    }
}
