//! What a person approved: the issues that may be worked on, as a plan with a digest.

use crate::ids::{Digest, IssueId, OrgSlug, ProjectSlug, SentrySite, ShortId};
use crate::sync::snapshot::Level;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// Version of the stored form. A reader refuses a selection of another version.
pub const SELECTION_VERSION: u32 = 1;

/// The issues that were chosen, in the order in which they are worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// [`SELECTION_VERSION`].
    pub version: u32,
    /// When it was approved.
    pub made_at: Timestamp,
    /// The Sentry it is about.
    pub site: SentrySite,
    /// Digest of the table it was chosen from.
    pub table: Digest,
    /// What is worked on: one unit, one repair.
    pub units: Vec<Unit>,
}

/// Issues that one repair is for: they crash in the same own frame with the same chain of exceptions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// The issue that is worked on.
    pub lead: Chosen,
    /// Chosen issues that the same repair is expected to close; empty for most.
    pub related: Vec<Chosen>,
}

impl Unit {
    /// Every issue of the unit, the lead first.
    pub fn issues(&self) -> impl Iterator<Item = &Chosen> {
        std::iter::once(&self.lead).chain(&self.related)
    }
}

/// A chosen issue, as the approved table showed it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Chosen {
    /// Its number in the table, from 1.
    pub number: u32,
    /// Id.
    pub id: IssueId,
    /// Short id.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Rebuilt permalink.
    pub permalink: String,
    /// Title, neither scrubbed nor encoded yet.
    pub title: Untrusted<String>,
    /// Platform.
    pub platform: Option<Untrusted<String>>,
    /// Severity.
    pub level: Level,
    /// Events in the window.
    pub events: u64,
    /// Users in the window.
    pub users: u64,
    /// First event ever.
    pub first_seen: Timestamp,
    /// Last event.
    pub last_seen: Timestamp,
}

impl Selection {
    /// Every chosen issue, unit by unit.
    pub fn issues(&self) -> impl Iterator<Item = &Chosen> {
        self.units.iter().flat_map(Unit::issues)
    }

    /// Digest of what was approved: which issues of which Sentry, in which units. Times and counts are left out, because
    /// they grow while nothing that matters changes.
    pub fn digest(&self) -> Digest {
        let units: Vec<Vec<IssueId>> =
            self.units.iter().map(|unit| unit.issues().map(|chosen| chosen.id).collect()).collect();
        crate::digest::of(&(self.version, &self.site, units))
    }
}

/// A selection that a person approved. Working on issues takes one; only choosing from a table
/// ([`crate::triage`]) and reading a stored one back make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovedSelection(Selection);

/// How it is stored: the digest beside what it is of.
#[derive(Serialize, Deserialize)]
struct Stored {
    digest: Digest,
    selection: Selection,
}

/// Why a stored selection is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectionRefused {
    /// It is no selection.
    #[error("this is no stored selection: {why}; `orderly triage top --select ..` stores one")]
    Unreadable {
        /// What is wrong.
        why: String,
    },
    /// It was stored by another version.
    #[error(
        "the selection has version {found} and this Orderly takes version {known}: choose again with `orderly triage top`"
    )]
    Version {
        /// Version of the selection.
        found: u32,
        /// Version that is known.
        known: u32,
    },
    /// It was changed after it was approved.
    #[error(
        "the selection was changed after it was approved (its digest is not {stored}): choose again with `orderly triage top`"
    )]
    Changed {
        /// The digest it was stored with.
        stored: Digest,
    },
    /// It is for another Sentry or organization.
    #[error("the selection is for {org} at {url}, not for the configured Sentry")]
    Elsewhere {
        /// Its address.
        url: String,
        /// Its organization.
        org: OrgSlug,
    },
}

impl ApprovedSelection {
    /// Only choosing calls this.
    pub(super) const fn seal(selection: Selection) -> Self {
        Self(selection)
    }

    /// What was approved.
    pub const fn get(&self) -> &Selection {
        &self.0
    }

    /// Its digest.
    pub fn digest(&self) -> Digest {
        self.0.digest()
    }

    /// The stored form: one JSON document.
    ///
    /// # Panics
    /// Never: a selection has string keys and whole numbers, which is all that JSON asks for.
    pub fn to_json(&self) -> String {
        let stored = Stored { digest: self.digest(), selection: self.0.clone() };
        serde_json::to_string_pretty(&stored).expect("a selection serialises to JSON")
    }

    /// Reads a stored selection for `site`.
    ///
    /// # Errors
    /// When it is unreadable, of another version, changed since, or for another Sentry.
    pub fn from_json(text: &str, site: &SentrySite) -> Result<Self, SelectionRefused> {
        let Stored { digest, selection } = serde_json::from_str(text)
            .map_err(|error| SelectionRefused::Unreadable { why: error.to_string() })?;
        if selection.version != SELECTION_VERSION {
            return Err(SelectionRefused::Version { found: selection.version, known: SELECTION_VERSION });
        }
        if selection.digest() != digest {
            return Err(SelectionRefused::Changed { stored: digest });
        }
        if selection.site != *site {
            let SentrySite { base_url: url, org } = selection.site;
            return Err(SelectionRefused::Elsewhere { url, org });
        }
        let mut selection = selection;
        // A link is only ever a rebuilt one, also after somebody edited the file.
        for unit in &mut selection.units {
            for chosen in std::iter::once(&mut unit.lead).chain(&mut unit.related) {
                chosen.permalink = site.permalink(chosen.id);
            }
        }
        Ok(Self(selection))
    }
}
