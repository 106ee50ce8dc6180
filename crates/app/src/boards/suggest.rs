//! Proposes a board for a feed, of what its fields seem to be. Knows neither feeds nor history: what
//! was seen of fields goes in, panels come out.

use super::format::{
    CandlesView, DepthView, GaugeView, HeatMapBy, HeatMapView, HistogramView, InspectorView,
    NumberView, Panel, PanelView, StatesView, TableView, TimeSeries, Trace, TraceStyle, Unit,
};
use super::roles::Seen;
use super::rows;
use crate::api::{DerivedInput, DerivedSeries, Proposal};
use crate::derived;
use std::collections::{BTreeMap, HashSet};

/// More panels are not looked at, but made smaller.
pub const PANELS_MAX: usize = 12;

/// As many lines can be told apart.
const LINES_MAX: usize = 8;
const STATES_MAX: usize = 24;
/// As many rows of a heat map can be told apart; what is more goes into a table.
const HEAT_ROWS_MAX: usize = 64;
const TABLE_ROWS_MAX: usize = 100;
/// So many that are alike are looked at together.
const ALIKE_MIN: usize = 4;
const HEAT_ROWS_MIN: usize = 9;
/// Of what there is more than once, a market say, so many get panels of their own.
const PRICES_MAX: usize = 2;
const RATES_MAX: usize = 4;
const GAUGES_MAX: usize = 2;

/// What is in one chart differs by less than this: else the smaller is a flat line.
const MAGNITUDES_MAX: f64 = 2.0;

/// A board for the feed of this id, with these fields, and with order books or without.
pub(crate) fn suggest(feed: &str, has_books: bool, seen: &[Seen]) -> Proposal {
    let mut made = Made { feed, panels: Vec::new(), derived: Vec::new(), drawn: HashSet::new() };
    let fields: Vec<&Seen> = seen.iter().filter(|seen| !seen.is_name_or_time()).collect();
    made.all(&fields);
    if has_books {
        // Nothing else says as much of a market.
        let liveliest = made.panels.iter().map(|(samples, _)| *samples).max();
        made.panels.insert(0, (liveliest.unwrap_or(1), panel("", depth(feed))));
    }
    if made.panels.is_empty() {
        // Without a number, the messages are what there is.
        let view = InspectorView { feed: Some(feed.to_owned()) };
        made.panels.push((1, panel("", PanelView::Inspector(view))));
    }
    // What is liveliest comes first; what is as lively stays as it was found.
    made.panels.sort_by_key(|(samples, _)| std::cmp::Reverse(*samples));
    let panels = numbered(made.panels.into_iter().map(|(_, panel)| panel).take(PANELS_MAX));
    let derived = used(made.derived, &panels);
    Proposal { rows: rows::of(&panels), panels, derived }
}

pub(crate) fn numbered(panels: impl Iterator<Item = Panel>) -> Vec<Panel> {
    (1..).zip(panels).map(|(n, panel): (usize, _)| Panel { id: format!("p{n}"), ..panel }).collect()
}

/// Those derived series that a panel draws.
pub(crate) fn used(derived: Vec<DerivedSeries>, panels: &[Panel]) -> Vec<DerivedSeries> {
    let is_drawn = |series: &DerivedSeries| {
        panels
            .iter()
            .flat_map(|panel| traces(&panel.view))
            .any(|trace| trace.feed == derived::FEED && trace.path == series.id)
    };
    derived.into_iter().filter(is_drawn).collect()
}

pub(crate) fn traces(view: &PanelView) -> &[Trace] {
    match view {
        PanelView::TimeSeries(view) => &view.traces,
        PanelView::Number(view) => &view.traces,
        PanelView::Gauge(view) => &view.traces,
        PanelView::Table(view) => &view.traces,
        PanelView::Xy(view) => &view.traces,
        PanelView::Histogram(view) => &view.traces,
        PanelView::HeatMap(view) => &view.traces,
        PanelView::Candles(view) => &view.traces,
        PanelView::States(view) => &view.traces,
        PanelView::Depth(_) | PanelView::Inspector(_) | PanelView::Notes(_) => &[],
    }
}

pub(crate) fn panel(title: &str, view: PanelView) -> Panel {
    Panel {
        id: String::new(),
        title: title.chars().take(100).collect(),
        as_table: false,
        time: None,
        view,
    }
}

/// The first order book of a feed.
pub(crate) fn depth(feed: &str) -> PanelView {
    PanelView::Depth(DepthView { feed: Some(feed.into()), ..DepthView::default() })
}

