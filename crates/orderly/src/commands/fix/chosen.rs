//! What a run works on: issues that were named, or a selection that was approved; and what a person says of issues in
//! which there is nothing to mend.

use crate::cli::Fix;
use crate::commands::{ask, repository, triage::kept};
use crate::config::Config;
use crate::failure::{Failure, Kind};
use orderly_core::answer::Cause;
use orderly_core::ids::{IssueId, SentrySite, ShortId};
use orderly_core::time::Now;
use orderly_core::triage::{ApprovedSelection, IssueName};
use orderly_engine::fix::{FixJob, LookError, Prepared, Seen, Want};

/// What a person asked for, as far as it can be read without asking anybody.
pub(super) enum Chosen {
    /// These issues.
    Named(Vec<(String, IssueName)>),
    /// What was approved before.
    Approved(Box<ApprovedSelection>),
}

impl Chosen {
    /// Reads the arguments.
    ///
    /// # Errors
    /// A text that names no issue, or a selection that cannot be worked on.
    pub(super) fn read(config: &Config, fix: &Fix, site: &SentrySite, now: Now) -> Result<Self, Failure> {
        match &fix.approved {
            Some(file) => {
                kept::selection(config, file.as_deref(), site, now).map(Box::new).map(Self::Approved)
            }
            None => names(&fix.issues, site).map(Self::Named),
        }
    }

    /// Looks at it; nothing is touched.
    ///
    /// # Errors
    /// An issue that is not there, or a Sentry or repository that cannot be read.
    pub(super) async fn look(self, job: &FixJob<'_>, want: Want) -> Result<Prepared, Failure> {
        let (approved, seen) = match self {
            Self::Approved(approved) => (*approved, Seen::default()),
            Self::Named(names) => job.named(&names).await.map_err(|error| unseen(&error))?,
        };
        job.look(&approved, seen, want).await.map_err(|error| unseen(&error))
    }
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

fn unseen(error: &LookError) -> Failure {
    let kind = match error {
        LookError::NoIssue { .. } => Kind::Usage,
        LookError::Sentry { cause: Cause::Access(_), .. } => Kind::Access,
        LookError::Sentry { .. } => Kind::Incomplete,
        LookError::Trouble(trouble) => return repository::machinery(trouble),
    };
    Failure::new(kind, error.to_string())
}
