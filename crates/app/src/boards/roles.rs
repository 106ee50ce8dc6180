//! What a field seems to be, by its name and by what came of it lately. A guess, of which somebody
//! is shown what follows before it does.

use super::format::Unit;
use feedscope_history::Column;

/// More values than this are no states.
const STATES_MAX: usize = 6;

/// States are small numbers.
const STATE_MAX: f64 = 32.0;

/// A text that changes more often than this, lately, is no state that one could follow.
const TEXT_RISES_MAX: usize = 12;

/// A number that seldom rises is not yet seen to be a counter.
const RISES_MIN: usize = 3;

/// A field, as it was lately.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub channel: String,
    pub path: String,
    /// It holds texts or booleans, of which these are the codes.
    pub is_text: bool,
    /// How many samples there were lately.
    pub samples: u64,
    pub min: f64,
    pub max: f64,
    /// All that was seen are whole numbers.
    pub is_whole: bool,
    pub has_fallen: bool,
    /// How often it was seen to be higher than before.
    pub rises: usize,
    /// How many values were seen; no more than are of use.
    pub values: usize,
}

impl Seen {
    /// Of columns over what was lately, of which each tells four of its values.
    pub fn of(channel: &str, path: &str, columns: &[Column]) -> Seen {
        let mut seen = Seen {
            channel: channel.into(),
            path: path.into(),
            is_whole: true,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            ..Seen::default()
        };
        let mut values: Vec<f64> = Vec::new();
        let mut before: Option<f64> = None;
        for column in columns {
            seen.samples += column.count;
            seen.min = seen.min.min(column.min);
            seen.max = seen.max.max(column.max);
            for value in [column.first, column.min, column.max, column.last] {
                seen.is_whole &= value.fract() == 0.0;
                if values.len() <= STATES_MAX && !values.contains(&value) {
                    values.push(value);
                }
            }
            let falls_within = column.min < column.first || column.max > column.last;
            seen.has_fallen |= falls_within || before.is_some_and(|before| column.first < before);
            let rises = before.is_some_and(|before| column.last > before);
            seen.rises += usize::from(rises || column.last > column.first);
            before = Some(column.last);
        }
        seen.values = values.len();
        if seen.samples == 0 {
            (seen.min, seen.max, seen.is_whole) = (0.0, 0.0, false);
        }
        seen
    }

    /// The last part of its path: `data.0.price` is a `price`. What only counts is not a name.
    pub fn leaf(&self) -> &str {
        let mut parts = self.path.rsplit(['.', '[', ']', '/']).filter(|part| !part.is_empty());
        parts.find(|part| part.parse::<u64>().is_err()).unwrap_or(&self.path)
    }

    /// What its name is made of, in small letters: `dataBytesIn` is of `data`, `bytes`, and `in`.
    fn words(&self) -> Vec<String> {
        words(self.leaf())
    }

    fn is_called(&self, names: &[&str]) -> bool {
        self.words().iter().any(|word| names.contains(&word.as_str()))
    }

    /// The unit that its name tells of.
    pub fn unit(&self) -> Unit {
        let within = |names: &[&str]| {
            let all = words(&self.path).into_iter().chain(words(&self.channel));
            all.into_iter().any(|word| names.contains(&word.as_str()))
        };
        if self.is_called(&["percent", "pct", "percentage", "humidity"]) {
            return Unit::Percent;
        }
        // A share is one of a hundred, or of one.
        let is_share = self.min >= 0.0 && self.max <= 100.0 && self.max > 1.0;
        if is_share && (self.is_called(&["usage", "utilization"]) || within(&["cpu"])) {
            return Unit::Percent;
        }
        let is_rate = self.is_called(&["rate", "bps", "throughput"])
            || self.leaf().ends_with("/s")
            || within(&["network", "net", "disk"]) && !self.is_called(&["total", "count"]);
        let is_large = self.max >= 1e5;
        if self.is_called(&["bytes", "byte"]) || is_large && within(&["memory", "mem", "heap"]) {
            return if is_rate && !self.is_counter() { Unit::BytesPerSecond } else { Unit::Bytes };
        }
        Unit::None
    }

