//! Who leads, who mends, who tells, who writes down; and what one person may not be at once.

use super::severity::Severity;
use super::state::Incident;
use crate::sync::snapshot::Assignee;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A role in an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Decides; does not mend.
    Commander,
    /// Mends, or has it mended.
    Operations,
    /// Tells people.
    Communications,
    /// Writes down what happens.
    Scribe,
}

/// A text that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the roles are commander, operations, communications and scribe")]
pub struct Unknown;

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Commander, Self::Operations, Self::Communications, Self::Scribe];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Commander => "commander",
            Self::Operations => "operations",
            Self::Communications => "communications",
            Self::Scribe => "scribe",
        }
    }

    /// What people call whoever has it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Commander => "incident commander",
            Self::Operations => "operations lead",
            Self::Communications => "communications lead",
            Self::Scribe => "scribe",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = Unknown;

    /// Its word or the usual short forms.
    fn from_str(text: &str) -> Result<Self, Unknown> {
        match text.trim().to_ascii_lowercase().as_str() {
            "commander" | "ic" => Ok(Self::Commander),
            "operations" | "ops" => Ok(Self::Operations),
            "communications" | "comms" => Ok(Self::Communications),
            "scribe" => Ok(Self::Scribe),
            _ => Err(Unknown),
        }
    }
}

/// A member or team as a person names it: an e-mail, a name, or `#team`.
pub fn named(text: &str) -> Assignee {
    let text = text.trim();
    match text.strip_prefix('#') {
        Some(slug) => Assignee::Team { slug: slug.to_owned() },
        None => Assignee::User { name: text.to_owned(), email: text.contains('@').then(|| text.to_owned()) },
    }
}

/// Whether both name the same person or team. People are told apart by their e-mail where it is known.
pub fn same(one: &Assignee, other: &Assignee) -> bool {
    match (one, other) {
        (Assignee::Team { slug: a }, Assignee::Team { slug: b }) => a == b,
        (Assignee::User { name: a, email: x }, Assignee::User { name: b, email: y }) => match (x, y) {
            (Some(x), Some(y)) => x.eq_ignore_ascii_case(y),
            (Some(x), None) => x.eq_ignore_ascii_case(b) || a == b,
            (None, Some(y)) => y.eq_ignore_ascii_case(a) || a == b,
            (None, None) => a == b,
        },
        _ => false,
    }
}

/// A rule of command that does not hold as things are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breach {
    /// At SEV1 the commander is the only one who mends.
    CommanderMends,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommanderMends => f.write_str(
                "at SEV1 the commander may not be the only one who mends: name another operations lead, or another owner",
            ),
        }
    }
}

/// The rule that an incident breaks.
pub(super) fn breach(incident: &Incident) -> Option<Breach> {
    let commander = incident.holder(Role::Commander)?;
    let owners = incident.issues().iter().filter_map(|owned| owned.owner.as_ref());
    let mut menders = incident.holder(Role::Operations).into_iter().chain(owners).peekable();
    let alone = menders.peek().is_some() && menders.all(|mender| same(mender, commander));
    (incident.severity() == Severity::Sev1 && alone).then_some(Breach::CommanderMends)
}
