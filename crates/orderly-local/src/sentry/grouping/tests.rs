use proptest::prelude::*;
use serde_json::{Value, json};

use super::culprit::culprit;
use super::hashes::Hashes;
use super::headline::Headline;
use super::payload::Payload;
use crate::sentry::tree::Object;

fn object(value: &Value) -> Object<'_> {
    value.as_object().expect("an object").into()
}

fn hashes(event: Value) -> Hashes {
    Hashes::of(&Payload::new(&object(&event)))
}

fn share(a: &Hashes, b: &Hashes) -> bool {
    a.all().any(|hash| b.all().any(|other| other == hash))
}

fn frame(module: &str, function: &str, line: &str) -> Value {
    json!({"module": module, "function": function, "context_line": line, "in_app": true, "lineno": 7})
}

fn library(module: &str, function: &str) -> Value {
    json!({"module": module, "function": function, "in_app": false})
}

fn error(platform: &str, kind: &str, value: &str, frames: &[Value]) -> Value {
    json!({"platform": platform, "exception": {"values": [
        {"type": kind, "value": value, "stacktrace": {"frames": frames}}
    ]}})
}

#[test]
fn the_message_and_the_line_number_do_not_separate_errors_with_a_stack_trace() {
    let a = error("python", "KeyError", "user 17", &[frame("app.users", "load", "return users[id]")]);
    let mut b = error("python", "KeyError", "user 18", &[frame("app.users", "load", "return users[id]")]);
    b["exception"]["values"][0]["stacktrace"]["frames"][0]["lineno"] = json!(99);
    assert_eq!(hashes(a), hashes(b));
}

#[test]
fn type_function_module_and_source_line_do() {
    let base = || error("python", "KeyError", "x", &[frame("app.users", "load", "return users[id]")]);
    let others = [
        error("python", "ValueError", "x", &[frame("app.users", "load", "return users[id]")]),
        error("python", "KeyError", "x", &[frame("app.users", "save", "return users[id]")]),
        error("python", "KeyError", "x", &[frame("app.teams", "load", "return users[id]")]),
        error("python", "KeyError", "x", &[frame("app.users", "load", "return users.get(id)")]),
    ];
    for other in others {
        assert!(!share(&hashes(base()), &hashes(other.clone())), "{other}");
    }
}

#[test]
fn the_way_through_libraries_changes_only_the_system_hash() {
    let own = frame("app.users", "load", "return users[id]");
    let a = hashes(error("python", "KeyError", "x", &[library("flask", "dispatch"), own.clone()]));
    let b = hashes(error("python", "KeyError", "x", &[library("django", "handle"), own]));
    assert_eq!(a.app, b.app);
    assert_ne!(a.system, b.system);
    assert!(a.system.is_some());
}

#[test]
fn without_frames_of_its_own_all_frames_count() {
    let a = hashes(error("python", "KeyError", "x", &[library("flask", "dispatch")]));
    let b = hashes(error("python", "KeyError", "x", &[library("flask", "other")]));
    assert_eq!(a.system, None, "app and system say the same");
    assert!(!share(&a, &b));
}

#[test]
fn native_frames_are_known_by_function_without_the_symbol_hash() {
    let with = |function: &str, module: &str| {
        error("native", "Panic", "x", &[json!({"function": function, "module": module, "in_app": true})])
    };
    let a = hashes(with("app::run::h0123456789abcdef", "one"));
    assert_eq!(a, hashes(with("app::run::hfedcba9876543210", "two")));
    assert_ne!(a, hashes(with("app::stop::h0123456789abcdef", "one")));
}

#[test]
fn a_new_bundle_of_the_same_script_is_the_same_issue() {
    let with = |file: &str| {
        let frame =
            json!({"filename": file, "function": "t", "in_app": true, "context_line": "throw new Error(x)"});
        error("javascript", "Error", "x", &[frame])
    };
    let a = hashes(with("https://cdn.example.com/static/Main.3f2a9c1b7d.js?v=2"));
    assert_eq!(a, hashes(with("https://cdn.example.com/static/main.99aabbccdd.js")));
}

#[test]
fn deep_recursion_groups_with_shallow_recursion() {
    let call = frame("app", "walk", "walk(node.next)");
    let a = hashes(error("python", "RecursionError", "x", &vec![call.clone(); 3]));
    assert_eq!(a, hashes(error("python", "RecursionError", "x", &vec![call; 30])));
}

