use serde_json::{Value, json};

use crate::world::{World, texts};

#[tokio::test]
async fn attaching_the_same_url_again_replaces_what_the_attachment_says() {
    let world = World::start().await;
    let issue = world.create("linked").await;
    let query = "mutation($input: AttachmentCreateInput!) { attachmentCreate(input: $input) {
        success attachment { id title subtitle metadata url sourceType issue { identifier } } } }";
    let attach = async |input: Value| {
        world.data(query, json!({ "input": input })).await["attachmentCreate"]["attachment"].clone()
    };
    let url = "https://sentry.example/organizations/acme/issues/1/";
    let first = attach(json!({ "issueId": issue, "url": url, "title": "API-1", "subtitle": "TypeError",
        "metadata": { "events": 3, "nested": { "a": [1, "b"] } } }))
    .await;
    assert_eq!(first["metadata"], json!({ "events": 3, "nested": { "a": [1, "b"] } }));
    assert_eq!(first["issue"]["identifier"], "PLAT-1");
    let again = attach(json!({ "issueId": "PLAT-1", "url": url, "title": "API-1 again" })).await;
    assert_eq!(again["id"], first["id"]);
    assert_eq!(again["title"], "API-1 again");
    assert_eq!((&again["subtitle"], &again["metadata"]), (&Value::Null, &json!({})));
    let other = world.create("other").await;
    let second = attach(json!({ "issueId": other, "url": url, "title": "API-1" })).await;
    assert_ne!(second["id"], first["id"], "the URL is unique per issue only");
    let found = world
        .data(
            "query($url: String!) { attachmentsForURL(url: $url) { nodes { issue { identifier } } } }",
            json!({ "url": url }),
        )
        .await;
    let mut issues: Vec<_> = found["attachmentsForURL"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["issue"]["identifier"].clone())
        .collect();
    issues.sort_by_key(ToString::to_string);
    assert_eq!(issues, ["PLAT-1", "PLAT-2"]);
}

#[tokio::test]
async fn attachments_for_a_url_are_found_by_exactly_that_url() {
    let world = World::start().await;
    let issue = world.create("linked").await;
    world.attach(&issue, "https://x/issues/1/", "one").await;
    for (url, count) in [
        ("https://x/issues/1/", 1),
        ("https://x/issues/1", 0),
        ("https://x/issues/1/?referrer=y", 0),
        ("", 0),
    ] {
        let query = "query($url: String!) { attachmentsForURL(url: $url) { nodes { id } } }";
        let data = world.data(query, json!({ "url": url })).await;
        assert_eq!(data["attachmentsForURL"]["nodes"].as_array().unwrap().len(), count, "{url}");
    }
}

