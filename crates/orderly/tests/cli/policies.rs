//! What a workspace may want otherwise.

use crate::look::{reasons, results};
use crate::world::{Burst, World};
use serde_json::{Value, json};

fn configure(world: &World, sync: &str) {
    world.write("orderly.toml", &format!("{}\n[sync]\n{sync}\n", world.config()));
}

/// An issue whose item was completed, and that came back.
fn come_back() -> (World, Value) {
    let world = World::start();
    world.crashes(1);
    world.orderly(&["sync", "--apply"]).exits(0);
    let item = world.own_items().remove(0);
    world.move_item(item["id"].as_str().unwrap(), "completed");
    let issue = world.issue("is:unresolved");
    world.change_issue(&issue["id"], json!({"status": "resolved"}));
    // Sentry takes events of the first seconds for the tail of the burst that opened the issue.
    world.servers().clock().advance(jiff::SignedDuration::from_secs(10));
    world.crashes(1);
    assert_eq!(world.issue("is:unresolved")["substatus"], "regressed");
    (world, item)
}

fn state_of<'a>(items: &'a [Value], id: &Value) -> &'a Value {
    &items.iter().find(|item| item["id"] == *id).unwrap()["state"]["type"]
}

#[test]
fn a_regression_is_commented_on_by_default() {
    let (world, item) = come_back();
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(results(&report), ["updated"], "{report}");
    let items = world.items();
    assert_eq!(items.len(), 1);
    assert_eq!(state_of(&items, &item["id"]), "completed");
    assert_eq!(items[0]["comments"]["nodes"].as_array().unwrap().len(), 1);
    let again = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(again["created_or_linked"], json!([]));
    assert_eq!(world.items()[0]["comments"]["nodes"].as_array().unwrap().len(), 1);
}

#[test]
fn a_regression_reopens_its_item_where_that_is_wanted() {
    let (world, item) = come_back();
    configure(&world, "regression = \"reopen\"");
    let preview = world.orderly(&["sync", "--json"]).exits(0).json();
    assert_eq!(results(&preview), ["would_reopen"]);
    world.orderly(&["sync", "--apply", "--json"]).exits(0);
    let items = world.items();
    assert_eq!(items.len(), 1);
    assert!(!["completed", "canceled"].contains(&state_of(&items, &item["id"]).as_str().unwrap()));
    assert_eq!(items[0]["comments"]["nodes"].as_array().unwrap().len(), 1);
}

#[test]
fn a_regression_becomes_a_new_related_item_where_that_is_wanted() {
    let (world, item) = come_back();
    configure(&world, "regression = \"new-and-relate\"");
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(results(&report), ["created"], "{report}");
    let items = world.own_items();
    assert_eq!(items.len(), 2);
    assert_eq!(state_of(&items, &item["id"]), "completed");
    let next = items.iter().find(|found| found["id"] != item["id"]).unwrap();
    assert!(next["description"].as_str().unwrap().contains(" g1 k:"), "{next}");
    let query = "query($id:String!){issue(id:$id){relations{nodes{type relatedIssue{id}}}}}";
    let related = world.tracker(query, json!({"id": next["id"]}));
    assert_eq!(related["issue"]["relations"]["nodes"][0]["relatedIssue"]["id"], item["id"], "{related}");
    let again = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(again["created_or_linked"], json!([]), "the next life is filed once");
}

#[test]
fn a_stale_linked_item_gets_one_comment_where_that_is_wanted() {
    let world = World::start();
    configure(&world, "update_stale = \"1d\"");
    // Two days ago the issue was linked to an item, and nobody touched that since.
    world.servers().clock().advance(jiff::SignedDuration::from_hours(-48));
    world.crashes(1);
    let permalink = world.issue("is:unresolved")["permalink"].as_str().unwrap().to_owned();
    world.file("Somebody should look at this", &permalink);
    let linked = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(results(&linked), ["linked"]);
    world.servers().clock().reset();
    world.send(Burst {
        message: "alpha is gone",
        function: "alpha",
        kind: "KeyError",
        events: 40,
        ..Burst::default()
    });
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(results(&report), ["updated"], "{report}");
    assert_eq!(world.items()[0]["comments"]["nodes"].as_array().unwrap().len(), 1);
    let again = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(again["created_or_linked"], json!([]), "it is fresh again: {again}");
}

