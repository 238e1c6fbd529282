use orderly_local::store::DataLocation;
use orderly_local::tracker::Access;
use serde_json::{Value, json};

use crate::world::{World, uuid};

const EVERYTHING: &str = "{
    viewer { id } organization { id urlKey createdAt }
    teams(first: 2) { nodes { id key issueCount states { nodes { id } } } } issueLabels { nodes { id name } } users { nodes { id name } }
    issues(first: 5, includeArchived: true) { nodes { id identifier title description priority state { id } labelIds createdAt updatedAt
        archivedAt trashed parent { id } history(first: 5) { nodes { id toTitle } } comments(first: 5) { nodes { id body } }
        attachments(first: 5) { nodes { id url title metadata } } relations(first: 5) { nodes { id type relatedIssue { id } } } } } }";

#[tokio::test]
async fn everything_survives_a_restart_and_so_do_the_keys() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataLocation::Dir(dir.path().join("data"));
    let world = World::open(&data).await;
    let label = world.label("bug").await;
    world
        .create_with(json!({ "id": uuid(1), "title": "one", "description": "d", "labelIds": [label] }))
        .await;
    world.create_with(json!({ "title": "two", "parentId": uuid(1) })).await;
    world.attach("PLAT-1", "https://x/1", "link").await;
    world
        .data(
            "mutation { commentCreate(input: { issueId: \"PLAT-1\", body: \"hello\" }) { success }
                issueRelationCreate(input: { issueId: \"PLAT-2\", relatedIssueId: \"PLAT-1\", type: duplicate }) { success }
                issueUpdate(id: \"PLAT-1\", input: { title: \"changed\" }) { success }
                issueDelete(id: \"PLAT-2\") { success } }",
            json!({}),
        )
        .await;
    let reading = world.tracker.create_key(Access::Read).await.unwrap();
    let before = world.data(EVERYTHING, json!({})).await;
    let synced = |data: &Value| data["issueUpdate"]["lastSyncId"].as_f64().unwrap();
    let touch = "mutation { issueUpdate(id: \"PLAT-1\", input: {}) { lastSyncId } }";
    let last_sync_id = synced(&world.data(touch, json!({})).await);
    let key = world.key.clone();
    world.store.close().await;
    drop(world);

    let world = World::open(&data).await;
    assert_eq!(world.key, key);
    assert_eq!(world.data(EVERYTHING, json!({})).await, before);
    assert_eq!(synced(&world.data(touch, json!({})).await), last_sync_id);
    let reply =
        world.post(&[("authorization", &reading)], json!({ "query": "{ viewer { id } }" }).to_string()).await;
    assert_eq!(reply.status, 200);
    assert_eq!(world.create_with(json!({ "title": "three" })).await["identifier"], "PLAT-3");
    let again = json!({ "input": { "id": uuid(1), "teamId": world.team().await, "title": "one" } });
    let query = "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success } }";
    assert_eq!(world.send(query, again).await.error().0, "conflict on insert of Issue");
}

#[tokio::test]
async fn a_change_that_the_database_refuses_is_not_seen_by_anybody() {
    let world = World::start().await;
    let team = world.team().await;
    world.create("kept").await;
    world.store.close().await;
    let query = "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success } }";
    let reply = world.send(query, json!({ "input": { "teamId": team, "title": "lost" } })).await;
    assert_eq!((reply.status, reply.error().1), (500, "internal error"));
    assert_eq!(world.filtered(Value::Null, true).await, ["PLAT-1"]);
}

#[tokio::test]
async fn a_mutation_whose_reply_is_lost_has_happened() {
    use orderly_local::knobs::{Effect, Fault, Match};
    let world = World::start().await;
    let team = world.team().await;
    world.knobs.inject(Fault::new(Match::root_field("issueCreate"), Effect::DropReply));
    let body = json!({
        "query": "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success } }",
        "variables": { "input": { "id": uuid(5), "teamId": team, "title": "lost reply" } },
    });
    let lost = reqwest::Client::new()
        .post(&world.url)
        .header("authorization", &world.key)
        .body(body.to_string())
        .send()
        .await;
    assert!(lost.is_err());
    assert_eq!(world.filtered(json!({ "id": { "in": [uuid(5)] } }), true).await, ["PLAT-1"]);
    assert_eq!(world.knobs.pending_faults(), 0);
}
