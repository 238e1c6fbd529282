//! Header lines as they are read: what is known by name, and the rest. (A derived reader with a flattened rest makes
//! a copy of everything first, and every envelope has two of these lines.)

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Map;

use super::{EnvelopeHeaders, RawHeaders};

/// Reads the value of a name, which may come only once: two lengths would be two envelopes.
fn once<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    place: &mut Option<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    if place.is_some() {
        return Err(A::Error::duplicate_field(name));
    }
    *place = Some(map.next_value()?);
    Ok(())
}

impl<'de> Deserialize<'de> for EnvelopeHeaders {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = EnvelopeHeaders;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object of headers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EnvelopeHeaders, A::Error> {
                let (mut event_id, mut dsn, mut sent_at) = (None, None, None);
                let mut other = Map::new();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "event_id" => once(&mut event_id, "event_id", &mut map)?,
                        "dsn" => once(&mut dsn, "dsn", &mut map)?,
                        "sent_at" => once(&mut sent_at, "sent_at", &mut map)?,
                        _ => {
                            other.insert(name, map.next_value()?);
                        }
                    }
                }
                Ok(EnvelopeHeaders {
                    event_id: event_id.flatten(),
                    dsn: dsn.flatten(),
                    sent_at: sent_at.flatten(),
                    other,
                })
            }
        }
        deserializer.deserialize_map(Read)
    }
}

impl<'de> Deserialize<'de> for RawHeaders {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = RawHeaders;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object of headers with a `type`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawHeaders, A::Error> {
                let (mut kind, mut length, mut content_type, mut filename) = (None, None, None, None);
                let mut other = Map::new();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "type" => once(&mut kind, "type", &mut map)?,
                        "length" => once(&mut length, "length", &mut map)?,
                        "content_type" => once(&mut content_type, "content_type", &mut map)?,
                        "filename" => once(&mut filename, "filename", &mut map)?,
                        _ => {
                            other.insert(name, map.next_value()?);
                        }
                    }
                }
                let kind = kind.ok_or_else(|| A::Error::missing_field("type"))?;
                Ok(RawHeaders {
                    kind,
                    length: length.flatten(),
                    content_type: content_type.flatten(),
                    filename: filename.flatten(),
                    other,
                })
            }
        }
        deserializer.deserialize_map(Read)
    }
}
