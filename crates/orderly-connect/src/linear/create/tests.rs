use super::*;
use crate::linear::api::{read, tests::reply};
use orderly_core::time::Timestamp;

const ASKED: &str = "1f0c6c5e-6c0e-4b52-9d5f-0f4b0d9f7a11";

fn asked() -> ItemId {
    ItemId(ASKED.parse().expect("a uuid"))
}

fn of(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> CreateReply {
    classify(asked(), read(&reply(status, headers, body), "tracker.test"))
}

fn error(kind: &str, code: &str, message: &str) -> String {
    json!({"data": null, "errors": [{"message": message, "path": ["issueCreate"],
        "extensions": {"type": kind, "code": code}}]})
    .to_string()
}

#[test]
fn an_item_under_the_asked_id_was_created_and_under_another_the_tracker_ignores_ids() {
    let body = |id: &str| {
        json!({"data": {"issueCreate": {"success": true,
            "issue": {"id": id, "identifier": "PLAT-1", "url": "https://l/PLAT-1"}}}})
        .to_string()
    };
    assert!(
        matches!(of(200, &[], &body(ASKED)), CreateReply::Created(item) if item.key == ItemKey::new("PLAT-1"))
    );
    let other = "2f0c6c5e-6c0e-4b52-9d5f-0f4b0d9f7a11";
    assert!(matches!(of(200, &[], &body(other)), CreateReply::OtherId(item) if item.id.to_string() == other));
}

#[test]
fn a_taken_id_is_a_conflict_whatever_the_status() {
    let body = error("invalid input", "INPUT_ERROR", "conflict on insert of Issue");
    for status in [200, 400, 409, 500] {
        assert_eq!(of(status, &[], &body), CreateReply::Conflict, "{status}");
    }
}

#[test]
fn only_a_clear_refusal_is_one() {
    for (status, body) in [
        (200, error("invalid input", "INPUT_ERROR", "labelIds not exclusive child labels")),
        (400, error("invalid input", "INPUT_ERROR", "teamId must be a UUID.")),
        (400, error("graphql error", "GRAPHQL_VALIDATION_FAILED", "Unknown argument")),
        (200, error("invalid input", "INPUT_ERROR", "Entity not found: Team")),
        (200, error("invalid input", "INPUT_ERROR", "issue limit exceeded")),
        (200, error("usage limit exceeded", "USAGE_LIMIT_EXCEEDED", "limit")),
    ] {
        assert!(matches!(of(status, &[], &body), CreateReply::Refused(_)), "{status} {body}");
    }
    for (status, body) in [
        (401, String::new()),
        (403, "<html>".to_owned()),
        (400, error("authentication error", "AUTHENTICATION_ERROR", "not authenticated")),
        (200, error("forbidden", "FORBIDDEN", "you may not")),
        (200, error("feature not accessible", "FEATURE_NOT_ACCESSIBLE", "plan")),
    ] {
        assert!(matches!(of(status, &[], &body), CreateReply::Denied(_)), "{status} {body}");
    }
}

#[test]
fn a_rate_limit_is_no_refusal_and_says_until_when() {
    let body = error("ratelimited", "RATELIMITED", "Rate limit exceeded");
    assert_eq!(of(400, &[], &body), CreateReply::RateLimited { until: None });
    assert_eq!(of(429, &[], ""), CreateReply::RateLimited { until: None });
    let headers = [("x-ratelimit-requests-remaining", "0"), ("x-ratelimit-requests-reset", "1763716560000")];
    let until: Timestamp = "2025-11-21T09:16:00Z".parse().expect("a time");
    assert_eq!(of(400, &headers, &body), CreateReply::RateLimited { until: Some(until) });
}

#[test]
fn everything_doubtful_is_unknown() {
    let made = json!({"success": true, "issue": {"id": ASKED, "identifier": "PLAT-1", "url": "u"}});
    for (status, body) in [
        (200, String::new()),
        (200, "{".to_owned()),
        (200, "null".to_owned()),
        (200, "[]".to_owned()),
        (200, "<html>ok</html>".to_owned()),
        (200, json!({"data": null}).to_string()),
        (200, json!({"data": {}}).to_string()),
        (200, json!({"data": {"issueCreate": null}}).to_string()),
        (200, json!({"data": {"issueCreate": {"success": true, "issue": null}}}).to_string()),
        (200, json!({"data": {"issueCreate": {"success": false}}}).to_string()),
        (200, json!({"data": {"issueCreate": {"success": true, "issue": {"id": "no uuid", "identifier": "P-1", "url": "u"}}}}).to_string()),
        (200, json!({"data": {"issueCreate": {"success": false, "issue": made["issue"]}}}).to_string()),
        (200, json!({"data": {"issueCreate": made}, "errors": [{"message": "then it failed"}]}).to_string()),
        (200, error("internal error", "INTERNAL_SERVER_ERROR", "oops")),
        (200, error("lock timeout", "LOCK_TIMEOUT", "busy")),
        (200, error("something new", "SOMETHING_NEW", "?")),
        (200, json!({"errors": [
            {"message": "bad", "extensions": {"type": "invalid input"}}, {"message": "oops", "extensions": {"type": "internal error"}}
        ]}).to_string()),
        (302, String::new()),
        (307, error("invalid input", "INPUT_ERROR", "x")),
        (404, "{}".to_owned()),
        (500, String::new()),
        (502, "<html>bad gateway</html>".to_owned()),
        (500, error("invalid input", "INPUT_ERROR", "x")),
        (503, error("forbidden", "FORBIDDEN", "x")),
    ] {
        assert!(matches!(of(status, &[], &body), CreateReply::Unknown(_)), "{status} {body}: {:?}", of(status, &[], &body));
    }
}
