use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::world::World;

async fn update(world: &World, id: &str, input: Value) -> Value {
    let query = "mutation($id: String!, $input: IssueUpdateInput!) {
        issueUpdate(id: $id, input: $input) { success issue {
            title description priority state { type } assignee { id } labelIds trashed
            startedAt completedAt canceledAt triagedAt archivedAt snoozedUntilAt } } }";
    world.data(query, json!({ "id": id, "input": input })).await["issueUpdate"]["issue"].clone()
}

#[tokio::test]
async fn entering_a_state_sets_the_time_that_tells_of_it_and_leaving_takes_it_back() {
    let world = World::start().await;
    let id = world.create("moves").await;
    // (state, started, completed, canceled)
    let path = [
        ("started", true, false, false),
        ("completed", true, true, false),
        ("started", true, false, false),
        ("canceled", true, false, true),
        ("backlog", false, false, false),
        ("completed", false, true, false),
        ("triage", false, false, false),
    ];
    for (kind, started, completed, canceled) in path {
        let issue = update(&world, &id, json!({ "stateId": world.state(kind).await })).await;
        assert_eq!(issue["state"]["type"], kind);
        assert!(issue["triagedAt"].is_string(), "left triage once");
        for (time, set) in [("startedAt", started), ("completedAt", completed), ("canceledAt", canceled)] {
            assert_eq!(issue[time].is_string(), set, "{time} in {kind}");
        }
    }
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_null_clears() {
    let world = World::start().await;
    let (bug, sentry) = (world.label("bug").await, world.label("sentry").await);
    let users = world.data("{ users { nodes { id } } }", json!({})).await;
    let user = users["users"]["nodes"][0]["id"].clone();
    let issue = world
        .create_with(json!({ "title": "t", "description": "d", "labelIds": [bug], "assigneeId": user }))
        .await;
    let id = issue["id"].as_str().unwrap();
    let changed = update(&world, id, json!({ "addedLabelIds": [sentry], "priority": 1 })).await;
    assert_eq!(changed["labelIds"], json!([bug, sentry]));
    assert_eq!(changed["assignee"]["id"], user);
    assert_eq!(changed["description"], "d");
    let cleared =
        update(&world, id, json!({ "removedLabelIds": [bug], "assigneeId": null, "description": null }))
            .await;
    assert_eq!(cleared["labelIds"], json!([sentry]));
    assert_eq!(cleared["assignee"], Value::Null);
    assert_eq!(cleared["description"], Value::Null);
    assert_eq!(cleared["priority"], 1.0);
    let other = world
        .data(
            "mutation($id: String!, $label: String!) {
                a: issueAddLabel(id: $id, labelId: $label) { issue { labelIds } }
                b: issueRemoveLabel(id: $id, labelId: $label) { issue { labelIds } } }",
            json!({ "id": id, "label": bug }),
        )
        .await;
    assert_eq!(other["b"]["issue"]["labelIds"], json!([sentry]));
}

#[tokio::test]
async fn a_change_moves_updated_at_and_a_change_of_nothing_does_not() {
    let world = World::start().await;
    let id = world.create("t").await;
    let created = world.issue(&id, "updatedAt").await;
    world.clock.advance(SignedDuration::from_hours(1));
    update(&world, &id, json!({ "title": "t" })).await;
    assert_eq!(world.issue(&id, "updatedAt").await, created);
    update(&world, &id, json!({ "title": "u" })).await;
    assert_ne!(world.issue(&id, "updatedAt").await, created);
}

