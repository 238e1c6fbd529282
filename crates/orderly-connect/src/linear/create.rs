//! Creating an item: the one write that must never happen twice. Everything rests on what a reply is taken for.

use super::LinearClient;
use super::api::{Answer, Trouble};
use async_trait::async_trait;
use orderly_core::ids::{ItemId, ItemKey};
use orderly_core::incident::FileOrder;
use orderly_core::sync::plan::{CreateOrder, ItemRef};
use orderly_core::tracked::AbsenceProof;
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::tracker::{CreateReply, TrackerCreate, TrackerFile};
use orderly_wire::linear::documents::CREATE;
use orderly_wire::linear::inputs::IssueCreateInput;
use serde::Deserialize;
use serde_json::json;

#[async_trait]
impl TrackerCreate for LinearClient {
    async fn create(&self, order: &CreateOrder, proof: &AbsenceProof) -> CreateReply {
        if proof.key() != &order.key {
            return CreateReply::Refused("the proof is about another issue: nothing was sent".to_owned());
        }
        let input = IssueCreateInput {
            id: order.item.0,
            team_id: order.team_id.clone(),
            title: order.title.clone(),
            description: order.body.clone(),
            priority: order.priority,
            state_id: order.state.clone(),
            label_ids: order.labels.clone(),
            assignee_id: order.assignee.clone(),
        };
        self.insert(input).await
    }
}

#[async_trait]
impl TrackerFile for LinearClient {
    async fn file(&self, order: &FileOrder) -> CreateReply {
        self.insert(IssueCreateInput {
            id: order.item.0,
            team_id: order.team_id.clone(),
            title: order.title.clone(),
            description: order.body.clone(),
            priority: order.priority,
            state_id: order.state.clone(),
            label_ids: order.labels.clone(),
            assignee_id: order.assignee.clone(),
        })
        .await
    }
}

impl LinearClient {
    async fn insert(&self, input: IssueCreateInput) -> CreateReply {
        let asked = ItemId(input.id);
        let about = ["issueCreate ", &asked.to_string()].concat();
        let answer = self.api.tell(&about, CREATE, json!({ "input": input })).await;
        classify(asked, answer.map(|Answer { value, .. }| value))
    }
}

/// Data of a reply to [`CREATE`].
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    issue_create: Option<Payload>,
}

#[derive(Debug, Deserialize)]
struct Payload {
    success: bool,
    #[serde(default)]
    issue: Option<CreatedIssue>,
}

#[derive(Debug, Deserialize)]
struct CreatedIssue {
    id: uuid::Uuid,
    identifier: String,
    url: String,
}

/// What a reply says about the item with the asked id. Only a clear refusal is one; whatever leaves room for the item
/// to exist is unknown, and settled by reading it by id.
fn classify(asked: ItemId, answer: Result<Created, Trouble>) -> CreateReply {
    let payload = match answer {
        Ok(Created { issue_create: Some(payload) }) => payload,
        Ok(Created { issue_create: None }) => {
            return CreateReply::Unknown(
                "the reply says neither that an item was made nor why not".to_owned(),
            );
        }
        Err(Trouble::Conflict(_)) => return CreateReply::Conflict,
        Err(Trouble::RateLimited { until }) => return CreateReply::RateLimited { until },
        Err(Trouble::Access(why)) => return CreateReply::Denied(why),
        Err(Trouble::Refused(why) | Trouble::NotFound(why)) => return CreateReply::Refused(why),
        Err(Trouble::NoReply(why)) => return CreateReply::Unknown(why),
    };
    match payload.issue {
        Some(issue) if payload.success => {
            let item = ItemRef {
                id: ItemId(issue.id),
                key: ItemKey::new(issue.identifier),
                url: Untrusted::new(issue.url),
            };
            if item.id == asked { CreateReply::Created(item) } else { CreateReply::OtherId(item) }
        }
        Some(_) => CreateReply::Unknown("the reply names an item and says that it was no success".to_owned()),
        None => CreateReply::Unknown("the reply names no item".to_owned()),
    }
}

#[cfg(test)]
mod tests;
