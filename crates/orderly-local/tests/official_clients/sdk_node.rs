//! `@sentry/node` in a process of its own: what it throws, catches and dies of appears grouped and searchable.

use std::path::Path;

use crate::client::{Client, Outcome, folder, installed};
use crate::shop::{self, Shop};
use crate::world::World;

const NODE: Shop = Shop {
    platform: "node",
    sdk: "sentry.javascript.node",
    charge: "charge(sdk_node)",
    refund: "refund(sdk_node)",
    file: "sdk_node.mjs",
};

async fn run(world: &World, ending: &str) -> Outcome {
    installed("node_modules/@sentry/node/package.json");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/sdk_node.mjs");
    Client::new("node", &[&script.display().to_string()])
        .with("CLIENTS", &folder().display().to_string())
        .with("SENTRY_DSN", world.dsn())
        .with("SENTRY_RELEASE", shop::RELEASE)
        .with("SENTRY_ENVIRONMENT", shop::ENVIRONMENT)
        .with("ENDING", ending)
        .run(&[])
        .await
}

#[tokio::test]
async fn failures_that_a_node_process_handles_are_one_issue_a_call_site() {
    let world = World::empty().await;
    let seen = run(&world, "exit").await.success().json();
    assert_eq!((&seen["version"], &seen["flushed"]), (&"10.78.0".into(), &true.into()));
    shop::check_handled(&world, &NODE, &seen["events"]).await;
    world.stop().await;
}

#[tokio::test]
async fn the_failure_that_a_node_process_dies_of_is_an_unhandled_issue() {
    let world = World::empty().await;
    let outcome = run(&world, "crash").await.ends_with(1);
    assert!(outcome.stderr.contains("TypeError: Cannot read properties of undefined"), "{outcome}");
    let issue = world.issue("TypeError").await;
    assert_eq!(issue["title"], "TypeError: Cannot read properties of undefined (reading 'street')");
    assert_eq!(issue["culprit"], "ship(sdk_node)");
    assert_eq!(
        (&issue["count"], &issue["isUnhandled"], &issue["level"]),
        (&"1".into(), &true.into(), &"fatal".into())
    );
    world.stop().await;
}
