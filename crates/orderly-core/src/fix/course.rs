//! What is to be done about a crash at all, before anybody is asked for a change.

use super::ignore::Proposal;
use crate::diagnose::Diagnosis;
use crate::ids::CommitId;
use crate::locate::{Location, OnHead};
use crate::noise::{Closer, Judged, NoisePolicy, Rule, Subject, judge};
use crate::scrub::Scrubber;
use crate::sync::snapshot::Issue;
use crate::time::Now;

/// A course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Course {
    /// Repair it.
    Repair,
    /// Nothing: a commit since the crash changed the line.
    AlreadyFixed {
        /// The commit.
        by: CommitId,
        /// What history says.
        reason: String,
    },
    /// Nothing in this code: ignore it, if a person agrees.
    Ignore(Proposal),
}

/// What is known of a crash.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The issue.
    pub issue: &'a Issue,
    /// Its latest event, and how its events spread over tags.
    pub closer: &'a Closer,
    /// Why it crashes.
    pub diagnosis: &'a Diagnosis,
    /// The code.
    pub location: &'a Location,
}

/// Rules by which an issue is nobody's bug here; the others say that it is rare, old or gone.
const NOT_OURS: [Rule; 4] =
    [Rule::NotProduction, Rule::BrowserExtension, Rule::ThirdPartyScript, Rule::Hardware];

/// Chooses it.
pub fn course(known: Known<'_>, noise: &NoisePolicy, scrubber: &Scrubber, now: Now) -> Course {
    let Known { issue, closer, diagnosis, location } = known;
    if let Some(proposal) = Proposal::of(issue.id, diagnosis, scrubber) {
        return Course::Ignore(proposal);
    }
    let mut asked = noise.clone();
    asked.off.extend(Rule::ALL.into_iter().filter(|rule| !NOT_OURS.contains(rule)));
    let platform = closer.evidence.saw().map(|evidence| &evidence.platform);
    let subject = Subject { issue, platform, closer: Some(closer), releases: None, head: None };
    if let Judged::Hidden(noise) = judge(subject, &asked, now) {
        return Course::Ignore(Proposal::of_noise(issue.id, &noise, scrubber));
    }
    let on_head = location.on_head();
    let reason = on_head.to_string();
    match on_head {
        OnHead::Changed { by, .. } => Course::AlreadyFixed { by, reason },
        OnHead::Still { .. } | OnHead::Moved { .. } | OnHead::Unknown { .. } => Course::Repair,
    }
}
