//! What is on a screen, as a picture in a file.
//!
//! Xvfb keeps its screen in a file in the format of `xwd`, the X window dump: a header of
//! big-endian words, a colour table, rows of pixels.

use anyhow::{Context, Result, ensure};
use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom};
use std::path::Path;

/// Words of the header, and where in it they stand.
const HEADER_WORDS: usize = 25;
const HEADER_BYTES_AT: usize = 0;
const WIDTH_AT: usize = 4;
const HEIGHT_AT: usize = 5;
const LITTLE_ENDIAN_AT: usize = 7;
const BITS_PER_PIXEL_AT: usize = 11;
const BYTES_PER_ROW_AT: usize = 12;
const COLORS_AT: usize = 19;
/// What the colour table takes for each of its colours.
const COLOR_BYTES: u64 = 12;
/// No screen of ours is larger; a header that says otherwise is not one.
const SIDE_MAX: u32 = 8192;

pub struct Frame {
    width: u32,
    height: u32,
    /// Red, green, blue; row by row from the top.
    pixels: Vec<[u8; 3]>,
}

impl Frame {
    /// Reads the screen as it is now. A window may be drawing in the same moment.
    pub fn from_xwd(mut file: &File) -> Result<Frame> {
        let mut header = [0; HEADER_WORDS * 4];
        file.seek(SeekFrom::Start(0))?;
        file.read_exact(&mut header).context("reading the screen's header")?;
        let word = |at: usize| {
            let at = at * 4;
            u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        let (width, height, row_bytes) = (word(WIDTH_AT), word(HEIGHT_AT), word(BYTES_PER_ROW_AT));
        ensure!(
            word(BITS_PER_PIXEL_AT) == 32
                && width.max(height) <= SIDE_MAX
                && row_bytes == width * 4,
            "the screen's format is not one of 32 bits a pixel"
        );
        let start = u64::from(word(HEADER_BYTES_AT)) + u64::from(word(COLORS_AT)) * COLOR_BYTES;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = vec![0; row_bytes as usize * height as usize];
        file.read_exact(&mut bytes).context("reading the screen's pixels")?;
        let blue_first = word(LITTLE_ENDIAN_AT) == 0;
        let pixels = bytes
            .chunks_exact(4)
            .map(|p| if blue_first { [p[2], p[1], p[0]] } else { [p[1], p[2], p[3]] })
            .collect();
        Ok(Frame { width, height, pixels })
    }

    /// Whether nothing is to be seen.
    pub fn is_one_colour(&self) -> bool {
        self.pixels.windows(2).all(|pair| pair[0] == pair[1])
    }

    /// Writes it as PNG; who reads the file meanwhile sees the one before, or this one.
    pub fn write(&self, path: &Path) -> Result<()> {
        let unfinished = path.with_extension("png.part");
        let file = File::create(&unfinished)
            .with_context(|| format!("could not write {}", unfinished.display()))?;
        let mut encoder = png::Encoder::new(BufWriter::new(file), self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixels.as_flattened())?;
        writer.finish()?;
        fs::rename(&unfinished, path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn screen(name: &str, pixels: &[u32], little_endian: bool) -> File {
        let mut header = [0_u32; HEADER_WORDS];
        header[HEADER_BYTES_AT] = HEADER_WORDS as u32 * 4;
        header[WIDTH_AT] = 2;
        header[HEIGHT_AT] = pixels.len() as u32 / 2;
        header[LITTLE_ENDIAN_AT] = u32::from(!little_endian);
        header[BITS_PER_PIXEL_AT] = 32;
        header[BYTES_PER_ROW_AT] = 8;
        header[COLORS_AT] = 1;
        let path = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        let mut file =
            File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        for word in header {
            file.write_all(&word.to_be_bytes()).unwrap();
        }
        file.write_all(&[9; COLOR_BYTES as usize]).unwrap();
        for pixel in pixels {
            let bytes = if little_endian { pixel.to_le_bytes() } else { pixel.to_be_bytes() };
            file.write_all(&bytes).unwrap();
        }
        fs::remove_file(path).unwrap();
        file
    }

    #[test]
    fn a_screen_is_read_as_it_is_in_either_byte_order() {
        for little_endian in [true, false] {
            let frame =
                Frame::from_xwd(&screen("order", &[0x00ff_8001, 0x0000_0000], little_endian));
            let frame = frame.unwrap();
            assert_eq!((frame.width, frame.height), (2, 1));
            assert_eq!(frame.pixels, [[0xff, 0x80, 0x01], [0, 0, 0]]);
        }
    }

    #[test]
    fn an_empty_screen_is_told_from_one_with_something_on_it() {
        let colour = 0x0010_2030;
        let empty = Frame::from_xwd(&screen("empty", &[colour; 4], true)).unwrap();
        let drawn = Frame::from_xwd(&screen("drawn", &[colour, colour, colour, 0], true)).unwrap();
        assert!(empty.is_one_colour());
        assert!(!drawn.is_one_colour());
    }

    #[test]
    fn a_screen_cut_short_is_an_error() {
        let file = screen("short", &[1, 2, 3, 4], true);
        file.set_len(file.metadata().unwrap().len() - 1).unwrap();
        assert!(Frame::from_xwd(&file).is_err());
    }
}
