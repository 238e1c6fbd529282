//! The chat services as their documentation has them, strict about what they are sent, with faults.

use orderly_wire::sentry::hook::signature;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub const BOT: &str = "xoxb-canary-77";
pub const CHANNEL: &str = "C0123456789";
pub const SECRET: &str = "canary-path-4711";
pub const KEY: &str = "canary-key-0815";

/// What happens to the next request instead of an answer.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It is not done; this status is answered, with this header.
    Status(u16, &'static str),
    /// It is done; then the connection ends without an answer.
    CutAfter,
    /// It is done; then nothing is said.
    Silence,
    /// It is done; this body is answered with 200.
    Says(&'static str),
}

/// A message that a service holds.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: String,
    pub body: Value,
}

#[derive(Default)]
pub struct State {
    pub messages: Vec<Message>,
    pub faults: VecDeque<Fault>,
    /// `POST /path?query` of everything that came.
    pub heard: Vec<String>,
    /// Requests that no client should have sent.
    pub wrong: Vec<String>,
}

pub struct ChatServer {
    pub address: std::net::SocketAddr,
    pub state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl ChatServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state: Arc<Mutex<State>> = Arc::default();
        let task = tokio::spawn(serve(listener, state.clone()));
        Self { address, state, task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn next(&self, fault: Fault) {
        self.lock().faults.push_back(fault);
    }

    pub fn messages(&self) -> Vec<Message> {
        self.lock().messages.clone()
    }

    pub fn heard(&self) -> usize {
        self.lock().heard.len()
    }

    pub fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds this")
    }
}

impl Drop for ChatServer {
    fn drop(&mut self) {
        self.task.abort();
        let state = self.lock();
        if !std::thread::panicking() {
            assert_eq!(state.wrong, Vec::<String>::new());
            assert_eq!(state.faults.len(), 0, "every fault happened");
        }
    }
}

/// A request, taken apart.
struct Heard {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Heard {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let state = state.clone();
        tokio::spawn(async move {
            let Some(heard) = hear(&mut stream).await else { return };
            let (answer, fault) = {
                let mut state = state.lock().expect("no test panics while it holds this");
                let query: Vec<String> = heard.query.iter().map(|(k, v)| format!("{k}={v}")).collect();
                state.heard.push(format!("{} {}?{}", heard.method, heard.path, query.join("&")));
                let fault = state.faults.pop_front();
                let done = !matches!(fault, Some(Fault::Status(..)));
                (done.then(|| answer(&heard, &mut state)), fault)
            };
            let text = match (answer, fault) {
                (_, Some(Fault::CutAfter)) => return,
                (_, Some(Fault::Silence)) => std::future::pending().await,
                (_, Some(Fault::Status(status, header))) => {
                    reply(status, header, "{\"message\": \"canary-said\"}")
                }
                (_, Some(Fault::Says(body))) => reply(200, "", body),
                (Some((status, body)), None) => reply(status, "", &body),
                (None, None) => return,
            };
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
        });
    }
}

fn reply(status: u16, header: &str, body: &str) -> String {
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\ncontent-type: application/json\r\nconnection: close\r\n{header}\r\n{body}"
    )
}

async fn hear(stream: &mut TcpStream) -> Option<Heard> {
    let mut bytes = Vec::new();
    let mut chunk = [0_u8; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let mut lines = head.lines();
            let mut first = lines.next()?.split(' ');
            let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
            let headers: BTreeMap<String, String> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let length: usize = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                let url = url::Url::parse(&format!("http://x{target}")).ok()?;
                let query = url.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
                let body = bytes[end + 4..].to_vec();
                return Some(Heard { method, path: url.path().to_owned(), query, headers, body });
            }
        }
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&chunk[..n]),
            _ => return None,
        }
    }
}

fn answer(heard: &Heard, state: &mut State) -> (u16, String) {
    let path: Vec<&str> = heard.path.trim_matches('/').split('/').collect();
    if heard.method != "GET" && heard.header("content-type") != "application/json" {
        state.wrong.push(format!("content type of {}", heard.path));
    }
    match (heard.method.as_str(), &path[..]) {
        ("POST", ["api", "chat.postMessage"]) => slack(heard, state, None),
        ("POST", ["api", "chat.update"]) => {
            let ts = heard.json()["ts"].as_str().unwrap_or_default().to_owned();
            slack(heard, state, Some(ts))
        }
        ("GET", ["api", "conversations.history"]) => history(heard, state),
        ("POST", ["api", "webhooks", "1", SECRET]) => discord(heard, state, None),
        ("PATCH", ["api", "webhooks", "1", SECRET, "messages", id]) => discord(heard, state, Some(id)),
        ("POST", ["workflows", "invoke"]) => teams(heard, state),
        ("POST", ["hook", SECRET]) => webhook(heard, state),
        _ => {
            state.wrong.push(format!("{} {}", heard.method, heard.path));
            (404, "{}".to_owned())
        }
    }
}

fn check(state: &mut State, holds: bool, what: &str, body: &Value) {
    if !holds {
        state.wrong.push(format!("{what}: {body}"));
    }
}

fn keys(body: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> =
        body.as_object().map(|map| map.keys().map(String::as_str).collect()).unwrap_or_default();
    keys.sort_unstable();
    keys
}

fn utf16(value: &Value) -> usize {
    value.as_str().map_or(usize::MAX, |text| text.encode_utf16().count())
}

