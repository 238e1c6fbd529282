use super::*;
use serde_json::{Value, json};

fn of(event: Value) -> Evidence {
    evidence(IssueId(7), &serde_json::from_value(event).expect("an event"))
}

#[test]
fn the_chain_is_read_from_the_thrown_exception_down_and_frames_from_the_crash_outwards() {
    let frame = |function: &str, in_app: bool| {
        json!({"function": function, "filename": "a.py", "lineNo": 3, "colNo": 5, "inApp": in_app,
        "context": [[2, "before"], [3, "here"]]})
    };
    let read = of(json!({
        "eventID": "e1", "dateCreated": "2026-11-20T09:30:00Z", "platform": "python", "culprit": "app.pay",
        "tags": [{"key": "environment", "value": "production"}, {"key": "release", "value": "r1"}, {"key": "level", "value": "error"}],
        "entries": [
            {"type": "exception", "data": {"values": [
                {"type": "KeyError", "value": "'a'", "stacktrace": {"frames": [frame("main", true), frame("lookup", true), frame("dict", false)]}},
                {"type": "ValueError", "value": "bad", "mechanism": {"type": "django", "handled": false},
                 "stacktrace": {"frames": [frame("view", true)]}},
            ]}},
            {"type": "request", "data": {"method": "GET", "url": "https://shop.example/pay?token=secret#x", "headers": [["User-Agent", "curl/8"]]}},
            {"type": "breadcrumbs", "data": {"values": [{"category": "query", "message": "SELECT 1", "data": {"db": "main"}}]}},
        ]
    }));
    let kinds: Vec<&str> = read.exceptions.iter().map(|e| e.kind.as_raw_str()).collect();
    assert_eq!(kinds, ["ValueError", "KeyError"]);
    assert_eq!(
        read.top_in_app().map(|f| f.function.as_raw_str()),
        Some("lookup"),
        "the cause goes before its wrapper"
    );
    assert_eq!(read.top_in_app().and_then(Frame::source_line).map(Untrusted::as_raw_str), Some("here"));
    assert_eq!(read.thrown().and_then(|e| e.mechanism.as_ref()).map(|m| m.handled), Some(Handled::No));
    assert_eq!(read.request.as_ref().map(|r| r.url.as_raw_str()), Some("https://shop.example/pay"));
    assert_eq!(read.around.user_agent.as_ref().map(Untrusted::as_raw_str), Some("curl/8"));
    assert_eq!(read.release.as_ref().map(Untrusted::as_raw_str), Some("r1"));
    assert_eq!(read.transaction.as_ref().map(Untrusted::as_raw_str), Some("app.pay"));
    assert_eq!(read.tag("environment").map(Untrusted::as_raw_str), Some("production"));
    assert!(!format!("{read:?}").contains("secret"));
}

#[test]
fn a_trace_without_an_exception_is_an_exception_without_a_type() {
    let trace = json!({"frames": [{"function": "f", "inApp": true}]});
    let threads = json!({"values": [{"id": 1}, {"id": 2, "crashed": true, "stacktrace": trace}]});
    for entries in [
        json!([{"type": "stacktrace", "data": trace}]),
        json!([{"type": "threads", "data": threads}]),
        json!([{"type": "exception", "data": {"values": []}}, {"type": "threads", "data": threads}]),
    ] {
        let read = of(json!({"entries": entries}));
        assert_eq!(read.top_in_app().map(|f| f.function.as_raw_str()), Some("f"));
    }
    assert!(of(json!({})).exceptions.is_empty());
}

#[test]
fn what_is_over_a_bound_is_left_out_and_counted() {
    let frames: Vec<Value> = (0..150).map(|n| json!({"function": format!("f{n}")})).collect();
    let crumbs: Vec<Value> = (0..120).map(|n| json!({"message": format!("m{n}")})).collect();
    let read = of(json!({"entries": [
        {"type": "exception", "data": {"values": [{"type": "E", "value": "x".repeat(9000), "stacktrace": {"frames": frames}}]}},
        {"type": "breadcrumbs", "data": {"values": crumbs}},
    ]}));
    assert_eq!(read.left_out, ["50 frames far from the crash", "20 breadcrumbs before the last 100"]);
    assert_eq!(read.exceptions[0].frames[0].function.as_raw_str(), "f149");
    assert_eq!(
        read.breadcrumbs.last().and_then(|c| c.message.as_ref()).map(Untrusted::as_raw_str),
        Some("m119")
    );
    assert_eq!(read.exceptions[0].value.as_raw_str().len(), LONGEST_TEXT);
}
