//! What a person approved: the issues that may be worked on, as a plan with a digest.

use crate::ids::{Digest, IssueId, OrgSlug, ProjectSlug, SentrySite, ShortId};
use crate::sync::snapshot::{Issue, Level};
use crate::time::{Now, Seconds, Timestamp};
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// Version of the stored form. A reader refuses a selection of another version.
pub const SELECTION_VERSION: u32 = 2;

/// For how long an approval holds: after a day another choice would be made.
pub const SELECTION_HOLDS: Seconds = Seconds::days(1);

/// The issues that were chosen, in the order in which they are worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// [`SELECTION_VERSION`].
    pub version: u32,
    /// When it was approved.
    pub made_at: Timestamp,
    /// The Sentry it is about.
    pub site: SentrySite,
    /// Digest of the table it was chosen from; `None` when the issues were named one by one.
    pub table: Option<Digest>,
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
    /// What they share ([`super::crash_key`]), as it was approved; `None` when nobody knew.
    pub crash: Option<Digest>,
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

impl Chosen {
    /// An issue as it is now, with its number among those that were chosen.
    pub fn of(number: u32, site: &SentrySite, issue: &Issue, platform: Option<Untrusted<String>>) -> Self {
        Self {
            number,
            id: issue.id,
            short_id: issue.short_id.clone(),
            project: issue.project.clone(),
            permalink: site.permalink(issue.id),
            title: issue.title.clone(),
            platform,
            level: issue.level,
            events: issue.events,
            users: issue.users,
            first_seen: issue.first_seen,
            last_seen: issue.last_seen,
        }
    }

    /// The issue, as far as reports name it.
    pub fn card(&self) -> IssueCard {
        IssueCard {
            issue: self.id,
            short_id: self.short_id.clone(),
            title: self.title.clone(),
            permalink: self.permalink.clone(),
        }
    }
}

/// An issue, as far as reports name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueCard {
    /// The issue.
    pub issue: IssueId,
    /// As people name it.
    pub short_id: ShortId,
    /// Title, neither scrubbed nor encoded yet.
    pub title: Untrusted<String>,
    /// Rebuilt permalink.
    pub permalink: String,
}

impl Selection {
    /// Every chosen issue, unit by unit.
    pub fn issues(&self) -> impl Iterator<Item = &Chosen> {
        self.units.iter().flat_map(Unit::issues)
    }

    /// Digest of what was approved: which issues of which Sentry, in which units, crashing where, and when that was. Counts
    /// are left out, because they grow while nothing that matters changes.
    pub fn digest(&self) -> Digest {
        let ids = |unit: &Unit| unit.issues().map(|chosen| chosen.id).collect::<Vec<IssueId>>();
        let units: Vec<_> = self.units.iter().map(|unit| (ids(unit), &unit.crash)).collect();
        crate::digest::of(&(self.version, &self.site, self.made_at, units))
    }
}

/// A selection that a person approved. Working on issues takes one; only choosing from a table ([`crate::triage`]), naming
/// issues one by one and reading a stored one back make it.
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
    /// Too much may have changed since.
    #[error(
        "the selection was approved at {made_at}, and an approval holds for a day: choose again with `orderly triage top`"
    )]
    Stale {
        /// When it was approved.
        made_at: Timestamp,
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

    /// Issues that a person named one by one, with what each crash shares with others ([`super::crash_key`]): naming them is
    /// the approval. Those that crash alike become one unit.
    pub fn named(site: SentrySite, issues: Vec<(Chosen, Option<Digest>)>, now: Now) -> Self {
        let units = super::unit::units(issues);
        Self(Selection { version: SELECTION_VERSION, made_at: now.0, site, table: None, units })
    }

    /// Checks that it was approved lately.
    ///
    /// # Errors
    /// When that is longer ago than [`SELECTION_HOLDS`].
    pub fn still_holds(&self, now: Now) -> Result<(), SelectionRefused> {
        if now.seconds_since(self.0.made_at) <= SELECTION_HOLDS.0 {
            return Ok(());
        }
        Err(SelectionRefused::Stale { made_at: self.0.made_at })
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
