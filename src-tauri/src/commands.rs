//! The commands of the window, each handed straight on to the application. What they take and
//! give is said in [`feedscope_app::api`]; the capability file names them one by one.

use feedscope_app::api::{
    Alert, AlertEvent, AlertLogSpan, AlertRehearsal, Alerts, AnnotationsFormat, AnnotationsRead,
    BoardChange, BoardChanged, BoardFeed, BoardImport, BoardList, BoardLook, CodeAsked, Depth,
    DepthAsked, Derived, DerivedInput, DerivedPreview, DerivedSeries, Distribution, DraftChecked,
    Exported, Faults, Feed, Freshness, GapList, GapsAsked, Health, HealthAsked, Heat, Histogram,
    InspectMessage, InspectPage, Inspected, JsonFault, Mistake, PageAsked, Pairs, Picture,
    ProbeLook, ProfileCard, Proposal, SecretKept, SendAsked, SendResult, Shortcuts, Span, Start,
    Statistics, Subscribed, Template, Together, Trouble, Update, View, Watch,
};
use feedscope_app::{App, link, said};
use std::collections::BTreeMap;
use std::path::Path;
use tauri::ipc::Response;
use tauri::{State, WebviewWindow};

/// Async, since it waits for what was kept to be there. It does not fail; Tauri wants it to be
/// able to.
#[tauri::command]
pub async fn start(app: State<'_, App>, window: WebviewWindow) -> Result<Start, Trouble> {
    Ok(app.open_in(window.label()).await)
}

#[tauri::command]
pub fn take_update(app: State<'_, App>, window: WebviewWindow) -> Option<Update> {
    app.take_update_in(window.label())
}

#[tauri::command]
pub fn drawn(app: State<'_, App>, window: WebviewWindow, number: u64) {
    app.drawn_in(window.label(), number);
}

/// Off the main thread, as the next five: they may have to read the disk.
#[tauri::command(async)]
pub fn watch(
    app: State<'_, App>,
    window: WebviewWindow,
    watch: Watch,
) -> Result<Response, Trouble> {
    app.watch_in(window.label(), &watch).map(Response::new)
}

#[tauri::command]
pub fn unwatch(app: State<'_, App>, window: WebviewWindow, panel: String) {
    app.unwatch_in(window.label(), &panel);
}

#[tauri::command(async)]
pub fn view(app: State<'_, App>, view: View) -> Result<Response, Trouble> {
    app.view(&view).map(Response::new)
}

#[tauri::command(async)]
pub fn statistics(app: State<'_, App>, span: Span) -> Result<Vec<Statistics>, Trouble> {
    app.statistics(&span)
}

#[tauri::command(async)]
pub fn gaps(app: State<'_, App>, asked: GapsAsked) -> GapList {
    app.gaps(&asked)
}

#[tauri::command(async)]
pub fn health(app: State<'_, App>, asked: HealthAsked) -> Option<Health> {
    app.health(&asked)
}

#[tauri::command(async)]
pub fn freshness(app: State<'_, App>, feed: String, channels: Vec<String>) -> Vec<Freshness> {
    app.freshness(&feed, &channels)
}

#[tauri::command(async)]
pub fn depth(app: State<'_, App>, asked: DepthAsked) -> Option<Depth> {
    app.depth(&asked)
}

#[tauri::command(async)]
pub fn histogram(app: State<'_, App>, histogram: Histogram) -> Result<Distribution, Trouble> {
    app.histogram(&histogram)
}

#[tauri::command(async)]
pub fn heat(app: State<'_, App>, heat: Heat) -> Result<Response, Trouble> {
    app.heat(&heat).map(Response::new)
}

#[tauri::command(async)]
pub fn pairs(app: State<'_, App>, pairs: Pairs) -> Result<Response, Trouble> {
    app.pairs(&pairs).map(Response::new)
}

#[tauri::command]
pub fn peek(app: State<'_, App>, feeds: Vec<String>) {
    app.peek(feeds);
}

#[tauri::command]
pub fn feed(app: State<'_, App>, feed: String) -> Result<Feed, Trouble> {
    app.feed(&feed)
}

#[tauri::command(async)]
pub fn feed_add(
    app: State<'_, App>,
    board: String,
    url: String,
    label: String,
) -> Result<Feed, Trouble> {
    app.board_feed_add(&board, &url, &label)
}

#[tauri::command]
pub fn profiles() -> Vec<ProfileCard> {
    App::profiles()
}

