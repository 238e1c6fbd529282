use super::*;
use crate::time::Seconds;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn touching(what: &[Touch]) -> BTreeMap<Touch, String> {
    what.iter().map(|touch| (*touch, "transaction:*pay*".to_owned())).collect()
}

fn quiet() -> Facts {
    Facts {
        window: Seconds::hours(1),
        users: Some(0),
        active_users: Some(1000),
        events: Some(0),
        usual: Some(Usual { events: 24, windows: 24 }),
        services: 1,
        touches: BTreeMap::new(),
        trend: Some(Trend::Steady),
    }
}

fn judged(facts: &Facts) -> (Severity, Vec<String>, Option<String>) {
    let assessment = assess(facts, &SeverityPolicy::default());
    let reasons = assessment.reasons.iter().map(ToString::to_string).collect();
    (assessment.severity, reasons, assessment.nearest.map(|nearest| nearest.to_string()))
}

#[test]
fn each_criterion_gives_its_severity_and_says_what_comes_next() {
    let table: [(Facts, Severity, &str, Option<&str>); 8] = [
        (quiet(), Severity::Sev4, "", Some("SEV3 from 2 projects on, now 1")),
        (
            Facts { users: Some(400), ..quiet() },
            Severity::Sev1,
            "40 % of users met an error: 400 of 1000 (SEV1 from 10 % on)",
            None,
        ),
        (
            Facts { users: Some(31), active_users: Some(1030), ..quiet() },
            Severity::Sev2,
            "3.0 % of users met an error: 31 of 1030 (SEV2 from 2 % on)",
            Some("SEV1 from 103 users on (10 % of 1030), now 31"),
        ),
        (
            Facts { users: Some(600), active_users: None, ..quiet() },
            Severity::Sev2,
            "600 users met an error (SEV2 from 500 on)",
            Some("SEV1 from 5000 users on, now 600"),
        ),
        (
            Facts { events: Some(90), ..quiet() },
            Severity::Sev2,
            "90 errors where 1.0 are usual (SEV2 from 20 times on)",
            Some("SEV1 from 100 users on (10 % of 1000), now 0"),
        ),
        (
            Facts { services: 2, ..quiet() },
            Severity::Sev3,
            "errors in 2 projects (SEV3 from 2 on)",
            Some("SEV2 from 3 projects on, now 2"),
        ),
        (
            Facts { touches: touching(&[Touch::Money]), ..quiet() },
            Severity::Sev2,
            "a money path is touched, as `transaction:*pay*` says (at least SEV2)",
            Some("SEV1 from 100 users on (10 % of 1000), now 0"),
        ),
        (
            Facts { trend: Some(Trend::Rising), users: None, events: None, ..quiet() },
            Severity::Sev3,
            "errors are rising (one worse, here SEV3)",
            Some("SEV2 from 2 projects on, now 1"),
        ),
    ];
    for (facts, severity, reason, nearest) in table {
        let (found, reasons, next) = judged(&facts);
        assert_eq!(
            (found, reasons.first().map_or("", String::as_str), next.as_deref()),
            (severity, reason, nearest),
            "{facts:?}"
        );
    }
}

#[test]
fn a_few_users_or_errors_are_no_share_and_no_rate() {
    let facts = Facts { users: Some(4), active_users: Some(8), events: Some(19), ..quiet() };
    assert_eq!(judged(&facts).0, Severity::Sev4);
    let facts = Facts { users: Some(5), ..facts };
    assert_eq!(judged(&facts).0, Severity::Sev1);
}

#[test]
fn what_is_unknown_makes_nothing_worse() {
    let facts = Facts { users: None, active_users: None, events: None, usual: None, trend: None, ..quiet() };
    assert_eq!(judged(&facts), (Severity::Sev4, vec![], Some("SEV3 from 2 projects on, now 1".to_owned())));
}

