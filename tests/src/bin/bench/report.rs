//! What a measurement finds: printed as it is found, and with `--save` kept in docs/benchmarks.md,
//! in a section of its own that the next run replaces.
//!
//! Both are the same Markdown, so that what is read in the terminal is what is kept.

use anyhow::{Context, Result, ensure};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// What the file begins with.
const HEAD: &str = "# Benchmarks

Each section is what one run of one measurement said, on the machine that it names, and the command
that repeats it. Figures move with the machine and with what else it does; ratios hold. No sample is
dropped in any of them: a run whose ledger does not balance fails, and is not kept.
";

/// Less is not worth a word.
const STOLEN_MIN: f64 = 0.02;

/// What one run of one measurement says.
pub struct Report {
    name: &'static str,
    text: String,
    save: bool,
    began: Option<Ticks>,
}

impl Report {
    /// `name` is that of the measurement, after `cargo xtask bench`.
    pub fn new(name: &'static str, title: &str, save: bool) -> Report {
        let mut report = Report { name, text: String::new(), save, began: Ticks::now() };
        report.add(&format!("## {title}"));
        report.add(&format!("{}, on {}. Again: `{}`", today(), machine(), again(name)));
        report
    }

    /// Adds a paragraph.
    pub fn say(&mut self, paragraph: &str) {
        self.add(paragraph);
    }

    pub fn table(&mut self, table: &Table) {
        self.add(table.to_string().trim_end());
    }

    /// Keeps it, where that is wanted. What must not be kept fails before this; a goal that is
    /// missed may well be kept, and fails after it.
    pub fn end(mut self) -> Result<()> {
        let share = self.began.zip(Ticks::now()).map(|(began, now)| now.stolen_since(&began));
        if let Some(share) = share.filter(|share| *share >= STOLEN_MIN) {
            self.add(&format!(
                "Meanwhile, {:.0} % of the processors' time went to other machines on the same \
                 hardware: it is slower than one that has its processors to itself.",
                share * 100.0
            ));
        }
        if !self.save {
            return Ok(());
        }
        let path = file();
        let before = fs::read_to_string(&path).unwrap_or_else(|_| HEAD.into());
        let after = with_section(&before, self.name, &self.text)?;
        fs::write(&path, after).with_context(|| format!("writing {}", path.display()))?;
        println!("This is now in {}.", path.display());
        Ok(())
    }

    fn add(&mut self, block: &str) {
        println!("\n{block}");
        self.text.push_str(block);
        self.text.push_str("\n\n");
    }
}

/// What of all processors' time was counted, and what of it this machine did not get though it wanted
/// to: as a virtual one among others.
#[derive(Clone, Copy)]
struct Ticks {
    all: u64,
    stolen: u64,
}

impl Ticks {
    /// `None` where the system does not say.
    fn now() -> Option<Ticks> {
        Ticks::read(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in these.
    fn read(stat: &str) -> Option<Ticks> {
        let line = stat.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Option<Vec<u64>> =
            line.split_whitespace().take(8).map(|ticks| ticks.parse().ok()).collect();
        let ticks = ticks?;
        Some(Ticks { all: ticks.iter().sum(), stolen: *ticks.get(7)? })
    }

    fn stolen_since(&self, began: &Ticks) -> f64 {
        let all = self.all.saturating_sub(began.all).max(1);
        self.stolen.saturating_sub(began.stolen) as f64 / all as f64
    }
}

/// Rows of cells under heads; the first column is text, the others are numbers.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new<S: Into<String>>(heads: impl IntoIterator<Item = S>) -> Table {
        let mut table = Table { rows: Vec::new() };
        table.row(heads);
        table
    }

    /// Adds a row; what it has less than the heads stays empty.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }
}

/// As aligned Markdown.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NARROWEST: usize = 2;
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let wide = self.rows.iter().map(|row| cell(row, column).chars().count()).max();
                wide.unwrap_or(0).max(NARROWEST)
            })
            .collect();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, width) in widths.iter().enumerate() {
                let text = cell(row, column);
                match column {
                    0 => write!(f, "| {text:width$} ")?,
                    _ => write!(f, "| {text:>width$} ")?,
                }
            }
            writeln!(f, "|")?;
            if number == 0 {
                for (column, width) in widths.iter().enumerate() {
                    match column {
                        0 => write!(f, "|{}", "-".repeat(width + 2))?,
                        _ => write!(f, "|{}:", "-".repeat(width + 1))?,
                    }
                }
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}

