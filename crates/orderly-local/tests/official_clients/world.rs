//! Running servers with a few issues in them.

use orderly_local::{LocalConfig, LocalServers};
use serde_json::{Value, json};

/// Servers, and an HTTP client that looks at them from outside.
pub struct World {
    pub servers: LocalServers,
    http: reqwest::Client,
}

impl World {
    /// Servers without any event.
    pub async fn empty() -> World {
        // An error means that another test of this process was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let servers = LocalServers::start(LocalConfig::default()).await.expect("the servers start");
        World { servers, http: reqwest::Client::new() }
    }

    /// Servers with two issues in `backend`, the first seen twice.
    pub async fn with_issues() -> World {
        let world = World::empty().await;
        world.send(&exception("a1", "PaymentError", "card declined", "pay")).await;
        world.send(&exception("a2", "PaymentError", "card declined", "pay")).await;
        world.send(&exception("b1", "CartError", "cart is empty", "add_to_cart")).await;
        world
    }

    pub fn url(&self) -> &str {
        &self.servers.ready().sentry.url
    }

    pub fn token(&self) -> &str {
        &self.servers.ready().sentry.token
    }

    /// The DSN of `backend`.
    pub fn dsn(&self) -> &str {
        &self.servers.ready().sentry.projects[0].dsn
    }

    /// Sends an event to `backend` as an SDK would.
    pub async fn send(&self, event: &Value) {
        let project = &self.servers.ready().sentry.projects[0];
        let key = project.dsn.trim_start_matches("http://").split('@').next().unwrap_or_default();
        let url = format!("{}/api/{}/store/?sentry_version=7&sentry_key={key}", self.url(), project.id);
        let response = self.http.post(url).json(event).send().await.expect("the ingest endpoint answers");
        assert!(response.status().is_success(), "{}", response.status());
    }

    /// Sends a transaction to `backend` as an SDK would.
    pub async fn send_transaction(&self, transaction: &Value) {
        let project = &self.servers.ready().sentry.projects[0];
        let key = project.dsn.trim_start_matches("http://").split('@').next().unwrap_or_default();
        let url = format!("{}/api/{}/envelope/?sentry_version=7&sentry_key={key}", self.url(), project.id);
        let envelope = format!("{{}}\n{{\"type\":\"transaction\"}}\n{transaction}\n");
        let response = self.http.post(url).body(envelope).send().await.expect("the ingest endpoint answers");
        assert!(response.status().is_success(), "{}", response.status());
    }

    /// What the web API answers below `/api/0`.
    pub async fn get(&self, path: &str) -> Value {
        let url = format!("{}/api/0{path}", self.url());
        let response =
            self.http.get(url).bearer_auth(self.token()).send().await.expect("the web API answers");
        response.json().await.expect("the web API answers JSON")
    }

    /// Creates something below `/api/0`.
    pub async fn post(&self, path: &str, body: Value) {
        let url = format!("{}/api/0{path}", self.url());
        let request = self.http.post(url).bearer_auth(self.token()).json(&body);
        let response = request.send().await.expect("the web API answers");
        assert!(response.status().is_success(), "{path}: {}", response.status());
    }

    /// The short ID of the issue with this exception type.
    pub async fn short_id(&self, kind: &str) -> String {
        self.issue(kind).await["shortId"].as_str().expect("an issue has a short ID").to_owned()
    }

    /// The numeric id of the issue with this exception type.
    pub async fn id(&self, kind: &str) -> String {
        self.issue(kind).await["id"].as_str().expect("an issue has an id").to_owned()
    }

    /// The issue with this exception type, in whatever state.
    pub async fn issue(&self, kind: &str) -> Value {
        let list = self.get("/organizations/acme/issues/?query=").await;
        let found = list.as_array().and_then(|all| {
            all.iter().find(|issue| issue["title"].as_str().is_some_and(|title| title.starts_with(kind)))
        });
        found.unwrap_or_else(|| panic!("no {kind} in {list}")).clone()
    }

    /// Stops the servers and makes sure that they had not failed.
    pub async fn stop(self) {
        self.servers.stop().await.expect("the servers stop");
    }
}

fn exception(id: &str, kind: &str, message: &str, function: &str) -> Value {
    json!({
        "event_id": format!("{id:0<32}"),
        "platform": "python",
        "level": "error",
        "environment": "production",
        "release": "shop@1.0.0",
        "user": {"id": id},
        "exception": {"values": [{
            "type": kind,
            "value": message,
            "mechanism": {"type": "generic", "handled": false},
            "stacktrace": {"frames": [{
                "filename": "shop/checkout.py",
                "module": "shop.checkout",
                "function": function,
                "lineno": 42,
                "context_line": format!("    raise {kind}({message:?})"),
                "in_app": true,
            }]},
        }]},
    })
}
