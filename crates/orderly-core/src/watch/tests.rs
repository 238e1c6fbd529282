use super::*;
use crate::detect::share::Portion;
use crate::escalation::WeekOfIssue;
use crate::ids::{IssueId, ProjectSlug, ShortId};
use crate::time::Timestamp;
use crate::untrusted::Untrusted;
use proptest::prelude::*;

fn at(hour: usize) -> Timestamp {
    Timestamp::from_second(1_772_000_000 / 3600 * 3600 + 3600 * hour as i64).unwrap()
}

fn project(name: &str, errors: &[u64]) -> Observed {
    let last = errors.len() - 1;
    let progress = |hour| if hour == last { Progress::Running } else { Progress::Over };
    let hours = errors.iter().enumerate();
    let errors =
        hours.map(|(hour, errors)| Hour { begins: at(hour), errors: *errors, progress: progress(hour) });
    Observed {
        project: ProjectSlug::new(name),
        errors: errors.collect(),
        crashes: Vec::new(),
        failures: Vec::new(),
        slow: Slow::default(),
    }
}

/// Two days as usual, then what comes.
fn usual(then: &[u64]) -> Vec<u64> {
    (0..48).map(|hour| 4 + (hour * 7919) % 5).chain(then.iter().copied()).collect()
}

fn looked(seen: Seen) -> Sight {
    judge(seen, at(48), WatchPolicy::default())
}

fn errors(projects: &[Observed]) -> Sight {
    looked(Seen { observed: projects.to_vec(), ..Seen::default() })
}

fn words(sight: &Sight) -> Vec<(&str, &str)> {
    sight.raised.iter().map(|raised| (raised.project.as_str(), raised.detector.word())).collect()
}

#[test]
fn an_hour_that_still_runs_may_be_too_much_already_and_never_too_little() {
    let sight = errors(&[project("a", &usual(&[6, 0])), project("b", &usual(&[6, 70]))]);
    assert_eq!(words(&sight), [("b", "errors")]);
    let raised = &sight.raised[0];
    assert_eq!((raised.newest, raised.begins), (at(49), at(49)));
    assert!(raised.sum.unwrap().by_chance_a_week < 1e-6, "{raised:?}");
    assert!(sight.judged[1].expected.is_some_and(|expected| (3.0..12.0).contains(&expected)), "{sight:?}");
}

#[test]
fn what_sentry_would_call_escalating_is_told_beside_the_tail() {
    let sight = errors(&[project("a", &usual(&[6, 90]))]);
    let escalation = Detector::Escalation { limit: 80 };
    assert!(sight.raised.iter().any(|raised| raised.detector == escalation), "{sight:#?}");
    assert_eq!(words(&sight).len(), 2, "{sight:#?}");
}

#[test]
fn a_rise_that_stays_is_told_although_no_hour_of_it_is_too_much() {
    let rates: Vec<u64> =
        (0..160).map(|hour| (if hour < 140 { 5 } else { 11 }) + (hour * 7919) % 5).collect();
    let sight = judge(
        Seen { observed: vec![project("a", &rates)], ..Seen::default() },
        at(158),
        WatchPolicy::default(),
    );
    assert_eq!(words(&sight), [("a", "step")], "{sight:#?}");
    let window = sight.raised[0].sum.unwrap().alarm.window;
    assert!((18..=20).contains(&window), "{sight:#?}");
}

#[test]
fn the_more_projects_are_watched_the_less_may_be_left_to_chance() {
    let one = || project("a", &usual(&[30, 6]));
    let alone = errors(&[one()]);
    let false_a_week = alone.raised[0].sum.unwrap().by_chance_a_week;
    let observed = vec![one(); 20];
    let among = judge(
        Seen { observed, ..Seen::default() },
        at(48),
        WatchPolicy { false_a_week, ..WatchPolicy::default() },
    );
    assert_eq!((words(&alone), words(&among)), (vec![("a", "errors")], Vec::new()));
}

#[test]
fn the_time_before_the_first_error_is_not_taken_for_silence() {
    let mut late = vec![0; 200];
    late.extend(usual(&[7, 6]));
    let seen = Seen { observed: vec![project("new", &late)], ..Seen::default() };
    assert_eq!(judge(seen, at(200), WatchPolicy::default()).raised, []);
}

