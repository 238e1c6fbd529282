use serde_json::{Value, json};

use super::world::{Event, World};

async fn one_issue() -> (World, String) {
    let world = World::start().await;
    for region in ["eu", "eu", "us"] {
        world.send(Event::error("cart").with("tags", json!({"region": region}))).await;
    }
    let id = world.id("cart").await;
    (world, id)
}

#[tokio::test]
async fn tag_values_are_counted_and_can_be_searched_by_their_query() {
    let (world, id) = one_issue().await;
    let path = format!("/organizations/acme/issues/{id}/tags/region/");
    let tag = world.get(&path).await.ok();
    assert_eq!(
        (&tag["key"], &tag["uniqueValues"], &tag["totalValues"]),
        (&json!("region"), &json!(2), &json!(3))
    );
    assert_eq!((&tag["topValues"][0]["value"], &tag["topValues"][0]["count"]), (&json!("eu"), &json!(2)));
    assert_eq!(world.found(tag["topValues"][0]["query"].as_str().unwrap()).await, ["cart"]);
    let values = async |sort: &str| {
        let shown = world.get(&format!("{path}values/?sort={sort}")).await.ok();
        let values =
            shown.as_array().unwrap().iter().map(|value| value["value"].as_str().unwrap().to_owned());
        values.collect::<Vec<_>>()
    };
    assert_eq!(values("-count").await, ["eu", "us"]);
    assert_eq!(values("date").await, ["us", "eu"]);
    assert_eq!(values("value").await, ["eu", "us"]);
    world.get(&format!("{path}values/?sort=colour")).await.refused(400);
    world.get(&format!("/organizations/acme/issues/{id}/tags/nothing/")).await.refused(404);
    let all = world.get("/organizations/acme/issues/BACKEND-1/tags/").await.ok();
    assert!(all.as_array().unwrap().iter().any(|tag| tag["key"] == "region"));
    world.stop().await;
}

#[tokio::test]
async fn notes_are_written_changed_and_removed_and_counted() {
    let (world, id) = one_issue().await;
    let path = "/organizations/acme/issues/BACKEND-1/notes/";
    let created = world.post(path, json!({"text": " looks like the price feed "})).await;
    assert_eq!(created.status, 201);
    let note = created.ok();
    assert_eq!((&note["type"], &note["data"]["text"]), (&json!("note"), &json!("looks like the price feed")));
    assert_eq!(note["user"]["email"], "owner@localhost");
    let one = format!("{path}{}/", note["id"].as_str().unwrap());
    assert_eq!(world.put(&one, json!({"text": "it is"})).await.ok()["data"]["text"], "it is");
    let listed = world.get(&format!("{path}?per_page=25")).await.ok();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(world.issue("cart").await["numComments"], 1);
    world.post(path, json!({"text": "  "})).await.refused(400);
    world.post(path, json!({})).await.refused(400);
    assert_eq!(world.delete(&one).await.status, 204);
    world.delete(&one).await.refused(404);
    assert_eq!(world.issue("cart").await["numComments"], 0);
    world.get(&format!("/organizations/acme/issues/{id}0/notes/")).await.refused(404);
    world.stop().await;
}

