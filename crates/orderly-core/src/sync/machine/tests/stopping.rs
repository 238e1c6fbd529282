use super::player::{Player, create, is_create, key, kind, plan, replied, second};
use crate::ids::RunId;
use crate::sync::machine::{CreateReply, Did, Effect, Event, LeftOpen, Stage, Stop, StoreFailure};

#[test]
fn an_interruption_records_what_is_known_and_sends_nothing_more() {
    let mut player = Player::new(plan(vec![create(1), create(2)]), Vec::new());
    while player.count(is_create) == 0 {
        let effect = player.waiting.pop_front().expect("something is asked for");
        player.tell(kind(&effect)).expect("it was asked for");
    }
    player.tell(Event::Interrupted).expect("it may come at any time");
    let sent = player.count(is_create);
    let outcome = player.play(|_, _| None);
    assert_eq!(player.count(is_create), sent);
    assert_eq!(player.count(|effect| matches!(effect, Effect::Attach { .. })), 0);
    assert_eq!(outcome.stop, Some(Stop::Interrupted));
    assert_eq!((outcome.ended[0].did, &outcome.ended[0].entry.stage), (Did::Created, &Stage::Exists));
}

#[test]
fn an_interruption_that_came_too_late_to_leave_anything_is_no_stop() {
    let mut player = Player::new(plan(vec![create(1)]), Vec::new());
    while player.count(|effect| matches!(effect, Effect::Store { entry } if entry.stage == Stage::Done)) == 0
    {
        let effect = player.waiting.pop_front().expect("something is asked for");
        player.tell(kind(&effect)).expect("it was asked for");
    }
    player.tell(Event::Interrupted).expect("it may come at any time");
    assert_eq!(player.play(|_, _| None).stop, None);
}

#[test]
fn a_ledger_that_fails_stops_everything_before_the_next_request() {
    for (failure, stop) in [
        (StoreFailure::Failed("disk full".to_owned()), Stop::LedgerFailed("disk full".to_owned())),
        (
            StoreFailure::LeaseLost { holder: RunId::new("other") },
            Stop::LeaseLost { holder: RunId::new("other") },
        ),
    ] {
        let mut player = Player::new(plan(vec![create(1), create(2)]), Vec::new());
        let outcome = player.play(|effect, _| match effect {
            Effect::Store { entry } if entry.key == key(1) && entry.stage == Stage::Sent => {
                Some(Event::Stored { key: key(1), answer: Err(failure.clone()) })
            }
            _ => None,
        });
        assert_eq!(outcome.stop, Some(stop));
        assert_eq!(outcome.ended[0].left, Some(LeftOpen::Stopped));
        let creates_for_one =
            player.count(|effect| matches!(effect, Effect::Create { order, .. } if order.key == key(1)));
        assert_eq!(creates_for_one, 0);
    }
}

#[test]
fn the_lease_is_renewed_in_time_and_nothing_leaves_until_that_is_answered() {
    let mut player = Player::new(plan(vec![create(1)]), Vec::new());
    let intent = player.waiting.pop_front().expect("the intent");
    player.now = 61;
    player.tell(kind(&intent)).expect("it was asked for");
    assert_eq!(player.asked.last(), Some(&Effect::RenewLease));
    assert_eq!(player.asked.len(), 2);
    player.waiting.clear();
    player.tell(Event::LeaseRenewed { answer: Ok(second(181)) }).expect("it was asked for");
    assert!(matches!(player.asked.last(), Some(Effect::Store { .. })), "it goes on");
}

#[test]
fn a_lease_that_is_lost_at_renewal_stops_the_run() {
    let mut player = Player::new(plan(vec![create(1)]), Vec::new());
    player.now = 100;
    let outcome = player.play(|effect, _| match effect {
        Effect::RenewLease => {
            Some(Event::LeaseRenewed { answer: Err(StoreFailure::LeaseLost { holder: RunId::new("other") }) })
        }
        _ => None,
    });
    assert_eq!(
        (player.count(is_create), outcome.stop),
        (0, Some(Stop::LeaseLost { holder: RunId::new("other") }))
    );
}

#[test]
fn answers_that_nobody_asked_for_are_a_fault() {
    let mut player = Player::new(plan(vec![create(1)]), Vec::new());
    assert!(player.tell(replied(1, CreateReply::Conflict)).is_err());
    assert!(player.tell(replied(9, CreateReply::Conflict)).is_err());
    assert!(player.tell(Event::LeaseRenewed { answer: Ok(second(1)) }).is_err());
}
