//! npm `sentry`, the command line that people use now.

use serde_json::{Value, json};

use crate::client::Client;
use crate::world::World;

fn sentry(world: &World) -> Client {
    anonymous(world).with("SENTRY_AUTH_TOKEN", world.token())
}

fn anonymous(world: &World) -> Client {
    Client::node("node_modules/sentry/dist/bin.cjs")
        .with("SENTRY_HOST", world.url())
        .with("SENTRY_NO_CACHE", "1")
        .with("SENTRY_CLI_NO_TELEMETRY", "1")
        .with("SENTRY_CLI_NO_UPDATE_CHECK", "1")
}

/// The texts under `key` of each entry of a printed list.
fn texts<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    list.as_array().into_iter().flatten().filter_map(|entry| entry[key].as_str()).collect()
}

#[tokio::test]
async fn organizations_and_the_caller_are_shown() {
    let world = World::empty().await;
    let sentry = sentry(&world);
    sentry.run(&["org", "list"]).await.success().says(&["SLUG", "acme"]);
    sentry.run(&["org", "view", "acme"]).await.success().says(&["acme: acme", "Not required"]);
    sentry.run(&["auth", "whoami"]).await.success().says(&["Owner <owner@localhost>"]);
    sentry.run(&["auth", "status"]).await.success().says(&["Access verified", "1 organization"]);
    let listed = sentry.run(&["org", "list", "--json"]).await.success();
    assert_eq!(texts(&listed.json(), "slug"), ["acme"]);
    world.stop().await;
}

#[tokio::test]
async fn projects_are_listed_viewed_and_created() {
    let world = World::empty().await;
    let sentry = sentry(&world);
    sentry.run(&["project", "list", "acme/"]).await.success().says(&[
        "backend",
        "frontend",
        "Showing 2 projects",
    ]);
    sentry.run(&["project", "view", "acme/backend"]).await.success().says(&["backend: backend", world.dsn()]);
    let created = sentry.run(&["project", "create", "acme/checkout:node"]).await.success();
    created.says(&["Created project 'checkout' in acme", "platform", "127.0.0.1"]);
    let listed = sentry.run(&["project", "list", "acme/", "--json"]).await.success();
    assert_eq!(texts(&listed.json()["data"], "slug"), ["backend", "checkout", "frontend"]);
    world.stop().await;
}

#[tokio::test]
async fn teams_and_repositories_are_listed() {
    let world = World::empty().await;
    let sentry = sentry(&world);
    sentry.run(&["team", "list", "acme/"]).await.success().says(&["platform", "Showing 1 teams"]);
    sentry.run(&["repo", "list", "acme/"]).await.success().says(&["No repositories found"]);
    world.post("/organizations/acme/repos/", json!({"name": "acme/shop"})).await;
    sentry.run(&["repo", "list", "acme/"]).await.success().says(&["acme/shop", "active"]);
    world.stop().await;
}

#[tokio::test]
async fn issues_are_listed_and_searched() {
    let world = World::with_issues().await;
    let sentry = sentry(&world);
    let (payment, cart) = (world.short_id("PaymentError").await, world.short_id("CartError").await);
    let listed = sentry.run(&["issue", "list", "acme/"]).await.success();
    listed.says(&[&payment, &cart, "card declined", "High", "Showing 2 issues"]);
    let by_frequency = ["issue", "list", "acme/backend", "--sort", "freq", "--period", "24h", "--json"];
    let listed = sentry.run(&by_frequency).await.success().json();
    assert_eq!(texts(&listed["data"], "shortId"), [&payment, &cart]);
    assert_eq!(texts(&listed["data"], "count"), ["2", "1"]);
    let query = ["issue", "list", "acme/backend", "--query", "is:unresolved error.type:CartError", "--json"];
    let found = sentry.run(&query).await.success().json();
    assert_eq!(texts(&found["data"], "shortId"), [&cart]);
    let first = ["issue", "list", "acme/backend", "--limit", "1", "--json"];
    let found = sentry.run(&first).await.success().json();
    assert_eq!((texts(&found["data"], "shortId").len(), &found["hasMore"]), (1, &json!(true)));
    sentry.run(&["issue", "list", "acme/frontend"]).await.success().says(&["No issues found"]);
    world.stop().await;
}

