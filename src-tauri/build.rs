fn main() {
    // Only these can be called at all, and only by whom a capability allows to.
    let commands = [
        "start",
        "drawn",
        "watch",
        "unwatch",
        "view",
        "peek",
        "feed_add",
        "feed_remove",
        "feed_reconnect",
        "feed_stop",
        "faults_set",
        "feed_cut",
        "board_save",
        "picture_save",
        "picture_show",
    ];
    let manifest = tauri_build::AppManifest::new().commands(&commands);
    if let Err(error) =
        tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))
    {
        println!("cargo::error={error:#}");
    }
}
