//! Looking for issues in the embedded tracker: everything that could be there is found, in few requests.

use crate::support::World;
use crate::tracker::{order, proof, saw, team};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{ItemId, SentrySite};
use orderly_core::sync::snapshot::{Look, Presence, TrackedItem};
use orderly_engine::ports::tracker::{
    CreateReply, FoundItems, TitleWanted, TrackerCreate, TrackerRead, Wanted,
};
use orderly_local::knobs::{Effect, Fault, Match};
use reqwest::StatusCode;
use serde_json::{Value, json};

pub fn wanted(issue: u64) -> Wanted {
    let site =
        SentrySite { base_url: "https://sentry.io".into(), org: orderly_core::ids::OrgSlug::new("acme") };
    Wanted {
        short_id: format!("BACKEND-{issue}"),
        permalinks: site.spellings(orderly_core::ids::IssueId(issue)),
        permalink_tail: format!("/issues/{issue}"),
        title: Some(TitleWanted { fingerprint: "0123456789ab".into(), needle: "no such cart".into() }),
        stack: Some("ba9876543210".into()),
        culprit: Some("shop.cart.pay".into()),
        own: vec![ItemId(uuid::Uuid::from_u128(u128::from(issue)))],
        linked_urls: Vec::new(),
    }
}

async fn file(world: &World, input: Value) -> (String, String, String) {
    let facts = saw(world.tracker().facts(&team(), &[]).await);
    let mut input = input;
    input["teamId"] = json!(facts.team_id);
    let made = world
        .graphql("mutation($input: IssueCreateInput!) { issueCreate(input: $input) { issue { id identifier url } } }", json!({"input": input}))
        .await;
    let text = |field: &str| made["issueCreate"]["issue"][field].as_str().expect("made").to_owned();
    (text("id"), text("identifier"), text("url"))
}

fn keys(look: &Look<TrackedItem>) -> Vec<&str> {
    match &look.answer {
        Looked::Saw(items) => items.iter().map(|item| item.key.as_str()).collect(),
        Looked::CouldNotLook(cause) => panic!("could not look: {cause}"),
    }
}

async fn find_one(world: &World, wanted: Wanted) -> FoundItems {
    world.tracker().find(&team(), &[wanted]).await.remove(0)
}

#[tokio::test]
async fn an_empty_backlog_holds_none_of_twenty_issues_and_says_so_in_two_requests() {
    let world = World::start().await;
    let tracker = world.tracker();
    let wanted: Vec<Wanted> = (1..=20).map(wanted).collect();
    let found = tracker.find(&team(), &wanted).await;
    assert_eq!(found.len(), 20);
    for found in &found {
        for look in
            [&found.short_id, &found.permalink, &found.title, &found.stack, &found.culprit, &found.own]
        {
            assert_eq!(look.answer, Looked::Saw(vec![]));
            assert_eq!(look.requests.len(), 1);
        }
    }
    assert_eq!(found[0].short_id.requests[0].what, "POST /graphql tracked(c0..c9)");
    assert_eq!(found[19].short_id.requests[0].what, "POST /graphql tracked(c10..c19)");
    assert_eq!(world.servers.tracker_knobs().request_count(), 2);
    assert_eq!(world.servers.tracker().dropped_fields().len(), 0, "the tracker knows every field we ask for");
    world.stop().await;
}