#[tokio::test]
async fn an_issue_is_viewed_by_short_id_by_number_and_as_the_latest() {
    let world = World::with_issues().await;
    let sentry = sentry(&world);
    let short_id = world.short_id("PaymentError").await;
    let id = world.id("PaymentError").await;
    let permalink = format!("{}/organizations/acme/issues/{id}/", world.url());
    let viewed = sentry.run(&["issue", "view", &format!("acme/{short_id}")]).await.success();
    viewed.says(&[
        &format!("{short_id}: PaymentError: card declined"),
        "Unresolved (New)",
        "shop.checkout in pay",
        &permalink,
        "at pay (shop/checkout.py:42",
        "shop@1.0.0",
        "production",
    ]);
    let by_number = sentry.run(&["issue", "view", &id, "--json"]).await.success().json();
    assert_eq!((&by_number["shortId"], &by_number["org"]), (&json!(short_id), &json!("acme")));
    assert_eq!(by_number["event"]["eventID"].as_str().map(str::len), Some(32));
    let latest = sentry.run(&["issue", "view", "acme/@latest", "--json"]).await.success().json();
    assert_eq!(latest["title"], "CartError: cart is empty");
    world.stop().await;
}

#[tokio::test]
async fn events_are_listed_and_viewed() {
    let world = World::with_issues().await;
    let sentry = sentry(&world);
    let issue = format!("acme/{}", world.short_id("PaymentError").await);
    let listed = sentry.run(&["issue", "events", &issue]).await.success();
    listed.says(&["PaymentError: card declined", "python", "Showing 2 events"]);
    let event = format!("{:0<32}", "a1");
    let viewed = sentry.run(&["event", "view", "acme/backend", &event]).await.success();
    viewed.says(&[&event, "PaymentError: card declined", "unhandled"]);
    sentry.run(&["event", "view", "acme/", &event]).await.success().says(&[&event]);
    world.stop().await;
}

#[tokio::test]
async fn an_issue_is_resolved_in_every_way_and_reopened() {
    let world = World::with_issues().await;
    let sentry = sentry(&world);
    let issue = format!("acme/{}", world.short_id("PaymentError").await);
    sentry.run(&["issue", "resolve", &issue]).await.success().says(&["Resolved immediately", "✓ Resolved"]);
    assert_eq!(world.issue("PaymentError").await["status"], "resolved");
    sentry.run(&["issue", "unresolve", &issue]).await.success().says(&["Reopened", "Unresolved (Regressed)"]);
    assert_eq!(world.issue("PaymentError").await["substatus"], "regressed");

    sentry.run(&["issue", "resolve", &issue, "--in", "@next"]).await.success().says(&["in the next release"]);
    assert_eq!(world.issue("PaymentError").await["statusDetails"]["inNextRelease"], true);
    let in_release = sentry.run(&["issue", "resolve", &issue, "--in", "shop@1.0.0"]).await.success();
    in_release.says(&["Resolved in release 'shop@1.0.0'"]);
    assert_eq!(world.issue("PaymentError").await["statusDetails"]["inRelease"], "shop@1.0.0");

    world.post("/organizations/acme/repos/", json!({"name": "acme/shop"})).await;
    let commits = json!({"version": "shop@1.1.0", "projects": ["backend"],
                         "commits": [{"id": "abcdef1234567890", "repository": "acme/shop"}]});
    world.post("/organizations/acme/releases/", commits).await;
    let commit = ["issue", "resolve", &issue, "--in", "@commit:acme/shop@abcdef1234567890"];
    sentry.run(&commit).await.success().says(&["Resolved in commit abcdef123456"]);
    world.stop().await;
}

