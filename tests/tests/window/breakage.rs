//! Break it: each way in which a feed fails, as the window shows it.

use crate::number;
use anyhow::{Context, Result};
use feedscope_tests::Window;
use serde_json::{Value, json};

const ESCAPE: &str = "\u{e00c}";
const PAGE_DOWN: &str = "\u{e00f}";

fn toggle(window: &Window, fault: &str) -> Result<()> {
    window.click("break-it")?;
    window.click(fault)?;
    window.press(ESCAPE)?;
    window.wait("no popover", "return by('break-it-popover') === null", json!([]))?;
    Ok(())
}

/// Opens the window, with some data on it.
fn broken(name: &str, fault: &str) -> Result<Window> {
    let window = Window::open(name)?;
    window.wait("data", "return status('computer').ledger.delivered > 50", json!([]))?;
    toggle(&window, fault)?;
    Ok(window)
}

/// Waits until it is live again, nothing is held, and more data comes; opens the ledger, which
/// must add up, and gives the status and the gaps of a panel.
fn mended(window: &Window) -> Result<Value> {
    let before = window.wait(
        "live again",
        "return status('computer').state === 'live' && status('computer').ledger.delivered",
        json!([]),
    )?;
    let seen = window.wait(
        "more data, and nothing held",
        "const { state, ledger } = status('computer');
         return state === 'live' && ledger.held === 0 && ledger.delivered > arguments[0] + 50
             && panels().every((panel) => panel.gaps.every((gap) => gap.end_ms !== null))
             && by('feed-state-computer').textContent === 'live'
             && all('segment').at(-1).dataset.state === 'live'
             && { status: status('computer'), gaps: panel('cpu').gaps,
                  columnMs: panel('cpu').columnMs, columns: panel('cpu').traces[0].columns }",
        json!([before]),
    )?;
    let ledger = &seen["status"]["ledger"];
    let fates = ["delivered", "control", "duplicate", "late", "undecodable", "held", "overflow"];
    let spent: u64 = fates.iter().filter_map(|fate| ledger[fate].as_u64()).sum();
    assert_eq!(ledger["received"].as_u64(), Some(spent), "{ledger}");
    window.click("health")?;
    window.wait(
        "a ledger that adds up",
        "const count = (text) => Number(text.replaceAll(',', ''));
         const [total, ...parts] = [...by('ledger').querySelectorAll('td')].map((cell) =>
             count(cell.textContent));
         return total > 0 && total === parts.reduce((sum, part) => sum + part)
             && by('ledger-sum').textContent.trim() === 'It adds up.'",
        json!([]),
    )?;
    Ok(seen)
}

fn gaps<'a>(seen: &'a Value, cause: &str) -> Result<Vec<&'a Value>> {
    let gaps = seen["gaps"].as_array().context("no gaps")?;
    Ok(gaps.iter().filter(|gap| gap["cause"] == cause).collect())
}

/// No line is drawn over a gap: the first column after it says so.
fn assert_broken_line(seen: &Value, gap: &Value) -> Result<()> {
    let column_ms = number(&seen["columnMs"])?;
    let end = number(&gap["end_ms"])?;
    let columns = seen["columns"].as_array().context("no columns")?;
    let after = columns
        .iter()
        .find(|column| number(&column[0]).is_ok_and(|index| (index + 1.0) * column_ms > end));
    assert_eq!(after.context("nothing after the gap")?[6], 1, "{gap} is drawn over");
    Ok(())
}

#[test]
fn a_dropped_connection_is_an_outage() -> Result<()> {
    let window = broken("break-drop", "fault-cut")?;
    window.wait(
        "an outage that lasts",
        "const gap = panel('cpu').gaps.at(-1);
         return gap.cause === 'outage' && gap.end_ms === null && gap.story !== ''
             && ['waiting', 'connecting'].includes(status('computer').state)
             && all('segment').some((segment) => segment.dataset.state === 'waiting')",
        json!([]),
    )?;
    let seen = mended(&window)?;
    let outages = gaps(&seen, "outage")?;
    let [outage] = outages[..] else { panic!("{outages:?} is not one outage") };
    let lasted = number(&outage["end_ms"])? - number(&outage["start_ms"])?;
    assert!(lasted >= 2_500.0, "the plug is out for three seconds, not {lasted} ms");
    assert!(number(&seen["status"]["missing"])? > 0.0, "what was sent meanwhile is missing");
    assert_broken_line(&seen, outage)?;

    // It is listed, and leads to its time.
    window.click("gaps-open")?;
    window.wait(
        "its line",
        "const line = all('gap').find((line) => line.dataset.cause === 'outage');
         if (!line || by('gaps-list').childElementCount < 2) return null;
         line.click();
         return line.textContent.includes('outage')",
        json!([]),
    )?;
    let middle = "const { fromMs, toMs } = panel('cpu'); return (fromMs + toMs) / 2";
    let shown = window.wait(
        "it in the middle of the charts",
        &format!(
            "if (!by('jump-live') || all('gap').every((line) => line.ariaCurrent !== 'true')) return null;
             {middle}"
        ),
        json!([]),
    )?;
    let outage_ms = f64::midpoint(number(&outage["start_ms"])?, number(&outage["end_ms"])?);
    assert!((number(&shown)? - outage_ms).abs() < 1.0, "{shown}, not {outage_ms}");
    // What was missed meanwhile is the next, unless it lies at the same place: where one message ended
    // the outage and was the first of every channel.
    let mut is_later = false;
    for missing in gaps(&seen, "missing")? {
        let middle = f64::midpoint(number(&missing["start_ms"])?, number(&missing["end_ms"])?);
        is_later |= middle > outage_ms + 1.0;
    }
    window.press(PAGE_DOWN)?;
    window.wait(
        "the next one, or that there is none",
        "const [isLater] = arguments;
         return all('gap').some((line) =>
             line.ariaCurrent === 'true' && line.dataset.cause === 'missing')
             || !isLater
             && all('notice').some((notice) => notice.textContent.includes('no later gap'))",
        json!([is_later]),
    )?;
    // Without those of one cause, the others stand.
    window.click("gaps-cause-missing")?;
    window.wait(
        "the others",
        "return all('gap').length > 0
             && all('gap').every((line) => line.dataset.cause !== 'missing')",
        json!([]),
    )?;
    window.press(ESCAPE)?;
    window.wait("it is closed", "return by('gaps') === null", json!([]))?;
    Ok(())
}

