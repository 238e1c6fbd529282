//! `@sentry/cli`, the command line of build scripts: typed, so a missing field is an error.

use serde_json::json;

use crate::client::{Client, installed};
use crate::world::World;

fn sentry_cli(world: &World) -> Client {
    anonymous(world).with("SENTRY_AUTH_TOKEN", world.token())
}

fn anonymous(world: &World) -> Client {
    Client::new(installed("node_modules/@sentry/cli-linux-x64/bin/sentry-cli"), &[])
        .with("SENTRY_URL", world.url())
        .with("SENTRY_ORG", "acme")
        .with("SENTRY_PROJECT", "backend")
        .with("SENTRY_HTTP_MAX_RETRIES", "0")
}

#[tokio::test]
async fn the_connection_organizations_and_projects_are_shown() {
    let world = World::empty().await;
    let cli = sentry_cli(&world);
    cli.run(&["info"]).await.success().says(&[world.url(), "owner@localhost", "project:releases"]);
    cli.run(&["organizations", "list"]).await.success().says(&["acme", "Requires 2FA"]);
    cli.run(&["projects", "list"]).await.success().says(&["backend", "frontend", "Platform"]);
    world.stop().await;
}

#[tokio::test]
async fn repositories_and_monitors_are_listed() {
    let world = World::empty().await;
    let cli = sentry_cli(&world);
    cli.run(&["repos", "list"]).await.success().says(&["No repos found"]);
    world.post("/organizations/acme/repos/", json!({"name": "acme/shop"})).await;
    cli.run(&["repos", "list"]).await.success().says(&["acme/shop", "Unknown Provider"]);
    cli.run(&["monitors", "list"]).await.success();
    world.stop().await;
}

#[tokio::test]
async fn issues_are_listed_and_changed_through_the_old_addresses() {
    let world = World::with_issues().await;
    let cli = sentry_cli(&world);
    let short_id = world.short_id("CartError").await;
    cli.run(&["issues", "list"]).await.success().says(&[
        &short_id,
        "PaymentError: card declined",
        "unresolved",
    ]);
    let id = world.id("CartError").await;
    for (verb, status) in [("resolve", "resolved"), ("mute", "ignored"), ("unresolve", "unresolved")] {
        cli.run(&["issues", verb, "-i", &id]).await.success().says(&["Updated matching issues"]);
        assert_eq!(world.issue("CartError").await["status"], status, "{verb}");
    }
    assert_eq!(world.issue("PaymentError").await["status"], "unresolved", "only the named issue changed");
    cli.run(&["issues", "resolve", "-i", &id]).await.success();
    let unresolved = cli.run(&["issues", "list", "--query", "is:unresolved"]).await.success();
    assert!(!unresolved.stdout.contains(&short_id), "{unresolved}");
    cli.run(&["issues", "resolve", "-a"]).await.success();
    assert_eq!(world.issue("PaymentError").await["status"], "resolved");
    world.stop().await;
}

#[tokio::test]
async fn events_are_listed_with_users_and_tags() {
    let world = World::with_issues().await;
    let cli = sentry_cli(&world);
    let listed = cli.run(&["events", "list", "--show-user", "--show-tags"]).await.success();
    listed.says(&["CartError: cart is empty", "ID: b1", "environment: production", "release: shop@1.0.0"]);
    world.stop().await;
}

#[tokio::test]
async fn a_release_goes_from_creation_to_deletion() {
    let world = World::empty().await;
    let cli = sentry_cli(&world);
    let version = "shop@2.0.0+5";
    cli.run(&["releases", "new", version]).await.success().says(&["Created release shop@2.0.0+5"]);
    cli.run(&["releases", "finalize", version]).await.success().says(&["Finalized release shop@2.0.0+5"]);
    cli.run(&["releases", "list"]).await.success().says(&["shop@2.0.0+5"]);
    cli.run(&["releases", "info", version]).await.success().says(&["shop@2.0.0+5", "UTC"]);
    world.post("/organizations/acme/repos/", json!({"name": "acme/shop"})).await;
    let commits = ["releases", "set-commits", version, "--commit", "acme/shop@abcdef1234567890"];
    cli.run(&commits).await.success().says(&["acme/shop", "abcdef1234567890"]);
    cli.run(&["deploys", "new", "-r", version, "-e", "production"]).await.success().says(&["'production'"]);
    cli.run(&["deploys", "list", "-r", version]).await.success().says(&["production"]);
    cli.run(&["releases", "archive", version]).await.success().says(&["Archived release"]);
    cli.run(&["releases", "restore", version]).await.success().says(&["Restored release"]);
    let path = "/organizations/acme/releases/shop%402.0.0%2B5/";
    let release = world.get(path).await;
    assert_eq!((&release["commitCount"], &release["deployCount"]), (&json!(1), &json!(1)));
    assert!(release["dateReleased"].is_string(), "{release}");
    cli.run(&["releases", "delete", version]).await.success().says(&["Deleted release shop@2.0.0+5"]);
    cli.run(&["releases", "delete", version]).await.success().says(&["Did nothing"]);
    world.stop().await;
}

#[tokio::test]
async fn a_message_sent_with_a_dsn_becomes_an_issue() {
    let world = World::empty().await;
    let cli = sentry_cli(&world).with("SENTRY_DSN", world.dsn());
    let sent = cli.run(&["send-event", "-m", "hello from a build", "-t", "stage:build"]).await.success();
    sent.says(&["Event dispatched"]);
    assert_eq!(world.issue("hello from a build").await["count"], "1");
    world.stop().await;
}

#[tokio::test]
async fn a_wrong_token_and_a_wrong_query_are_named() {
    let world = World::empty().await;
    let stranger = anonymous(&world).with("SENTRY_AUTH_TOKEN", "nonsense");
    stranger.run(&["issues", "list"]).await.ends_with(1).says(&["Invalid token (http status: 401)"]);
    let wrong = sentry_cli(&world).run(&["issues", "list", "--query", "is:wrong"]).await.ends_with(1);
    wrong.says(&["`wrong` is not a value of `is`", "http status: 400"]);
    world.stop().await;
}

#[tokio::test]
async fn code_mappings_are_uploaded() {
    let world = World::empty().await;
    let file = tempfile::NamedTempFile::new().expect("a file for the mappings");
    let mappings = json!([{"stackRoot": "shop/", "sourceRoot": "src/shop/"}]);
    std::fs::write(file.path(), mappings.to_string()).expect("the file is written");
    let path = file.path().display().to_string();
    let upload = ["code-mappings", "upload", "--repo", "acme/shop", "--default-branch", "main", &path];
    sentry_cli(&world).run(&upload).await.success().says(&["Created: 1, Updated: 0, Errors: 0"]);
    let listed = world.get("/organizations/acme/code-mappings/").await;
    assert_eq!(
        (&listed[0]["repoName"], &listed[0]["sourceRoot"]),
        (&json!("acme/shop"), &json!("src/shop/"))
    );
    world.stop().await;
}
