//! Events of any shape, made ready without a server.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::sentry::ingest::event::PreparedEvent;
use crate::sentry::ingest::items::sort;
use crate::sentry::ingest::normalize::{Arrival, normalize};
use crate::sentry::model::Level;
use crate::sentry::store::payloads;
use crate::sentry::tree::Object;

fn arrival() -> Arrival {
    Arrival { envelope_id: None, received: "2026-03-10T12:00:00Z".parse().unwrap() }
}

fn canonical(event: &Value) -> Value {
    let event = event.as_object().expect("an object").into();
    serde_json::to_value(normalize(event, arrival()).event).unwrap()
}

#[test]
fn old_and_new_spellings_become_one() {
    for (sent, key, expected) in [
        (json!({"message": "hi"}), "logentry", json!({"formatted": "hi"})),
        (
            json!({"logentry": {"message": "a %s b %d", "params": ["x", 3]}}),
            "logentry",
            json!({"message": "a %s b %d", "params": ["x", 3], "formatted": "a x b 3"}),
        ),
        (
            json!({"sentry.interfaces.Message": {"message": "x"}}),
            "logentry",
            json!({"message": "x", "formatted": "x"}),
        ),
        (json!({"exception": {"type": "E"}}), "exception", json!({"values": [{"type": "E"}]})),
        (json!({"exception": [{"type": "E"}, null, 5]}), "exception", json!({"values": [{"type": "E"}]})),
        (json!({"tags": {"b": "2", "a": true}}), "tags", json!([["a", "True"], ["b", "2"]])),
        (
            json!({"tags": [["a", 1], ["b"], {"key": "c", "value": "3"}]}),
            "tags",
            json!([["a", "1"], ["c", "3"]]),
        ),
        (json!({"level": "WARN"}), "level", json!("warning")),
        (json!({"level": 50}), "level", json!("fatal")),
        (json!({"level": ["?"]}), "level", json!("error")),
        (json!({}), "platform", json!("other")),
        (json!({"fingerprint": "one"}), "fingerprint", json!(["one"])),
        (json!({"fingerprint": ["a", 1, null]}), "fingerprint", json!(["a", "1"])),
        (json!({"user": {"ip_address": "{{auto}}"}}), "user", json!({"ip_address": "127.0.0.1"})),
        (json!({"timestamp": 1_773_140_400}), "timestamp", json!("2026-03-10T11:00:00Z")),
        (json!({"timestamp": "2026-03-10T11:00:00.5"}), "timestamp", json!("2026-03-10T11:00:00.5Z")),
        (json!({"timestamp": "2026-03-10T12:00:00+01:00"}), "timestamp", json!("2026-03-10T11:00:00Z")),
    ] {
        assert_eq!(canonical(&sent)[key], expected, "{sent}");
    }
}

#[test]
fn parts_of_a_wrong_shape_are_dropped() {
    let event = canonical(&json!({
        "exception": "E", "threads": 5, "breadcrumbs": {"values": 1}, "tags": "t", "user": "u", "request": [],
        "contexts": 1, "environment": {}, "release": null, "logentry": 7,
    }));
    let mut left: Vec<&String> = event.as_object().unwrap().keys().collect();
    left.sort_unstable();
    assert_eq!(left, ["event_id", "level", "platform", "received", "timestamp"]);
}

fn any_event() -> impl Strategy<Value = Map<String, Value>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    let keys = vec![
        "event_id",
        "timestamp",
        "level",
        "platform",
        "exception",
        "values",
        "threads",
        "breadcrumbs",
        "logentry",
        "message",
        "formatted",
        "params",
        "tags",
        "environment",
        "release",
        "dist",
        "transaction",
        "fingerprint",
        "user",
        "id",
        "ip_address",
        "request",
        "url",
        "contexts",
        "trace",
        "trace_id",
        "browser",
        "name",
        "version",
        "sdk",
        "extra",
        "stacktrace",
        "frames",
        "mechanism",
        "handled",
        "type",
        "value",
    ];
    let node = leaf.prop_recursive(4, 48, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((proptest::sample::select(keys.clone()), inner), 0..6)
                .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    });
    proptest::collection::vec(node, 1..3).prop_map(|nodes| {
        let maps = nodes.into_iter().filter_map(|node| node.as_object().cloned());
        maps.flatten().collect()
    })
}

proptest! {
    #[test]
    fn an_event_of_any_shape_is_made_ready_within_its_limits(event in any_event()) {
        let ready = PreparedEvent::new(Object::from(&event), 10, arrival()).unwrap();
        let stored: Map<String, Value> = serde_json::from_slice(&payloads::decode(&ready.payload, None).unwrap()).unwrap();
        prop_assert_eq!(&stored["event_id"], &json!(ready.id));
        prop_assert!(ready.environment.chars().count() <= 64);
        prop_assert!(ready.release.as_ref().is_none_or(|release| release.len() <= 250 && !release.contains('/')));
        prop_assert!(ready.tags.iter().all(|(key, value)| key.len() <= 200 && value.chars().count() <= 200));
        prop_assert!(!ready.headline.title.is_empty());
        prop_assert!(ready.level != Level::Unknown || stored["level"] == "unknown");
    }

    #[test]
    fn a_canonical_event_stays_as_it_is(event in any_event()) {
        let once = normalize(Object::from(&event), arrival());
        let stored = serde_json::to_value(&once.event).unwrap();
        let twice = normalize(Object::from(stored.as_object().unwrap()), arrival());
        prop_assert_eq!((twice.id, twice.occurred), (once.id, once.occurred));
        prop_assert_eq!(serde_json::to_value(&twice.event).unwrap(), stored);
    }

    #[test]
    fn no_envelope_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in "[a-z_]{1,12}") {
        let known = ["session", "sessions", "client_report", "user_report", "feedback", "attachment", "log"];
        for kind in known.into_iter().chain([kind.as_str()]) {
            let header = format!("{{}}\n{{\"type\":\"{kind}\",\"length\":{}}}\n", bytes.len());
            let body = [header.as_bytes(), &bytes].concat();
            if let Ok(envelope) = orderly_wire::sentry::envelope::Envelope::parse(&body) {
                let _ = sort(&envelope, Timestamp::UNIX_EPOCH);
            }
        }
    }
}
