//! A webhook of Discord: `POST ?wait=true` answers the message, `PATCH …/messages/{id}` edits it. It cannot be found again.

use super::wire::{Hook, refused, unreadable};
use crate::http::Reply;
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::incident::{MessageId, PostOrder};
use orderly_engine::ports::incident::{PostReply, Teller};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde_json::json;

/// "Unknown Message"; a webhook that is gone has another code.
const NO_MESSAGE: u64 = 10_008;
/// Shows no previews of addresses.
const SUPPRESS_EMBEDS: u64 = 4;

pub(super) struct Discord(pub Hook);

#[derive(Deserialize)]
struct Message {
    id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    code: u64,
}

/// Nobody is mentioned, whatever the text says.
fn body(order: &PostOrder) -> Vec<u8> {
    let body = json!({
        "content": order.words.text,
        "allowed_mentions": {"parse": []},
        "flags": SUPPRESS_EMBEDS,
    });
    body.to_string().into_bytes()
}

fn there(reply: &Reply) -> PostReply {
    let message: Result<Message, _> = serde_json::from_slice(&reply.body);
    match message.ok().and_then(|message| MessageId::new(message.id)) {
        Some(id) => PostReply::There(id),
        None => unreadable(reply),
    }
}

#[async_trait]
impl Teller for Discord {
    async fn post(&self, order: &PostOrder) -> PostReply {
        let url = self.0.url(&[], &[("wait", "true")]);
        match self.0.send(Method::POST, url, HeaderMap::new(), body(order)).await {
            Ok(reply) if reply.status.is_success() => there(&reply),
            Ok(reply) => refused(&reply),
            Err(reply) => reply,
        }
    }

    async fn edit(&self, order: &PostOrder, message: &MessageId) -> PostReply {
        let url = self.0.url(&["messages", message.as_str()], &[]);
        match self.0.send(Method::PATCH, url, HeaderMap::new(), body(order)).await {
            Ok(reply) if reply.status.is_success() => there(&reply),
            Ok(reply) => {
                let refusal: Refusal = serde_json::from_slice(&reply.body).unwrap_or_default();
                if refusal.code == NO_MESSAGE {
                    return PostReply::Gone(format!("message {message} is gone"));
                }
                refused(&reply)
            }
            Err(reply) => reply,
        }
    }

    async fn find(&self, _order: &PostOrder) -> Looked<Option<MessageId>> {
        Looked::CouldNotLook(Cause::NoInput("Discord shows a webhook none of its messages".to_owned()))
    }
}
