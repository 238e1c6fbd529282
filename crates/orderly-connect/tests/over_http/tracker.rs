//! The Linear client against the embedded tracker: facts, writes, undo.

use crate::support::{World, quick, tracker_at};
use orderly_connect::linear::{LinearToken, Probe};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{Generation, IssueId, ItemId, OrgSlug, SentryHost, TeamKey, TrackKey};
use orderly_core::sync::plan::{AttachOrder, CommentOrder, CreateOrder};
use orderly_core::sync::snapshot::{Creation, ItemState, Presence, TrackerFacts};
use orderly_core::tracked::{AbsenceProof, Finding, ProofRecord, Prover, ProverResult};
use orderly_engine::ports::tracker::{
    CreateReply, Touched, TrackerCreate, TrackerLink, TrackerRead, TrackerUndo, WriteReply,
};
use orderly_local::knobs::{Effect, Fault, Match};
use orderly_local::tracker::{Access, Limits, RepeatedIds};
use reqwest::StatusCode;
use serde_json::json;

pub fn team() -> TeamKey {
    TeamKey::new("PLAT")
}

pub fn saw<T: std::fmt::Debug>(looked: Looked<T>) -> T {
    match looked {
        Looked::Saw(value) => value,
        Looked::CouldNotLook(cause) => panic!("could not look: {cause}"),
    }
}

fn key(issue: u64) -> TrackKey {
    TrackKey {
        host: SentryHost::new("sentry.io"),
        org: OrgSlug::new("acme"),
        issue: IssueId(issue),
        team: team(),
        generation: Generation(0),
    }
}

pub fn proof(key: &TrackKey) -> AbsenceProof {
    let absent = |prover| ProverResult {
        prover,
        finding: Finding::Absent,
        set_aside: Vec::new(),
        looked_for: Vec::new(),
        requests: Vec::new(),
    };
    ProofRecord { results: Prover::ALL.map(absent).to_vec(), certificate: None }
        .absence(key)
        .expect("every prover found nothing")
}

pub fn order(issue: u64, facts: &TrackerFacts) -> CreateOrder {
    let key = key(issue);
    let item = key.item_id();
    let url = format!("https://sentry.io/organizations/acme/issues/{issue}/");
    CreateOrder {
        item,
        team_id: facts.team_id.clone(),
        title: "ValueError: no such cart".into(),
        body: format!(
            "Seen 12 times.\n\nTracked by Orderly: BACKEND-{issue} acme/{issue} g0 k:1f2e3d4c5b6a t:0123456789ab s:ba9876543210"
        ),
        priority: 2,
        state: facts.initial_state.clone(),
        labels: facts.labels.values().take(1).cloned().collect(),
        assignee: None,
        attach: AttachOrder { item, url, title: format!("BACKEND-{issue}"), subtitle: "12 events".into() },
        relates_to: None,
        key,
    }
}

#[tokio::test]
async fn facts_tell_team_states_labels_and_people() {
    let world = World::start().await;
    let tracker = world.tracker();
    let facts = saw(tracker.facts(&TeamKey::new("plat"), &[]).await);
    assert_eq!((facts.team.as_str(), &facts.creation), ("PLAT", &Creation::Allowed));
    assert!(
        !facts.team_id.is_empty() && facts.initial_state.is_some() && facts.reopen_state.is_some(),
        "{facts:?}"
    );
    assert_ne!(facts.initial_state, facts.reopen_state, "what comes back does not wait for triage");
    assert!(facts.people.keys().all(|email| email.contains('@')), "{:?}", facts.people);
    assert!(!facts.people.is_empty());
    assert_eq!(world.servers.tracker_knobs().request_count(), 1);

    let Looked::CouldNotLook(Cause::Missing(text)) = tracker.facts(&TeamKey::new("PLTA"), &[]).await else {
        panic!("there is no such team")
    };
    assert!(text.contains("`PLTA`") && text.contains("it has PLAT"), "{text}");
    world.stop().await;
}

#[tokio::test]
async fn an_item_is_created_once_however_often_it_is_sent() {
    let world = World::start().await;
    let tracker = world.tracker();
    let facts = saw(tracker.facts(&team(), &[]).await);
    let order = order(7, &facts);
    let proof = proof(&order.key);
    assert_eq!(saw(tracker.item(order.item).await), None);
    let CreateReply::Created(item) = tracker.create(&order, &proof).await else { panic!("it is created") };
    assert_eq!(item.id, order.item);
    assert_eq!(tracker.create(&order, &proof).await, CreateReply::Conflict);
    let read = saw(tracker.item(order.item).await).expect("it is there");
    assert_eq!((&read.key, read.state, read.presence), (&item.key, ItemState::Triage, Presence::Live));
    assert_eq!(read.marker.map(|marker| marker.issue), Some(IssueId(7)));
    let other = key(8);
    let refused = tracker.create(&order, &self::proof(&other)).await;
    assert!(matches!(refused, CreateReply::Refused(_)), "a proof of another issue is none: {refused:?}");
    world.stop().await;
}

