//! A running Sentry side at a fixed time, and events to send to it.

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use serde_json::{Map, Value, json};
use sqlx::Row;

use crate::clock::Clock;
use crate::sentry::states::update::{Effect, Update, UpdateRequest, decide};
use crate::sentry::store::activity::Actor;
use crate::sentry::store::issue_update;
use crate::servers::{LocalConfig, LocalServers, ReadyProject, Steering};
use crate::store::DataLocation;

pub(crate) struct World {
    pub servers: LocalServers,
    pub http: reqwest::Client,
}

/// An answer: status, headers, body.
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self { status, headers, body }
    }

    /// The body of an answer that is no refusal.
    #[track_caller]
    pub(crate) fn taken(self) -> Value {
        assert!(self.status < 300, "{} {}", self.status, self.body);
        self.body
    }

    pub(crate) fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl World {
    /// Tuesday, 10 March 2026, half past noon.
    pub(crate) async fn start() -> Self {
        Self::start_in(DataLocation::Ephemeral).await
    }

    /// The same with its data there.
    pub(crate) async fn start_in(data: DataLocation) -> Self {
        // An error means that another test of this process was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::new();
        clock.set("2026-03-10T12:30:00Z".parse().unwrap());
        let config = LocalConfig { clock, data, steering: Steering::Nobody, ..LocalConfig::default() };
        let servers = LocalServers::start(config).await.unwrap();
        Self { servers, http: reqwest::Client::new() }
    }

    pub(crate) async fn stop(self) {
        self.servers.stop().await.unwrap();
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.servers.clock().now()
    }

    pub(crate) fn ago(&self, by: SignedDuration) -> Timestamp {
        self.now().checked_sub(by).unwrap()
    }

    pub(crate) fn project(&self) -> &ReadyProject {
        &self.servers.ready().sentry.projects[0]
    }

    pub(crate) fn key(&self) -> String {
        let dsn: orderly_wire::sentry::dsn::Dsn = self.project().dsn.parse().unwrap();
        dsn.public_key().to_owned()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/api/{}/{path}", self.servers.ready().sentry.url, self.project().id)
    }

    /// A POST of an envelope with the key in the header.
    pub(crate) fn post(&self, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
        let auth = format!("Sentry sentry_version=7, sentry_key={}, sentry_client=test/1", self.key());
        self.http.post(self.url("envelope/")).header("x-sentry-auth", auth).body(body)
    }

    /// Sends one event and expects it to be taken.
    pub(crate) async fn send(&self, event: &Event) {
        let answer = Answer::of(self.post(event.envelope())).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    pub(crate) async fn send_times(&self, event: &Event, times: usize) {
        for _ in 0..times {
            self.send(event).await;
        }
    }

    /// Asks the web API with the token that the server prints.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        self.ask_below("/api/0", method, path, body).await
    }

    async fn ask_below(&self, root: &str, method: &str, path: &str, body: Value) -> Answer {
        let sentry = &self.servers.ready().sentry;
        let url = format!("{}{root}{path}", sentry.url);
        let request = self.http.request(method.parse().unwrap(), url).bearer_auth(&sentry.token);
        Answer::of(if method == "GET" { request } else { request.json(&body) }).await
    }

    /// What the web API answers, which is no refusal.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Value) -> Value {
        self.ask(method, path, body).await.taken()
    }

    /// What the server's own API answers, which is no refusal.
    pub(crate) async fn local(&self, method: &str, path: &str, body: Value) -> Value {
        self.ask_below("/api/local", method, path, body).await.taken()
    }

    /// Waits until a query gives this number.
    pub(crate) async fn wait_for(&self, sql: &'static str, expected: i64) {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            let found = self.count(sql).await;
            if found == expected {
                return;
            }
            assert!(std::time::Instant::now() < deadline, "{sql}: {found}, not {expected}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// The only row of a query, as JSON by column name.
    pub(crate) async fn row(&self, sql: &'static str) -> Value {
        let rows = self.rows(sql).await;
        assert_eq!(rows.len(), 1, "{sql}: {rows:?}");
        rows.into_iter().next().unwrap()
    }

    pub(crate) async fn rows(&self, sql: &'static str) -> Vec<Value> {
        use sqlx::{Column, TypeInfo, ValueRef};
        let rows = sqlx::query(sql).fetch_all(self.servers.pool()).await.unwrap();
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let mut map = Map::new();
            for column in row.columns() {
                let raw = row.try_get_raw(column.ordinal()).unwrap();
                let value = match raw.type_info().name() {
                    _ if raw.is_null() => Value::Null,
                    "TEXT" => json!(row.get::<String, _>(column.ordinal())),
                    "REAL" => json!(row.get::<f64, _>(column.ordinal())),
                    _ => json!(row.get::<i64, _>(column.ordinal())),
                };
                map.insert(column.name().to_owned(), value);
            }
            Value::Object(map)
        };
        rows.iter().map(read).collect()
    }

    /// The number that a query gives.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.servers.pool()).await.unwrap()
    }

    pub(crate) async fn run(&self, sql: &'static str) {
        sqlx::query(sql).execute(self.servers.pool()).await.unwrap();
    }

    /// Status and substatus of an issue.
    pub(crate) async fn state(&self, issue: i64) -> String {
        let (status, substatus): (String, Option<String>) =
            sqlx::query_as("SELECT status, substatus FROM issue WHERE id = $1")
                .bind(issue)
                .fetch_one(self.servers.pool())
                .await
                .unwrap();
        format!("{status}/{}", substatus.unwrap_or_default())
    }

    /// Kinds of an issue's activities, oldest first.
    pub(crate) async fn history(&self, issue: i64) -> Vec<String> {
        sqlx::query_scalar("SELECT kind FROM activity WHERE issue_id = $1 ORDER BY id")
            .bind(issue)
            .fetch_all(self.servers.pool())
            .await
            .unwrap()
    }

    /// Does to an issue what a `PUT` of this body does; releases must exist.
    pub(crate) async fn update(&self, issue: i64, body: Value) {
        let UpdateRequest::Change(update) = UpdateRequest::read(body.as_object().unwrap()).unwrap() else {
            panic!("{body} changes no fields");
        };
        let now = self.now();
        let mut tx = self.servers.pool().begin_with("BEGIN IMMEDIATE").await.unwrap();
        let before = issue_update::before(&mut tx, issue).await.unwrap();
        let effects: Vec<Effect> = decide(&before, &resolved(update, &mut tx).await, now);
        issue_update::apply(&mut tx, issue, &effects, Actor::default(), now).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// An update whose releases are found by version.
async fn resolved(
    update: Update,
    connection: &mut sqlx::SqliteConnection,
) -> crate::sentry::states::update::ResolvedUpdate {
    use crate::sentry::states::update::{Release, ReleaseName, ResolvedUpdate, StatusChange, Target};
    let mut find = async |name: ReleaseName| {
        let (id, version): (i64, String) = match name {
            ReleaseName::Latest => {
                sqlx::query_as("SELECT id, version FROM release ORDER BY created_at DESC LIMIT 1")
            }
            ReleaseName::Version(version) => {
                sqlx::query_as("SELECT id, version FROM release WHERE version = $1").bind(version)
            }
        }
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        Release { id, version }
    };
    let status = match update.status {
        None => None,
        Some(StatusChange::Archive(archive)) => Some(StatusChange::Archive(archive)),
        Some(StatusChange::Reopen(substatus)) => Some(StatusChange::Reopen(substatus)),
        Some(StatusChange::Resolve(target)) => Some(StatusChange::Resolve(match target {
            Target::Now => Target::Now,
            Target::NextRelease(name) => Target::NextRelease(find(name).await),
            Target::InRelease(name) => Target::InRelease(find(name).await),
            Target::InCommit(commit) => panic!("{commit:?} is not set up by this test"),
        })),
    };
    ResolvedUpdate { status, priority: update.priority, ..ResolvedUpdate::default() }
}

/// An event of a Python service; each call of [`Event::envelope`] sends it under a fresh id.
#[derive(Debug, Clone)]
pub(crate) struct Event(pub Map<String, Value>);

impl Event {
    /// A `ValueError` raised in `shop.<module>`.
    pub(crate) fn error(module: &str) -> Self {
        let event = json!({
            "platform": "python",
            "level": "error",
            "exception": {"values": [{
                "type": "ValueError", "value": format!("bad {module}"),
                "mechanism": {"type": "wsgi", "handled": false},
                "stacktrace": {"frames": [
                    {"module": "flask.app", "function": "dispatch", "filename": "flask/app.py", "in_app": false},
                    {"module": format!("shop.{module}"), "function": "run", "filename": format!("shop/{module}.py"),
                     "lineno": 12, "in_app": true, "context_line": "    total = price * count"},
                ]},
            }]},
        });
        Self(event.as_object().unwrap().clone())
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    pub(crate) fn at(self, at: Timestamp) -> Self {
        self.with("timestamp", at.to_string())
    }

    pub(crate) fn release(self, version: &str) -> Self {
        self.with("release", version)
    }

    pub(crate) fn user(self, id: usize) -> Self {
        self.with("user", json!({"id": id.to_string()}))
    }

    pub(crate) fn envelope(&self) -> Vec<u8> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        self.envelope_with_id(&id)
    }

    pub(crate) fn envelope_with_id(&self, id: &str) -> Vec<u8> {
        let event = serde_json::to_string(&self.0).unwrap();
        format!("{{\"event_id\":\"{id}\"}}\n{{\"type\":\"event\",\"length\":{}}}\n{event}\n", event.len())
            .into_bytes()
    }
}