/// Off the main thread, as all that may have to wait for the keychain.
#[tauri::command(async)]
pub fn draft_check(app: State<'_, App>, draft: BoardFeed) -> DraftChecked {
    app.draft_check(&draft)
}

#[tauri::command(async)]
pub fn feed_subscribe(
    app: State<'_, App>,
    board: String,
    draft: BoardFeed,
    secrets: BTreeMap<String, String>,
    label: String,
) -> Result<Subscribed, Trouble> {
    app.feed_subscribe(&board, draft, &secrets, &label)
}

#[tauri::command(async)]
pub fn feed_change(
    app: State<'_, App>,
    board: String,
    feed: String,
    draft: BoardFeed,
    secrets: BTreeMap<String, String>,
    label: String,
) -> Result<Subscribed, Trouble> {
    app.feed_change(&board, &feed, draft, &secrets, &label)
}

#[tauri::command]
pub fn feed_draft(app: State<'_, App>, board: String, feed: String) -> Result<BoardFeed, Trouble> {
    app.feed_draft(&board, &feed)
}

#[tauri::command(async)]
pub fn feed_secrets(app: State<'_, App>, feed: String) -> Vec<SecretKept> {
    app.feed_secrets(&feed)
}

#[tauri::command(async)]
pub fn no_keychain(app: State<'_, App>) -> Option<String> {
    app.no_keychain()
}

#[tauri::command(async)]
pub fn secret_set(app: State<'_, App>, feed: String, name: String, secret: String) -> SecretKept {
    app.secret_set(&feed, &name, &secret)
}

#[tauri::command(async)]
pub fn secret_remove(app: State<'_, App>, name: String) -> SecretKept {
    app.secret_remove(&name)
}

#[tauri::command]
pub fn probe_start(
    app: State<'_, App>,
    probe: String,
    draft: BoardFeed,
    secrets: BTreeMap<String, String>,
) -> Result<(), Trouble> {
    app.probe_start(probe, &draft, secrets)
}

#[tauri::command]
pub fn probe_look(app: State<'_, App>, probe: String, known: usize) -> Option<ProbeLook> {
    app.probe_look(&probe, known)
}

#[tauri::command]
pub fn probe_stop(app: State<'_, App>, probe: String) {
    app.probe_stop(&probe);
}

#[tauri::command(async)]
pub fn feed_remove(
    app: State<'_, App>,
    board: String,
    feed: String,
    label: String,
) -> Result<BoardChanged, Trouble> {
    app.board_feed_remove(&board, &feed, &label)
}

#[tauri::command]
pub fn feed_reconnect(app: State<'_, App>, feed: String) {
    app.feed_reconnect(&feed);
}

#[tauri::command]
pub fn feed_stop(app: State<'_, App>, feed: String) {
    app.feed_stop(&feed);
}

#[tauri::command]
pub fn faults_set(app: State<'_, App>, faults: Faults) {
    app.faults_set(faults);
}

#[tauri::command]
pub fn feed_cut(app: State<'_, App>) {
    app.feed_cut();
}

#[tauri::command]
pub fn derived_check(
    app: State<'_, App>,
    expression: String,
    inputs: BTreeMap<String, DerivedInput>,
) -> Vec<Mistake> {
    app.derived_check(&expression, &inputs)
}

#[tauri::command]
pub async fn derived_preview(
    app: State<'_, App>,
    asked: DerivedPreview,
) -> Result<Response, Trouble> {
    app.derived_preview(asked).await.map(Response::new)
}

/// Async, since it waits for what was kept to be there.
#[tauri::command]
pub async fn derived_set(app: State<'_, App>, series: DerivedSeries) -> Result<Derived, Trouble> {
    app.derived_set(series).await
}

#[tauri::command(async)]
pub fn derived_remove(app: State<'_, App>, id: String) {
    app.derived_remove(&id);
}

#[tauri::command(async)]
pub fn boards(app: State<'_, App>) -> BoardList {
    app.boards()
}

#[tauri::command]
pub fn board_get(app: State<'_, App>, board: String) -> Result<BoardChanged, Trouble> {
    app.board_get(&board)
}

#[tauri::command]
pub fn board_show(
    app: State<'_, App>,
    window: WebviewWindow,
    board: String,
) -> Result<BoardChanged, Trouble> {
    app.board_show(window.label(), &board)
}

/// Off the main thread, as all that may have to do with files or feeds.
#[tauri::command(async)]
pub fn board_open(app: State<'_, App>, file: String) -> Result<String, Trouble> {
    app.board_open(&file)
}

#[tauri::command(async)]
pub fn board_close(app: State<'_, App>, board: String) -> Result<(), Trouble> {
    app.board_close(&board)
}