fn slack(heard: &Heard, state: &mut State, ts: Option<String>) -> (u16, String) {
    let body = heard.json();
    if heard.header("authorization") != format!("Bearer {BOT}") {
        return (200, json!({"ok": false, "error": "invalid_auth"}).to_string());
    }
    if body["channel"] != CHANNEL {
        return (200, json!({"ok": false, "error": "channel_not_found"}).to_string());
    }
    let mut expected = vec!["blocks", "channel", "link_names", "metadata", "parse", "text"];
    match &ts {
        Some(_) => expected.push("ts"),
        None => expected.extend(["unfurl_links", "unfurl_media"]),
    }
    check(state, keys(&body) == expected, "arguments", &body);
    let (header, section) = (&body["blocks"][0], &body["blocks"][1]);
    check(state, body["blocks"].as_array().map(Vec::len) == Some(2), "blocks", &body);
    for (block, kind, most) in [(header, "header", 150), (section, "section", 3000)] {
        check(state, block["type"] == kind && block["text"]["type"] == "plain_text", kind, &body);
        check(state, (1..=most).contains(&utf16(&block["text"]["text"])), "length", &body);
        check(state, block["text"]["emoji"] == false, "emoji", &body);
    }
    let text = body["text"].as_str().unwrap_or("<");
    check(state, !text.contains(['<', '>']) && body["parse"] == "none", "mentions", &body);
    check(state, body["metadata"]["event_type"].is_string(), "metadata", &body);
    let id = match ts {
        None => {
            let id = format!("1773000000.{:06}", state.messages.len() + 1);
            state.messages.push(Message { id: id.clone(), body });
            id
        }
        Some(ts) => match state.messages.iter_mut().find(|message| message.id == ts) {
            Some(message) => {
                message.body = body;
                ts
            }
            None => return (200, json!({"ok": false, "error": "message_not_found"}).to_string()),
        },
    };
    (200, json!({"ok": true, "channel": CHANNEL, "ts": id, "message": {}}).to_string())
}

/// Two messages a page.
fn history(heard: &Heard, state: &mut State) -> (u16, String) {
    let wanted = |name: &str| heard.query.get(name).map_or("", String::as_str);
    let asked = wanted("channel") == CHANNEL && wanted("include_all_metadata") == "true";
    check(state, asked && wanted("oldest").contains('.'), "history", &json!(heard.query));
    let from: usize = wanted("cursor").parse().unwrap_or(0);
    let all: Vec<Value> = state
        .messages
        .iter()
        .rev()
        .map(|message| json!({"type": "message", "ts": message.id, "metadata": message.body["metadata"]}))
        .collect();
    let page: Vec<&Value> = all.iter().skip(from).take(2).collect();
    let more = from + 2 < all.len();
    let cursor = if more { (from + 2).to_string() } else { String::new() };
    let body =
        json!({"ok": true, "messages": page, "has_more": more, "response_metadata": {"next_cursor": cursor}});
    (200, body.to_string())
}

fn discord(heard: &Heard, state: &mut State, id: Option<&str>) -> (u16, String) {
    let body = heard.json();
    check(state, keys(&body) == ["allowed_mentions", "content", "flags"], "fields", &body);
    check(state, body["allowed_mentions"] == json!({"parse": []}), "mentions", &body);
    check(state, (1..=2000).contains(&utf16(&body["content"])), "length", &body);
    check(state, heard.query.get("thread_id").is_some_and(|id| id == "7"), "thread", &json!(heard.query));
    match id {
        None => {
            check(state, heard.query.get("wait").is_some_and(|wait| wait == "true"), "wait", &body);
            let id = (state.messages.len() + 1001).to_string();
            state.messages.push(Message { id: id.clone(), body });
            (200, json!({"id": id, "type": 0}).to_string())
        }
        Some(id) => match state.messages.iter_mut().find(|message| message.id == id) {
            Some(message) => {
                message.body = body;
                (200, json!({"id": id, "type": 0}).to_string())
            }
            None => (404, json!({"message": "Unknown Message", "code": 10008}).to_string()),
        },
    }
}

fn teams(heard: &Heard, state: &mut State) -> (u16, String) {
    let body = heard.json();
    check(state, heard.query.get("sig").is_some_and(|sig| sig == SECRET), "signature", &json!(heard.query));
    check(state, keys(&body) == ["attachments", "type"] && body["type"] == "message", "message", &body);
    let card = &body["attachments"][0];
    check(state, card["contentType"] == "application/vnd.microsoft.card.adaptive", "card", &body);
    check(state, card["content"]["type"] == "AdaptiveCard" && heard.body.len() < 28_000, "size", &body);
    for block in card["content"]["body"].as_array().into_iter().flatten() {
        check(
            state,
            block["type"] == "RichTextBlock" && block["inlines"][0]["type"] == "TextRun",
            "block",
            block,
        );
    }
    let id = (state.messages.len() + 1).to_string();
    state.messages.push(Message { id, body });
    (202, String::new())
}

/// The newest version of an id is kept.
fn webhook(heard: &Heard, state: &mut State) -> (u16, String) {
    let body = heard.json();
    if heard.header("orderly-hook-signature") != signature(KEY, &heard.body) {
        return (401, "{}".to_owned());
    }
    let id = body["id"].as_str().unwrap_or_default().to_owned();
    let version = body["version"].as_u64();
    match state.messages.iter_mut().find(|message| message.id == id) {
        Some(message) if message.body["version"].as_u64() < version => message.body = body,
        Some(_) => {}
        None => state.messages.push(Message { id, body }),
    }
    (204, String::new())
}
