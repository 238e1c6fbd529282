//! What the world allows: team, labels, people, and what is missing in the set-up.

use crate::answer::{Cause, Looked};
use crate::ids::{Generation, TeamKey, TrackKey};
use crate::scrub::Scrubber;
use crate::sync::policy::{LinkBack, SyncPolicy};
use crate::sync::snapshot::{
    Candidate, Creation, Issue, LinkBackPath, OwnerClue, OwnerReason, RepeatedIds, SetupGap, Signal, Snapshot,
};
use crate::time::Now;
use crate::untrusted::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

/// Snapshot and policy, with what follows from both.
pub(super) struct World<'a> {
    pub snapshot: &'a Snapshot,
    pub policy: &'a SyncPolicy,
    pub now: Now,
    pub scrubber: Scrubber,
    /// Why nothing at all may be written, if so.
    pub stopped: Option<SetupGap>,
    /// Why nothing may be created, if so; existing items can still be linked.
    pub no_creation: Option<SetupGap>,
}

/// A team as orders need it.
#[derive(Clone, Copy)]
pub(super) struct TeamView<'a> {
    pub id: &'a str,
    pub initial_state: Option<&'a String>,
    pub reopen_state: Option<&'a String>,
    labels: &'a BTreeMap<String, String>,
}

impl<'a> World<'a> {
    pub fn new(snapshot: &'a Snapshot, policy: &'a SyncPolicy, now: Now) -> Self {
        let (scrubber, bad_pattern) = match Scrubber::new(&policy.redact) {
            Ok(scrubber) => (scrubber, None),
            Err(bad) => {
                let gap = gap(
                    &bad.to_string(),
                    "Correct the pattern under `sync.redact`; nothing leaves until then.",
                );
                (Scrubber::built_in(), Some(gap))
            }
        };
        let stopped = bad_pattern.or_else(|| tracker_stopped(snapshot));
        Self { snapshot, policy, now, scrubber, stopped, no_creation: no_creation(snapshot) }
    }

    /// The first life of an issue, in the team that its project belongs to.
    pub fn key(&self, issue: &Issue) -> TrackKey {
        TrackKey {
            host: self.snapshot.site.host(),
            org: self.snapshot.site.org.clone(),
            issue: issue.id,
            team: self.policy.team_of(&issue.project, &self.snapshot.team).clone(),
            generation: Generation::default(),
        }
    }

    pub fn team(&self, key: &TeamKey) -> Option<TeamView<'_>> {
        let facts = self.snapshot.tracker.saw()?;
        if facts.team == *key {
            return Some(TeamView {
                id: &facts.team_id,
                initial_state: facts.initial_state.as_ref(),
                reopen_state: facts.reopen_state.as_ref(),
                labels: &facts.labels,
            });
        }
        facts.other_teams.get(key).map(|team| TeamView {
            id: &team.team_id,
            initial_state: team.initial_state.as_ref(),
            reopen_state: team.reopen_state.as_ref(),
            labels: &team.labels,
        })
    }

    /// Ids of the labels that a new item gets; a label that the team does not have is a gap.
    pub fn labels(
        &self,
        issue: &Issue,
        team: TeamView<'_>,
        key: &TeamKey,
        gaps: &mut BTreeSet<SetupGap>,
    ) -> Vec<String> {
        let of_project = self.policy.project_labels.get(&issue.project).into_iter().flatten();
        let mut ids = BTreeSet::new();
        for name in self.policy.labels.iter().chain(of_project) {
            match team.labels.get(&name.to_lowercase()) {
                Some(id) => {
                    ids.insert(id.clone());
                }
                None => {
                    let what = format!("Team {key} has no label `{name}`; items are created without it");
                    gaps.insert(gap(
                        &what,
                        "Create the label in the tracker, or take it out of the configuration.",
                    ));
                }
            }
        }
        ids.into_iter().collect()
    }

    /// Id of the person that configuration maps the likeliest owner to.
    pub fn assignee(&self, candidate: &Candidate, gaps: &mut BTreeSet<SetupGap>) -> Option<String> {
        let email = owners(candidate).iter().find_map(|clue| self.policy.assignee_of(&clue.owner))?;
        let id = self.snapshot.tracker.saw()?.people.get(&email.to_lowercase());
        if id.is_none() {
            let what = format!(
                "The tracker knows nobody with the e-mail address {email}; items are not assigned to them"
            );
            gaps.insert(gap(&what, "Correct the address under `sync.assignees`."));
        }
        id.cloned()
    }

    /// What is missing, before any issue is looked at.
    pub fn gaps(&self) -> BTreeSet<SetupGap> {
        let mut gaps: BTreeSet<SetupGap> = self.snapshot.gaps.iter().cloned().collect();
        gaps.extend(self.stopped.clone());
        gaps.extend(self.no_creation.clone());
        gaps.extend(unanswered(&self.snapshot.signals));
        if let LinkBackPath::Unavailable { step } = self.link_back() {
            gaps.insert(gap("Sentry issues cannot be linked to their items", step));
        }
        gaps
    }

    /// How links back are written in this run.
    pub fn link_back(&self) -> &'a LinkBackPath {
        match self.policy.link_back {
            LinkBack::Off => &LinkBackPath::Off,
            LinkBack::BestEffort | LinkBack::Required => &self.snapshot.link_back,
        }
    }

    /// Whether a link back can be written.
    pub fn can_link_back(&self) -> bool {
        matches!(self.link_back(), LinkBackPath::Installation { .. })
    }
}