#[test]
fn without_frames_type_and_parameterized_value_decide() {
    let a = hashes(error("python", "KeyError", "user 17 missing", &[]));
    assert_eq!(a, hashes(error("python", "KeyError", "user 18 missing", &[])));
    assert_ne!(a, hashes(error("python", "KeyError", "team 18 missing", &[])));
}

#[test]
fn messages_group_by_template_or_parameterized_text() {
    let text = |text: &str| hashes(json!({"logentry": {"formatted": text}}));
    assert_eq!(text("job 17 failed after 30ms"), text("job 18 failed after 4s"));
    assert_ne!(text("job 17 failed"), text("job 17 started"));
    let template =
        |formatted: &str| hashes(json!({"logentry": {"message": "hello %s", "formatted": formatted}}));
    assert_eq!(template("hello anna"), template("hello bert"));
}

#[test]
fn a_fingerprint_of_the_client_decides_alone() {
    let with = |fingerprint: Value, kind: &str| {
        let mut event = error("python", kind, "x", &[]);
        event["fingerprint"] = fingerprint;
        hashes(event)
    };
    assert_eq!(with(json!(["db"]), "KeyError"), with(json!(["db"]), "ValueError"));
    assert_ne!(with(json!(["db"]), "KeyError"), with(json!(["net"]), "KeyError"));
    assert_eq!(
        with(json!(["db", "{{ type }}"]), "KeyError"),
        with(json!(["db", "{{error.type}}"]), "KeyError")
    );
    assert_ne!(
        with(json!(["db", "{{ type }}"]), "KeyError"),
        with(json!(["db", "{{ type }}"]), "ValueError")
    );
}

#[test]
fn the_default_fingerprint_can_be_kept_or_refined() {
    let plain = hashes(error("python", "KeyError", "x", &[]));
    let with = |fingerprint: Value| {
        let mut event = error("python", "KeyError", "x", &[]);
        event["fingerprint"] = fingerprint;
        hashes(event)
    };
    assert_eq!(with(json!(["{{ default }}"])), plain);
    assert_eq!(with(json!([])), plain);
    let refined = with(json!(["{{ default }}", "tenant-1"]));
    assert_ne!(refined, plain);
    assert_ne!(refined, with(json!(["{{ default }}", "tenant-2"])));
}

#[test]
fn titles_and_metadata_follow_the_thrown_exception() {
    let mut event = error(
        "python",
        "ValueError",
        "first line\nsecond",
        &[
            frame("app.outer", "serve", "a()"),
            json!({"filename": "app/inner.py", "function": "parse", "in_app": true}),
            json!({"filename": "json/decoder.py", "function": "raw_decode", "in_app": false}),
        ],
    );
    let values = event["exception"]["values"].as_array_mut().unwrap();
    values.insert(0, json!({"type": "KeyError", "value": "cause"}));
    event["sdk"] = json!({"name": "sentry.python", "version": "2"});
    let event = object(&event);
    let headline = Headline::of(&Payload::new(&event));
    assert_eq!(headline.title, "ValueError: first line");
    assert_eq!(headline.location(), Some("app/inner.py"));
    assert_eq!(
        serde_json::to_value(&headline.metadata).unwrap(),
        json!({
            "type": "ValueError",
            "value": "first line\nsecond",
            "filename": "app/inner.py",
            "function": "parse",
            "in_app_frame_mix": "mixed",
            "sdk": {"name": "sentry.python", "name_normalized": "sentry.python"},
        })
    );
    assert_eq!(culprit(&Payload::new(&event)), "app/inner.py in parse");
}

#[test]
fn titles_are_cut_and_never_empty() {
    let title = |event: Value| Headline::of(&Payload::new(&object(&event))).title;
    let long = "é".repeat(300);
    let cut = title(error("python", "E", &long, &[]));
    assert_eq!(cut, format!("E: {}...", "é".repeat(97)));
    assert_eq!(title(error("python", "E", "", &[])), "E");
    assert_eq!(title(json!({})), "<unlabeled event>");
    assert_eq!(title(json!({"logentry": {"formatted": "\n\n  hi  \nthere"}})), "hi");
    let synthetic = json!({"exception": {"values": [{"type": "Error", "value": "x", "mechanism": {"synthetic": true},
        "stacktrace": {"frames": [{"function": "render", "in_app": true}]}}]}});
    assert_eq!(title(synthetic), "render");
    let bare = json!({"exception": {"values": [{"value": "x"}]}});
    assert_eq!(title(bare), "<unknown>");
}

