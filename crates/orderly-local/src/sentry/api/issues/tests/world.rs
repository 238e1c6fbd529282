//! A running Sentry side, events to send to it, and the web API to ask.

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};

use crate::clock::Clock;
use crate::sentry::api::auth::Scope;
use crate::sentry::store::tokens::{self, NewToken, TokenOwner};
use crate::servers::{LocalConfig, LocalServers};

pub(super) struct World {
    pub servers: LocalServers,
    http: reqwest::Client,
    token: String,
}

/// An answer: status, headers, body.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub(super) fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        self.body
    }

    pub(super) fn refused(self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        self.body["detail"].as_str().unwrap_or_default().to_owned()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl World {
    /// Tuesday, 10 March 2026, half past noon.
    pub(super) async fn start() -> World {
        // An error means that another test of this process was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::new();
        clock.set("2026-03-10T12:30:00Z".parse().unwrap());
        let servers = LocalServers::start(LocalConfig { clock, ..LocalConfig::default() }).await.unwrap();
        let token = servers.ready().sentry.token.clone();
        World { servers, http: reqwest::Client::new(), token }
    }

    pub(super) async fn stop(self) {
        self.servers.stop().await.unwrap();
    }

    /// From here on, requests carry a token with only these scopes.
    pub(super) async fn only(&mut self, scopes: &[Scope]) {
        let secret = format!("sntryu_{}", uuid::Uuid::new_v4().simple());
        let token = NewToken { secret: &secret, name: "test", owner: TokenOwner::Member(1), scopes };
        tokens::create(self.servers.pool(), &token, self.now()).await.unwrap();
        self.token = secret;
    }

    /// From here on, requests carry the first app's own token.
    pub(super) async fn as_app(&mut self) {
        let secret = uuid::Uuid::new_v4().simple().to_string();
        let scopes = [Scope::EventRead, Scope::EventWrite, Scope::EventAdmin, Scope::OrgRead];
        let token =
            NewToken { secret: &secret, name: "app", owner: TokenOwner::Installation(1), scopes: &scopes };
        tokens::create(self.servers.pool(), &token, self.now()).await.unwrap();
        self.token = secret;
    }

    pub(super) fn now(&self) -> Timestamp {
        self.servers.clock().now()
    }

    pub(super) fn ago(&self, hours: i64) -> Timestamp {
        self.now().checked_sub(SignedDuration::from_hours(hours)).unwrap()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/0{path}", self.servers.ready().sentry.url);
        self.http.request(method, url).bearer_auth(&self.token)
    }

    async fn answer(request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        Self::answer(self.request(Method::GET, path)).await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Answer {
        Self::answer(self.request(Method::PUT, path).body(body.to_string())).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        Self::answer(self.request(Method::POST, path).body(body.to_string())).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        Self::answer(self.request(Method::DELETE, path)).await
    }

    /// The issue list with these parameters.
    pub(super) async fn list(&self, pairs: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::GET, "/organizations/acme/issues/").query(pairs);
        Self::answer(request).await
    }

    /// What a query finds, as the modules of [`Event::error`], in the order of the list.
    pub(super) async fn found(&self, query: &str) -> Vec<String> {
        modules(&self.list(&[("query", query)]).await.ok())
    }

    /// Sends an event to the first project.
    pub(super) async fn send(&self, event: Event) -> String {
        self.send_to(0, event).await
    }

    /// Sends an event to a project and returns its id.
    pub(super) async fn send_to(&self, project: usize, event: Event) -> String {
        let project = &self.servers.ready().sentry.projects[project];
        let dsn: orderly_wire::sentry::dsn::Dsn = project.dsn.parse().unwrap();
        let id = uuid::Uuid::new_v4().simple().to_string();
        let payload = Value::Object(event.0).to_string();
        let envelope = format!("{{\"event_id\":\"{id}\"}}\n{{\"type\":\"event\"}}\n{payload}\n");
        let url = format!(
            "{}/api/{}/envelope/?sentry_key={}",
            self.servers.ready().sentry.url,
            project.id,
            dsn.public_key()
        );
        let answer = Self::answer(self.http.post(url).body(envelope)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        id
    }

    /// The issue of the module, in the shape of the list, whatever its state.
    pub(super) async fn issue(&self, module: &str) -> Value {
        let all = self.list(&[("query", "")]).await.ok();
        let issues = all.as_array().unwrap();
        let wanted = issues.iter().find(|issue| module_of(issue) == module);
        wanted.unwrap_or_else(|| panic!("no issue of {module} in {all}")).clone()
    }

    pub(super) async fn id(&self, module: &str) -> String {
        self.issue(module).await["id"].as_str().unwrap().to_owned()
    }

    /// `status/substatus` of the module's issue.
    pub(super) async fn state(&self, module: &str) -> String {
        let issue = self.issue(module).await;
        format!("{}/{}", issue["status"].as_str().unwrap(), issue["substatus"].as_str().unwrap_or_default())
    }

    /// Lets so much time pass.
    pub(super) fn pass(&self, time: SignedDuration) {
        self.servers.clock().advance(time);
    }
}

fn module_of(issue: &Value) -> String {
    let value = issue["metadata"]["value"].as_str().unwrap_or_default();
    value.trim_start_matches("bad ").to_owned()
}

pub(super) fn modules(list: &Value) -> Vec<String> {
    list.as_array().unwrap_or_else(|| panic!("{list}")).iter().map(module_of).collect()
}

/// An event of a Python service.
#[derive(Debug, Clone)]
pub(super) struct Event(Map<String, Value>);

impl Event {
    /// A `ValueError` with the message `bad <module>`, raised in `shop.<module>`.
    pub(super) fn error(module: &str) -> Event {
        let event = json!({
            "platform": "python",
            "level": "error",
            "exception": {"values": [{
                "type": "ValueError", "value": format!("bad {module}"),
                "mechanism": {"type": "wsgi", "handled": false},
                "stacktrace": {"frames": [
                    {"module": "flask.app", "function": "dispatch", "filename": "flask/app.py", "in_app": false},
                    {"module": format!("shop.{module}"), "function": format!("run_{module}"),
                     "filename": format!("shop/{module}.py"), "lineno": 12, "in_app": true,
                     "pre_context": ["def run():"], "context_line": "    total = price * count"},
                ]},
            }]},
        });
        Event(event.as_object().unwrap().clone())
    }

    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Event {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    pub(super) fn at(self, at: Timestamp) -> Event {
        self.with("timestamp", at.to_string())
    }
}