#[tokio::test]
async fn each_trace_of_an_issue_is_found_in_any_state_of_the_item() {
    let world = World::start().await;
    let (_, by_title, _) = file(&world, json!({"title": "BACKEND-7 crashes"})).await;
    let (text_id, by_text, _) = file(
        &world,
        json!({"title": "Crash", "description": "see [it](https://acme.sentry.io/issues/7/?project=1)"}),
    )
    .await;
    let (attached_id, by_url, _) = file(&world, json!({"title": "Another"})).await;
    let attach = "mutation($id: String!, $url: String!) { attachmentCreate(input: { issueId: $id, url: $url, title: \"t\" }) { success } }";
    world
        .graphql(
            attach,
            json!({"id": attached_id, "url": "https://us.sentry.io/organizations/acme/issues/7/events/1/"}),
        )
        .await;
    let (commented_id, by_comment, _) = file(&world, json!({"title": "Third"})).await;
    let comment = "mutation($id: String!) { commentCreate(input: { issueId: $id, body: \"same as backend-7\" }) { success } }";
    world.graphql(comment, json!({"id": commented_id})).await;
    let (_, other, _) = file(
        &world,
        json!({"title": "BACKEND-70 is another", "description": "https://acme.sentry.io/issues/71/"}),
    )
    .await;
    world
        .graphql("mutation($id: String!) { issueArchive(id: $id) { success } }", json!({"id": text_id}))
        .await;
    world
        .graphql("mutation($id: String!) { issueDelete(id: $id) { success } }", json!({"id": attached_id}))
        .await;

    let found = find_one(&world, wanted(7)).await;
    // BACKEND-70 comes too, with its texts: the core sees that it names another issue.
    assert_eq!(keys(&found.short_id), [&by_title, &by_comment, &other]);
    assert_eq!(keys(&found.permalink), [&by_text, &by_url, &other]);
    let presence: Vec<Presence> =
        found.permalink.answer.saw().expect("seen").iter().map(|item| item.presence).collect();
    assert_eq!(presence, [Presence::Archived, Presence::Trashed, Presence::Live]);
    world.stop().await;
}

#[tokio::test]
async fn our_own_items_are_found_by_id_signature_and_attachment() {
    let world = World::start().await;
    let tracker = world.tracker();
    let facts = saw(tracker.facts(&team(), &[]).await);
    let order = order(7, &facts);
    let CreateReply::Created(item) = tracker.create(&order, &proof(&order.key)).await else {
        panic!("created")
    };
    let found = find_one(&world, Wanted { own: vec![order.item], ..wanted(7) }).await;
    for look in [&found.own, &found.short_id, &found.title, &found.stack] {
        assert_eq!(keys(look), [item.key.as_str()]);
    }
    // The same problem in another issue: its signatures are found, its hard keys are not there.
    let twin = find_one(&world, wanted(8)).await;
    assert_eq!((keys(&twin.title), keys(&twin.stack)), (vec![item.key.as_str()], vec![item.key.as_str()]));
    assert_eq!((keys(&twin.short_id), keys(&twin.permalink), keys(&twin.own)), (vec![], vec![], vec![]));
    world.stop().await;
}

#[tokio::test]
async fn titles_are_found_in_any_state_and_culprits_only_where_work_is_open() {
    let world = World::start().await;
    let (_, open, _) =
        file(&world, json!({"title": "Fix: No Such Cart", "description": "in shop.cart.pay"})).await;
    let (done_id, done, _) =
        file(&world, json!({"title": "ValueError: no such cart in shop.cart.pay"})).await;
    let states = world
        .graphql("{ workflowStates(filter: { type: { eq: \"completed\" } }) { nodes { id } } }", json!({}))
        .await;
    let state = states["workflowStates"]["nodes"][0]["id"].clone();
    world
        .graphql("mutation($id: String!, $s: String!) { issueUpdate(id: $id, input: { stateId: $s }) { success } }", json!({"id": done_id, "s": state}))
        .await;
    let found = find_one(&world, wanted(7)).await;
    assert_eq!(keys(&found.title), [&open, &done]);
    assert_eq!(keys(&found.culprit), [&open]);
    let completed = &found.title.answer.saw().expect("seen")[1];
    assert!(completed.completed_at.is_some(), "{completed:?}");
    world.stop().await;
}