async fn installation(world: &World) -> String {
    let all = world.get("/organizations/acme/sentry-app-installations/").await.ok();
    all[0]["uuid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_app_links_an_issue_once_and_the_link_shows_everywhere() {
    let (mut world, id) = one_issue().await;
    let path = format!("/sentry-app-installations/{}/external-issues/", installation(&world).await);
    let number: i64 = id.parse().unwrap();
    let link = |identifier: &str| json!({"issueId": number, "webUrl": format!("https://linear.app/acme/issue/{identifier}"), "project": "PLAT", "identifier": identifier});
    let made = world.post(&path, link("<7>")).await.ok();
    assert_eq!(
        made,
        json!({"id": made["id"], "issueId": id, "serviceType": "orderly", "displayName": "PLAT#&lt;7&gt;",
               "webUrl": "https://linear.app/acme/issue/<7>"})
    );
    let again = world.post(&path, link("8")).await.ok();
    assert_eq!((&again["id"], &again["displayName"]), (&made["id"], &json!("PLAT#8")));

    let listed = world.get("/organizations/acme/issues/BACKEND-1/external-issues/").await.ok();
    assert_eq!(listed, json!([again]));
    let issue = world.issue("cart").await;
    assert_eq!(
        issue["annotations"],
        json!([{"displayName": "PLAT#8", "url": "https://linear.app/acme/issue/8"}])
    );
    assert_eq!(issue["sentryAppIssues"], json!([again]));
    assert_eq!(world.found("is:linked").await, ["cart"]);
    assert_eq!(world.found("is:unlinked").await, Vec::<String>::new());

    for body in [
        json!({}),
        json!({"issueId": number, "webUrl": "javascript:alert(1)", "project": "PLAT", "identifier": "1"}),
        json!({"issueId": number, "webUrl": "https://x.example", "project": "", "identifier": "1"}),
        json!({"issueId": [], "webUrl": "https://x.example", "project": "P", "identifier": "1"}),
    ] {
        world.post(&path, body).await.refused(400);
    }
    let unknown =
        json!({"issueId": 999_999, "webUrl": "https://x.example", "project": "P", "identifier": "1"});
    world.post(&path, unknown).await.refused(404);
    world.post("/sentry-app-installations/nowhere/external-issues/", link("9")).await.refused(404);

    world.as_app().await;
    world.post(&path, link("10")).await.ok();
    assert_eq!(world.delete(&format!("{path}{}/", made["id"].as_str().unwrap())).await.status, 204);
    world.delete(&format!("{path}{}/", made["id"].as_str().unwrap())).await.refused(404);
    assert_eq!(world.issue("cart").await["annotations"], json!([]));
    world.stop().await;
}

#[tokio::test]
async fn a_short_id_is_looked_up_with_its_counts_whatever_is_collapsed() {
    let (world, id) = one_issue().await;
    let path = "/organizations/acme/shortids/backend-1/?collapse=stats&collapse=lifetime&collapse=filtered&collapse=unhandled";
    let found = world.get(path).await.ok();
    assert_eq!(
        (&found["organizationSlug"], &found["projectSlug"], &found["groupId"], &found["shortId"]),
        (&json!("acme"), &json!("backend"), &json!(id), &json!("BACKEND-1"))
    );
    assert_eq!((&found["group"]["id"], &found["group"]["count"]), (&json!(id), &json!("3")));
    world.get("/organizations/acme/shortids/BACKEND-2/").await.refused(404);
    world.get("/organizations/acme/shortids/nonsense/").await.refused(404);
    world.stop().await;
}

#[tokio::test]
async fn user_reports_of_an_issue_are_listed() {
    let world = World::start().await;
    let event = world.send(Event::error("cart")).await;
    let id = world.id("cart").await;
    sqlx::query(
        "INSERT INTO user_report (project_id, issue_id, event_id, name, email, comments, created_at)
         VALUES (1, $1, $2, 'Ada', 'ada@example.com', 'it broke', 0)",
    )
    .bind(id.parse::<i64>().unwrap())
    .bind(&event)
    .execute(world.servers.pool())
    .await
    .unwrap();
    let reports = world.get(&format!("/organizations/acme/issues/{id}/user-reports/?per_page=10")).await.ok();
    assert_eq!((&reports[0]["comments"], &reports[0]["eventID"]), (&json!("it broke"), &json!(event)));
    let shown = world.get(&format!("/organizations/acme/issues/{id}/events/latest/")).await.ok();
    assert_eq!(shown["userReport"]["name"], "Ada");
    assert_eq!(world.get(&format!("/organizations/acme/issues/{id}/")).await.ok()["userReportCount"], 1);
    world.stop().await;
}

#[tokio::test]
async fn several_queries_are_counted_at_once() {
    let (world, _) = one_issue().await;
    world.send(Event::error("pay").with("level", "fatal")).await;
    let path =
        "/organizations/acme/issues-count/?query=is%3Aunresolved&query=level%3Afatal&query=is%3Aresolved";
    let counts = world.get(path).await.ok();
    assert_eq!(counts, json!({"is:unresolved": 2, "level:fatal": 1, "is:resolved": 0}));
    world.get("/organizations/acme/issues-count/?query=is%3Aodd").await.refused(400);
    world.stop().await;
}

#[tokio::test]
async fn the_history_names_who_did_what() {
    let (mut world, id) = one_issue().await;
    world.put(&format!("/organizations/acme/issues/{id}/"), json!({"status": "resolved"})).await.ok();
    world.as_app().await;
    world.put(&format!("/organizations/acme/issues/{id}/"), json!({"status": "unresolved"})).await.ok();
    let shown = world.get(&format!("/organizations/acme/issues/{id}/activities/")).await.ok();
    let activities = shown["activity"].as_array().unwrap();
    assert_eq!(activities[0]["sentry_app"]["slug"], "orderly");
    assert_eq!(activities[0]["user"], Value::Null);
    assert_eq!(activities[1]["user"]["email"], "owner@localhost");
    world.stop().await;
}
