use serde_json::{Value, json};

use super::world::{Event, World};

async fn three_events() -> (World, [String; 3], String) {
    let world = World::start().await;
    let first =
        Event::error("cart").with("release", "shop@1.0.0").with("environment", "staging").at(world.ago(50));
    let second =
        Event::error("cart").with("user", json!({"id": "7", "email": "ada@example.com", "plan": "gold"}));
    let second =
        second.with("tags", json!({"region": "eu"})).with("environment", "production").at(world.ago(2));
    let third = Event::error("cart")
        .with("environment", "production")
        .with("release", "shop@1.1.0")
        .with(
            "request",
            json!({"url": "https://shop.example/cart", "method": "POST", "headers": {"Accept": "*/*"}}),
        )
        .with("breadcrumbs", json!([{"message": "clicked", "timestamp": 1_773_140_000}]))
        .with("extra", json!({"cart": {"items": 3}}))
        .with("modules", json!({"flask": "3.0"}))
        .with("contexts", json!({"trace": {"trace_id": "b".repeat(32), "span_id": "c".repeat(16)}}))
        .with("sdk", json!({"name": "sentry.python", "version": "2.0"}));
    let third = third.at(world.ago(1));
    let ids = [world.send(first).await, world.send(second).await, world.send(third).await];
    let issue = world.id("cart").await;
    (world, ids, issue)
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|event| event["eventID"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn events_are_listed_newest_first_and_filtered() {
    let (world, sent, issue) = three_events().await;
    let [first, second, third] = &sent;
    let path = format!("/organizations/acme/issues/{issue}/events/");
    for (params, expected) in [
        ("", vec![third, second, first]),
        ("?sort=-timestamp&statsPeriod=14d&per_page=50", vec![third, second, first]),
        ("?statsPeriod=24h", vec![third, second]),
        ("?environment=staging", vec![first]),
        ("?query=region%3Aeu", vec![second]),
        ("?query=%21has%3Aregion", vec![third, first]),
        ("?query=release%3Ashop%401.1.0", vec![third]),
        ("?query=user.id%3A7", vec![second]),
        ("?query=CART", vec![third, second, first]),
        ("?query=nothing", vec![]),
        ("?start=2026-03-08T00:00:00Z&end=2026-03-09T00:00:00Z", vec![first]),
        ("?per_page=1", vec![third]),
        ("?per_page=1&cursor=0:1:0", vec![second]),
    ] {
        let shown = world.get(&format!("{path}{params}")).await.ok();
        assert_eq!(ids(&shown), expected, "{params}");
    }
    world.get(&format!("{path}?query=is%3Aunresolved")).await.refused(400);
    world.get(&format!("{path}?query=regiom%3Aeu")).await.refused(400);
    world.get(&format!("{path}?environment=nowhere")).await.refused(404);

    let summary = world.get(&format!("{path}?query=region%3Aeu")).await.ok();
    assert_eq!(summary[0]["user"]["email"], "ada@example.com");
    assert_eq!(summary[0]["user"]["data"]["plan"], "gold");
    assert_eq!(summary[0]["event.type"], "error");
    assert!(summary[0].get("entries").is_none());
    assert!(world.get(&format!("{path}?full=true")).await.ok()[0]["entries"].is_array());
    let project = world.get("/projects/acme/backend/events/?cursor=").await.ok();
    assert_eq!(ids(&project), [third, second, first]);
    world.stop().await;
}

#[tokio::test]
async fn one_event_is_named_by_its_place_or_id_and_shows_its_parts() {
    let (world, sent, issue) = three_events().await;
    let [first, second, third] = &sent;
    let dashed = uuid::Uuid::parse_str(second).unwrap().to_string();
    for (name, expected) in [
        ("latest", third),
        ("recommended", third),
        ("oldest", first),
        (second.as_str(), second),
        (&dashed, second),
    ] {
        let shown = world.get(&format!("/organizations/acme/issues/BACKEND-1/events/{name}/")).await.ok();
        assert_eq!(shown["eventID"], **expected, "{name}");
    }
    let staging = world
        .get(&format!("/organizations/acme/issues/{issue}/events/latest/?environment=staging"))
        .await
        .ok();
    assert_eq!(staging["eventID"], *first);

    let event = world.get(&format!("/organizations/acme/issues/{issue}/events/latest/")).await.ok();
    assert_eq!((&event["previousEventID"], &event["nextEventID"]), (&json!(second), &Value::Null));
    assert_eq!(event["groupID"], *issue);
    assert_eq!(event["type"], "error");
    assert_eq!(event["title"], "ValueError: bad cart");
    assert_eq!(event["release"]["version"], "shop@1.1.0");
    assert_eq!(event["context"], json!({"cart": {"items": 3}}));
    assert_eq!(event["packages"], json!({"flask": "3.0"}));
    assert_eq!(event["contexts"]["trace"]["trace_id"], "b".repeat(32));
    assert_eq!(event["sdk"], json!({"name": "sentry.python", "version": "2.0"}));
    assert!(event["dateCreated"].as_str().unwrap().ends_with('Z'));
    assert!(
        event["tags"].as_array().unwrap().contains(&json!({"key": "environment", "value": "production"}))
    );
    let entry = |kind: &str| {
        let entries = event["entries"].as_array().unwrap();
        entries.iter().find(|entry| entry["type"] == kind).unwrap_or_else(|| panic!("{kind}"))["data"].clone()
    };
    let frames = entry("exception")["values"][0]["stacktrace"]["frames"].clone();
    assert_eq!(frames[1]["inApp"], true);
    assert_eq!(frames[1]["lineNo"], 12);
    assert_eq!(frames[1]["context"], json!([[11, "def run():"], [12, "    total = price * count"]]));
    assert_eq!(entry("request")["method"], "POST");
    assert_eq!(entry("breadcrumbs")["values"][0]["message"], "clicked");

    assert_eq!(world.get(&format!("/projects/acme/backend/events/{first}/")).await.ok()["eventID"], *first);
    let found = world.get(&format!("/organizations/acme/eventids/{first}/")).await.ok();
    assert_eq!((&found["groupId"], &found["event"]["eventID"]), (&json!(issue), &json!(first)));
    assert_eq!(found["projectSlug"], "backend");
    let absent = "f".repeat(32);
    for path in [
        format!("/organizations/acme/issues/{issue}/events/{absent}/"),
        format!("/organizations/acme/issues/{issue}/events/newest/"),
        format!("/projects/acme/frontend/events/{first}/"),
        format!("/organizations/acme/eventids/{absent}/"),
        "/organizations/acme/eventids/x/".to_owned(),
    ] {
        world.get(&path).await.refused(404);
    }
    world.stop().await;
}

#[tokio::test]
async fn grouping_hashes_name_their_newest_event() {
    let (world, sent, issue) = three_events().await;
    let hashes = world.get(&format!("/organizations/acme/issues/{issue}/hashes/")).await.ok();
    let hashes = hashes.as_array().unwrap();
    assert!(!hashes.is_empty());
    for hash in hashes {
        assert_eq!(hash["id"].as_str().unwrap().len(), 32);
        assert_eq!(hash["latestEvent"]["eventID"], *sent[2]);
    }
    world.stop().await;
}
