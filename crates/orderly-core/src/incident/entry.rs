//! What can happen in an incident: every entry has a time, an author and, where it was not simply told, a source.

use super::action::Action;
use super::command::Role;
use super::filing::FileOrder;
use super::import::Origin;
use super::mitigation::Step;
use super::severity::{Assessment, Severity};
use super::tell::{MessageId, Place, PostOrder};
use crate::answer::Cause;
use crate::ids::{IssueId, OrgSlug, ProjectSlug, SentryHost, ShortId};
use crate::sync::plan::ItemRef;
use crate::sync::snapshot::Assignee;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An incident of an organization.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IncidentKey {
    /// Sentry that it was seen in.
    pub host: SentryHost,
    /// Its organization.
    pub org: OrgSlug,
    /// Number, from 1.
    pub number: u32,
}

/// A text that names no incident.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an incident is named by its number: `INC-7` or `7`")]
pub struct NotAnIncident;

impl IncidentKey {
    /// The number in `INC-7`, `inc-7` or `7`.
    ///
    /// # Errors
    /// When the text names none.
    pub fn number(text: &str) -> Result<u32, NotAnIncident> {
        let text = text.trim().to_ascii_uppercase();
        let digits = text.strip_prefix("INC-").unwrap_or(&text);
        digits.parse().ok().filter(|number| *number > 0).ok_or(NotAnIncident)
    }
}

impl fmt::Display for IncidentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "INC-{}", self.number)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it happened; entries may be told later.
    pub at: Timestamp,
    /// Who says so.
    pub author: Author,
    /// What it rests on: a request, an address, a name of a dashboard.
    pub source: Option<Untrusted<String>>,
    /// What happened.
    pub what: What,
}

/// Who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "who", rename_all = "snake_case")]
pub enum Author {
    /// A person.
    Person(Assignee),
    /// An agent of a person. Nobody has vouched for its words, and no rule takes it for the person.
    Agent(Assignee),
    /// Orderly itself, from what it looked at.
    Orderly,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// The incident was declared; the first entry, and only that.
    Declared {
        /// What it is called.
        title: Untrusted<String>,
        /// Its issues, the leading one first.
        issues: Vec<Affected>,
    },
    /// A further issue belongs to it.
    Joined {
        /// The issue.
        issue: Affected,
    },
    /// Severity was judged from numbers.
    Assessed {
        /// The judgement.
        assessment: Assessment,
    },
    /// A person set the severity.
    Rated {
        /// To this.
        severity: Severity,
        /// Why.
        why: Untrusted<String>,
    },
    /// A role was given to somebody; whoever had it hands it over.
    Appointed {
        /// The role.
        role: Role,
        /// To whom.
        to: Assignee,
        /// What whoever takes over has to know.
        brief: Option<Untrusted<String>>,
    },
    /// An issue is about to be assigned in Sentry.
    Assigning {
        /// The issue.
        issue: IssueId,
        /// To whom.
        to: Assignee,
    },
    /// An issue was assigned in Sentry.
    Assigned {
        /// The issue.
        issue: IssueId,
        /// To whom.
        to: Assignee,
    },
    /// An issue could not be assigned in Sentry.
    NotAssigned {
        /// The issue.
        issue: IssueId,
        /// Why.
        cause: Cause,
    },
    /// Something was noted.
    Noted {
        /// What kind of thing.
        kind: NoteKind,
        /// In words.
        text: Untrusted<String>,
    },
    /// People were told.
    Informed {
        /// What it told.
        says: Says,
        /// The words, as they were given.
        text: Untrusted<String>,
    },
    /// Only the restricted channel hears details from now on.
    Restricted {
        /// Why.
        why: Untrusted<String>,
    },
    /// Something was done to end the impact.
    Mitigated {
        /// What.
        how: Untrusted<String>,
    },
    /// An option to end the impact is tried, taken back or measured.
    Mitigation {
        /// What of it.
        step: Step,
    },
    /// It is over.
    Resolved {
        /// How.
        how: Untrusted<String>,
    },
    /// Something was learned from it.
    Learned {
        /// What sort of thing.
        lesson: Lesson,
        /// In words.
        text: Untrusted<String>,
        /// The entry with the hypothesis that turned out to be right.
        confirms: Option<u32>,
    },
    /// Something is to be done so that it does not come back.
    Planned {
        /// What.
        action: Action,
    },
    /// Something that was to be done is done.
    Closed {
        /// Its number, from 1.
        action: u32,
        /// What shows it.
        evidence: Untrusted<String>,
    },
    /// An item for an action is about to be created in the tracker.
    Filing {
        /// Exactly what is sent.
        order: FileOrder,
    },
    /// The item of an action is in the tracker.
    Filed {
        /// Number of the action.
        action: u32,
        /// The item.
        item: ItemRef,
    },
    /// The item of an action is certainly not in the tracker.
    NotFiled {
        /// Number of the action.
        action: u32,
        /// Why not.
        why: String,
    },
    /// People are about to be told in these places.
    Posting {
        /// Exactly what is sent.
        orders: Vec<PostOrder>,
    },
    /// People were told in a place.
    Posted {
        /// Where.
        place: Place,
        /// Which sending to it that was.
        version: u32,
        /// The message that is there now.
        message: MessageId,
    },
    /// People were certainly not told in a place.
    NotPosted {
        /// Where.
        place: Place,
        /// Which sending to it that was.
        version: u32,
        /// Why not.
        why: String,
    },
    /// Something that was recorded elsewhere.
    Imported {
        /// Where it stands; each is imported once.
        origin: Origin,
        /// What kind of thing.
        kind: NoteKind,
        /// In words.
        text: Untrusted<String>,
    },
}