#[test]
fn parts_are_held_against_all_of_their_hour() {
    let series = |last: Portion| -> Vec<Part> {
        let before = (0..49).map(|hour| Portion { hit: hour as u64 % 2, of: 40 + hour as u64 % 7 });
        let portions = before.chain([last]).enumerate();
        portions.map(|(hour, portion)| Part { begins: at(hour), portion }).collect()
    };
    let more = |hit, of| {
        let mut one = project("a", &usual(&[6, 2]));
        one.crashes = series(Portion { hit, of });
        one.failures = series(Portion { hit, of });
        one.slow = Slow { over_millis: 900, parts: series(Portion { hit, of }) };
        errors(&[one])
    };
    assert_eq!(words(&more(20, 50)), [("a", "crashes"), ("a", "failures"), ("a", "latency")]);
    assert_eq!(more(20, 50).raised[2].detector, Detector::Latency { transactions: 50, over_millis: 900 });
    assert_eq!(more(20, 2_000).raised, [], "a busy hour has more of everything");
}

fn fresh(events: u64, minutes: i64) -> FreshIssue {
    let first_seen = at(49);
    FreshIssue {
        project: ProjectSlug::new("a"),
        id: IssueId(7),
        short_id: ShortId::new("A-7"),
        title: Untrusted::new("KeyError".to_owned()),
        release: Untrusted::new("a@2".to_owned()),
        events,
        first_seen,
        last_seen: Timestamp::from_second(first_seen.as_second() + minutes * 60).unwrap(),
    }
}

#[test]
fn a_new_issue_of_a_new_release_is_told_when_it_has_more_events_than_issues_have() {
    let week = WeekOfProject {
        project: ProjectSlug::new("a"),
        issues: (1..20).map(|nth| WeekOfIssue { events: nth * 10, age_seconds: 7 * 86_400 }).collect(),
    };
    let told = |issue: FreshIssue| {
        words(&looked(Seen { fresh: vec![issue], week: vec![week.clone()], ..Seen::default() })).len()
    };
    assert_eq!([told(fresh(4, 5)), told(fresh(12, 8)), told(fresh(12, 900))], [0, 1, 0]);
}

#[test]
fn an_alert_of_sentry_joins_the_incident_of_its_time() {
    let alert = SentryAlert {
        id: "3".to_owned(),
        title: Untrusted::new("too many".to_owned()),
        projects: vec![ProjectSlug::new("b")],
        since: at(49),
        value: Some(90.0),
        threshold: Some(50.0),
    };
    let observed = vec![project("a", &usual(&[6, 70])), project("b", &usual(&[6, 6]))];
    let sight = looked(Seen { observed, alerts: vec![alert], ..Seen::default() });
    assert_eq!(words(&sight), [("a", "errors"), ("b", "sentry_alert")]);
    assert_eq!((sight.proposals.len(), sight.proposals[0].leading.project.as_str()), (1, "a"));
    assert!(sight.raised.iter().all(|raised| sight.proposals[0].has(raised)));
}

#[test]
fn projects_that_rise_together_are_one_proposal_and_a_later_rise_is_another() {
    let many = [6; 12];
    let first = [&[60, 50][..], &many[..], &[5]].concat();
    let second = [&[6, 130][..], &many[..11], &[75, 5]].concat();
    let sight = errors(&[project("a", &usual(&first)), project("b", &usual(&second))]);
    let told: Vec<Vec<&str>> =
        sight.proposals.iter().map(|one| one.projects.iter().map(ProjectSlug::as_str).collect()).collect();
    assert_eq!(told, [vec!["a", "b"], vec!["b"]], "{sight:#?}");
    assert_eq!(sight.proposals[0].begins, at(48));
    assert_eq!(sight.proposals[0].leading.project.as_str(), "b");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn every_alarm_is_in_one_proposal_whatever_the_order_of_the_projects(
        rises in proptest::collection::vec(proptest::collection::vec(prop_oneof![3 => 0..12_u64, 1 => 60..200_u64], 6), 1..4),
    ) {
        let named = |(nth, rise): (usize, &Vec<u64>)| project(&format!("p{nth}"), &usual(rise));
        let projects: Vec<Observed> = rises.iter().enumerate().map(named).collect();
        let mut turned = projects.clone();
        turned.reverse();
        let (one, other) = (errors(&projects), errors(&turned));
        prop_assert_eq!(&one.proposals, &other.proposals);
        for raised in &one.raised {
            prop_assert_eq!(one.proposals.iter().filter(|proposal| proposal.has(raised)).count(), 1);
        }
        prop_assert!(one.proposals.windows(2).all(|pair| pair[0].ends < pair[1].begins));
    }
}