pub(crate) fn lines(unit: Unit, traces: Vec<Trace>) -> PanelView {
    let range = (unit == Unit::Percent).then_some((0.0, 100.0));
    PanelView::TimeSeries(TimeSeries { unit, range, traces, ..TimeSeries::default() })
}

/// What stands for fields in panels.
pub(crate) fn trace(feed: &str, seen: &Seen, color: usize) -> Trace {
    Trace {
        feed: feed.into(),
        channel: seen.channel.clone(),
        path: seen.path.clone(),
        color: color as u32,
        ..Trace::default()
    }
}

/// How fast a counter counts.
pub(crate) fn rate(feed: &str, seen: &Seen) -> DerivedSeries {
    derived_of(feed, &format!("{}/s", seen.leaf()), "derivative(x)", &[("x", seen)])
}

/// What lies between what is asked and what is bid.
pub(crate) fn spread(feed: &str, bid: &Seen, ask: &Seen) -> DerivedSeries {
    let name = format!("{} − {}", ask.leaf(), bid.leaf());
    derived_of(feed, &name, "ask - bid", &[("ask", ask), ("bid", bid)])
}

fn derived_of(feed: &str, name: &str, expression: &str, of: &[(&str, &Seen)]) -> DerivedSeries {
    let input = |seen: &Seen| DerivedInput {
        feed: feed.into(),
        channel: seen.channel.clone(),
        path: seen.path.clone(),
    };
    let inputs: BTreeMap<String, DerivedInput> =
        of.iter().map(|(name, seen)| ((*name).to_owned(), input(seen))).collect();
    // The same again is the same series, and not one more.
    let places: Vec<String> =
        of.iter().map(|(_, seen)| format!("{} {}", seen.channel, seen.path)).collect();
    let id = format!("{expression} of {feed} {}", places.join(" "));
    DerivedSeries {
        id: derived::id_of(&id),
        name: name.to_owned(),
        unit: Unit::None,
        expression: expression.to_owned(),
        inputs,
    }
}

pub(crate) fn derived_trace(series: &DerivedSeries, color: usize) -> Trace {
    Trace {
        feed: derived::FEED.into(),
        path: series.id.clone(),
        label: Some(series.name.clone()),
        color: color as u32,
        ..Trace::default()
    }
}

/// How a field is called where its channel is not.
pub(crate) fn title(seen: &Seen) -> String {
    match seen.channel.as_str() {
        "" => seen.leaf().to_owned(),
        channel => format!("{channel} {}", seen.leaf()),
    }
}

/// What is called alike but for its numbers. Of a pair in a list, which of the two it is is no
/// number: `bids[3][1]` is like `bids[4][1]`, and not like `bids[3][0]`.
fn likeness(path: &str) -> String {
    let mut parts: Vec<String> = vec![String::new()];
    let mut was_digit = false;
    for char in path.chars() {
        if char.is_ascii_digit() != was_digit {
            parts.push(String::new());
        }
        was_digit = char.is_ascii_digit();
        if let Some(part) = parts.last_mut() {
            part.push(char);
        }
    }
    let is_digits = |part: &String| part.starts_with(|char: char| char.is_ascii_digit());
    let digits = parts.iter().filter(|part| is_digits(part)).count();
    let mut number = 0;
    for part in parts.iter_mut().filter(|part| is_digits(part)) {
        number += 1;
        let is_of_pair = number == digits && digits > 1 && matches!(part.as_str(), "0" | "1");
        if !is_of_pair {
            *part = "#".into();
        }
    }
    parts.concat()
}

struct Made<'a> {
    feed: &'a str,
    /// With how many samples there were of what they draw.
    panels: Vec<(u64, Panel)>,
    derived: Vec<DerivedSeries>,
    drawn: HashSet<(&'a str, &'a str)>,
}

