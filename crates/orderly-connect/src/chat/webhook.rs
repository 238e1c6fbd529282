//! A program of one's own: signed JSON with a stable id and a version that grows. The receiver keeps the newest version of an
//! id, so sending twice does no harm.

use super::wire::{Hook, refused};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::incident::{MessageId, PostOrder};
use orderly_engine::ports::incident::{PostReply, Teller};
use orderly_wire::sentry::hook::signature;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

/// HMAC-SHA256 of the body, in hex.
const SIGNATURE: HeaderName = HeaderName::from_static("orderly-hook-signature");

pub(super) struct Webhook {
    pub hook: Hook,
    pub key: SecretString,
}

#[async_trait]
impl Teller for Webhook {
    async fn post(&self, order: &PostOrder) -> PostReply {
        let id = order.key.id().to_string();
        let incident = &order.key.incident;
        let body = json!({
            "id": id,
            "version": order.version,
            "host": incident.host,
            "org": incident.org,
            "incident": incident.to_string(),
            "headline": order.words.headline,
            "text": order.words.text,
            "sent_at": order.leaves,
        });
        let body = body.to_string().into_bytes();
        let mut headers = HeaderMap::new();
        if let Ok(signed) = HeaderValue::from_str(&signature(self.key.expose_secret(), &body)) {
            headers.insert(SIGNATURE, signed);
        }
        match self.hook.send(Method::POST, self.hook.url(&[], &[]), headers, body).await {
            Ok(reply) if reply.status.is_success() => match MessageId::new(id) {
                Some(id) => PostReply::There(id),
                None => PostReply::Unknown("no id could be made".to_owned()),
            },
            Ok(reply) => refused(&reply),
            Err(reply) => reply,
        }
    }

    async fn edit(&self, order: &PostOrder, _message: &MessageId) -> PostReply {
        self.post(order).await
    }

    async fn find(&self, _order: &PostOrder) -> Looked<Option<MessageId>> {
        Looked::CouldNotLook(Cause::NoInput("a webhook is sent the same again instead".to_owned()))
    }
}
