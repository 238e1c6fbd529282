//! The guard, alone: it must refuse what a broken machine would ask for.

use super::player::{create, key, open, order, plan, replied, start};
use crate::ids::{IssueId, ItemId};
use crate::sync::machine::guard::{Guard, Invalid};
use crate::sync::machine::{
    CreateReply, Did, Effect, Ended, Event, JournalEntry, Outcome, Stage, StoreFailure, Work,
};
use crate::sync::plan::CreateOrder;
use std::collections::BTreeMap;

/// A guard that was shown a durable intent for issue 1, in a run with this cap.
fn guard(cap: u32) -> Guard {
    let approved = BTreeMap::from([(key(1), order(1).payload())]);
    let mut guard = Guard::new(cap, approved, &[]);
    let entry = open(1, Stage::Sent, 1);
    guard.admit(&Effect::Store { entry }).expect("it may be stored");
    guard.observe(&Event::Stored { key: key(1), answer: Ok(()) });
    guard
}

fn send(order: CreateOrder) -> Effect {
    let proof = start(plan(vec![create(1)]), Vec::new())
        .plan
        .proof(IssueId(1))
        .cloned()
        .expect("a creation is proven");
    Effect::Create { order, proof }
}

#[test]
fn a_creation_may_leave_once_its_intent_is_durable() {
    assert_eq!(guard(1).admit(&send(order(1))), Ok(()));
}

#[test]
fn a_creation_may_not_leave_when_one_rule_is_broken() {
    let mut other_id = order(1);
    other_id.item = ItemId(uuid::Uuid::nil());
    let mut other_bytes = order(1);
    other_bytes.title = "something else".to_owned();
    let not_durable = Guard::new(1, BTreeMap::from([(key(1), order(1).payload())]), &[]);
    let mut only_intended = not_durable.clone();
    only_intended.admit(&Effect::Store { entry: open(1, Stage::Intended, 0) }).expect("it may be stored");
    only_intended.observe(&Event::Stored { key: key(1), answer: Ok(()) });
    let mut halted = guard(1);
    halted.observe(&Event::Stored { key: key(1), answer: Err(StoreFailure::Failed("disk full".to_owned())) });
    let mut unapproved = Guard::new(1, BTreeMap::new(), &[]);
    let kept = JournalEntry { work: Work::Create { order: order(1) }, ..open(1, Stage::Sent, 1) };
    unapproved.admit(&Effect::Store { entry: kept }).expect("it may be stored");
    unapproved.observe(&Event::Stored { key: key(1), answer: Ok(()) });
    let issue = IssueId(1);
    for (mut guard, order, invalid) in [
        (guard(1), other_id, Invalid::WrongId(issue)),
        (guard(1), other_bytes, Invalid::NotDurable(issue)),
        (guard(1), order(2), Invalid::NoProof(IssueId(2))),
        (guard(0), order(1), Invalid::CapPassed { attempt: 1, cap: 0 }),
        (not_durable, order(1), Invalid::NotDurable(issue)),
        (only_intended, order(1), Invalid::NotDurable(issue)),
        (halted, order(1), Invalid::AfterHalt(issue)),
        (unapproved, order(1), Invalid::OtherBytes(issue)),
    ] {
        assert_eq!(guard.admit(&send(order)), Err(invalid));
    }
}

#[test]
fn a_creation_is_repeated_only_after_a_look_that_found_nothing() {
    let mut guard = guard(3);
    guard.admit(&send(order(1))).expect("the first one");
    guard.observe(&replied(1, CreateReply::Unknown("time-out".to_owned())));
    assert_eq!(guard.clone().admit(&send(order(1))), Err(Invalid::NotLooked(IssueId(1))));
    guard.observe(&super::player::saw(1, None));
    assert_eq!(guard.admit(&send(order(1))), Ok(()));
}

#[test]
fn a_run_may_not_end_with_a_decision_forgotten() {
    let finish = |ended| Effect::Finish(Outcome { ended, attempts: 0, stop: None });
    let forgotten = Err(Invalid::Forgotten(IssueId(1)));
    assert_eq!(guard(1).admit(&finish(Vec::new())), forgotten, "it is open in the journal");
    let claimed = Ended { entry: open(1, Stage::Done, 1), did: Did::Created, left: None };
    assert_eq!(guard(1).admit(&finish(vec![claimed])), forgotten, "its end is not durable");
    let unexplained = Ended { entry: open(1, Stage::Sent, 1), did: Did::Nothing, left: None };
    assert_eq!(guard(1).admit(&finish(vec![unexplained])), forgotten, "it is open, and nobody says why");
}
