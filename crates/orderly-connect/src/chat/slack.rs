//! Slack's Web API: `chat.postMessage`, `chat.update`, and `conversations.history` to find a message by its metadata.

use super::ChatError;
use super::wire::{patient, refused, unreadable};
use crate::http::{Call, Http, Origin, Reply, Settings};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::incident::{MessageId, PostOrder};
use orderly_engine::ports::clock::Clock;
use orderly_engine::ports::incident::{PostReply, Teller};
use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

const URL_SETTING: &str = "incident.channel.url";
const TOKEN_SETTING: &str = "incident.channel.token_variable";
/// What the metadata of a message is called; its payload holds the marker.
const EVENT: &str = "orderly_incident_update";
/// Messages of a page, and pages that are looked through for one.
const PAGE: (&str, usize) = ("200", 5);
/// Clocks differ by less than this, in seconds.
const SKEW: i64 = 300;

pub(super) struct Slack {
    http: Http,
    channel: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    ok: bool,
    error: String,
    channel: String,
    ts: String,
    messages: Vec<Message>,
    has_more: bool,
    response_metadata: Option<Cursor>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message {
    ts: String,
    metadata: Option<Metadata>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    event_type: String,
    event_payload: Payload,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload {
    marker: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cursor {
    next_cursor: String,
}

impl Slack {
    pub fn new(
        url: &str,
        channel: String,
        token: &SecretString,
        limits: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ChatError> {
        let origin = Origin::parse(URL_SETTING, url)?;
        Ok(Self { http: Http::new(origin, "Bearer ", TOKEN_SETTING, token, limits, clock)?, channel })
    }

    fn call(&self, method: Method, name: &str, query: &[(&str, &str)], body: Option<&Value>) -> Call {
        let mut url: Url = self.http.origin().url().clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api", name]);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let body = body.map(|body| body.to_string().into_bytes());
        Call { method, url, body, headers: HeaderMap::new(), about: String::new() }
    }

    /// A write; what Slack refuses it refuses with a word and HTTP 200.
    async fn write(&self, name: &str, body: &Value) -> Result<Answer, PostReply> {
        let reply = patient(&self.http, &self.call(Method::POST, name, &[], Some(body))).await?;
        if !reply.status.is_success() {
            return Err(refused(&reply));
        }
        let answer: Answer = serde_json::from_slice(&reply.body).map_err(|_| unreadable(&reply))?;
        if answer.ok { Ok(answer) } else { Err(said(&reply, &answer.error)) }
    }

    async fn page(&self, order: &PostOrder, cursor: &str) -> Result<Answer, Cause> {
        let oldest = format!("{}.000000", order.since().as_second().saturating_sub(SKEW));
        let mut query = vec![
            ("channel", self.channel.as_str()),
            ("oldest", oldest.as_str()),
            ("include_all_metadata", "true"),
            ("limit", PAGE.0),
        ];
        if !cursor.is_empty() {
            query.push(("cursor", cursor));
        }
        let call = self.call(Method::GET, "conversations.history", &query, None);
        let reply = self.http.read(&call, crate::http::failure_of).await;
        let reply = reply.map_err(|lost| Cause::NoReply(lost.to_string()))?;
        if reply.status.as_u16() == 429 {
            return Err(Cause::RateLimited);
        }
        let answer: Answer = serde_json::from_slice(&reply.body).map_err(|_| {
            Cause::NoReply(format!("{} was answered by what cannot be read", reply.request.what))
        })?;
        match (answer.ok, answer.error.as_str()) {
            (true, _) => Ok(answer),
            (false, "missing_scope") => {
                Err(Cause::Access("the bot needs channels:history (groups:history)".to_owned()))
            }
            (false, error) => Err(Cause::NoReply(format!("Slack said {}", word(error)))),
        }
    }

    async fn look_for(&self, order: &PostOrder) -> Result<Option<MessageId>, Cause> {
        let marker = order.key.marker();
        let mut cursor = String::new();
        for _ in 0..PAGE.1 {
            let answer = self.page(order, &cursor).await?;
            let ours = |message: &&Message| {
                let metadata = message.metadata.as_ref();
                metadata.is_some_and(|data| data.event_type == EVENT && data.event_payload.marker == marker)
            };
            if let Some(message) = answer.messages.iter().find(ours) {
                return Ok(MessageId::new(format!("{}:{}", self.channel, message.ts)));
            }
            if !answer.has_more {
                return Ok(None);
            }
            cursor = answer.response_metadata.unwrap_or_default().next_cursor;
            if cursor.is_empty() {
                break;
            }
        }
        Err(Cause::MorePages)
    }
}

/// Blocks of plain text have no markup and no mentions; the text beside them is for notifications.
fn message(order: &PostOrder, channel: &str) -> Value {
    let plain = |text: &str| json!({"type": "plain_text", "text": text, "emoji": false});
    json!({
        "channel": channel,
        "text": escaped(&order.words.headline),
        "blocks": [
            {"type": "header", "text": plain(&order.words.headline)},
            {"type": "section", "text": plain(&order.words.text)},
        ],
        "metadata": {"event_type": EVENT, "event_payload": {"marker": order.key.marker()}},
        "parse": "none",
        "link_names": false,
    })
}

/// The three characters by which text means something there: `<!channel>`, `<@U1>`, `<https://…>`.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Errors of Slack are words like `channel_not_found`; anything else is not repeated.
fn word(error: &str) -> &str {
    let plain = error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if plain && (1..=60).contains(&error.len()) { error } else { "something else" }
}

fn said(reply: &Reply, error: &str) -> PostReply {
    let why = format!("{}: Slack said {}", reply.request.what, word(error));
    match error {
        "message_not_found" | "edit_window_closed" => PostReply::Gone(why),
        // It may have gone far enough.
        "fatal_error" | "internal_error" | "request_timeout" => PostReply::Unknown(why),
        _ => PostReply::Failed(why),
    }
}

#[async_trait]
impl Teller for Slack {
    async fn post(&self, order: &PostOrder) -> PostReply {
        let mut body = message(order, &self.channel);
        body["unfurl_links"] = false.into();
        body["unfurl_media"] = false.into();
        match self.write("chat.postMessage", &body).await {
            Ok(answer) => match MessageId::new(format!("{}:{}", answer.channel, answer.ts)) {
                Some(id) => PostReply::There(id),
                None => PostReply::Unknown("Slack answered a message without an id".to_owned()),
            },
            Err(reply) => reply,
        }
    }

    async fn edit(&self, order: &PostOrder, message_id: &MessageId) -> PostReply {
        let Some((channel, ts)) = message_id.as_str().split_once(':') else {
            return PostReply::Gone(format!("{message_id} is no message of Slack"));
        };
        let mut body = message(order, channel);
        body["ts"] = ts.into();
        match self.write("chat.update", &body).await {
            Ok(_) => PostReply::There(message_id.clone()),
            Err(reply) => reply,
        }
    }

    async fn find(&self, order: &PostOrder) -> Looked<Option<MessageId>> {
        match self.look_for(order).await {
            Ok(found) => Looked::Saw(found),
            Err(cause) => Looked::CouldNotLook(cause),
        }
    }
}