#[test]
fn a_trend_needs_more_than_chance() {
    for (earlier, later, trend) in [
        (0, 0, Trend::Steady),
        (1, 2, Trend::Steady),
        (10, 30, Trend::Rising),
        (30, 10, Trend::Falling),
        (1000, 1050, Trend::Steady),
        (1000, 1100, Trend::Rising),
    ] {
        assert_eq!(Trend::of(earlier, later), trend, "{earlier} {later}");
    }
}

#[test]
fn severities_are_read_as_people_write_them() {
    for (text, severity) in [("SEV1", Severity::Sev1), ("sev3", Severity::Sev3), (" 2 ", Severity::Sev2)] {
        assert_eq!(text.parse(), Ok(severity));
    }
    for wrong in ["", "SEV", "SEV5", "V1", "SEV12", "one"] {
        assert_eq!(wrong.parse::<Severity>(), Err(Unnamed), "{wrong}");
    }
}

#[test]
fn it_rises_by_itself_and_falls_only_by_decision() {
    use Severity::{Sev1, Sev2, Sev3, Sev4};
    let ratchet = Ratchet::new(Sev3);
    assert_eq!(ratchet.assessed(Sev2).assessed(Sev4).current(), Sev2);
    let lowered = ratchet.assessed(Sev2).decided(Sev4);
    assert_eq!(lowered.assessed(Sev2).current(), Sev4, "the same numbers do not undo a decision");
    assert_eq!(lowered.assessed(Sev1).current(), Sev1, "worse numbers do");
    assert_eq!(lowered.assessed(Sev4).assessed(Sev2).current(), Sev2, "and so do those that come back");
    assert_eq!(ratchet.decided(Sev1).assessed(Sev2).current(), Sev1);
}

#[test]
fn what_must_not_suffer_is_told_by_patterns_over_labels() {
    let label = |key: &str, value: &str| Label { key: key.to_owned(), value: value.into() };
    let touched = |labels: &[Label]| Touching::default().of(labels).into_keys().collect::<Vec<_>>();
    assert_eq!(touched(&[label("transaction", "POST /Checkout/confirm")]), [Touch::Money]);
    assert_eq!(
        touched(&[label("error.type", "AuthenticationFailed"), label("project", "backend")]),
        [Touch::Security]
    );
    assert_eq!(touched(&[label("url", "/checkout"), label("transaction", "GET /cart")]), []);
    let own = Touching::new(&["plan:enterprise".to_owned()], &[]).unwrap();
    assert_eq!(own.of(&[label("plan", "enterprise")])[&Touch::Money], "plan:enterprise");
    for wrong in ["checkout", ":x", "transaction:", "transaction:[a"] {
        let refused = Touching::new(&[], &[wrong.to_owned()]).unwrap_err();
        assert!(refused.to_string().contains(wrong), "{refused}");
    }
}

prop_compose! {
    fn any_facts()(
        users in proptest::option::of(0_u64..8000),
        active_users in proptest::option::of(0_u64..60_000),
        events in proptest::option::of(0_u64..4000),
        usual in proptest::option::of((0_u64..3000, 1_u32..30)),
        services in 0_u32..6,
        touches in proptest::sample::subsequence(vec![Touch::Money, Touch::Security], 0..3),
        trend in proptest::option::of(prop_oneof![Just(Trend::Falling), Just(Trend::Steady), Just(Trend::Rising)]),
    ) -> Facts {
        let usual = usual.map(|(events, windows)| Usual { events, windows });
        let touches = touching(&touches);
        Facts { window: Seconds::hours(1), users, active_users, events, usual, services, touches, trend }
    }
}

prop_compose! {
    fn any_policy()(
        users in [0_u64..9000, 0..9000, 0..9000], share in [0_u32..101, 0..101, 0..101],
        rate in [0_u32..60, 0..60, 0..60], services in [0_u32..7, 0..7, 0..7],
        none in 0_u16..4096, floors in [0_usize..4, 0..4, 0..4], least in 0_u64..50,
    ) -> SeverityPolicy {
        let at = |level: usize| {
            let set = |criterion: usize| none & (1 << (level * 4 + criterion)) != 0;
            Thresholds {
                users: set(0).then_some(users[level]),
                share: set(1).then_some(share[level]),
                rate: set(2).then_some(rate[level]),
                services: set(3).then_some(services[level]),
            }
        };
        SeverityPolicy {
            sev1: at(0), sev2: at(1), sev3: at(2), least_users: least, least_events: least,
            money: Severity::ALL[floors[0]], security: Severity::ALL[floors[1]], rising: Severity::ALL[floors[2]],
        }
    }
}

