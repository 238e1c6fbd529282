//! The ledger's port over the ledger in memory.

use super::{FakeWorld, Trouble};
use crate::world::at;
use crate::world::ledger::{Held, LEASE};
use async_trait::async_trait;
use orderly_core::ids::{IssueId, OrgSlug, RunId, SentryHost, TrackKey};
use orderly_core::sync::machine::{Journal, JournalEntry, StoreFailure};
use orderly_core::sync::snapshot::LastReport;
use orderly_core::time::{Now, Seconds};
use orderly_engine::ports::ledger::{Lease, LeaseAnswer, LeaseScope, Ledger, LedgerError, RunRecord};
use std::collections::BTreeMap;

impl FakeWorld {
    pub(super) async fn keep<T>(
        &self,
        what: &'static str,
        work: impl FnOnce(&mut super::State) -> Result<T, LedgerError> + Send,
    ) -> Result<T, LedgerError> {
        match self.call(what).await {
            Trouble::None => work(&mut self.state()),
            _ => Err(LedgerError::Failed { what: what.to_owned(), why: "the disk is full".to_owned() }),
        }
    }
}

fn held(lease: &Lease) -> Held {
    Held { holder: lease.holder.clone(), epoch: u64::try_from(lease.epoch).unwrap_or(0), until: 0 }
}

fn lost(lease: &Lease, failure: StoreFailure) -> LedgerError {
    let scope = format!("{}/{}", lease.scope.org, lease.scope.team);
    match failure {
        StoreFailure::LeaseLost { holder } => LedgerError::LeaseLost { scope, holder: holder.to_string() },
        StoreFailure::Failed(why) => LedgerError::Failed { what: scope, why },
    }
}

#[async_trait]
impl Ledger for FakeWorld {
    async fn take_lease(
        &self,
        scope: &LeaseScope,
        holder: &RunId,
        _: Now,
        _: Seconds,
    ) -> Result<LeaseAnswer, LedgerError> {
        let scope = scope.clone();
        self.keep("ledger.take_lease", |state| {
            let second = state.second;
            Ok(match state.ledger.take(holder, second) {
                Ok(held) => LeaseAnswer::Held(Lease {
                    scope,
                    holder: held.holder,
                    epoch: i64::try_from(held.epoch).unwrap_or(0),
                    until: at(held.until),
                }),
                Err(holder) => LeaseAnswer::Busy { holder, until: at(second + LEASE) },
            })
        })
        .await
    }

    async fn renew_lease(&self, lease: &Lease, _: Now, _: Seconds) -> Result<Lease, LedgerError> {
        self.keep("ledger.renew_lease", |state| {
            let until =
                state.ledger.renew(&held(lease), state.second).map_err(|failure| lost(lease, failure))?;
            Ok(Lease { until, ..lease.clone() })
        })
        .await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<(), LedgerError> {
        self.keep("ledger.release_lease", |state| {
            state.ledger.release(&held(lease));
            Ok(())
        })
        .await
    }

    async fn record(&self, lease: &Lease, entry: &JournalEntry, _: Now) -> Result<(), LedgerError> {
        self.keep("ledger.record", |state| {
            state.ledger.record(&held(lease), entry).map_err(|failure| lost(lease, failure))
        })
        .await
    }

    async fn entry(&self, key: &TrackKey) -> Result<Option<JournalEntry>, LedgerError> {
        self.keep("ledger.entry", |state| Ok(state.ledger.entries.get(key).cloned())).await
    }

    async fn open_entries(&self, _: &LeaseScope) -> Result<Journal, LedgerError> {
        self.keep("ledger.open_entries", |state| Ok(state.ledger.open())).await
    }

    async fn entries_of_run(&self, run: &RunId) -> Result<Vec<JournalEntry>, LedgerError> {
        self.keep("ledger.entries_of_run", |state| {
            Ok(state.ledger.entries.values().filter(|entry| entry.run == *run).cloned().collect())
        })
        .await
    }

    async fn last_reports(
        &self,
        _: &SentryHost,
        _: &OrgSlug,
        issues: &[IssueId],
    ) -> Result<BTreeMap<IssueId, LastReport>, LedgerError> {
        self.keep("ledger.last_reports", |state| {
            Ok(issues.iter().filter_map(|id| Some((*id, state.ledger.reports.get(id)?.clone()))).collect())
        })
        .await
    }

    async fn remember_reports(
        &self,
        _: &SentryHost,
        _: &OrgSlug,
        reports: &BTreeMap<IssueId, LastReport>,
    ) -> Result<(), LedgerError> {
        self.keep("ledger.remember_reports", |state| {
            state.ledger.reports.extend(reports.clone());
            Ok(())
        })
        .await
    }

    async fn begin_run(&self, run: &RunRecord) -> Result<(), LedgerError> {
        self.keep("ledger.begin_run", |state| {
            state.runs.push(run.clone());
            Ok(())
        })
        .await
    }

    async fn end_run(&self, run: &RunRecord) -> Result<(), LedgerError> {
        self.keep("ledger.end_run", |state| {
            state.runs.retain(|kept| kept.id != run.id);
            state.runs.push(run.clone());
            Ok(())
        })
        .await
    }

    async fn runs(&self, limit: u32) -> Result<Vec<RunRecord>, LedgerError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.keep("ledger.runs", |state| Ok(state.runs.iter().rev().take(limit).cloned().collect())).await
    }

    async fn run(&self, id: &RunId) -> Result<Option<RunRecord>, LedgerError> {
        self.keep("ledger.run", |state| Ok(state.runs.iter().find(|run| run.id == *id).cloned())).await
    }
}
