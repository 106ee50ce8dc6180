//! Messages that are compressed, each by itself. What comes out is bounded: a few bytes that stand
//! for gigabytes cost no more than the largest message.

use super::error::DecodeError;
use crate::profile::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::fmt;
use std::io::{self, Read};

/// Room is made, and kept between messages, in steps of this size: most messages fit into one.
const ROOM_BYTES: usize = 64 << 10;

/// What stands at the beginning of gzip, and of a zstd frame.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

pub(super) struct Decompressor {
    compression: Compression,
    bytes_max: usize,
    /// Kept, since making one costs more than most messages.
    zlib: Decompress,
    deflate: Decompress,
    zstd: FrameDecoder,
}

impl Decompressor {
    /// What comes out of it is at most `bytes_max` bytes long.
    pub fn new(compression: Compression, bytes_max: usize) -> Self {
        let mut zstd = FrameDecoder::new();
        zstd.set_max_window_size(bytes_max as u64);
        Decompressor {
            compression,
            bytes_max,
            zlib: Decompress::new(true),
            deflate: Decompress::new(false),
            zstd,
        }
    }

    /// Puts into `out` what the message is once decompressed. Returns `false` if it is not
    /// compressed.
    pub fn decompress(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<bool, DecodeError> {
        out.clear();
        out.shrink_to(ROOM_BYTES);
        let compression = match self.compression {
            Compression::Auto => by_first_bytes(message),
            other => other,
        };
        match compression {
            Compression::None | Compression::Auto => return Ok(false),
            Compression::Gzip => self.gunzip(message, out)?,
            Compression::Zlib => inflate(&mut self.zlib, "zlib", message, out, self.bytes_max)?,
            Compression::Deflate => {
                inflate(&mut self.deflate, "deflate", message, out, self.bytes_max)?;
            }
            Compression::Zstd => self.unzstd(message, out)?,
        }
        Ok(true)
    }

    fn gunzip(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), DecodeError> {
        let one_more = (self.bytes_max as u64).saturating_add(1);
        let read = MultiGzDecoder::new(message).take(one_more).read_to_end(out);
        match read {
            Ok(_) if out.len() > self.bytes_max => Err(too_large(self.bytes_max)),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(ends_too_soon("gzip"))
            }
            Err(error) => Err(wrong("gzip", error)),
        }
    }

    fn unzstd(&mut self, message: &[u8], out: &mut Vec<u8>) -> Result<(), DecodeError> {
        let mut rest = message;
        let zstd = &mut self.zstd;
        while !rest.is_empty() {
            match zstd.reset(&mut rest) {
                Ok(()) => {}
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    rest = rest.get(length..).ok_or_else(|| ends_too_soon("zstd"))?;
                    continue;
                }
                Err(error) => return Err(zstd_error(error, rest)),
            }
            loop {
                let done = zstd
                    .decode_blocks(&mut rest, BlockDecodingStrategy::UptoBytes(ROOM_BYTES))
                    .map_err(|error| zstd_error(error, rest))?;
                zstd.collect_to_writer(&mut *out).map_err(|error| wrong("zstd", error))?;
                if out.len() > self.bytes_max {
                    return Err(too_large(self.bytes_max));
                }
                if done {
                    break;
                }
            }
            let sum = zstd.get_checksum_from_data();
            if sum.is_some() && sum != zstd.get_calculated_checksum() {
                return Err(wrong("zstd", "its checksum does not fit"));
            }
        }
        Ok(())
    }
}

fn by_first_bytes(message: &[u8]) -> Compression {
    if message.starts_with(&GZIP) {
        return Compression::Gzip;
    }
    if message.starts_with(&ZSTD) {
        return Compression::Zstd;
    }
    match *message {
        // Method 8, a window of up to 32 KiB, and both bytes a multiple of 31.
        [first, second, ..]
            if first & 0x0f == 8
                && first >> 4 <= 7
                && u16::from_be_bytes([first, second]).is_multiple_of(31) =>
        {
            Compression::Zlib
        }
        _ => Compression::None,
    }
}

fn inflate(
    with: &mut Decompress,
    format: &str,
    message: &[u8],
    out: &mut Vec<u8>,
    bytes_max: usize,
) -> Result<(), DecodeError> {
    with.reset(format == "zlib");
    let mut rest = message;
    loop {
        if out.len() == out.capacity() {
            out.reserve(ROOM_BYTES);
        }
        let (read, written) = (with.total_in(), out.len());
        let status = with.decompress_vec(rest, out, FlushDecompress::None);
        let status = status.map_err(|error| wrong(format, error))?;
        // Fits, since it is no more than the message.
        let taken = (with.total_in() - read) as usize;
        rest = rest.get(taken..).unwrap_or_default();
        if out.len() > bytes_max {
            return Err(too_large(bytes_max));
        }
        if status == Status::StreamEnd {
            return match rest {
                [] => Ok(()),
                _ => Err(wrong(format, "there is more after its end")),
            };
        }
        if taken == 0 && out.len() == written {
            return Err(ends_too_soon(format));
        }
    }
}

fn zstd_error(error: FrameDecoderError, rest: &[u8]) -> DecodeError {
    // What it says is long, and of no use where the message was cut.
    if rest.is_empty() { ends_too_soon("zstd") } else { wrong("zstd", error) }
}

fn too_large(bytes_max: usize) -> DecodeError {
    DecodeError::new(format!("Decompressed, the message is larger than {bytes_max} bytes"))
}

fn ends_too_soon(format: &str) -> DecodeError {
    DecodeError::new(format!("Not {format}: it ends too soon"))
}

fn wrong(format: &str, what: impl fmt::Display) -> DecodeError {
    DecodeError::new(format!("Not {format}: {what}"))
}

impl fmt::Debug for Decompressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decompressor")
            .field("compression", &self.compression)
            .field("bytes_max", &self.bytes_max)
            .finish_non_exhaustive()
    }
}
