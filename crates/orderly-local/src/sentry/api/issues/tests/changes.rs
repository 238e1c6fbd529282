use jiff::SignedDuration;
use serde_json::{Value, json};

use super::world::{Event, World};
use crate::sentry::api::auth::Scope;

fn issue(id: &str) -> String {
    format!("/organizations/acme/issues/{id}/")
}

/// Kinds of an issue's history, oldest first.
async fn history(world: &World, id: &str) -> Vec<String> {
    let shown = world.get(&format!("/organizations/acme/issues/{id}/activities/")).await.ok();
    let kinds = shown["activity"].as_array().unwrap().iter().rev();
    kinds.map(|activity| activity["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_issue_goes_through_every_state_a_person_can_give_it() {
    let world = World::start().await;
    world.send(Event::error("cart").with("release", "shop@1.0.0")).await;
    let id = world.id("cart").await;
    let steps: Vec<(Value, &str, Value)> = vec![
        (json!({"status": "resolved"}), "resolved/", json!({})),
        (json!({"status": "unresolved"}), "unresolved/regressed", json!({})),
        (
            json!({"status": "ignored", "substatus": "archived_until_escalating"}),
            "ignored/archived_until_escalating",
            json!({"ignoreUntilEscalating": true}),
        ),
        (json!({"status": "unresolved"}), "unresolved/new", json!({})),
        (
            json!({"status": "ignored", "statusDetails": {"ignoreCount": 100, "ignoreWindow": 60}, "substatus": "archived_until_condition_met"}),
            "ignored/archived_until_condition_met",
            json!({"ignoreCount": 100, "ignoreWindow": 60, "ignoreUntil": null}),
        ),
        (
            json!({"status": "ignored", "substatus": "archived_until_condition_met", "ignoreDuration": 60}),
            "ignored/archived_until_condition_met",
            json!({"ignoreCount": null}),
        ),
        (json!({"status": "muted", "snoozeDuration": null}), "ignored/archived_forever", json!({})),
        (json!({"status": "unresolved", "substatus": "ongoing"}), "unresolved/ongoing", json!({})),
        (json!({"status": "resolvedInNextRelease"}), "resolved/", json!({"inNextRelease": true})),
        (
            json!({"status": "resolved", "statusDetails": {"inRelease": "shop@1.0.0"}}),
            "resolved/",
            json!({"inRelease": "shop@1.0.0"}),
        ),
        (
            json!({"status": "resolved", "statusDetails": {"inRelease": "latest"}}),
            "resolved/",
            json!({"inRelease": "shop@1.0.0"}),
        ),
    ];
    for (body, state, details) in steps {
        let answer = world.put(&issue(&id), body.clone()).await.ok();
        assert_eq!(world.state("cart").await, state, "{body}");
        for (key, value) in details.as_object().unwrap() {
            assert_eq!(&answer["statusDetails"][key], value, "{body}: {key}");
        }
        if details.as_object().unwrap().is_empty() {
            assert_eq!(answer["statusDetails"], json!({}), "{body}");
        }
        assert_eq!(answer["inbox"], Value::Null, "{body}");
        assert!(answer["activity"].is_array());
    }
    let done = world.get(&issue(&id)).await.ok();
    assert_eq!(done["statusDetails"]["actor"]["email"], "owner@localhost");
    assert_eq!(
        history(&world, &id).await,
        [
            "set_resolved",
            "set_unresolved",
            "set_ignored",
            "set_unresolved",
            "set_ignored",
            "set_ignored",
            "set_ignored",
            "set_unresolved",
            "set_resolved_in_release",
            "set_resolved_in_release",
            "set_resolved_in_release",
        ]
    );
    world.stop().await;
}

#[tokio::test]
async fn an_event_of_a_later_release_brings_an_issue_back_that_was_resolved_in_the_next_one() {
    let world = World::start().await;
    world.send(Event::error("cart").with("release", "shop@1.0.0").at(world.ago(1))).await;
    let id = world.id("cart").await;
    world
        .put(&issue(&id), json!({"status": "resolved", "statusDetails": {"inNextRelease": true}}))
        .await
        .ok();
    world.pass(SignedDuration::from_mins(10));
    world.send(Event::error("cart").with("release", "shop@1.0.0")).await;
    assert_eq!(world.state("cart").await, "resolved/");
    world.send(Event::error("cart").with("release", "shop@1.1.0")).await;
    assert_eq!(world.state("cart").await, "unresolved/regressed");
    let detail = world.get(&issue(&id)).await.ok();
    assert_eq!((&detail["inbox"]["reason"], &detail["statusDetails"]), (&json!(2), &json!({})));
    let periods = detail["openPeriods"].as_array().unwrap();
    assert_eq!(
        (periods.len(), &periods[0]["isOpen"], &periods[1]["isOpen"]),
        (2, &json!(true), &json!(false))
    );
    world.stop().await;
}

#[tokio::test]
async fn what_an_update_names_must_exist_and_nothing_changes_otherwise() {
    let world = World::start().await;
    world.send(Event::error("cart")).await;
    let id = world.id("cart").await;
    for body in [
        json!({"status": "resolved", "statusDetails": {"inNextRelease": true}}),
        json!({"status": "resolved", "statusDetails": {"inRelease": "shop@9"}}),
        json!({"status": "resolved", "statusDetails": {"inRelease": "latest"}}),
        json!({"status": "resolved", "statusDetails": {"inCommit": {"commit": "abc", "repository": "shop"}}}),
        json!({"status": "resolved", "assignedTo": "user:99"}),
        json!({"status": "resolved", "assignedTo": "nobody@example.com"}),
        json!({"status": "resolved", "assignedTo": "team:99"}),
        json!({"status": "resolved", "priority": "urgent"}),
        json!({"merge": 1}),
    ] {
        world.put(&issue(&id), body.clone()).await.refused(400);
        assert_eq!(world.state("cart").await, "unresolved/new", "{body}");
    }
    assert_eq!(history(&world, &id).await, Vec::<String>::new());
    world.stop().await;
}

#[tokio::test]
async fn an_issue_resolved_in_a_commit_waits_for_the_release_that_carries_it() {
    let world = World::start().await;
    world.send(Event::error("cart").with("release", "shop@1.0.0")).await;
    let commits = json!([{"id": "abc123", "repository": "shop/web", "message": "repair", "author_email": "owner@localhost"}]);
    let release = json!({"version": "shop@1.1.0", "projects": ["backend"], "commits": commits});
    world.post("/organizations/acme/releases/", release).await.ok();
    let id = world.id("cart").await;
    let target = json!({"commit": "abc123", "repository": "shop/web"});
    let shown = world
        .put(&issue(&id), json!({"status": "resolved", "statusDetails": {"inCommit": target}}))
        .await
        .ok();
    assert_eq!(shown["statusDetails"]["inCommit"]["commit"], "abc123");
    assert_eq!(history(&world, &id).await, ["set_resolved_in_commit"]);
    world.stop().await;
}

#[tokio::test]
async fn assignee_priority_and_marks_are_kept_and_recorded() {
    let world = World::start().await;
    world.send(Event::error("cart")).await;
    let id = world.id("cart").await;
    let change = async |body: Value| world.put(&issue(&id), body).await.ok();
    let shown = change(json!({"assignedTo": "owner@localhost"})).await;
    assert_eq!(
        shown["assignedTo"],
        json!({"type": "user", "id": "1", "name": "Owner", "email": "owner@localhost"})
    );
    let shown = change(json!({"assignedTo": "team:1"})).await;
    assert_eq!(shown["assignedTo"], json!({"type": "team", "id": "1", "name": "platform"}));
    assert_eq!(change(json!({"assignedTo": ""})).await["assignedTo"], Value::Null);
    let shown = change(json!({"priority": "low"})).await;
    assert_eq!(shown["priority"], "low");
    assert!(shown["priorityLockedAt"].as_str().unwrap().ends_with('Z'));
    let shown =
        change(json!({"isBookmarked": true, "isSubscribed": true, "hasSeen": true, "isPublic": true})).await;
    for key in ["isBookmarked", "isSubscribed", "hasSeen", "isPublic"] {
        assert_eq!(shown[key], true, "{key}");
    }
    assert!(shown["shareId"].is_string());
    assert_eq!(world.found("bookmarks:me").await, ["cart"]);
    let shown =
        change(json!({"isBookmarked": false, "hasSeen": false, "isPublic": false, "inbox": false})).await;
    assert_eq!(
        (&shown["isBookmarked"], &shown["hasSeen"], &shown["shareId"]),
        (&json!(false), &json!(false), &Value::Null)
    );
    assert_eq!(shown["inbox"], Value::Null);
    assert_eq!(change(json!({"inbox": true})).await["inbox"]["reason"], 3);
    assert_eq!(
        history(&world, &id).await,
        ["assigned", "assigned", "unassigned", "set_priority", "set_public", "mark_reviewed", "set_private"]
    );
    world.stop().await;
}

#[tokio::test]
async fn a_priority_set_by_hand_stays_when_the_issue_escalates() {
    let world = World::start().await;
    world.send(Event::error("cart")).await;
    let id = world.id("cart").await;
    world.put(&issue(&id), json!({"priority": "low"})).await.ok();
    world.put(&issue(&id), json!({"status": "ignored", "substatus": "archived_until_escalating"})).await.ok();
    world.pass(SignedDuration::from_hours(2));
    for _ in 0..40 {
        world.send(Event::error("cart")).await;
    }
    assert_eq!(world.state("cart").await, "unresolved/escalating");
    assert_eq!(world.issue("cart").await["priority"], "low");
    world.stop().await;
}

#[tokio::test]
async fn many_issues_are_changed_by_id_query_or_status() {
    let world = World::start().await;
    for module in ["one", "two", "three"] {
        world.send(Event::error(module)).await;
    }
    let (one, two) = (world.id("one").await, world.id("two").await);
    let bulk = format!("/organizations/acme/issues/?id={one}&id={two}");
    let changed = world.put(&bulk, json!({"status": "resolved", "assignedTo": "owner"})).await.ok();
    assert_eq!((&changed["status"], &changed["assignedTo"]["type"]), (&json!("resolved"), &json!("user")));
    assert!(changed.get("title").is_none());
    assert_eq!(world.found("is:resolved").await.len(), 2);

    let nothing = world.put("/organizations/acme/issues/?id=99999", json!({"status": "resolved"})).await;
    assert_eq!((nothing.status, nothing.body), (204, json!("")));
    world.put("/organizations/acme/issues/?query=bad%20three", json!({"status": "ignored"})).await.ok();
    assert_eq!(world.state("three").await, "ignored/archived_forever");

    let legacy = "/projects/acme/backend/issues/";
    world
        .put(&format!("{legacy}?status=resolved"), json!({"status": "unresolved", "snoozeDuration": null}))
        .await
        .ok();
    assert_eq!(world.found("is:regressed").await.len(), 2);
    world.put(legacy, json!({"status": "muted", "snoozeDuration": null})).await.ok();
    assert_eq!(world.found("is:ignored").await.len(), 3);
    let elsewhere =
        world.put(&format!("/projects/acme/frontend/issues/?id={one}"), json!({"status": "resolved"})).await;
    assert_eq!(elsewhere.status, 204);
    world.stop().await;
}

#[tokio::test]
async fn a_release_cannot_be_named_for_issues_of_several_projects() {
    let world = World::start().await;
    world.send_to(0, Event::error("back").with("release", "1.0.0")).await;
    world.send_to(1, Event::error("front").with("release", "1.0.0")).await;
    let path =
        format!("/organizations/acme/issues/?id={}&id={}", world.id("back").await, world.id("front").await);
    world.put(&path, json!({"status": "resolvedInNextRelease"})).await.refused(400);
    assert_eq!(world.found("is:resolved").await, Vec::<String>::new());
    world.put(&path, json!({"status": "resolved"})).await.ok();
    world.put(&path, json!({"merge": 1})).await.refused(400);
    world.stop().await;
}

#[tokio::test]
async fn merged_issues_are_one_and_the_others_names_lead_to_it() {
    let world = World::start().await;
    let user = |id: &str| json!({"id": id});
    for id in ["1", "2"] {
        world
            .send(
                Event::error("big")
                    .with("user", user(id))
                    .with("tags", json!({"region": "eu"}))
                    .at(world.ago(5)),
            )
            .await;
    }
    world
        .send(
            Event::error("small")
                .with("user", user("2"))
                .with("tags", json!({"region": "eu"}))
                .at(world.ago(50)),
        )
        .await;
    let (big, small) = (world.id("big").await, world.id("small").await);
    let short = world.issue("small").await["shortId"].as_str().unwrap().to_owned();
    world.post(&format!("/organizations/acme/issues/{small}/notes/"), json!({"text": "see big"})).await.ok();
    let merged = world
        .put(&format!("/organizations/acme/issues/?id={small}&id={big}"), json!({"merge": 1}))
        .await
        .ok();
    assert_eq!(merged, json!({"merge": {"parent": big, "children": [small]}}));

    let whole = world.get(&issue(&big)).await.ok();
    assert_eq!(
        (&whole["count"], &whole["userCount"], &whole["numComments"]),
        (&json!("3"), &json!(2), &json!(1))
    );
    let first: jiff::Timestamp = whole["firstSeen"].as_str().unwrap().parse().unwrap();
    assert!(first < world.ago(49), "{first}");
    let region = whole["tags"].as_array().unwrap().iter().find(|tag| tag["key"] == "region").unwrap();
    assert_eq!(region["totalValues"], 3);
    for name in [&small, &short] {
        assert_eq!(world.get(&issue(name)).await.ok()["id"], *big, "{name}");
    }
    assert_eq!(world.get(&format!("/organizations/acme/shortids/{short}/")).await.ok()["groupId"], *big);
    let events = world.get(&format!("/organizations/acme/issues/{big}/events/")).await.ok();
    assert_eq!(events.as_array().unwrap().len(), 3);
    assert_eq!(world.found("stack.module:shop.small").await, ["big"]);

    world.send(Event::error("small")).await;
    assert_eq!(world.get(&issue(&big)).await.ok()["count"], "4");
    assert_eq!(history(&world, &big).await, ["note", "merge"]);
    world.stop().await;
}

#[tokio::test]
async fn discarded_issues_take_their_future_events_with_them_and_deleted_ones_start_anew() {
    let world = World::start().await;
    world.send(Event::error("noise")).await;
    world.send(Event::error("cart")).await;
    let (noise, cart) = (world.id("noise").await, world.id("cart").await);
    let discarded =
        world.put(&format!("/organizations/acme/issues/?id={noise}"), json!({"discard": true})).await;
    assert_eq!(discarded.status, 204);
    assert_eq!(world.delete(&issue(&cart)).await.status, 202);
    assert_eq!(world.found("").await, Vec::<String>::new());
    world.send(Event::error("noise")).await;
    world.send(Event::error("cart")).await;
    assert_eq!(world.found("").await, ["cart"]);
    let again = world.id("cart").await;
    assert_eq!(world.issue("cart").await["shortId"], "BACKEND-3");
    assert_eq!(world.delete(&format!("/organizations/acme/issues/?id={again}")).await.status, 204);
    assert_eq!(world.found("").await, Vec::<String>::new());
    world.stop().await;
}

#[tokio::test]
async fn each_power_needs_its_scope() {
    let mut world = World::start().await;
    world.send(Event::error("cart")).await;
    let id = world.id("cart").await;
    let resolve = json!({"status": "resolved"});
    world.only(&[Scope::OrgRead]).await;
    world.get("/organizations/acme/issues/").await.refused(403);
    world.get(&issue(&id)).await.refused(403);
    world.only(&[Scope::EventRead]).await;
    world.get(&issue(&id)).await.ok();
    world.put(&issue(&id), resolve.clone()).await.refused(403);
    world.post(&format!("/organizations/acme/issues/{id}/notes/"), json!({"text": "x"})).await.refused(403);
    world.only(&[Scope::EventWrite]).await;
    world.put(&issue(&id), resolve).await.ok();
    world.delete(&issue(&id)).await.refused(403);
    world.put(&issue(&id), json!({"discard": true})).await.refused(403);
    world.only(&[Scope::EventAdmin]).await;
    assert_eq!(world.delete(&issue(&id)).await.status, 202);
    world.stop().await;
}
