use super::*;
use crate::sync::fixtures::{ago, issue};
use crate::sync::snapshot::{Issue, Level, Status, Unresolved};
use proptest::prelude::*;

fn weighed(issue: &Issue) -> Weighed<'_> {
    Weighed { issue, daily: &[], current_release: None }
}

fn points(issue: &Issue, factor: Factor) -> u32 {
    let score = score(weighed(issue), &Weights::default());
    score.parts.iter().find(|part| part.factor == factor).map_or(0, |part| part.points)
}

#[test]
fn ten_times_as_many_is_one_step_more() {
    for (users, expected) in [(0, 0), (1, 2), (9, 8), (99, 15), (999, 23), (9_999, 30), (1_000_000, 30)] {
        let mut issue = issue(1);
        issue.users = users;
        assert_eq!(points(&issue, Factor::Users), expected, "{users}");
    }
}

#[test]
fn a_trend_is_lately_against_before_and_a_short_history_has_none() {
    let issue = issue(1);
    let trend = |daily: &[u64]| {
        let score = score(Weighed { daily, ..weighed(&issue) }, &Weights::default());
        score
            .parts
            .into_iter()
            .find(|part| part.factor == Factor::Trend)
            .map(|part| (part.points, part.because))
    };
    assert_eq!(trend(&[9, 9, 9, 9, 9, 9, 9]), None);
    assert_eq!(trend(&[4, 4, 4, 9, 9, 9]), Some((5, "9.0 a day, 4.0 before".to_owned())));
    assert_eq!(trend(&[0, 0, 0, 0, 99, 99, 99]).map(|(points, _)| points), Some(15));
    assert_eq!(trend(&[9, 9, 9, 0, 0, 0]), None, "less than before weighs nothing");
    assert_eq!(trend(&[0, 50, 50, 50]), None, "one day before is no history");
}

#[test]
fn new_in_the_current_release_counts_fully_and_new_by_date_half() {
    let mut fresh = issue(1);
    fresh.first_seen = ago(10);
    let new = |issue: &Issue, current_release| {
        let score = score(Weighed { current_release, ..weighed(issue) }, &Weights::default());
        score.parts.iter().find(|part| part.factor == Factor::New).map_or(0, |part| part.points)
    };
    assert_eq!(new(&fresh, Some(ago(11))), 15);
    assert_eq!(new(&fresh, Some(ago(9))), 0);
    assert_eq!(new(&fresh, None), 0);
    fresh.status = Status::Unresolved(Unresolved::New);
    assert_eq!(new(&fresh, None), 8);
}

#[test]
fn a_score_says_what_it_is_made_of() {
    let mut back = issue(1);
    back.status = Status::Unresolved(Unresolved::Regressed);
    back.level = Level::Fatal;
    let score = score(weighed(&back), &Weights::default());
    assert_eq!(
        score.words(),
        "37: users 9 (14 users), events 8 (120 events), level 10 (fatal), back 10 (regressed)"
    );
}

proptest! {
    #[test]
    fn more_users_or_events_never_weigh_less_and_no_score_is_above_its_weights(
        users in 0..1_000_000_u64, events in 0..10_000_000_u64, more in 0..100_000_u64,
        daily in proptest::collection::vec(0..10_000_u64, 0..20),
    ) {
        let (mut small, mut large) = (issue(1), issue(1));
        (small.users, small.events) = (users, events);
        (large.users, large.events) = (users + more, events + more);
        let of = |issue: &Issue| score(Weighed { daily: &daily, ..weighed(issue) }, &Weights::default()).total;
        prop_assert!(of(&small) <= of(&large));
        prop_assert!(of(&large) <= 100);
    }
}
