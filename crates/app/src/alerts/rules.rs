//! What makes a rule fit to be kept.

use super::watcher::{feed_of, field_of};
use crate::api::{Alert, AlertDirection, AlertOn, Trouble};
use feedscope_feed::{Said, said};

/// More alerts than anyone has an eye on; each costs a look at every sample of its field.
pub(crate) const ALERTS_MAX: usize = 200;

/// A name longer than this is none.
const NAME_CHARS_MAX: usize = 200;
const TEXT_BYTES_MAX: usize = 4_096;

const SECOND_MS: f64 = 1_000.0;
/// Nobody waits longer for an alert.
const WAIT_MS_MAX: f64 = 7.0 * 24.0 * 3_600.0 * SECOND_MS;
/// What a value is compared over: shorter, and it is noise.
const OVER_MS_MIN: f64 = 10.0;
const RECONNECTS_MAX: u32 = 1_000;

/// The rule as it is to be kept: what is missing or too much of it made good where what is meant
/// is beyond doubt.
///
/// # Errors
/// What is meant is not.
pub(crate) fn checked(mut alert: Alert, taken: impl Fn(&str) -> bool) -> Result<Alert, Trouble> {
    alert.name = alert.name.trim().chars().take(NAME_CHARS_MAX).collect();
    if alert.id.is_empty() {
        let mut numbered = (1_u32..).map(|number| format!("alert-{number}"));
        alert.id = numbered.find(|id| !taken(id)).unwrap_or_default();
    }
    let texts = field_of(&alert.what).map(|field| [&*field.channel, &*field.path]);
    let texts = texts.into_iter().flatten().chain([&*alert.id, feed_of(&alert.what)]);
    if texts.into_iter().any(|text| text.is_empty() || text.len() > TEXT_BYTES_MAX) {
        return Err(refused(said!("trouble_alert_field", "Choose what to watch.")));
    }
    let numbers = [alert.for_ms, alert.clear.by, alert.clear.for_ms];
    if numbers.into_iter().chain(numbers_of(&alert.what)).any(|number| !number.is_finite()) {
        return Err(refused(said!("trouble_alert_number", "One of the numbers is not a number.")));
    }
    alert.for_ms = alert.for_ms.clamp(0.0, WAIT_MS_MAX);
    // What clears faster than this flaps, and nobody can tell one time from the next.
    alert.clear.for_ms = alert.clear.for_ms.clamp(SECOND_MS, WAIT_MS_MAX);
    alert.clear.by = alert.clear.by.max(0.0);
    let room = match &mut alert.what {
        AlertOn::Outside { low, high, .. } => {
            if low > high {
                std::mem::swap(low, high);
            }
            (*high - *low) / 2.0
        }
        AlertOn::Change { by: size, within_ms: over_ms, direction, .. }
        | AlertOn::Rate { per_second: size, over_ms, direction, .. } => {
            *over_ms = over_ms.clamp(OVER_MS_MIN, WAIT_MS_MAX);
            if *size <= 0.0 {
                return Err(refused(said!(
                    "trouble_alert_size",
                    "How much a value changes must be more than 0."
                )));
            }
            if *direction == AlertDirection::Either { *size } else { f64::INFINITY }
        }
        AlertOn::Absent { .. } => {
            alert.for_ms = alert.for_ms.max(SECOND_MS);
            f64::INFINITY
        }
        AlertOn::Reconnects { count, within_ms, .. } => {
            *count = (*count).clamp(1, RECONNECTS_MAX);
            *within_ms = within_ms.clamp(SECOND_MS, WAIT_MS_MAX);
            f64::INFINITY
        }
        _ => f64::INFINITY,
    };
    if alert.clear.by > room {
        return Err(refused(said!(
            "trouble_alert_margin",
            "It would never clear: no value is so far within the bounds."
        )));
    }
    Ok(alert)
}

fn numbers_of(what: &AlertOn) -> Vec<f64> {
    match what {
        AlertOn::Above { value, .. } | AlertOn::Below { value, .. } => vec![*value],
        AlertOn::Outside { low, high, .. } => vec![*low, *high],
        AlertOn::Change { by, within_ms, .. } => vec![*by, *within_ms],
        AlertOn::Rate { per_second, over_ms, .. } => vec![*per_second, *over_ms],
        AlertOn::Latency { above_ms, .. } => vec![*above_ms],
        AlertOn::Reconnects { within_ms, .. } => vec![*within_ms],
        AlertOn::Absent { .. } | AlertOn::NotLive { .. } | AlertOn::Gap { .. } => Vec::new(),
    }
}

pub(crate) fn too_many() -> Trouble {
    refused(said!("trouble_alerts_max", "There are {count} alerts already.", count = ALERTS_MAX))
}

fn refused(what: Said) -> Trouble {
    let advice = said!("advice_alert", "Correct it, and save it again.");
    Trouble::new("alert-refused", step(), what, None, advice)
}

pub(crate) fn step() -> Said {
    said!("step_alerts", "Alerts")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{AlertClear, AlertField, AlertNotify};

    fn alert(what: AlertOn) -> Alert {
        Alert {
            id: "a".into(),
            name: String::new(),
            enabled: true,
            what,
            for_ms: 0.0,
            clear: AlertClear::default(),
            notify: AlertNotify::default(),
        }
    }

    fn field() -> AlertField {
        AlertField { feed: "f".into(), channel: "c".into(), path: "p".into() }
    }

    fn code(alert: Alert) -> Option<String> {
        let trouble = checked(alert, |_| false).err()?;
        trouble.said.what[0].key.as_deref().map(str::to_owned)
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let above = |value| AlertOn::Above { field: field(), value };
        assert_eq!(code(alert(above(1.0))), None);
        assert_eq!(code(alert(above(f64::NAN))).as_deref(), Some("trouble_alert_number"));
        let nowhere = AlertField { path: String::new(), ..field() };
        let nowhere = AlertOn::Absent { field: nowhere };
        assert_eq!(code(alert(nowhere)).as_deref(), Some("trouble_alert_field"));
        let what = AlertOn::Outside { field: field(), low: 0.0, high: 10.0 };
        let never = Alert { clear: AlertClear { by: 6.0, for_ms: 0.0 }, ..alert(what) };
        assert_eq!(code(never).as_deref(), Some("trouble_alert_margin"));
        let direction = AlertDirection::Up;
        let what = AlertOn::Rate { field: field(), per_second: 0.0, over_ms: 1.0, direction };
        assert_eq!(code(alert(what)).as_deref(), Some("trouble_alert_size"));
    }

    #[test]
    fn what_is_meant_is_made_good() {
        let what = AlertOn::Outside { field: field(), low: 10.0, high: 0.0 };
        let odd = Alert {
            id: String::new(),
            name: " x ".into(),
            for_ms: -1.0,
            clear: AlertClear { by: -1.0, for_ms: 0.0 },
            ..alert(what)
        };
        let good = checked(odd, |id| id == "alert-1").unwrap();
        assert_eq!((&*good.id, &*good.name, good.for_ms), ("alert-2", "x", 0.0));
        assert_eq!(good.clear, AlertClear { by: 0.0, for_ms: 1_000.0 });
        assert_eq!(good.what, AlertOn::Outside { field: field(), low: 0.0, high: 10.0 });
        let absent = checked(alert(AlertOn::Absent { field: field() }), |_| false).unwrap();
        assert_eq!(absent.for_ms, 1_000.0);
    }
}
