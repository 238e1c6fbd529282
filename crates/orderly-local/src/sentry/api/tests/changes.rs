//! What changed outside of issues: flags, and where the source is.

use serde_json::json;

use super::harness::Api;

#[tokio::test]
async fn a_flag_change_is_kept_once_and_found_by_flag_and_time() {
    let api = Api::start().await;
    let now = api.state.clock().now();
    let change = |id: u32, flag: &str, at: jiff::Timestamp| {
        json!({"action": "updated", "change_id": id, "created_at": at.to_string(), "flag": flag,
               "created_by": {"id": "ada@shop.example", "type": "email"}, "tags": {"percent": 50}})
    };
    let old = now - jiff::SignedDuration::from_hours(48);
    let hook = "/organizations/acme/flags/hooks/provider/generic/";
    let told =
        json!({"data": [change(1, "checkout", now), change(2, "search", old)], "meta": {"version": 1}});
    for _ in 0..2 {
        assert_eq!(api.post(hook, told.clone()).await.status, 200);
    }
    let log = async |query: &str| {
        let found = api.get(&format!("/organizations/acme/flags/logs/?{query}")).await;
        assert_eq!(found.status, 200, "{found:?}");
        let rows = found.body["data"].as_array().unwrap().clone();
        rows.iter().map(|row| row["flag"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(log("").await, ["checkout", "search"]);
    assert_eq!(log("sort=created_at").await, ["search", "checkout"]);
    assert_eq!(log("statsPeriod=24h").await, ["checkout"]);
    assert_eq!(log("flag=search&flag=other").await, ["search"]);
    let first = &api.get("/organizations/acme/flags/logs/1/").await.body["data"];
    assert_eq!(
        (&first["createdBy"], &first["createdByType"], &first["tags"]["percent"], &first["provider"]),
        (&json!("ada@shop.example"), &json!("email"), &json!(50), &json!("generic"))
    );
    let odd = json!({"data": [{"action": "exploded", "change_id": 1, "created_at": "now", "flag": "x"}]});
    assert_eq!(api.post(hook, odd).await.status, 400);
    assert_eq!(api.get("/organizations/acme/flags/logs/99/").await.status, 404);
}

#[tokio::test]
async fn a_frame_leads_to_its_line_in_the_repository() {
    let api = Api::start().await;
    let link =
        async |query: &str| api.get(&format!("/projects/acme/backend/stacktrace-link/?{query}")).await.body;
    assert_eq!(link("file=shop/cart.py").await["error"], "no_code_mappings_for_project");
    let repository = json!({"name": "acme/shop", "url": "https://git.example/acme/shop"});
    api.post("/organizations/acme/repos/", repository).await;
    let many = json!({
        "project": "backend", "repository": "acme/shop", "defaultBranch": "main",
        "mappings": [{"stackRoot": "shop/", "sourceRoot": "src/shop/"}, {"stackRoot": "x", "sourceRoot": "../x"}],
    });
    let set = api.post("/organizations/acme/code-mappings/bulk/", many.clone()).await;
    assert_eq!((&set.body["created"], &set.body["errors"]), (&json!(1), &json!(1)), "{set:?}");
    let again = api.post("/organizations/acme/code-mappings/bulk/", many).await;
    assert_eq!((&again.body["created"], &again.body["updated"]), (&json!(0), &json!(1)));
    let found = link("file=shop/cart.py&lineNo=7&platform=python").await;
    assert_eq!(found["sourceUrl"], "https://git.example/acme/shop/blob/main/src/shop/cart.py#L7");
    assert_eq!(
        (&found["sourcePath"], &found["config"]["repoName"]),
        (&json!("src/shop/cart.py"), &json!("acme/shop"))
    );
    let at = link("file=cart.py&absPath=shop/cart.py&commitId=0123abc").await;
    assert_eq!(at["sourceUrl"], "https://git.example/acme/shop/blob/0123abc/src/shop/cart.py");
    assert_eq!(link("file=shop/../../secret").await["error"], "stack_root_mismatch");
    let listed = api.get("/organizations/acme/code-mappings/?project=backend").await.body;
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(api.delete(&format!("/organizations/acme/code-mappings/{id}/")).await.status, 204);
    assert_eq!(api.get("/organizations/acme/code-mappings/").await.body, json!([]));
}
