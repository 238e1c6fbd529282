//! How transactions and releases fare: what the performance expert and the release manager look at.

use super::{InvestigateJob, kept};
use crate::ports::investigate::Period;
use crate::ports::look::Dataset;
use orderly_core::answer::Cause;
use orderly_core::ids::ProjectSlug;
use orderly_core::investigate::Known;
use orderly_core::specialist::{Health, Pace, Transaction};
use orderly_core::time::Timestamp;
use orderly_core::untrusted::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

/// What is asked of transactions.
const FIELDS: [&str; 6] = [
    "project",
    "transaction",
    "count()",
    "failure_count()",
    "p50(transaction.duration)",
    "p95(transaction.duration)",
];

/// What could not be looked at, with the cause.
pub type Unread = Vec<(String, Cause)>;

impl InvestigateJob<'_> {
    /// The transactions since the rise, each beside what it was before.
    pub async fn transactions(&self, known: &Known, rise: Timestamp) -> (Vec<Transaction>, Unread) {
        let mut unread = Unread::new();
        let (since, before) =
            (Period { from: rise, until: self.at }, Period { from: known.window.from, until: rise });
        let (now, before) = futures::join!(self.paces(since), self.paces(before));
        let now = kept(now, "transactions", &mut unread);
        let mut before = kept(before, "transactions before the rise", &mut unread);
        let both = now.into_iter().map(|((project, name), now)| {
            let before = before.remove(&(project.clone(), name.clone())).unwrap_or_default();
            Transaction { project, name, now, before }
        });
        (both.collect(), unread)
    }

    /// The releases of these projects.
    pub async fn health(&self, projects: &BTreeSet<ProjectSlug>) -> (Vec<Health>, Unread) {
        let mut unread = Unread::new();
        let health = kept(self.ports.read.health().await, "how releases fare", &mut unread);
        (health.into_iter().filter(|one| projects.contains(&one.project)).collect(), unread)
    }

    async fn paces(
        &self,
        period: Period,
    ) -> orderly_core::answer::Looked<BTreeMap<(ProjectSlug, Untrusted<String>), Pace>> {
        use orderly_core::answer::Looked;
        let page = match self.events(String::new(), &FIELDS, Dataset::Transactions, period).await {
            Looked::Saw(page) => page,
            Looked::CouldNotLook(cause) => return Looked::CouldNotLook(cause),
        };
        let pace = |row: &BTreeMap<String, Untrusted<String>>| {
            let number = |column: &str| row.get(column)?.as_raw_str().parse::<f64>().ok();
            let pace = Pace {
                count: number("count()")? as u64,
                failed: number("failure_count()").unwrap_or(0.0) as u64,
                p50: number("p50(transaction.duration)").unwrap_or(0.0),
                p95: number("p95(transaction.duration)").unwrap_or(0.0),
            };
            let project = ProjectSlug::new(row.get("project")?.as_raw_str());
            Some(((project, row.get("transaction")?.clone()), pace))
        };
        Looked::Saw(page.rows.iter().filter_map(pace).collect())
    }
}