#[tokio::test]
async fn a_creation_whose_reply_is_lost_is_unknown_sent_once_and_found_by_id() {
    let world = World::start().await;
    let tracker = world.tracker();
    let facts = saw(tracker.facts(&team(), &[]).await);
    let knobs = world.servers.tracker_knobs();
    let creation = || Match::root_field("issueCreate");
    let html = Effect::answer(StatusCode::OK, "text/html", "<html>captive portal</html>");
    let broken = Effect::answer(StatusCode::OK, "application/json", r#"{"data":{"issueCreate":{"succ"#);
    for (issue, effect, is_there) in [
        (1, Effect::DropReply, true),
        (2, Effect::DropConnection, false),
        (3, Effect::answer(StatusCode::BAD_GATEWAY, "text/html", "<html>"), false),
        (4, html, false),
        (5, broken, false),
    ] {
        let order = order(issue, &facts);
        knobs.forget_requests();
        knobs.inject(Fault::new(creation(), effect.clone()));
        let reply = tracker.create(&order, &proof(&order.key)).await;
        assert!(matches!(reply, CreateReply::Unknown(_)), "{effect:?}: {reply:?}");
        assert_eq!(knobs.request_count(), 1, "a creation is never sent again by the client");
        assert_eq!(saw(tracker.item(order.item).await).is_some(), is_there, "{effect:?}");
    }
    assert_eq!(world.clock.waits(), 0);
    world.stop().await;
}

#[tokio::test]
async fn a_tracker_that_ignores_ids_and_one_that_is_busy_and_one_that_refuses_are_told_apart() {
    let world = World::start().await;
    let tracker = world.tracker();
    let facts = saw(tracker.facts(&team(), &[]).await);
    let order = order(7, &facts);
    let proof = proof(&order.key);

    let bad = CreateOrder { labels: vec!["no such label".into()], ..order.clone() };
    assert!(matches!(tracker.create(&bad, &proof).await, CreateReply::Refused(_)));

    let reader = world.servers.tracker().create_key(Access::Read).await.expect("a key");
    let reader = tracker_at(&world.servers.ready().tracker.url, &reader, world.clock.clone());
    let denied = reader.create(&order, &proof).await;
    assert!(matches!(&denied, CreateReply::Denied(why) if why.contains("LINEAR_API_KEY")), "{denied:?}");
    let stranger = tracker_at(&world.servers.ready().tracker.url, "lin_api_nobody", world.clock.clone());
    assert!(matches!(stranger.create(&order, &proof).await, CreateReply::Denied(_)));

    world.servers.tracker().set_repeated_ids(RepeatedIds::Ignore);
    let CreateReply::OtherId(item) = tracker.create(&order, &proof).await else { panic!("another id") };
    assert_ne!(item.id, order.item);

    world.servers.tracker().set_limits(Limits { requests_per_hour: 1, ..Limits::default() });
    let mut replies = Vec::new();
    for _ in 0..3 {
        replies.push(tracker.create(&order, &proof).await);
    }
    assert!(replies.iter().any(|reply| matches!(reply, CreateReply::RateLimited { .. })), "{replies:?}");
    world.stop().await;
}

#[tokio::test]
async fn writes_on_an_item_may_be_repeated() {
    let world = World::start().await;
    let tracker = world.tracker();
    let facts = saw(tracker.facts(&team(), &[]).await);
    let (first, second) = (order(1, &facts), order(2, &facts));
    for order in [&first, &second] {
        assert!(matches!(tracker.create(order, &proof(&order.key)).await, CreateReply::Created(_)));
    }
    let comment = CommentOrder {
        id: uuid::Uuid::from_u128(5 << 64 | 4 << 76 | 2 << 62),
        item: first.item,
        body: "Back again.".into(),
    };
    let reopen = facts.reopen_state.clone().expect("the team has states");
    for _ in 0..2 {
        assert_eq!(tracker.attach(&first.attach).await, WriteReply::Done);
        assert_eq!(tracker.comment(&comment).await, WriteReply::Done);
        assert_eq!(tracker.move_to(first.item, &reopen).await, WriteReply::Done);
        assert_eq!(tracker.relate(second.item, first.item).await, WriteReply::Done);
        assert_eq!(tracker.relate(first.item, second.item).await, WriteReply::Done);
    }
    let read = world
        .graphql(
            "query($id: String!) { issue(id: $id) { state { id } attachments { nodes { url subtitle } } comments { nodes { body } }
             inverseRelations { nodes { type } } relations { nodes { type } } } }",
            json!({"id": first.item}),
        )
        .await;
    let count = |field: &str| read["issue"][field]["nodes"].as_array().map_or(0, Vec::len);
    assert_eq!(
        (count("attachments"), count("comments"), count("relations"), count("inverseRelations")),
        (1, 1, 0, 1),
        "{read}"
    );
    assert_eq!(read["issue"]["state"]["id"], json!(reopen));
    let nowhere = AttachOrder { item: ItemId(uuid::Uuid::from_u128(9)), ..first.attach.clone() };
    assert!(matches!(tracker.attach(&nowhere).await, WriteReply::Refused(_)));
    let knobs = world.servers.tracker_knobs();
    knobs.inject(Fault::new(Match::root_field("attachmentCreate"), Effect::DropReply));
    assert!(matches!(tracker.attach(&second.attach).await, WriteReply::Unknown(_)));
    assert_eq!(tracker.attach(&second.attach).await, WriteReply::Done);
    world.stop().await;
}

