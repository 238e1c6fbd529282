//! What is remembered of tracked work, so that only changes have to be read. All of it can be read anew from the
//! tracker; losing it costs time, never an answer.

use super::ledger::{LeaseScope, LedgerError};
use async_trait::async_trait;
use orderly_core::backlog::{Coverage, KnownItem};
use orderly_core::calibrate::Example;
use orderly_core::ids::{IssueId, TeamKey};
use orderly_core::similar::Signature;
use orderly_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is remembered of a backlog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBacklog {
    /// How much of the tracker was read.
    pub coverage: Coverage,
    /// The items that were read.
    pub items: Vec<KnownItem>,
    /// What was last seen of each issue's error.
    pub errors: BTreeMap<IssueId, Signature>,
}

/// What a run learned of a backlog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BacklogNews {
    /// How much of the tracker is read now.
    pub coverage: Coverage,
    /// Items that are new or changed.
    pub items: Vec<KnownItem>,
}

/// Labelled examples of a team's own history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnExamples {
    /// Version of the score they were measured with.
    pub score_version: u32,
    /// When.
    pub at: Timestamp,
    /// The examples.
    pub examples: Vec<Example>,
}

/// Remembers tracked work.
#[async_trait]
pub trait BacklogStore: Send + Sync {
    /// What is remembered of these teams; nothing where it was stored for other teams or in another form.
    async fn backlog(&self, scope: &LeaseScope, teams: &[TeamKey]) -> Result<StoredBacklog, LedgerError>;

    /// Remembers what was read, in one transaction. Items replace those with the same id; where what is stored serves
    /// other teams or has another form it is forgotten first.
    async fn learn_items(
        &self,
        scope: &LeaseScope,
        teams: &[TeamKey],
        news: &BacklogNews,
    ) -> Result<(), LedgerError>;

    /// Forgets the items, so that the next run reads all of them again: the only way to learn of those that are gone
    /// without a trace. What was seen of errors stays.
    async fn forget_items(&self, scope: &LeaseScope, teams: &[TeamKey]) -> Result<(), LedgerError>;

    /// Remembers what was seen of errors; replaces what was seen of the same issue before.
    async fn learn_errors(
        &self,
        scope: &LeaseScope,
        errors: &BTreeMap<IssueId, Signature>,
    ) -> Result<(), LedgerError>;

    /// The examples of the backlog's own history, if they were collected.
    async fn examples(&self, scope: &LeaseScope) -> Result<Option<OwnExamples>, LedgerError>;

    /// Replaces the examples.
    async fn learn_examples(&self, scope: &LeaseScope, examples: &OwnExamples) -> Result<(), LedgerError>;
}
