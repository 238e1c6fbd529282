//! The content of a report: plain data, scrubbed. This is the documented JSON.

use crate::calibrate::{Likeness, Thresholds};
use crate::ids::{IssueId, ItemKey, OrgSlug, ProjectSlug, RunId, ShortId, TeamKey};
use crate::select::Held;
use crate::sync::plan::Draft;
use crate::sync::snapshot::{SetupGap, Signal};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the JSON form.
pub const REPORT_VERSION: u32 = 1;

/// The report of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`REPORT_VERSION`].
    pub version: u32,
    /// The run; `orderly history` and `orderly undo` take it.
    pub run: RunId,
    /// Whether anything was written.
    pub kind: ReportKind,
    /// When the plan was made.
    pub made_at: Timestamp,
    /// Sentry.
    pub sentry_url: String,
    /// Organization.
    pub org: OrgSlug,
    /// Team.
    pub team: TeamKey,
    /// What is or would be written, in order.
    pub created_or_linked: Vec<Row>,
    /// What is only prepared.
    pub prepared_only: Vec<UnsentRow>,
    /// What is tracked already.
    pub skipped_as_duplicates: Vec<UnsentRow>,
    /// What policy skips.
    pub skipped_by_policy: Vec<SkippedGroup>,
    /// What is missing in the set-up, each with the step that closes the gap.
    pub setup_gaps: Vec<SetupGap>,
    /// Counts.
    pub totals: Totals,
    /// Why the run stopped before everything was tried, if it did.
    pub stopped: Option<String>,
}

/// Whether anything was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// Nothing was written; the table shows what would be.
    Preview,
    /// The plan was applied.
    Applied,
}

/// An issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueLine {
    /// Numeric id.
    pub id: IssueId,
    /// Short id; absent when the run only knows the issue from an earlier one.
    pub short_id: Option<ShortId>,
    /// Project.
    pub project: Option<ProjectSlug>,
    /// Rebuilt permalink.
    pub permalink: String,
    /// Title: scrubbed, one line, visible characters only.
    pub title: String,
    /// Events in the window.
    pub events: u64,
    /// Users in the window.
    pub users: u64,
}

/// A tracker item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemLine {
    /// Key.
    pub key: ItemKey,
    /// Address, up to the key: the title that trackers append is left out. Absent when it is no plain web address.
    pub url: Option<String>,
}

/// Something that is or would be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The issue.
    pub issue: IssueLine,
    /// Signals that named it, strongest first.
    pub signals: Vec<Signal>,
    /// Why it qualified.
    pub qualified: Vec<String>,
    /// What became of it in the tracker.
    pub result: RowResult,
    /// The item, once it is known.
    pub item: Option<ItemLine>,
    /// The proof used against duplicates.
    pub proof: Vec<ProofLine>,
    /// What likeness to tracked items says, where no hard key answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateLine>,
    /// The link in Sentry.
    pub link_back: LinkBackStatus,
    /// Exactly what would be sent: the item of a creation (previews only).
    pub draft: Option<Draft>,
    /// Exactly what would be sent: the comment of an update (previews only).
    pub comment: Option<String>,
}

/// What became of a row in the tracker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum RowResult {
    /// Preview: a new item.
    WouldCreate,
    /// Preview: a link to an existing item.
    WouldLink,
    /// Preview: a comment on an existing item.
    WouldUpdate,
    /// Preview: a comment on a completed item, which becomes open again.
    WouldReopen,
    /// A new item is there.
    Created,
    /// An existing item is linked.
    Linked,
    /// An existing item got its comment.
    Updated,
    /// It ended without its goal.
    Failed {
        /// Why; scrubbed.
        why: String,
    },
    /// The next run finishes it.
    Open {
        /// Why it is open; scrubbed.
        why: String,
    },
}

/// What [`ProofLine::says`] when a prover found nothing.
pub(super) const ABSENT: &str = "absent";
/// How [`ProofLine::says`] begins when a prover could not look.
pub(super) const BLIND: &str = "could not look:";

/// What one prover said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofLine {
    /// The prover.
    pub prover: String,
    /// `absent`, `found PLAT-3`, `could not look: ...`.
    pub says: String,
    /// Items that came back and do not count, each with the reason.
    pub set_aside: Vec<String>,
}

/// What likeness to tracked items says of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateLine {
    /// `duplicate`, `recurrence`, `new` or `undecided`.
    pub verdict: String,
    /// The items most like it, best first; all of them are refuted when it is `new`.
    pub nearest: Vec<NearItem>,
    /// Tracked items that it was compared with.
    pub compared_with: u64,
    /// The thresholds, with the error of each and the examples behind it; likeness and shares in ten-thousandths.
    pub thresholds: Thresholds,
    /// All of it in a sentence.
    pub words: String,
}

/// An item and how much an issue is like it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearItem {
    /// The item.
    pub item: ItemLine,
    /// In ten-thousandths.
    pub likeness: Likeness,
}

/// The link in Sentry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum LinkBackStatus {
    /// Preview: would be written.
    Planned,
    /// Written and read back.
    Succeeded,
    /// Not written.
    Failed {
        /// Why; scrubbed.
        why: String,
    },
    /// Not possible with this set-up.
    Unavailable,
    /// Not wanted by configuration.
    Off,
    /// The item is not there yet.
    Waiting,
}

/// An issue for which nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsentRow {
    /// The issue.
    pub issue: IssueLine,
    /// Signals that named it.
    pub signals: Vec<Signal>,
    /// What would be done, where something would be.
    pub would: Option<String>,
    /// Why nothing is written.
    pub because: String,
    /// What a service said about it; scrubbed.
    pub detail: Option<String>,
    /// The item that this is about.
    pub item: Option<ItemLine>,
    /// The proof.
    pub proof: Vec<ProofLine>,
    /// What likeness to tracked items says, where no hard key answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateLine>,
    /// The text that was prepared.
    pub draft: Option<Draft>,
}

/// Issues that policy skips for one kind of reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedGroup {
    /// The kind of reason.
    pub kind: String,
    /// Users they touch, summed.
    pub users: u64,
    /// Their events, summed.
    pub events: u64,
    /// The issues.
    pub issues: Vec<HeldBack>,
}

/// An issue that policy skips.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// The issue and the typed reason.
    #[serde(flatten)]
    pub held: Held,
    /// The evidence in words.
    pub evidence: String,
}

/// Counts of a run. `looked_closer + held_back` is all that the signals named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Issues a signal named, before the union.
    pub named: BTreeMap<Signal, u32>,
    /// Issues looked at closer.
    pub looked_closer: u64,
    /// Issues held back by policy.
    pub held_back: u64,
    /// Users that the issues held back touch, summed.
    pub held_back_users: u64,
    /// Events of the issues held back, summed.
    pub held_back_events: u64,
}