#[tauri::command(async)]
pub fn board_new(
    app: State<'_, App>,
    template: String,
    name: Option<String>,
) -> Result<String, Trouble> {
    app.board_new(&template, name.as_deref())
}

#[tauri::command(async)]
pub fn board_rename(
    app: State<'_, App>,
    board: String,
    name: String,
    label: String,
) -> Result<BoardChanged, Trouble> {
    app.board_rename(&board, &name, &label)
}

#[tauri::command(async)]
pub fn board_duplicate(
    app: State<'_, App>,
    board: String,
    name: String,
) -> Result<String, Trouble> {
    app.board_duplicate(&board, &name)
}

#[tauri::command(async)]
pub fn board_remove(app: State<'_, App>, board: String) -> Result<(), Trouble> {
    app.board_remove(&board)
}

#[tauri::command(async)]
pub fn board_restore(app: State<'_, App>, board: String) -> Result<(), Trouble> {
    app.board_restore(&board)
}

#[tauri::command]
pub fn boards_reorder(app: State<'_, App>, order: Vec<String>) -> Result<(), Trouble> {
    app.boards_reorder(&order)
}

#[tauri::command(async)]
pub fn board_change(app: State<'_, App>, change: BoardChange) -> Result<BoardChanged, Trouble> {
    app.board_change(change)
}

#[tauri::command(async)]
pub fn board_undo(app: State<'_, App>, board: String) -> Result<BoardChanged, Trouble> {
    app.board_undo(&board)
}

#[tauri::command(async)]
pub fn board_redo(app: State<'_, App>, board: String) -> Result<BoardChanged, Trouble> {
    app.board_redo(&board)
}

#[tauri::command(async)]
pub fn board_look(app: State<'_, App>, file: String, text: String) -> Result<BoardLook, Trouble> {
    app.board_look(&file, &text)
}

#[tauri::command(async)]
pub fn board_import(app: State<'_, App>, import: BoardImport) -> Result<String, Trouble> {
    app.board_import(&import)
}

#[tauri::command(async)]
pub fn board_export(app: State<'_, App>, board: String) -> Result<Exported, Trouble> {
    app.board_export(&board)
}

#[tauri::command(async)]
pub fn annotations_export(
    app: State<'_, App>,
    board: String,
    format: AnnotationsFormat,
) -> Result<String, Trouble> {
    app.annotations_export(&board, format).map(|path| path.to_string_lossy().into_owned())
}

#[tauri::command(async)]
pub fn annotations_read(
    app: State<'_, App>,
    file: String,
    text: String,
) -> Result<AnnotationsRead, Trouble> {
    app.annotations_read(&file, &text)
}

/// Shows the folder of a board's file in the file manager.
#[tauri::command(async)]
pub fn board_file_show(app: State<'_, App>, board: String) -> Result<(), Trouble> {
    show_folder(&app.board_file(&board)?)
}

/// Shows the folder of what was exported; nothing else can be shown.
#[tauri::command(async)]
pub fn export_show(app: State<'_, App>, path: String) -> Result<(), Trouble> {
    if !app.is_export(Path::new(&path)) {
        return Err(cannot_show(&path, "It was not exported by Feedscope, or is gone."));
    }
    show_folder(Path::new(&path))
}

/// Off the main thread: it looks at what a feed sent lately.
#[tauri::command(async)]
pub fn board_suggest(app: State<'_, App>, feed: String) -> Result<Proposal, Trouble> {
    app.board_suggest(&feed)
}

#[tauri::command]
pub fn board_templates() -> Vec<Template> {
    App::board_templates()
}

#[tauri::command(async)]
pub fn board_fill(
    app: State<'_, App>,
    template: String,
    feed: String,
) -> Result<Proposal, Trouble> {
    app.board_fill(&template, &feed)
}

/// At once, since pointers are quick; nothing in it takes any time.
#[tauri::command]
pub fn together(app: State<'_, App>, window: WebviewWindow, shown: Together) -> Together {
    app.together(window.label(), shown)
}

#[tauri::command(async)]
pub fn language_set(
    app: State<'_, App>,
    window: WebviewWindow,
    language: Option<String>,
) -> Result<(), Trouble> {
    app.language_set_in(window.label(), language)
}

#[tauri::command(async)]
pub fn shortcuts_set(app: State<'_, App>, shortcuts: Shortcuts) -> Result<(), Trouble> {
    app.shortcuts_set(shortcuts)
}