#[test]
fn link_only_links_and_prepares_what_it_would_create() {
    let world = World::start();
    world.crashes(2);
    let linked = world.issue("alpha");
    world.file("By hand", linked["permalink"].as_str().unwrap());
    configure(&world, "mode = \"link-only\"");
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(results(&report), ["linked"]);
    assert_eq!(report["prepared_only"][0]["issue"]["short_id"], "BACKEND-2");
    assert!(world.own_items().is_empty());
}

#[test]
fn prepare_only_writes_nothing_at_all() {
    let world = World::start();
    world.crashes(2);
    let linked = world.issue("alpha");
    world.file("By hand", linked["permalink"].as_str().unwrap());
    configure(&world, "mode = \"prepare-only\"");
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(report["created_or_linked"], json!([]));
    assert_eq!(report["prepared_only"].as_array().unwrap().len(), 2);
    assert!(world.own_items().is_empty());
    assert!(world.external_issues(&linked["id"]).is_empty());
    assert_eq!(world.asked("attachmentCreate"), 0);
}

#[test]
fn a_required_link_back_that_cannot_be_written_prevents_creation_and_says_what_to_set_up() {
    let world = World::start();
    world.crashes(1);
    let config = world.config().replace("[tracker]", "link_app = \"another-app\"\n\n[tracker]");
    world.write("orderly.toml", &config);
    let best_effort = world.orderly(&["sync", "--json"]).exits(0).json();
    assert_eq!(best_effort["created_or_linked"][0]["link_back"]["status"], "unavailable");
    assert!(best_effort["setup_gaps"].to_string().contains("another-app"), "{best_effort}");

    world.write("orderly.toml", &format!("{config}\n[sync]\nlink_back = \"required\"\n"));
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(report["created_or_linked"], json!([]));
    assert!(reasons(&report["prepared_only"])[0].contains("link"), "{report}");
    assert!(world.own_items().is_empty());
}

#[test]
fn links_back_are_not_written_when_they_are_off() {
    let world = World::start();
    world.crashes(1);
    configure(&world, "link_back = \"off\"");
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(report["created_or_linked"][0]["link_back"]["status"], "off");
    assert!(world.external_issues(&world.issue("is:unresolved")["id"]).is_empty());
}

#[test]
fn noise_other_environments_resolved_and_archived_issues_are_held_back_with_their_evidence() {
    let world = World::start();
    world.crashes(2);
    world.send(Burst { message: "once only", function: "once", events: 1, ..Burst::default() });
    world.send(Burst { message: "on my desk", function: "desk", environment: "dev", ..Burst::default() });
    world.change_issue(&world.issue("alpha")["id"], json!({"status": "resolved"}));
    world.change_issue(
        &world.issue("bravo")["id"],
        json!({"status": "ignored", "substatus": "archived_forever"}),
    );
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert_eq!(report["created_or_linked"], json!([]), "{report}");
    let told = report["skipped_by_policy"].to_string();
    assert!(told.contains("BACKEND-3") && told.contains("at least 2 are asked"), "{told}");
    assert!(!told.contains("BACKEND-4"), "another environment is not even named: {told}");
    assert!(world.items().is_empty());
}

#[test]
fn labels_priority_and_further_redactions_come_from_the_configuration() {
    let world = World::start();
    world.send(Burst { message: "customer K-4711 is gone", ..Burst::default() });
    configure(
        &world,
        "labels = [\"no-such-label\"]\nredact = [\"K-[0-9]+\"]\n\n[sync.priority]\nhigh_priority = \"urgent\"\nfor_review = \"urgent\"",
    );
    let report = world.orderly(&["sync", "--apply", "--json"]).exits(0).json();
    assert!(report["setup_gaps"].to_string().contains("no-such-label"), "{report}");
    let item = world.own_items().remove(0);
    assert_eq!(item["priority"].as_f64(), Some(1.0));
    assert!(!item.to_string().contains("K-4711"), "{item}");
}
