//! How the events of an issue spread over the values of their tags.

use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Tags by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread(pub BTreeMap<Untrusted<String>, TagSpread>);

/// The values of one tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagSpread {
    /// How many values there are; never less than `top` has.
    pub distinct: u64,
    /// How many events have the tag.
    pub total: u64,
    /// The most frequent values with their events.
    pub top: Vec<(Untrusted<String>, u64)>,
}

impl Spread {
    /// The values of a tag.
    pub fn of(&self, key: &str) -> Option<&TagSpread> {
        self.0.iter().find(|(known, _)| known.as_raw_str() == key).map(|(_, spread)| spread)
    }
}

impl TagSpread {
    /// Whether every value is known and holds.
    pub fn every(&self, holds: impl Fn(&str) -> bool) -> bool {
        self.is_complete()
            && !self.top.is_empty()
            && self.top.iter().all(|(value, _)| holds(value.as_raw_str()))
    }

    /// Every value; `None` when not all of them are known.
    pub fn values(&self) -> Option<impl Iterator<Item = &Untrusted<String>>> {
        self.is_complete().then(|| self.top.iter().map(|(value, _)| value))
    }

    /// The only value, when there is but one.
    pub fn only(&self) -> Option<&Untrusted<String>> {
        match self.top.as_slice() {
            [(value, _)] if self.is_complete() => Some(value),
            _ => None,
        }
    }

    fn is_complete(&self) -> bool {
        self.distinct <= self.top.len() as u64
    }
}