/// The facts with one count changed.
fn with(facts: &Facts, change: Change) -> Facts {
    let mut then = facts.clone();
    match change {
        Change::Users { to, .. } => then.users = Some(to),
        Change::Events { to, .. } => then.events = Some(to),
        Change::Services { to, .. } => then.services = to,
        Change::Touches { what } => drop(then.touches.insert(what, String::new())),
        Change::Rising => then.trend = Some(Trend::Rising),
    }
    then
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn more_of_anything_never_makes_it_better(facts in any_facts(), policy in any_policy(), more in 1_u64..5000) {
        let before = assess(&facts, &policy).severity;
        let add = |count: Option<u64>| count.map(|count| count + more);
        let worse = [
            Facts { users: add(facts.users), ..facts.clone() },
            Facts { events: add(facts.events), ..facts.clone() },
            Facts { services: facts.services + 1, ..facts.clone() },
            Facts { touches: touching(&[Touch::Money, Touch::Security]), ..facts.clone() },
            Facts { trend: Some(Trend::Rising), ..facts.clone() },
            Facts { active_users: facts.active_users.map(|of| of / 2 + 1).min(facts.active_users), ..facts.clone() },
            Facts { usual: facts.usual.map(|usual| Usual { events: usual.events / 2, ..usual }), ..facts.clone() },
        ];
        for then in worse {
            if facts.active_users == Some(0) && then.active_users != facts.active_users { continue; }
            prop_assert!(assess(&then, &policy).severity >= before, "{then:?}");
        }
    }

    #[test]
    fn the_counterfactual_is_true_and_nothing_nearer_is(facts in any_facts(), policy in any_policy()) {
        let found = assess(&facts, &policy);
        let counts = |change| match change {
            Change::Users { from, to, .. } | Change::Events { from, to } => Some((from, to)),
            Change::Services { from, to } => Some((u64::from(from), u64::from(to))),
            Change::Touches { .. } | Change::Rising => None,
        };
        // How much of each count may be added without being worse, were it nearer than what was found.
        let share = match found.nearest {
            Some(nearest) => {
                prop_assert!(nearest.severity > found.severity);
                prop_assert_eq!(assess(&with(&facts, nearest.change), &policy).severity, nearest.severity);
                counts(nearest.change).map(|(from, to)| (u128::from(from), u128::from(to)))
            }
            None => None,
        };
        // The greatest value that is strictly nearer: from/value > share.
        let before = |from: u64| match share {
            Some((0, _)) => (from > 0).then_some(u64::MAX / 4),
            Some((part, of)) => u64::try_from((u128::from(from) * of).saturating_sub(1) / part).ok(),
            None => Some(u64::MAX / 4),
        };
        let mut tried = Vec::new();
        tried.extend(facts.users.and_then(before).map(|to| Facts { users: facts.users.max(Some(to)), ..facts.clone() }));
        if facts.usual.is_some() {
            tried.extend(facts.events.and_then(before).map(|to| Facts { events: facts.events.max(Some(to)), ..facts.clone() }));
        }
        tried.extend(before(u64::from(facts.services)).map(|to| {
            Facts { services: facts.services.max(u32::try_from(to).unwrap_or(u32::MAX)), ..facts.clone() }
        }));
        if found.nearest.is_none() {
            for what in [Touch::Money, Touch::Security] {
                let mut then = facts.clone();
                then.touches.insert(what, String::new());
                tried.push(then);
            }
            tried.push(Facts { trend: Some(Trend::Rising), ..facts });
        }
        for then in tried {
            prop_assert_eq!(assess(&then, &policy).severity, found.severity, "{:?} is nearer", then);
        }
    }
}
