//! An envelope read piece by piece, as it arrives: what nobody wants is passed over and takes no memory.

use std::mem;

use super::{
    Envelope, EnvelopeHeaders, InvalidEnvelope, Item, ItemHeaders, ItemKind, MAX_HEADER_BYTES, MAX_ITEMS,
    RawHeaders,
};

/// All header lines of an envelope together; as JSON they take many times their size in memory.
const MAX_HEADERS_TOTAL: usize = 256 << 10;

/// Room that is made for an item that announces as much, when its first bytes come; larger ones grow as they come.
const USUAL: u64 = 32 << 10;

/// What is done with the payloads of a kind of item. Limits are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// They are kept; the envelope is refused when one is larger than this.
    UpTo(usize),
    /// They are kept unless they are larger than this; then only their size is told.
    OrCount(usize),
    /// Only their size is told.
    Count,
}

/// Takes an envelope in pieces of any size.
#[derive(Debug)]
pub struct EnvelopeReader {
    keep: fn(&ItemKind) -> Keep,
    state: State,
    /// The header line that is being gathered.
    line: Vec<u8>,
    header_bytes: usize,
    kept_bytes: usize,
    headers: Option<EnvelopeHeaders>,
    items: Vec<Item<'static>>,
}

#[derive(Debug)]
enum State {
    Headers,
    ItemHeaders,
    Payload(Payload),
    /// A payload of announced length is over; what may follow is a newline. `true`: a carriage return came already.
    Ended {
        carriage_return: bool,
    },
}

#[derive(Debug)]
struct Payload {
    headers: ItemHeaders,
    /// `None`: it ends at the next newline.
    announced: Option<u64>,
    size: usize,
    /// `None`: it is only counted.
    kept: Option<Vec<u8>>,
    keep: Keep,
}

impl EnvelopeReader {
    /// A reader that asks `keep` about each item.
    pub fn new(keep: fn(&ItemKind) -> Keep) -> Self {
        Self {
            keep,
            state: State::Headers,
            line: Vec::new(),
            header_bytes: 0,
            kept_bytes: 0,
            headers: None,
            items: Vec::new(),
        }
    }

    /// Bytes that it holds of what it was given.
    pub fn held(&self) -> usize {
        let open = match &self.state {
            State::Payload(payload) => payload.kept.as_ref().map_or(0, Vec::len),
            _ => 0,
        };
        self.header_bytes + self.line.len() + self.kept_bytes + open
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// As [`Envelope::parse`], as soon as it shows; and when an item is larger than it may be.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), InvalidEnvelope> {
        while !bytes.is_empty() {
            bytes = match &mut self.state {
                State::Headers | State::ItemHeaders => self.gather(bytes)?,
                State::Payload(payload) => {
                    let (rest, is_over) = payload.take(bytes)?;
                    if is_over {
                        self.end_payload();
                    }
                    rest
                }
                State::Ended { carriage_return } => match (bytes[0], *carriage_return) {
                    (b'\n', _) => {
                        self.state = State::ItemHeaders;
                        &bytes[1..]
                    }
                    (b'\r', false) => {
                        self.state = State::Ended { carriage_return: true };
                        &bytes[1..]
                    }
                    _ => return Err(InvalidEnvelope::Misaligned { position: self.items.len() - 1 }),
                },
            };
        }
        Ok(())
    }

