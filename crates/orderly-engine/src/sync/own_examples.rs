//! How well the engine does on a team's own history: labelled examples from the tracker, kept for every later sync.

use super::backlog::Indexer;
use crate::ports::backlog::OwnExamples;
use crate::ports::ledger::LedgerError;
use orderly_core::answer::Looked;
use orderly_core::backlog::history::examples;
use orderly_core::calibrate::shipped::SCORE_VERSION;
use orderly_core::calibrate::{Calibration, Example, calibrate};
use orderly_core::time::Now;

/// What the history came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnHistory {
    /// Items of the backlog.
    pub items: u64,
    /// The labelled examples among them.
    pub examples: Vec<Example>,
    /// What a likeness says from now on.
    pub calibration: Calibration,
}

/// Brings the index up to date, collects the examples and keeps them.
///
/// # Errors
/// The store's. What the tracker could not say is an answer.
pub async fn own_history(indexer: Indexer<'_>, now: Now) -> Result<Looked<OwnHistory>, LedgerError> {
    // Loading brings what is stored up to date.
    if let Looked::CouldNotLook(cause) = indexer.load(now).await?.backlog {
        return Ok(Looked::CouldNotLook(cause));
    }
    let stored = indexer.store.backlog(indexer.scope, indexer.teams).await?;
    let examples = examples(&stored.items, &indexer.scope.org, &stored.errors);
    let own = OwnExamples { score_version: SCORE_VERSION, at: now.0, examples };
    indexer.store.learn_examples(indexer.scope, &own).await?;
    let calibration = calibrate(&own.examples);
    Ok(Looked::Saw(OwnHistory { items: stored.items.len() as u64, examples: own.examples, calibration }))
}
