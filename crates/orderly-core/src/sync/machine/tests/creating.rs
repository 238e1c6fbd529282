use super::player::{Player, create, is_create, item, key, kind, order, plan, replied, saw};
use crate::ids::{Generation, IssueId, ItemKey, TrackKey};
use crate::sync::machine::{CreateReply, Did, Effect, Failure, LeftOpen, Stage, Stop};
use crate::sync::plan::{Decision, ItemRef};
use crate::sync::snapshot::{ItemState, Presence, TrackedItem};

fn stored(effect: &Effect) -> Option<(&Stage, u32)> {
    match effect {
        Effect::Store { entry } => Some((&entry.stage, entry.attempts)),
        _ => None,
    }
}

#[test]
fn nothing_leaves_before_every_decision_of_the_run_is_in_the_journal() {
    let mut player = Player::new(plan(vec![create(1), create(2), create(3)]), Vec::new());
    assert_eq!(player.count(|effect| stored(effect) == Some((&Stage::Intended, 0))), 3);
    for _ in 0..2 {
        let effect = player.waiting.pop_front().expect("an intent");
        player.tell(kind(&effect)).expect("it was asked for");
    }
    assert_eq!(player.asked.len(), 3, "two of three intents are durable, and nothing else was asked for");
    player.play(|_, _| None);
    assert_eq!(player.count(is_create), 3);
}

