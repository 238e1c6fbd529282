use serde_json::{Value, json};

use crate::world::{Reply, World};

async fn lenient(world: &World, query: &str, variables: Value) -> Reply {
    let body = json!({ "query": query, "variables": variables }).to_string();
    world.post(&[("authorization", &world.key)], body).await
}

#[tokio::test]
async fn fields_of_a_newer_linear_vanish_below_the_root_and_are_counted() {
    let world = World::start().await;
    let query = "query teams($after: String, $sort: [TeamSortInput!], $filter: TeamFilter) {
        teams(after: $after, sort: $sort, filter: $filter) { ...TeamConnection } }
      fragment Membership on TeamMembership { id owner }
      fragment Team on Team { __typename key viewerMembership { ...Membership } viewerCanJoin }
      fragment TeamConnection on TeamConnection { nodes { ...Team } pageInfo { hasNextPage somethingNew } }";
    for _ in 0..2 {
        let reply = lenient(&world, query, json!({})).await;
        assert_eq!(
            reply.body,
            json!({ "data": { "teams": {
                "nodes": [{ "__typename": "Team", "key": "PLAT" }], "pageInfo": { "hasNextPage": false },
            } } })
        );
    }
    let dropped = world.tracker.dropped_fields();
    assert_eq!(dropped.get("Team.viewerMembership"), Some(&2));
    assert_eq!(dropped.get("Team.viewerCanJoin"), Some(&2));
    assert_eq!(dropped.get("PageInfo.somethingNew"), Some(&2));
    assert_eq!(dropped.len(), 3);
}

#[tokio::test]
async fn an_object_that_loses_all_its_fields_says_what_it_is() {
    let world = World::start().await;
    let reply = lenient(&world, "{ viewer { organization { brandNew } } }", json!({})).await;
    assert_eq!(reply.body["data"], json!({ "viewer": { "organization": { "__typename": "Organization" } } }));
}

#[tokio::test]
async fn everything_that_changes_the_question_is_refused_even_leniently() {
    let world = World::start().await;
    for (query, variables) in [
        ("{ viewer { id }", json!({})),
        ("{ brandNew { id } }", json!({})),
        ("{ viewer { id } brandNew }", json!({})),
        ("query { ...Q } fragment Q on Query { viewer { id } brandNew { id } }", json!({})),
        ("{ issues(sort: []) { nodes { id } } }", json!({})),
        ("query($s: [S!]) { issues(sort: $s) { nodes { id } } }", json!({ "s": [] })),
        ("{ issues(filter: { brandNew: true }) { nodes { id } } }", json!({})),
        ("query($f: IssueFilter) { issues(filter: $f) { nodes { id } } }", json!({ "f": { "brandNew": 1 } })),
        ("query($unused: Int) { viewer { id } }", json!({})),
        ("{ viewer { id } } fragment Unused on User { id }", json!({})),
        ("{ viewer { ...Missing } }", json!({})),
        ("{ viewer { id { deeper } } }", json!({})),
        ("{ viewer { ...A } } fragment A on User { id ...B } fragment B on User { id ...A }", json!({})),
        ("type Query { x: Int }", json!({})),
    ] {
        let reply = lenient(&world, query, variables).await;
        assert_eq!(reply.status, 400, "{query}: {reply:#?}");
        reply.error();
    }
    assert_eq!(world.tracker.dropped_fields().len(), 0);
}

#[tokio::test]
async fn a_strict_request_is_refused_for_the_same_field() {
    let world = World::start().await;
    let query = "{ viewer { id brandNew } }";
    assert_eq!(lenient(&world, query, json!({})).await.status, 200);
    let strict = world.send(query, json!({})).await;
    assert_eq!((strict.status, strict.error().1), (400, "graphql error"));
    assert!(strict.error().0.contains("brandNew"));
}
