use jiff::Timestamp;
use serde_json::{Value, json};

use super::world::{Event, World};

/// The keys that the official description of the API requires of an issue in a list.
const REQUIRED: &[&str] = &[
    "annotations",
    "assignedTo",
    "count",
    "culprit",
    "derivedData",
    "filtered",
    "firstSeen",
    "hasSeen",
    "id",
    "inbox",
    "integrationIssues",
    "isBookmarked",
    "isPublic",
    "isSubscribed",
    "isUnhandled",
    "issueCategory",
    "issueType",
    "lastSeen",
    "latestEventHasAttachments",
    "level",
    "lifetime",
    "logger",
    "matchingEventEnvironment",
    "matchingEventId",
    "metadata",
    "numComments",
    "owners",
    "permalink",
    "platform",
    "priority",
    "priorityLockedAt",
    "project",
    "seerAutofixLastTriggered",
    "seerExplorerAutofixLastTriggered",
    "seerFixabilityScore",
    "sentryAppIssues",
    "sessionCount",
    "shareId",
    "shortId",
    "stats",
    "status",
    "statusDetails",
    "subscriptionDetails",
    "substatus",
    "title",
    "type",
    "userCount",
];

#[tokio::test]
async fn an_issue_in_a_list_has_every_required_key_and_times_that_end_in_z() {
    let world = World::start().await;
    world.send(Event::error("cart").with("user", json!({"id": "1"}))).await;
    let issue = world.issue("cart").await;
    for key in REQUIRED {
        assert!(issue.get(key).is_some(), "{key}");
    }
    let id = issue["id"].as_str().unwrap();
    assert_eq!(issue["count"], "1");
    assert_eq!(issue["userCount"], 1);
    assert_eq!(issue["shortId"], "BACKEND-1");
    assert_eq!(
        issue["permalink"],
        format!("{}/organizations/acme/issues/{id}/", world.servers.ready().sentry.url)
    );
    assert_eq!(issue["project"]["slug"], "backend");
    assert_eq!(issue["culprit"], "shop.cart in run_cart");
    assert_eq!(
        (&issue["status"], &issue["substatus"], &issue["priority"], &issue["inbox"]["reason"]),
        (&json!("unresolved"), &json!("new"), &json!("high"), &json!(0))
    );
    assert_times(&issue);
    world.stop().await;
}

#[tokio::test]
async fn a_detail_adds_history_people_releases_tags_and_both_series() {
    let world = World::start().await;
    world.send(Event::error("cart").with("release", "shop@1.0.0").at(world.ago(3))).await;
    world
        .send(Event::error("cart").with("release", "shop@1.1.0").with("tags", json!({"region": "eu"})))
        .await;
    let id = world.id("cart").await;
    world
        .put(&format!("/organizations/acme/issues/{id}/"), json!({"hasSeen": true, "isSubscribed": true}))
        .await
        .ok();
    let detail = world.get(&format!("/organizations/acme/issues/{id}/")).await.ok();
    for key in REQUIRED {
        assert!(detail.get(key).is_some(), "{key}");
    }
    assert_eq!(detail["firstRelease"]["version"], "shop@1.0.0");
    assert_eq!(detail["lastRelease"]["version"], "shop@1.1.0");
    assert_eq!(detail["stats"]["24h"].as_array().unwrap().len(), 24);
    assert_eq!(detail["stats"]["30d"].as_array().unwrap().len(), 30);
    assert_eq!(detail["activity"].as_array().unwrap().last().unwrap()["type"], "first_seen");
    assert_eq!(detail["seenBy"][0]["email"], "owner@localhost");
    assert_eq!(detail["participants"][0]["email"], "owner@localhost");
    assert_eq!((&detail["hasSeen"], &detail["isSubscribed"]), (&json!(true), &json!(true)));
    assert_eq!(detail["userReportCount"], 0);
    assert_eq!(detail["openPeriods"][0]["isOpen"], true);
    assert_eq!(detail["count"], "2");
    let tags = detail["tags"].as_array().unwrap();
    let region = tags.iter().find(|tag| tag["key"] == "region").unwrap();
    assert_eq!((&region["totalValues"], &region["uniqueValues"]), (&json!(1), &json!(1)));
    assert_times(&detail);

    let short = world
        .get("/organizations/acme/issues/BACKEND-1/?collapse=stats&collapse=tags&collapse=release")
        .await
        .ok();
    assert_eq!(short["id"], *id);
    assert!(
        short.get("stats").is_none() && short.get("tags").is_none() && short.get("firstRelease").is_none()
    );
    assert_eq!(world.get(&format!("/issues/{id}/")).await.ok()["id"], *id);
    for name in ["999999", "BACKEND-ZZ", "nothing"] {
        world.get(&format!("/organizations/acme/issues/{name}/")).await.refused(404);
    }
    world.get(&format!("/organizations/other/issues/{id}/")).await.refused(404);
    world.stop().await;
}

/// Every text in the document that is a time is one in UTC, written with a `Z`.
fn assert_times(value: &Value) {
    match value {
        Value::String(text) if text.len() > 18 && text.parse::<Timestamp>().is_ok() => {
            assert!(text.ends_with('Z'), "{text}");
        }
        Value::Array(items) => items.iter().for_each(assert_times),
        Value::Object(fields) => fields.values().for_each(assert_times),
        _ => {}
    }
}
