//! `orderly eval duplicates --own`: how far likeness can be trusted on a team's own history.

use super::scope::configure;
use super::tracked;
use crate::cli::{Global, Scope};
use crate::clients;
use crate::clock::SystemClock;
use crate::failure::{Failure, Kind};
use crate::ledger;
use crate::output::printer::{Format, Printer};
use orderly_core::answer::{Cause, Looked};
use orderly_core::calibrate::decide::{FALSE_MERGE, LEAK};
use orderly_core::calibrate::{Basis, Call, Threshold, Thresholds, Truth};
use orderly_core::scrub::Scrubber;
use orderly_engine::ports::clock::Clock as _;
use orderly_engine::sync::{Indexer, OwnHistory, own_history};
use orderly_eval::Task;
use serde::Serialize;
use std::process::ExitCode;

/// What is told.
#[derive(Debug, Serialize)]
struct Told {
    /// Items of the backlog.
    items: u64,
    /// Issues of Sentry whose history was read for merges; absent when it could not be read.
    looked_at: Option<u32>,
    /// Those that people merged others into.
    merged: Option<u32>,
    /// Why the merges could not be read.
    merges_unread: Option<String>,
    /// Labelled examples: errors that were known when they came.
    known: usize,
    /// Labelled examples: errors that were new.
    new: usize,
    /// Of the new ones, how many the thresholds would have left for a person to decide.
    undecided_new: usize,
    /// The thresholds, with the error of each.
    thresholds: Thresholds,
    /// Whether both thresholds rest on this history.
    trusted: bool,
    /// What that means for `--apply`.
    advice: String,
}

/// Collects the examples, keeps them for every later sync, and tells.
pub async fn run(global: &Global, task: Task, scope: Scope, printer: Printer) -> Result<ExitCode, Failure> {
    if task != Task::Duplicates {
        return Err(Failure::new(Kind::Usage, format!("`{task}` cannot be measured on your own history"))
            .hint("orderly eval duplicates --own"));
    }
    let config = configure(global, scope, |_| {})?;
    let (scope, teams) = tracked::backlog(&config)?;
    let tracker = clients::tracker(&config)?;
    let sentry = clients::sentry(&config).await?;
    let ledger = ledger::open(&config).await?;
    let scrubber = Scrubber::new(&config.settings.policy.redact).unwrap_or_else(|_| Scrubber::built_in());
    let indexer = Indexer {
        store: &ledger,
        tracker: &tracker,
        scope: &scope,
        teams: &teams,
        scrubber: &scrubber,
        watch: &(),
    };
    let history = own_history(indexer, &sentry, &config.settings.projects, SystemClock.now()).await;
    ledger.close().await;
    let told = match history.map_err(|error| ledger::failed(&error))? {
        Looked::Saw(history) => told(&history),
        Looked::CouldNotLook(cause) => return Err(unread(&cause)),
    };
    match printer.format() {
        Format::Json => printer.json(&told)?,
        Format::Text => printer.data(&page(&told))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn unread(cause: &Cause) -> Failure {
    let kind = if matches!(cause, Cause::Access(_)) { Kind::Access } else { Kind::Incomplete };
    Failure::new(kind, format!("the backlog could not be read: {cause}"))
        .hint("orderly doctor tests the tracker")
}

fn told(history: &OwnHistory) -> Told {
    let thresholds = history.calibration.otherwise.clone();
    let known = history.examples.iter().filter(|example| example.truth.is_known()).count();
    let new = history.examples.len() - known;
    let undecided = history
        .examples
        .iter()
        .filter(|example| example.truth == Truth::New && thresholds.call(example.best) == Call::Undecided);
    let undecided_new = undecided.count();
    let own =
        |side: &Option<Threshold>| side.as_ref().is_some_and(|side| side.promise.basis != Basis::Shipped);
    let trusted = own(&thresholds.new_below) && own(&thresholds.same_above);
    let advice = if trusted {
        "--apply can be trusted: both thresholds rest on your own history".to_owned()
    } else if thresholds.new_below.is_none() {
        "--apply creates nothing: your own duplicates look like nothing that was known before them".to_owned()
    } else {
        format!(
            "start in preview: {known} of {} known and {new} of {} new errors that are needed; until then the thresholds are \
             the shipped ones where it says so",
            LEAK.least_examples(),
            FALSE_MERGE.least_examples()
        )
    };
    let merges = history.merges.saw();
    let merges_unread = match &history.merges {
        Looked::Saw(_) => None,
        Looked::CouldNotLook(cause) => Some(cause.to_string()),
    };
    Told {
        items: history.items,
        looked_at: merges.map(|read| read.looked_at),
        merged: merges.map(|read| read.merged),
        merges_unread,
        known,
        new,
        undecided_new,
        thresholds,
        trusted,
        advice,
    }
}

fn page(told: &Told) -> String {
    let Told { items, known, new, undecided_new, thresholds, advice, .. } = told;
    let merges = match (&told.merges_unread, told.merged, told.looked_at) {
        (None, Some(merged), Some(looked_at)) => {
            format!("{merged} of {looked_at} issues in Sentry that others were merged into")
        }
        (cause, ..) => format!(
            "no merges of Sentry, because they could not be read ({})",
            cause.as_deref().unwrap_or("no answer")
        ),
    };
    format!(
        "{items} tracked items, {merges}.\n{known} errors that were known when they came, {new} that were new.\n{}.\nOf the \
         new ones {undecided_new} would have been left for a person to decide.\n{advice}.",
        thresholds.words()
    )
}
