//! Where an event is filed: issue, names, tags, users, hours, releases.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::world::{Answer, Event, World};

#[tokio::test]
async fn an_issue_carries_the_names_of_its_newest_event() {
    let world = World::start().await;
    world.send(&Event::error("cart").with("transaction", "cart.checkout")).await;
    let issue = world
        .row("SELECT short_id, kind, title, culprit, location, level, platform, status, substatus, priority, times_seen,
                     is_unhandled, inbox_reason, metadata_json FROM issue")
        .await;
    let metadata: Value = serde_json::from_str(issue["metadata_json"].as_str().unwrap()).unwrap();
    assert_eq!(
        metadata,
        json!({"type": "ValueError", "value": "bad cart", "filename": "shop/cart.py", "function": "run",
               "in_app_frame_mix": "mixed", "initial_priority": 75})
    );
    assert_eq!(issue["title"], "ValueError: bad cart");
    assert_eq!(issue["culprit"], "cart.checkout");
    assert_eq!(issue["location"], "shop/cart.py");
    assert_eq!((&issue["status"], &issue["substatus"]), (&json!("unresolved"), &json!("new")));
    assert_eq!((&issue["priority"], &issue["inbox_reason"]), (&json!("high"), &json!("new")));
    assert_eq!((&issue["short_id"], &issue["is_unhandled"]), (&json!(1), &json!(1)));

    let renamed = Event::error("cart").with("transaction", "cart.pay").with("level", "fatal");
    let older = renamed.clone().with("transaction", "cart.old").at(world.ago(SignedDuration::from_hours(3)));
    world.send(&renamed).await;
    world.send(&older).await;
    assert_eq!(
        world.row("SELECT culprit, level, times_seen FROM issue").await,
        json!({"culprit": "cart.pay", "level": "fatal", "times_seen": 3})
    );
    world.stop().await;
}

#[tokio::test]
async fn issues_are_numbered_in_each_project() {
    let world = World::start().await;
    for module in ["a", "b", "c"] {
        world.send(&Event::error(module)).await;
    }
    let other = &world.servers.ready().sentry.projects[1];
    let dsn: orderly_wire::sentry::dsn::Dsn = other.dsn.parse().unwrap();
    let request = world.http.post(dsn.envelope_url()).header("x-sentry-auth", dsn.auth_header("test/1"));
    assert_eq!(Answer::of(request.body(Event::error("a").envelope())).await.status, 200);
    let numbers = world.rows("SELECT project_id, short_id FROM issue ORDER BY id").await;
    let numbers: Vec<(i64, i64)> = numbers
        .iter()
        .map(|row| (row["project_id"].as_i64().unwrap(), row["short_id"].as_i64().unwrap()))
        .collect();
    assert_eq!(numbers, [(1, 1), (1, 2), (1, 3), (2, 1)]);
    world.stop().await;
}

#[tokio::test]
async fn first_and_last_seen_and_the_hours_follow_the_events_own_time() {
    let world = World::start().await;
    let hours = [3, 30, 1, 30];
    for hour in hours {
        world.send(&Event::error("cart").at(world.ago(SignedDuration::from_hours(hour)))).await;
    }
    let issue =
        world.row("SELECT first_seen_at / 1000000 AS first, last_seen_at / 1000000 AS last FROM issue").await;
    let now = world.now().as_second();
    let close = |at: &Value, hours: i64| (at.as_i64().unwrap() - (now - hours * 3600)).abs() <= 30;
    assert!(close(&issue["first"], 30), "{issue}");
    assert!(close(&issue["last"], 1), "{issue}");
    let counts = world.rows("SELECT hour, events FROM issue_hourly ORDER BY hour").await;
    let counts: Vec<i64> = counts.iter().map(|row| row["events"].as_i64().unwrap()).collect();
    assert_eq!(counts, [2, 1, 1]);
    assert_eq!(world.count("SELECT COUNT(*) FROM issue_hourly WHERE hour % 3600 <> 0").await, 0);
    world.stop().await;
}

#[tokio::test]
async fn a_time_that_cannot_be_believed_is_replaced_by_the_arrival() {
    let world = World::start().await;
    let unbelievable =
        [json!("1999-01-01T00:00:00Z"), json!(99_999_999_999.0_f64), json!("soon"), json!({"a": 1})];
    for time in unbelievable {
        world.send(&Event::error("cart").with("timestamp", time)).await;
    }
    assert_eq!(world.count("SELECT COUNT(*) FROM event WHERE occurred_at = received_at").await, 4);
    let seconds = f64::from(i32::try_from(world.now().as_second()).unwrap()) - 7200.5;
    world.send(&Event::error("pay").with("timestamp", seconds)).await;
    let occurred = world.count("SELECT occurred_at FROM event WHERE occurred_at <> received_at").await;
    assert_eq!(occurred % 1_000_000, 500_000);
    world.stop().await;
}

#[tokio::test]
async fn tags_come_from_the_event_and_from_what_it_says_about_its_world() {
    let world = World::start().await;
    let event = Event::error("cart")
        .release("shop@1.2.3")
        .with("environment", "production")
        .with("server_name", "web-1")
        .with(
            "tags",
            json!({"tenant": "blue", "release": "lies", "bad key!": "x", "long": "y".repeat(500), "n": 5}),
        )
        .with("user", json!({"id": 42, "email": "ann@example.com"}))
        .with("request", json!({"url": "https://shop.example.com/cart?token=secret"}))
        .with(
            "contexts",
            json!({
                "browser": {"name": "Firefox", "version": "124.0"}, "os": {"name": "Linux"},
                "runtime": {"name": "CPython", "version": "3.12"}, "trace": {"trace_id": "a".repeat(32)},
            }),
        );
    world.send(&event).await;
    let tags: Vec<(String, String)> =
        serde_json::from_str(world.row("SELECT tags_json FROM event").await["tags_json"].as_str().unwrap())
            .unwrap();
    let expected = [
        ("browser", "Firefox 124.0"),
        ("browser.name", "Firefox"),
        ("environment", "production"),
        ("handled", "no"),
        ("level", "error"),
        ("long", &"y".repeat(200)),
        ("mechanism", "wsgi"),
        ("n", "5"),
        ("os", "Linux"),
        ("os.name", "Linux"),
        ("release", "shop@1.2.3"),
        ("runtime", "CPython 3.12"),
        ("runtime.name", "CPython"),
        ("server_name", "web-1"),
        ("tenant", "blue"),
        ("url", "https://shop.example.com/cart"),
        ("user", "id:42"),
    ];
    assert_eq!(tags, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(world.count("SELECT COUNT(*) FROM issue_tag").await, 17);
    world.stop().await;
}

#[tokio::test]
async fn releases_and_environments_are_made_by_the_events_that_name_them() {
    let world = World::start().await;
    let early = world.ago(SignedDuration::from_hours(20));
    let late = world.ago(SignedDuration::from_hours(2));
    world.send(&Event::error("cart").release("1.0.0").with("environment", "production").at(late)).await;
    world.send(&Event::error("cart").release("1.0.0").with("environment", "staging").at(early)).await;
    world.send(&Event::error("pay").release("1.0.0").at(late)).await;
    world.send(&Event::error("pay").release("a/b").with("environment", "x/y").at(late)).await;
    let release = world
        .row(
            "SELECT version, new_groups, (last_event_at - first_event_at) / 3600000000 AS hours
              FROM release JOIN release_project ON release_id = release.id",
        )
        .await;
    assert_eq!(release, json!({"version": "1.0.0", "new_groups": 2, "hours": 18}));
    let environments = world.rows("SELECT name FROM environment ORDER BY name").await;
    assert_eq!(
        environments,
        [json!({"name": ""}), json!({"name": "production"}), json!({"name": "staging"})]
    );
    assert_eq!(world.count("SELECT COUNT(*) FROM release_environment").await, 3);
    assert_eq!(world.count("SELECT COUNT(*) FROM issue WHERE first_release_id IS NOT NULL").await, 2);
    world.stop().await;
}

#[tokio::test]
async fn a_hash_in_common_is_enough_to_join_an_issue() {
    let world = World::start().await;
    let through = |library: &str| {
        let mut event = Event::error("cart");
        event.0["exception"]["values"][0]["stacktrace"]["frames"][0]["module"] = json!(library);
        event
    };
    world.send(&through("flask.app")).await;
    world.send(&through("django.core")).await;
    assert_eq!(world.count("SELECT COUNT(*) FROM issue").await, 1);
    assert_eq!(world.count("SELECT COUNT(*) FROM issue_hash").await, 3, "one app hash, two system hashes");
    world.stop().await;
}

#[tokio::test]
async fn events_of_a_discarded_group_are_dropped() {
    let world = World::start().await;
    world.send(&Event::error("cart")).await;
    crate::sentry::store::issue_update::discard(world.servers.pool(), &[1]).await.unwrap();
    world.send(&Event::error("cart")).await;
    world.send(&Event::error("pay")).await;
    assert_eq!(world.count("SELECT COUNT(*) FROM event").await, 1);
    assert_eq!(world.count("SELECT quantity FROM outcome_hourly WHERE reason = 'discarded-hash'").await, 1);
    world.stop().await;
}
