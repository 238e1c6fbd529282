use super::*;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

/// A reply that arrived at a fixed time.
pub fn reply(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Reply {
    let headers: HeaderMap =
        headers.iter().map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v))).collect();
    Reply {
        status: StatusCode::from_u16(status).expect("a status"),
        headers,
        body: body.as_bytes().to_vec(),
        request: RequestRef {
            what: "POST /graphql asked".into(),
            at: "2025-11-21T09:15:00Z".parse().expect("a time"),
        },
    }
}

fn cause(status: u16, body: &str) -> Cause {
    read::<Value>(&reply(status, &[], body), "tracker.test").expect_err("no answer").into()
}

#[test]
fn a_refusal_says_what_was_asked_and_what_to_do() {
    let error = |kind: &str, message: &str| {
        json!({"errors": [{"message": message, "extensions": {"type": kind}}]}).to_string()
    };
    for (status, body, expected) in [
        (401, String::new(), "access refused"),
        (400, error("authentication error", "no"), "LINEAR_API_KEY"),
        (200, error("forbidden", "no"), "needs read, write"),
        (400, error("ratelimited", "no"), "rate limited"),
        (200, "<!doctype html>".to_owned(), "a web page"),
        (200, "{\"data\": {\"a\"".to_owned(), "ends too early"),
        (200, "{\"data\": null}".to_owned(), "neither data nor errors"),
        (301, String::new(), "a redirect"),
        (503, "<html>".to_owned(), "HTTP 503"),
        (418, "{}".to_owned(), "tracker.url"),
        (200, error("internal error", "oops"), "oops"),
    ] {
        let text = cause(status, &body).to_string();
        assert!(text.contains(expected), "{expected} in {text}");
        let names_the_request =
            text.contains("POST /graphql asked") || text.contains("key") || text == "rate limited";
        assert!(names_the_request, "{text}");
    }
}

#[test]
fn hostile_text_of_a_broken_answer_is_not_repeated() {
    let body = json!({"data": {"a": "\u{1b}[2J evil"}}).to_string();
    let trouble = read::<std::collections::BTreeMap<String, u64>>(&reply(200, &[], &body), "tracker.test");
    let text = Cause::from(trouble.expect_err("no number")).to_string();
    assert!(!text.contains("evil"), "{text}");
}

#[test]
fn a_query_is_asked_again_after_a_fault_and_a_rate_limit_but_not_after_a_refusal() {
    let error = |kind: &str| json!({"errors": [{"message": "m", "extensions": {"type": kind}}]}).to_string();
    let now: Timestamp = "2025-11-21T09:15:00Z".parse().expect("a time");
    for (status, body, expected) in [
        (200, json!({"data": {}}).to_string(), retry::Failure::Final),
        (200, error("invalid input"), retry::Failure::Final),
        (400, error("authentication error"), retry::Failure::Final),
        (200, error("internal error"), retry::Failure::Server),
        (400, error("lock timeout"), retry::Failure::Server),
        (400, error("ratelimited"), retry::Failure::RateLimited(None)),
        (429, String::new(), retry::Failure::RateLimited(None)),
        (502, "<html>".to_owned(), retry::Failure::Server),
        (200, "<html>".to_owned(), retry::Failure::Final),
        (302, String::new(), retry::Failure::Final),
    ] {
        assert_eq!(failure(&reply(status, &[], &body), now), expected, "{status} {body}");
    }
}

#[test]
fn a_personal_key_travels_bare_and_an_oauth_token_as_bearer() {
    assert_eq!(LinearToken::new("lin_api_x").scheme(), "");
    assert_eq!(LinearToken::new("lin_oauth_x").scheme(), "Bearer ");
    assert!(!format!("{:?}", LinearToken::new("lin_api_secret")).contains("secret"));
}
