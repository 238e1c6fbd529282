use super::player::{Player, create, entry, is_create, item, key, open, order, others, plan, saw};
use crate::ids::{Digest, IssueId};
use crate::sync::machine::{
    CreateReply, Did, Effect, Failure, JournalEntry, LeftOpen, Machine, Outcome, Stage, Work, reported,
};
use crate::sync::plan::{
    AttachOrder, CommentOrder, Decision, Draft, Plan, PreparedBecause, Reopen, TrackedBecause, Would,
};
use crate::time::Now;
use crate::tracked::Prover;

fn prepared(because: PreparedBecause) -> Decision {
    let draft = Draft { title: "Error 1".to_owned(), body: String::new() };
    Decision::Prepare { would: Would::Create { draft }, because }
}

fn link(issue: u64) -> Decision {
    let item = others(issue);
    let attach = AttachOrder { item: item.id, ..order(issue).attach };
    Decision::Link { item, attach: Some(attach), found_by: Prover::Permalink }
}

/// Plays a run over an open creation whose item does not exist.
fn absent(plan: Plan, kept: JournalEntry) -> (Player, Outcome) {
    let mut player = Player::new(plan, vec![kept]);
    let outcome = player.play(|_, _| None);
    (player, outcome)
}

#[test]
fn an_open_creation_is_looked_for_before_it_is_sent_again() {
    for (stage, attempts) in [(Stage::Intended, 0), (Stage::Sent, 1)] {
        let (player, outcome) = absent(plan(vec![create(1)]), open(1, stage, attempts));
        let read = player.asked.iter().position(|effect| matches!(effect, Effect::Read { .. }));
        let sent = player.asked.iter().position(is_create);
        assert!(read < sent && read.is_some(), "{:?}", player.asked);
        assert_eq!((outcome.ended[0].did, outcome.ended[0].entry.attempts), (Did::Created, attempts + 1));
    }
}

#[test]
fn an_open_creation_whose_item_exists_is_only_made_complete() {
    for stage in [Stage::Intended, Stage::Sent, Stage::Exists] {
        let mut player = Player::new(plan(vec![create(1)]), vec![open(1, stage.clone(), 1)]);
        let outcome = player.play(|effect, _| match effect {
            Effect::Read { .. } => Some(saw(1, Some(item(&key(1))))),
            _ => None,
        });
        assert_eq!(
            (player.count(is_create), &outcome.ended[0].entry.stage),
            (0, &Stage::Done),
            "from {stage:?}"
        );
    }
}

#[test]
fn what_becomes_of_an_open_creation_follows_the_plan_of_now() {
    let closed = |why: &str| (Stage::Failed(Failure::Superseded(why.to_owned())), None);
    let kept = |left: LeftOpen| (Stage::Sent, Some(left));
    let tracked = |because| Decision::Tracked { item: others(1), because };
    let doubtful = PreparedBecause::PossibleDuplicate { item: others(1), prover: Prover::TitleFingerprint };
    let cases = [
        (tracked(TrackedBecause::AlreadyLinked), closed("PLAT-1 tracks the issue")),
        (tracked(TrackedBecause::Declined), closed("PLAT-1 tracks the issue")),
        (prepared(doubtful), closed("PLAT-1 may be the same (title fingerprint)")),
        (
            prepared(PreparedBecause::NotProven { open: vec!["permalink: time-out".to_owned()] }),
            kept(LeftOpen::NotApproved("not proven: permalink: time-out".to_owned())),
        ),
        (prepared(PreparedBecause::CapReached { cap: 3 }), kept(LeftOpen::CapReached { cap: 3 })),
    ];
    for (decision, (stage, left)) in cases {
        let (player, outcome) = absent(plan(vec![entry(1, decision.clone())]), open(1, Stage::Sent, 1));
        let ended = &outcome.ended[0];
        assert_eq!(
            (&ended.entry.stage, &ended.left, player.count(is_create)),
            (&stage, &left, 0),
            "{decision:?}"
        );
    }
}

#[test]
fn an_open_creation_that_the_plan_links_elsewhere_makes_room_for_the_link() {
    let (player, outcome) = absent(plan(vec![entry(1, link(1))]), open(1, Stage::Sent, 1));
    assert_eq!((player.count(is_create), outcome.ended.len()), (0, 1));
    assert!(matches!(outcome.ended[0].entry.work, Work::Link { .. }));
    assert_eq!((outcome.ended[0].did, &outcome.ended[0].entry.stage), (Did::Linked, &Stage::Done));
}

