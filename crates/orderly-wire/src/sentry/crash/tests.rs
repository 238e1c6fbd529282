use super::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn what_helps_to_find_the_cause_is_read_and_who_it_happened_to_is_not() {
    let event: CrashEvent = serde_json::from_value(json!({
        "eventID": "0123456789abcdef0123456789abcdef", "platform": "javascript", "dist": 7, "culprit": "/pay",
        "release": {"version": "shop@1.2.3"}, "user": {"email": "secret@example.com"}, "context": {"k": "secret-extra"},
        "sdk": {"name": "sentry.javascript.browser", "version": "10"}, "tags": [{"key": "level", "value": "fatal"}],
        "contexts": {"browser": {"name": "Firefox", "version": "141"}, "device": "odd", "runtime": null},
        "entries": [
            {"type": "request", "data": {"method": "POST", "url": "https://shop.example/pay", "cookies": [["sid", "secret-cookie"]],
                "headers": [["Authorization", "secret-header"], ["user-agent", "Mozilla/5.0"]], "data": {"card": "secret-body"}}},
            {"type": "breadcrumbs", "data": {"values": [
                {"timestamp": "2026-11-20T09:30:00Z", "category": "http", "data": {"url": "/api/cart", "status_code": 500, "nested": {"a": "secret-crumb"}}},
                "odd",
            ]}},
            {"type": "message", "data": {"formatted": "", "message": "plain"}},
            {"type": "exception", "data": {"values": [{"type": "TypeError", "value": "x is null", "mechanism": {"type": "onerror", "handled": false},
                "stacktrace": {"frames": [{"function": "pay", "absPath": "https://shop.example/a.js", "lineNo": 3, "colNo": 9, "inApp": true,
                    "context": [[2, "a"], [3, "b"], "odd"], "vars": {"password": "secret-var"}}]}}]}},
            {"type": "debugmeta", "data": {"images": [{"type": "sourcemap", "code_file": "https://shop.example/a.js", "debug_id": "a1"}, 3]}},
            {"type": "csp", "data": {}},
        ]
    }))
    .expect("an event");
    assert_eq!(event.level(), Some(Level::Fatal));
    assert_eq!(event.contexts.browser.name.as_deref(), Some("Firefox"));
    let CrashEntry::Request(request) = &event.entries[0] else { panic!("a request") };
    assert_eq!(request.user_agent.as_deref(), Some("Mozilla/5.0"));
    let CrashEntry::Breadcrumbs(crumbs) = &event.entries[1] else { panic!("breadcrumbs") };
    assert_eq!(crumbs.len(), 1);
    assert_eq!(crumbs[0].data.get("status_code").map(String::as_str), Some("500"));
    assert_eq!(event.entries[2], CrashEntry::Message("plain".to_owned()));
    let CrashEntry::Exception(chain) = &event.entries[3] else { panic!("an exception") };
    let frame = &chain[0].stacktrace.as_ref().expect("it has frames").frames[0];
    assert_eq!(frame.context, [(2, "a".to_owned()), (3, "b".to_owned())]);
    assert_eq!((frame.line_no, frame.col_no), (Some(3), Some(9)));
    assert_eq!(chain[0].mechanism.as_ref().and_then(|m| m.handled), Some(false));
    let CrashEntry::Images(images) = &event.entries[4] else { panic!("images") };
    assert_eq!(
        (images[0].code_file.as_str(), images[0].debug_id.as_str()),
        ("https://shop.example/a.js", "a1")
    );
    assert_eq!(event.entries[5], CrashEntry::Other);
    assert!(!format!("{event:?}").contains("secret"));
}

proptest! {
    #[test]
    fn any_shape_of_an_entry_is_read_without_failing(kind in "exception|threads|breadcrumbs|stacktrace|request|message|debugmeta|x", data in "(null|3|\"x\"|\\[1\\]|\\{\"values\":3\\}|\\{\"frames\":7\\}|\\{\"headers\":\\{\\}\\})") {
        let text = format!(r#"{{"entries":[{{"type":"{kind}","data":{data}}}]}}"#);
        prop_assert!(serde_json::from_str::<CrashEvent>(&text).is_ok());
    }
}