#[test]
fn an_attempt_is_recorded_before_it_is_made_and_the_item_before_it_is_written_to() {
    let mut player = Player::new(plan(vec![create(1)]), Vec::new());
    let outcome = player.play(|_, _| None);
    let words: Vec<String> = player
        .asked
        .iter()
        .map(|effect| match effect {
            Effect::Store { entry } => format!("{:?} {}", entry.stage, entry.attempts),
            Effect::Create { .. } => "create".to_owned(),
            Effect::Attach { .. } => "attach".to_owned(),
            Effect::Finish(_) => "finish".to_owned(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(words, ["Intended 0", "Sent 1", "create", "Exists 1", "attach", "Done 1", "finish"]);
    assert_eq!((outcome.ended[0].did, outcome.attempts), (Did::Created, 1));
}

#[test]
fn an_empty_plan_ends_at_once() {
    let player = Player::new(plan(Vec::new()), Vec::new());
    assert!(matches!(&player.asked[..], [Effect::Finish(outcome)] if outcome.ended.is_empty()));
}

#[test]
fn a_creation_without_an_answer_is_looked_for_by_its_id_and_sent_again_unchanged() {
    let mut player = Player::new(plan(vec![create(1)]), Vec::new());
    let outcome = player.play(|effect, sends| match effect {
        Effect::Create { .. } if sends < 2 => Some(replied(1, CreateReply::Unknown("time-out".to_owned()))),
        _ => None,
    });
    let sent: Vec<_> = player.asked.iter().filter(|effect| is_create(effect)).collect();
    assert!(sent.len() == 2 && sent[0] == sent[1], "same id, same bytes");
    assert_eq!(
        player.count(|effect| matches!(effect, Effect::Read { item, .. } if *item == order(1).item)),
        1
    );
    assert_eq!((outcome.ended[0].did, outcome.attempts), (Did::Created, 2), "both attempts count");
}

#[test]
fn a_decision_is_not_repeated_at_the_cost_of_one_that_was_not_tried_yet() {
    let mut plan = plan(vec![create(1), create(2)]);
    plan.cap = 2;
    let mut player = Player::new(plan, Vec::new());
    let outcome = player.play(|effect, _| match effect {
        Effect::Create { order, .. } if order.key == key(1) => {
            Some(replied(1, CreateReply::Unknown("time-out".to_owned())))
        }
        _ => None,
    });
    assert!(matches!(outcome.ended[0].left, Some(LeftOpen::Unknown(_))), "{:?}", outcome.ended[0]);
    assert_eq!((outcome.ended[1].did, outcome.attempts), (Did::Created, 2));
}

#[test]
fn what_has_the_derived_id_is_adopted_only_with_our_marker_and_a_persons_no_is_an_answer() {
    let ours = || item(&key(1));
    let other = |change: fn(&mut TrackedItem)| {
        let mut item = ours();
        change(&mut item);
        item
    };
    let another_life = TrackKey { generation: Generation(1), ..key(1) };
    let foreign = |item: &TrackedItem| {
        Failure::ForeignItem(format!("{} has the derived id and carries no marker", item.key))
    };
    let cases = [
        (ours(), None),
        (other(|item| item.state = ItemState::Completed), None),
        (other(|item| item.marker = None), Some(foreign(&ours()))),
        (
            other(|item| {
                item.marker = Some(super::player::marker(&TrackKey { issue: IssueId(2), ..key(1) }));
            }),
            Some(Failure::ForeignItem(
                "PLAT-1 has the derived id and carries the marker of acme/2 g0".to_owned(),
            )),
        ),
        (
            TrackedItem { marker: item(&another_life).marker, ..ours() },
            Some(Failure::ForeignItem(
                "PLAT-1 has the derived id and carries the marker of acme/1 g1".to_owned(),
            )),
        ),
        (
            other(|item| item.presence = Presence::Trashed),
            Some(Failure::Declined("PLAT-1 is in the trash".to_owned())),
        ),
        (
            other(|item| item.state = ItemState::Canceled),
            Some(Failure::Declined("PLAT-1 is cancelled".to_owned())),
        ),
        (
            other(|item| item.state = ItemState::Duplicate),
            Some(Failure::Superseded("PLAT-1 was marked as a duplicate of another item".to_owned())),
        ),
    ];
    for (there, failure) in cases {
        let mut player = Player::new(plan(vec![create(1)]), Vec::new());
        let outcome = player.play(|effect, _| match effect {
            Effect::Create { .. } => Some(replied(1, CreateReply::Conflict)),
            Effect::Read { .. } => Some(saw(1, Some(there.clone()))),
            _ => None,
        });
        let expected = failure.map_or(Stage::Done, Stage::Failed);
        assert_eq!(outcome.ended[0].entry.stage, expected, "{there:?}");
        assert_eq!(player.count(is_create), 1, "never a second one");
    }
}

#[test]
fn refused_and_denied_end_by_name_and_a_denial_holds_for_the_whole_team() {
    let refuse = |reply: CreateReply| {
        let mut entries = vec![create(1), create(2), create(3)];
        if let Decision::Create { order } = &mut entries[2].decision {
            order.team_id = "another-team".to_owned();
        }
        let mut player = Player::new(plan(entries), Vec::new());
        player.play(move |effect, _| match effect {
            Effect::Create { order, .. } if order.team_id == "team-plat" => {
                Some(replied(order.key.issue.0, reply.clone()))
            }
            _ => None,
        })
    };
    let refused = refuse(CreateReply::Refused("too long".to_owned()));
    assert_eq!(refused.ended[0].entry.stage, Stage::Failed(Failure::Refused("too long".to_owned())));
    let denied = refuse(CreateReply::Denied("no scope".to_owned()));
    assert!(matches!(denied.ended[1].entry.stage, Stage::Failed(Failure::Denied(_))));
    assert_eq!(denied.ended[2].did, Did::Created, "the other team is not concerned");
    assert_eq!(denied.stop, None);
}

#[test]
fn a_tracker_that_asks_to_slow_down_gets_no_further_request_in_this_run() {
    let mut player = Player::new(plan(vec![create(1), create(2), create(3)]), Vec::new());
    let outcome = player.play(|effect, _| match effect {
        Effect::Create { order, .. } => {
            Some(replied(order.key.issue.0, CreateReply::RateLimited { until: None }))
        }
        _ => None,
    });
    assert_eq!(player.count(|effect| matches!(effect, Effect::Attach { .. } | Effect::Read { .. })), 0);
    assert_eq!(outcome.stop, Some(Stop::RateLimited { until: None }));
    assert!(outcome.ended.iter().all(|ended| ended.left == Some(LeftOpen::RateLimited)));
}

#[test]
fn a_tracker_that_gives_ids_of_its_own_gets_no_further_creation() {
    let entries = (1..=3).map(create).collect();
    let mut player = Player::new(plan(entries), Vec::new());
    let own = TrackKey { generation: Generation(7), ..key(1) };
    let outcome = player.play(|effect, _| match effect {
        Effect::Create { order, .. } => {
            let item = ItemRef { key: ItemKey::new("PLAT-77"), ..ItemRef::from(&item(&own)) };
            Some(replied(order.key.issue.0, CreateReply::OtherId(item)))
        }
        _ => None,
    });
    assert!(player.count(is_create) < 4);
    for ended in &outcome.ended {
        let named =
            matches!(&ended.entry.stage, Stage::Failed(Failure::IdIgnored(why)) if why.contains("PLAT-77"));
        assert!(named || ended.left == Some(LeftOpen::IdsIgnored), "{ended:?}");
    }
}
