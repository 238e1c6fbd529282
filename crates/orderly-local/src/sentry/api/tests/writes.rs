use serde_json::{Value, json};

use super::harness::Api;

#[tokio::test]
async fn a_project_is_created_with_a_key_and_renamed() {
    let api = Api::start().await;
    let created =
        api.post("/teams/acme/platform/projects/", json!({"name": "My Shop", "platform": "python"})).await;
    assert_eq!((created.status, &created.body["slug"]), (201, &json!("my-shop")));
    assert_eq!(api.get("/projects/acme/my-shop/keys/").await.body.as_array().map(Vec::len), Some(1));
    let again = api.post("/organizations/acme/projects/", json!({"name": "My Shop"})).await;
    assert_eq!(again.status, 409);
    let changed = api.put("/projects/acme/my-shop/", json!({"slug": "shop", "name": "Shop"})).await;
    assert_eq!((changed.status, &changed.body["slug"]), (200, &json!("shop")));
    assert_eq!(api.get("/projects/acme/my-shop/").await.status, 404);
    assert_eq!(api.put("/projects/acme/shop/", json!({"slug": "backend"})).await.status, 400);
    assert_eq!(api.put("/projects/acme/shop/", json!({"slug": "42"})).await.status, 400);
    assert_eq!(api.post("/organizations/acme/projects/", json!({"platform": "python"})).await.status, 400);
}

#[tokio::test]
async fn a_team_is_created_and_given_a_project() {
    let api = Api::start().await;
    let created = api.post("/organizations/acme/teams/", json!({"name": "Web Shop"})).await;
    assert_eq!((created.status, &created.body["slug"]), (201, &json!("web-shop")));
    assert_eq!(created.body["isMember"], true);
    assert_eq!(api.post("/organizations/acme/teams/", json!({"slug": "web-shop"})).await.status, 409);
    let given = api.post("/projects/acme/frontend/teams/web-shop/", Value::Null).await;
    assert_eq!((given.status, given.body["teams"].as_array().map(Vec::len)), (201, Some(2)));
    assert_eq!(api.get("/teams/acme/web-shop/projects/").await.body[0]["slug"], "frontend");
    assert_eq!(api.delete("/projects/acme/frontend/teams/web-shop/").await.status, 200);
    assert_eq!(api.get("/teams/acme/web-shop/projects/").await.body, json!([]));
}

#[tokio::test]
async fn a_key_is_limited_disabled_and_unlimited_again() {
    let api = Api::start().await;
    let keys = "/projects/acme/backend/keys/";
    let body = json!({"name": "Mobile", "rateLimit": {"count": 10, "window": 60}});
    let created = api.post(keys, body).await;
    assert_eq!((created.status, &created.body["rateLimit"]), (201, &json!({"count": 10, "window": 60})));
    let path = format!("{keys}{}/", created.body["id"].as_str().unwrap());
    let disabled = api.put(&path, json!({"isActive": false})).await.body;
    assert_eq!((&disabled["isActive"], &disabled["rateLimit"]["count"]), (&json!(false), &json!(10)));
    let unlimited = api.put(&path, json!({"rateLimit": null})).await.body;
    assert_eq!(unlimited["rateLimit"], Value::Null);
    assert_eq!(api.get(&format!("{keys}?status=inactive")).await.body.as_array().map(Vec::len), Some(1));
    assert_eq!(api.put(&path, json!({"rateLimit": {"count": -1, "window": 60}})).await.status, 400);
}

#[tokio::test]
async fn ownership_rules_are_stored_parsed_and_checked_for_owners_that_exist() {
    let api = Api::start().await;
    let path = "/projects/acme/backend/ownership/";
    let unwritten = api.get(path).await.body;
    assert_eq!((&unwritten["raw"], &unwritten["schema"]), (&Value::Null, &Value::Null));
    let raw = "# billing\npath:src/billing/* #platform tom@localhost\n";
    let written = api.put(path, json!({"raw": raw, "fallthrough": false})).await;
    assert_eq!(written.status, 200);
    assert_eq!((&written.body["raw"], &written.body["fallthrough"]), (&json!(raw), &json!(false)));
    assert_eq!(
        written.body["schema"]["rules"][0],
        json!({
            "matcher": {"type": "path", "pattern": "src/billing/*"},
            "owners": [{"type": "team", "identifier": "platform"}, {"type": "user", "identifier": "tom@localhost"}],
        })
    );
    for (raw, why) in
        [("path:a #nobody", "#nobody"), ("path:a", "no owner"), ("colour:red #platform", "matchers")]
    {
        let refused = api.put(path, json!({"raw": raw})).await;
        assert_eq!(refused.status, 400, "{raw}");
        assert!(refused.body["raw"][0].as_str().unwrap().contains(why), "{refused:?}");
    }
    assert_eq!(api.put(path, json!({"autoAssignment": "maybe"})).await.status, 400);
    assert_eq!(api.get(path).await.body["raw"], raw);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused_with_a_detail() {
    let api = Api::start().await;
    let request = api.request(reqwest::Method::POST, "/organizations/acme/releases/").bearer_auth(&api.token);
    let answer = api.send(request.body("<html>")).await;
    assert_eq!(answer.status, 400);
    assert!(answer.detail().starts_with("JSON parse error"), "{}", answer.detail());
}

#[tokio::test]
async fn an_invited_person_is_a_member_of_the_named_teams_at_once() {
    let api = Api::start().await;
    let path = "/organizations/acme/members/";
    let body = json!({"email": "lea@shop.example", "orgRole": "admin", "teams": ["platform"]});
    let invited = api.post(path, body.clone()).await;
    assert_eq!((invited.status, &invited.body["teams"]), (201, &json!(["platform"])));
    assert_eq!(api.get("/teams/acme/platform/members/").await.body.as_array().map(Vec::len), Some(4));
    assert_eq!(api.post(path, body).await.status, 400, "nobody is invited twice");
    for wrong in [
        json!({}),
        json!({"email": "lea"}),
        json!({"email": "a@b", "orgRole": "king"}),
        json!({"email": "a@b", "teams": ["nothing"]}),
    ] {
        assert_eq!(api.post(path, wrong.clone()).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn who_changed_a_setting_is_in_the_audit_log_and_a_refused_change_is_not() {
    let api = Api::start().await;
    api.post("/organizations/acme/projects/", json!({"name": "Payments"})).await;
    api.put("/projects/acme/payments/", json!({"platform": "python"})).await;
    api.put("/projects/acme/nothing/", json!({"platform": "python"})).await;
    api.post("/organizations/acme/teams/", json!({"slug": "billing"})).await;
    api.get("/projects/acme/payments/").await;
    let log = api.get("/organizations/acme/audit-logs/").await.body;
    let events: Vec<&str> =
        log["rows"].as_array().unwrap().iter().map(|row| row["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["team.create", "project.edit", "project.create"]);
    let first = &log["rows"][2];
    assert_eq!(
        (&first["actor"]["email"], &first["data"]["slug"]),
        (&json!("owner@localhost"), &json!("payments"))
    );
    assert!(log["options"].as_array().unwrap().contains(&json!("project.remove")), "{log}");
    let edits = api.get("/organizations/acme/audit-logs/?event=project.edit").await.body;
    assert_eq!(edits["rows"].as_array().unwrap().len(), 1);
}
