//! The window in all its states, in both themes and both languages: pictures to look at.
//!
//! Whatever it shows is the real window's: the built-in feed of this computer, and servers on
//! loopback that refuse, fall silent, or never answer.

mod boards;
mod index;
mod sources;
mod studio;

use anyhow::{Context, Result, ensure};
use boards::{Boards, KINDS};
use clap::Parser;
use feedscope_tests::{Server, http};
use serde_json::json;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;
use studio::{CONTROL, ESCAPE, Look, Studio};

#[derive(Parser)]
struct Cli {
    /// Where the pictures go
    #[arg(long, value_name = "FOLDER", default_value = "target/screenshots")]
    out: PathBuf,
    /// This theme alone: dark, light
    #[arg(long)]
    theme: Option<String>,
    /// This language alone: en, zh-CN
    #[arg(long)]
    language: Option<String>,
    /// These windows alone: tour, board, time, sheets, kinds, sources, feeds, disk, hundred
    #[arg(long, value_name = "WINDOW")]
    only: Vec<String>,
}

const CPU: &str = "[data-testid=panel-cpu] .plot-area";

type Scene = (&'static str, fn(&Look) -> Result<()>);

/// What is shown in a window of its own each.
const SCENES: [Scene; 9] = [
    ("tour", tour),
    ("board", board),
    ("time", time),
    ("sheets", sheets),
    ("kinds", kinds),
    ("sources", sources),
    ("feeds", feeds),
    ("disk", disk),
    ("hundred", hundred),
];

fn main() -> Result<()> {
    let cli = Cli::parse();
    let chosen = |of: &Option<String>, name: &str| of.as_deref().is_none_or(|of| of == name);
    let mut failed = Vec::new();
    for theme in ["dark", "light"].into_iter().filter(|name| chosen(&cli.theme, name)) {
        for language in ["en", "zh-CN"].into_iter().filter(|name| chosen(&cli.language, name)) {
            let look = Look::new(theme, language, cli.out.join(format!("{theme}-{language}")))?;
            for (name, show) in SCENES {
                if !cli.only.is_empty() && !cli.only.iter().any(|only| only == name) {
                    continue;
                }
                println!("{theme}, {language}: {name}");
                // What one window does not show, another may.
                if let Err(error) = show(&look) {
                    println!("  {error:#}");
                    failed.push(format!("{theme}-{language}/{name}"));
                }
            }
        }
    }
    let listed = index::write(&cli.out)?;
    println!("{listed} pictures are in {}", cli.out.join("index.html").display());
    ensure!(failed.is_empty(), "Not all could be taken: {}.", failed.join(", "));
    Ok(())
}

/// The first start.
fn tour(look: &Look) -> Result<()> {
    let studio = Studio::open(look, false, &[])?;
    studio.wait_for_data(50)?;
    studio.shoot("first-run")?;
    for n in 2..=6 {
        studio.window.click("tour-next")?;
        studio.shoot(&format!("tour-{n}"))?;
    }
    studio.window.resize(800, 500)?;
    studio.shoot("tour-narrow")
}

/// The board as it is and as it is looked at.
fn board(look: &Look) -> Result<()> {
    let studio = Studio::open(look, true, &[])?;
    let window = &studio.window;
    window.click("span")?;
    window.click("span-60000")?;
    studio.wait_for_data(300)?;
    window.click("break-it")?;
    studio.shoot("break-it")?;
    window.click("fault-cut")?;
    window.press(ESCAPE)?;
    window.wait("an outage", "return panel('cpu').gaps.length > 0", json!([]))?;
    studio.shoot("reconnecting")?;
    window.wait(
        "its end, and data after it",
        "return panel('cpu').gaps.some((gap) => gap.end_ms !== null)",
        json!([]),
    )?;
    studio.wait_for_data(900)?;
    studio.shoot("board")?;
    for (name, width, height) in [("narrow", 800, 500), ("wide", 2400, 1000)] {
        window.resize(width, height)?;
        studio.shoot(name)?;
    }
    studio.resize_back()?;
    window.press("m")?;
    studio.shoot("measure")?;
    window.press("m")?;
    window.click("pause")?;
    window.wheel(CPU, -300)?;
    studio.shoot("paused")?;
    window.click("jump-live")?;
    window.press("g")?;
    studio.shoot("gaps")?;
    window.press("g")?;
    window.click("health")?;
    studio.shoot("health")?;
    window.press(ESCAPE)?;
    for (button, name) in [
        ("board-menu", "menu-board"),
        ("board-add", "menu-new-board"),
        ("panel-add", "menu-add-panel"),
        ("panel-menu-cpu", "menu-panel"),
        ("feed-menu-computer", "menu-feed"),
        ("span", "menu-span"),
        ("time-axis", "menu-time"),
        ("language", "menu-language"),
    ] {
        window.click(button)?;
        studio.shoot(name)?;
        window.press(ESCAPE)?;
    }
    window.fill("field-filter", "memory")?;
    studio.shoot("search")?;
    window.fill("field-filter", "nowhere at all")?;
    studio.shoot("nothing-found")?;
    window.press(ESCAPE)?;
    window.reveal("field-computer-cpu-data.total")?;
    window.double_click("[data-testid='field-computer-cpu-data.total']")?;
    window.wait("a look at a field", "return by('quick-look')", json!([]))?;
    studio.shoot("quick-look")?;
    window.press(ESCAPE)
}

/// Annotations, a panel with a time of its own, and panels that left their place.
fn time(look: &Look) -> Result<()> {
    let studio = Studio::open(look, true, &[])?;
    let window = &studio.window;
    window.click("span")?;
    window.click("span-60000")?;
    studio.wait_for_data(300)?;
    window.click("pause")?;
    for (x, words) in [(-120, "Deployed 2.4.1"), (80, "Load test: 2,000 clients")] {
        window.point(CPU, x, 20)?;
        window.press("i")?;
        window.fill("annotation-text", words)?;
        if x > 0 {
            studio.shoot("annotation-editor")?;
        }
        window.click("annotation-save")?;
        window.wait("the end of it", "return by('annotation-editor') === null", json!([]))?;
    }
    window.click("annotations-open")?;
    studio.shoot("annotations")?;
    window.click("annotations-open")?;
    window.click("pause")?;

    window.click("panel-menu-memory")?;
    window.click("panel-time")?;
    window.wheel("[data-testid=panel-memory] .plot-area", -200)?;
    studio.settle()?;
    studio.shoot("own-time")?;

    window.click("panel-menu-load")?;
    window.click("panel-float")?;
    studio.settle()?;
    studio.shoot("floating")?;

    let main = window.windows(1)?;
    window.click("panel-menu-cpu")?;
    window.click("panel-popout")?;
    let other = window.windows(2)?.into_iter().find(|name| !main.contains(name));
    window.switch_to(&other.context("there is no other window")?)?;
    window.wait("its panel", "return panel('cpu')?.traces[0].columns.length > 0", json!([]))?;
    studio.settle()?;
    studio.shoot("popout")?;
    window.switch_to(&main[0])?;
    studio.shoot("popped-out")
}

/// What stands beside the board or over it.
fn sheets(look: &Look) -> Result<()> {
    let studio = Studio::open(look, true, &[])?;
    let window = &studio.window;
    studio.wait_for_data(100)?;
    window.press_together(&[CONTROL, "k"])?;
    window.wait("the palette", "return by('palette-input')", json!([]))?;
    studio.shoot("palette")?;
    window.fill("palette-input", "nothing of the kind")?;
    studio.shoot("palette-none")?;
    studio.close("palette")?;

    window.press("?")?;
    window.wait("the shortcuts", "return by('shortcuts-dialog')", json!([]))?;
    studio.shoot("shortcuts")?;
    window.click("shortcut-time.live")?;
    window.press("m")?;
    studio.shoot("shortcuts-taken")?;
    window.press(ESCAPE)?;
    studio.close("shortcuts-dialog")?;

    window.click("feed-add")?;
    studio.shoot("add-feed")?;
    window.fill("add-feed-url", "http://127.0.0.1:9/live")?;
    window.click("add-feed-submit")?;
    window.wait("what is wrong with it", "return by('add-feed-trouble')", json!([]))?;
    studio.shoot("add-feed-wrong")?;
    window.fill("add-feed-url", "kraken")?;
    window.click("profile-kraken")?;
    window.wait("its variables", "return by('variable-symbol')", json!([]))?;
    studio.shoot("add-feed-fill")?;
    studio.close("add-feed-dialog")?;

    window.click("panel-menu-cpu")?;
    window.click("panel-settings")?;
    studio.shoot("settings")?;
    window.click("panel-settings-close")?;

    window.click("alerts-open")?;
    studio.shoot("alerts-empty")?;
    window.click("alert-new")?;
    studio.shoot("alert-new")?;
    window.click("alert-cancel")?;
    window.click("alerts-open")?;

    window.click("derived-add")?;
    studio.shoot("derived")?;
    window.fill("derived-expression", "a + nothing(b)")?;
    studio.shoot("derived-wrong")?;
    window.click("derived-cancel")?;

    window.click("feed-menu-computer")?;
    window.click("feed-inspect-computer")?;
    window.wait("messages", "return all('inspect-row').length > 5", json!([]))?;
    studio.shoot("inspector")?;
    window.click("inspect-pause")?;
    // One that lies well within the list.
    window.run("all('inspect-row')[3].click()", json!([]))?;
    window.wait("one of them", "return by('inspect-detail')", json!([]))?;
    studio.shoot("inspector-message")?;
    window.click("inspect-send-open")?;
    studio.shoot("inspector-send")?;
    window.click("inspect-close")?;

    window.click("board-add")?;
    window.click("board-add-template")?;
    window.wait("templates", "return by('gallery-dialog').querySelector('li')", json!([]))?;
    studio.shoot("templates")?;
    studio.close("gallery-dialog")?;
    window.click("board-add")?;
    window.click("board-suggest")?;
    window.wait("a proposal", "return all('suggest-panel').length > 0", json!([]))?;
    studio.shoot("suggest")?;
    studio.close("suggest-dialog")?;

    studio.drop_file("holiday.feedscope.json", "not a board at all")?;
    window.wait("what it is not", "return by('notice')", json!([]))?;
    studio.shoot("notice")?;
    window.run(
        "for (const notice of all('notice')) notice.querySelector('.icon').click()",
        json!([]),
    )?;
    let mut shared = Boards::new(look)?.of_kind("time-series");
    shared["feedscope"] = json!(99);
    shared["panels"][0]["traces"][0]["feed"] = json!("elsewhere");
    studio.drop_file("shared.feedscope.json", &shared.to_string())?;
    window.wait("what is in it", "return by('board-import-dialog')", json!([]))?;
    studio.shoot("import")?;
    studio.close("board-import-dialog")?;

    window.click("board-add")?;
    window.click("board-add-empty")?;
    window.wait("an empty board", "return by('empty-board')", json!([]))?;
    studio.shoot("empty-board")
}

/// A board of each kind of panel: with data, and without any trace yet.
fn kinds(look: &Look) -> Result<()> {
    let boards = Boards::new(look)?;
    let files = KINDS.map(|kind| boards.write(kind));
    let files: Vec<String> = files.into_iter().collect::<Result<_>>()?;
    let args: Vec<&str> = files.iter().map(String::as_str).collect();
    let studio = Studio::open(look, true, &args)?;
    studio.wait_for_data(600)?;
    for kind in KINDS {
        studio.window.click(&format!("board-{kind}"))?;
        studio.window.wait(
            "the board",
            "return by(`board-${arguments[0]}`).ariaSelected === 'true'",
            json!([kind]),
        )?;
        studio.settle()?;
        studio.shoot(&format!("kind-{kind}"))?;
    }
    Ok(())
}

/// What the built-in feed has none of: an order book, texts, and booleans.
fn sources(look: &Look) -> Result<()> {
    let market = Server::start(sources::MARKET_RATE, sources::market)?;
    let machine = Server::start(sources::MACHINE_RATE, sources::machine)?;
    let boards = Boards::new(look)?;
    let file = boards.write_sources(&market.url(), &machine.url())?;
    let studio = Studio::open(look, true, &[&file])?;
    let window = &studio.window;
    window.wait_long(
        Duration::from_secs(120),
        "what the machine does in turn",
        "return status('machine')?.ledger.delivered > arguments[0]",
        json!([24.0 * sources::MACHINE_RATE]),
    )?;
    studio.shoot("sources")?;
    window.resize(1800, 1100)?;
    studio.settle()?;
    studio.shoot("sources-large")
}

/// Feeds in every state but live.
fn feeds(look: &Look) -> Result<()> {
    let studio = Studio::open(look, true, &[])?;
    let window = &studio.window;
    studio.wait_for_data(50)?;
    window.click("board-add")?;
    window.click("board-add-empty")?;
    window.wait("an empty board", "return by('empty-board')", json!([]))?;

    // It takes connections, and says nothing.
    let mute = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    window.added_feed(&format!("ws://{}/live", mute.local_addr()?))?;
    studio.shoot("connecting")?;
    let state = "return status(arguments[0]).state === arguments[1]";
    for (name, url, expected) in [
        ("waiting", http::refused()?, "waiting"),
        ("stopped", http::answer("404 Not Found", "no such feed")?, "stopped"),
        ("forbidden", http::answer("403 Forbidden", "who are you?")?, "stopped"),
        ("web-page", http::answer("200 OK", "<h1>Hello</h1>")?, "stopped"),
    ] {
        let feed = window.added_feed(&url)?;
        window.wait(name, state, json!([feed, expected]))?;
        studio.shoot(name)?;
    }

    let words =
        Server::start(5.0, |n| format!(r#"{{"channel":"news","data":{{"text":"{n}!"}}}}"#))?;
    window.added_feed(&words.url())?;
    studio.settle()?;
    studio.shoot("no-fields-yet")?;

    // A board of somebody else's, which asks for a secret.
    let header = json!({ "Authorization": "Bearer ${secret:plant}" });
    let feed = json!({ "id": "f", "name": "Plant 4", "url": words.url(), "headers": header });
    let board = json!({ "feedscope": 2, "id": "plant", "name": "Plant 4", "feeds": [feed] });
    studio.drop_file("plant.feedscope.json", &board.to_string())?;
    window.wait("what it would send", "return by('board-import-give-f')", json!([]))?;
    studio.shoot("import-secret")?;
    let known =
        window.run("return window.__feedscope.statuses.map((status) => status.feed)", json!([]))?;
    window.click("board-import-now")?;
    window.wait(
        "a feed that lacks its secret",
        "const known = arguments[0];
         return window.__feedscope.statuses.some(
             ({ feed, state }) => !known.includes(feed) && state === 'stopped')",
        json!([known]),
    )?;
    studio.settle()?;
    studio.shoot("withheld")?;

    // It was there, and then says nothing.
    let source = Server::start(20.0, |n| format!(r#"{{"channel":"news","data":{{"n":{n}}}}}"#))?;
    let feed = window.added_feed(&source.url())?;
    window.plot(&feed, "news", "data.n")?;
    studio.settle()?;
    source.pause();
    window.wait_long(Duration::from_secs(90), "a stale feed", state, json!([feed, "stale"]))?;
    studio.shoot("stale")
}

/// The disk refuses what is to be kept.
fn disk(look: &Look) -> Result<()> {
    let data = look.data_dir(true)?;
    fs::create_dir(data.path().join("history"))?;
    let studio = Studio::open_in(look, data, &[])?;
    studio.window.wait("what is wrong", "return by('notice')", json!([]))?;
    studio.wait_for_data(100)?;
    studio.shoot("disk-trouble")
}

fn hundred(look: &Look) -> Result<()> {
    let boards = Boards::new(look)?;
    let file = boards.write("hundred")?;
    let studio = Studio::open(look, true, &[&file])?;
    studio.window.resize(2400, 1350)?;
    studio.wait_for_data(200)?;
    studio.settle()?;
    studio.shoot("hundred-panels")
}
