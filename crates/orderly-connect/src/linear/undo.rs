//! Taking back what a run did, as far as nobody built on it.

use super::LinearClient;
use super::api::{Answer, Trouble};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::ItemId;
use orderly_core::time::Timestamp;
use orderly_engine::ports::tracker::{Touched, TrackerUndo};
use orderly_wire::linear::documents::{ATTACHMENTS, DETACH, TOUCHED, TRASH};
use orderly_wire::linear::filters::AttachmentFilter;
use orderly_wire::linear::nodes::{AttachmentNode, HistoryNode, TouchedNode};
use orderly_wire::linear::reply::Connection;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Payload {
    success: bool,
}

#[derive(Deserialize)]
struct WithAttachments {
    items: Connection<Attached>,
}

#[derive(Deserialize)]
struct Attached {
    attachments: Connection<AttachmentNode>,
}

#[derive(Deserialize)]
struct TouchedItems {
    items: Connection<TouchedNode>,
}

#[async_trait]
impl TrackerUndo for LinearClient {
    async fn trash(&self, item: ItemId) -> Result<(), Cause> {
        self.remove("issueDelete of ", TRASH, &item.to_string()).await
    }

    async fn detach(&self, item: ItemId, url: &str) -> Result<(), Cause> {
        let variables = json!({ "ids": [item], "attachment": AttachmentFilter::url_is(url) });
        let answer: Answer<WithAttachments> =
            self.api.ask("attachments", ATTACHMENTS, variables).await.map_err(Cause::from)?;
        let attachments = answer.value.items.nodes.into_iter().flat_map(|item| item.attachments.nodes);
        for id in attachments.filter(|a| a.url == url).filter_map(|a| a.id) {
            self.remove("attachmentDelete of ", DETACH, &id).await?;
        }
        Ok(())
    }

    async fn touched_since(&self, item: ItemId, made: Timestamp) -> Looked<Touched> {
        Looked::from(self.touched(item, made).await)
    }
}

impl LinearClient {
    /// Removes something by id; what is gone already counts as removed.
    async fn remove(&self, about: &str, text: &str, id: &str) -> Result<(), Cause> {
        let about = [about, id].concat();
        let answer: Result<Answer<BTreeMap<String, Payload>>, _> =
            self.api.tell(&about, text, json!({ "id": id })).await;
        match answer {
            Ok(Answer { value, .. }) if value.values().next().is_some_and(|payload| payload.success) => {
                Ok(())
            }
            Ok(_) => Err(Cause::NoReply(format!("{about}: the reply does not say that it was a success"))),
            Err(Trouble::NotFound(_)) => Ok(()),
            Err(trouble) => Err(trouble.into()),
        }
    }

    async fn touched(&self, item: ItemId, made: Timestamp) -> Result<Touched, Cause> {
        let answer: Answer<TouchedItems> =
            self.api.ask("touched", TOUCHED, json!({ "ids": [item] })).await.map_err(Cause::from)?;
        let node = answer.value.items.nodes.into_iter().find(|node| node.id == item.0);
        Ok(node.map_or(Touched::Gone, |node| judge(&node, made)))
    }
}

/// Any comment and any change after the item was made is somebody's: creating an item leaves neither.
fn judge(node: &TouchedNode, made: Timestamp) -> Touched {
    if node.trashed == Some(true) {
        return Touched::Gone;
    }
    let since = made.min(node.created_at);
    let comments = node.comments.nodes.iter().filter(|comment| comment.created_at >= since).count();
    let changes = node.history.nodes.iter().filter(|change| change.created_at.is_none_or(|at| at > since));
    let mut what: Vec<&str> = changes.flat_map(changed).collect();
    what.sort_unstable();
    what.dedup();
    if comments > 0 {
        what.insert(0, "it has comments");
    }
    if node.archived_at.is_some() {
        what.push("it was archived");
    }
    if what.is_empty() { Touched::No } else { Touched::Yes(what.join(", ")) }
}

fn changed(change: &HistoryNode) -> Vec<&'static str> {
    let labels = |ids: &Option<Vec<String>>| ids.as_ref().is_some_and(|ids| !ids.is_empty());
    [
        (change.from_state_id.is_some() || change.to_state_id.is_some(), "its state was changed"),
        (change.from_assignee_id.is_some() || change.to_assignee_id.is_some(), "it was assigned"),
        (change.from_priority.is_some() || change.to_priority.is_some(), "its priority was changed"),
        (change.from_title.is_some() || change.to_title.is_some(), "its title was changed"),
        (change.updated_description == Some(true), "its description was changed"),
        (labels(&change.added_label_ids) || labels(&change.removed_label_ids), "its labels were changed"),
    ]
    .into_iter()
    .filter_map(|(is, what)| is.then_some(what))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(changes: serde_json::Value) -> TouchedNode {
        let mut node = json!({
            "id": "1f0c6c5e-6c0e-4b52-9d5f-0f4b0d9f7a11", "createdAt": "2026-11-20T10:00:00Z", "archivedAt": null,
            "trashed": null, "comments": {"nodes": []}, "history": {"nodes": []}
        });
        if let (Some(node), serde_json::Value::Object(changes)) = (node.as_object_mut(), changes) {
            node.extend(changes);
        }
        serde_json::from_value(node).expect("readable")
    }

    #[test]
    fn an_item_is_touched_by_a_comment_or_any_change_of_a_person() {
        let made: Timestamp = "2026-11-20T10:00:01Z".parse().expect("a time");
        let later = "2026-11-20T11:00:00Z";
        for (changes, expected) in [
            (json!({}), Touched::No),
            (json!({"history": {"nodes": [{"createdAt": later}]}}), Touched::No),
            (
                json!({"history": {"nodes": [{"createdAt": "2026-11-20T10:00:00Z", "toStateId": "s"}]}}),
                Touched::No,
            ),
            (
                json!({"history": {"nodes": [{"createdAt": later, "fromStateId": "a", "toStateId": "b", "toPriority": 1.0}]}}),
                Touched::Yes("its priority was changed, its state was changed".into()),
            ),
            (
                json!({"comments": {"nodes": [{"id": "c", "createdAt": later}]}}),
                Touched::Yes("it has comments".into()),
            ),
            (json!({"archivedAt": later}), Touched::Yes("it was archived".into())),
            (json!({"archivedAt": later, "trashed": true}), Touched::Gone),
        ] {
            assert_eq!(judge(&node(changes.clone()), made), expected, "{changes}");
        }
    }
}
