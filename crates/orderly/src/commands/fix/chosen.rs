//! What a run works on: issues that were named, rows that are chosen now, or a selection that was approved before; and what
//! a person says of issues that crash alike, and of those in which there is nothing to mend.

use crate::cli::Fix;
use crate::commands::triage::{self, kept};
use crate::commands::{ask, repository};
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::output::printer::Printer;
use orderly_core::answer::Cause;
use orderly_core::ids::{IssueId, SentrySite, ShortId};
use orderly_core::time::Now;
use orderly_core::triage::{ApprovedSelection, Choice, IssueName};
use orderly_engine::fix::{Alike, FixJob, LookError, Prepared, Seen, Want};

/// What a person asked for, as far as it can be read without asking anybody.
pub(super) enum Chosen {
    /// These issues.
    Named(Vec<(String, IssueName)>),
    /// These rows of the table as it is now.
    Rows {
        /// Which.
        choice: Choice,
        /// Digest of the table that they were chosen from.
        table: Option<String>,
    },
    /// What was approved before.
    Approved(Box<ApprovedSelection>),
}

impl Chosen {
    /// Reads the arguments.
    ///
    /// # Errors
    /// A text that names no issue, or a selection that cannot be worked on.
    pub(super) fn read(config: &Config, fix: &Fix, site: &SentrySite, now: Now) -> Result<Self, Failure> {
        if let Some(choice) = &fix.select {
            return Ok(Self::Rows { choice: triage::read_choice(choice)?, table: fix.table.clone() });
        }
        match &fix.approved {
            Some(file) => {
                kept::selection(config, file.as_deref(), site, now).map(Box::new).map(Self::Approved)
            }
            None => names(&fix.issues, site).map(Self::Named),
        }
    }

    /// Looks at it; nothing is touched. `None`: rows were to be chosen, and none was.
    ///
    /// # Errors
    /// An issue or row that is not there, another table, or a Sentry or repository that cannot be read.
    pub(super) async fn look(
        self,
        config: &Config,
        job: &FixJob<'_>,
        want: Want,
        printer: Printer,
    ) -> Result<Option<Prepared>, Failure> {
        let (approved, seen, alike) = match self {
            Self::Approved(approved) => (*approved, Seen::default(), Vec::new()),
            Self::Rows { choice, table } => {
                match triage::select(config, &choice, table.as_deref(), printer).await? {
                    Some(selection) => (*selection, Seen::default(), Vec::new()),
                    None => return Ok(None),
                }
            }
            Self::Named(names) => named(job, &names, printer).await?,
        };
        let prepared = job.look(&approved, seen, want).await.map_err(|error| unseen(&error))?;
        Ok(Some(prepared.proposing(alike)))
    }
}

/// The issues that were named, with those that crash alike where a person wants them repaired along; the others are
/// proposed.
async fn named(
    job: &FixJob<'_>,
    names: &[(String, IssueName)],
    printer: Printer,
) -> Result<(ApprovedSelection, Seen, Vec<Alike>), Failure> {
    let mut named = job.named(names).await.map_err(|error| unseen(&error))?;
    let alike = job.alike(&named).await.unwrap_or_else(|cause| {
        printer.note(&format!("whether other issues crash alike could not be looked at: {cause}"));
        Vec::new()
    });
    let mut proposed = Vec::new();
    for alike in alike {
        let question = format!("{}. Repair them at once?", unit(&alike));
        if ask::yes(&question)? {
            named = job.joined(named, alike);
        } else {
            proposed.push(alike);
        }
    }
    let (approved, seen) = job.approved(named);
    Ok((approved, seen, proposed))
}

/// Which issues one repair may be for, in words.
pub(super) fn unit(alike: &Alike) -> String {
    let others: Vec<&str> = alike.short_ids().map(ShortId::as_str).collect();
    let crash = if others.len() == 1 { "crashes" } else { "crash" };
    format!("{} {crash} in the same own frame with the same exceptions as {}", others.join(", "), alike.lead)
}

/// Reads names of issues.
///
/// # Errors
/// The first that is none.
pub(super) fn names(texts: &[String], site: &SentrySite) -> Result<Vec<(String, IssueName)>, Failure> {
    let read = |text: &String| match IssueName::parse(text, site) {
        Ok(name) => Ok((orderly_core::encode::terminal::visible(text), name)),
        Err(error) => Err(Failure::new(Kind::Usage, error.to_string())),
    };
    texts.iter().map(read).collect()
}

/// Asks of each issue in which there is nothing to mend whether it is to be ignored; those that were named to be ignored
/// are not asked for again.
///
/// # Errors
/// When an issue was named for which that is not proposed.
pub(super) fn ignored(prepared: Prepared, named: &[(String, IssueName)]) -> Result<Prepared, Failure> {
    let is = |name: &IssueName, issue: IssueId, short_id: &ShortId| match name {
        IssueName::Id(id) => *id == issue,
        IssueName::ShortId(id) => id == short_id,
        IssueName::Latest | IssueName::MostFrequent => false,
    };
    let proposed =
        |name: &IssueName| prepared.proposals().any(|(id, proposal)| is(name, proposal.issue(), id));
    if let Some((text, _)) = named.iter().find(|(_, name)| !proposed(name)) {
        let what = format!(
            "nothing says that `{text}` may be ignored: no diagnosis of this run finds that there is nothing to mend"
        );
        return Err(
            Failure::new(Kind::Refused, what).hint("name an issue of the run by its short id or number")
        );
    }
    let mut agreed = Vec::new();
    for (short_id, proposal) in prepared.proposals() {
        let question =
            format!("{short_id}: {}\nNothing to mend in this code. Ignore it in Sentry?", proposal.reason());
        let said = named.iter().any(|(_, name)| is(name, proposal.issue(), short_id));
        if said || ask::yes(&question)? {
            agreed.push(proposal.issue());
        }
    }
    Ok(prepared.ignoring(agreed))
}

/// What it means for a command that issues could not be looked at.
pub fn unseen(error: &LookError) -> Failure {
    let kind = match error {
        LookError::NoIssue { .. } => Kind::Usage,
        LookError::Sentry { cause: Cause::Access(_), .. } => Kind::Access,
        LookError::Sentry { .. } => Kind::Incomplete,
        LookError::Trouble(trouble) => return repository::machinery(trouble),
    };
    Failure::new(kind, error.to_string())
}
