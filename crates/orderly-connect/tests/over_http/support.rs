//! Servers, clients and the few things that tests do behind the clients' backs.

use orderly_connect::http::Settings;
use orderly_connect::linear::{LinearClient, LinearSettings, LinearToken};
use orderly_connect::sentry::{SentryClient, SentrySettings, SentryToken};
use orderly_core::ids::{IssueId, OrgSlug};
use orderly_core::time::{Now, Timestamp};
use orderly_engine::ports::clock::Clock;
use orderly_local::{LocalConfig, LocalServers};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Real time; waits pass at once and are written down.
#[derive(Default)]
pub struct TestClock {
    waits: Mutex<Vec<Timestamp>>,
}

impl TestClock {
    pub fn waits(&self) -> usize {
        self.waits.lock().expect("no test panics while it holds this").len()
    }
}

#[async_trait::async_trait]
impl Clock for TestClock {
    fn now(&self) -> Now {
        Now(Timestamp::now())
    }

    async fn sleep_until(&self, until: Timestamp) {
        self.waits.lock().expect("no test panics while it holds this").push(until);
    }
}

/// Both embedded servers.
pub struct World {
    pub servers: LocalServers,
    pub clock: Arc<TestClock>,
    http: reqwest::Client,
}

impl World {
    pub async fn start() -> Self {
        let servers = LocalServers::start(LocalConfig::default()).await.expect("the servers start");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { servers, clock: Arc::default(), http }
    }

    pub async fn stop(self) {
        assert_eq!(
            self.servers.sentry_knobs().pending_faults(),
            0,
            "every fault of the Sentry side happened"
        );
        assert_eq!(self.servers.tracker_knobs().pending_faults(), 0, "every fault of the tracker happened");
        self.servers.stop().await.expect("the servers stop");
    }

    pub fn sentry(&self) -> SentryClient {
        let ready = &self.servers.ready().sentry;
        sentry_at(&ready.url, &ready.token, self.clock.clone())
    }

    pub fn tracker(&self) -> LinearClient {
        let ready = &self.servers.ready().tracker;
        tracker_at(&ready.url, &ready.token, self.clock.clone())
    }

    /// Sends an error event, with some of its fields replaced.
    pub async fn event(&self, project: &str, changes: Value) {
        let project =
            self.servers.ready().sentry.projects.iter().find(|p| p.slug == project).expect("a project");
        let dsn: orderly_wire::sentry::dsn::Dsn = project.dsn.parse().expect("a DSN");
        let mut event = json!({
            "event_id": uuid::Uuid::new_v4().simple().to_string(), "level": "error", "platform": "python",
            "timestamp": self.servers.clock().now().to_string(), "environment": "production", "release": "shop@1.0.0",
            "exception": {"values": [{"type": "ValueError", "value": "no such cart", "stacktrace": {"frames": [
                {"function": "handle", "module": "shop.http", "filename": "shop/http.py", "lineno": 7, "in_app": true},
                {"function": "pay", "module": "shop.cart", "filename": "shop/cart.py", "lineno": 42, "in_app": true,
                 "vars": {"card": "4111111111111111"}}
            ]}}]}
        });
        if let (Some(event), Value::Object(changes)) = (event.as_object_mut(), changes) {
            event.extend(changes);
        }
        let request = self.http.post(dsn.store_url()).header("X-Sentry-Auth", dsn.auth_header("test/1"));
        let reply = request.json(&event).send().await.expect("an answer");
        assert!(reply.status().is_success(), "{}", reply.text().await.unwrap_or_default());
    }

    /// Calls the web API with the server's own token.
    pub async fn api(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        let ready = &self.servers.ready().sentry;
        let url = format!("{}/api/0{path}", ready.url);
        let mut request = self.http.request(method, url).bearer_auth(&ready.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let reply = request.send().await.expect("an answer");
        assert!(reply.status().is_success(), "{path}: {}", reply.status());
        let text = reply.text().await.expect("a body");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Asks the tracker directly.
    pub async fn graphql(&self, query: &str, variables: Value) -> Value {
        let ready = &self.servers.ready().tracker;
        let request = self.http.post(&ready.url).header("authorization", &ready.token);
        let reply =
            request.json(&json!({"query": query, "variables": variables})).send().await.expect("an answer");
        let body: Value = reply.json().await.expect("JSON");
        assert_eq!(body.get("errors"), None, "{body}");
        body["data"].clone()
    }

    /// The only issue of a project, once it is there.
    pub async fn only_issue(&self, project: &str) -> IssueId {
        let path = format!("/organizations/acme/issues/?query=project:{project}&statsPeriod=14d");
        eventually(|| async {
            let issues = self.api(reqwest::Method::GET, &path, None).await;
            let id = issues[0]["id"].as_str()?.parse().ok()?;
            (issues.as_array()?.len() == 1).then_some(IssueId(id))
        })
        .await
    }
}

pub fn sentry_at(url: &str, token: &str, clock: Arc<dyn Clock>) -> SentryClient {
    let settings = SentrySettings {
        url: url.to_owned(),
        org: OrgSlug::new("acme"),
        token: SentryToken::new(token),
        link_app: None,
        http: quick(),
    };
    SentryClient::new(settings, clock).expect("a client")
}

pub fn tracker_at(url: &str, token: &str, clock: Arc<dyn Clock>) -> LinearClient {
    let settings = LinearSettings { url: url.to_owned(), token: LinearToken::new(token), http: quick() };
    LinearClient::new(settings, clock).expect("a client")
}

/// Limits that end a stuck test soon.
pub fn quick() -> Settings {
    Settings { timeout: Duration::from_secs(20), ..Settings::default() }
}

/// Asks until there is an answer, for at most 20 seconds.
pub async fn eventually<T, F: Future<Output = Option<T>>>(mut ask: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "the condition did not come about");
        tokio::task::yield_now().await;
    }
}