#[test]
fn silence_is_told_from_an_outage() -> Result<()> {
    let window = broken("break-silent", "fault-silent")?;
    window.wait(
        "a silence that lasts",
        "const gap = panel('cpu').gaps.at(-1);
         return gap.cause === 'silence' && gap.end_ms === null && gap.story !== ''
             && status('computer').state === 'stale'
             && by('feed-state-computer').textContent === 'stale'
             && all('segment').at(-1).dataset.state === 'stale'",
        json!([]),
    )?;
    toggle(&window, "fault-silent")?;
    let seen = mended(&window)?;
    assert_eq!(gaps(&seen, "outage")?.len(), 0, "the connection stood");
    let silences = gaps(&seen, "silence")?;
    let [silence] = silences[..] else { panic!("{silences:?} is not one silence") };
    assert!(number(&seen["status"]["missing"])? > 0.0, "what was not sent is missing");
    assert_broken_line(&seen, silence)
}

#[test]
fn a_delay_is_latency_and_no_gap() -> Result<()> {
    let window = broken("break-delay", "fault-delay")?;
    window.wait(
        "half a second of latency",
        "const { latency } = status('computer');
         return latency.p50_ms >= 500 && /5[0-9][0-9]|[6-9][0-9][0-9]|s$/.test(by('health').textContent)",
        json!([]),
    )?;
    toggle(&window, "fault-delay")?;
    window.wait("less latency", "return status('computer').latency.p99_ms < 450", json!([]))?;
    let seen = mended(&window)?;
    assert_eq!(seen["gaps"], json!([]));
    assert_eq!(seen["status"]["missing"], 0);
    Ok(())
}

#[test]
fn what_comes_twice_counts_once() -> Result<()> {
    let window = broken("break-duplicate", "fault-duplicate")?;
    window.wait("duplicates", "return status('computer').ledger.duplicate >= 5", json!([]))?;
    toggle(&window, "fault-duplicate")?;
    let seen = mended(&window)?;
    assert_eq!(seen["gaps"], json!([]));
    assert_eq!(seen["status"]["missing"], 0);
    Ok(())
}

#[test]
fn what_comes_out_of_order_is_put_in_order() -> Result<()> {
    let window = broken("break-reorder", "fault-reorder")?;
    window.wait(
        "messages that wait for an earlier one",
        "return status('computer').ledger.held > 0",
        json!([]),
    )?;
    toggle(&window, "fault-reorder")?;
    let seen = mended(&window)?;
    // All of it came, be it late.
    assert_eq!(seen["status"]["missing"], 0);
    let indices: Vec<_> = seen["columns"].as_array().context("no columns")?.iter().collect();
    assert!(indices.is_sorted_by(|a, b| a[0].as_f64() < b[0].as_f64()));
    Ok(())
}

#[test]
fn what_is_lost_is_counted_and_shown_where_it_is_missing() -> Result<()> {
    let window = broken("break-lose", "fault-lose")?;
    window.wait(
        "a gap in the processor's channel",
        "return panel('cpu').gaps.some((gap) => gap.cause === 'missing')",
        json!([]),
    )?;
    toggle(&window, "fault-lose")?;
    let seen = mended(&window)?;
    let missing = gaps(&seen, "missing")?;
    assert!(!missing.is_empty());
    for gap in &missing {
        assert_eq!(gap["channel"], "cpu");
        assert!(number(&gap["missing"])? >= 1.0, "{gap}");
        assert!(gap["story"].as_str().is_some_and(|story| story.contains("did not come")));
        assert_broken_line(&seen, gap)?;
    }
    let status = &seen["status"];
    let counted: f64 = missing.iter().filter_map(|gap| gap["missing"].as_f64()).sum();
    assert!(number(&status["missing"])? >= counted, "{status}");
    assert!(number(&status["gaps"])? >= missing.len() as f64, "{status}");
    Ok(())
}

#[test]
fn what_is_broken_on_purpose_is_marked() -> Result<()> {
    let window = broken("break-marked", "fault-duplicate")?;
    toggle(&window, "fault-delay")?;
    window.wait(
        "both named at the feed",
        "const { title, textContent } = by('break-it');
         return title === 'Broken on purpose: Delay by 500 ms, Send twice 10%'
             && textContent.trim() === '2'",
        json!([]),
    )?;
    Ok(())
}
