//! Header lines as they are read: what is known by name, and the rest. (A derived reader with a flattened rest makes
//! a copy of everything first, and every envelope has two of these lines.)

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Map;

use super::{EnvelopeHeaders, RawHeaders};

impl<'de> Deserialize<'de> for EnvelopeHeaders {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = EnvelopeHeaders;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object of headers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EnvelopeHeaders, A::Error> {
                let mut headers = EnvelopeHeaders::default();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "event_id" => headers.event_id = map.next_value()?,
                        "dsn" => headers.dsn = map.next_value()?,
                        "sent_at" => headers.sent_at = map.next_value()?,
                        _ => {
                            headers.other.insert(name, map.next_value()?);
                        }
                    }
                }
                Ok(headers)
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
                        "type" => kind = Some(map.next_value()?),
                        "length" => length = map.next_value()?,
                        "content_type" => content_type = map.next_value()?,
                        "filename" => filename = map.next_value()?,
                        _ => {
                            other.insert(name, map.next_value()?);
                        }
                    }
                }
                let kind = kind.ok_or_else(|| A::Error::missing_field("type"))?;
                Ok(RawHeaders { kind, length, content_type, filename, other })
            }
        }
        deserializer.deserialize_map(Read)
    }
}
