//! The bytes of a request: taken as they come and unpacked as they come, up to a limit. Nothing is gathered but what
//! the reader behind it keeps, so that a large file costs no memory, and a small body that unpacks to a huge one is cut
//! off while it unpacks.

mod arriving;
mod encoding;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures::{StreamExt, stream};
use orderly_wire::sentry::envelope::EnvelopeReader;
use tokio::io::{AsyncBufRead, AsyncReadExt};
use tokio_util::io::StreamReader;

use self::arriving::Arriving;
use self::encoding::Encoding;
use super::budget::{Budget, Held};
use super::refusal::Refusal;

/// The largest envelope, packed or unpacked.
pub(super) const LARGEST_ENVELOPE: usize = 200 << 20;

/// The most that is kept of one envelope: everything but files and logs.
const MOST_KEPT: usize = 4 << 20;

/// A body of at most so many bytes is received whole before it is unpacked, so that nobody else waits for its sender.
const SMALL: usize = 64 << 10;

/// What unpacks to no more does not wait for large bodies.
const SMALL_UNPACKED: usize = 256 << 10;

/// Bytes that are unpacked before others get their turn.
const TURN: usize = 64 << 10;

/// Where the bytes of a body go.
pub(super) trait Sink {
    /// Takes the next bytes.
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal>;
    /// Bytes that it keeps.
    fn held(&self) -> usize;
}

impl Sink for EnvelopeReader {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        EnvelopeReader::push(self, bytes)?;
        if self.held() > MOST_KEPT {
            return Err(Refusal::TooLarge { what: "the envelope without its files", limit: MOST_KEPT });
        }
        Ok(())
    }

    fn held(&self) -> usize {
        EnvelopeReader::held(self)
    }
}

/// Keeps everything.
impl Sink for Vec<u8> {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.extend_from_slice(bytes);
        Ok(())
    }

    fn held(&self) -> usize {
        self.len()
    }
}

/// How unpacking ended.
#[derive(Debug, PartialEq, Eq)]
enum Unpacked {
    Whole,
    /// There is more than was wanted.
    CutOff,
}

/// Reads and unpacks a body of at most `limit` bytes into a sink, which may have to be made twice.
pub(super) async fn read<S: Sink>(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    budget: &Budget,
    fresh: impl Fn() -> S,
) -> Result<(S, Held), Refusal> {
    let encoding = Encoding::of(headers)?;
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Refusal::body_too_large(limit));
    }
    let mut held = budget.hold();
    let mut sink = fresh();
    let mut body = Arriving::new(body, limit);
    let Some(encoding) = encoding else {
        while let Some(part) = body.next().await? {
            sink.push(&part)?;
            held.grow_to(sink.held()).await;
        }
        return Ok((sink, held));
    };
    let (packed, is_whole) = beginning(&mut body, &mut held).await?;
    if is_whole {
        let lane = held.short_lane().await;
        let small = limit.min(SMALL_UNPACKED);
        let unpacked = unpack(&packed[..], &packed, encoding, &mut sink, small).await?;
        drop(lane);
        match unpacked {
            Unpacked::Whole => {
                held.grow_to(sink.held()).await;
                return Ok((sink, held));
            }
            Unpacked::CutOff if small == limit => return Err(Refusal::body_too_large(limit)),
            // It is unpacked again, from its beginning, when it is its turn.
            Unpacked::CutOff => sink = fresh(),
        }
    }
    held.long_lane().await;
    let rest = body.into_stream();
    let source = StreamReader::new(stream::iter([Ok(packed.clone())]).chain(rest));
    match unpack(source, &packed, encoding, &mut sink, limit).await? {
        Unpacked::Whole => Ok((sink, held)),
        Unpacked::CutOff => Err(Refusal::body_too_large(limit)),
    }
}

/// The first bytes of a packed body, and whether they are all.
async fn beginning(body: &mut Arriving, held: &mut Held) -> Result<(Bytes, bool), Refusal> {
    let mut packed = Vec::new();
    while packed.len() <= SMALL {
        let Some(part) = body.next().await? else { return Ok((packed.into(), true)) };
        packed.extend_from_slice(&part);
        held.grow_to(packed.len()).await;
    }
    Ok((packed.into(), false))
}

async fn unpack(
    source: impl AsyncBufRead + Unpin + Send,
    beginning: &[u8],
    encoding: Encoding,
    sink: &mut impl Sink,
    limit: usize,
) -> Result<Unpacked, Refusal> {
    let mut decoder = encoding.decoder(source, beginning)?;
    let mut buffer = vec![0; 16 << 10];
    let (mut total, mut turn) = (0, 0);
    loop {
        let read = decoder.read(&mut buffer).await.map_err(|error| encoding.refusal(&error))?;
        if read == 0 {
            return Ok(Unpacked::Whole);
        }
        total += read;
        if total > limit {
            return Ok(Unpacked::CutOff);
        }
        sink.push(&buffer[..read])?;
        turn += read;
        if turn >= TURN {
            turn = 0;
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(test)]
mod tests;
