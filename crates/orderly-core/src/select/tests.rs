use super::*;
use crate::ids::{IssueId, ProjectSlug};
use crate::sync::decide::content_digest;
use crate::sync::fixtures::{ago, issue, now, text};
use crate::sync::policy::{NoiseFloor, PoolSize, SyncPolicy, UpdateStale};
use crate::sync::snapshot::{Archived, ExternalLink, LastReport, Level, Signal, Status, Unresolved};
use crate::time::Seconds;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn listed(id: u64) -> Listed {
    Listed {
        issue: issue(id),
        signals: BTreeSet::from([Signal::ForReview]),
        remembered: Remembered::default(),
    }
}

fn with_pool(n: u32) -> SyncPolicy {
    SyncPolicy { pool: PoolSize::try_from(n).unwrap(), ..SyncPolicy::default() }
}

fn one(listed: Listed, policy: &SyncPolicy) -> Option<HeldReason> {
    select(vec![listed], policy, now()).held.into_iter().next().map(|held| held.reason)
}

fn ids(selection: &Selection) -> Vec<u64> {
    selection.selected.iter().map(|l| l.issue.id.0).collect()
}

#[test]
fn an_issue_that_is_not_open_any_more_is_held_with_its_state() {
    let cases = [
        (Status::Resolved, HeldReason::Resolved),
        (Status::Archived(Archived::Forever), HeldReason::Archived),
        (Status::Archived(Archived::UntilEscalating), HeldReason::Archived),
        (Status::Leaving, HeldReason::Leaving),
    ];
    for (status, reason) in cases {
        let mut listed = listed(1);
        listed.issue.status = status;
        listed.signals.insert(Signal::Regressed);
        assert_eq!(one(listed, &SyncPolicy::default()), Some(reason), "{status:?}");
    }
}

#[test]
fn the_noise_floor_names_the_bound_and_both_numbers() {
    let policy = SyncPolicy {
        noise_floor: NoiseFloor { events: 2, users: 3, level: Level::Error },
        ..SyncPolicy::default()
    };
    let bound = |events, users, level| {
        let mut listed = listed(1);
        (listed.issue.events, listed.issue.users, listed.issue.level) = (events, users, level);
        match one(listed, &policy) {
            Some(HeldReason::BelowNoiseFloor { bound }) => bound,
            other => format!("{other:?}"),
        }
    };
    assert_eq!(bound(1, 9, Level::Error), "1 event in 24h, at least 2 are asked");
    assert_eq!(bound(9, 0, Level::Error), "0 users in 24h, at least 3 are asked");
    assert_eq!(bound(9, 9, Level::Warning), "level warning, at least error is asked");
    assert_eq!(bound(2, 3, Level::Error), "None");
}

#[test]
fn an_issue_that_regressed_or_escalates_is_never_noise() {
    let quiet = |change: fn(&mut Listed)| {
        let mut listed = listed(1);
        (listed.issue.events, listed.issue.users) = (1, 0);
        change(&mut listed);
        one(listed, &SyncPolicy::default())
    };
    assert!(matches!(quiet(|_| ()), Some(HeldReason::BelowNoiseFloor { .. })));
    assert_eq!(quiet(|l| l.issue.status = Status::Unresolved(Unresolved::Regressed)), None);
    assert_eq!(quiet(|l| l.issue.status = Status::Unresolved(Unresolved::Escalating)), None);
    assert_eq!(
        quiet(|l| {
            l.signals.insert(Signal::Regressed);
        }),
        None
    );
    assert_eq!(
        quiet(|l| {
            l.signals.insert(Signal::Escalating);
        }),
        None
    );
}

#[test]
fn an_unchanged_issue_rests_for_the_cooldown_and_a_changed_one_does_not() {
    let reported = |hours: i64, change: fn(&mut Listed)| {
        let mut listed = listed(1);
        let content = content_digest(&listed.issue, &listed.signals);
        listed.remembered.last_report = Some(LastReport { at: ago(hours), content });
        change(&mut listed);
        one(listed, &SyncPolicy::default())
    };
    assert_eq!(reported(23, |_| ()), Some(HeldReason::Cooldown { reported_at: ago(23) }));
    assert_eq!(reported(24, |_| ()), None);
    assert_eq!(
        reported(2, |l| l.issue.events += 7),
        Some(HeldReason::Cooldown { reported_at: ago(2) }),
        "counts grow at every look"
    );
    assert_eq!(reported(2, |l| l.issue.events *= 100), None);
    assert_eq!(
        reported(2, |l| {
            l.signals.insert(Signal::Regressed);
        }),
        None
    );
    assert_eq!(reported(2, |l| l.issue.title = text("Another error altogether")), None);
}

