//! Events that are packed against what their project shares.

use serde_json::json;

use super::world::{Event, World};
use crate::store::DataLocation;

const MODULES: usize = 8;

fn error(number: usize) -> Event {
    let private = format!("secret of {number}");
    Event::error(&format!("part{}", number % MODULES)).user(number).with("extra", json!({"note": private}))
}

async fn send_and_learn(world: &World) {
    for number in 0..80 {
        world.send(&error(number)).await;
    }
    world.wait_for("SELECT COUNT(*) FROM payload_dictionary", 1).await;
}

async fn notes(world: &World) -> Vec<String> {
    let mut notes = Vec::new();
    for issue in 1..=MODULES {
        let events = world
            .api("GET", &format!("/organizations/acme/issues/{issue}/events/?full=true"), json!(null))
            .await;
        let events = events.as_array().unwrap().iter();
        notes.extend(events.map(|event| event["context"]["note"].as_str().unwrap().to_owned()));
    }
    notes.sort();
    notes
}

#[tokio::test]
async fn they_read_back_also_after_a_restart_and_the_dictionary_has_nothing_that_one_alone_said() {
    let dir = tempfile::tempdir().unwrap();
    let at = DataLocation::Dir(dir.path().to_owned());
    let world = World::start_in(at.clone()).await;
    send_and_learn(&world).await;
    for number in 80..90 {
        world.send(&error(number)).await;
    }
    let mut expected: Vec<String> = (0..90).map(|number| format!("secret of {number}")).collect();
    expected.sort();
    assert_eq!(notes(&world).await, expected);
    let packed = "SELECT COUNT(*) FROM event WHERE substr(payload, 1, 4) = x'00000001'";
    assert!(world.count(packed).await >= 10);
    for (text, is_there) in [("total = price * count", 1), ("flask", 1), ("secret", 0), ("bad part", 0)] {
        let holds = format!(
            "SELECT COUNT(*) FROM payload_dictionary WHERE instr(content, CAST('{text}' AS BLOB)) > 0"
        );
        let found: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(holds)).fetch_one(world.servers.pool()).await.unwrap();
        assert_eq!(found, is_there, "{text}");
    }
    world.stop().await;

    let world = World::start_in(at).await;
    assert_eq!(notes(&world).await, expected);
    world.stop().await;
}

#[tokio::test]
async fn what_the_journal_has_of_them_is_filed_by_the_next_start() {
    let (before, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let world = World::start_in(DataLocation::Dir(before.path().to_owned())).await;
    send_and_learn(&world).await;
    world.stop().await;
    super::journal::copy(before.path(), dir.path(), |name| name != "lock");
    let world = World::start_in(DataLocation::Dir(before.path().to_owned())).await;
    world.send(&error(80)).await;
    world.stop().await;
    super::journal::copy(before.path(), dir.path(), |name| name.ends_with(".journal"));

    let world = World::start_in(DataLocation::Dir(dir.path().to_owned())).await;
    assert_eq!(notes(&world).await.len(), 81);
    world.stop().await;
}
