//! Save picture: a panel as PNG and SVG.

use crate::{number, text};
use anyhow::{Context, Result};
use feedscope_tests::Window;
use serde_json::json;
use std::path::PathBuf;

/// Saves a panel by its menu; gives the picture's path.
pub fn saved(window: &Window, format: &str) -> Result<PathBuf> {
    window.click("panel-menu-cpu")?;
    window.click(&format!("panel-save-{format}"))?;
    let path = window.wait(
        &format!("a word on the {format}"),
        "const words = all('notice').map((notice) => notice.querySelector('p').textContent);
         return words.find((words) => words.endsWith(`.${arguments[0]}`))?.replace('Saved ', '')",
        json!([format]),
    )?;
    Ok(text(&path)?.into())
}

#[test]
fn a_panel_becomes_a_picture_with_its_title_its_shape_and_its_gaps() -> Result<()> {
    let window = Window::open("pictures")?;
    window.wait("data", "return status('computer').ledger.delivered > 50", json!([]))?;
    // In a view of a minute, three seconds are too narrow for words.
    window.click("span")?;
    window.click("span-30000")?;
    window.click("break-it")?;
    window.click("fault-cut")?;
    window.press("\u{e00c}")?;
    window.wait(
        "an outage that is over",
        "return panel('cpu').gaps.some((gap) => gap.cause === 'outage' && gap.end_ms !== null)",
        json!([]),
    )?;

    let png = saved(&window, "png")?;
    assert_eq!(png.parent(), Some(&*window.data_dir()?.join("pictures")));
    let file = std::io::BufReader::new(std::fs::File::open(&png)?);
    let mut reader = png::Decoder::new(file).read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().context("too large")?];
    let frame = reader.next_frame(&mut pixels)?;
    let shape = window.run(
        "const { clientWidth, clientHeight } = by('panel-cpu').querySelector('.plot');
         return clientWidth / clientHeight",
        json!([]),
    )?;
    let saved_shape = f64::from(frame.width) / f64::from(frame.height);
    assert!(frame.width >= 1_200, "{} px wide", frame.width);
    assert!((saved_shape / number(&shape)? - 1.0).abs() < 0.02, "{saved_shape} is not {shape}");
    assert!(pixels.chunks(3).any(|pixel| pixel != &pixels[..3]), "it is empty");

    let svg = std::fs::read_to_string(saved(&window, "svg")?)?;
    assert!(svg.starts_with("<svg") || svg.starts_with("<?xml"), "{}", &svg[..100]);
    for part in ["CPU by core", "All cores", " s outage"] {
        assert!(svg.contains(part), "there is no “{part}” in the picture");
    }
    assert!(!svg.contains("<script"));
    Ok(())
}
