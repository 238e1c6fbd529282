//! Text that an event could set.
//!
//! Anyone with a public DSN can write it, so it has no `Display`: it leaves only through an encoder for its sink
//! ([`crate::encode`]), and where it may leave this house at all, scrubbed first ([`crate::scrub`]).

use serde::{Deserialize, Serialize};
use std::fmt;

/// A value whose content came from outside and may be hostile.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Untrusted<T>(T);

impl<T> Untrusted<T> {
    /// Marks a value as untrusted.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The raw value, for comparing, hashing and encoding. Never for printing: the encoders are the callers.
    pub const fn raw(&self) -> &T {
        &self.0
    }

    /// Applies a function; the result stays untrusted.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Untrusted<U> {
        Untrusted(f(self.0))
    }
}

impl Untrusted<String> {
    /// The raw text as a slice; see [`Untrusted::raw`].
    pub fn as_raw_str(&self) -> &str {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Untrusted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `{:?}` of a string escapes control characters, so a debug line cannot drive a terminal.
        write!(f, "Untrusted({:?})", self.0)
    }
}

impl From<&str> for Untrusted<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}
