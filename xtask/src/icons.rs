//! `cargo xtask icons`: the app's icons, of every size and format, from one SVG.

use anyhow::Result;

/// Drawing needs much that no other task does, so this one has itself built anew with it.
#[cfg(not(feature = "icons"))]
pub fn icons() -> Result<()> {
    let itself = ["run", "--quiet", "--package", "xtask", "--features", "icons", "--", "icons"];
    crate::shell::run(&mut crate::shell::cargo(itself))
}

#[cfg(feature = "icons")]
pub fn icons() -> Result<()> {
    drawing::draw()
}

#[cfg(feature = "icons")]
mod drawing {
    use anyhow::{Context, Result};
    use resvg::{tiny_skia, usvg};
    use std::fs::{self, File};
    use std::io::BufWriter;
    use std::path::Path;

    const SOURCE: &str = "icons/feedscope.svg";
    /// The names are those that Tauri's bundler knows; `@2x` is for screens of twice the density.
    const PNGS: [(&str, u32); 4] =
        [("32x32.png", 32), ("128x128.png", 128), ("128x128@2x.png", 256), ("icon.png", 512)];
    /// The sizes at which Windows shows icons, in steps of scaling.
    const ICO_SIZES: [u32; 7] = [16, 24, 32, 48, 64, 128, 256];
    /// Those that macOS knows.
    const ICNS_SIZES: [u32; 7] = [16, 32, 64, 128, 256, 512, 1024];

    pub fn draw() -> Result<()> {
        let svg = fs::read_to_string(SOURCE)?;
        let tree = usvg::Tree::from_str(&svg, &usvg::Options::default()).context(SOURCE)?;
        for (name, side) in PNGS {
            let path = Path::new("icons").join(name);
            let mut encoder = png::Encoder::new(create(&path)?, side, side);
            encoder.set_color(png::ColorType::Rgba);
            encoder.set_compression(png::Compression::High);
            encoder.write_header()?.write_image_data(&pixels(&tree, side)?)?;
            println!("{}", path.display());
        }

        let mut ico = ico::IconDir::new(ico::ResourceType::Icon);
        for side in ICO_SIZES {
            let image = ico::IconImage::from_rgba_data(side, side, pixels(&tree, side)?);
            ico.add_entry(ico::IconDirEntry::encode(&image)?);
        }
        let path = Path::new("icons/icon.ico");
        ico.write(create(path)?)?;
        println!("{}", path.display());

        let mut icns = icns::IconFamily::new();
        for side in ICNS_SIZES {
            let image =
                icns::Image::from_data(icns::PixelFormat::RGBA, side, side, pixels(&tree, side)?)?;
            icns.add_icon(&image)?;
        }
        let path = Path::new("icons/icon.icns");
        icns.write(create(path)?)?;
        println!("{}", path.display());
        Ok(())
    }

    fn create(path: &Path) -> Result<BufWriter<File>> {
        let file = File::create(path);
        Ok(BufWriter::new(file.with_context(|| format!("could not write {}", path.display()))?))
    }

    /// The drawing at one size: red, green, blue, opacity.
    fn pixels(tree: &usvg::Tree, side: u32) -> Result<Vec<u8>> {
        let mut pixmap = tiny_skia::Pixmap::new(side, side).context("no room for an icon")?;
        let scale = side as f32 / tree.size().width();
        let transform = tiny_skia::Transform::from_scale(scale, scale);
        resvg::render(tree, transform, &mut pixmap.as_mut());
        Ok(pixmap.take_demultiplied())
    }
}
