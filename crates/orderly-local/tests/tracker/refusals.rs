use orderly_local::tracker::Access;
use serde_json::{Value, json};

use crate::world::{World, uuid};

#[tokio::test]
async fn what_does_not_fit_is_refused_in_the_shape_that_clients_classify() {
    let world = World::start().await;
    let team = world.team().await;
    let issue = world.create("subject").await;
    let input = "invalid input";
    let document = "graphql error";
    let long = "x".repeat(256);
    let create = |fields: &str| {
        format!("mutation {{ issueCreate(input: {{ teamId: \"{team}\" {fields} }}) {{ success }} }}")
    };
    let update = |fields: &str| {
        format!("mutation {{ issueUpdate(id: \"{issue}\", input: {{ {fields} }}) {{ success }} }}")
    };
    let cases: Vec<(&str, String, u16, &str, &str)> = vec![
        ("syntax", "{ viewer { id }".into(), 400, document, "Syntax Error"),
        ("empty document", String::new(), 400, document, ""),
        ("unknown root field", "{ nobody { id } }".into(), 400, document, "nobody"),
        ("unknown mutation", "mutation { issueExplode(id: 1) { success } }".into(), 400, document, "issueExplode"),
        ("unknown argument", "{ issues(colour: 1) { nodes { id } } }".into(), 400, document, "colour"),
        ("unknown filter", "{ issues(filter: { colour: 1 }) { nodes { id } } }".into(), 400, document, "colour"),
        ("attachments have no issue filter", "{ attachments(filter: { issue: {} }) { nodes { id } } }".into(), 400, document, "issue"),
        ("missing argument", "{ issue { id } }".into(), 400, document, "id"),
        ("wrong type", "{ issues(first: \"ten\") { nodes { id } } }".into(), 400, document, ""),
        ("no selection", "{ issues }".into(), 400, document, ""),
        ("subscription", "subscription { issueCreated { id } }".into(), 400, document, ""),
        ("page too large", "{ issues(first: 251) { nodes { id } } }".into(), 200, input, "Argument Validation Error"),
        ("page of nothing", "{ issues(first: 0) { nodes { id } } }".into(), 200, input, "Argument Validation Error"),
        ("first and last", "{ issues(first: 1, last: 1) { nodes { id } } }".into(), 200, input, "Argument Validation Error"),
        ("no cursor", "{ issues(after: \"x\") { nodes { id } } }".into(), 200, input, "Argument Validation Error"),
        ("no time", "{ issues(filter: { createdAt: { gt: \"soon\" } }) { nodes { id } } }".into(), 200, input, "Argument Validation Error"),
        ("missing issue", "{ issue(id: \"PLAT-99\") { id } }".into(), 200, input, "Entity not found: Issue"),
        ("missing team", "{ team(id: \"none\") { id } }".into(), 200, input, "Entity not found: Team"),
        ("missing attachment", "{ attachment(id: \"none\") { id } }".into(), 200, input, "Entity not found: Attachment"),
        ("no title", create(""), 200, input, "Argument Validation Error"),
        ("blank title", create("title: \"  \""), 200, input, "Argument Validation Error"),
        ("long title", create(&format!("title: \"{long}\"")), 200, input, "Argument Validation Error"),
        ("id of version 1", create("title: \"t\", id: \"0f3c1a2b-4d5e-1f60-8a7b-000000000001\""), 200, input, "Argument Validation Error"),
        ("id without variant", create("title: \"t\", id: \"0f3c1a2b-4d5e-4f60-0a7b-000000000001\""), 200, input, "Argument Validation Error"),
        ("id without dashes", create("title: \"t\", id: \"0f3c1a2b4d5e4f608a7b000000000001\""), 200, input, "Argument Validation Error"),
        ("priority", create("title: \"t\", priority: 5"), 200, input, "Argument Validation Error"),
        ("date", create("title: \"t\", dueDate: \"tomorrow\""), 200, input, "Argument Validation Error"),
        ("future", create("title: \"t\", createdAt: \"2999-01-01T00:00:00Z\""), 200, input, "Argument Validation Error"),
        ("state", create("title: \"t\", stateId: \"none\""), 200, input, "Entity not found: WorkflowState"),
        ("assignee", create("title: \"t\", assigneeId: \"none\""), 200, input, "Entity not found: User"),
        ("label", create("title: \"t\", labelIds: [\"none\"]"), 200, input, "labelIds contained an entry that could not be found."),
        ("parent", create("title: \"t\", parentId: \"PLAT-99\""), 200, input, "parentId contained an entry that could not be found."),
        ("unknown input field", create("title: \"t\", projectId: \"p\""), 400, document, "projectId"),
        ("own parent", update("parentId: \"PLAT-1\""), 200, input, "parentId must not be the issue itself or one of its sub-issues."),
        ("update of nothing", "mutation { issueUpdate(id: \"PLAT-99\", input: {}) { success } }".into(), 200, input, "Entity not found: Issue"),
        ("attachment without address", format!("mutation {{ attachmentCreate(input: {{ issueId: \"{issue}\", url: \"no url\", title: \"t\" }}) {{ success }} }}"), 200, input, "Argument Validation Error"),
        ("attachment without issue", "mutation { attachmentCreate(input: { issueId: \"none\", url: \"https://x\", title: \"t\" }) { success } }".into(), 200, input, "Entity not found: Issue"),
        ("empty comment", format!("mutation {{ commentCreate(input: {{ issueId: \"{issue}\", body: \" \" }}) {{ success }} }}"), 200, input, "Argument Validation Error"),
        ("relation to itself", format!("mutation {{ issueRelationCreate(input: {{ issueId: \"{issue}\", relatedIssueId: \"PLAT-1\", type: related }}) {{ success }} }}"), 200, input, "An issue cannot be related to itself."),
        ("relation of no kind", format!("mutation {{ issueRelationCreate(input: {{ issueId: \"{issue}\", relatedIssueId: \"PLAT-1\", type: likes }}) {{ success }} }}"), 400, document, ""),
    ];
    for (name, query, status, kind, message) in cases {
        let reply = world.send(&query, json!({})).await;
        let (found, found_kind, code) = reply.error();
        assert_eq!((reply.status, found_kind), (status, kind), "{name}: {reply:#?}");
        assert!(found.contains(message), "{name}: {found:?} lacks {message:?}");
        assert!(!code.is_empty(), "{name}");
        assert_eq!(reply.body["data"], Value::Null, "{name}");
        assert_eq!(reply.header("content-type"), "application/json", "{name}");
        reply.header("x-ratelimit-requests-remaining");
    }
    assert_eq!(
        world.filtered(Value::Null, true).await,
        ["PLAT-1"],
        "no refused creation left anything behind"
    );
}

