//! Events that are acknowledged before they are filed.

use std::path::Path;

use serde_json::json;

use super::world::{Answer, Event, World};
use crate::store::DataLocation;

async fn counted(world: &World) -> i64 {
    let issues = world.api("GET", "/organizations/acme/issues/", json!(null)).await;
    let counts = issues.as_array().unwrap().iter();
    counts.map(|issue| issue["count"].as_str().unwrap().parse::<i64>().unwrap()).sum()
}

pub(super) fn copy(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if wanted(entry.file_name().to_str().unwrap()) {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[tokio::test]
async fn whoever_asks_after_the_answer_sees_the_event() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start_in(DataLocation::Dir(dir.path().to_owned())).await;
    for sent in 1..=20 {
        world.send(&Event::error("cart")).await;
        assert_eq!(counted(&world).await, sent);
    }
    world.stop().await;
}

#[tokio::test]
async fn what_was_acknowledged_and_not_filed_is_filed_once_by_the_next_start() {
    let (before, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |folder: &Path| DataLocation::Dir(folder.to_owned());
    World::start_in(at(before.path())).await.stop().await;
    copy(before.path(), dir.path(), |name| name != "lock");
    let world = World::start_in(at(before.path())).await;
    for module in ["cart", "cart", "search"] {
        world.send(&Event::error(module).user(3)).await;
    }
    world.stop().await;
    // The database as it was before, and the journal as it was left.
    copy(before.path(), dir.path(), |name| name.ends_with(".journal"));

    for _ in 0..2 {
        let world = World::start_in(at(dir.path())).await;
        assert_eq!(world.count("SELECT COUNT(*) FROM event").await, 3);
        assert_eq!(counted(&world).await, 3);
        assert_eq!(world.count("SELECT SUM(times_seen) FROM issue_tag WHERE key = 'user'").await, 3);
        assert_eq!(world.count("SELECT SUM(quantity) FROM outcome_hourly WHERE category = 'error'").await, 3);
        world.stop().await;
    }
}

#[tokio::test]
async fn an_event_of_a_project_that_is_gone_does_not_hold_up_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start_in(DataLocation::Dir(dir.path().to_owned())).await;
    world.send(&Event::error("cart")).await;
    world.run("DELETE FROM project WHERE id = 1").await;
    // The key is believed for another second.
    let status = Answer::of(world.post(Event::error("cart").envelope())).await.status;
    assert!(matches!(status, 200 | 403), "{status}");
    world.servers.settled().await;
    assert_eq!(world.count("SELECT COUNT(*) FROM event").await, 0);
    world.stop().await;
}
