//! What a message becomes once it is decoded.

use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment: nanoseconds since the Unix epoch, good until the year 2262.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// In whole microseconds: below that, a clock read beside a socket tells nothing but noise,
    /// which would be more than a byte of every sample kept.
    pub fn now() -> Self {
        const NANOS_PER_MICRO: i64 = 1_000;
        let now = Time::from(SystemTime::now());
        Time(now.0 - now.0 % NANOS_PER_MICRO)
    }

    pub fn from_millis(millis: f64) -> Self {
        // `as` saturates, which is what a nonsense time deserves.
        Time((millis * 1e6) as i64)
    }

    /// Milliseconds since the Unix epoch; exact to the microsecond in this century.
    pub fn millis(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// How long after `earlier` this is; zero if it is before.
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl From<SystemTime> for Time {
    fn from(time: SystemTime) -> Self {
        let nanos = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_nanos()),
            Err(before) => i64::try_from(before.duration().as_nanos()).map(|nanos| -nanos),
        };
        Time(nanos.unwrap_or(i64::MAX))
    }
}

impl std::ops::Add<Duration> for Time {
    type Output = Time;

    fn add(self, duration: Duration) -> Time {
        Time(self.0.saturating_add(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)))
    }
}

impl std::ops::Sub<Duration> for Time {
    type Output = Time;

    fn sub(self, duration: Duration) -> Time {
        Time(self.0.saturating_sub(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)))
    }
}

/// A channel of one feed, numbered in the order of first appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub u32);

/// A key of one feed, numbered in the order of first appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

/// A numeric field of one channel and key of one feed, numbered in the order of first appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u32);

impl From<u32> for FieldId {
    fn from(number: u32) -> Self {
        FieldId(number)
    }
}

/// A field of one channel and key that holds texts or booleans, numbered for themselves in the order
/// of first appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId(pub u32);

impl From<u32> for TextId {
    fn from(number: u32) -> Self {
        TextId(number)
    }
}

/// What stands for a text among those of one field: the texts have their codes in the order of their
/// first coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

impl Code {
    pub const FALSE: Code = Code(0);
    pub const TRUE: Code = Code(1);
    pub const NULL: Code = Code(2);
    /// Any text that is not told apart from others, since there are too many.
    pub const OTHER: Code = Code(3);
    /// That of the first text.
    pub const FIRST: Code = Code(4);

    /// Which of the texts it stands for.
    pub fn index(self) -> Option<usize> {
        self.0.checked_sub(Code::FIRST.0).map(usize::from)
    }

    /// That of the text with this index; [`Code::OTHER`] if there is none.
    pub fn of(index: usize) -> Code {
        let code = u16::try_from(index).ok().and_then(|index| index.checked_add(Code::FIRST.0));
        code.map_or(Code::OTHER, Code)
    }
}

/// Where a message stands in its sequence: for the numbers from `first` to `last`, after
/// `previous`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Which of the profile's sequences it is.
    pub sequence: usize,
    pub first: u64,
    pub last: u64,
    /// With the rule `previous` alone.
    pub previous: Option<u64>,
}

/// A decoded data message.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub channel: ChannelId,
    /// What the message is about within its channel (a symbol, a device), where the profile
    /// says where to find it.
    pub key: Option<KeyId>,
    /// Its sequence number; the last one, where it stands for several.
    pub sequence: Option<u64>,
    /// When it happened, by the sender's clock, where the profile says where to find it.
    pub source_time: Option<Time>,
    /// When it was read from the socket, by ours.
    pub arrival_time: Time,
    pub fields: Vec<(FieldId, f64)>,
    /// Texts and booleans that are not as they last were, and each once in a while even so.
    pub texts: Vec<(TextId, Code)>,
}

impl Record {
    /// Where the record stands on the time axis: the source's time where there is one.
    pub fn time(&self) -> Time {
        self.source_time.unwrap_or(self.arrival_time)
    }
}