#[tokio::test]
async fn variables_are_checked_like_literals() {
    let world = World::start().await;
    let create = "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success } }";
    for variables in [
        json!({}),
        json!({ "input": null }),
        json!({ "input": { "title": "t" } }),
        json!({ "input": { "teamId": world.team().await, "title": "t", "colour": 1 } }),
        json!({ "input": { "teamId": world.team().await, "title": 7 } }),
    ] {
        let reply = world.send(create, variables.clone()).await;
        assert_eq!((reply.status, reply.error().1), (400, "invalid input"), "{variables}: {reply:#?}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_graphql_request_is_refused() {
    let world = World::start().await;
    for body in
        ["", "{}", "[]", "<html>", r#"{"query": 1}"#, r#"{"query": "{ viewer { id } }", "variables": []}"#]
    {
        let reply = world.post(&[("authorization", &world.key)], body.into()).await;
        assert_eq!((reply.status, reply.error().1), (400, "graphql error"), "{body}");
    }
}

#[tokio::test]
async fn a_document_too_deep_or_too_long_is_refused() {
    let world = World::start().await;
    let deep =
        format!("{{ issues(filter: {}{}) {{ nodes {{ id }} }} }}", "{ and: [".repeat(200), "] }".repeat(200));
    let long = format!("{{ {} }}", "viewer { id } ".repeat(20_000));
    for query in [deep, long] {
        let reply = world.send(&query, json!({})).await;
        assert_eq!((reply.status, reply.error().1), (400, "graphql error"));
    }
}

#[tokio::test]
async fn without_a_key_the_door_is_shut() {
    let world = World::start().await;
    let body = json!({ "query": "{ viewer { id } }" }).to_string();
    let unknown = format!("{}x", world.key);
    let wrong: [&[(&str, &str)]; 4] =
        [&[], &[("authorization", "")], &[("authorization", "Bearer ")], &[("authorization", &unknown)]];
    for headers in wrong {
        let reply = world.post(headers, body.clone()).await;
        assert_eq!(reply.status, 401, "{headers:?}");
        assert_eq!(
            reply.error(),
            ("Authentication required, not authenticated", "authentication error", "AUTHENTICATION_ERROR")
        );
        assert_eq!(reply.header("x-ratelimit-requests-limit"), "600");
        assert!(!reply.body.to_string().contains("lin_api_"));
    }
}

#[tokio::test]
async fn a_reading_key_reads_and_does_not_write() {
    let world = World::start().await;
    let key = world.tracker.create_key(Access::Read).await.unwrap();
    let ask = async |query: &str| {
        world.post(&[("authorization", &key)], json!({ "query": query }).to_string()).await
    };
    assert_eq!(ask("{ viewer { isMe } }").await.body["data"]["viewer"]["isMe"], true);
    let team = world.team().await;
    let refused = ask(&format!(
        "mutation {{ issueCreate(input: {{ teamId: \"{team}\", title: \"t\" }}) {{ success }} }}"
    ))
    .await;
    assert_eq!((refused.status, refused.error().1, refused.error().2), (403, "forbidden", "FORBIDDEN"));
    assert!(world.filtered(Value::Null, true).await.is_empty());
}

#[tokio::test]
async fn repeated_ids_of_comments_attachments_and_relations_are_refused_too() {
    let world = World::start().await;
    let (a, b) = (world.create("a").await, world.create("b").await);
    let comment = format!(
        "mutation {{ commentCreate(input: {{ id: \"{}\", issueId: \"{a}\", body: \"b\" }}) {{ success }} }}",
        uuid(1)
    );
    let attach = |url: &str| {
        format!(
            "mutation {{ attachmentCreate(input: {{ id: \"{}\", issueId: \"{a}\", url: \"{url}\", title: \"t\" }}) {{ success }} }}",
            uuid(2)
        )
    };
    let relate = |kind: &str| {
        format!(
            "mutation {{ issueRelationCreate(input: {{ id: \"{}\", issueId: \"{a}\", relatedIssueId: \"{b}\", type: {kind} }}) {{ success }} }}",
            uuid(3)
        )
    };
    for (first, second, message) in [
        (comment.clone(), comment, "conflict on insert of Comment"),
        (attach("https://x/1"), attach("https://x/2"), "conflict on insert of Attachment"),
        (relate("related"), relate("blocks"), "conflict on insert of IssueRelation"),
    ] {
        world.data(&first, json!({})).await;
        assert_eq!(world.send(&second, json!({})).await.error(), (message, "invalid input", "INPUT_ERROR"));
    }
}