#[test]
fn a_linked_issue_is_held_unless_it_came_back_or_stale_items_are_updated() {
    let mut linked = listed(1);
    let link = |n: u8| ExternalLink {
        source: "linear".to_owned(),
        label: text(&format!("PLAT-{n}")),
        url: text("https://l/1"),
    };
    linked.issue.links = vec![link(2), link(1)];
    assert_eq!(
        one(linked.clone(), &SyncPolicy::default()),
        Some(HeldReason::AlreadyLinked { link: link(1) })
    );
    let updating = SyncPolicy { update_stale: UpdateStale::After(Seconds::days(7)), ..SyncPolicy::default() };
    assert_eq!(one(linked.clone(), &updating), None);
    linked.signals.insert(Signal::Regressed);
    assert_eq!(
        one(linked, &SyncPolicy::default()),
        None,
        "its item may be completed: the regression policy answers"
    );
}

#[test]
fn a_noisy_project_cannot_push_the_others_out_of_the_pool() {
    let mut all: Vec<Listed> = (0..30).map(|n| listed(n * 3)).collect();
    all.iter_mut().for_each(|l| l.issue.users = 9_000);
    all.extend([listed(1), listed(2), listed(4)]);
    let selection = select(all, &with_pool(6), now());
    assert_eq!(ids(&selection), [0, 1, 2, 3, 4, 6]);
    assert_eq!(selection.held.len(), 27);
    assert!(selection.held.iter().all(|held| held.reason == HeldReason::PoolFull { pool: 6 }));
}

#[test]
fn impact_goes_by_signal_then_users_then_events_then_rise_then_id() {
    let make = |id: u64, change: fn(&mut Listed)| {
        let mut listed = listed(id);
        listed.issue.project = ProjectSlug::new("one");
        change(&mut listed);
        listed
    };
    let rising = |l: &mut Listed| l.issue.trend = [vec![1; 18], vec![5; 6]].concat();
    let all = vec![
        make(9, |_| ()),
        make(8, |_| ()),
        make(7, rising),
        make(6, |l| l.issue.events = 121),
        make(5, |l| l.issue.users = 15),
        make(4, |l| {
            l.signals.insert(Signal::HighPriority);
        }),
        make(3, |l| {
            l.signals.insert(Signal::Escalating);
        }),
        make(2, |l| {
            l.signals.insert(Signal::Regressed);
        }),
    ];
    assert_eq!(ids(&select(all, &with_pool(20), now())), [2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn an_issue_with_an_unfinished_decision_is_looked_at_whatever_else_holds() {
    let mut open = listed(1);
    open.remembered.intent = IntentState::Open;
    open.issue.status = Status::Resolved;
    open.issue.events = 0;
    let mut all: Vec<Listed> = (2..9).map(listed).collect();
    all.push(open.clone());
    let selection = select(all, &with_pool(1), now());
    assert_eq!(ids(&selection), [1], "it fills the pool");
    let two = vec![open.clone(), Listed { issue: issue(5), ..open }];
    assert_eq!(select(two, &with_pool(1), now()).selected.len(), 2, "and goes beyond it");
}

fn any_listed() -> impl Strategy<Value = Listed> {
    let status = prop_oneof![
        4 => Just(Status::Unresolved(Unresolved::Ongoing)),
        1 => Just(Status::Unresolved(Unresolved::Regressed)),
        1 => Just(Status::Resolved),
        1 => Just(Status::Archived(Archived::Forever)),
    ];
    let signals = proptest::collection::btree_set(proptest::sample::select(Signal::ALL.to_vec()), 1..4);
    (status, signals, 0..3_u64, 0..3_u64, 0..4_u8, any::<bool>()).prop_map(
        |(status, signals, events, users, project, open)| {
            let mut listed = listed(0);
            listed.issue.project = ProjectSlug::new(format!("p{project}"));
            (listed.issue.status, listed.signals) = (status, signals);
            (listed.issue.events, listed.issue.users) = (events, users);
            listed.remembered.intent =
                if open && events == 2 { IntentState::Open } else { IntentState::None };
            listed
        },
    )
}

proptest! {
    #[test]
    fn the_order_of_the_answer_changes_nothing_and_nothing_gets_lost(
        mut all in proptest::collection::vec(any_listed(), 0..40),
        pool in 1..20_u32,
        seed in any::<u64>(),
    ) {
        for (id, listed) in (0_u64..).zip(&mut all) {
            listed.issue.id = IssueId(id);
        }
        let policy = with_pool(pool);
        let selection = select(all.clone(), &policy, now());
        prop_assert_eq!(selection.selected.len() + selection.held.len(), all.len());
        let fresh = selection.selected.iter().filter(|l| l.remembered.intent == IntentState::None).count();
        prop_assert!(fresh <= pool as usize);
        all.sort_by_key(|l| crate::digest::of(&(seed, l.issue.id)));
        prop_assert_eq!(select(all, &policy, now()), selection);
    }
}
