//! The id of an event: 128 bits that SDKs write with or without dashes.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// An event's id. Reads `9f3a...` (32 hex digits) and the dashed form, writes 32 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(Uuid);

impl EventId {
    /// An id from 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// A fresh random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

/// A text that is no event id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an event id is 32 hex digits, with or without dashes")]
pub struct InvalidEventId;

impl FromStr for EventId {
    type Err = InvalidEventId;

    fn from_str(text: &str) -> Result<Self, InvalidEventId> {
        // `Uuid` also reads braces and urn: forms, which no SDK sends and Sentry refuses.
        let plain = matches!(text.len(), 32 | 36) && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        if !plain {
            return Err(InvalidEventId);
        }
        Uuid::try_parse(text).map(Self).map_err(|_| InvalidEventId)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.simple())
    }
}

impl serde::Serialize for EventId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for EventId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashed_and_plain_spellings_are_the_same_id() {
        let plain: EventId = "9ec79c33ec9942ab8353589fcb2e04dc".parse().unwrap();
        let dashed: EventId = "9EC79C33-EC99-42AB-8353-589FCB2E04DC".parse().unwrap();
        assert_eq!(plain, dashed);
        assert_eq!(dashed.to_string(), "9ec79c33ec9942ab8353589fcb2e04dc");
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in ["", "9ec7", "{9ec79c33ec9942ab8353589fcb2e04dc}", "zec79c33ec9942ab8353589fcb2e04dc"] {
            assert_eq!(text.parse::<EventId>(), Err(InvalidEventId), "{text}");
        }
    }
}
