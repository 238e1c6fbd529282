use jiff::SignedDuration;
use orderly_wire::sentry::link::next_cursor;
use serde_json::{Value, json};

use super::world::{Event, World, modules};

#[tokio::test]
async fn pages_are_walked_to_the_end_by_the_link_header() {
    let world = World::start().await;
    for number in 0..7 {
        world.send(Event::error(&format!("m{number}x")).at(world.ago(number))).await;
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = world.list(&[("limit", "3"), ("query", ""), ("cursor", &cursor)]).await;
        assert_eq!(answer.header("x-hits"), "7");
        seen.extend(modules(&answer.body));
        match next_cursor(answer.header("link")) {
            Some(next) => cursor = next.to_string(),
            None => break,
        }
    }
    assert_eq!(seen, ["m0x", "m1x", "m2x", "m3x", "m4x", "m5x", "m6x"]);
    world.list(&[("limit", "101")]).await.refused(400);
    world.list(&[("sort", "loudest")]).await.refused(400);
    world.list(&[("statsPeriod", "soon")]).await.refused(400);
    world.list(&[("start", "2026-01-01T00:00:00")]).await.refused(400);
    world.list(&[("groupStatsPeriod", "7h")]).await.refused(400);
    world.list(&[("project", "nowhere")]).await.refused(400);
    world.stop().await;
}

/// `often` has most events, `many` most users, `rising` all its events in the last hours.
async fn busy() -> World {
    let world = World::start().await;
    for hour in [1, 30, 40, 50, 60, 70] {
        world.send(Event::error("often").with("environment", "production").at(world.ago(hour))).await;
    }
    for user in ["a", "b", "c"] {
        world.send(Event::error("many").with("user", json!({"id": user})).at(world.ago(90))).await;
    }
    for _ in 0..4 {
        world.send(Event::error("rising").with("environment", "staging").at(world.ago(2))).await;
    }
    world
}

#[tokio::test]
async fn every_order_puts_its_own_first() {
    let world = busy().await;
    for (sort, period, expected) in [
        ("date", "14d", ["often", "rising", "many"]),
        ("new", "14d", ["rising", "often", "many"]),
        ("freq", "14d", ["often", "rising", "many"]),
        ("freq", "60h", ["often", "rising", ""]),
        ("user", "14d", ["many", "often", "rising"]),
        ("trends", "4d", ["rising", "often", "many"]),
        ("recommended", "14d", ["often", "rising", "many"]),
    ] {
        let answer = world.list(&[("sort", sort), ("statsPeriod", period)]).await.ok();
        let expected: Vec<&str> = expected.into_iter().filter(|module| !module.is_empty()).collect();
        assert_eq!(modules(&answer), expected, "{sort} {period}");
    }
    let inbox = [("sort", "inbox"), ("query", "is:unresolved is:for_review")];
    assert_eq!(modules(&world.list(&inbox).await.ok()).len(), 3);
    world.list(&[("sort", "inbox"), ("query", "is:unresolved")]).await.refused(400);
    world.stop().await;
}

#[tokio::test]
async fn counts_are_those_of_the_period_and_lifetime_those_of_all_time() {
    let world = busy().await;
    let shown = world.list(&[("statsPeriod", "24h"), ("groupStatsPeriod", "14d")]).await.ok();
    assert_eq!(modules(&shown), ["often", "rising"]);
    assert_eq!((&shown[0]["count"], &shown[0]["lifetime"]["count"]), (&json!("1"), &json!("6")));
    let days = shown[0]["stats"]["14d"].as_array().unwrap();
    assert_eq!((days.len(), &days[13][1]), (14, &json!(1)));
    let many = world.list(&[("query", "bad many")]).await.ok();
    assert_eq!((&many[0]["count"], &many[0]["userCount"]), (&json!("3"), &json!(3)));

    let hours = world.list(&[("query", "bad rising")]).await.ok()[0]["stats"]["24h"].clone();
    let hours = hours.as_array().unwrap();
    assert_eq!(hours.len(), 24);
    assert_eq!(hours[21][1], 4, "{hours:?}");
    let past = world
        .list(&[("start", "2026-03-06T00:00:00"), ("end", "2026-03-08T00:00:00"), ("query", "")])
        .await
        .ok();
    assert_eq!(modules(&past), ["often", "many"], "{past}");
    world.stop().await;
}