#[tokio::test]
async fn an_issue_is_archived_for_every_condition() {
    let world = World::with_issues().await;
    let sentry = sentry(&world);
    let issue = format!("acme/{}", world.short_id("CartError").await);
    let archived = async |until: &[&str]| {
        sentry.run(&[&["issue", "archive", &issue], until].concat()).await.success().says(&["Archived"]);
        let issue = world.issue("CartError").await;
        assert_eq!(issue["status"], "ignored");
        (issue["substatus"].as_str().unwrap_or_default().to_owned(), issue["statusDetails"].clone())
    };
    assert_eq!(archived(&[]).await.0, "archived_forever");
    assert_eq!(archived(&["--until", "auto"]).await.0, "archived_until_escalating");
    let (substatus, details) = archived(&["--until", "1h"]).await;
    assert_eq!(substatus, "archived_until_condition_met");
    assert!(details["ignoreUntil"].is_string(), "{details}");
    let (_, details) = archived(&["--until", "100x/1h"]).await;
    assert_eq!((&details["ignoreCount"], &details["ignoreWindow"]), (&json!(100), &json!(60)));
    let (_, details) = archived(&["--until", "10u/1d"]).await;
    assert_eq!((&details["ignoreUserCount"], &details["ignoreUserWindow"]), (&json!(10), &json!(1440)));
    sentry.run(&["issue", "unresolve", &issue]).await.success().says(&["Reopened", "Unresolved (New)"]);
    world.stop().await;
}

#[tokio::test]
async fn issues_are_merged_and_the_merged_short_id_leads_to_the_parent() {
    let world = World::with_issues().await;
    let sentry = sentry(&world);
    let (payment, cart) = (world.short_id("PaymentError").await, world.short_id("CartError").await);
    let (first, second) = (format!("acme/{payment}"), format!("acme/{cart}"));
    let merged = sentry.run(&["issue", "merge", &first, &second]).await.success();
    merged.says(&[&format!("Merged 1 issue(s) into {payment}"), &cart]);
    assert_eq!(world.issue("PaymentError").await["count"], "3");
    sentry.run(&["issue", "view", &second]).await.success().says(&[&payment, "PaymentError: card declined"]);
    world.stop().await;
}

#[tokio::test]
async fn a_release_goes_from_creation_to_deletion() {
    let world = World::empty().await;
    let sentry = sentry(&world);
    let release = "acme/shop@1.1.0+7";
    let created = sentry.run(&["release", "create", release, "--project", "backend"]).await.success();
    created.says(&["Release Created: shop@1.1.0+7", "Unreleased", "backend"]);
    sentry.run(&["release", "finalize", release]).await.success().says(&["Release Finalized: shop@1.1.0+7"]);
    sentry.run(&["release", "list", "acme/"]).await.success().says(&["shop@1.1.0+7", "Showing 1 releases"]);
    sentry.run(&["release", "view", release]).await.success().says(&["Release shop@1.1.0+7", "Finalized"]);
    let deployed = sentry.run(&["release", "deploy", release, "production", "Deploy 42"]).await.success();
    deployed.says(&["Deploy Created", "production", "Deploy 42"]);
    sentry.run(&["release", "deploys", release]).await.success().says(&["production", "Deploy 42"]);
    world.post("/organizations/acme/repos/", json!({"name": "acme/shop"})).await;
    let commits = ["release", "set-commits", release, "--commit", "acme/shop@abcdef1234567890"];
    sentry.run(&commits).await.success().says(&["Commits Set: shop@1.1.0+7"]);
    let viewed = sentry.run(&["release", "view", release, "--json"]).await.success().json();
    assert_eq!((&viewed["commitCount"], &viewed["deployCount"]), (&json!(1), &json!(1)));
    sentry.run(&["release", "archive", release]).await.success().says(&["Archived"]);
    sentry.run(&["release", "restore", release]).await.success().says(&["Open"]);
    sentry.run(&["release", "delete", release, "--yes"]).await.success().says(&["deleted from acme"]);
    sentry.run(&["release", "view", release]).await.ends_with(30);
    world.stop().await;
}

#[tokio::test]
async fn a_release_whose_name_holds_a_slash_is_found_again() {
    let world = World::empty().await;
    let sentry = sentry(&world);
    let release = "acme/feature/cart";
    sentry
        .run(&["release", "create", release, "--project", "backend"])
        .await
        .success()
        .says(&["feature/cart"]);
    sentry.run(&["release", "view", release]).await.success().says(&["Release feature/cart"]);
    world.stop().await;
}

