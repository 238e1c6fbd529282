//! The shop that the SDKs' programs play: what has to be known of its failures afterwards, whatever it is written in.
//!
//! It fails to charge twice, for `ada` and `bob`, and once, at another call site with the same exception type, to pay
//! back.

use serde_json::{Value, json};

use crate::world::World;

pub const RELEASE: &str = "shop@3.1.0";
pub const ENVIRONMENT: &str = "production";

/// What differs from language to language.
pub struct Shop {
    pub platform: &'static str,
    pub sdk: &'static str,
    /// Culprit of the failure to charge.
    pub charge: &'static str,
    /// Culprit of the failure to pay back.
    pub refund: &'static str,
    /// The program's own file.
    pub file: &'static str,
}

/// Looks at the shop's handled failures through the web API.
pub async fn check_handled(world: &World, shop: &Shop, events: &Value) {
    let found = search(world, "error.type:PaymentError").await;
    let mut shown: Vec<Value> = found
        .iter()
        .map(|issue| {
            json!([
                issue["title"],
                issue["culprit"],
                issue["count"],
                issue["userCount"],
                issue["isUnhandled"]
            ])
        })
        .collect();
    shown.sort_by_key(Value::to_string);
    assert_eq!(
        shown,
        [
            json!(["PaymentError: card of order 2 declined", shop.charge, "2", 2, false]),
            json!(["PaymentError: order 3 cannot be paid back", shop.refund, "1", 1, false]),
        ]
    );
    let charge = found.iter().find(|issue| issue["culprit"] == shop.charge).expect("checked above");
    let id = charge["id"].as_str().expect("an issue has an id");
    check_search(world, id).await;
    check_event(world, shop, id, &events[1]).await;
}

/// Finds the issue by what the SDK said about it, and by nothing else.
async fn check_search(world: &World, id: &str) {
    let hits = [
        "release:shop@3.1.0 declined",
        "environment:production order 2",
        "tenant:blue user.id:bob",
        "error.type:Pay* error.value:*declined*",
    ];
    for query in hits {
        let found = search(world, query).await;
        assert_eq!(found.iter().map(|issue| issue["id"].as_str()).collect::<Vec<_>>(), [Some(id)], "{query}");
    }
    for query in
        ["release:shop@3.0.0", "environment:staging", "tenant:green", "error.type:TypeError", "user.id:eve"]
    {
        assert_eq!(search(world, query).await, Vec::<Value>::new(), "{query}");
    }
}

/// Looks at the latest event of the failure to charge.
async fn check_event(world: &World, shop: &Shop, id: &str, event_id: &Value) {
    let event = world.get(&format!("/organizations/acme/issues/{id}/events/latest/")).await;
    assert_eq!(&event["eventID"], event_id, "the SDK's own id of the event");
    assert_eq!((&event["platform"], &event["sdk"]["name"]), (&shop.platform.into(), &shop.sdk.into()));
    assert_eq!(event["release"]["version"], RELEASE);
    assert_eq!(event["user"]["id"], "bob");
    for (key, value) in
        [("release", RELEASE), ("environment", ENVIRONMENT), ("tenant", "blue"), ("handled", "yes")]
    {
        assert_eq!(tag(&event, key), Some(value), "{key}");
    }
    let exception = &entry(&event, "exception")["values"][0];
    assert_eq!(
        (&exception["type"], &exception["value"]),
        (&"PaymentError".into(), &"card of order 2 declined".into())
    );
    let frames = exception["stacktrace"]["frames"].as_array().expect("the exception has frames");
    let crash = frames.last().expect("there is a frame");
    assert_eq!((&crash["function"], &crash["inApp"]), (&"charge".into(), &true.into()), "{crash}");
    assert!(crash["filename"].as_str().is_some_and(|file| file.ends_with(shop.file)), "{crash}");
    assert!(crash["lineNo"].as_u64().is_some_and(|line| line > 1), "{crash}");
    let line =
        crash["context"].as_array().and_then(|lines| lines.iter().find(|line| line[0] == crash["lineNo"]));
    assert!(
        line.is_some_and(|line| line[1].as_str().is_some_and(|code| code.contains("PaymentError("))),
        "{crash}"
    );
}

async fn search(world: &World, query: &str) -> Vec<Value> {
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let found = world.get(&format!("/organizations/acme/issues/?query={query}")).await;
    found.as_array().unwrap_or_else(|| panic!("{query}: {found}")).clone()
}

fn tag<'a>(event: &'a Value, key: &str) -> Option<&'a str> {
    event["tags"].as_array()?.iter().find(|tag| tag["key"] == key)?["value"].as_str()
}

fn entry<'a>(event: &'a Value, kind: &str) -> &'a Value {
    let entries = event["entries"].as_array().expect("an event has entries");
    let found = entries.iter().find(|entry| entry["type"] == kind);
    &found.unwrap_or_else(|| panic!("no {kind} in {entries:?}"))["data"]
}