#[tokio::test]
async fn an_environment_restricts_issues_and_counts_and_an_unknown_one_is_a_404() {
    let world = busy().await;
    world.send(Event::error("often").with("environment", "staging").at(world.ago(5))).await;
    let environment = |name: &'static str| [("environment", name), ("query", ""), ("statsPeriod", "14d")];
    let staging = world.list(&environment("staging")).await.ok();
    assert_eq!(modules(&staging), ["rising", "often"]);
    assert_eq!(staging[1]["count"], "1");
    assert_eq!(staging[1]["firstSeen"], staging[1]["lastSeen"]);
    assert_eq!(staging[1]["lifetime"]["count"], "7");
    let both = [("environment", "staging"), ("environment", "production"), ("query", "")];
    assert_eq!(modules(&world.list(&both).await.ok()), ["often", "rising"]);
    world.list(&environment("prodution")).await.refused(404);
    world.stop().await;
}

#[tokio::test]
async fn projects_are_named_by_id_slug_or_minus_one() {
    let world = World::start().await;
    world.send_to(0, Event::error("back")).await;
    world.send_to(1, Event::error("front").at(world.ago(1))).await;
    let id = world.servers.ready().sentry.projects[1].id.clone();
    for (project, expected) in
        [(id.as_str(), vec!["front"]), ("backend", vec!["back"]), ("-1", vec!["back", "front"])]
    {
        let found = world.list(&[("project", project)]).await.ok();
        assert_eq!(modules(&found), expected, "{project}");
    }
    let both = world.list(&[("project", "backend"), ("project", "frontend")]).await.ok();
    assert_eq!(both.as_array().unwrap().len(), 2);
    let legacy = world.get("/projects/acme/frontend/issues/?query=is%3Aunresolved&cursor=").await;
    assert_eq!(modules(&legacy.body), ["front"]);
    world.get("/projects/acme/nowhere/issues/").await.refused(404);
    world.stop().await;
}

#[tokio::test]
async fn an_event_id_or_short_id_hits_its_issue_directly() {
    let world = World::start().await;
    let event = world.send(Event::error("cart").with("environment", "production")).await;
    world.send(Event::error("pay")).await;
    let answer = world.list(&[("query", &event)]).await;
    assert_eq!(answer.header("x-sentry-direct-hit"), "1");
    assert_eq!(modules(&answer.body), ["cart"]);
    assert_eq!(answer.body[0]["matchingEventId"], *event);
    assert_eq!(answer.body[0]["matchingEventEnvironment"], "production");

    let short = world.issue("pay").await["shortId"].as_str().unwrap().to_owned();
    let answer = world.list(&[("query", &short), ("shortIdLookup", "1")]).await;
    assert_eq!(answer.header("x-sentry-direct-hit"), "1");
    assert_eq!(modules(&answer.body), ["pay"]);
    let answer = world.list(&[("query", &short)]).await;
    assert_eq!(answer.header("x-sentry-direct-hit"), "");
    world.stop().await;
}

#[tokio::test]
async fn collapsed_parts_are_left_out_and_expanded_ones_are_filled() {
    let world = World::start().await;
    world.send(Event::error("cart")).await;
    let keys = |list: &Value| list[0].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for part in ["stats", "lifetime"] {
        let shown = keys(&world.list(&[("collapse", part)]).await.ok());
        for gone in ["count", "userCount", "firstSeen", "lastSeen", part] {
            assert!(!shown.contains(&gone.to_owned()), "{gone} with collapse={part}");
        }
        assert!(shown.contains(&"title".to_owned()));
    }
    let shown = keys(&world.list(&[("collapse", "filtered"), ("collapse", "unhandled")]).await.ok());
    assert!(!shown.contains(&"filtered".to_owned()) && !shown.contains(&"isUnhandled".to_owned()));
    let base = keys(&world.list(&[("collapse", "base")]).await.ok());
    assert!(base.contains(&"id".to_owned()) && !base.contains(&"title".to_owned()));

    let expanded = [("expand", "owners"), ("expand", "latestEventHasAttachments"), ("expand", "inbox")];
    let shown = world.list(&expanded).await.ok();
    assert_eq!(shown[0]["owners"], json!([]));
    assert_eq!(shown[0]["latestEventHasAttachments"], false);
    assert_eq!(shown[0]["inbox"]["reason"], 0);
    world.stop().await;
}

#[tokio::test]
async fn an_issue_is_out_of_the_list_once_it_was_not_seen_for_the_period() {
    let world = World::start().await;
    world.send(Event::error("cart")).await;
    assert_eq!(world.found("is:unresolved").await, ["cart"]);
    world.pass(SignedDuration::from_hours(24 * 91));
    assert_eq!(world.found("is:unresolved").await, Vec::<String>::new());
    let year = world.list(&[("statsPeriod", "365d")]).await.ok();
    assert_eq!(modules(&year), ["cart"]);
    world.stop().await;
}
