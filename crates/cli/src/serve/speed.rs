//! How fast a capture is served.

use std::str::FromStr;
use std::time::Duration;

/// Times the speed at which it came; `None` for as fast as it is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed(Option<f64>);

impl Speed {
    /// How long after the start something is due that came so many seconds after the start.
    pub fn due(self, seconds: f64) -> Duration {
        let Speed(Some(times)) = self else { return Duration::ZERO };
        Duration::try_from_secs_f64(seconds / times).unwrap_or(Duration::ZERO)
    }
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Speed(None));
        }
        let times = text.strip_suffix('x').and_then(|times| times.parse().ok());
        match times.filter(|times: &f64| (1e-3..=1e6).contains(times)) {
            Some(times) => Ok(Speed(Some(times))),
            None => Err("write 1x, 10x, 0.5x or max".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_divides_the_time_between_messages() {
        let due = |speed: &str| speed.parse::<Speed>().unwrap().due(10.0);
        assert_eq!(due("1x"), Duration::from_secs(10));
        assert_eq!(due("10x"), Duration::from_secs(1));
        assert_eq!(due("0.5x"), Duration::from_secs(20));
        assert_eq!(due("max"), Duration::ZERO);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "x", "1", "0x", "-1x", "NaNx", "infx", "fast"] {
            assert!(text.parse::<Speed>().is_err(), "{text}");
        }
    }
}
