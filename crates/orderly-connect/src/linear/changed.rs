//! Items by the time of their last change: what an index of tracked work reads.

use super::LinearClient;
use super::api::Answer;
use super::items::{item, original};
use orderly_core::answer::Cause;
use orderly_core::backlog::Span;
use orderly_core::ids::TeamKey;
use orderly_core::sync::snapshot::ItemState;
use orderly_engine::ports::tracker::{ChangedItem, ChangedPage};
use orderly_wire::linear::documents::CHANGED;
use orderly_wire::linear::filters::{IssueFilter, Within};
use orderly_wire::linear::nodes::IssueNode;
use orderly_wire::linear::reply::Connection;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Changed {
    items: Connection<IssueNode>,
}

impl LinearClient {
    pub(super) async fn changed_page(
        &self,
        teams: &[TeamKey],
        span: Span,
        after: Option<&str>,
    ) -> Result<ChangedPage, Cause> {
        // Keys are upper-case in Linear; whoever writes them may not be.
        let keys = teams.iter().map(|team| team.as_str().to_uppercase()).collect();
        let filter = IssueFilter::changed(keys, Within { gte: span.from, lte: span.to });
        let Answer { value: Changed { items }, request } = self
            .api
            .ask("changed", CHANGED, json!({ "filter": filter, "after": after }))
            .await
            .map_err(Cause::from)?;
        let next = items.next().map(str::to_owned);
        if next.is_none() && !items.is_whole() {
            return Err(Cause::MorePages);
        }
        Ok(ChangedPage { items: items.nodes.iter().map(changed).collect(), next, request })
    }
}

fn changed(node: &IssueNode) -> ChangedItem {
    let item = item(node);
    let merged_into = original(node).filter(|_| item.state == ItemState::Duplicate);
    ChangedItem { item, merged_into }
}