#[tokio::test]
async fn links_of_archived_issues_are_found_only_when_asked_for() {
    let world = World::start().await;
    let issue = world.create("linked").await;
    world.attach(&issue, "https://x/1", "one").await;
    world.data("mutation { issueDelete(id: \"PLAT-1\") { success } }", json!({})).await;
    for (archived, count) in [(false, 0), (true, 1)] {
        let query = "query($archived: Boolean) {
            attachmentsForURL(url: \"https://x/1\", includeArchived: $archived) { nodes { issue { trashed } } }
            attachments(filter: { url: { contains: \"x/1\" } }, includeArchived: $archived) { nodes { id } } }";
        let data = world.data(query, json!({ "archived": archived })).await;
        assert_eq!(data["attachmentsForURL"]["nodes"].as_array().unwrap().len(), count);
        assert_eq!(data["attachments"]["nodes"].as_array().unwrap().len(), count);
    }
}

#[tokio::test]
async fn a_url_can_be_linked_without_saying_more_and_links_can_be_changed_and_removed() {
    let world = World::start().await;
    let issue = world.create("linked").await;
    let link = "mutation($issue: String!, $title: String) {
        attachmentLinkURL(issueId: $issue, url: \"tbd://x/1\", title: $title) { attachment { id title } } }";
    let bare = world.data(link, json!({ "issue": issue })).await["attachmentLinkURL"]["attachment"].clone();
    assert_eq!(bare["title"], "tbd://x/1");
    let named = world.data(link, json!({ "issue": issue, "title": "named" })).await;
    assert_eq!(named["attachmentLinkURL"]["attachment"], json!({ "id": bare["id"], "title": "named" }));
    let query = "mutation($id: String!) {
        attachmentUpdate(id: $id, input: { title: \"new\", metadata: { a: 1 } }) { attachment { title metadata } }
        attachmentDelete(id: $id) { success entityId } }";
    let data = world.data(query, json!({ "id": bare["id"] })).await;
    assert_eq!(data["attachmentUpdate"]["attachment"], json!({ "title": "new", "metadata": { "a": 1 } }));
    assert_eq!(data["attachmentDelete"]["entityId"], bare["id"]);
    assert_eq!(world.issue(&issue, "attachments { nodes { id } }").await["nodes"], json!([]));
}

#[tokio::test]
async fn marking_a_duplicate_closes_it_and_moves_its_links_to_the_issue_that_stays() {
    let world = World::start().await;
    let (duplicate, canonical) = (world.create("duplicate").await, world.create("canonical").await);
    world.attach(&duplicate, "https://x/1", "moves").await;
    world.attach(&duplicate, "https://x/2", "is there already").await;
    world.attach(&canonical, "https://x/2", "stays").await;
    let query = "mutation($a: String!, $b: String!) {
        issueRelationCreate(input: { issueId: $a, relatedIssueId: $b, type: duplicate }) {
            issueRelation { id type issue { identifier state { type } canceledAt } relatedIssue { identifier } } } }";
    let data = world.data(query, json!({ "a": duplicate, "b": canonical })).await;
    let relation = data["issueRelationCreate"]["issueRelation"].clone();
    assert_eq!(relation["type"], "duplicate");
    assert_eq!(relation["issue"]["state"]["type"], "duplicate");
    assert!(relation["issue"]["canceledAt"].is_string());
    let after = world
        .data(
            "query { attachmentsForURL(url: \"https://x/1\") { nodes { issue { identifier } originalIssue { identifier } } }
                a: issue(id: \"PLAT-1\") { attachments { nodes { id } } formerAttachments { nodes { url } }
                    relations { nodes { type relatedIssue { identifier } } } }
                b: issue(id: \"PLAT-2\") { attachments { nodes { title } } inverseRelations { nodes { type } } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        after["attachmentsForURL"]["nodes"],
        json!([{ "issue": { "identifier": "PLAT-2" }, "originalIssue": { "identifier": "PLAT-1" } }])
    );
    assert_eq!(after["a"]["attachments"]["nodes"], json!([]));
    assert_eq!(after["a"]["formerAttachments"]["nodes"], json!([{ "url": "https://x/1" }]));
    assert_eq!(
        after["a"]["relations"]["nodes"],
        json!([{ "type": "duplicate", "relatedIssue": { "identifier": "PLAT-2" } }])
    );
    let mut titles = texts(&after["b"]["attachments"]["nodes"], "title");
    titles.sort();
    assert_eq!(titles, ["moves", "stays"]);
    assert_eq!(after["b"]["inverseRelations"]["nodes"], json!([{ "type": "duplicate" }]));
    assert_eq!(
        world.filtered(json!({ "hasDuplicateRelations": { "eq": true } }), true).await,
        ["PLAT-1", "PLAT-2"]
    );
    let again = world.data(query, json!({ "a": duplicate, "b": canonical })).await;
    assert_eq!(
        again["issueRelationCreate"]["issueRelation"]["id"], relation["id"],
        "the same again is the same"
    );
}

#[tokio::test]
async fn comments_are_written_answered_edited_and_deleted() {
    let world = World::start().await;
    let issue = world.create("talked about").await;
    let create = "mutation($input: CommentCreateInput!) { commentCreate(input: $input) {
        comment { id body url issue { identifier } user { isMe } parentId editedAt } } }";
    let comment = async |input: Value| {
        world.data(create, json!({ "input": input })).await["commentCreate"]["comment"].clone()
    };
    let first = comment(json!({ "issueId": issue, "body": "see [x](https://x/1)" })).await;
    assert_eq!(first["body"], "see [x](<https://x/1>)");
    assert_eq!(first["user"]["isMe"], true);
    let answer = comment(json!({ "issueId": issue, "body": "thanks", "parentId": first["id"] })).await;
    assert_eq!(answer["parentId"], first["id"]);
    let query = "mutation($id: String!) { commentUpdate(id: $id, input: { body: \"edited\" }) { comment { body editedAt } }
        commentDelete(id: $id) { success entityId } }";
    let data = world.data(query, json!({ "id": first["id"] })).await;
    assert!(data["commentUpdate"]["comment"]["editedAt"].is_string());
    let left = world.issue(&issue, "comments { nodes { body parentId } }").await;
    assert_eq!(left["nodes"], json!([{ "body": "thanks", "parentId": null }]));
}