#[test]
fn an_open_creation_whose_issue_the_plan_does_not_know_stays_open_unless_sentry_lost_it() {
    let (_, outcome) = absent(plan(Vec::new()), open(1, Stage::Sent, 1));
    assert!(matches!(outcome.ended[0].left, Some(LeftOpen::NotApproved(_))));
    let mut start = super::player::start(plan(Vec::new()), vec![open(1, Stage::Sent, 1)]);
    start.gone.insert(IssueId(1));
    let now = Now(super::player::second(0));
    let (machine, effects) = Machine::start(start, now).expect("they fit");
    let mut player = Player { machine, asked: effects.clone(), waiting: effects.into(), now: 0 };
    let outcome = player.play(|_, _| None);
    assert!(matches!(outcome.ended[0].entry.stage, Stage::Failed(Failure::Superseded(_))));
}

#[test]
fn other_bytes_than_those_that_were_sent_are_never_sent_under_the_same_id() {
    let mut changed = order(1);
    changed.title = "Error 1, seen 13 times".to_owned();
    let changed = || plan(vec![entry(1, Decision::Create { order: changed.clone() })]);
    let (player, outcome) = absent(changed(), open(1, Stage::Sent, 1));
    assert_eq!((player.count(is_create), &outcome.ended[0].left), (0, &Some(LeftOpen::OtherBytes)));
    // Nothing was sent yet: what was approved now is what counts.
    let (player, outcome) = absent(changed(), open(1, Stage::Intended, 0));
    assert_eq!((player.count(is_create), outcome.ended[0].did), (1, Did::Created));
}

#[test]
fn a_creation_that_is_never_answered_ends_by_name_after_twelve_attempts() {
    let (player, outcome) = absent(plan(vec![create(1)]), open(1, Stage::Sent, 12));
    assert_eq!(player.count(is_create), 0);
    assert!(matches!(outcome.ended[0].entry.stage, Stage::Failed(Failure::NoAnswer(_))));
}

#[test]
fn an_item_that_was_deleted_for_good_is_not_made_again() {
    let (player, outcome) = absent(plan(vec![create(1)]), open(1, Stage::Exists, 1));
    assert_eq!(player.count(is_create), 0);
    assert!(matches!(outcome.ended[0].entry.stage, Stage::Failed(Failure::Declined(_))));
}

#[test]
fn comments_count_towards_the_cap() {
    let update = |issue: u64| {
        let item = others(issue);
        let comment = CommentOrder {
            id: uuid::Uuid::from_u128(u128::from(issue)),
            item: item.id,
            body: "again".to_owned(),
        };
        entry(issue, Decision::Update { item, comment, attach: None, reopen: Reopen::Leave })
    };
    let mut limited = plan(vec![update(1), create(2)]);
    limited.cap = 2;
    let mut player = Player::new(limited, Vec::new());
    let outcome = player.play(|_, _| None);
    assert_eq!(
        (outcome.attempts, outcome.ended[0].did, outcome.ended[1].did),
        (2, Did::Updated, Did::Created)
    );
}

#[test]
fn only_what_came_to_an_end_is_remembered_as_reported() {
    let because = || PreparedBecause::CapReached { cap: 3 };
    let tracked = Decision::Tracked { item: others(3), because: TrackedBecause::Completed };
    let plan = plan(vec![create(1), create(2), entry(3, tracked), entry(4, prepared(because()))]);
    let mut player = Player::new(plan.clone(), Vec::new());
    let outcome = player.play(|effect, _| match effect {
        Effect::Create { order, .. } if order.key == key(2) => {
            Some(super::player::replied(2, CreateReply::Denied("no scope".to_owned())))
        }
        _ => None,
    });
    let remembered = reported(&plan, &outcome, Now(super::player::second(0)));
    assert_eq!(remembered.keys().map(|issue| issue.0).collect::<Vec<_>>(), [1, 3]);
    let contents: Vec<&Digest> = remembered.values().map(|report| &report.content).collect();
    assert_eq!(contents, [&plan.entries[0].content, &plan.entries[2].content]);
}
