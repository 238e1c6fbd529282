//! A served API, a client, and answers that are easy to look into.

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::clock::Clock;
use crate::sentry::api::rate_limit::RateLimits;
use crate::sentry::api::{self, AppState};
use crate::sentry::store::seed::{self, Seed};
use crate::sentry::webhooks::address::Reach;
use crate::store::{DataLocation, Store};

/// A running API with everything that a test asks it with.
pub struct Api {
    pub state: AppState,
    pub token: String,
    base: String,
    http: reqwest::Client,
    server: tokio::task::JoinHandle<()>,
    _store: Store,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The `{"detail"}` of a refusal.
    pub fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap_or_else(|| panic!("no detail in {self:?}"))
    }
}

impl Api {
    pub async fn start() -> Api {
        // An error means that another test of this process was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = Store::open(&DataLocation::Ephemeral).await.unwrap();
        let clock = Clock::new();
        let projects = ["backend".to_owned(), "frontend".to_owned()];
        let seed = Seed { org: "acme", projects: &projects };
        let token = seed::ensure(store.pool(), seed, clock.now()).await.unwrap().token;
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = AppState::new(store.pool().clone(), clock, &base, RateLimits::new(), Reach::default());
        let router = api::router(state.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Api { state, token, base, http: reqwest::Client::new(), server, _store: store }
    }

    /// A request without any credentials.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/api/0{path}", self.base))
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).bearer_auth(&self.token)).await
    }

    pub async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).bearer_auth(token)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).bearer_auth(&self.token).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).bearer_auth(&self.token).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path).bearer_auth(&self.token)).await
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.server.abort();
    }
}
