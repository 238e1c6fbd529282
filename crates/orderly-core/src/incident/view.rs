//! An incident as people and scripts see it: scrubbed, without control characters. Every surface shows this.

use super::audience::Audience;
use super::clock::{ClockPolicy, Duty, Standing, Task, duties};
use super::command::Role;
use super::entry::NoteKind;
use super::severity::{Facts, Severity};
use super::state::{Incident, Phase};
use super::tell::Fate;
use crate::encode::one_line;
use crate::ids::{Digest, IssueId, ProjectSlug, ShortId};
use crate::scrub::Scrubber;
use crate::time::{Now, Timestamp};
use serde::Serialize;

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentView {
    /// `INC-7`.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Why it is no better, by the last numbers.
    pub reasons: Vec<String>,
    /// The smallest change that would make it worse.
    pub nearest: Option<String>,
    /// The last numbers.
    pub facts: Option<Facts>,
    /// When they were counted.
    pub assessed_at: Option<Timestamp>,
    /// When it was declared.
    pub declared_at: Timestamp,
    /// When something was done for the first time to end the impact.
    pub mitigated_at: Option<Timestamp>,
    /// When it was over.
    pub resolved_at: Option<Timestamp>,
    /// Who has which role.
    pub roles: Vec<RoleView>,
    /// Its issues.
    pub issues: Vec<IssueView>,
    /// What is due, open things first.
    pub duties: Vec<DutyView>,
    /// Where people were told, or could not be.
    pub told: Vec<PlaceView>,
    /// Who may hear details.
    pub audience: Audience,
    /// The rule of command that does not hold.
    pub breach: Option<String>,
    /// How it would be shown as of this time.
    pub as_of: Timestamp,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleView {
    /// The role.
    pub role: Role,
    /// Who has it.
    pub holder: Option<String>,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// An issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IssueView {
    /// Id.
    pub id: IssueId,
    /// As people name it.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Type of the error.
    pub error_type: Option<String>,
    /// Who owns it.
    pub owner: Option<String>,
    /// What became of the last assignment, where it is not known to have been made.
    pub pending: Option<String>,
}

/// Where people were told, or could not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceView {
    /// `on BACKEND-3F`, `in ops`.
    pub place: String,
    /// The message that is there.
    pub message: Option<String>,
    /// What became of the last update, where it is not known to have arrived.
    pub problem: Option<String>,
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DutyView {
    /// What.
    pub task: Task,
    /// In words.
    pub text: String,
    /// Until when.
    pub due: Timestamp,
    /// How it stands.
    #[serde(flatten)]
    pub standing: Standing,
}

/// An entry of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimelineView {
    /// Its place in the log.
    pub sequence: u32,
    /// When it happened.
    pub at: Timestamp,
    /// What kind of thing it is.
    pub kind: NoteKind,
    /// Who says so.
    pub author: String,
    /// In words.
    pub text: String,
    /// What it rests on.
    pub source: Option<String>,
    /// Over it and everything before.
    pub digest: Digest,
}

impl IncidentView {
    /// The incident as of `now`.
    pub fn of(incident: &Incident, policy: &ClockPolicy, scrubber: &Scrubber, now: Now) -> Self {
        let assessment = incident.assessment();
        Self {
            id: incident.key().to_string(),
            title: one_line(scrubber.scrub(incident.title()).capped(120).as_str()),
            severity: incident.severity(),
            reasons: assessment
                .map(|(_, assessment)| assessment.reasons.iter().map(ToString::to_string).collect())
                .unwrap_or_default(),
            nearest: assessment
                .and_then(|(_, assessment)| assessment.nearest)
                .map(|nearest| nearest.to_string()),
            facts: assessment.map(|(_, assessment)| assessment.facts.clone()),
            assessed_at: assessment.map(|(at, _)| at),
            declared_at: incident.declared_at(),
            mitigated_at: incident.mitigated_at(),
            resolved_at: match incident.phase() {
                Phase::Open => None,
                Phase::Resolved { at } => Some(at),
            },
            roles: Role::ALL.into_iter().map(|role| role_view(incident, role)).collect(),
            issues: issues(incident, scrubber),
            duties: duties(incident, policy, now).iter().map(duty).collect(),
            told: told(incident, scrubber),
            audience: incident.audience(),
            breach: incident.breach().map(|breach| breach.to_string()),
            as_of: now.0,
        }
    }

    /// What this audience may hear of it: of a restricted incident how bad it is, since when, and what is due.
    #[must_use]
    pub fn heard_by(self, listener: Audience) -> Self {
        if self.audience.tells_details_to(listener) {
            return self;
        }
        Self {
            title: Audience::WITHHELD.to_owned(),
            reasons: Vec::new(),
            nearest: None,
            facts: None,
            roles: Vec::new(),
            issues: Vec::new(),
            breach: None,
            ..self
        }
    }

    /// What is overdue.
    pub fn overdue(&self) -> impl Iterator<Item = &DutyView> {
        self.duties.iter().filter(|duty| matches!(duty.standing, Standing::Overdue { .. }))
    }
}

fn role_view(incident: &Incident, role: Role) -> RoleView {
    let held = incident.held(role);
    RoleView {
        role,
        holder: held.map(|(who, _)| one_line(&who.called())),
        since: held.map(|(_, since)| since),
    }
}

fn issues(incident: &Incident, scrubber: &Scrubber) -> Vec<IssueView> {
    let view = |owned: &super::Ownership| IssueView {
        id: owned.issue.id,
        short_id: owned.issue.short_id.clone(),
        project: owned.issue.project.clone(),
        error_type: owned
            .issue
            .error_type
            .as_ref()
            .map(|kind| one_line(scrubber.scrub(kind).capped(60).as_str())),
        owner: owned.owner.as_ref().map(|owner| one_line(&owner.called())),
        pending: owned.pending.as_ref().map(|pending| match pending {
            Ok(to) => format!("nobody knows whether it was assigned to {}", one_line(&to.called())),
            Err(cause) => format!("it could not be assigned: {}", one_line(&cause.to_string())),
        }),
    };
    incident.issues().iter().map(view).collect()
}

fn told(incident: &Incident, scrubber: &Scrubber) -> Vec<PlaceView> {
    let view = |(at, sent): (&super::Place, &super::Sent)| PlaceView {
        place: at.shown(incident),
        message: sent.message.as_ref().map(ToString::to_string),
        problem: match &sent.fate {
            Fate::There => None,
            Fate::Unknown => Some("nobody knows whether the last update arrived".to_owned()),
            Fate::Failed(why) => Some(one_line(scrubber.scrub(&why.as_str().into()).as_str())),
        },
    };
    incident.all_sent().map(view).collect()
}

fn duty(duty: &Duty) -> DutyView {
    DutyView { task: duty.task, text: duty.task.to_string(), due: duty.due, standing: duty.standing }
}
