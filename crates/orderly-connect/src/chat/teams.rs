//! A workflow or incoming webhook of Microsoft Teams: takes a card and answers no id, so nothing is edited or found.

use super::wire::{Hook, refused};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::incident::{MessageId, PostOrder};
use orderly_engine::ports::incident::{PostReply, Teller};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// What an incoming webhook says with a status of success when nothing was delivered.
const NOT_DELIVERED: &[u8] = b"Webhook message delivery failed";

pub(super) struct Teams(pub Hook);

/// An adaptive card of runs of text, which have no Markdown; a mention would need an entity beside the text.
fn card(order: &PostOrder) -> Value {
    let line = |text: &str, more: Value| {
        let mut run = json!({"type": "TextRun", "text": text});
        if let (Some(run), Value::Object(more)) = (run.as_object_mut(), more) {
            run.extend(more);
        }
        json!({"type": "RichTextBlock", "inlines": [run]})
    };
    let mut body = vec![line(&order.words.headline, json!({"weight": "Bolder", "size": "Medium"}))];
    let lines = order.words.text.lines().filter(|line| !line.trim().is_empty());
    body.extend(lines.map(|text| line(text, json!({}))));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.2",
                "body": body,
            },
        }],
    })
}

#[async_trait]
impl Teller for Teams {
    async fn post(&self, order: &PostOrder) -> PostReply {
        let body = card(order).to_string().into_bytes();
        match self.0.send(Method::POST, self.0.url(&[], &[]), HeaderMap::new(), body).await {
            Ok(reply) if !reply.status.is_success() => refused(&reply),
            Ok(reply) if reply.body.windows(NOT_DELIVERED.len()).any(|part| part == NOT_DELIVERED) => {
                PostReply::Failed(
                    "Teams took the message and did not deliver it; a later run tries again".into(),
                )
            }
            Ok(_) => match MessageId::new(format!("v{}", order.version)) {
                Some(id) => PostReply::There(id),
                None => PostReply::Unknown("no id could be made".to_owned()),
            },
            Err(reply) => reply,
        }
    }

    async fn edit(&self, _order: &PostOrder, _message: &MessageId) -> PostReply {
        PostReply::Failed("Teams cannot edit what a webhook sent".to_owned())
    }

    async fn find(&self, _order: &PostOrder) -> Looked<Option<MessageId>> {
        Looked::CouldNotLook(Cause::NoInput("Teams shows a webhook none of its messages".to_owned()))
    }
}