    /// The envelope, once everything was pushed.
    ///
    /// # Errors
    /// When it ends too early.
    pub fn finish(mut self) -> Result<Envelope<'static>, InvalidEnvelope> {
        if matches!(self.state, State::Headers | State::ItemHeaders) {
            self.end_line()?;
        }
        match mem::replace(&mut self.state, State::ItemHeaders) {
            State::Payload(payload) => match payload.announced {
                Some(announced) if announced != payload.size as u64 => {
                    let position = self.items.len();
                    return Err(InvalidEnvelope::Truncated { position, announced, available: payload.size });
                }
                _ => {
                    self.state = State::Payload(payload);
                    self.end_payload();
                }
            },
            State::Ended { carriage_return: true } => {
                return Err(InvalidEnvelope::Misaligned { position: self.items.len() - 1 });
            }
            _ => {}
        }
        let headers = self.headers.ok_or(InvalidEnvelope::Empty)?;
        Ok(Envelope { headers, items: self.items })
    }

    /// Adds to the header line, up to its end.
    fn gather<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], InvalidEnvelope> {
        let end = bytes.iter().position(|b| *b == b'\n');
        let part = &bytes[..end.unwrap_or(bytes.len())];
        if self.line.len() + part.len() > MAX_HEADER_BYTES {
            return Err(InvalidEnvelope::HeaderTooLong);
        }
        self.line.extend_from_slice(part);
        let Some(end) = end else { return Ok(&[]) };
        self.end_line()?;
        Ok(&bytes[end + 1..])
    }

    fn end_line(&mut self) -> Result<(), InvalidEnvelope> {
        let line = mem::take(&mut self.line);
        let is_blank = line.trim_ascii().is_empty();
        self.header_bytes += line.len();
        if self.header_bytes > MAX_HEADERS_TOTAL {
            return Err(InvalidEnvelope::HeaderTooLong);
        }
        if self.headers.is_none() {
            if is_blank {
                return Err(InvalidEnvelope::Empty);
            }
            self.headers = Some(serde_json::from_slice(&line).map_err(InvalidEnvelope::Headers)?);
            self.state = State::ItemHeaders;
            return Ok(());
        }
        if is_blank {
            return Ok(());
        }
        let position = self.items.len();
        if position == MAX_ITEMS {
            return Err(InvalidEnvelope::TooManyItems);
        }
        let raw: RawHeaders = serde_json::from_slice(&line)
            .map_err(|source| InvalidEnvelope::ItemHeaders { position, source })?;
        let payload = Payload::new(raw, self.keep)?;
        let is_over = payload.announced == Some(0);
        self.state = State::Payload(payload);
        if is_over {
            self.end_payload();
        }
        Ok(())
    }

    fn end_payload(&mut self) {
        let State::Payload(payload) = mem::replace(&mut self.state, State::ItemHeaders) else { return };
        if payload.announced.is_some() {
            self.state = State::Ended { carriage_return: false };
        }
        let kept = payload.kept.unwrap_or_default();
        self.kept_bytes += kept.len();
        self.items.push(Item { headers: payload.headers, size: payload.size, payload: kept.into() });
    }
}

impl Payload {
    fn new(raw: RawHeaders, keep: fn(&ItemKind) -> Keep) -> Result<Self, InvalidEnvelope> {
        let headers = ItemHeaders {
            kind: raw.kind,
            content_type: raw.content_type,
            filename: raw.filename,
            other: raw.other,
        };
        let keep = keep(&headers.kind);
        let announced = raw.length.map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        let kept = match keep {
            Keep::UpTo(limit) if announced > limit => {
                return Err(InvalidEnvelope::ItemTooLarge { kind: headers.kind, limit });
            }
            Keep::OrCount(limit) if announced > limit => None,
            Keep::Count => None,
            // Its space is made as its bytes come: an announcement alone costs nothing.
            Keep::UpTo(_) | Keep::OrCount(_) => Some(Vec::new()),
        };
        Ok(Self { headers, announced: raw.length, size: 0, kept, keep })
    }

    /// Takes what is its own; what is left, and whether it is over.
    fn take<'b>(&mut self, bytes: &'b [u8]) -> Result<(&'b [u8], bool), InvalidEnvelope> {
        let (own, rest, is_over) = match self.announced {
            Some(announced) => {
                let left = usize::try_from(announced - self.size as u64).unwrap_or(usize::MAX);
                let (own, rest) = bytes.split_at(left.min(bytes.len()));
                (own, rest, own.len() == left)
            }
            None => match bytes.iter().position(|b| *b == b'\n') {
                Some(end) => (&bytes[..end], &bytes[end + 1..], true),
                None => (bytes, &bytes[..0], false),
            },
        };
        self.size += own.len();
        match self.keep {
            Keep::UpTo(limit) if self.size > limit => {
                let kind = self.headers.kind.clone();
                return Err(InvalidEnvelope::ItemTooLarge { kind, limit });
            }
            Keep::OrCount(limit) if self.size > limit => self.kept = None,
            _ => {}
        }
        if let Some(kept) = &mut self.kept {
            if kept.is_empty() && !is_over {
                kept.reserve(
                    self.announced.map_or(0, |announced| usize::try_from(announced.min(USUAL)).unwrap_or(0)),
                );
            }
            kept.extend_from_slice(own);
        }
        Ok((rest, is_over))
    }
}
