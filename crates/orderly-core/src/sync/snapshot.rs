//! What a sync gathered: plain data, each look with its answer.

use crate::answer::{Cause, Looked, RequestRef};
use crate::calibrate::{Calibration, Likeness};
use crate::ids::{Generation, IssueId, ItemId, ItemKey, ProjectSlug, SentrySite, ShortId, TeamKey};
use crate::sync::marker::Marker;
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything [`crate::sync::decide::decide`] needs to know about the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The Sentry that was asked.
    pub site: SentrySite,
    /// The team that configuration names; known also when the tracker cannot be reached.
    pub team: TeamKey,
    /// One answer per signal: how many issues it named, or why it could not be asked.
    pub signals: BTreeMap<Signal, Looked<u32>>,
    /// Issues that were looked at closer (chosen by [`crate::select`], plus every issue with an open intent).
    pub candidates: Vec<Candidate>,
    /// Issues that [`crate::select`] held back before any closer look, with the reason.
    pub held: Vec<crate::select::Held>,
    /// What the tracker allows us to do.
    pub tracker: Looked<TrackerFacts>,
    /// What Sentry allows us to do about links back.
    pub link_back: LinkBackPath,
    /// What else the run found missing in its set-up.
    pub gaps: Vec<SetupGap>,
    /// What a likeness says, learned from the user's own history as far as it goes.
    pub calibration: Calibration,
}

/// The four searches that make an issue worth looking at, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// `is:regressed`: resolved once, and back.
    Regressed,
    /// `is:escalating`: far more events than its forecast.
    Escalating,
    /// `issue.priority:high`.
    HighPriority,
    /// `is:unresolved is:for_review`: new or changed, and nobody has looked.
    ForReview,
}

impl Signal {
    /// All signals.
    pub const ALL: [Self; 4] = [Self::Regressed, Self::Escalating, Self::HighPriority, Self::ForReview];

    /// The search text Sentry is asked with, and how configuration names the signal.
    pub const fn query(self) -> &'static str {
        match self {
            Self::Regressed => "is:regressed",
            Self::Escalating => "is:escalating",
            Self::HighPriority => "issue.priority:high",
            Self::ForReview => "is:unresolved is:for_review",
        }
    }

    /// The word people see in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Escalating => "escalating",
            Self::HighPriority => "high priority",
            Self::ForReview => "for review",
        }
    }
}

/// An issue as the list answers it. One issue may be named by several signals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Numeric id.
    pub id: IssueId,
    /// Short id.
    pub short_id: ShortId,
    /// Project.
    pub project: ProjectSlug,
    /// Title as Sentry made it from the event.
    pub title: Untrusted<String>,
    /// Exception type, when it is an error.
    pub error_type: Option<Untrusted<String>>,
    /// Exception message or log message.
    pub error_value: Option<Untrusted<String>>,
    /// Transaction or function it is blamed on.
    pub culprit: Untrusted<String>,
    /// Severity of its events.
    pub level: Level,
    /// Where it stands.
    pub status: Status,
    /// Sentry's priority.
    pub priority: Option<SentryPriority>,
    /// Whether somebody still has to look at it.
    pub review: Review,
    /// Events within the asked window.
    pub events: u64,
    /// Users within the asked window.
    pub users: u64,
    /// Events per hour of the last 24 hours, oldest first; empty when not answered.
    pub trend: Vec<u64>,
    /// First event ever.
    pub first_seen: Timestamp,
    /// Last event.
    pub last_seen: Timestamp,
    /// Whom it is assigned to.
    pub assignee: Option<Assignee>,
    /// Links to other systems that the list answer carried (annotations, app and integration links).
    pub links: Vec<ExternalLink>,
    /// Whether the links of apps among them are all there are.
    pub app_links: AppLinks,
}

/// Whether an answer about an issue told the links that apps keep for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppLinks {
    /// All of them.
    Told,
    /// It did not, so they have to be asked for.
    NotTold,
}

/// Severity of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Least.
    Debug,
    /// Information.
    Info,
    /// Warning; also levels this version does not know.
    Warning,
    /// Error.
    Error,
    /// Crash.
    Fatal,
}

impl Level {
    /// The word Sentry uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}

/// Where an issue stands. Substates exist only under the status they belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "status", content = "substatus", rename_all = "snake_case")]
pub enum Status {
    /// Open.
    Unresolved(Unresolved),
    /// Done.
    Resolved,
    /// Put away.
    Archived(Archived),
    /// On its way out: deletion, merge or reprocessing is pending.
    Leaving,
}

/// How an open issue is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unresolved {
    /// First seen within 7 days.
    New,
    /// Known.
    Ongoing,
    /// Above its forecast.
    Escalating,
    /// Was resolved.
    Regressed,
}

/// How an archived issue is archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Archived {
    /// Until its forecast is passed.
    UntilEscalating,
    /// Until a count or a time is reached.
    UntilCondition,
    /// For good.
    Forever,
}

/// Sentry's priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentryPriority {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

/// Whether an issue waits in the review inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// It waits.
    Waiting,
    /// It was looked at, or never had to be.
    Settled,
}

