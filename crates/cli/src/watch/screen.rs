//! A feed on a terminal: redrawn in place a few times a second, in what width there is.

use super::model::{Event, Model, Row, Shared, state_name};
use super::plain::{delay, moment};
use super::words::{lasting, ledger, not_received, rate, value};
use crate::follow::Beside;
use feedscope_feed::{State, Time};
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event as Input, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute};
use ratatui::layout::{Alignment, Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Cell, Paragraph, Row as TableRow, Table};
use ratatui::{Frame, Terminal};
use std::collections::VecDeque;
use std::io::{self, IsTerminal, Stdout};
use std::time::Duration;

/// Faster than this, nobody reads.
const DRAW_EVERY: Duration = Duration::from_millis(200);
/// The latest events, where there is room for them.
const EVENTS_SHOWN: usize = 4;
/// Below this many lines, values are worth more than events.
const EVENTS_FROM_HEIGHT: u16 = 16;

/// The terminal, until this is dropped.
pub struct Screen {
    model: Shared,
    terminal: Terminal<CrosstermBackend<Stdout>>,
    events: VecDeque<Event>,
    has_color: bool,
    has_keys: bool,
}

impl Screen {
    pub fn open(model: Shared) -> io::Result<Self> {
        // Otherwise what is typed would show between the lines.
        let has_keys = io::stdin().is_terminal() && enable_raw_mode().is_ok();
        let terminal = execute!(io::stdout(), EnterAlternateScreen, cursor::Hide)
            .and_then(|()| Terminal::new(CrosstermBackend::new(io::stdout())));
        let terminal = terminal.inspect_err(|_| restore(has_keys))?;
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let has_color = !no_color && !is_dumb;
        Ok(Screen { model, terminal, events: VecDeque::new(), has_color, has_keys })
    }

    /// Whether a key was pressed that ends it.
    fn is_to_end(&self) -> bool {
        while self.has_keys && event::poll(Duration::ZERO).unwrap_or(false) {
            let Ok(input) = event::read() else { return false };
            if let Input::Key(key) = input
                && key.kind == KeyEventKind::Press
            {
                let is_ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
                match key.code {
                    KeyCode::Char('c' | 'd') if is_ctrl => return true,
                    KeyCode::Char('q') => return true,
                    _ => {}
                }
            }
        }
        false
    }
}

impl Beside for Screen {
    fn every(&self) -> Duration {
        DRAW_EVERY
    }

    fn tick(&mut self) -> bool {
        if self.is_to_end() {
            return false;
        }
        let mut model = self.model.lock();
        model.look();
        self.events.extend(model.take_events().0);
        let superfluous = self.events.len().saturating_sub(EVENTS_SHOWN);
        self.events.drain(..superfluous);
        let look = Look { has_color: self.has_color };
        let (events, now) = (self.events.make_contiguous(), Time::now());
        self.terminal.draw(|frame| look.draw(frame, &model, events, now)).is_ok()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore(self.has_keys);
    }
}

fn restore(has_keys: bool) {
    // A terminal that is gone needs none of it.
    let _ = execute!(io::stdout(), LeaveAlternateScreen, cursor::Show);
    if has_keys {
        let _ = disable_raw_mode();
    }
}

/// How things are drawn.
#[derive(Clone, Copy, Debug)]
struct Look {
    has_color: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Channel,
    Key,
    Field,
    Latest,
    Rate,
    Gaps,
    Missing,
}

impl Look {
    fn draw(self, frame: &mut Frame<'_>, model: &Model, events: &[Event], now: Time) {
        let area = frame.area();
        let head = self.head(model, now, area.width);
        let events_shown = if area.height >= EVENTS_FROM_HEIGHT { events } else { &[] };
        let head_lines = u16::try_from(head.len()).unwrap_or(u16::MAX).min(area.height / 2);
        let event_lines = u16::try_from(events_shown.len()).unwrap_or(0);
        let [top, middle, bottom, last] = Layout::vertical([
            Constraint::Length(head_lines),
            Constraint::Min(0),
            Constraint::Length(event_lines),
            Constraint::Length(1),
        ])
        .areas(area);
        frame.render_widget(Paragraph::new(head), top);
        frame.render_widget(self.table(&model.rows, middle.width, middle.height), middle);
        let lines: Vec<_> = events_shown
            .iter()
            .map(|event| Line::styled(format!("{} {}", moment(event.at), event.what), self.dim()))
            .collect();
        frame.render_widget(Paragraph::new(lines), bottom);
        frame.render_widget(Line::styled("q or Ctrl-C ends.", self.dim()), last);
    }

