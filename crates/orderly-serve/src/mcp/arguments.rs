//! Arguments of the tools. Their descriptions are what an agent reads, so they are short.

use schemars::JsonSchema;
use serde::Deserialize;

/// `sentry_search_issues`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchIssues {
    /// Sentry search, as `is:unresolved level:error`
    pub query: Option<String>,
    /// Project slug
    pub project: Option<String>,
    /// Default `freq`
    pub sort: Option<IssueSort>,
    /// At most 100; default 10
    pub limit: Option<u32>,
    /// From the page before
    pub cursor: Option<String>,
}

/// The order of issues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IssueSort {
    /// Seen last.
    Date,
    /// Most events.
    #[default]
    Freq,
    /// Newest.
    New,
    /// Most users.
    User,
    /// Rising most.
    Trends,
}

/// `sentry_get_issue_details`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetIssueDetails {
    /// Short id, number, URL, `@latest` or `@most_frequent`
    pub issue: String,
}

/// `sentry_find_teams`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindTeams {
    /// Part of a name
    pub name: Option<String>,
}

/// `sentry_find_projects`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindProjects {
    /// Part of a name
    pub name: Option<String>,
}

/// `sentry_find_releases`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindReleases {
    /// Project slug
    pub project: Option<String>,
    /// Part of a version
    pub version: Option<String>,
}

/// `sentry_search_events`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchEvents {
    /// Sentry search
    pub query: Option<String>,
    /// Columns, as `title`, `transaction`, `count()`, `p95(transaction.duration)`
    pub fields: Vec<String>,
    /// Column, `-` before it for descending
    pub sort: Option<String>,
    /// Default `errors`
    pub dataset: Option<Dataset>,
    /// Project slug
    pub project: Option<String>,
    /// As `24h`, `14d`; default `24h`
    pub period: Option<String>,
    /// At most 100; default 10
    pub limit: Option<u32>,
    /// From the page before
    pub cursor: Option<String>,
}

/// What is searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dataset {
    /// Errors.
    #[default]
    Errors,
    /// Transactions.
    Transactions,
}

/// `sentry_use_sentry`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UseSentry {
    /// As "worst issues in backend last 24h"
    pub request: String,
}

/// `sync_preview`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncPreview {}

/// `sync_apply`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncApply {
    /// From `sync_preview`
    pub plan_digest: String,
}

/// `triage`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Triage {
    /// Rows; default 10
    pub top: Option<u32>,
    /// Choose rows to be worked on: `1,2,5`, `1-3`, `all` or `top 3`
    pub select: Option<String>,
    /// Digest of the table that was shown; needed with `select`
    pub table_digest: Option<String>,
}

/// `fix_start`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixStart {
    /// From `triage` with `select`
    pub selection_digest: String,
}

/// `fix_check`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixCheck {
    /// Of the case file
    pub case_digest: String,
    /// Why it crashed, in a sentence
    pub root_cause: Option<String>,
    /// What the change does, in a sentence
    pub fix: Option<String>,
    /// Why no change should be made, instead of the two
    pub decline: Option<String>,
}

/// `fix_commit`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixCommit {
    /// From green checks
    pub receipt_digest: String,
}

/// `fix_resolve`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixResolve {
    /// From `fix_commit`
    pub commit: String,
}

/// `more`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct More {
    /// `next` of the answer before
    pub next: String,
}

/// `incident_list`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentList {
    /// Also those that are over
    pub all: Option<bool>,
}

/// `incident_show`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentShow {
    /// As `INC-7`
    pub incident: String,
}

/// `incident_preview`: what is to be written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "lowercase", deny_unknown_fields)]
pub enum IncidentPreview {
    /// An incident begins.
    Declare {
        /// To declare over: short ids, the leading one first
        #[serde(default)]
        issues: Vec<String>,
        /// Title, reason, note, brief, or what was done
        text: Option<String>,
    },
    /// An issue belongs to it.
    Add {
        /// As `INC-7`
        incident: String,
        /// Issue to add, role to hand off, either to assign; roles: commander, operations, communications, scribe
        what: String,
    },
    /// Somebody gets a role or an issue.
    Assign {
        /// As `INC-7`
        incident: String,
        /// A role, or one of its issues
        what: String,
        /// E-mail or name of a member, `#team`
        to: String,
    },
    /// Somebody takes a role over.
    Handoff {
        /// As `INC-7`
        incident: String,
        /// The role
        what: String,
        /// E-mail or name of a member, `#team`
        to: String,
        /// What they have to know
        text: String,
    },
    /// It is judged by numbers, or set.
    Severity {
        /// As `INC-7`
        incident: String,
        /// `SEV1` to `SEV4`, with a reason as `text`; left out: judged by numbers
        severity: Option<String>,
        /// The reason
        text: Option<String>,
    },
    /// Something is noted.
    Note {
        /// As `INC-7`
        incident: String,
        /// Of a note
        kind: NoteKind,
        /// The note
        text: String,
        /// What the note rests on
        source: Option<String>,
    },
    /// People were told the draft.
    Comms {
        /// As `INC-7`
        incident: String,
    },
    /// Something was done to end the impact.
    Mitigate {
        /// As `INC-7`
        incident: String,
        /// What
        text: String,
    },
    /// It is over.
    Resolve {
        /// As `INC-7`
        incident: String,
        /// How
        text: String,
    },
}

/// What kind of thing a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoteKind {
    /// It is so.
    Fact,
    /// It may be so.
    Hypothesis,
    /// What is to be done.
    Decision,
    /// What was done.
    Action,
    /// What people were told.
    Communication,
}

/// `incident_apply`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentApply {
    /// From `incident_preview`
    pub plan_digest: String,
}