/// What can be learned from an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lesson {
    /// Something that contributed to it.
    Factor,
    /// Something that was seen late or not at all, and what would have shown it.
    Gap,
    /// Something that went well.
    WentWell,
}

impl Lesson {
    /// The words for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Factor => "contributing factor",
            Self::Gap => "gap in detection",
            Self::WentWell => "went well",
        }
    }
}

/// An issue of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// Id.
    pub id: IssueId,
    /// As people name it.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Type of the error, where it has one.
    pub error_type: Option<Untrusted<String>>,
    /// First event.
    pub first_seen: Timestamp,
    /// Whom it was assigned to when it joined.
    pub owner: Option<Assignee>,
}

/// Kinds of entries in a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// Something that is so.
    Fact,
    /// Something that may be so.
    Hypothesis,
    /// What is to be done, and why.
    Decision,
    /// What was done.
    Action,
    /// What people were told.
    Communication,
}

impl NoteKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Fact, Self::Hypothesis, Self::Decision, Self::Action, Self::Communication];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Hypothesis => "hypothesis",
            Self::Decision => "decision",
            Self::Action => "action",
            Self::Communication => "communication",
        }
    }
}

/// What an update told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// That there is an incident.
    Notice,
    /// Also how far it reaches.
    Scope,
}

impl What {
    /// What kind of thing it is.
    pub const fn kind(&self) -> NoteKind {
        match self {
            Self::Joined { .. }
            | Self::Assessed { .. }
            | Self::Mitigation { step: Step::Measured { .. } }
            | Self::Learned { .. } => NoteKind::Fact,
            Self::Declared { .. }
            | Self::Planned { .. }
            | Self::Rated { .. }
            | Self::Appointed { .. }
            | Self::Restricted { .. }
            | Self::Resolved { .. } => NoteKind::Decision,
            Self::Closed { .. }
            | Self::Filing { .. }
            | Self::Filed { .. }
            | Self::NotFiled { .. }
            | Self::Assigning { .. }
            | Self::Assigned { .. }
            | Self::NotAssigned { .. }
            | Self::Mitigation { .. }
            | Self::Mitigated { .. } => NoteKind::Action,
            Self::Noted { kind, .. } | Self::Imported { kind, .. } => *kind,
            Self::Informed { .. } | Self::Posting { .. } | Self::Posted { .. } | Self::NotPosted { .. } => {
                NoteKind::Communication
            }
        }
    }
}
