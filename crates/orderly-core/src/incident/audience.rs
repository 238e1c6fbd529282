//! Who may hear what of an incident.

use serde::{Deserialize, Serialize};

/// Who may hear details.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody.
    Open,
    /// The restricted channel alone: others hear that there is an incident, how bad it is and when they hear again.
    Restricted,
}

impl Audience {
    /// What whoever may not hear details hears instead.
    pub const WITHHELD: &str = "details are in the restricted channel";

    /// Whether details of an incident with this audience may be told to that one.
    pub const fn tells_details_to(self, listener: Self) -> bool {
        matches!((self, listener), (Self::Open, _) | (_, Self::Restricted))
    }
}
