//! Writes on items that exist. Each is an upsert or carries a derived id, so each may be repeated.

use super::LinearClient;
use super::api::{Answer, Trouble};
use async_trait::async_trait;
use orderly_core::ids::ItemId;
use orderly_core::sync::plan::{AttachOrder, CommentOrder};
use orderly_engine::ports::tracker::{TrackerLink, WriteReply};
use orderly_wire::linear::documents::{ATTACH, COMMENT, ITEMS, RELATE, UPDATE};
use orderly_wire::linear::inputs::{
    AttachmentCreateInput, CommentCreateInput, IssueRelationCreateInput, IssueUpdateInput, RelationKind,
};
use orderly_wire::linear::nodes::IssueNode;
use orderly_wire::linear::reply::Connection;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Data of a reply to any of these mutations: one payload under the mutation's name.
type Payloads = BTreeMap<String, Payload>;

#[derive(Debug, Deserialize)]
struct Payload {
    success: bool,
}

#[derive(Deserialize)]
struct Items {
    items: Connection<IssueNode>,
}

/// What a taken id means for a write.
#[derive(Clone, Copy)]
enum Taken {
    /// The id is ours: it was written before.
    Done,
    /// The write carries no id: somebody else was faster, and a repeat settles it.
    Again,
}

#[async_trait]
impl TrackerLink for LinearClient {
    async fn attach(&self, order: &AttachOrder) -> WriteReply {
        let input = AttachmentCreateInput {
            issue_id: order.item.0,
            url: order.url.clone(),
            title: order.title.clone(),
            subtitle: order.subtitle.clone(),
        };
        let about = ["attachmentCreate on ", &order.item.to_string()].concat();
        written(self.api.tell(&about, ATTACH, json!({ "input": input })).await, Taken::Again)
    }

    async fn comment(&self, order: &CommentOrder) -> WriteReply {
        let input = CommentCreateInput { id: order.id, issue_id: order.item.0, body: order.body.clone() };
        let about = ["commentCreate on ", &order.item.to_string()].concat();
        written(self.api.tell(&about, COMMENT, json!({ "input": input })).await, Taken::Done)
    }

    async fn move_to(&self, item: ItemId, state: &str) -> WriteReply {
        let variables = json!({ "id": item, "input": IssueUpdateInput { state_id: state.to_owned() } });
        let about = ["issueUpdate of ", &item.to_string()].concat();
        written(self.api.tell(&about, UPDATE, variables).await, Taken::Again)
    }

    async fn relate(&self, item: ItemId, predecessor: ItemId) -> WriteReply {
        match self.are_related(item, predecessor).await {
            Ok(true) => return WriteReply::Done,
            Ok(false) => {}
            Err(trouble) => return failed(trouble, Taken::Again),
        }
        let input = IssueRelationCreateInput {
            id: relation_id(item, predecessor),
            issue_id: item.0,
            related_issue_id: predecessor.0,
            kind: RelationKind::Related,
        };
        let about = ["issueRelationCreate on ", &item.to_string()].concat();
        written(self.api.tell(&about, RELATE, json!({ "input": input })).await, Taken::Done)
    }
}

impl LinearClient {
    /// Whether either item names the other: what a repeated relation does is not known, so it is looked at first.
    async fn are_related(&self, one: ItemId, other: ItemId) -> Result<bool, Trouble> {
        let Answer { value: Items { items }, .. } =
            self.api.ask("items", ITEMS, json!({ "ids": [one, other] })).await?;
        let relations = items.nodes.iter().flat_map(|node| {
            let related = node.relations.iter().flat_map(|page| &page.nodes);
            related.map(move |relation| (ItemId(node.id), ItemId(relation.related_issue.id)))
        });
        Ok(relations.into_iter().any(|pair| pair == (one, other) || pair == (other, one)))
    }
}

/// The relation's id: the same pair gives the same id.
fn relation_id(item: ItemId, predecessor: ItemId) -> Uuid {
    let digest = orderly_core::digest::of(&("relation", item, predecessor));
    let first = digest.as_str().get(..32).and_then(|hex| u128::from_str_radix(hex, 16).ok());
    let first = first.expect("a digest is 64 hex digits");
    uuid::Builder::from_random_bytes(first.to_be_bytes()).into_uuid()
}

fn written(answer: Result<Answer<Payloads>, Trouble>, taken: Taken) -> WriteReply {
    match answer {
        Ok(Answer { value, .. }) if value.values().next().is_some_and(|payload| payload.success) => {
            WriteReply::Done
        }
        Ok(_) => WriteReply::Unknown("the reply does not say that it was a success".to_owned()),
        Err(trouble) => failed(trouble, taken),
    }
}

fn failed(trouble: Trouble, taken: Taken) -> WriteReply {
    match (trouble, taken) {
        (Trouble::Conflict(_), Taken::Done) => WriteReply::Done,
        (Trouble::Conflict(why), Taken::Again) => WriteReply::Unknown(why),
        (Trouble::RateLimited { until }, _) => WriteReply::RateLimited { until },
        (Trouble::Access(why) | Trouble::Refused(why) | Trouble::NotFound(why), _) => {
            WriteReply::Refused(why)
        }
        (Trouble::NoReply(why), _) => WriteReply::Unknown(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::api::{read, tests::reply};
    use orderly_core::answer::RequestRef;

    fn of(status: u16, body: &str, taken: Taken) -> WriteReply {
        let request = RequestRef { what: String::new(), at: "2025-11-21T09:15:00Z".parse().expect("a time") };
        written(read(&reply(status, &[], body), "t").map(|value| Answer { value, request }), taken)
    }

    #[test]
    fn a_repeated_write_under_our_own_id_is_done() {
        let conflict = r#"{"errors":[{"message":"conflict on insert of Comment"}]}"#;
        assert_eq!(of(200, conflict, Taken::Done), WriteReply::Done);
        assert!(matches!(of(200, conflict, Taken::Again), WriteReply::Unknown(_)));
        assert_eq!(
            of(200, r#"{"data":{"commentCreate":{"success":true,"comment":{"id":"x"}}}}"#, Taken::Done),
            WriteReply::Done
        );
    }

    #[test]
    fn what_is_not_clearly_done_or_refused_is_unknown() {
        for (status, body) in [
            (200, r#"{"data":{"attachmentCreate":{"success":false}}}"#),
            (200, r#"{"data":{}}"#),
            (200, ""),
            (502, "<html>"),
            (200, r#"{"errors":[{"message":"oops","extensions":{"type":"internal error"}}]}"#),
        ] {
            assert!(matches!(of(status, body, Taken::Done), WriteReply::Unknown(_)), "{status} {body}");
        }
        let refused = r#"{"errors":[{"message":"Entity not found: Issue"}]}"#;
        assert!(matches!(of(200, refused, Taken::Done), WriteReply::Refused(_)));
        let limited = r#"{"errors":[{"message":"m","extensions":{"code":"RATELIMITED"}}]}"#;
        assert_eq!(of(400, limited, Taken::Done), WriteReply::RateLimited { until: None });
    }

    #[test]
    fn a_relation_has_one_id_and_it_is_shaped_as_version_four() {
        let (a, b) = (ItemId(Uuid::from_u128(1)), ItemId(Uuid::from_u128(2)));
        assert_eq!(relation_id(a, b), relation_id(a, b));
        assert_ne!(relation_id(a, b), relation_id(b, a));
        assert_eq!(relation_id(a, b).get_version_num(), 4);
    }
}