/// 1,234,567.
pub fn count(number: f64) -> String {
    if !number.is_finite() {
        return "–".into();
    }
    let digits = format!("{:.0}", number.abs());
    let mut grouped = String::from(if number < 0.0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// With so many digits after the point; a dash for what is not known.
pub fn number(number: f64, digits: usize) -> String {
    if number.is_finite() { format!("{number:.digits$}") } else { "–".into() }
}

/// How many times `of` something is; two digits that count.
pub fn ratio(number: f64, of: f64) -> String {
    let ratio = number / of;
    if !ratio.is_finite() {
        return "–".into();
    }
    match ratio.abs() {
        ..0.1 => format!("{ratio:.3}"),
        ..10.0 => format!("{ratio:.2}"),
        ..100.0 => format!("{ratio:.1}"),
        _ => count(ratio),
    }
}

/// The `share` quantile of what is sorted: the nearest that was measured.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1) as f64;
    sorted.get((last * share).round() as usize).copied().unwrap_or(f64::NAN)
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/benchmarks.md")
}

fn today() -> String {
    chrono::Local::now().format("%Y-%m-%d").to_string()
}

/// What it was measured on.
fn machine() -> String {
    let wanted = RefreshKind::nothing()
        .with_cpu(CpuRefreshKind::nothing())
        .with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(wanted).ok();
    let system = system.as_ref();
    let processor = system.and_then(|system| Some(system.cpus().first()?.brand().trim()));
    let mut devices = fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    let has_gpu = devices.any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"));
    format!(
        "{} cores of {}, {:.0} GiB, {}, {}",
        available_parallelism().map_or(1, usize::from),
        processor.filter(|name| !name.is_empty()).unwrap_or("an unknown processor"),
        system.map_or(0, System::total_memory) as f64 / f64::from(1 << 30),
        System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.into()),
        match (cfg!(target_os = "linux"), has_gpu) {
            (true, false) => "no GPU",
            (true, true) => "a GPU",
            (false, _) => "a GPU or none",
        }
    )
}

/// The command that repeats this run, or one that repeats this part of it.
fn again(name: &str) -> String {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--save").collect();
    match args.iter().any(|arg| arg == name) {
        true => format!("cargo xtask bench {}", args.join(" ")),
        false => format!("cargo xtask bench {name}"),
    }
}

/// A file with a section replaced, or added at its end.
fn with_section(before: &str, name: &str, text: &str) -> Result<String> {
    let (open, close) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let section = format!("{open}\n{}\n{close}", text.trim_end());
    let Some((head, rest)) = before.split_once(&open) else {
        return Ok(format!("{}\n\n{section}\n", before.trim_end()));
    };
    let rest = rest.split_once(&close).map(|(_, rest)| rest);
    ensure!(rest.is_some(), "docs/benchmarks.md has a section that does not end: {open}");
    Ok(format!("{head}{section}{}", rest.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_machines_took_is_read() {
        let read = |stat| Ticks::read(stat).unwrap();
        let began = read("cpu  100 0 0 100 0 0 0 50 7 0\ncpu0 1 2\n");
        let now = read("cpu  150 0 0 120 10 0 0 70 9 0\n");
        assert_eq!(now.stolen_since(&began), 0.2);
        assert!(Ticks::read("").is_none() && Ticks::read("cpu  1 2 3\n").is_none());
    }

    #[test]
    fn a_table_is_aligned_markdown() {
        let mut table = Table::new(["", "messages/s"]);
        table.row(["Feedscope", "1,000,000"]);
        table.row(["a page"]);
        assert_eq!(
            table.to_string(),
            "|           | messages/s |\n\
             |-----------|-----------:|\n\
             | Feedscope |  1,000,000 |\n\
             | a page    |            |\n"
        );
    }

    #[test]
    fn a_section_replaces_itself_alone() {
        let one = with_section(HEAD, "one", "first\n").unwrap();
        let both = with_section(&one, "two", "second\n").unwrap();
        assert!(both.starts_with(HEAD));
        let again = with_section(&both, "one", "third").unwrap();
        assert!(!again.contains("first") && again.contains("second"));
        assert!(again.find("third") < again.find("second"));
        assert_eq!(with_section(&again, "one", "first").unwrap(), both);
        assert!(with_section("<!-- one -->", "one", "").is_err());
    }

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(
            [0.0, 999.6, 1_000.0, -12_345_678.0, f64::NAN].map(count),
            ["0", "1,000", "1,000", "-12,345,678", "–"]
        );
        assert_eq!(
            [0.0123, 1.0, 33.333, 2_000.0].map(|value| ratio(value, 1.0)),
            ["0.012", "1.00", "33.3", "2,000"]
        );
        assert_eq!([ratio(1.0, 0.0), number(f64::NAN, 1)], ["–", "–"]);
        assert_eq!(number(16.66, 1), "16.7");
        assert_eq!([0.0, 0.5, 1.0].map(|share| quantile(&[1.0, 2.0, 4.0], share)), [1.0, 2.0, 4.0]);
        assert!(quantile(&[], 0.5).is_nan());
    }
}
