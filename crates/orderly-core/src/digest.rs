//! Digests over canonical JSON: what a plan, a payload or a piece of evidence *is*, in 64 characters.

use crate::ids::Digest;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// SHA-256 over the canonical JSON (object keys sorted, no blanks) of a value.
///
/// # Panics
/// Never for the types of this crate: they have string keys and finite numbers, which is all that JSON asks for.
pub fn of<T: Serialize>(value: &T) -> Digest {
    of_bytes(canonical(value).as_bytes())
}

/// SHA-256 over bytes.
pub fn of_bytes(bytes: &[u8]) -> Digest {
    Digest::new(hex::encode(Sha256::digest(bytes)))
}

/// Canonical JSON of a value: the same value gives the same bytes, whatever order its maps were filled in.
///
/// # Panics
/// As [`of`].
pub fn canonical<T: Serialize>(value: &T) -> String {
    let value = serde_json::to_value(value).expect("types of the core serialise to JSON");
    sorted(value).to_string()
}

/// Whether `serde_json` keeps keys sorted depends on a feature that any crate of the build may switch, so sort here.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let map: BTreeMap<String, Value> = map.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            Value::Object(map.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
