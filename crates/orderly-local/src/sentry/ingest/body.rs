//! The bytes of a request: read up to a limit, unpacked up to a limit. A small body that unpacks to a huge one is cut
//! off while it unpacks.

use std::io::{self, Read};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::refusal::Refusal;

/// The largest envelope, packed or unpacked.
pub(super) const LARGEST_ENVELOPE: usize = 200 << 20;

/// The largest body of `/store/`: one event and its wrapping.
pub(super) const LARGEST_STORE_BODY: usize = 2 << 20;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Plain,
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// Reads and unpacks a body of at most `limit` bytes.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let encoding = encoding_of(headers)?;
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let packed = Limited::new(body, limit).collect().await.map_err(|error| {
        if error.downcast_ref::<LengthLimitError>().is_some() {
            too_large(limit)
        } else {
            Refusal::BrokenBody(error.to_string())
        }
    })?;
    let packed = packed.to_bytes();
    if encoding == Encoding::Plain {
        return Ok(packed);
    }
    // Unpacking is work for the processor: not on the threads that answer requests.
    tokio::task::spawn_blocking(move || unpack(&packed, encoding, limit))
        .await
        .map_err(|error| Refusal::BrokenBody(error.to_string()))?
}

fn too_large(limit: usize) -> Refusal {
    Refusal::TooLarge { what: "the body", limit }
}

fn encoding_of(headers: &HeaderMap) -> Result<Encoding, Refusal> {
    let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(Encoding::Plain) };
    let name = String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase();
    match name.as_str() {
        "" | "identity" => Ok(Encoding::Plain),
        "gzip" | "x-gzip" => Ok(Encoding::Gzip),
        "deflate" => Ok(Encoding::Deflate),
        "br" => Ok(Encoding::Brotli),
        "zstd" => Ok(Encoding::Zstd),
        _ => Err(Refusal::UnknownEncoding(name)),
    }
}

fn unpack(packed: &[u8], encoding: Encoding, limit: usize) -> Result<Bytes, Refusal> {
    let (name, unpacked) = match encoding {
        Encoding::Plain => return Ok(Bytes::copy_from_slice(packed)),
        Encoding::Gzip => ("gzip", drain(flate2::read::MultiGzDecoder::new(packed), limit)),
        Encoding::Deflate if is_zlib(packed) => {
            ("deflate", drain(flate2::read::ZlibDecoder::new(packed), limit))
        }
        Encoding::Deflate => ("deflate", drain(flate2::read::DeflateDecoder::new(packed), limit)),
        Encoding::Brotli => ("br", drain(brotli::Decompressor::new(packed, 8 << 10), limit)),
        Encoding::Zstd => ("zstd", unzstd(packed, limit)),
    };
    let bad = |error: io::Error| Refusal::BadEncoding { encoding: name, reason: error.to_string() };
    unpacked.map_err(bad)?.map(Bytes::from).ok_or_else(|| too_large(limit))
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

fn unzstd(packed: &[u8], limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut decoder = zstd::stream::read::Decoder::new(packed)?;
    // A frame may ask for a window of gigabytes; 2^27 is what the reference decoder grants by default.
    decoder.window_log_max(27)?;
    drain(decoder, limit)
}

/// Everything a decoder gives; `None` if that is more than `limit` bytes.
fn drain(decoder: impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut unpacked = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut unpacked)?;
    Ok((unpacked.len() <= limit).then_some(unpacked))
}

#[cfg(test)]
mod tests;
