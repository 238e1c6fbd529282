use super::*;
use serde_json::json;

fn of(value: &serde_json::Value) -> EventEvidence {
    evidence(&serde_json::from_str(&value.to_string()).expect("readable"))
}

#[test]
fn the_thrown_exception_and_the_crash_frame_come_first() {
    let evidence = of(&json!({"entries": [{"type": "exception", "data": {"values": [
        {"type": "Cause", "value": "c", "stacktrace": {"frames": [{"function": "deep"}]}},
        {"type": "Thrown", "value": "t", "stacktrace": {"frames": [
            {"function": "main", "inApp": true, "filename": "app.py", "lineNo": 9},
            {"function": "crash", "inApp": false, "package": "libc"}
        ]}}
    ]}}]}));
    let kinds: Vec<&str> = evidence.exceptions.iter().map(|e| e.kind.as_raw_str()).collect();
    assert_eq!(kinds, ["Thrown", "Cause"]);
    let frames = &evidence.exceptions[0].frames;
    assert_eq!(frames[0].function.as_raw_str(), "crash");
    assert_eq!(frames[0].module.as_ref().map(|m| m.as_raw_str()), Some("libc"));
    assert_eq!((frames[1].line, frames[1].origin), (Some(9), FrameOrigin::InApp));
}

#[test]
fn only_allowed_leaves_of_a_maximal_event_get_through() {
    // Every leaf that is not on the list holds the canary.
    const CANARY: &str = "canary-7f3a";
    let entries = json!([
        {"type": "request", "data": {"url": CANARY, "headers": [["Authorization", CANARY]], "cookies": [[CANARY, CANARY]],
         "data": CANARY, "query": [[CANARY, CANARY]], "env": {"k": CANARY}}},
        {"type": "breadcrumbs", "data": {"values": [{"message": CANARY, "data": {"k": CANARY}}]}},
        {"type": "message", "data": {"formatted": CANARY}},
        {"type": "exception", "data": {"hasSystemFrames": CANARY, "values": [{
            "type": "E", "value": "v", "module": CANARY, "mechanism": {"type": CANARY, "data": {"k": CANARY}},
            "rawStacktrace": {"frames": [{"function": CANARY}]},
            "stacktrace": {"registers": {"rip": CANARY}, "frames": [{
                "function": "f", "module": "m", "filename": "a.py", "lineNo": 1, "inApp": true, "absPath": CANARY,
                "vars": {"password": CANARY}, "context": [[1, CANARY]], "rawFunction": CANARY, "symbol": CANARY,
                "sourceLink": CANARY, "trust": CANARY
            }]}
        }]}},
        {"type": "threads", "data": {"values": [{"id": 1, "name": CANARY, "stacktrace": null}]}}
    ]);
    let evidence = of(&json!({
        "id": CANARY, "eventID": CANARY, "message": CANARY, "title": CANARY, "location": CANARY, "culprit": CANARY,
        "user": {"id": CANARY, "email": CANARY, "ip_address": CANARY, "username": CANARY, "data": {"k": CANARY}},
        "contexts": {"trace": {"trace_id": CANARY}, "os": {"name": CANARY}}, "context": {"extra": CANARY},
        "packages": {CANARY: CANARY}, "sdk": {"name": CANARY}, "errors": [{"message": CANARY}], "_meta": {"x": CANARY},
        "fingerprints": [CANARY], "userReport": {"comments": CANARY}, "dist": CANARY, "nextEventID": CANARY,
        "platform": "python", "dateCreated": "2026-11-20T09:30:00Z",
        "release": {"version": "1.0", "lastCommit": {"message": CANARY}, "url": CANARY},
        "tags": [
            {"key": "environment", "value": "production", "query": CANARY}, {"key": "url", "value": CANARY},
            {"key": "server_name", "value": CANARY}, {"key": "user", "value": CANARY}, {"key": "own", "value": CANARY},
            {"key": "transaction", "value": CANARY}, {"key": CANARY, "value": "x"}
        ],
        "entries": entries
    }));
    let kept = serde_json::to_string(&evidence).expect("writable");
    assert!(!kept.contains(CANARY), "{kept}");
    for expected in ["production", "python", "1.0", "a.py", "\"f\"", "\"m\""] {
        assert!(kept.contains(expected), "{expected} in {kept}");
    }
}

#[test]
fn a_trace_that_is_kept_by_thread_is_found() {
    let event = |thread: serde_json::Value| {
        of(&json!({"entries": [
            {"type": "threads", "data": {"values": [
                {"id": 1, "stacktrace": {"frames": [{"function": "idle"}]}},
                {"id": 2, "crashed": true, "stacktrace": {"frames": [{"function": "crashed"}]}},
                {"id": 3, "stacktrace": {"frames": [{"function": "named"}]}}
            ]}},
            {"type": "exception", "data": {"values": [{"type": "E", "threadId": thread, "stacktrace": null}]}}
        ]}))
    };
    let first = |evidence: EventEvidence| evidence.exceptions[0].frames[0].function.as_raw_str().to_owned();
    assert_eq!(first(event(json!(3))), "named");
    assert_eq!(first(event(json!(null))), "crashed");
}

#[test]
fn an_event_without_exceptions_has_none_and_an_endless_one_is_cut() {
    assert_eq!(of(&json!({"entries": []})).exceptions, []);
    let frames: Vec<_> = (0..500).map(|n| json!({"function": format!("f{n}")})).collect();
    let values: Vec<_> = (0..20)
        .map(|n| json!({"type": n.to_string(), "value": "x".repeat(9000), "stacktrace": {"frames": frames}}))
        .collect();
    let evidence = of(&json!({"entries": [{"type": "exception", "data": {"values": values}}]}));
    assert_eq!(evidence.exceptions.len(), MOST_EXCEPTIONS);
    assert_eq!(evidence.exceptions[0].kind.as_raw_str(), "19");
    assert_eq!(evidence.exceptions[0].frames.len(), MOST_FRAMES);
    assert_eq!(evidence.exceptions[0].frames[0].function.as_raw_str(), "f499");
    assert_eq!(evidence.exceptions[0].value.as_raw_str().len(), LONGEST_TEXT);
}