impl<'a> Made<'a> {
    fn all(&mut self, fields: &[&'a Seen]) {
        let (texts, fields): (Vec<&'a Seen>, Vec<&'a Seen>) =
            fields.iter().copied().partition(|seen| seen.is_text);
        let fields = &fields;
        self.alike(fields);
        self.prices(&self.left(fields));
        self.sizes(&self.left(fields));
        self.states(&[self.left(fields), texts].concat());
        self.rates(&self.left(fields));
        self.gauges(&self.left(fields));
        self.others(&self.left(fields));
    }

    fn left(&self, fields: &[&'a Seen]) -> Vec<&'a Seen> {
        let is_left =
            |seen: &&&'a Seen| !self.drawn.contains(&(seen.channel.as_str(), seen.path.as_str()));
        fields.iter().filter(is_left).copied().collect()
    }

    fn draw(&mut self, fields: &[&'a Seen], title: &str, view: PanelView) {
        let samples = fields.iter().map(|seen| seen.samples).max().unwrap_or(0);
        self.drawn.extend(fields.iter().map(|seen| (seen.channel.as_str(), seen.path.as_str())));
        self.panels.push((samples, panel(title, view)));
    }

    fn traces(&self, fields: &[&Seen]) -> Vec<Trace> {
        (0..).zip(fields).map(|(color, seen)| trace(self.feed, seen, color)).collect()
    }

    /// What is called alike, of one channel or of many.
    fn alike(&mut self, fields: &[&'a Seen]) {
        let mut groups: Vec<((String, String), Vec<&'a Seen>)> = Vec::new();
        let mut at: BTreeMap<(String, String), usize> = BTreeMap::new();
        for seen in fields {
            let within = (seen.channel.clone(), likeness(&seen.path));
            let group = *at.entry(within.clone()).or_insert_with(|| {
                groups.push((within, Vec::new()));
                groups.len() - 1
            });
            if let Some((_, group)) = groups.get_mut(group) {
                group.push(seen);
            }
        }
        groups.retain(|(_, group)| group.len() >= ALIKE_MIN);
        for ((channel, likeness), group) in groups {
            let name = likeness.trim_end_matches(['#', '0', '1', '.', '[', ']']);
            let name = name.rsplit(['.', '[']).next().unwrap_or(name);
            let title = if channel.is_empty() { name.into() } else { format!("{channel} {name}") };
            self.family(&title, &group);
        }
        // One field of each of many channels: of each symbol, of each machine.
        let mut across: Vec<(&str, Vec<&'a Seen>)> = Vec::new();
        for seen in self.left(fields) {
            match across.iter_mut().find(|(path, _)| *path == seen.path) {
                Some((_, group)) => group.push(seen),
                None => across.push((&seen.path, vec![seen])),
            }
        }
        across.retain(|(_, group)| group.len() > LINES_MAX);
        for (_, group) in across {
            if let Some(first) = group.first() {
                let title = first.leaf();
                self.family(title, &group);
            }
        }
    }

    fn family(&mut self, title: &str, group: &[&'a Seen]) {
        let unit = group.first().map(|seen| seen.unit()).unwrap_or_default();
        // The price of each level of a book is a list of prices, and no picture.
        let is_list = group.first().is_some_and(|seen| seen.path.ends_with("[0]"))
            && group.iter().any(|seen| seen.path.contains("]["));
        if is_list {
            if let Some(best) = group.first() {
                self.draw(&[best], title, lines(unit, self.traces(&[best])));
                // The others are the same again.
                let places = group.iter().map(|seen| (seen.channel.as_str(), seen.path.as_str()));
                self.drawn.extend(places);
            }
            return;
        }
        let traces = self.traces(group);
        let view = match group.len() {
            0..HEAT_ROWS_MIN => lines(unit, traces),
            HEAT_ROWS_MIN..=HEAT_ROWS_MAX => {
                let by = HeatMapBy::Series;
                PanelView::HeatMap(HeatMapView { unit, by, traces, ..HeatMapView::default() })
            }
            _ => {
                let traces = traces.into_iter().take(TABLE_ROWS_MAX).collect();
                PanelView::Table(TableView { unit, traces })
            }
        };
        self.draw(group, title, view);
    }

    /// Candles, the last price, what lies between bid and ask, and how often which price came.
    fn prices(&mut self, fields: &[&'a Seen]) {
        let mut prices: Vec<&'a Seen> =
            fields.iter().filter(|seen| seen.is_price()).copied().collect();
        prices.sort_by_key(|seen| (seen.price_rank(), std::cmp::Reverse(seen.samples)));
        let bids: Vec<&'a Seen> = prices.iter().filter(|seen| seen.is_bid()).copied().collect();
        let mut mains: Vec<&'a Seen> = Vec::new();
        for price in &prices {
            let is_new = mains.iter().all(|main| main.channel != price.channel);
            if is_new && mains.len() < PRICES_MAX {
                mains.push(price);
            }
        }
        for main in mains {
            let traces = || vec![trace(self.feed, main, 0)];
            let title = title(main);
            let candles = CandlesView { traces: traces(), ..CandlesView::default() };
            let number = NumberView { traces: traces(), ..NumberView::default() };
            let histogram = HistogramView { traces: traces(), ..HistogramView::default() };
            let has_sides = bids.iter().any(|bid| bid.channel == main.channel);
            self.draw(&[main], &title, PanelView::Candles(candles));
            self.draw(&[main], &title, PanelView::Number(number));
            if !has_sides {
                self.draw(&[main], &title, PanelView::Histogram(histogram));
            }
        }
        for bid in bids.into_iter().take(PRICES_MAX) {
            let is_its = |ask: &&&'a Seen| ask.is_ask() && ask.channel == bid.channel;
            let Some(ask) = prices.iter().find(is_its) else { continue };
            let both = [bid, *ask];
            let title = format!("{} {}", title(bid), ask.leaf());
            self.draw(&both, &title, lines(bid.unit(), self.traces(&both)));
            let series = spread(self.feed, bid, ask);
            let traces = vec![derived_trace(&series, 0)];
            let histogram = HistogramView { traces, ..HistogramView::default() };
            let name = series.name.clone();
            self.derived.push(series);
            self.draw(&both, &name, PanelView::Histogram(histogram));
        }
        // The other prices are in one chart with each other.
        let left = self.left(&prices);
        self.charts(&left);
    }

    /// How large trades are.
    fn sizes(&mut self, fields: &[&'a Seen]) {
        let sizes: Vec<&'a Seen> = fields.iter().filter(|seen| seen.is_size()).copied().collect();
        let counts = |seen: &&&'a Seen| !seen.is_counter();
        if let Some(size) = sizes.iter().filter(counts).max_by_key(|seen| seen.samples) {
            let traces = self.traces(&[size]);
            let histogram = HistogramView { traces, log: size.min > 0.0, ..Default::default() };
            self.draw(&[size], &title(size), PanelView::Histogram(histogram));
        }
    }

    fn states(&mut self, fields: &[&'a Seen]) {
        let states: Vec<&'a Seen> = fields.iter().filter(|seen| seen.is_state()).copied().collect();
        for states in states.chunks(STATES_MAX) {
            let title = common_title(states);
            let traces = self.traces(states);
            self.draw(states, &title, PanelView::States(StatesView { traces }));
        }
    }

    /// How fast counters count, by channel.
    fn rates(&mut self, fields: &[&'a Seen]) {
        let counters: Vec<&'a Seen> =
            fields.iter().filter(|seen| seen.is_counter()).copied().collect();
        for group in grouped(&counters, |seen| (seen.channel.clone(), seen.unit() == Unit::Bytes))
            .into_iter()
            .take(RATES_MAX)
        {
            let group: Vec<&'a Seen> = group.into_iter().take(LINES_MAX).collect();
            let series: Vec<DerivedSeries> =
                group.iter().map(|seen| rate(self.feed, seen)).collect();
            let traces =
                (0..).zip(&series).map(|(color, series)| derived_trace(series, color)).collect();
            let are_bytes = group.iter().all(|seen| seen.unit() == Unit::Bytes);
            let unit = if are_bytes { Unit::BytesPerSecond } else { Unit::None };
            self.derived.extend(series);
            let title = format!("{}/s", common_title(&group));
            self.draw(&group, &title, lines(unit, traces));
        }
    }

    /// What goes from nothing to all is on a scale, and in a chart as well.
    fn gauges(&mut self, fields: &[&'a Seen]) {
        let scaled: Vec<&'a Seen> =
            fields.iter().filter(|seen| seen.has_scale()).copied().collect();
        for seen in scaled.iter().take(GAUGES_MAX) {
            let view = GaugeView {
                unit: Unit::Percent,
                range: Some((0.0, 100.0)),
                traces: self.traces(&[seen]),
                ..GaugeView::default()
            };
            self.draw(&[seen], &title(seen), PanelView::Gauge(view));
        }
        for group in grouped(&scaled, |seen| seen.channel.clone()) {
            for part in group.chunks(LINES_MAX) {
                let title = common_title(part);
                self.draw(part, &title, lines(Unit::Percent, self.traces(part)));
            }
        }
    }

    /// What is left: lines with those that are like them; or a table, where those are too many.
    fn others(&mut self, fields: &[&'a Seen]) {
        let (lively, still): (Vec<&'a Seen>, Vec<&'a Seen>) =
            fields.iter().copied().partition(|seen| seen.samples > 0 && seen.max > seen.min);
        if self.panels.is_empty() && lively.len() + still.len() == 1 {
            // One number: how large it is, how it went, and how often it was what.
            let Some(only) = lively.first().or(still.first()).copied() else { return };
            let (unit, name) = (only.unit(), title(only));
            let traces = self.traces(&[only]);
            let number = NumberView { unit, traces: traces.clone(), ..NumberView::default() };
            self.draw(&[only], &name, PanelView::Number(number));
            self.draw(&[only], &name, lines(unit, traces.clone()));
            let histogram = HistogramView { unit, traces, ..HistogramView::default() };
            self.draw(&[only], &name, PanelView::Histogram(histogram));
            return;
        }
        let room = PANELS_MAX.saturating_sub(self.panels.len());
        let charts = self.chart_groups(&lively);
        let has_rest = !still.is_empty() || charts.len() > room;
        let charted = if has_rest { room.saturating_sub(1) } else { room };
        for group in charts.into_iter().take(charted) {
            self.chart(&group);
        }
        let rest: Vec<&'a Seen> = self.left(fields).into_iter().take(TABLE_ROWS_MAX).collect();
        if rest.is_empty() || self.panels.len() >= PANELS_MAX {
            return;
        }
        let title = common_title(&rest);
        let view = TableView { unit: Unit::None, traces: self.traces(&rest) };
        self.draw(&rest, &title, PanelView::Table(view));
        // Last: it is what is left.
        if let Some((samples, _)) = self.panels.last_mut() {
            *samples = 0;
        }
    }

    fn charts(&mut self, fields: &[&'a Seen]) {
        for group in self.chart_groups(fields) {
            self.chart(&group);
        }
    }

    /// The liveliest first.
    fn chart_groups(&self, fields: &[&'a Seen]) -> Vec<Vec<&'a Seen>> {
        let mut groups = Vec::new();
        for group in grouped(fields, |seen| (seen.channel.clone(), unit_rank(seen.unit()))) {
            let mut group = group;
            // As they were found, but that those of one magnitude are together.
            group.sort_by(|a, b| magnitude(b).total_cmp(&magnitude(a)));
            let mut rest = group.as_slice();
            while let Some(first) = rest.first() {
                let top = magnitude(first);
                let fits = |seen: &&&'a Seen| top - magnitude(seen) <= MAGNITUDES_MAX;
                let count = rest.iter().take(LINES_MAX).take_while(fits).count().max(1);
                let (these, others) = rest.split_at(count);
                groups.push(these.to_vec());
                rest = others;
            }
        }
        groups.sort_by_key(|group: &Vec<&Seen>| {
            std::cmp::Reverse(group.iter().map(|seen| seen.samples).max().unwrap_or(0))
        });
        groups
    }

    fn chart(&mut self, group: &[&'a Seen]) {
        let unit = group.first().map(|seen| seen.unit()).unwrap_or_default();
        let mut traces = self.traces(group);
        for (trace, seen) in traces.iter_mut().zip(group) {
            // What comes seldom, and stays, is drawn as that.
            let is_steps = seen.is_whole && seen.values <= 4;
            trace.style = is_steps.then_some(TraceStyle::Steps);
        }
        let title = common_title(group);
        self.draw(group, &title, lines(unit, traces));
    }
}

fn unit_rank(unit: Unit) -> u8 {
    match unit {
        Unit::None => 0,
        Unit::Percent => 1,
        Unit::Bytes => 2,
        Unit::BytesPerSecond => 3,
    }
}

fn magnitude(seen: &Seen) -> f64 {
    seen.max.abs().max(seen.min.abs()).max(1e-12).log10()
}

/// What two or more have in common, in the order of the first of each.
pub(crate) fn grouped<'a, K: PartialEq>(
    fields: &[&'a Seen],
    key: impl Fn(&Seen) -> K,
) -> Vec<Vec<&'a Seen>> {
    let mut groups: Vec<(K, Vec<&'a Seen>)> = Vec::new();
    for seen in fields {
        let of = key(seen);
        match groups.iter_mut().find(|(key, _)| *key == of) {
            Some((_, group)) => group.push(seen),
            None => groups.push((of, vec![seen])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// What a panel is called that draws these.
pub(crate) fn common_title(fields: &[&Seen]) -> String {
    let [first, others @ ..] = fields else { return String::new() };
    if others.is_empty() {
        return title(first);
    }
    let is_one = others.iter().all(|other| other.channel == first.channel);
    if is_one && !first.channel.is_empty() {
        return first.channel.clone();
    }
    let mut names: Vec<&str> = fields.iter().map(|seen| seen.leaf()).collect();
    names.dedup();
    names.truncate(3);
    names.join(", ")
}

#[cfg(test)]
mod tests;