    /// A moment, or the number of something: nothing that one draws.
    pub fn is_name_or_time(&self) -> bool {
        let is_whole = self.is_whole && self.samples > 0;
        let of_ms = |factor: f64| (1.2e12 * factor..2.6e12 * factor).contains(&self.min);
        let is_moment = of_ms(1.0) || of_ms(1e3) || of_ms(1e6);
        let is_second = of_ms(1e-3)
            && self.is_called(&["time", "timestamp", "ts", "at", "t", "date", "seconds"]);
        let is_number = is_whole
            && self.is_called(&[
                "id", "seq", "sequence", "nonce", "offset", "cursor", "version", "u", "pid",
                "port", "uid",
            ]);
        is_moment || is_second || is_number || self.is_called(&["timestamp"])
    }

    pub fn is_price(&self) -> bool {
        const PRICES: [&str; 13] = [
            "price", "px", "bid", "ask", "mid", "close", "last", "mark", "vwap", "open", "high",
            "low", "quote",
        ];
        // A feed of trades that saves on letters.
        let is_p = self.leaf() == "p";
        (self.is_called(&PRICES) || is_p) && self.max > 0.0 && !self.is_size()
    }

    /// Which of several prices one looks at first.
    pub fn price_rank(&self) -> usize {
        const RANKS: [&[&str]; 5] = [
            &["last", "price", "px", "p", "close"],
            &["mark", "mid", "vwap"],
            &["bid", "ask"],
            &["quote"],
            &["open", "high", "low"],
        ];
        RANKS.iter().position(|names| self.is_called(names)).unwrap_or(RANKS.len())
    }

    pub fn is_bid(&self) -> bool {
        self.is_called(&["bid"])
    }

    pub fn is_ask(&self) -> bool {
        self.is_called(&["ask", "offer"])
    }

    pub fn is_size(&self) -> bool {
        self.is_called(&["size", "qty", "quantity", "volume", "vol", "amount"])
            || self.leaf() == "q"
    }

    /// Ever more of something: what one wants to know is how fast.
    pub fn is_counter(&self) -> bool {
        let is_called = self.is_called(&["total", "count", "counter", "packets", "requests"]);
        !self.has_fallen
            && self.min >= 0.0
            && !self.is_price()
            && self.is_whole
            && self.rises >= if is_called { 1 } else { RISES_MIN }
            // What counts up from a few is as well a state.
            && (is_called || self.values > STATES_MAX)
    }

    pub fn is_state(&self) -> bool {
        let is_called = self.is_called(&[
            "state", "status", "mode", "flag", "enabled", "active", "online", "alarm", "phase",
            "door", "running", "level", "on",
        ]);
        if self.is_text {
            // What is but true or false says so by that.
            let is_either = self.max <= 1.0;
            let is_calm = self.rises <= TEXT_RISES_MAX && self.values <= STATES_MAX;
            return self.samples > 0 && is_calm && (is_called || is_either || self.values > 1);
        }
        let is_small = self.is_whole && self.min >= 0.0 && self.max <= STATE_MAX;
        let is_either = self.values == 2 && self.min == 0.0 && self.max == 1.0;
        is_small && self.values <= STATES_MAX && (is_called || is_either) && self.samples > 0
    }

    /// A number that goes from nothing to all.
    pub fn has_scale(&self) -> bool {
        self.unit() == Unit::Percent && self.min >= 0.0 && self.max <= 100.0
    }
}

fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_small = false;
    for char in name.chars() {
        if !char.is_alphabetic() {
            words.push(String::new());
        } else {
            if char.is_uppercase() && was_small {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(char.to_lowercase());
            }
        }
        was_small = char.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(first: f64, min: f64, max: f64, last: f64) -> Column {
        Column { index: 0, first, min, max, last, count: 4, gap: false }
    }

    /// A field whose values came one by one.
    fn seen(path: &str, values: &[f64]) -> Seen {
        let columns: Vec<Column> =
            values.iter().map(|value| column(*value, *value, *value, *value)).collect();
        Seen::of("c", path, &columns)
    }

    #[test]
    fn names_are_taken_apart() {
        assert_eq!(words("dataBytes_in.2"), ["data", "bytes", "in"]);
        assert_eq!(words("URL"), ["url"]);
        assert_eq!(seen("data[3].bestBid[0]", &[1.0]).leaf(), "bestBid");
        assert_eq!(seen("0", &[1.0]).leaf(), "0");
    }

    #[test]
    fn what_counts_up_is_a_counter_and_a_price_that_rises_is_none() {
        let rising: Vec<f64> = (0..20).map(|n| f64::from(n) * 7.0).collect();
        assert!(seen("packets", &rising).is_counter());
        assert!(seen("sent", &rising).is_counter());
        assert!(!seen("price", &rising).is_counter());
        let mut fell = rising.clone();
        fell.push(0.0);
        assert!(!seen("sent", &fell).is_counter());
        let within = [column(1.0, 1.0, 9.0, 8.0)];
        assert!(Seen::of("c", "sent", &within).has_fallen, "within a column");
        assert!(!seen("sent", &[1.0, 2.0]).is_counter(), "too little is known");
        assert!(!seen("temperature", &[1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5]).is_counter());
    }

    #[test]
    fn what_is_one_of_a_few_is_a_state() {
        assert!(seen("door", &[0.0, 1.0, 0.0]).is_state());
        assert!(seen("x", &[0.0, 1.0]).is_state());
        assert!(seen("mode", &[3.0]).is_state());
        assert!(!seen("x", &[3.0]).is_state(), "a number that stays");
        assert!(!seen("mode", &[0.5, 1.0]).is_state());
        assert!(!seen("mode", &[]).is_state(), "nothing came of it");
    }

    #[test]
    fn texts_that_keep_for_a_while_are_states() {
        let text = |path: &str, codes: &[f64]| Seen { is_text: true, ..seen(path, codes) };
        assert!(text("x", &[4.0, 4.0, 5.0, 4.0]).is_state());
        assert!(text("status", &[4.0, 4.0]).is_state());
        assert!(text("x", &[1.0, 1.0]).is_state(), "it is true, and may be false");
        assert!(!text("x", &[4.0, 4.0]).is_state(), "a text that stays");
        let sides: Vec<f64> = (0..100).map(|n| 4.0 + f64::from(n % 2)).collect();
        assert!(!text("side", &sides).is_state(), "it flickers");
        let names: Vec<f64> = (4..14).map(f64::from).collect();
        assert!(!text("name", &names).is_state());
    }

    #[test]
    fn moments_and_numbers_of_things_are_not_drawn() {
        assert!(seen("T", &[1_763_000_000_123.0]).is_name_or_time());
        assert!(seen("E", &[1_763_000_000_123_456.0]).is_name_or_time());
        assert!(seen("ts", &[1_763_000_000.5]).is_name_or_time());
        assert!(seen("trade_id", &[77.0]).is_name_or_time());
        assert!(!seen("bytes", &[1_763_000_000.0]).is_name_or_time());
        assert!(!seen("humidity", &[47.0]).is_name_or_time());
    }

    #[test]
    fn units_are_in_names() {
        assert_eq!(seen("cpuPercent", &[3.0]).unit(), Unit::Percent);
        assert_eq!(seen("heap_bytes", &[3e6]).unit(), Unit::Bytes);
        assert_eq!(Seen { channel: "memory".into(), ..seen("used", &[3e9]) }.unit(), Unit::Bytes);
        assert_eq!(seen("bytes_rate", &[3e6, 2e6]).unit(), Unit::BytesPerSecond);
        assert_eq!(seen("temperature", &[3.0]).unit(), Unit::None);
    }
}
