use orderly_local::tracker::RepeatedIds;
use serde_json::{Value, json};

use crate::world::{World, uuid};

const CREATE: &str = "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success lastSyncId issue { id identifier title } } }";

#[tokio::test]
async fn an_issue_gets_the_next_identifier_a_permalink_and_waits_in_triage() {
    let world = World::start().await;
    let label = world.label("bug").await;
    let first = world
        .create_with(json!({
            "id": uuid(1), "title": "  TypeError: x is not a function ", "priority": 2, "labelIds": [label],
            "description": "see [the error](https://sentry.example/issues/1/)",
        }))
        .await;
    assert_eq!(first["id"], uuid(1));
    assert_eq!(first["identifier"], "PLAT-1");
    assert_eq!(first["title"], "TypeError: x is not a function");
    assert_eq!(first["description"], "see [the error](<https://sentry.example/issues/1/>)");
    assert_eq!(first["state"]["type"], "triage");
    assert_eq!(first["priorityLabel"], "High");
    assert_eq!(first["labelIds"], json!([label]));
    assert_eq!(first["creator"]["isMe"], true);
    let address = world.url.trim_end_matches("/graphql");
    assert_eq!(first["url"], format!("{address}/acme/issue/PLAT-1/typeerror-x-is-not-a-function"));
    assert!(first["createdAt"].as_str().unwrap().ends_with('Z'));
    let second = world.create_with(json!({ "title": "second", "parentId": "plat-1" })).await;
    assert_eq!(second["identifier"], "PLAT-2");
    assert_eq!(second["parent"]["identifier"], "PLAT-1");
}

#[tokio::test]
async fn a_repeated_id_is_refused_and_nothing_is_created() {
    let world = World::start().await;
    let input = json!({ "id": uuid(7), "teamId": world.team().await, "title": "once" });
    world.data(CREATE, json!({ "input": input })).await;
    let again = world.send(CREATE, json!({ "input": input })).await;
    assert_eq!(again.status, 200);
    assert_eq!(
        again.body,
        json!({
            "data": null,
            "errors": [{
                "message": "conflict on insert of Issue",
                "path": ["issueCreate"],
                "extensions": {
                    "type": "invalid input", "code": "INPUT_ERROR", "statusCode": 400, "userError": true,
                    "userPresentableMessage": format!("Entity Issue with id {} already exists.", uuid(7)),
                },
            }],
        })
    );
    assert_eq!(world.filtered(Value::Null, true).await, ["PLAT-1"]);
    // Trashed is not gone: the id stays taken.
    world.data("mutation { issueDelete(id: \"PLAT-1\") { success } }", json!({})).await;
    assert_eq!(world.send(CREATE, json!({ "input": input })).await.error().0, "conflict on insert of Issue");
}

#[tokio::test]
async fn a_tracker_that_merges_keeps_one_issue_and_takes_the_new_content() {
    let world = World::start().await;
    world.tracker.set_repeated_ids(RepeatedIds::Upsert);
    let team = world.team().await;
    for title in ["first", "second"] {
        let input = json!({ "id": uuid(1), "teamId": team, "title": title });
        let data = world.data(CREATE, json!({ "input": input })).await;
        assert_eq!(
            data["issueCreate"]["issue"],
            json!({ "id": uuid(1), "identifier": "PLAT-1", "title": title })
        );
    }
    assert_eq!(world.filtered(Value::Null, true).await, ["PLAT-1"]);
}

#[tokio::test]
async fn a_tracker_that_ignores_ids_makes_an_issue_each_time() {
    let world = World::start().await;
    world.tracker.set_repeated_ids(RepeatedIds::Ignore);
    let team = world.team().await;
    for _ in 0..2 {
        let input = json!({ "id": uuid(1), "teamId": team, "title": "again" });
        let data = world.data(CREATE, json!({ "input": input })).await;
        assert_ne!(data["issueCreate"]["issue"]["id"], uuid(1));
    }
    assert_eq!(world.filtered(Value::Null, true).await, ["PLAT-1", "PLAT-2"]);
}

#[tokio::test]
async fn concurrent_creations_with_one_id_make_one_issue() {
    let world = World::start().await;
    let input = json!({ "input": { "id": uuid(3), "teamId": world.team().await, "title": "race" } });
    let replies = futures::future::join_all((0..8).map(|_| world.send(CREATE, input.clone()))).await;
    let made = replies.iter().filter(|reply| reply.body.get("errors").is_none()).count();
    assert_eq!(made, 1);
    assert_eq!(world.filtered(Value::Null, true).await, ["PLAT-1"]);
}

#[tokio::test]
async fn a_batch_is_created_whole_or_not_at_all() {
    let world = World::start().await;
    let team = world.team().await;
    let batch = "mutation($input: IssueBatchCreateInput!) {
        issueBatchCreate(input: $input) { success issues { identifier title } } }";
    let issue = |id: u32| json!({ "id": uuid(id), "teamId": team, "title": format!("batch {id}") });
    let made = world.data(batch, json!({ "input": { "issues": [issue(1), issue(2)] } })).await;
    assert_eq!(made["issueBatchCreate"]["issues"][1], json!({ "identifier": "PLAT-2", "title": "batch 2" }));
    for bad in
        [json!([issue(3), issue(1)]), json!([issue(3), issue(3)]), json!([issue(3), { "teamId": team }])]
    {
        let reply = world.send(batch, json!({ "input": { "issues": bad } })).await;
        assert_eq!(reply.error().1, "invalid input");
    }
    assert_eq!(world.filtered(Value::Null, true).await, ["PLAT-1", "PLAT-2"]);
}

#[tokio::test]
async fn the_first_refused_mutation_ends_the_request() {
    let world = World::start().await;
    let team = world.team().await;
    let query = "mutation($team: String!) {
        a: issueCreate(input: { teamId: $team, title: \"kept\" }) { success }
        b: issueCreate(input: { teamId: $team, title: \"\" }) { success }
        c: issueCreate(input: { teamId: $team, title: \"never tried\" }) { success } }";
    let reply = world.send(query, json!({ "team": team })).await;
    assert_eq!(reply.body["data"], Value::Null);
    assert_eq!(reply.body["errors"][0]["path"], json!(["b"]));
    assert_eq!(world.filtered(Value::Null, true).await, ["PLAT-1"]);
}