/// Who may own an issue, strongest reason first: whoever it is assigned to, then what was found.
pub(crate) fn owners(candidate: &Candidate) -> Vec<OwnerClue> {
    let mut owners = candidate.owners.clone();
    if let Some(owner) = &candidate.issue.assignee
        && !owners.iter().any(|clue| clue.reason == OwnerReason::Assigned)
    {
        let evidence = Untrusted::from("assigned in Sentry");
        owners.push(OwnerClue { reason: OwnerReason::Assigned, owner: owner.clone(), evidence });
    }
    owners.sort();
    owners.dedup();
    owners
}

pub(super) fn gap(what: &str, step: &str) -> SetupGap {
    SetupGap { what: what.to_owned(), step: step.to_owned(), cause: None }
}

fn tracker_stopped(snapshot: &Snapshot) -> Option<SetupGap> {
    match &snapshot.tracker {
        Looked::CouldNotLook(cause) => Some(SetupGap {
            what: "The tracker could not be asked, so nothing is linked or created; this run is a preview"
                .to_owned(),
            step: format!("{}; `orderly doctor` tests it.", tracker_step(cause)),
            cause: Some(cause.clone()),
        }),
        Looked::Saw(facts) => match &facts.creation {
            Creation::Allowed => None,
            Creation::Refused(why) => Some(SetupGap {
                what: "The tracker does not let these credentials create items; this run is a preview"
                    .to_owned(),
                step:
                    "Give the key the permission to create issues and attachments; `orderly doctor` tests it."
                        .to_owned(),
                cause: Some(Cause::Access(why.clone())),
            }),
        },
    }
}

/// What lets the tracker answer.
const fn tracker_step(cause: &Cause) -> &'static str {
    match cause {
        Cause::Access(_) => "Set or correct `LINEAR_API_KEY`",
        Cause::Missing(_) => "Correct `tracker.team`, or give the key access to the team",
        Cause::RateLimited => "Wait until the tracker answers again",
        Cause::NoReply(_) | Cause::MorePages | Cause::NoInput(_) => {
            "Wait until the tracker answers again, or correct `tracker.url`"
        }
    }
}

fn no_creation(snapshot: &Snapshot) -> Option<SetupGap> {
    let ignored = snapshot.tracker.saw().is_some_and(|facts| facts.repeated_ids == RepeatedIds::Ignored);
    ignored.then(|| {
        gap(
            "The tracker ignores the ids it is sent, so a lost reply could file an issue twice; items are only prepared",
            "Create the prepared items by hand, or use a tracker that keeps client ids.",
        )
    })
}

/// One gap for all searches that were lost to the same cause.
fn unanswered(signals: &BTreeMap<Signal, Looked<u32>>) -> impl Iterator<Item = SetupGap> {
    let mut lost: BTreeMap<Cause, Vec<String>> = BTreeMap::new();
    for (signal, answer) in signals {
        if let Looked::CouldNotLook(cause) = answer {
            lost.entry(cause.clone()).or_default().push(format!("`{}`", signal.query()));
        }
    }
    lost.into_iter().map(|(cause, queries)| {
        let what = match queries.as_slice() {
            [one] => format!("The search {one} was not answered; its issues are not in this report"),
            many => format!(
                "The searches {} were not answered; their issues are not in this report",
                many.join(", ")
            ),
        };
        let step = "Check the token and the Sentry address with `orderly doctor`, then run again.".to_owned();
        SetupGap { what, step, cause: Some(cause) }
    })
}