#[tokio::test]
async fn archived_and_trashed_issues_are_shown_only_when_asked_for() {
    let world = World::start().await;
    for title in ["stays", "archived", "trashed", "deleted"] {
        world.create(title).await;
    }
    let done = world
        .data(
            "mutation {
                a: issueArchive(id: \"PLAT-2\") { success entity { archivedAt trashed } }
                b: issueArchive(id: \"PLAT-3\", trash: true) { entity { archivedAt trashed } }
                c: issueDelete(id: \"PLAT-4\") { entity { archivedAt trashed } } }",
            json!({}),
        )
        .await;
    assert_eq!(done["a"]["entity"]["trashed"], Value::Null);
    for key in ["b", "c"] {
        assert!(done[key]["entity"]["archivedAt"].is_string());
        assert_eq!(done[key]["entity"]["trashed"], true);
    }
    assert_eq!(world.filtered(Value::Null, false).await, ["PLAT-1"]);
    assert_eq!(world.filtered(Value::Null, true).await, ["PLAT-1", "PLAT-2", "PLAT-3", "PLAT-4"]);
    assert_eq!(world.issue("PLAT-4", "title").await, "deleted", "an id finds it all the same");
    let back = world
        .data("mutation { issueUnarchive(id: \"PLAT-4\") { entity { archivedAt trashed } } }", json!({}))
        .await;
    assert_eq!(back["issueUnarchive"]["entity"], json!({ "archivedAt": null, "trashed": null }));
    let restored = update(&world, "PLAT-3", json!({ "trashed": false })).await;
    assert_eq!(restored["archivedAt"], Value::Null);
    assert_eq!(world.filtered(Value::Null, false).await, ["PLAT-1", "PLAT-3", "PLAT-4"]);
}

#[tokio::test]
async fn a_permanent_deletion_takes_everything_along_and_frees_no_number() {
    let world = World::start().await;
    let id = world.create("gone").await;
    world.create_with(json!({ "title": "child", "parentId": id })).await;
    world.attach(&id, "https://x/1", "link").await;
    let query = "mutation($id: String!) {
        commentCreate(input: { issueId: $id, body: \"hello\" }) { success }
        issueRelationCreate(input: { issueId: $id, relatedIssueId: \"PLAT-2\", type: related }) { success }
        issueDelete(id: $id, permanentlyDelete: true) { success entity { id } } }";
    let deleted = world.data(query, json!({ "id": id })).await;
    assert_eq!(deleted["issueDelete"], json!({ "success": true, "entity": null }));
    let left = world
        .data(
            "{ attachments(includeArchived: true) { nodes { id } } comments(includeArchived: true) { nodes { id } }
               issueRelations { nodes { id } } issue(id: \"PLAT-2\") { parent { id } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        left,
        json!({ "attachments": { "nodes": [] }, "comments": { "nodes": [] }, "issueRelations": { "nodes": [] },
                "issue": { "parent": null } })
    );
    assert_eq!(world.create_with(json!({ "title": "next" })).await["identifier"], "PLAT-3");
}

#[tokio::test]
async fn history_tells_who_changed_what() {
    let world = World::start().await;
    let id = world.create("before").await;
    let done = world.state("completed").await;
    update(&world, &id, json!({ "title": "after", "priority": 2 })).await;
    world.clock.advance(SignedDuration::from_secs(1));
    update(&world, &id, json!({ "stateId": done })).await;
    let query = "query($id: String!) { issue(id: $id) { history { nodes {
        actor { isMe } fromTitle toTitle fromPriority toPriority fromState { type } toState { type } archived } } } }";
    let data = world.data(query, json!({ "id": id })).await;
    let nothing = json!(null);
    assert_eq!(
        data["issue"]["history"]["nodes"],
        json!([
            { "actor": { "isMe": true }, "fromTitle": nothing, "toTitle": nothing, "fromPriority": nothing,
              "toPriority": nothing, "fromState": { "type": "triage" }, "toState": { "type": "completed" },
              "archived": nothing },
            { "actor": { "isMe": true }, "fromTitle": "before", "toTitle": "after", "fromPriority": 0.0,
              "toPriority": 2.0, "fromState": nothing, "toState": nothing, "archived": nothing },
        ])
    );
}
