//! `orderly verify`: whether fixes hold in production.

use super::fix::as_json;
use super::repository;
use super::scope::configure;
use crate::cli::{Global, Verify};
use crate::clients;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::ledger;
use crate::output::printer::{Format, Printer};
use crate::output::table::table;
use orderly_connect::repair::GitWorkshop;
use orderly_connect::sentry::SentryClient;
use orderly_core::fix::{Disposition, FixPolicy, Resolution};
use orderly_core::scrub::Scrubber;
use orderly_core::untrusted::Untrusted;
use orderly_core::verify::Verdict;
use orderly_engine::fix::{Looked, VerifyError, VerifyJob, VerifyPorts};
use orderly_store::SqlLedger;
use serde_json::json;
use std::process::ExitCode;

/// `orderly verify`
pub async fn run(global: &Global, verify: Verify, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configure(global, verify.scope, |_| {})?;
    let fixes = Fixes::open(&config).await?;
    let looked = fixes.job().run().await;
    let looked = fixes.closed(looked).await?;
    match printer.format() {
        Format::Json => printer.json(&looked.iter().map(one_json).collect::<Vec<_>>())?,
        Format::Text if looked.is_empty() => {
            printer.data("No fix of this repository waits to be verified.")?;
        }
        Format::Text => {
            let scrubber = Scrubber::built_in();
            let rows = looked.iter().map(|one| {
                let commit = match one.case.end().map(|end| &end.disposition) {
                    Some(Disposition::Fixed { commit, .. }) => commit.short().to_owned(),
                    _ => String::new(),
                };
                vec![one.case.short_id.to_string(), commit, in_sentry(one), words(&one.verdict, &scrubber)]
            });
            printer.data(&table(&["Issue", "Commit", "In Sentry", "In production"], rows))?;
        }
    }
    Ok(code(&looked))
}

/// The fixes of this repository.
pub(super) struct Fixes {
    policy: FixPolicy,
    sentry: SentryClient,
    workshop: GitWorkshop,
    ledger: SqlLedger,
}

impl Fixes {
    /// Opens what they are looked at with.
    pub(super) async fn open(config: &Config) -> Result<Self, Failure> {
        Ok(Self {
            policy: config.settings.fix_policy()?,
            sentry: clients::sentry(config).await?,
            workshop: repository::workshop(config).await?,
            ledger: ledger::open(config).await?,
        })
    }

    /// The job over them.
    pub(super) fn job(&self) -> VerifyJob<'_> {
        let ports = VerifyPorts {
            crash: &self.sentry,
            releases: &self.sentry,
            resolve: &self.sentry,
            ledger: &self.ledger,
            workshop: &self.workshop,
            clock: &SystemClock,
        };
        VerifyJob { ports, policy: &self.policy }
    }

    /// Closes the ledger, and says what came of the job.
    pub(super) async fn closed<T>(self, done: Result<T, VerifyError>) -> Result<T, Failure> {
        self.ledger.close().await;
        done.map_err(|error| match &error {
            VerifyError::Ledger(error) => ledger::failed(error),
            VerifyError::Trouble(trouble) => repository::machinery(trouble),
        })
    }
}

fn one_json(one: &Looked) -> serde_json::Value {
    let mut value = as_json(&one.case);
    value["verdict"] = json!(one.verdict);
    value["proposal"] = json!(proposal(&one.verdict));
    value
}

fn in_sentry(one: &Looked) -> String {
    match one.case.end().map(|end| &end.disposition) {
        Some(Disposition::Fixed { resolution: Resolution::Resolved, .. }) => "resolved".to_owned(),
        Some(Disposition::Fixed { resolution: Resolution::Waits { reason }, .. }) => {
            format!("not yet: {reason}")
        }
        Some(Disposition::Fixed { resolution: Resolution::NotTold(cause), .. }) => {
            format!("not told: {cause}")
        }
        _ => String::new(),
    }
}

fn words(verdict: &Verdict, scrubber: &Scrubber) -> String {
    let release = |text: &Untrusted<String>| {
        orderly_core::encode::terminal::scrubbed_line(&scrubber.scrub_version(text))
    };
    match verdict {
        Verdict::Verified { quiet_hours, luck } => {
            format!("verified: silent for {quiet_hours:.1} h, by luck in {:.1} % of cases", luck * 100.0)
        }
        Verdict::NotYet { hours_left: Some(hours), .. } => format!("silent; {hours:.1} more hours prove it"),
        Verdict::NotYet { hours_left: None, .. } => "silent; the error was too rare to tell".to_owned(),
        Verdict::DidNotHold(seen) => {
            format!(
                "did not hold: seen in {}; {}",
                release(&seen.release),
                proposal(verdict).unwrap_or_default()
            )
        }
        Verdict::NotReleased => "no release has it yet".to_owned(),
        Verdict::Unknown(cause) => format!("could not look: {cause}"),
    }
}

/// What a person may want to do about it.
fn proposal(verdict: &Verdict) -> Option<&'static str> {
    matches!(verdict, Verdict::DidNotHold(_))
        .then_some("reopen it in Sentry and in the tracker, and repair it again")
}

fn code(looked: &[Looked]) -> ExitCode {
    let access = looked
        .iter()
        .any(|one| matches!(&one.verdict, Verdict::Unknown(orderly_core::answer::Cause::Access(_))));
    let open = looked.iter().any(|one| matches!(&one.verdict, Verdict::DidNotHold(_)));
    match (access, open) {
        (true, _) => ExitCode::from(Kind::Access.exit_code()),
        (_, true) => ExitCode::from(Kind::Incomplete.exit_code()),
        _ => ExitCode::SUCCESS,
    }
}
