//! From an item on the wire to an item of the core, and reading items by id.

use super::LinearClient;
use super::api::Answer;
use orderly_core::answer::Cause;
use orderly_core::ids::{ItemId, ItemKey, TeamKey};
use orderly_core::sync::marker::Marker;
use orderly_core::sync::snapshot::{ItemState, Presence, TrackedItem};
use orderly_core::untrusted::Untrusted;
use orderly_wire::linear::documents::{ITEMS, ITEMS_LIMIT};
use orderly_wire::linear::nodes::IssueNode;
use orderly_wire::linear::reply::Connection;
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// How far a chain of merges is followed.
const MOST_MERGES: usize = 8;

#[derive(Deserialize)]
struct Items {
    items: Connection<IssueNode>,
}

/// Items by id, with what each was merged into.
type Known = BTreeMap<ItemId, (TrackedItem, Option<ItemId>)>;

impl LinearClient {
    /// An item by id, in archive and trash too, with what it was merged into. `None`: no such item exists.
    pub(super) async fn item_by_id(&self, id: ItemId) -> Result<Option<TrackedItem>, Cause> {
        let known = self.with_originals([id].into()).await?;
        Ok(resolved(id, &known, MOST_MERGES))
    }

    /// Says of each merged item what it was merged into: that is where the work goes on. When that cannot be read the
    /// item stays a merged one whose original is not known.
    pub(super) async fn name_originals(&self, items: Vec<&mut TrackedItem>) {
        let merged: Vec<&mut TrackedItem> =
            items.into_iter().filter(|item| item.state == ItemState::Duplicate).collect();
        let ids: BTreeSet<ItemId> = merged.iter().map(|item| item.id).collect();
        if ids.is_empty() {
            return;
        }
        match self.with_originals(ids).await {
            Ok(known) => {
                for item in merged {
                    item.duplicate_of =
                        resolved(item.id, &known, MOST_MERGES).and_then(|item| item.duplicate_of);
                }
            }
            Err(cause) => tracing::info!(%cause, "merged items are shown without what they were merged into"),
        }
    }

    /// Items by id and, step by step, what they were merged into.
    async fn with_originals(&self, ids: BTreeSet<ItemId>) -> Result<Known, Cause> {
        let mut known = Known::new();
        let mut asked = ids;
        for _ in 0..=MOST_MERGES {
            if asked.is_empty() {
                break;
            }
            for node in self.nodes(&asked).await? {
                let item = item(&node);
                let original = original(&node).filter(|_| item.state == ItemState::Duplicate);
                known.insert(item.id, (item, original));
            }
            asked = known
                .values()
                .filter_map(|(_, original)| *original)
                .filter(|id| !known.contains_key(id))
                .collect();
        }
        Ok(known)
    }

    async fn nodes(&self, ids: &BTreeSet<ItemId>) -> Result<Vec<IssueNode>, Cause> {
        let ids: Vec<ItemId> = ids.iter().copied().collect();
        let mut nodes = Vec::new();
        for ids in ids.chunks(ITEMS_LIMIT) {
            let Answer { value: Items { items }, .. } =
                self.api.ask("items", ITEMS, json!({ "ids": ids })).await.map_err(Cause::from)?;
            if !items.is_whole() {
                return Err(Cause::MorePages);
            }
            nodes.extend(items.nodes.into_iter().filter(|node| ids.contains(&ItemId(node.id))));
        }
        Ok(nodes)
    }
}

/// An item with its chain of originals; a circle ends after `steps`.
fn resolved(id: ItemId, known: &Known, steps: usize) -> Option<TrackedItem> {
    let (item, original) = known.get(&id)?;
    let further = original.filter(|original| steps > 0 && *original != id);
    let duplicate_of = further.and_then(|original| resolved(original, known, steps - 1)).map(Box::new);
    Some(TrackedItem { duplicate_of, ..item.clone() })
}

pub(super) fn original(node: &IssueNode) -> Option<ItemId> {
    let mut relations = node.relations.iter().flat_map(|page| &page.nodes);
    relations.find(|relation| relation.kind == "duplicate").map(|relation| ItemId(relation.related_issue.id))
}

/// An item of the core, without what it was merged into.
pub(super) fn item(node: &IssueNode) -> TrackedItem {
    let attachments = node.attachments.iter().flat_map(|page| &page.nodes);
    let comments = node.comments.iter().flat_map(|page| &page.nodes).map(|comment| &comment.body);
    TrackedItem {
        id: ItemId(node.id),
        key: ItemKey::new(node.identifier.clone()),
        url: Untrusted::new(node.url.clone()),
        title: Untrusted::new(node.title.clone()),
        team: TeamKey::new(node.team.key.clone()),
        state: state(&node.state.kind),
        presence: match (node.trashed, node.archived_at) {
            (Some(true), _) => Presence::Trashed,
            (_, Some(_)) => Presence::Archived,
            (_, None) => Presence::Live,
        },
        created_at: node.created_at,
        updated_at: node.updated_at,
        marker: node.description.as_deref().and_then(Marker::find),
        completed_at: node.completed_at,
        duplicate_of: None,
        attachments: attachments.map(|attachment| Untrusted::new(attachment.url.clone())).collect(),
        texts: node.description.iter().chain(comments).map(|text| Untrusted::new(text.clone())).collect(),
    }
}

