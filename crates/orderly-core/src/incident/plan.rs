//! One entry that somebody wants to write: shown first, then written exactly as it was shown, or not at all.

use super::clock::ClockPolicy;
use super::draft::Draft;
use super::entry::{Entry, IncidentKey, What};
use super::log::Log;
use super::refused::Refused;
use super::state::{Incident, Phase};
use crate::digest;
use crate::encode::one_line;
use crate::ids::{Digest, OrgSlug, SentryHost};
use crate::scrub::Scrubber;
use crate::sync::snapshot::Assignee;
use crate::time::{Now, Seconds};
use serde::{Deserialize, Serialize};

/// Version of the stored form of plans.
const VERSION: u32 = 1;
/// After this time things have to be looked at again.
const LIFE: Seconds = Seconds::hours(1);

/// An entry before it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentPlan {
    version: u32,
    host: SentryHost,
    org: OrgSlug,
    /// `None`: the entry begins an incident.
    number: Option<u32>,
    entry: Entry,
    /// What the entry is in the place of, as it was when it was planned.
    replaces: Option<String>,
}

/// Why a plan is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// Nobody wrote this form of plans, or a newer Orderly did.
    #[error("the plan is of another version of Orderly")]
    Version,
    /// It is for other incidents than those here.
    #[error("the plan is for another Sentry or another organization")]
    Elsewhere,
    /// It was made too long ago.
    #[error("the plan is more than {LIFE} old")]
    Old,
    /// What it was made over is not so any more.
    #[error("what the plan was made over has changed")]
    Moved,
    /// There is an incident over one of its issues already.
    #[error("{0} is open over one of these issues")]
    Open(IncidentKey),
}

impl IncidentPlan {
    /// A declaration.
    pub fn declaring(host: SentryHost, org: OrgSlug, entry: Entry) -> Self {
        Self { version: VERSION, host, org, number: None, entry, replaces: None }
    }

    /// A further entry of an incident.
    ///
    /// # Errors
    /// Why the entry would be refused.
    pub fn of(
        incident: &Incident,
        entry: Entry,
        clock: &ClockPolicy,
        scrubber: &Scrubber,
    ) -> Result<Self, Refused> {
        incident.after(&entry)?;
        let IncidentKey { host, org, number } = incident.key().clone();
        let replaces = replaced(incident, &entry, clock, scrubber);
        Ok(Self { version: VERSION, host, org, number: Some(number), entry, replaces })
    }

    /// What an approval of exactly this plan names.
    pub fn digest(&self) -> Digest {
        digest::of(self)
    }

    /// The entry.
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Its incident; `None` before that is declared.
    pub fn key(&self) -> Option<IncidentKey> {
        self.number.map(|number| IncidentKey { host: self.host.clone(), org: self.org.clone(), number })
    }

    /// Whether it is a plan for the incidents of this organization.
    pub fn is_for(&self, host: &SentryHost, org: &OrgSlug) -> bool {
        self.host == *host && self.org == *org
    }

    /// What the entry takes the place of, in words: who had the role or the issue, how bad it was taken to be.
    pub fn replaces(&self) -> Option<&str> {
        match self.entry.what {
            What::Informed { .. } => None,
            _ => self.replaces.as_deref(),
        }
    }

    /// Whether it was carried out before: the log has this very entry.
    pub fn is_in(&self, log: &Log) -> bool {
        log.entries().iter().any(|logged| logged.entry == self.entry)
    }

    /// Whether it may still be carried out by `now`.
    ///
    /// # Errors
    /// When it is too old, or of a form that nobody here knows.
    pub fn fresh(&self, now: Now) -> Result<(), Stale> {
        if self.version != VERSION {
            return Err(Stale::Version);
        }
        if now.seconds_since(self.entry.at) > LIFE.0 {
            return Err(Stale::Old);
        }
        Ok(())
    }

    /// Whether an incident is still what a further entry was planned over.
    ///
    /// # Errors
    /// When it is not.
    pub fn fits(&self, incident: &Incident, clock: &ClockPolicy, scrubber: &Scrubber) -> Result<(), Stale> {
        if replaced(incident, &self.entry, clock, scrubber) == self.replaces {
            Ok(())
        } else {
            Err(Stale::Moved)
        }
    }

    /// Whether a declaration says something new beside an incident that there is.
    ///
    /// # Errors
    /// When that one is open over one of the same issues.
    pub fn is_new_beside(&self, incident: &Incident) -> Result<(), Stale> {
        let What::Declared { issues, .. } = &self.entry.what else { return Ok(()) };
        if incident.phase() == Phase::Open && issues.iter().any(|issue| incident.owned(issue.id).is_some()) {
            return Err(Stale::Open(incident.key().clone()));
        }
        Ok(())
    }
}

/// What an entry takes the place of. For an update that is its draft: people are told what there is to tell.
fn replaced(incident: &Incident, entry: &Entry, clock: &ClockPolicy, scrubber: &Scrubber) -> Option<String> {
    let called = |who: &Assignee| one_line(&who.called());
    match &entry.what {
        What::Appointed { role, .. } => incident.holder(*role).map(called),
        What::Assigned { issue, .. } => {
            incident.owned(*issue).and_then(|owned| owned.owner.as_ref()).map(called)
        }
        What::Rated { .. } => Some(incident.severity().to_string()),
        What::Assessed { .. } => incident.assessment().map(|(at, _)| format!("the judgement of {at}")),
        What::Informed { .. } => {
            Some(Draft::of(incident, clock, scrubber, Now(entry.at)).digest().to_string())
        }
        _ => None,
    }
}
