//! What the checked-out code says about issues.

use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::ids::ShortId;
use orderly_core::noise::HeadFix;
use orderly_core::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Reads the history of HEAD.
#[async_trait]
pub trait HeadRead: Send + Sync {
    /// Commits of HEAD since a time whose message says that they fix one of these issues; the latest one each.
    async fn fixes(&self, issues: &BTreeSet<ShortId>, since: Timestamp)
    -> Looked<BTreeMap<ShortId, HeadFix>>;
}