#[test]
fn the_culprit_reads_as_the_platform_writes_it() {
    let frames = [json!({"function": "load", "module": "app/users", "filename": "users.js", "in_app": true})];
    let of = |event: Value| culprit(&Payload::new(&object(&event)));
    for (platform, expected) in [
        ("node", "load(app/users)"),
        ("native", "load"),
        ("python", "app/users in load"),
        ("java", "app/users in load"),
    ] {
        assert_eq!(of(error(platform, "E", "x", &frames)), expected, "{platform}");
    }
    let mut event = error("python", "E", "x", &frames);
    event["transaction"] = json!("GET /users");
    assert_eq!(of(event), "GET /users");
    assert_eq!(of(json!({"request": {"url": "http://x/y"}})), "http://x/y");
    assert_eq!(of(json!({})), "");
}

/// Issues of existing stores are found by these: SHA-256 over the kind, the type of each exception and the parts of its
/// frames, each with its length before it.
#[test]
fn hashes_stay_what_stored_issues_have() {
    let own = || frame("app.users", "load", "return users[id]");
    let bundle =
        json!({"filename": "https://shop/main.3f2a9c1b.js?v=1", "function": "render", "in_app": true});
    let symbol = json!({"function": "core::run::h0123456789abcdef", "in_app": true});
    let mut refined = error("python", "KeyError", "x", &[]);
    refined["fingerprint"] = json!(["{{ default }}", "tenant-1"]);
    let bare = json!({"platform": "java", "stacktrace": {"frames": [{"module": "com.shop.Cart", "function": "add"}]}});
    let of_libraries = error("python", "KeyError", "x", &[library("flask", "dispatch"), own()]);
    for (event, app, system) in [
        (of_libraries, "4101cefde2de52662e115a5f7c065a86", Some("79ec6db794746781c95bb032395c9ceb")),
        (error("javascript", "TypeError", "x", &[bundle]), "9f40bcb90fadb783f3e587a5f61ab54e", None),
        (error("native", "Panic", "x", &[symbol]), "7cff5891ce6dfccf6ce2bf70f9a54914", None),
        (bare, "233bce46b9ca94c564871d421e9cfa2a", None),
        (refined, "8ef9996e46b215bfc54435c7dc162f8e", None),
        (json!({"logentry": {"formatted": "hi"}}), "5f9e847acb336586a6f380c6b8b78ac9", None),
    ] {
        let found = hashes(event.clone());
        assert_eq!((found.app.as_str(), found.system.as_deref()), (app, system), "{event}");
    }
}

#[test]
fn of_a_key_that_comes_twice_in_a_frame_the_last_one_counts() {
    let read = |frame: &str| {
        let sent = format!(r#"{{"stacktrace":{{"frames":[{frame}]}}}}"#);
        let event: Object<'_> = serde_json::from_str(&sent).unwrap();
        let frame = &Payload::new(&event).bare_frames()[0];
        (frame.function.map(str::to_owned), frame.in_app, frame.platform)
    };
    assert_eq!(read(r#"{"function":"a","function":"b"}"#).0.as_deref(), Some("b"));
    assert_eq!(read(r#"{"function":"a","function":""}"#).0, None);
    assert!(!read(r#"{"in_app":true,"in_app":1}"#).1);
    assert_eq!(read(r#"{"platform":"python","platform":null}"#).2, None);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        proptest::sample::select(vec!["{{ default }}", "{{ type }}", "{{x}}", "python", "node"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        let key = prop_oneof![
            "exception",
            "values",
            "stacktrace",
            "frames",
            "type",
            "value",
            "module",
            "function",
            "filename",
            "in_app",
            "threads",
            "logentry",
            "formatted",
            "message",
            "fingerprint",
            "mechanism",
            "platform",
            "transaction",
            "request",
            "url",
            "main_exception_id",
            "crashed",
            "abs_path",
            "context_line",
            "synthetic",
            "exception_id",
            "sdk",
            "name",
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn an_event_of_any_shape_gets_hashes_and_a_title(event in any_json()) {
        if !event.is_object() {
            return Ok(());
        }
        let event = object(&event);
        let payload = &Payload::new(&event);
        let hashes = Hashes::of(payload);
        prop_assert!(hashes.all().all(|hash| hash.len() == 32));
        prop_assert!(!Headline::of(payload).title.is_empty());
        let _ = culprit(payload);
    }
}
