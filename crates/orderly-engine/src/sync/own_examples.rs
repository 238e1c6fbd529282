//! How well the engine does on a team's own history: labelled examples from the tracker and from merges in Sentry, kept
//! for every later sync.

use super::backlog::Indexer;
use crate::ports::backlog::OwnExamples;
use crate::ports::ledger::LedgerError;
use crate::ports::merges::{MergeRead, MergedIssue, Merges};
use orderly_core::answer::Looked;
use orderly_core::backlog::history::{Merge, examples};
use orderly_core::backlog::signature_of;
use orderly_core::calibrate::shipped::SCORE_VERSION;
use orderly_core::calibrate::{Calibration, Example, calibrate};
use orderly_core::ids::ProjectSlug;
use orderly_core::scrub::Scrubber;
use orderly_core::sync::snapshot::EventEvidence;
use orderly_core::time::Now;

/// Issues whose history is read: those that most events went into.
const MOST_ISSUES: u32 = 300;

/// What the history came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnHistory {
    /// Items of the backlog.
    pub items: u64,
    /// Merges that were found in Sentry. Where they could not be read the examples are those of the tracker alone.
    pub merges: Looked<MergesRead>,
    /// The labelled examples of both.
    pub examples: Vec<Example>,
    /// What a likeness says from now on.
    pub calibration: Calibration,
}

/// How many merges were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MergesRead {
    /// Issues whose history was read.
    pub looked_at: u32,
    /// Those that people merged others into.
    pub merged: u32,
}

/// Brings the index up to date, collects the examples and keeps them.
///
/// # Errors
/// The store's. What tracker and Sentry could not say is an answer.
pub async fn own_history(
    indexer: Indexer<'_>,
    sentry: &dyn MergeRead,
    projects: &[ProjectSlug],
    now: Now,
) -> Result<Looked<OwnHistory>, LedgerError> {
    // Loading brings what is stored up to date.
    if let Looked::CouldNotLook(cause) = indexer.load(now).await?.backlog {
        return Ok(Looked::CouldNotLook(cause));
    }
    let stored = indexer.store.backlog(indexer.scope, indexer.teams).await?;
    let (merges, found) = match sentry.merges(projects, MOST_ISSUES).await {
        Looked::Saw(Merges { looked_at, merged }) => {
            let read = MergesRead { looked_at, merged: u32::try_from(merged.len()).unwrap_or(u32::MAX) };
            (Looked::Saw(read), merged)
        }
        Looked::CouldNotLook(cause) => (Looked::CouldNotLook(cause), Vec::new()),
    };
    let found: Vec<Merge> = found.iter().map(|merged| merge(merged, indexer.scrubber)).collect();
    let examples = examples(&stored.items, &found, &indexer.scope.org, &stored.errors);
    let own = OwnExamples { score_version: SCORE_VERSION, at: now.0, examples };
    indexer.store.learn_examples(indexer.scope, &own).await?;
    let calibration = calibrate(&own.examples);
    let items = stored.items.len() as u64;
    Ok(Looked::Saw(OwnHistory { items, merges, examples: own.examples, calibration }))
}

fn merge(merged: &MergedIssue, scrubber: &Scrubber) -> Merge {
    let error = |event: &EventEvidence| (event.at, signature_of(&merged.issue, event, scrubber));
    Merge {
        issue: merged.issue.id,
        project: merged.issue.project.clone(),
        errors: merged.events.iter().map(error).collect(),
    }
}
