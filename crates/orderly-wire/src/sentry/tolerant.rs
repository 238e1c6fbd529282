//! Readings of values that servers of different ages spell differently: a count as text or number, a list that is an
//! object or null, an enumeration with a word that did not exist when this was written. None of them fails; what
//! cannot be read becomes the value that claims least.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A number that may be written as text; anything else is 0.
pub(super) fn count<'de, D: Deserializer<'de>>(input: D) -> Result<u64, D::Error> {
    Ok(number(&Value::deserialize(input)?).unwrap_or(0))
}

/// A positive number that may be written as text, or nothing.
pub(super) fn line<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u32>, D::Error> {
    Ok(number(&Value::deserialize(input)?).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0))
}

/// Text; null and everything else that is not text is empty.
pub(super) fn text<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    Ok(optional_text(input)?.unwrap_or_default())
}

/// Text, or nothing; a number or a flag is read as its spelling, a list or an object as nothing.
pub(super) fn optional_text<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(input)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    })
}

/// An id that may be a number; a list or an object is an error, because nothing can be said about a thing without id.
pub(super) fn id<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    let found = optional_text(input)?;
    found.ok_or_else(|| serde::de::Error::custom("the id is missing"))
}

/// A flag; everything that is not `true` is false.
pub(super) fn flag<'de, D: Deserializer<'de>>(input: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(input)? == Value::Bool(true))
}

/// A time in RFC 3339, or nothing.
pub(super) fn time<'de, D: Deserializer<'de>>(input: D) -> Result<Option<jiff::Timestamp>, D::Error> {
    Ok(optional_text(input)?.and_then(|text| text.parse().ok()))
}

/// A list; null is empty, a single object is a list of one, and elements that cannot be read are left out.
pub(super) fn list<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    input: D,
) -> Result<Vec<T>, D::Error> {
    Ok(match Value::deserialize(input)? {
        Value::Array(items) => {
            items.into_iter().filter_map(|item| serde_json::from_value(item).ok()).collect()
        }
        single @ Value::Object(_) => serde_json::from_value(single).into_iter().collect(),
        _ => Vec::new(),
    })
}

/// A part that may be missing, null or of another shape: then it is not there.
pub(super) fn part<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    input: D,
) -> Result<Option<T>, D::Error> {
    Ok(match Value::deserialize(input)? {
        Value::Null => None,
        value => serde_json::from_value(value).ok(),
    })
}

/// A part with a value that stands for "nothing known".
pub(super) fn part_or_default<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned + Default>(
    input: D,
) -> Result<T, D::Error> {
    Ok(part(input)?.unwrap_or_default())
}

pub(super) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(n) => n.as_u64().or_else(|| whole(n.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked before the cast"
)]
fn whole(n: f64) -> Option<u64> {
    (0.0..9.0e15).contains(&n).then_some(n as u64)
}

/// An enumeration of words, with a place for words that came later.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word that this version does not know.
            Other(String),
        }

        impl $name {
            /// The word on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Other(word),
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::Other(String::new())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
                output.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                Ok(Self::from($crate::sentry::tolerant::text(input)?))
            }
        }
    };
}
pub(super) use words;