#[tokio::test]
async fn a_link_in_sentry_leads_to_its_item_and_a_merged_item_to_its_original() {
    let world = World::start().await;
    let (duplicate_id, duplicate, url) = file(&world, json!({"title": "One"})).await;
    let (original_id, original, _) = file(&world, json!({"title": "Two"})).await;
    let relate = "mutation($a: String!, $b: String!) { issueRelationCreate(input: { issueId: $a, relatedIssueId: $b, type: duplicate }) { success } }";
    world.graphql(relate, json!({"a": duplicate_id, "b": original_id})).await;
    let elsewhere =
        ["https://github.com/acme/api/issues/5".to_owned(), format!("{}x", url.replace("/acme/", "/other/"))];
    let mut linked_urls = vec![url.clone()];
    linked_urls.extend(elsewhere.clone());
    let found = find_one(&world, Wanted { linked_urls, ..wanted(7) }).await;
    let leads_to =
        |url: &str| found.linked.iter().find(|(u, _)| u == url).and_then(|(_, item)| item.as_ref());
    let item = leads_to(&url).expect("it leads to an item");
    assert_eq!(item.key.as_str(), duplicate);
    assert_eq!(item.duplicate_of.as_ref().map(|item| item.key.as_str()), Some(original.as_str()));
    assert!(elsewhere.iter().all(|url| leads_to(url).is_none()), "{:?}", found.linked);
    let read = saw(world.tracker().item(item.id).await).expect("it exists");
    assert_eq!(read.duplicate_of.map(|item| item.id.to_string()), Some(original_id));
    world.stop().await;
}

#[tokio::test]
async fn more_than_one_page_is_asked_wide_and_then_is_all() {
    let world = World::start().await;
    for n in 0..25 {
        file(&world, json!({"title": format!("no such cart {n}")})).await;
    }
    world.servers.tracker_knobs().forget_requests();
    let found = find_one(&world, wanted(7)).await;
    assert_eq!(keys(&found.title).len(), 25);
    assert_eq!(found.title.requests.len(), 2);
    assert_eq!(world.servers.tracker_knobs().request_count(), 2);
    // When the wide page cannot be had, the usual one is no proof.
    let refused = Effect::answer(StatusCode::BAD_GATEWAY, "text/html", "<html>");
    world.servers.tracker_knobs().inject(Fault::new(Match::Any, refused).after(1).times(3));
    let found = find_one(&world, wanted(7)).await;
    assert_eq!(found.title.answer, Looked::CouldNotLook(Cause::MorePages));
    assert_eq!(keys(&found.short_id), [""; 0], "the hard keys were all there");
    world.stop().await;
}

#[tokio::test]
async fn a_batch_that_is_refused_is_halved_so_that_one_issue_does_not_blind_the_others() {
    let world = World::start().await;
    let refusal = json!({"errors": [{"message": "Query too complex", "extensions": {"type": "invalid input", "code": "INPUT_ERROR"}}]});
    let refusal = Effect::answer(StatusCode::BAD_REQUEST, "application/json", refusal.to_string());
    // The whole, then its first half; the quarters and the second half pass.
    world.servers.tracker_knobs().inject(Fault::new(Match::Any, refusal));
    let found = world.tracker().find(&team(), &(1..=4).map(wanted).collect::<Vec<_>>()).await;
    assert!(found.iter().all(|found| found.short_id.answer == Looked::Saw(vec![])));
    assert_eq!(world.servers.tracker_knobs().request_count(), 3);
    world.stop().await;
}

#[tokio::test]
async fn a_tracker_that_cannot_be_asked_proves_nothing_and_says_why() {
    let world = World::start().await;
    let url = world.servers.ready().tracker.url.clone();
    let stranger = crate::support::tracker_at(&url, "lin_api_nobody", world.clock.clone());
    let found = stranger
        .find(&team(), &[Wanted { linked_urls: vec!["https://x".into()], ..wanted(7) }])
        .await
        .remove(0);
    for look in [&found.short_id, &found.permalink, &found.title, &found.stack, &found.culprit, &found.own] {
        assert!(matches!(look.answer, Looked::CouldNotLook(Cause::Access(_))), "{look:?}");
    }
    assert_eq!(found.linked, [("https://x".to_owned(), None)]);
    world.stop().await;
}

#[tokio::test]
async fn the_price_that_the_tracker_names_is_the_price_that_we_count() {
    let world = World::start().await;
    use orderly_wire::linear::complexity::points;
    use orderly_wire::linear::documents::PROBE;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ready = &world.servers.ready().tracker;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.post(&ready.url).header("authorization", &ready.token);
    let reply = request.json(&json!({"query": PROBE, "variables": {}})).send().await.expect("an answer");
    let named: u64 = reply.headers()["x-complexity"].to_str().expect("text").parse().expect("a number");
    assert_eq!(points(PROBE), named);
    world.stop().await;
}
