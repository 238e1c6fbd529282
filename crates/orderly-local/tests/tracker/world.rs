//! A tracker on a port of its own, and a client that speaks to it.

use std::sync::OnceLock;

use orderly_local::Clock;
use orderly_local::knobs::{self, Knobs};
use orderly_local::store::{DataLocation, Store};
use orderly_local::tracker::{Tracker, TrackerSeed};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub struct World {
    pub url: String,
    pub tracker: Tracker,
    pub clock: Clock,
    pub knobs: Knobs,
    pub key: String,
    pub store: Store,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    /// The only error: its message, `extensions.type` and `extensions.code`.
    pub fn error(&self) -> (&str, &str, &str) {
        let errors = self.body["errors"].as_array().unwrap_or_else(|| panic!("no errors in {self:#?}"));
        assert_eq!(errors.len(), 1, "{self:#?}");
        let text = |pointer: &str| errors[0].pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        (text("/message"), text("/extensions/type"), text("/extensions/code"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {self:#?}")).to_str().unwrap()
    }
}

impl World {
    pub async fn start() -> Self {
        Self::open(&DataLocation::Ephemeral).await
    }

    pub async fn open(data: &DataLocation) -> Self {
        let store = Store::open(data).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (clock, knobs) = (Clock::new(), Knobs::new());
        let seed =
            TrackerSeed { organization: "acme".into(), team: "PLAT".into(), base_url: address.clone() };
        let tracker = Tracker::open(store.pool().clone(), clock.clone(), seed).await.unwrap();
        let router =
            tracker.router().layer(axum::middleware::from_fn_with_state(knobs.clone(), knobs::apply));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let key = tracker.api_key().to_owned();
        Self { url: format!("{address}/graphql"), tracker, clock, knobs, key, store }
    }

    /// Sends a body as it is, with these headers.
    pub async fn post(&self, headers: &[(&str, &str)], body: String) -> Reply {
        let mut request = client().post(&self.url).header("content-type", "application/json").body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        Reply { status, headers, body }
    }

    /// Opens a page.
    pub async fn get(&self, url: &str) -> (u16, HeaderMap, String) {
        let response = client().get(url).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.text().await.unwrap())
    }

    /// Sends a document, strictly.
    pub async fn send(&self, query: &str, variables: Value) -> Reply {
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.post(&[("authorization", &self.key), ("x-orderly-strict", "1")], body).await
    }

    /// The data of an answer without errors.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let reply = self.send(query, variables).await;
        assert!(reply.status == 200 && reply.body.get("errors").is_none(), "{query}\n{reply:#?}");
        reply.body["data"].clone()
    }

    pub async fn team(&self) -> String {
        let data = self.data("{ teams { nodes { id } } }", json!({})).await;
        data["teams"]["nodes"][0]["id"].as_str().unwrap().to_owned()
    }

    /// The id of the team's first state of this type.
    pub async fn state(&self, kind: &str) -> String {
        let query =
            "query($kind: String!) { workflowStates(filter: { type: { eq: $kind } }) { nodes { id } } }";
        let data = self.data(query, json!({ "kind": kind })).await;
        data["workflowStates"]["nodes"][0]["id"].as_str().unwrap().to_owned()
    }

    /// The id of the label with this name.
    pub async fn label(&self, name: &str) -> String {
        let query = "query($name: String!) { issueLabels(filter: { name: { eq: $name } }) { nodes { id } } }";
        let data = self.data(query, json!({ "name": name })).await;
        data["issueLabels"]["nodes"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Creates an issue; answers with its id.
    pub async fn create(&self, title: &str) -> String {
        self.create_with(json!({ "title": title })).await["id"].as_str().unwrap().to_owned()
    }

    /// Creates an issue from more than a title; answers with it.
    pub async fn create_with(&self, mut input: Value) -> Value {
        if input.get("teamId").is_none() {
            input["teamId"] = self.team().await.into();
        }
        let query = "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success issue {
            id identifier number title description url priority priorityLabel branchName createdAt completedAt labelIds
            state { id name type } assignee { id } creator { isMe } parent { identifier } } } }";
        let data = self.data(query, json!({ "input": input })).await;
        assert_eq!(data["issueCreate"]["success"], true);
        data["issueCreate"]["issue"].clone()
    }

    /// Attaches a link; answers with the attachment's id.
    pub async fn attach(&self, issue: &str, url: &str, title: &str) -> String {
        let query = "mutation($input: AttachmentCreateInput!) {
            attachmentCreate(input: $input) { success attachment { id } } }";
        let input = json!({ "issueId": issue, "url": url, "title": title });
        let data = self.data(query, json!({ "input": input })).await;
        data["attachmentCreate"]["attachment"]["id"].as_str().unwrap().to_owned()
    }

    /// One field of an issue.
    pub async fn issue(&self, id: &str, field: &str) -> Value {
        let query = format!("query($id: String!) {{ issue(id: $id) {{ it: {field} }} }}");
        self.data(&query, json!({ "id": id })).await["issue"]["it"].clone()
    }

    /// The identifiers of the issues that a filter lets through, sorted.
    pub async fn filtered(&self, filter: Value, archived: bool) -> Vec<String> {
        let query = "query($filter: IssueFilter, $archived: Boolean) {
            issues(filter: $filter, includeArchived: $archived, first: 250) { nodes { identifier } } }";
        let data = self.data(query, json!({ "filter": filter, "archived": archived })).await;
        let mut found = texts(&data["issues"]["nodes"], "identifier");
        found.sort();
        found
    }
}

/// One text of each element of a list.
pub fn texts(list: &Value, field: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

/// A UUID of version 4 that ends in this number.
pub fn uuid(number: u32) -> String {
    format!("0f3c1a2b-4d5e-4f60-8a7b-{number:012}")
}

fn client() -> &'static reqwest::Client {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        // Only the first of several processes-wide installations counts; both would install the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap()
    })
}