#[tauri::command(async)]
pub fn tour_over(app: State<'_, App>) -> Result<(), Trouble> {
    app.tour_over()
}

#[tauri::command(async)]
pub fn picture_save(app: State<'_, App>, picture: Picture) -> Result<String, Trouble> {
    app.picture_save(&picture).map(|path| path.to_string_lossy().into_owned())
}

/// Shows the folder of a saved picture in the file manager; nothing else can be shown.
#[tauri::command(async)]
pub fn picture_show(app: State<'_, App>, path: String) -> Result<(), Trouble> {
    if !app.is_picture(Path::new(&path)) {
        return Err(cannot_show(&path, "It is not a picture saved by Feedscope, or is gone."));
    }
    show_folder(Path::new(&path))
}

fn show_folder(file: &Path) -> Result<(), Trouble> {
    let folder = file.parent().unwrap_or(Path::new("."));
    opener::open(folder).map_err(|error| cannot_show(&file.to_string_lossy(), &error.to_string()))
}

/// Off the main thread, as the next five: filtering and large messages take their time.
#[tauri::command(async)]
pub fn inspect_open(
    app: State<'_, App>,
    window: WebviewWindow,
    inspector: String,
    feed: String,
) -> Result<Inspected, Trouble> {
    app.inspect_open_in(window.label(), inspector, &feed)
}

#[tauri::command(async)]
pub fn inspect_close(app: State<'_, App>, inspector: String) {
    app.inspect_close(&inspector);
}

#[tauri::command(async)]
pub fn inspect_page(
    app: State<'_, App>,
    inspector: String,
    asked: PageAsked,
) -> Result<InspectPage, Trouble> {
    app.inspect_page(&inspector, &asked)
}

#[tauri::command(async)]
pub fn inspect_message(
    app: State<'_, App>,
    inspector: String,
    serial: u64,
    from: u64,
) -> Result<InspectMessage, Trouble> {
    app.inspect_message(&inspector, serial, from)
}

#[tauri::command(async)]
pub fn inspect_code(app: State<'_, App>, asked: CodeAsked) -> Result<String, Trouble> {
    app.inspect_code(&asked)
}

#[tauri::command(async)]
pub fn json_check(text: String) -> Option<JsonFault> {
    App::json_check(&text)
}

/// Async, since it waits for what becomes of the message.
#[tauri::command]
pub async fn feed_send(app: State<'_, App>, send: SendAsked) -> Result<SendResult, Trouble> {
    app.feed_send(&send).await
}

#[tauri::command]
pub fn alerts(app: State<'_, App>) -> Alerts {
    app.alerts()
}

#[tauri::command(async)]
pub fn alert_set(app: State<'_, App>, alert: Alert) -> Result<Alert, Trouble> {
    app.alert_set(alert)
}

#[tauri::command(async)]
pub fn alert_remove(app: State<'_, App>, alert: String) -> Result<(), Trouble> {
    app.alert_remove(&alert)
}

/// Off the main thread: the desktop may take its time.
#[tauri::command(async)]
pub fn alert_test(app: State<'_, App>, alert: Alert) -> Result<(), Trouble> {
    app.alert_test(&alert)
}

#[tauri::command(async)]
pub fn alert_rehearse(
    app: State<'_, App>,
    alert: Alert,
) -> Result<Option<AlertRehearsal>, Trouble> {
    app.alert_rehearse(alert)
}

#[tauri::command(async)]
pub fn alert_log(app: State<'_, App>, span: AlertLogSpan) -> Vec<AlertEvent> {
    app.alert_log(&span)
}

fn cannot_show(path: &str, why: &str) -> Trouble {
    Trouble::new(
        "picture-show",
        said!("step_file", "File"),
        said!("trouble_picture_show", "{path} cannot be shown.", path),
        Some(why.into()),
        said!("advice_picture_show", "Open its folder by hand."),
    )
}

/// Opens a link of a note where the system opens such: a page in the browser, not in the window.
#[tauri::command(async)]
pub fn link_open(link: String) -> Result<(), Trouble> {
    let Some(outside) = link::outside(&link) else {
        return Err(cannot_open(&link, "It is neither a web page nor an address to write to."));
    };
    opener::open(outside).map_err(|error| cannot_open(&link, &error.to_string()))
}

fn cannot_open(link: &str, why: &str) -> Trouble {
    Trouble::new(
        "link-open",
        said!("step_link", "Link"),
        said!("trouble_link_open", "{link} cannot be opened.", link),
        Some(why.into()),
        said!("advice_link_open", "Copy it, and open it in a browser by hand."),
    )
}