/// A person or team of the Sentry organization.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Assignee {
    /// A member.
    User {
        /// Display name.
        name: String,
        /// E-mail, when the token may see it.
        email: Option<String>,
    },
    /// A team.
    Team {
        /// Slug.
        slug: String,
    },
}

/// Who probably owns an issue, and why we say so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OwnerClue {
    /// What the suggestion rests on, strongest first.
    pub reason: OwnerReason,
    /// The suggestion.
    pub owner: Assignee,
    /// The evidence in words: the rule, the commit.
    pub evidence: Untrusted<String>,
}

/// What an owner suggestion rests on, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerReason {
    /// Somebody assigned it.
    Assigned,
    /// An ownership rule or CODEOWNERS matches.
    OwnershipRule,
    /// A suspect commit's author.
    SuspectCommit,
}

/// A link that Sentry keeps for an issue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExternalLink {
    /// Which integration or app made it.
    pub source: String,
    /// Its label: `linear#PLAT-12`.
    pub label: Untrusted<String>,
    /// Its address, never printed as a link.
    pub url: Untrusted<String>,
}

/// An issue that was looked at closer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The issue.
    pub issue: Issue,
    /// Every signal that named it; empty only for an issue that is here because of an open intent.
    pub signals: BTreeSet<Signal>,
    /// Its latest event.
    pub event: Looked<EventEvidence>,
    /// Who may own it, strongest reason first.
    pub owners: Vec<OwnerClue>,
    /// What each prover was answered.
    pub lookups: Lookups,
    /// What the ledger remembers of it.
    pub memory: Memory,
}

/// What of the latest event may be shown. Nothing else of an event enters a snapshot: no user, request, headers,
/// cookies, extra, breadcrumbs or local variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventEvidence {
    /// When it happened.
    pub at: Timestamp,
    /// Release.
    pub release: Option<Untrusted<String>>,
    /// Environment.
    pub environment: Option<Untrusted<String>>,
    /// Platform: `python`, `javascript`, `rust` ...
    pub platform: Untrusted<String>,
    /// Exceptions, outermost (the thrown one) first.
    pub exceptions: Vec<ExceptionEvidence>,
    /// Tags that help to place it and are allowed to be shown (a fixed list of keys).
    pub tags: BTreeMap<String, Untrusted<String>>,
}

/// One exception of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionEvidence {
    /// Type.
    pub kind: Untrusted<String>,
    /// Message.
    pub value: Untrusted<String>,
    /// Frames, crash frame first (the opposite of Sentry's order).
    pub frames: Vec<Frame>,
}

/// A stack frame.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Frame {
    /// Function.
    pub function: Untrusted<String>,
    /// Module, package or class.
    pub module: Option<Untrusted<String>>,
    /// File as the event names it.
    pub file: Option<Untrusted<String>>,
    /// Line.
    pub line: Option<u32>,
    /// Own code or not.
    pub origin: FrameOrigin,
}

/// Whose code a frame is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameOrigin {
    /// The application's own.
    InApp,
    /// Library or runtime.
    Library,
}

/// What was asked for an issue before anything may be called "not tracked". One field per prover, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookups {
    /// Links that Sentry keeps: the address of each, resolved to a tracker item where it leads to our tracker.
    pub external_link: Look<LinkedElsewhere>,
    /// Items whose title, description or comments hold the short id.
    pub short_id: Look<TrackedItem>,
    /// Items with an attachment or text that holds the permalink, in any spelling.
    pub permalink: Look<TrackedItem>,
    /// Items whose title may have the same fingerprint.
    pub title: Look<TrackedItem>,
    /// Items that carry the same stack signature.
    pub stack: Look<TrackedItem>,
    /// Items of the team about the same culprit.
    pub owner: Look<TrackedItem>,
    /// Items found by the derived ids of generation 0 and those that followed: our own, also when search lags.
    pub own: Look<TrackedItem>,
    /// Tracked items by how much the issue is like them: evidence of the title and stack provers beside equality.
    pub alike: Look<AlikeItem>,
    /// How many tracked items it was compared with.
    pub compared_with: u64,
    /// Other issues of this run that it is like, best first.
    pub twins: Vec<AlikeIssue>,
}

/// One look: what came back, and the request that gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look<T> {
    /// The answer.
    pub answer: Looked<Vec<T>>,
    /// What was looked for, as shown in the proof.
    pub looked_for: Vec<String>,
    /// The requests; empty when none could be sent.
    pub requests: Vec<RequestRef>,
}

/// An item that an issue has something in common with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlikeItem {
    /// The item.
    pub item: TrackedItem,
    /// How much.
    pub likeness: Likeness,
    /// What of both was compared.
    pub by: AlikeBy,
}

/// Another issue of the same run that an issue has something in common with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlikeIssue {
    /// The other one.
    pub issue: IssueId,
    /// How much.
    pub likeness: Likeness,
    /// What of both was compared.
    pub by: AlikeBy,
}

/// What of two was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlikeBy {
    /// Stacks and what was thrown.
    Stack,
    /// Words alone: one of the two has no stack.
    Words,
}

