//! What is remembered of tracked work, in memory.

use super::FakeWorld;
use async_trait::async_trait;
use orderly_core::backlog::Coverage;
use orderly_core::ids::{IssueId, TeamKey};
use orderly_core::similar::Signature;
use orderly_engine::ports::backlog::{BacklogNews, BacklogStore, OwnExamples, StoredBacklog};
use orderly_engine::ports::ledger::{LeaseScope, LedgerError};
use std::collections::BTreeMap;

fn nothing(teams: &[TeamKey]) -> StoredBacklog {
    StoredBacklog { coverage: Coverage::none(teams.to_vec()), items: Vec::new(), errors: BTreeMap::new() }
}

#[async_trait]
impl BacklogStore for FakeWorld {
    async fn backlog(&self, _: &LeaseScope, teams: &[TeamKey]) -> Result<StoredBacklog, LedgerError> {
        self.keep("ledger.backlog", |state| Ok(state.backlog.clone().unwrap_or_else(|| nothing(teams)))).await
    }

    async fn learn_items(
        &self,
        _: &LeaseScope,
        teams: &[TeamKey],
        news: &BacklogNews,
    ) -> Result<(), LedgerError> {
        self.keep("ledger.learn_items", |state| {
            let stored = state.backlog.get_or_insert_with(|| nothing(teams));
            stored.coverage = news.coverage.clone();
            stored.items.retain(|known| news.items.iter().all(|new| new.item.id != known.item.id));
            stored.items.extend(news.items.iter().cloned());
            Ok(())
        })
        .await
    }

    async fn forget_items(&self, _: &LeaseScope, teams: &[TeamKey]) -> Result<(), LedgerError> {
        self.keep("ledger.forget_items", |state| {
            if let Some(stored) = &mut state.backlog {
                stored.items.clear();
                stored.coverage = Coverage::none(teams.to_vec());
            }
            Ok(())
        })
        .await
    }

    async fn learn_errors(
        &self,
        _: &LeaseScope,
        errors: &BTreeMap<IssueId, Signature>,
    ) -> Result<(), LedgerError> {
        self.keep("ledger.learn_errors", |state| {
            if let Some(stored) = &mut state.backlog {
                stored.errors.extend(errors.clone());
            }
            Ok(())
        })
        .await
    }

    async fn examples(&self, _: &LeaseScope) -> Result<Option<OwnExamples>, LedgerError> {
        Ok(None)
    }

    async fn learn_examples(&self, _: &LeaseScope, _: &OwnExamples) -> Result<(), LedgerError> {
        Ok(())
    }
}
