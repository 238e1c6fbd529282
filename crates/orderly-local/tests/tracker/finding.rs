use std::collections::HashSet;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::world::{World, texts, uuid};

#[tokio::test]
async fn the_lookups_of_a_deduplication_find_text_links_and_comments_whatever_the_state() {
    let world = World::start().await;
    let in_title = world.create_with(json!({ "title": "API-7: boom" })).await;
    world
        .create_with(json!({ "title": "x", "description": "from https://s.example/issues/77/ today" }))
        .await;
    let linked = world.create("linked").await;
    world.attach(&linked, "https://s.example/organizations/acme/issues/77/", "API-7").await;
    let commented = world.create("commented").await;
    world
        .data(
            "mutation($id: String!) { commentCreate(input: { issueId: $id, body: \"same as API-7\" }) { success } }",
            json!({ "id": commented }),
        )
        .await;
    world.create("unrelated").await;
    world
        .data("mutation($id: String!) { issueArchive(id: $id) { success } }", json!({ "id": in_title["id"] }))
        .await;
    let filter = json!({ "or": [
        { "attachments": { "some": { "url": { "contains": "/issues/77" } } } },
        { "title": { "containsIgnoreCase": "api-7" } },
        { "description": { "contains": "/issues/77" } },
        { "description": { "contains": "API-7" } },
        { "comments": { "some": { "body": { "contains": "API-7" } } } },
    ] });
    assert_eq!(world.filtered(filter.clone(), true).await, ["PLAT-1", "PLAT-2", "PLAT-3", "PLAT-4"]);
    assert_eq!(world.filtered(filter, false).await, ["PLAT-2", "PLAT-3", "PLAT-4"]);
    assert_eq!(world.filtered(json!({ "id": { "in": [in_title["id"], uuid(9)] } }), true).await, ["PLAT-1"]);
    assert_eq!(world.filtered(json!({ "id": { "in": [uuid(9)] } }), true).await, Vec::<String>::new());
    assert_eq!(
        world.filtered(json!({ "number": { "eq": 3 }, "team": { "key": { "eq": "PLAT" } } }), true).await,
        ["PLAT-3"]
    );
    assert_eq!(
        world.filtered(json!({ "state": { "type": { "in": ["completed"] } } }), true).await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn pages_cover_everything_once_in_order() {
    let world = World::start().await;
    let team = world.team().await;
    let issues: Vec<_> = (0..12).map(|n| json!({ "teamId": team, "title": format!("issue {n}") })).collect();
    world
        .data(
            "mutation($issues: [IssueCreateInput!]!) { issueBatchCreate(input: { issues: $issues }) { success } }",
            json!({ "issues": issues }),
        )
        .await;
    for (size, order) in
        [(1, "createdAt"), (5, "createdAt"), (5, "updatedAt"), (12, "createdAt"), (250, "createdAt")]
    {
        let query = "query($first: Int, $after: String, $orderBy: PaginationOrderBy) {
            issues(first: $first, after: $after, orderBy: $orderBy) {
                nodes { identifier } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
        let (mut after, mut seen, mut pages) = (Value::Null, Vec::new(), 0);
        loop {
            let data = world.data(query, json!({ "first": size, "after": after, "orderBy": order })).await;
            let (nodes, info) = (&data["issues"]["nodes"], &data["issues"]["pageInfo"]);
            seen.extend(texts(nodes, "identifier"));
            assert_eq!(info["hasPreviousPage"], pages > 0);
            pages += 1;
            after = info["endCursor"].clone();
            if info["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(pages, 12_usize.div_ceil(size));
        assert_eq!(seen.len(), 12);
        assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 12, "{seen:?}");
    }
    let backwards = world
        .data("{ issues(last: 2) { nodes { number } pageInfo { hasNextPage hasPreviousPage } } }", json!({}))
        .await;
    assert_eq!(backwards["issues"]["pageInfo"], json!({ "hasNextPage": false, "hasPreviousPage": true }));
}

#[tokio::test]
async fn an_issue_created_between_two_pages_does_not_shift_the_second() {
    let world = World::start().await;
    for title in ["a", "b", "c"] {
        world.create(title).await;
        world.clock.advance(SignedDuration::from_secs(1));
    }
    let query = "query($after: String) { issues(first: 2, after: $after) { nodes { title } pageInfo { endCursor } } }";
    let first = world.data(query, json!({})).await;
    assert_eq!(texts(&first["issues"]["nodes"], "title"), ["c", "b"], "the newest first");
    world.create("newcomer").await;
    let second = world.data(query, json!({ "after": first["issues"]["pageInfo"]["endCursor"] })).await;
    assert_eq!(texts(&second["issues"]["nodes"], "title"), ["a"]);
}

#[tokio::test]
async fn without_a_size_a_page_holds_fifty() {
    let world = World::start().await;
    let team = world.team().await;
    let issues: Vec<_> = (0..51).map(|n| json!({ "teamId": team, "title": format!("issue {n}") })).collect();
    world
        .data(
            "mutation($issues: [IssueCreateInput!]!) { issueBatchCreate(input: { issues: $issues }) { success } }",
            json!({ "issues": issues }),
        )
        .await;
    let data = world.data("{ issues { nodes { id } pageInfo { hasNextPage } } }", json!({})).await;
    assert_eq!(data["issues"]["nodes"].as_array().unwrap().len(), 50);
    assert_eq!(data["issues"]["pageInfo"]["hasNextPage"], true);
}

const SEARCH: &str = "query($term: String!, $comments: Boolean, $archived: Boolean) {
    searchIssues(term: $term, includeComments: $comments, includeArchived: $archived) {
        totalCount nodes { identifier metadata } pageInfo { hasNextPage } archivePayload { totalCount } } }";

#[tokio::test]
async fn search_ranks_titles_before_bodies_and_needs_half_of_the_words() {
    let world = World::start().await;
    world.create_with(json!({ "title": "nothing", "description": "TypeError in checkout" })).await;
    world.create("TypeError in checkout service").await;
    world.create("checkout is slow").await;
    let data = world.data(SEARCH, json!({ "term": "typeerror checkout" })).await;
    assert_eq!(texts(&data["searchIssues"]["nodes"], "identifier"), ["PLAT-2", "PLAT-3", "PLAT-1"]);
    assert_eq!(data["searchIssues"]["totalCount"], 3.0);
    let data = world.data(SEARCH, json!({ "term": "plat-3" })).await;
    assert_eq!(texts(&data["searchIssues"]["nodes"], "identifier")[0], "PLAT-3");
    let data = world.data(SEARCH, json!({ "term": "!!" })).await;
    assert_eq!(data["searchIssues"]["nodes"], json!([]));
    let query = "{ semanticSearch(query: \"Checkouts with a type error\", types: [issue], maxResults: 2) { results { type issue { identifier } } } }";
    let data = world.data(query, json!({})).await;
    assert_eq!(
        data["semanticSearch"]["results"][0],
        json!({ "type": "issue", "issue": { "identifier": "PLAT-2" } })
    );
}

#[tokio::test]
async fn search_sees_comments_and_archived_issues_only_when_asked() {
    let world = World::start().await;
    let id = world.create("title").await;
    world
        .data(
            "mutation($id: String!) { commentCreate(input: { issueId: $id, body: \"kaleidoscope\" }) { success }
                issueArchive(id: $id) { success } }",
            json!({ "id": id }),
        )
        .await;
    for (comments, archived, found) in [(false, true, 0.0), (true, false, 0.0), (true, true, 1.0)] {
        let data = world
            .data(SEARCH, json!({ "term": "kaleidoscope", "comments": comments, "archived": archived }))
            .await;
        assert_eq!(data["searchIssues"]["totalCount"], found, "comments {comments}, archived {archived}");
    }
}

#[tokio::test]
async fn search_lags_behind_while_filters_do_not() {
    let world = World::start().await;
    world.tracker.set_search_lag(SignedDuration::from_mins(5));
    world.create("kaleidoscope").await;
    assert_eq!(
        world.data(SEARCH, json!({ "term": "kaleidoscope" })).await["searchIssues"]["totalCount"],
        0.0
    );
    assert_eq!(world.filtered(json!({ "title": { "contains": "kaleido" } }), false).await, ["PLAT-1"]);
    world.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(
        world.data(SEARCH, json!({ "term": "kaleidoscope" })).await["searchIssues"]["totalCount"],
        1.0
    );
}
