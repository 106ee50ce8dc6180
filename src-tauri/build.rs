/// Only these can be called at all, and only by whom a capability allows to.
const COMMANDS: &[&str] = &[
    "start",
    "take_update",
    "drawn",
    "watch",
    "unwatch",
    "view",
    "statistics",
    "histogram",
    "heat",
    "pairs",
    "peek",
    "feed",
    "feed_add",
    "feed_remove",
    "feed_reconnect",
    "feed_stop",
    "faults_set",
    "feed_cut",
    "derived_check",
    "derived_set",
    "derived_remove",
    "boards",
    "board_get",
    "board_show",
    "board_open",
    "board_close",
    "board_new",
    "board_rename",
    "board_duplicate",
    "board_remove",
    "board_restore",
    "boards_reorder",
    "board_change",
    "board_undo",
    "board_redo",
    "language_set",
    "picture_save",
    "picture_show",
    "link_open",
    "inspect_open",
    "inspect_close",
    "inspect_page",
    "inspect_message",
    "inspect_code",
    "json_check",
    "feed_send",
    "alerts",
    "alert_set",
    "alert_remove",
    "alert_test",
    "alert_rehearse",
    "alert_log",
];

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    if let Err(error) =
        tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))
    {
        println!("cargo::error={error:#}");
    }
}
