//! An event in the journal: bytes that are enough to make it ready again.
//!
//! ```text
//! length of the rest: u32 | CRC-32 of what follows: u32 | project: i64 | received, microseconds: i64 | size: u64 | payload
//! ```
//! Numbers are little-endian. The payload is the one that is stored (see `store::payloads`). The check sum begins with the
//! number of the file, because files are used again: what is left of an older one's events is none of this one's.

use jiff::Timestamp;

use crate::sentry::ingest::event::PreparedEvent;
use crate::sentry::ingest::normalize::Arrival;
use crate::sentry::store::payloads::Dictionaries;
use crate::sentry::tree::Object;

/// Bytes before the payload, length and check sum included.
const HEAD: usize = 32;

/// Bytes that an event takes.
pub(super) fn size(event: &PreparedEvent) -> u64 {
    (HEAD + event.payload.len()) as u64
}

/// Adds an event to the bytes that are to be written to a file.
pub(super) fn encode(out: &mut Vec<u8>, segment: u32, project: i64, event: &PreparedEvent) {
    let start = out.len();
    let length = u32::try_from(size(event) - 4).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&project.to_le_bytes());
    out.extend_from_slice(&event.received.as_microsecond().to_le_bytes());
    out.extend_from_slice(&(event.size as u64).to_le_bytes());
    out.extend_from_slice(&event.payload);
    let check = check_sum(segment, &out[start + 8..]);
    out[start + 4..start + 8].copy_from_slice(&check.to_le_bytes());
}

fn check_sum(segment: u32, body: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new_with_initial(segment);
    sum.update(body);
    sum.finalize()
}

/// The first event of these bytes of a file, its project, and how many bytes it takes. `None` when there is no whole
/// one: the events of the file end there, or a crash cut off what had not been acknowledged.
pub(super) fn decode(
    bytes: &[u8],
    segment: u32,
    dictionaries: &Dictionaries,
) -> Option<(i64, PreparedEvent, usize)> {
    let length = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
    let rest = bytes.get(4..4 + length)?;
    let (check, body) = rest.split_first_chunk()?;
    if check_sum(segment, body) != u32::from_le_bytes(*check) {
        return None;
    }
    let (project, body) = body.split_first_chunk()?;
    let (received, body) = body.split_first_chunk()?;
    let (size, payload) = body.split_first_chunk()?;
    let received = Timestamp::from_microsecond(i64::from_le_bytes(*received)).ok()?;
    let json = dictionaries.decode(payload).ok()?;
    let event: Object<'_> = serde_json::from_slice(&json).ok()?;
    let size = usize::try_from(u64::from_le_bytes(*size)).ok()?;
    let event = PreparedEvent::new(event, size, Arrival { envelope_id: None, received }).ok()?;
    Some((i64::from_le_bytes(*project), event, 4 + length))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(message: &str) -> PreparedEvent {
        let sent = json!({"message": message, "user": {"id": 3}, "tags": {"a": "b"}});
        let arrival = Arrival { envelope_id: None, received: "2026-03-10T12:00:00.123456Z".parse().unwrap() };
        PreparedEvent::new(sent.as_object().unwrap().into(), 17, arrival).unwrap()
    }

    #[test]
    fn events_are_read_as_they_were_written_into_this_file_up_to_the_first_damage() {
        let none = Dictionaries::default();
        let events = [event("first"), event("second")];
        let mut bytes = Vec::new();
        for event in &events {
            encode(&mut bytes, 7, 5, event);
        }
        let (project, first, length) = decode(&bytes, 7, &none).unwrap();
        assert_eq!((project, &first), (5, &events[0]));
        let rest = &bytes[length..];
        assert_eq!(decode(rest, 7, &none).unwrap().1, events[1]);
        for end in 0..rest.len() {
            assert!(decode(&rest[..end], 7, &none).is_none(), "{end}");
        }
        for at in 4..rest.len() {
            let mut damaged = rest.to_vec();
            damaged[at] ^= 1;
            assert!(decode(&damaged, 7, &none).is_none(), "{at}");
        }
        assert!(decode(&[0; 64], 7, &none).is_none());
        assert!(decode(&bytes, 8, &none).is_none(), "it was written before the file was used again");
    }
}