#[tokio::test]
async fn undo_removes_what_nobody_touched_and_says_what_somebody_did() {
    let world = World::start().await;
    let tracker = world.tracker();
    let facts = saw(tracker.facts(&team(), &[]).await);
    let (ours, theirs) = (order(1, &facts), order(2, &facts));
    for order in [&ours, &theirs] {
        assert!(matches!(tracker.create(order, &proof(&order.key)).await, CreateReply::Created(_)));
        assert_eq!(tracker.attach(&order.attach).await, WriteReply::Done);
    }
    let made = saw(tracker.item(ours.item).await).expect("it is there").created_at;
    assert_eq!(saw(tracker.touched_since(ours.item, made).await), Touched::No);
    world.servers.clock().advance(jiff::SignedDuration::from_mins(1));
    let edit = "mutation($id: String!) { issueUpdate(id: $id, input: { priority: 1, title: \"Mine\" }) { success } }";
    world.graphql(edit, json!({"id": theirs.item})).await;
    let Touched::Yes(how) = saw(tracker.touched_since(theirs.item, made).await) else {
        panic!("it was touched")
    };
    assert!(how.contains("priority") && how.contains("title"), "{how}");
    let comment =
        "mutation($id: String!) { commentCreate(input: { issueId: $id, body: \"looking\" }) { success } }";
    world.graphql(comment, json!({"id": theirs.item})).await;
    let Touched::Yes(how) = saw(tracker.touched_since(theirs.item, made).await) else {
        panic!("it was touched")
    };
    assert!(how.contains("comments"), "{how}");

    for _ in 0..2 {
        assert_eq!(tracker.detach(theirs.item, &theirs.attach.url).await, Ok(()));
        assert_eq!(tracker.trash(ours.item).await, Ok(()));
    }
    assert_eq!(saw(tracker.item(theirs.item).await).expect("it stays").attachments, []);
    assert_eq!(saw(tracker.item(ours.item).await).map(|item| item.presence), Some(Presence::Trashed));
    assert_eq!(saw(tracker.touched_since(ours.item, made).await), Touched::Gone);
    let nowhere = ItemId(uuid::Uuid::from_u128(9));
    assert_eq!(saw(tracker.touched_since(nowhere, made).await), Touched::Gone);
    assert_eq!(tracker.trash(nowhere).await, Ok(()));
    world.stop().await;
}

#[tokio::test]
async fn a_probe_tells_whose_key_it_is_and_which_teams_it_sees() {
    let world = World::start().await;
    let ready = world.servers.ready().tracker.clone();
    let probe = Probe::new(&ready.url, &LinearToken::new(&ready.token), quick(), world.clock.clone())
        .expect("a probe");
    let seen = saw(probe.workspace().await);
    assert_eq!(seen.teams.iter().map(|t| t.key.as_str()).collect::<Vec<_>>(), ["PLAT"]);
    assert!(!seen.user.is_empty() && !seen.name.is_empty());
    let stranger = Probe::new(&ready.url, &LinearToken::new("lin_api_x"), quick(), world.clock.clone())
        .expect("a probe");
    assert!(matches!(stranger.workspace().await, Looked::CouldNotLook(Cause::Access(_))));
    world.stop().await;
}