/// A type that this version does not know counts as open: an item in it keeps another from being made.
fn state(kind: &str) -> ItemState {
    match kind {
        "triage" => ItemState::Triage,
        "unstarted" => ItemState::Unstarted,
        "started" => ItemState::Started,
        "completed" => ItemState::Completed,
        "canceled" => ItemState::Canceled,
        "duplicate" => ItemState::Duplicate,
        _ => ItemState::Backlog,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use uuid::Uuid;

    /// An item as Linear answers it, with some fields replaced.
    pub fn node(changes: serde_json::Value) -> IssueNode {
        let mut node = json!({
            "id": "1f0c6c5e-6c0e-4b52-9d5f-0f4b0d9f7a11", "identifier": "PLAT-12", "title": "A title",
            "url": "https://linear.app/acme/issue/PLAT-12/a-title", "description": null, "archivedAt": null,
            "trashed": null, "createdAt": "2026-11-20T09:30:00.000Z", "updatedAt": "2026-11-20T09:31:00.000Z",
            "state": {"type": "started"}, "team": {"key": "PLAT"}
        });
        if let (Some(node), serde_json::Value::Object(changes)) = (node.as_object_mut(), changes) {
            node.extend(changes);
        }
        serde_json::from_value(node).expect("readable")
    }

    #[test]
    fn trash_archive_and_state_are_told_apart() {
        for (changes, presence, state) in [
            (json!({}), Presence::Live, ItemState::Started),
            (json!({"archivedAt": "2026-11-20T09:31:00Z"}), Presence::Archived, ItemState::Started),
            (
                json!({"archivedAt": "2026-11-20T09:31:00Z", "trashed": true}),
                Presence::Trashed,
                ItemState::Started,
            ),
            (json!({"state": {"type": "canceled"}}), Presence::Live, ItemState::Canceled),
            (json!({"state": {"type": "invented"}}), Presence::Live, ItemState::Backlog),
        ] {
            let item = item(&node(changes.clone()));
            assert_eq!((item.presence, item.state), (presence, state), "{changes}");
        }
    }

    #[test]
    fn the_marker_the_texts_and_the_attachments_are_read() {
        let body =
            "text\n\nTracked by Orderly: API-3 acme/45 g0 k:1f2e3d4c5b6a t:0123456789ab s:ba9876543210";
        let item = item(&node(json!({
            "description": body, "comments": {"nodes": [{"body": "same as API-3"}]},
            "attachments": {"nodes": [{"url": "https://sentry.io/organizations/acme/issues/45/"}]}
        })));
        assert_eq!(item.marker.map(|m| m.title), Some("0123456789ab".into()));
        assert_eq!((item.attachments.len(), item.texts.len()), (1, 2));
    }

    #[test]
    fn a_chain_of_merges_is_followed_and_a_circle_ends() {
        let id = |n| ItemId(Uuid::from_u128(n));
        let merged = |n: u128, into: Option<u128>| {
            let kind = if into.is_some() { "duplicate" } else { "started" };
            let node = node(
                json!({"id": Uuid::from_u128(n), "identifier": format!("P-{n}"), "state": {"type": kind}}),
            );
            (id(n), (item(&node), into.map(id)))
        };
        let known = Known::from([
            merged(1, Some(2)),
            merged(2, Some(3)),
            merged(3, None),
            merged(4, Some(5)),
            merged(5, Some(4)),
        ]);
        let last = |n| {
            let mut item = resolved(id(n), &known, MOST_MERGES).expect("it is known");
            while let Some(into) = item.duplicate_of {
                item = *into;
            }
            item.key.as_str().to_owned()
        };
        assert_eq!(last(1), "P-3");
        assert!(last(4).starts_with("P-"));
        assert_eq!(resolved(id(9), &known, MOST_MERGES), None);
        let relations = json!({"relations": {"nodes": [
            {"type": "related", "relatedIssue": {"id": Uuid::from_u128(7), "identifier": "P-7"}},
            {"type": "duplicate", "relatedIssue": {"id": Uuid::from_u128(8), "identifier": "P-8"}}
        ]}});
        assert_eq!(original(&node(relations)), Some(id(8)));
    }
}