    /// How the feed stands, in lines that fit.
    fn head(self, model: &Model, now: Time, width: u16) -> Vec<Line<'static>> {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let mut lines = Vec::new();
        let mut say = |text: String, style: Style| {
            lines.extend(wrapped(&text, width).into_iter().map(|line| Line::styled(line, style)));
        };
        say(format!("{}  {}", model.title, model.url), bold);
        let color = match model.state {
            State::Live => Color::Green,
            State::Stale | State::Waiting => Color::Yellow,
            State::Stopped => Color::Red,
            _ => Color::Reset,
        };
        let next =
            model.next.filter(|_| model.state == State::Waiting).map_or(String::new(), |next| {
                format!(" Next attempt in {}.", lasting(next.since(now)))
            });
        let state = state_name(model.state);
        say(
            format!("{state} for {}. {}{next}", lasting(now.since(model.since)), model.cause),
            self.colored(color),
        );
        if let Some(trouble) = &model.trouble {
            say(crate::visible::visible(&trouble.advice), Style::new());
        }
        let last = match model.last_message {
            Some(last) => format!("last message {} ago", lasting(now.since(last))),
            None => "no message yet".to_owned(),
        };
        let latency =
            model.latency.map_or(String::new(), |latency| format!(", {}", delay(latency)));
        say(format!("{} messages/s, {last}{latency}", rate(model.rate)), Style::new());
        say(ledger(&model.account.ledger), Style::new());
        let totals = &model.account.totals;
        let is_whole = totals.gaps == 0 && totals.missing == 0;
        say(
            not_received(totals.gaps, totals.missing),
            if is_whole { Style::new() } else { self.colored(Color::Yellow) },
        );
        lines.push(Line::default());
        lines
    }

    fn table(self, rows: &[Row], width: u16, height: u16) -> Table<'static> {
        let columns = columns(width);
        let room = usize::from(height.saturating_sub(1));
        let (shown, more) = shown(rows, room);
        let latest_width = columns
            .iter()
            .find(|(column, _)| *column == Column::Latest)
            .map_or(0, |(_, width)| usize::from(*width));
        let has_channel = columns.iter().any(|(column, _)| *column == Column::Channel);
        let has_key = columns.iter().any(|(column, _)| *column == Column::Key);
        let mut lines: Vec<_> = shown
            .into_iter()
            .map(|(row, field)| {
                let is_first = field == 0;
                let field = row.fields.get(field);
                let key = row.key.as_deref().unwrap_or_default();
                let cells = columns.iter().map(|(column, _)| match column {
                    Column::Channel if has_key || key.is_empty() => {
                        cell(if is_first { row.channel.clone() } else { String::new() })
                    }
                    Column::Channel if is_first => cell(format!("{} {key}", row.channel)),
                    Column::Key if is_first => cell(key.to_owned()),
                    Column::Field => {
                        let path = field.map_or("", |field| &field.path);
                        if has_channel {
                            cell(path.to_owned())
                        } else {
                            let of = if key.is_empty() { &row.channel } else { key };
                            cell(format!("{of} {path}"))
                        }
                    }
                    Column::Latest => {
                        let latest = field.and_then(|field| field.value);
                        right(latest.map_or(String::new(), |latest| value(latest, latest_width)))
                    }
                    Column::Rate if is_first => right(rate(row.rate)),
                    Column::Gaps if is_first => self.count(row.gaps),
                    Column::Missing if is_first => self.count(row.missing),
                    _ => Cell::default(),
                });
                TableRow::new(cells.collect::<Vec<_>>())
            })
            .collect();
        if more > 0 {
            lines.push(TableRow::new([cell(format!("… {more} more"))]).style(self.dim()));
        }
        let header = columns.iter().map(|(column, _)| match column {
            Column::Channel => cell("CHANNEL".into()),
            Column::Key => cell("KEY".into()),
            Column::Field => cell("FIELD".into()),
            Column::Latest => right("LATEST".into()),
            Column::Rate => right("PER S".into()),
            Column::Gaps => right("GAPS".into()),
            Column::Missing => right("MISSING".into()),
        });
        let widths = columns.iter().map(|(column, width)| match column {
            Column::Field => Constraint::Fill(1),
            _ => Constraint::Length(*width),
        });
        Table::new(lines, widths.collect::<Vec<_>>())
            .header(TableRow::new(header.collect::<Vec<_>>()).style(self.dim()))
            .column_spacing(1)
    }

    fn count(self, count: u64) -> Cell<'static> {
        let style = if count > 0 { self.colored(Color::Yellow) } else { Style::new() };
        right(super::words::grouped(count)).style(style)
    }

    fn colored(self, color: Color) -> Style {
        if self.has_color { Style::new().fg(color) } else { Style::new() }
    }

    fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }
}

fn cell(text: String) -> Cell<'static> {
    Cell::new(text)
}

fn right(text: String) -> Cell<'static> {
    Cell::new(Text::from(text).alignment(Alignment::Right))
}

/// Those that there is room for: the field and its latest value last of all to go.
fn columns(width: u16) -> Vec<(Column, u16)> {
    use Column::{Channel, Field, Gaps, Key, Latest, Missing, Rate};
    match width {
        0..36 => vec![(Field, 0), (Latest, width / 3)],
        36..60 => vec![(Channel, width / 4), (Field, 0), (Latest, 11), (Gaps, 5)],
        60..90 => vec![(Channel, 14), (Key, 12), (Field, 0), (Latest, 13), (Rate, 6), (Gaps, 5)],
        _ => vec![
            (Channel, 24),
            (Key, 16),
            (Field, 0),
            (Latest, 16),
            (Rate, 8),
            (Gaps, 6),
            (Missing, 8),
        ],
    }
}

/// Which fields of which rows are shown, where not all have room: of each row the first few, so
/// that none is pushed out by one that has hundreds. And how many are not.
fn shown(rows: &[Row], room: usize) -> (Vec<(&Row, usize)>, usize) {
    let lines_of = |row: &Row, most: usize| row.fields.len().clamp(1, most);
    let all: usize = rows.iter().map(|row| lines_of(row, usize::MAX)).sum();
    let room = if all > room { room.saturating_sub(1) } else { room };
    let lines = |most: usize| rows.iter().map(|row| lines_of(row, most)).sum::<usize>();
    let most = (1..=room.max(1)).rev().find(|most| lines(*most) <= room).unwrap_or(1);
    let shown: Vec<_> = rows
        .iter()
        .flat_map(|row| (0..lines_of(row, most)).map(move |field| (row, field)))
        .take(room)
        .collect();
    let more = all - shown.len();
    (shown, more)
}

/// Parted between words so that it fits; a word that does not fit by itself is cut.
fn wrapped(text: &str, width: u16) -> Vec<String> {
    let columns = |text: &str| Span::raw(text).width();
    let width = usize::from(width.max(1));
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if columns(line) + 1 + columns(word) <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
