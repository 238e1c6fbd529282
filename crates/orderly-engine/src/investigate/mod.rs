//! Investigating as a job: what is behind an incident is gathered, and judged by the core.
//!
//! Reading order: [`InvestigateJob::known`] here (first what changed and when the rate rose, then everything since);
//! `around` (what else fails and whom it hits), `crashes` (the issues themselves, a sample of their events, whole traces), `vitals`
//! (transactions and releases, for the reports of specialists).

mod around;
mod crashes;
mod vitals;

pub use vitals::Unread;

use crate::ports::crash::CrashRead;
use crate::ports::investigate::{InvestigateRead, Period};
use crate::ports::look::{LookRead, of_issues};
use orderly_core::answer::{Cause, Looked};
use orderly_core::incident::Affected;
use orderly_core::incident::severity::Touching;
use orderly_core::investigate::{Changed, FLAG_LOG, Known, RELEASES, Window, onset};
use orderly_core::time::{Seconds, Timestamp};

/// Issues that are looked at, those that lead.
const LEADS: usize = 8;

/// What an investigation is given.
#[derive(Clone, Copy)]
pub struct InvestigatePorts<'a> {
    /// Counts, traces, changes.
    pub read: &'a dyn InvestigateRead,
    /// Searches among events.
    pub look: &'a dyn LookRead,
    /// Single crashes.
    pub crash: &'a dyn CrashRead,
}

/// An investigation.
#[derive(Clone, Copy)]
pub struct InvestigateJob<'a> {
    /// Ports.
    pub ports: InvestigatePorts<'a>,
    /// What touches money or security.
    pub touching: &'a Touching,
    /// When errors are counted last.
    pub at: Timestamp,
    /// How far back is looked for what changed.
    pub back: Seconds,
}

impl InvestigateJob<'_> {
    /// Everything that is behind these issues, the leading one first.
    ///
    /// # Errors
    /// The cause when their errors cannot be counted; everything else is a gap.
    pub async fn known(&self, issues: &[Affected]) -> Result<Known, Cause> {
        let issues = &issues[..issues.len().min(LEADS)];
        if issues.is_empty() {
            return Err(Cause::NoInput("no issue belongs to the incident yet".to_owned()));
        }
        let window = Window::before(self.at, self.back);
        let whole = Period { from: window.from, until: window.until };
        let own = of_issues(issues.iter().map(|issue| issue.id));
        let read = self.ports.read;
        let (counts, by_project, deploys, flags, settings) = futures::join!(
            read.counts(&own, window),
            read.counts_by_project(window),
            read.deploys(whole),
            read.flag_changes(whole),
            read.settings(whole),
        );
        let mut known = Known { window, counts: counts.seen()?, ..Known::default() };
        known.by_project = kept(by_project, "errors of other projects", &mut known.gaps);
        let mut changes: Vec<Changed> = kept(deploys, RELEASES, &mut known.gaps);
        changes.extend(kept(flags, FLAG_LOG, &mut known.gaps));
        changes.extend(kept(settings, "the audit log", &mut known.gaps));
        changes.sort_by_key(|change| change.at);
        known.changes = changes;
        let rise = onset(&known.counts, &known.changes, window).unwrap_or(window.from);
        let since = Period { from: rise, until: self.at.max(window.until) };
        self.leads(issues, since, &mut known).await;
        self.around(issues, since, &mut known).await;
        Ok(known)
    }
}

/// What was seen; what was not is noted.
fn kept<T: Default>(answer: Looked<T>, what: &str, gaps: &mut Vec<(String, Cause)>) -> T {
    match answer {
        Looked::Saw(seen) => seen,
        Looked::CouldNotLook(cause) => {
            gaps.push((what.to_owned(), cause));
            T::default()
        }
    }
}
