//! Commits of HEAD that say they fix an issue.

use super::command::Git;
use super::failure::GitError;
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{CommitId, ShortId};
use orderly_core::noise::{Committed, HeadFix, fixed_by};
use orderly_core::time::Timestamp;
use orderly_engine::ports::head::HeadRead;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of messages that are read.
const LIMIT: usize = 64 * 1024 * 1024;

#[async_trait]
impl HeadRead for Git {
    async fn fixes(
        &self,
        issues: &BTreeSet<ShortId>,
        since: Timestamp,
    ) -> Looked<BTreeMap<ShortId, HeadFix>> {
        match self.history(since).await {
            Ok(history) => Looked::Saw(fixed_by(&history, issues)),
            Err(error) => Looked::CouldNotLook(Cause::NoInput(error.to_string())),
        }
    }
}

impl Git {
    /// The messages of HEAD since a time, the latest first.
    async fn history(&self, since: Timestamp) -> Result<Vec<Committed>, GitError> {
        let log = self
            .call("log")
            .args(&["-z", "--no-color", "--no-show-signature", "--format=%H%x1f%ct%x1f%B"])
            .value("--since", since.to_string())
            .limit(LIMIT)
            .success()
            .await?;
        Ok(log.text().split('\0').filter_map(committed).collect())
    }
}

fn committed(record: &str) -> Option<Committed> {
    let mut parts = record.splitn(3, '\u{1f}');
    let (commit, at, message) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Committed {
        commit: CommitId::parse(commit.trim()).ok()?,
        at: Timestamp::from_second(at.parse().ok()?).ok()?,
        message: message.to_owned(),
    })
}
