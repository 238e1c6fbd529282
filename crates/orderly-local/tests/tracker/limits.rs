use jiff::SignedDuration;
use orderly_local::tracker::Limits;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn every_answer_says_how_the_limits_stand() {
    let world = World::start().await;
    let first = world.send("{ viewer { id name } }", json!({})).await;
    assert_eq!(first.header("x-ratelimit-requests-limit"), "2500");
    assert_eq!(first.header("x-ratelimit-requests-remaining"), "2499");
    assert_eq!(first.header("x-ratelimit-complexity-limit"), "3000000");
    assert_eq!(first.header("x-complexity"), "2");
    let reset: i64 = first.header("x-ratelimit-requests-reset").parse().unwrap();
    assert!(reset > world.clock.now().as_millisecond() - 10_000);
    let second = world.send("{ viewer { id } }", json!({})).await;
    assert_eq!(second.header("x-ratelimit-requests-remaining"), "2498");
}

#[tokio::test]
async fn complexity_follows_the_published_rule() {
    let world = World::start().await;
    let hit = "id identifier title url archivedAt trashed state { id name type } team { id key } createdAt updatedAt
        completedAt canceledAt priority";
    for (query, points) in [
        ("{ viewer { id } }".to_owned(), "2"),
        ("{ issues(first: 10) { nodes { id } } }".to_owned(), "12"),
        ("{ issues { nodes { id } } }".to_owned(), "56"),
        ("{ issues(first: 2) { nodes { id labels(first: 3) { nodes { id } } } } }".to_owned(), "12"),
        (
            format!(
                "{{ issues(first: 5, includeArchived: true) {{ nodes {{ {hit} attachments(first: 20) {{ nodes {{ id url }} }} }}
                    pageInfo {{ hasNextPage }} }} }}"
            ),
            "155",
        ),
        (format!("{{ semanticSearch(query: \"q\", maxResults: 10) {{ results {{ id type issue {{ {hit} }} }} }} }}"), "59"),
    ] {
        assert_eq!(world.send(&query, json!({})).await.header("x-complexity"), points, "{query}");
    }
    let by_variable = "query($n: Int) { issues(first: $n) { nodes { id } } }";
    assert_eq!(world.send(by_variable, json!({ "n": 10 })).await.header("x-complexity"), "12");
}

#[tokio::test]
async fn a_query_of_more_than_ten_thousand_points_is_refused_before_it_runs() {
    let world = World::start().await;
    let query = "{ issues(first: 250) { nodes { comments(first: 50) { nodes { id } } } } }";
    let reply = world.send(query, json!({})).await;
    assert_eq!((reply.status, reply.error().1), (400, "invalid input"));
    assert!(reply.error().0.starts_with("Query too complex"), "{reply:#?}");
}

#[tokio::test]
async fn an_exhausted_limit_is_http_400_ratelimited_until_the_bucket_leaks() {
    let world = World::start().await;
    world.tracker.set_limits(Limits { requests_per_hour: 3, ..Limits::default() });
    for _ in 0..3 {
        assert_eq!(world.send("{ viewer { id } }", json!({})).await.status, 200);
    }
    let refused = world.send("{ viewer { id } }", json!({})).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.error(), ("Rate limit exceeded", "ratelimited", "RATELIMITED"));
    assert_eq!(refused.header("x-ratelimit-requests-remaining"), "0");
    world.clock.advance(SignedDuration::from_mins(21));
    assert_eq!(world.send("{ viewer { id } }", json!({})).await.status, 200);
}

#[tokio::test]
async fn complexity_is_counted_per_hour_too() {
    let world = World::start().await;
    world.tracker.set_limits(Limits { complexity_per_hour: 100, ..Limits::default() });
    let query = "{ issues { nodes { id } } }";
    assert_eq!(world.send(query, json!({})).await.status, 200);
    let refused = world.send(query, json!({})).await;
    assert_eq!((refused.status, refused.error().2), (400, "RATELIMITED"));
}

#[tokio::test]
async fn thirty_searches_a_minute_and_no_more() {
    let world = World::start().await;
    let search = "{ searchIssues(term: \"x\", first: 1) { totalCount } }";
    for _ in 0..30 {
        assert_eq!(world.send(search, json!({})).await.status, 200);
    }
    let refused = world.send(search, json!({})).await;
    assert_eq!((refused.status, refused.error().2), (400, "RATELIMITED"));
    assert_eq!(refused.header("x-ratelimit-endpoint-requests-limit"), "30");
    assert_eq!(refused.header("x-ratelimit-endpoint-name"), "search");
    assert_eq!(world.send("{ viewer { id } }", json!({})).await.status, 200, "only searching is over");
    world.clock.advance(SignedDuration::from_mins(1));
    let both = "{ searchIssues(term: \"x\") { totalCount } semanticSearch(query: \"x\") { enabled } }";
    let reply = world.send(both, json!({})).await;
    assert_eq!(reply.header("x-ratelimit-endpoint-requests-remaining"), "28");
}

#[tokio::test]
async fn the_limits_can_be_asked_for() {
    let world = World::start().await;
    let query = "{ rateLimitStatus { identifier kind limits { type requestedAmount allowedAmount period remainingAmount reset } } }";
    let data = world.data(query, json!({})).await;
    let limits = data["rateLimitStatus"]["limits"].as_array().unwrap();
    assert_eq!(limits[0]["type"], "requests");
    assert_eq!(limits[0]["allowedAmount"], 2500.0);
    assert_eq!(limits[0]["period"], 3_600_000.0);
    assert_eq!(limits[1]["type"], "complexity");
}
