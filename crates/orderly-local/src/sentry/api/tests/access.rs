use std::num::NonZeroU32;

use reqwest::Method;

use super::harness::Api;
use crate::sentry::api::auth::Scope;
use crate::sentry::api::rate_limit::Limit;
use crate::sentry::store::tokens::{self, NewToken, TokenOwner};

async fn token(api: &Api, secret: &str, scopes: &[Scope]) {
    let token = NewToken { secret, name: "test", owner: TokenOwner::Organization, scopes };
    tokens::create(api.state.pool(), &token, api.state.clock().now()).await.unwrap();
}

#[tokio::test]
async fn a_request_without_a_token_or_with_a_wrong_one_is_refused_with_401() {
    let api = Api::start().await;
    let without = api.send(api.request(Method::GET, "/organizations/")).await;
    assert_eq!((without.status, without.detail()), (401, "Authentication credentials were not provided."));
    let wrong = api.get_as("nonsense", "/organizations/").await;
    assert_eq!((wrong.status, wrong.detail()), (401, "Invalid token"));
}

#[tokio::test]
async fn a_token_without_scopes_gets_403_everywhere_but_where_only_identity_counts() {
    let api = Api::start().await;
    token(&api, "bare", &[]).await;
    for path in [
        "/organizations/acme/",
        "/organizations/acme/projects/",
        "/organizations/acme/teams/",
        "/organizations/acme/members/",
        "/organizations/acme/releases/",
        "/organizations/acme/repos/",
        "/organizations/acme/environments/",
        "/organizations/acme/sentry-app-installations/",
        "/organizations/acme/monitors/",
        "/projects/acme/backend/",
        "/projects/acme/backend/keys/",
        "/projects/acme/backend/ownership/",
        "/teams/acme/platform/members/",
    ] {
        let answer = api.get_as("bare", path).await;
        assert_eq!(answer.status, 403, "{path}");
        assert_eq!(answer.detail(), "You do not have permission to perform this action.", "{path}");
    }
    assert_eq!(api.get_as("bare", "/organizations/").await.status, 200);
    assert_eq!(api.get_as("bare", "/").await.body["auth"]["scopes"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn a_read_only_token_reads_and_cannot_write() {
    let api = Api::start().await;
    token(&api, "reader", &[Scope::OrgRead, Scope::ProjectRead, Scope::TeamRead, Scope::MemberRead]).await;
    assert_eq!(api.get_as("reader", "/organizations/acme/releases/").await.status, 200);
    let body = serde_json::json!({"version": "1.0.0", "projects": ["backend"]});
    let request = api.request(Method::POST, "/organizations/acme/releases/").bearer_auth("reader");
    assert_eq!(api.send(request.json(&body)).await.status, 403);
}

#[tokio::test]
async fn unknown_paths_names_and_methods_are_refused_in_json() {
    let api = Api::start().await;
    for path in ["/nothing/", "/organizations/other/", "/projects/acme/nothing/", "/teams/acme/nothing/"] {
        let answer = api.get(path).await;
        assert_eq!(
            (answer.status, answer.detail()),
            (404, "The requested resource does not exist"),
            "{path}"
        );
    }
    let without_slash = api.get("/organizations").await;
    assert_eq!(without_slash.status, 404);
    assert!(without_slash.detail().contains("slash"));
    let wrong_method = api.delete("/organizations/acme/").await;
    assert_eq!((wrong_method.status, wrong_method.detail()), (405, "Method \"DELETE\" not allowed."));
    assert_eq!(api.delete("/").await.status, 405);
}

#[tokio::test]
async fn a_foreign_host_header_is_refused() {
    let api = Api::start().await;
    let request = api.request(Method::GET, "/organizations/").bearer_auth(&api.token);
    let answer = api.send(request.header("Host", "rebound.example")).await;
    assert_eq!(answer.status, 403);
    let request = api.request(Method::GET, "/organizations/").bearer_auth(&api.token);
    assert_eq!(api.send(request.header("Host", "localhost:1234")).await.status, 200);
}

#[tokio::test]
async fn every_response_carries_the_rate_limit_headers_and_no_cors_header() {
    let api = Api::start().await;
    for answer in [api.get("/").await, api.get("/organizations/").await, api.get("/nothing/").await] {
        for name in ["Limit", "Remaining", "Reset", "ConcurrentLimit", "ConcurrentRemaining"] {
            let value = &answer.headers[&format!("x-sentry-rate-limit-{}", name.to_lowercase())];
            assert!(value.to_str().unwrap().parse::<u64>().is_ok(), "{name}");
        }
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn a_configured_limit_answers_429_with_a_detail() {
    let api = Api::start().await;
    let window_seconds = NonZeroU32::new(3600).unwrap();
    api.state.rate_limits().set(Some(Limit { requests: 2, window_seconds }));
    let statuses = [
        api.get("/organizations/").await.status,
        api.get("/organizations/").await.status,
        api.get("/organizations/").await.status,
        api.get("/auth/").await.status,
    ];
    assert_eq!(statuses, [200, 200, 429, 200]);
    let refused = api.get("/organizations/").await;
    assert!(refused.detail().contains("2 requests in 3600 seconds"), "{}", refused.detail());
    assert_eq!(refused.headers["x-sentry-rate-limit-remaining"], "0");
}

#[tokio::test]
async fn lists_page_with_cursors_that_an_empty_one_begins() {
    let api = Api::start().await;
    let first = api.get("/organizations/acme/projects/?cursor=&per_page=1").await;
    assert_eq!(first.body.as_array().map(Vec::len), Some(1));
    let link = first.headers["link"].to_str().unwrap();
    let cursor = orderly_wire::sentry::link::next_cursor(link).unwrap();
    let second = api.get(&format!("/organizations/acme/projects/?per_page=1&cursor={cursor}")).await;
    assert_ne!(first.body[0]["slug"], second.body[0]["slug"]);
    let link = second.headers["link"].to_str().unwrap();
    assert_eq!(orderly_wire::sentry::link::next_cursor(link), None);
    assert_eq!(api.get("/organizations/acme/projects/?per_page=101").await.status, 400);
}