/// A link that Sentry keeps, and what is at its other end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedElsewhere {
    /// The link.
    pub link: ExternalLink,
    /// The item, when it leads to our tracker.
    pub item: Option<TrackedItem>,
}

/// An item of the tracker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackedItem {
    /// Id.
    pub id: ItemId,
    /// Key.
    pub key: ItemKey,
    /// Address, as the tracker gave it.
    pub url: Untrusted<String>,
    /// Title.
    pub title: Untrusted<String>,
    /// Team.
    pub team: TeamKey,
    /// State.
    pub state: ItemState,
    /// In the archive or the trash, or neither.
    pub presence: Presence,
    /// Made.
    pub created_at: Timestamp,
    /// Last change by anybody.
    pub updated_at: Timestamp,
    /// Orderly's marker, when the text holds one.
    pub marker: Option<Marker>,
    /// When it was completed, where the tracker says so.
    pub completed_at: Option<Timestamp>,
    /// The item that this one was marked a duplicate of, itself resolved: the work went on there.
    pub duplicate_of: Option<Box<TrackedItem>>,
    /// Addresses of its attachments.
    pub attachments: Vec<Untrusted<String>>,
    /// Its description and the comments that made the tracker answer with it. Either all of them, and the exact check
    /// (whole token, whole number) is made by [`crate::tracked::keys`]; or none, when the adapter made that check.
    pub texts: Vec<Untrusted<String>>,
}

/// State type of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Waits for triage.
    Triage,
    /// In the backlog.
    Backlog,
    /// Planned.
    Unstarted,
    /// Being worked on.
    Started,
    /// Done.
    Completed,
    /// A person said no.
    Canceled,
    /// Merged into another.
    Duplicate,
}

impl ItemState {
    /// Whether work may still happen on it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Triage | Self::Backlog | Self::Unstarted | Self::Started)
    }
}

/// Where an item is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// In view.
    Live,
    /// In the archive.
    Archived,
    /// In the trash: a person said no.
    Trashed,
}

/// What the ledger remembers of an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// When it was last reported, and the digest of the evidence then.
    pub last_report: Option<LastReport>,
    /// A decision of an earlier run that did not reach its end.
    pub open_intent: Option<OpenIntent>,
}

/// The last time an issue was part of an applied run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastReport {
    /// When.
    pub at: Timestamp,
    /// Digest of the evidence then (see [`crate::sync::decide::content_digest`]).
    pub content: crate::ids::Digest,
}

/// A creation that was intended and whose end is not known to this ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenIntent {
    /// Which life of the issue.
    pub generation: Generation,
    /// Exactly what was to be sent; sent again unchanged, or not at all.
    pub order: crate::sync::plan::CreateOrder,
}

/// What the tracker allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackerFacts {
    /// Team that items go to.
    pub team: TeamKey,
    /// Id of that team in the tracker.
    pub team_id: String,
    /// State that new items get: triage when the team has it.
    pub initial_state: Option<String>,
    /// State that a reopened item is moved to: the team's first open state that is not triage.
    pub reopen_state: Option<String>,
    /// Ids of labels by lower-case name.
    pub labels: BTreeMap<String, String>,
    /// Ids of people by lower-case e-mail.
    pub people: BTreeMap<String, String>,
    /// Whether our credentials may create.
    pub creation: Creation,
    /// What the tracker does with a client-chosen id that it has seen before.
    pub repeated_ids: RepeatedIds,
    /// Teams that configuration maps projects to. One that is not in the tracker is absent.
    pub other_teams: BTreeMap<TeamKey, TeamFacts>,
}

/// What the tracker says of a further team; states and labels belong to a team. The fields are those of
/// [`TrackerFacts`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamFacts {
    /// Id.
    pub team_id: String,
    /// State that new items get.
    pub initial_state: Option<String>,
    /// State that a reopened item is moved to.
    pub reopen_state: Option<String>,
    /// Ids of labels by lower-case name.
    pub labels: BTreeMap<String, String>,
}

/// Whether items can be created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "creation", content = "because", rename_all = "snake_case")]
pub enum Creation {
    /// Yes, as far as can be told without creating.
    Allowed,
    /// No, and why.
    Refused(String),
}

/// What a tracker does with a client-chosen id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedIds {
    /// Refuses the second insert (Linear).
    Refused,
    /// Takes the second insert as an update of the first.
    Merged,
    /// Ignores ids: creation stays in preview.
    Ignored,
}

/// How a link back can be written in Sentry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "path", rename_all = "snake_case")]
pub enum LinkBackPath {
    /// Through this app installation.
    Installation {
        /// Installation id.
        uuid: String,
        /// App slug.
        app: String,
    },
    /// Not possible; says what to set up.
    Unavailable {
        /// The step that closes the gap.
        step: String,
    },
    /// Not wanted by configuration.
    Off,
}

/// Something that is missing, and the step that closes the gap.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SetupGap {
    /// What is missing, and what that prevents.
    pub what: String,
    /// The exact step that closes it.
    pub step: String,
    /// The failure that showed it, if one did.
    pub cause: Option<Cause>,
}
