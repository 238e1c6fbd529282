//! The sync job over a world in memory: what it asks, what it writes, and how it ends when things go wrong.

use orderly_core::ids::RunId;
use orderly_core::sync::approve::Refused;
use orderly_core::sync::machine::{Did, Failure, Stage, Stop};
use orderly_core::sync::plan::Decision;
use orderly_core::sync::policy::{MaxCreates, SyncPolicy};
use orderly_core::sync::snapshot::{ItemState, Presence};
use orderly_engine::ports::ledger::RunState;
use orderly_engine::sync::{
    Applied, Cancel, CancelSwitch, Progress, SyncError, SyncJob, SyncScope, Undid, Watch,
};
use orderly_testkit::dice::Seeded;
use orderly_testkit::ports::{Call, FakeWorld, LATENCY, Trouble};
use orderly_testkit::world::people::{Deed, act, key};
use orderly_testkit::world::{sentry::permalink, team};
use std::sync::Mutex;

fn policy(cap: u32) -> SyncPolicy {
    let max_creates = MaxCreates::try_from(cap).expect("the cap lies within the bounds");
    SyncPolicy { max_creates, ..SyncPolicy::default() }
}

fn job(world: &FakeWorld, cap: u32) -> SyncJob<'_> {
    let scope = SyncScope { team: team(), projects: Vec::new(), environments: vec!["production".to_owned()] };
    SyncJob::new(world.ports(), scope, policy(cap))
}

async fn apply(world: &FakeWorld) -> Applied {
    job(world, 3).apply().await.expect("the run ends")
}

fn lose(
    what: &'static str,
    nth: usize,
    trouble: Trouble,
) -> impl Fn(&Call) -> Trouble + Send + Sync + 'static {
    move |call| if call.what == what && call.nth == nth { trouble } else { Trouble::None }
}

fn stages(applied: &Applied) -> Vec<&Stage> {
    applied.outcome.ended.iter().map(|ended| &ended.entry.stage).collect()
}

/// Everything that a sync wrote outside the ledger.
fn writes(world: &FakeWorld) -> usize {
    [
        "tracker.create",
        "tracker.attach",
        "tracker.comment",
        "tracker.move_to",
        "tracker.relate",
        "sentry.link_back",
    ]
    .iter()
    .map(|what| world.state().calls.iter().filter(|call| call.what == *what).count())
    .sum()
}

#[tokio::test(start_paused = true)]
async fn a_preview_writes_nothing_but_the_record_of_the_run() {
    let world = FakeWorld::new(3);
    let previewed = job(&world, 3).preview().await.expect("the run ends");
    assert_eq!(writes(&world), 0);
    assert_eq!(
        world.count("ledger.take_lease") + world.count("ledger.record"),
        0,
        "a preview needs no lease and no journal"
    );
    let creates = previewed
        .plan
        .entries
        .iter()
        .filter(|entry| matches!(entry.decision, Decision::Create { .. }))
        .count();
    assert_eq!(creates, 3);
    let state = world.state();
    let [run] = state.runs.as_slice() else { panic!("one run is recorded") };
    assert_eq!((&run.id, run.state), (&previewed.run, RunState::Finished));
    assert!(run.report.is_some() && run.plan == Some(previewed.plan.digest()));
}

