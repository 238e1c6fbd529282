use super::*;
use proptest::prelude::*;
use serde_json::json;

fn read(text: &str) -> Event {
    serde_json::from_str(text).expect("an event can be read")
}

#[test]
fn exceptions_frames_tags_and_release_are_read_and_nothing_private_is() {
    let event = read(
        &json!({
            "id": "a", "eventID": "0123456789abcdef0123456789abcdef", "dateCreated": "2026-11-20T09:30:00Z",
            "platform": "python", "release": {"version": "shop@1.2.3", "lastCommit": null},
            "user": {"email": "secret-user@example.com"}, "context": {"k": "secret-extra"},
            "tags": [{"key": "environment", "value": "production"}, {"key": "n", "value": 5}, "odd"],
            "entries": [
                {"type": "request", "data": {"headers": [["Cookie", "secret-cookie"]]}},
                {"type": "breadcrumbs", "data": {"values": [{"message": "secret-crumb"}]}},
                {"type": "exception", "data": {"values": [
                    {"type": "KeyError", "value": "'a'", "stacktrace": null},
                    {"type": "ValueError", "value": null, "threadId": 7, "stacktrace": {"frames": [
                        {"function": "main", "filename": "app.py", "lineNo": 3, "inApp": true,
                         "vars": {"password": "secret-var"}, "context": [[3, "secret-source"]]},
                        {"function": null, "module": "lib", "lineNo": -1, "inApp": null}
                    ]}}
                ]}},
                {"type": "threads", "data": {"values": [{"id": 7, "crashed": true, "stacktrace": {"frames": []}}]}}
            ]
        })
        .to_string(),
    );
    assert_eq!(event.release.as_ref().map(|r| r.version.as_str()), Some("shop@1.2.3"));
    assert_eq!(event.tags.len(), 2);
    assert_eq!(event.tags[1].value, "5");
    let Entry::Exception(chain) = &event.entries[2] else { panic!("the third entry is the exception") };
    assert_eq!(chain.values[1].kind, "ValueError");
    assert_eq!(chain.values[1].thread_id.as_deref(), Some("7"));
    let frames = &chain.values[1].stacktrace.as_ref().expect("it has frames").frames;
    assert_eq!((frames[0].line_no, frames[0].in_app), (Some(3), true));
    assert_eq!((frames[1].line_no, frames[1].in_app), (None, false));
    assert!(!format!("{event:?}").contains("secret"));
}

#[test]
fn an_entry_of_an_unexpected_shape_is_an_unread_entry() {
    let event = read(r#"{"entries":[{"type":"exception","data":"x"},{"type":"threads"},{"data":{}}]}"#);
    assert_eq!(event.entries, [Entry::Other, Entry::Other, Entry::Other]);
}

#[test]
fn what_was_read_is_read_again_from_what_is_written() {
    let event = read(
        r#"{"eventID":"e","platform":"rust","tags":[{"key":"k","value":"v"}],"release":{"version":"1"},
            "entries":[{"type":"exception","data":{"values":[{"type":"E","value":"v","stacktrace":{"frames":[
            {"function":"f","filename":"a.rs","lineNo":1,"inApp":true}]}}]}},{"type":"spans","data":[]}]}"#,
    );
    assert_eq!(read(&serde_json::to_string(&event).expect("an event can be written")), event);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panicking(text in "\\PC*") {
        let _ = serde_json::from_str::<Event>(&text);
    }

    #[test]
    fn any_values_in_a_frame_are_read_without_failing(
        line in any::<f64>(), function in prop::option::of("\\PC{0,20}"), in_app in any::<Option<i8>>(),
    ) {
        let text = json!({"entries": [{"type": "exception", "data": {"values": [
            {"stacktrace": {"frames": [{"lineNo": line, "function": function, "inApp": in_app}]}}
        ]}}]}).to_string();
        let event = read(&text);
        let is_exception = matches!(&event.entries[0], Entry::Exception(_));
        prop_assert!(is_exception);
    }
}
