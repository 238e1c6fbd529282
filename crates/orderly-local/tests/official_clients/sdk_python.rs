//! `sentry-sdk` in a Python process of its own: what it raises, catches and dies of appears grouped and searchable.

use std::path::Path;

use crate::client::{Client, Outcome, installed};
use crate::shop::{self, Shop};
use crate::world::World;

const PYTHON: Shop = Shop {
    platform: "python",
    sdk: "sentry.python",
    charge: "__main__ in charge",
    refund: "__main__ in refund",
    file: "sdk_python.py",
};

async fn run(world: &World, ending: &str) -> Outcome {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/sdk_python.py");
    let client = Client::new(installed("py/bin/python"), &["sdk_python.py"]);
    // To the SDK only what lies below the working folder is the program's own code.
    std::fs::copy(program, client.home().join("sdk_python.py")).expect("the program can be copied");
    client
        .with("SENTRY_DSN", world.dsn())
        .with("SENTRY_RELEASE", shop::RELEASE)
        .with("SENTRY_ENVIRONMENT", shop::ENVIRONMENT)
        .with("ENDING", ending)
        .run(&[])
        .await
}

#[tokio::test]
async fn failures_that_a_python_process_handles_arrive_in_brotli_as_one_issue_a_call_site() {
    let world = World::empty().await;
    let seen = run(&world, "exit").await.success().json();
    assert_eq!((&seen["version"], &seen["packed"]), (&"2.75.0".into(), &"br".into()));
    shop::check_handled(&world, &PYTHON, &seen["events"]).await;
    let runs = world.get("/organizations/acme/monitors/nightly/checkins/").await;
    assert_eq!(
        (&runs[0]["id"], &runs[0]["status"], &runs[0]["duration"]),
        (&seen["run"], &"ok".into(), &1500.into())
    );
    assert_eq!(runs.as_array().map(Vec::len), Some(1), "one run that began and ended: {runs}");
    let monitor = world.get("/organizations/acme/monitors/nightly/").await;
    assert_eq!(monitor["config"]["timezone"], "Europe/Vienna");
    assert!(monitor["nextCheckIn"].is_string(), "{monitor}");
    world.stop().await;
}

#[tokio::test]
async fn the_failure_that_a_python_process_dies_of_is_an_unhandled_issue() {
    let world = World::empty().await;
    let outcome = run(&world, "crash").await.ends_with(1);
    assert!(outcome.stderr.contains("KeyError: 'address'"), "{outcome}");
    let issue = world.issue("KeyError").await;
    assert_eq!(
        (&issue["title"], &issue["culprit"]),
        (&"KeyError: 'address'".into(), &"__main__ in ship".into())
    );
    assert_eq!((&issue["count"], &issue["isUnhandled"]), (&"1".into(), &true.into()));
    world.stop().await;
}