#[tokio::test(start_paused = true)]
async fn an_apply_creates_up_to_the_cap_attaches_links_back_and_the_next_run_has_nothing_to_repeat() {
    let world = FakeWorld::new(4);
    let first = apply(&world).await;
    assert_eq!(stages(&first), [&Stage::Done; 3]);
    assert_eq!((first.outcome.attempts, &first.outcome.stop), (3, &None));
    let state_of = |world: &FakeWorld| {
        let state = world.state();
        let attached = state.tracker.items.values().filter(|item| !item.attachments.is_empty()).count();
        (state.tracker.items.len(), attached, state.sentry.links.len())
    };
    assert_eq!(state_of(&world), (3, 3, 3));
    let second = apply(&world).await;
    assert_eq!(second.outcome.ended.len(), 1, "only the one that the cap held back");
    let before = writes(&world);
    let third = apply(&world).await;
    assert_eq!((third.outcome.ended.len(), writes(&world)), (0, before), "nothing is left to do");
    assert_eq!(state_of(&world), (4, 4, 4));
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_is_looked_up_by_id_and_the_item_adopted() {
    let world = FakeWorld::with(1, lose("tracker.create", 0, Trouble::AnswerLost));
    let applied = apply(&world).await;
    assert_eq!(applied.outcome.ended[0].did, Did::Adopted);
    assert_eq!(
        (world.count("tracker.create"), world.count("tracker.item"), world.state().tracker.items.len()),
        (1, 1, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_never_arrived_is_sent_again_with_the_same_id_and_counts_twice() {
    let world = FakeWorld::with(1, lose("tracker.create", 0, Trouble::Lost));
    let applied = apply(&world).await;
    assert_eq!((applied.outcome.ended[0].did, applied.outcome.attempts), (Did::Created, 2));
    assert_eq!(world.state().tracker.items.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cap_of_one_leaves_no_repeat_and_the_next_run_goes_on() {
    let world = FakeWorld::with(1, lose("tracker.create", 0, Trouble::Lost));
    let first = job(&world, 1).apply().await.expect("the run ends");
    assert!(first.outcome.ended[0].left.is_some() && first.outcome.attempts == 1);
    assert_eq!(world.state().ledger.open().len(), 1);
    let second = job(&world, 1).apply().await.expect("the run ends");
    assert_eq!((second.outcome.ended[0].did, second.outcome.ended[0].entry.attempts), (Did::Created, 2));
    assert!(world.state().ledger.open().is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_a_durable_intent_nothing_is_sent() {
    for nth in 0..2 {
        let world = FakeWorld::with(1, lose("ledger.record", nth, Trouble::Lost));
        let applied = apply(&world).await;
        assert!(matches!(applied.outcome.stop, Some(Stop::LedgerFailed(_))), "{:?}", applied.outcome);
        assert_eq!(writes(&world), 0, "write {nth} of the ledger failed");
        // What the next run finishes, or begins anew.
        assert_eq!(stages(&apply(&world).await), [&Stage::Done]);
    }
}

/// Presses Ctrl-C as soon as a request of this kind leaves.
struct Presses {
    switch: CancelSwitch,
    seen: Mutex<Vec<String>>,
}

impl Watch for Presses {
    fn see(&self, progress: Progress<'_>) {
        let words = format!("{progress:?}");
        if words.starts_with("Doing(Create") {
            self.switch.stop();
        }
        self.seen.lock().expect("nobody panicked").push(words);
    }
}

#[tokio::test(start_paused = true)]
async fn ctrl_c_waits_for_the_reply_records_it_and_leaves_the_rest_to_the_next_run() {
    let world = FakeWorld::new(1);
    let (switch, cancel) = CancelSwitch::new();
    let presses = Presses { switch, seen: Mutex::default() };
    let applied = job(&world, 3).watched_by(&presses).until(cancel).apply().await.expect("the run ends");
    assert_eq!(applied.outcome.stop, Some(Stop::Interrupted));
    assert_eq!(
        (writes(&world), world.state().tracker.items.len()),
        (1, 1),
        "the creation and nothing after it"
    );
    let open = world.state().ledger.open();
    assert_eq!(open[0].stage, Stage::Exists, "what is known is recorded");
    assert!(applied.report.markdown().contains("the run stopped first"), "{}", applied.report.markdown());
    assert!(presses.seen.lock().expect("nobody panicked").contains(&"Stopping".to_owned()));
    let next = apply(&world).await;
    assert_eq!((stages(&next), world.count("tracker.create")), (vec![&Stage::Done], 1));
    assert_eq!(world.state().sentry.links.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stop_before_anything_was_decided_writes_nothing() {
    let world = FakeWorld::new(2);
    let (switch, cancel) = CancelSwitch::new();
    switch.stop();
    let ended = job(&world, 3).until(cancel).apply().await;
    assert!(matches!(ended, Err(SyncError::Stopped)), "{ended:?}");
    assert_eq!(writes(&world), 0);
    assert!(world.state().ledger.holder().is_none(), "the lease is given back");
    assert_eq!(world.state().runs[0].state, RunState::Stopped);
}

#[tokio::test(start_paused = true)]
async fn a_backlog_that_another_run_works_on_is_left_alone() {
    let world = FakeWorld::new(2);
    let other = RunId::new("the-other-run");
    world.state().ledger.take(&other, 1000).expect("nobody holds it");
    let ended = job(&world, 3).apply().await;
    assert!(matches!(&ended, Err(SyncError::Busy { holder, .. }) if *holder == other), "{ended:?}");
    assert_eq!((writes(&world), world.count("sentry.search")), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_saved_plan_is_sent_byte_for_byte_while_counts_grow() {
    let world = FakeWorld::new(1);
    let plan = job(&world, 3).preview().await.expect("the run ends").plan;
    for reported in world.state().sentry.issues.values_mut() {
        reported.issue.events += 1;
    }
    job(&world, 3).apply_saved(plan.clone()).await.expect("the plan still holds");
    let Decision::Create { order } = &plan.entries[0].decision else { panic!("a creation") };
    let state = world.state();
    let item = &state.tracker.items[&order.item];
    assert_eq!((&item.title, &item.body), (&order.title, &order.body));
}

#[tokio::test(start_paused = true)]
async fn a_saved_plan_is_refused_once_a_person_filed_the_issue() {
    let world = FakeWorld::new(1);
    let plan = job(&world, 3).preview().await.expect("the run ends").plan;
    {
        let mut state = world.state();
        let state = &mut *state;
        act(Deed::File, &mut state.sentry, &mut state.tracker, 1000, &mut Seeded::new(0))
            .expect("it can be filed");
    }
    let ended = job(&world, 3).apply_saved(plan).await;
    assert!(matches!(ended, Err(SyncError::Refused(Refused::Stale(_)))), "{ended:?}");
    assert_eq!(writes(&world), 0);
}

#[tokio::test(start_paused = true)]
async fn a_tracker_that_does_not_answer_makes_the_run_a_preview_with_a_gap() {
    let world =
        FakeWorld::with(
            2,
            |call| if call.what.starts_with("tracker.") { Trouble::Lost } else { Trouble::None },
        );
    let applied = apply(&world).await;
    assert_eq!((writes(&world), applied.outcome.ended.len()), (0, 0));
    assert!(!applied.report.setup_gaps.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_unfinished_creation_whose_issue_is_gone_ends_by_name() {
    let world = FakeWorld::with(1, lose("tracker.create", 0, Trouble::Lost));
    job(&world, 1).apply().await.expect("the run ends");
    world.state().sentry.issues.clear();
    let next = apply(&world).await;
    assert!(matches!(stages(&next)[..], [Stage::Failed(Failure::Superseded(_))]), "{:?}", next.outcome);
    assert!(world.state().ledger.open().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_preview_of_a_full_pool_waits_for_four_requests_in_a_row_and_sends_at_most_sixty() {
    let world = FakeWorld::new(20);
    let began = tokio::time::Instant::now();
    let previewed = job(&world, 3).preview().await.expect("the run ends");
    assert_eq!(previewed.plan.entries.len() + previewed.plan.held.len(), 20);
    assert_eq!(began.elapsed(), LATENCY * 4, "environments, searches, events and links, the tracker");
    let requests = world.count("sentry.") + world.count("tracker.");
    assert!(requests <= 60, "{requests} requests");
}

#[tokio::test(start_paused = true)]
async fn three_creations_wait_for_no_more_than_one() {
    let world = FakeWorld::new(3);
    let began = tokio::time::Instant::now();
    apply(&world).await;
    assert_eq!(
        began.elapsed(),
        LATENCY * 6,
        "four to decide, the creation, then attachment and link at once"
    );
}

#[tokio::test(start_paused = true)]
async fn an_undo_trashes_what_nobody_touched_and_says_what_it_left() {
    let world = FakeWorld::new(3);
    {
        let mut state = world.state();
        let state = &mut *state;
        act(Deed::File, &mut state.sentry, &mut state.tracker, 900, &mut Seeded::new(0))
            .expect("it can be filed");
    }
    let applied = apply(&world).await;
    let created: Vec<_> = applied
        .outcome
        .ended
        .iter()
        .filter(|ended| ended.did == Did::Created)
        .map(|ended| ended.entry.key.issue)
        .collect();
    assert_eq!(created.len(), 2);
    if let Some(item) = world.state().tracker.items.get_mut(&key(created[0]).item_id()) {
        item.state = ItemState::Started;
    }
    let report = world.undo().undo(&applied.run).await.expect("the undo ends");
    let line = |issue| report.lines.iter().find(|line| line.issue == issue).expect("a line an issue");
    assert_eq!(line(created[0]).undid, Undid::Nothing);
    assert!(line(created[0]).left[0].contains("somebody touched it"), "{:?}", line(created[0]).left);
    assert_eq!(line(created[1]).undid, Undid::Trashed);
    assert_eq!(world.state().tracker.items[&key(created[1]).item_id()].presence, Presence::Trashed);
    // Taken back is an answer: it is not filed again.
    let creates = world.count("tracker.create");
    world.state().second += 2 * 86_400;
    apply(&world).await;
    assert_eq!(world.count("tracker.create"), creates);
}

#[tokio::test(start_paused = true)]
async fn an_undo_removes_the_attachment_that_a_link_added() {
    let world = FakeWorld::new(1);
    let id = key(orderly_core::ids::IssueId(4_500_100)).item_id();
    let short_id = "Somebody wrote this by hand: SHOP-10 is broken";
    world.state().tracker.add(id, orderly_testkit::world::tracker::Maker::Person, short_id, short_id, 900);
    let applied = apply(&world).await;
    assert_eq!(applied.outcome.ended[0].did, Did::Linked);
    let address = permalink(orderly_core::ids::IssueId(4_500_100));
    assert!(world.state().tracker.items[&id].attachments.contains_key(&address));
    let report = world.undo().undo(&applied.run).await.expect("the undo ends");
    assert_eq!(report.lines[0].undid, Undid::Detached);
    assert!(world.state().tracker.items[&id].attachments.is_empty());
}

#[tokio::test]
async fn nobody_presses_a_switch_that_is_gone() {
    let cancel = Cancel::never();
    assert!(!cancel.is_asked());
    let waited = tokio::time::timeout(std::time::Duration::from_millis(1), cancel.asked()).await;
    assert!(waited.is_err(), "it waits for ever");
}
