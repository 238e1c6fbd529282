//! A day in the shop, played against both servers over HTTP, ends in the states that the stories tell of.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use orderly_local::traffic::{Player, shop};
use orderly_local::{LocalConfig, LocalServers};
use serde_json::Value;

/// The day, ended at the last time at which a clock showed this minute.
async fn played(minute: i64) -> (LocalServers, reqwest::Client) {
    let config =
        LocalConfig { projects: shop::PROJECTS.map(str::to_owned).to_vec(), ..LocalConfig::default() };
    let servers = LocalServers::start(config).await.unwrap();
    let clock = servers.clock().clone();
    let end = (clock.now().as_second() - minute * 60).div_euclid(3600) * 3600 + minute * 60;
    let start = end - i64::from(shop::HOURS) * 3600;
    let player = Player::new(servers.ready()).unwrap();
    let played = player.play(&clock, &shop::day(20, start), start, |_, _| {}).await.unwrap();
    assert!(played.events > 500 && played.filed == 4 && played.triaged == 4, "{played:?}");
    (servers, reqwest::Client::builder().no_proxy().build().unwrap())
}

async fn named(servers: &LocalServers, http: &reqwest::Client, query: &str) -> Vec<String> {
    let sentry = &servers.ready().sentry;
    let url = format!("{}/api/0/organizations/{}/issues/", sentry.url, sentry.org);
    let request = http.get(url).query(&[("query", query), ("limit", "100")]).bearer_auth(&sentry.token);
    let issues: Value = request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
    let mut names: Vec<String> = issues
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["metadata"]["type"].as_str().unwrap_or_default().to_owned())
        .collect();
    names.sort();
    names
}

/// Escalation counts by the hour of the clock, so the day must not depend on the minute at which it is played.
async fn ends_with_every_state(minute: i64) {
    let (servers, http) = played(minute).await;
    let ask = |query: &'static str| named(&servers, &http, query);
    assert_eq!(ask("is:regressed").await, ["IntegrityError"]);
    assert_eq!(ask("is:escalating").await, ["AssertionError", "PoolTimeout", "net.OpError"]);
    assert_eq!(ask("is:resolved").await, ["KeyError"]);
    assert_eq!(ask("is:archived_forever").await, ["SecurityError"]);
    let for_review = ask("is:unresolved is:for_review").await;
    assert!(for_review.contains(&"TypeError".to_owned()), "{for_review:?}");
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn the_day_ends_with_every_state_that_a_backlog_meets_just_after_the_hour() {
    ends_with_every_state(1).await;
}

#[tokio::test]
async fn the_day_ends_with_every_state_that_a_backlog_meets_in_the_middle_of_the_hour() {
    ends_with_every_state(34).await;
}
