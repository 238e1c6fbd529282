use serde_json::json;

use crate::world::{World, texts};

#[tokio::test]
async fn a_new_workspace_has_a_team_with_triage_its_states_labels_and_people() {
    let world = World::start().await;
    let data = world
        .data(
            "{ viewer { name isMe app admin organization { urlKey } }
               teams(filter: { key: { eq: \"PLAT\" } }) { nodes {
                 key triageEnabled triageIssueState { name type } defaultIssueState { name }
                 states(first: 50) { nodes { name type position } }
                 labels { nodes { name isGroup } } members { nodes { displayName } } } } }",
            json!({}),
        )
        .await;
    let team = &data["teams"]["nodes"][0];
    assert_eq!(data["viewer"]["organization"]["urlKey"], "acme");
    assert_eq!(team["triageEnabled"], true);
    assert_eq!(team["triageIssueState"], json!({ "name": "Triage", "type": "triage" }));
    assert_eq!(team["defaultIssueState"]["name"], "Backlog");
    let mut states = team["states"]["nodes"].as_array().unwrap().clone();
    states.sort_by_key(|state| state["position"].as_f64().unwrap() as i64);
    let kinds: Vec<_> = states.iter().map(|state| state["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["triage", "backlog", "unstarted", "started", "started", "completed", "canceled", "duplicate"]
    );
    let mut labels = texts(&team["labels"]["nodes"], "name");
    labels.sort();
    assert_eq!(labels, ["bug", "sentry"]);
    assert_eq!(team["members"]["nodes"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn both_forms_of_the_authorization_header_open_the_door() {
    let world = World::start().await;
    for value in [world.key.clone(), format!("Bearer {}", world.key)] {
        let reply =
            world.post(&[("authorization", &value)], json!({"query": "{ viewer { id } }"}).to_string()).await;
        assert_eq!(reply.status, 200, "{reply:#?}");
        assert_eq!(reply.header("content-type"), "application/json");
    }
    assert!(world.key.starts_with("lin_api_"));
}

#[tokio::test]
async fn numbers_that_the_schema_calls_float_are_written_as_such() {
    let world = World::start().await;
    world.create("first").await;
    let body = json!({"query": "{ issue(id: \"PLAT-1\") { number priority } }"}).to_string();
    let reply = world.post(&[("authorization", &world.key)], body).await;
    assert_eq!(reply.body.to_string(), r#"{"data":{"issue":{"number":1.0,"priority":0.0}}}"#);
}

#[tokio::test]
async fn a_name_chosen_from_several_operations_is_the_one_carried_out() {
    let world = World::start().await;
    let query = "query A { viewer { isMe } } query B { organization { urlKey } }";
    let body = json!({ "query": query, "operationName": "B" }).to_string();
    let reply = world.post(&[("authorization", &world.key)], body).await;
    assert_eq!(reply.body["data"], json!({ "organization": { "urlKey": "acme" } }));
    let reply = world.send(query, json!({})).await;
    assert_eq!(reply.status, 400, "which one is meant? {reply:#?}");
}

#[tokio::test]
async fn what_a_team_does_not_have_is_an_empty_list() {
    let world = World::start().await;
    let data = world
        .data("{ projects { nodes { id } pageInfo { hasNextPage } } cycles { nodes { id } } }", json!({}))
        .await;
    assert_eq!(data["projects"], json!({ "nodes": [], "pageInfo": { "hasNextPage": false } }));
}

#[tokio::test]
async fn labels_have_unique_names_and_groups_are_exclusive() {
    let world = World::start().await;
    let make =
        "mutation($input: IssueLabelCreateInput!) { issueLabelCreate(input: $input) { issueLabel { id } } }";
    let label = async |input| {
        world.data(make, json!({ "input": input })).await["issueLabelCreate"]["issueLabel"]["id"].clone()
    };
    for name in ["bug", "BUG"] {
        let reply = world.send(make, json!({ "input": { "name": name } })).await;
        assert_eq!(reply.error(), ("Duplicate label name", "invalid input", "INPUT_ERROR"));
    }
    let group = label(json!({ "name": "severity", "isGroup": true })).await;
    let high = label(json!({ "name": "sev1", "parentId": group })).await;
    let low = label(json!({ "name": "sev2", "parentId": group })).await;
    let issue = world.create("exclusive").await;
    let update = "mutation($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { issue { labelIds } } }";
    let both = world.send(update, json!({ "id": issue, "input": { "labelIds": [high, low] } })).await;
    assert_eq!(both.error().0, "labelIds not exclusive child labels");
    let group_itself =
        world.send(update, json!({ "id": issue, "input": { "addedLabelIds": [group] } })).await;
    assert_eq!(group_itself.error().1, "invalid input");
    let one = world.data(update, json!({ "id": issue, "input": { "labelIds": [high] } })).await;
    assert_eq!(one["issueUpdate"]["issue"]["labelIds"], json!([high]));
}
