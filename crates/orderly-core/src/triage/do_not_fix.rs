//! Issues that only a person works on.

use crate::ids::{IssueId, ShortId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The list: short id (upper case) or number to the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DoNotFix(BTreeMap<String, String>);

impl DoNotFix {
    /// The list, as configuration writes it.
    pub fn new(list: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(list.into_iter().map(|(name, why)| (name.trim().to_uppercase(), why)).collect())
    }

    /// Why an issue is left to a person, if it is.
    pub fn reason(&self, id: IssueId, short_id: &ShortId) -> Option<&str> {
        let by = |name: &str| self.0.get(name).map(String::as_str);
        by(&short_id.as_str().to_uppercase()).or_else(|| by(&id.to_string()))
    }
}
