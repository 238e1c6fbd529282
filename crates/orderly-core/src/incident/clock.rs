//! What is due when: people are told early and then at a steady pace, and each severity has its checkpoints.

use super::command::Role;
use super::entry::Says;
use super::severity::Severity;
use super::state::{Incident, Phase};
use crate::time::{Now, Seconds, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// When what is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClockPolicy {
    /// People are told that there is an incident, after its declaration.
    pub notice: Seconds,
    /// People are told how far it reaches, after the time for the notice.
    pub scope: Seconds,
    /// For so long after the declaration updates keep the pace of the severity.
    pub steady: Seconds,
    /// The pace after that.
    pub later: Seconds,
    /// SEV1.
    pub sev1: Pace,
    /// SEV2.
    pub sev2: Pace,
    /// SEV3.
    pub sev3: Pace,
    /// SEV4.
    pub sev4: Pace,
}

/// The pace of a severity; checkpoints count from the declaration, and those that are `None` do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// From one update to the next.
    pub every: Seconds,
    /// There is a commander.
    pub commander: Option<Seconds>,
    /// Every role is given.
    pub roles: Option<Seconds>,
    /// Something is done to end the impact.
    pub mitigation: Option<Seconds>,
}

impl ClockPolicy {
    const fn pace(&self, severity: Severity) -> &Pace {
        match severity {
            Severity::Sev1 => &self.sev1,
            Severity::Sev2 => &self.sev2,
            Severity::Sev3 => &self.sev3,
            Severity::Sev4 => &self.sev4,
        }
    }
}

impl Default for ClockPolicy {
    /// Updates as PagerDuty's published process has them: within 5 minutes, the scope 5 minutes later, then every 20
    /// minutes for two hours.
    fn default() -> Self {
        let minutes = |minutes| Seconds(minutes * 60);
        let pace = |every, commander, roles, mitigation: Option<u64>| Pace {
            every: minutes(every),
            commander: Some(minutes(commander)),
            roles,
            mitigation: mitigation.map(minutes),
        };
        Self {
            notice: minutes(5),
            scope: minutes(5),
            steady: Seconds::hours(2),
            later: Seconds::hours(1),
            sev1: pace(20, 5, Some(minutes(15)), Some(30)),
            sev2: pace(20, 5, None, Some(60)),
            sev3: pace(20, 30, None, Some(240)),
            sev4: pace(60, 60, None, None),
        }
    }
}

/// Something that has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Name a commander.
    Commander,
    /// Tell that there is an incident.
    Notice,
    /// Tell how far it reaches.
    Scope,
    /// Give every role.
    Roles,
    /// Do something to end the impact.
    Mitigation,
    /// Tell how it stands.
    Update,
    /// Mend a breach of the rules of command.
    Breach,
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Commander => "name a commander",
            Self::Notice => "tell people that there is an incident",
            Self::Scope => "tell people how far it reaches",
            Self::Roles => "give every role",
            Self::Mitigation => "do something to end the impact",
            Self::Update => "tell people how it stands",
            Self::Breach => "separate commander and mender",
        })
    }
}

/// A task with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// What.
    pub task: Task,
    /// Until when.
    pub due: Timestamp,
    /// How it stands.
    pub standing: Standing,
}

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// It was done.
    Done {
        /// When.
        at: Timestamp,
        /// So much too late; 0 when in time.
        late: Seconds,
    },
    /// It has to be done.
    Due {
        /// In so long.
        left: Seconds,
    },
    /// It should have been done.
    Overdue {
        /// So long ago.
        by: Seconds,
    },
    /// It was never done before the incident was over.
    Missed,
}

/// What an incident asks for now, open tasks first and by time. Times may lie ahead of `now`: then it is as it was.
pub fn duties(incident: &Incident, policy: &ClockPolicy, now: Now) -> Vec<Duty> {
    let pace = policy.pace(incident.severity());
    let begin = incident.declared_at();
    let told = |least: Says| incident.given().iter().find(|given| given.says >= least).map(|given| given.at);
    let notice = plus(begin, policy.notice);
    let mut tasks = vec![
        (Task::Notice, notice, told(Says::Notice)),
        (Task::Scope, plus(notice, policy.scope), told(Says::Scope)),
    ];
    let checkpoints = [
        (Task::Commander, pace.commander, incident.held(Role::Commander).map(|(_, since)| since)),
        (Task::Roles, pace.roles, incident.complete_at()),
        (Task::Mitigation, pace.mitigation, incident.mitigated_at()),
    ];
    tasks.extend(
        checkpoints.into_iter().filter_map(|(task, after, at)| Some((task, plus(begin, after?), at))),
    );
    if let Some(update) = next_update(incident, policy) {
        tasks.push((Task::Update, update, None));
    }
    if incident.breach().is_some() {
        tasks.push((Task::Breach, now.0, None));
    }
    let mut duties: Vec<Duty> = tasks
        .into_iter()
        .filter_map(|(task, due, at)| Some(Duty { task, due, standing: standing(incident, due, at, now)? }))
        .collect();
    duties.sort_by_key(|duty| (matches!(duty.standing, Standing::Done { .. }), duty.due, duty.task));
    duties
}

/// When people have to hear again, once they have heard how far it reaches.
fn next_update(incident: &Incident, policy: &ClockPolicy) -> Option<Timestamp> {
    if incident.phase() != Phase::Open || !incident.given().iter().any(|given| given.says == Says::Scope) {
        return None;
    }
    let last = incident.given().iter().map(|given| given.at).max()?;
    let every = policy.pace(incident.severity()).every;
    let next = plus(last, every);
    Some(if next <= plus(incident.declared_at(), policy.steady) {
        next
    } else {
        plus(last, policy.later.max(every))
    })
}

/// `None` when it no longer matters: the incident was over before it was due.
fn standing(incident: &Incident, due: Timestamp, done: Option<Timestamp>, now: Now) -> Option<Standing> {
    Some(match (done, incident.phase()) {
        (Some(at), _) => Standing::Done { at, late: between(due, at) },
        (None, Phase::Resolved { at }) if due <= at => Standing::Missed,
        (None, Phase::Resolved { .. }) => return None,
        (None, Phase::Open) if due < now.0 => Standing::Overdue { by: between(due, now.0) },
        (None, Phase::Open) => Standing::Due { left: between(now.0, due) },
    })
}

/// From one time to a later one; 0 when it is not later.
fn between(from: Timestamp, to: Timestamp) -> Seconds {
    Seconds(Now(to).seconds_since(from))
}

pub(super) fn plus(at: Timestamp, span: Seconds) -> Timestamp {
    let span = jiff::SignedDuration::from_secs(i64::try_from(span.0).unwrap_or(i64::MAX));
    at.checked_add(span).unwrap_or(Timestamp::MAX)
}