#[tokio::test]
async fn raw_api_calls_pass_through() {
    let world = World::with_issues().await;
    let sentry = sentry(&world);
    let read = sentry.run(&["api", "organizations/acme/"]).await.success().json();
    assert_eq!(read["slug"], "acme");
    let issue = format!("issues/{}/", world.id("CartError").await);
    let written = sentry.run(&["api", "-X", "PUT", &issue, "-F", "status=resolved"]).await.success().json();
    assert_eq!(written["status"], "resolved");
    let missing = sentry.run(&["api", "nothing/"]).await.ends_with(60);
    missing.says(&["The requested resource does not exist"]);
    world.stop().await;
}

#[tokio::test]
async fn alerts_are_created_and_listed_and_what_there_is_none_of_is_reported_as_none() {
    let world = World::with_issues().await;
    let sentry = sentry(&world);
    sentry
        .run(&["alert", "issues", "list", "acme/backend"])
        .await
        .success()
        .says(&["No issue alert rules found"]);
    sentry.run(&["alert", "metrics", "list", "acme/"]).await.success().says(&["No metric alert rules found"]);
    sentry.run(&["monitor", "list", "acme/"]).await.success().says(&["No monitors found"]);
    let threshold =
        r#"{"type":"gt","comparison":50,"conditionResult":75,"alertThreshold":50,"actions":[{}]}"#;
    let metric = ["alert", "metrics", "create", "acme", "--name", "Many errors", "--query", "level:error"];
    let of = ["--aggregate", "count()", "--dataset", "errors", "--time-window", "15", "--project", "backend"];
    sentry
        .run(&[&metric[..], &of[..], &["--trigger", threshold]].concat())
        .await
        .success()
        .says(&["Many errors"]);
    let listed = sentry.run(&["alert", "metrics", "list", "acme/", "--json"]).await.success().json();
    let rule = &listed["data"][0];
    assert_eq!(
        (&rule["name"], &rule["aggregate"], &rule["timeWindow"]),
        (&json!("Many errors"), &json!("count()"), &json!(15))
    );
    let new = r#"{"type":"first_seen_event","comparison":true,"conditionResult":true}"#;
    let email = r#"{"type":"email","data":{},"config":{"targetType":"team","targetIdentifier":"1"}}"#;
    let issues = [
        "alert",
        "issues",
        "create",
        "acme/backend",
        "--name",
        "New issues",
        "--condition",
        new,
        "--action",
        email,
    ];
    sentry.run(&issues).await.success().says(&["New issues"]);
    sentry.run(&["alert", "issues", "list", "acme/backend"]).await.success().says(&["New issues"]);
    let issue = format!("acme/{}", world.short_id("CartError").await);
    sentry.run(&["issue", "explain", &issue]).await.ends_with(42).says(&["AI features are disabled"]);
    world.stop().await;
}

#[tokio::test]
async fn a_message_sent_from_the_command_line_becomes_an_issue() {
    let world = World::empty().await;
    let sentry = sentry(&world);
    let arguments = ["send-event", "--dsn", world.dsn(), "-m", "hello from the command line", "--no-environ"];
    sentry.run(&arguments).await.success().says(&["Event dispatched"]);
    assert_eq!(world.issue("hello from the command line").await["count"], "1");
    world.stop().await;
}

#[tokio::test]
async fn refusals_are_understood_and_end_with_the_documented_codes() {
    let world = World::with_issues().await;
    let stranger = anonymous(&world).with("SENTRY_AUTH_TOKEN", "nonsense");
    stranger.run(&["issue", "list", "acme/"]).await.ends_with(30).says(&["Invalid token"]);
    let sentry = sentry(&world);
    sentry.run(&["issue", "view", "acme/BACKEND-ZZ"]).await.ends_with(30).says(&["'BACKEND-ZZ' not found"]);
    sentry.run(&["issue", "list", "acme/nothing"]).await.ends_with(23).says(&["Project 'nothing' not found"]);
    let unreadable = ["issue", "list", "acme/backend", "--query", "is:wrong"];
    sentry.run(&unreadable).await.ends_with(30).says(&["`wrong` is not a value of `is`"]);
    sentry
        .run(&["release", "create", "acme/v9"])
        .await
        .ends_with(30)
        .says(&["projects: This field is required."]);
    world.stop().await;
}
