//! How bodies are packed.

use std::io;

use async_compression::tokio::bufread::{
    BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use async_compression::zstd::DParameter;
use axum::http::{HeaderMap, header};
use tokio::io::{AsyncBufRead, AsyncRead};

use crate::sentry::ingest::refusal::Refusal;

/// The largest window of a zstd frame, as a power of two: what compressors use up to level 19. A frame may ask for
/// gigabytes.
const LARGEST_ZSTD_WINDOW: u32 = 23;

/// The first bits of a brotli stream with a window of up to a gigabyte, which the standard (RFC 7932) does not have.
const LARGE_BROTLI_WINDOW: u8 = 0b001_0001;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Encoding {
    /// What the headers say; `None`: it is not packed.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(None) };
        let name = String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase();
        Ok(Some(match name.as_str() {
            "" | "identity" => return Ok(None),
            "gzip" | "x-gzip" => Self::Gzip,
            "deflate" => Self::Deflate,
            "br" => Self::Brotli,
            "zstd" => Self::Zstd,
            _ => return Err(Refusal::UnknownEncoding(name)),
        }))
    }

    /// What unpacks `source`, whose first bytes are these.
    pub(super) fn decoder<'s>(
        self,
        source: impl AsyncBufRead + Unpin + Send + 's,
        beginning: &[u8],
    ) -> Result<Box<dyn AsyncRead + Unpin + Send + 's>, Refusal> {
        Ok(match self {
            Self::Gzip => {
                let mut decoder = GzipDecoder::new(source);
                decoder.multiple_members(true);
                Box::new(decoder)
            }
            Self::Deflate if is_zlib(beginning) => Box::new(ZlibDecoder::new(source)),
            Self::Deflate => Box::new(DeflateDecoder::new(source)),
            Self::Brotli if beginning.first().is_some_and(|byte| byte & 0x7f == LARGE_BROTLI_WINDOW) => {
                return Err(self.refused("its window is larger than the format allows"));
            }
            Self::Brotli => Box::new(BrotliDecoder::new(source)),
            Self::Zstd => {
                let mut decoder =
                    ZstdDecoder::with_params(source, &[DParameter::window_log_max(LARGEST_ZSTD_WINDOW)]);
                decoder.multiple_members(true);
                Box::new(decoder)
            }
        })
    }

    /// Why reading failed: the sender's fault in packing, or what became of the body on its way.
    pub(super) fn refusal(self, error: &io::Error) -> Refusal {
        match error.get_ref().and_then(|cause| cause.downcast_ref::<Refusal>()) {
            Some(Refusal::TooLarge { what, limit }) => Refusal::TooLarge { what, limit: *limit },
            Some(Refusal::TooSlow) => Refusal::TooSlow,
            Some(other) => Refusal::BrokenBody(other.to_string()),
            None => self.refused(&error.to_string()),
        }
    }

    fn refused(self, reason: &str) -> Refusal {
        let encoding = match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        };
        Refusal::BadEncoding { encoding, reason: reason.to_owned() }
    }
}

/// "deflate" means zlib; some clients send the bare stream.
fn is_zlib(packed: &[u8]) -> bool {
    match packed {
        [first, second, ..] => {
            first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31)
        }
        _ => true,
    }
}
