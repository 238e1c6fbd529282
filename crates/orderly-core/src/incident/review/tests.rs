use super::*;
use crate::answer::Cause;
use crate::ids::{ItemId, ItemKey, ProjectSlug, TeamKey};
use crate::incident::tests::{appointed, assessed, at, by, declared, informed, key, person, with};
use crate::incident::*;
use crate::scrub::Scrubber;
use crate::sync::plan::ItemRef;
use crate::sync::policy::SyncPolicy;
use crate::sync::snapshot::{Creation, ItemState, Presence, RepeatedIds, TrackedItem, TrackerFacts};
use crate::time::{Now, Seconds, Timestamp};
use crate::watch::{Hour, Observed, Progress, Slow, WatchPolicy};
use proptest::prelude::*;
use std::collections::BTreeMap;

const HOUR: i64 = 3600;

fn planned(text: &str, verify: &str, due: i64) -> What {
    let action = Action { text: text.into(), owner: person("carl"), due: at(due), verify: verify.into() };
    What::Planned { action }
}

fn close(evidence: &str) -> What {
    What::Closed { action: 1, evidence: evidence.into() }
}

fn learned(lesson: Lesson, text: &str) -> Entry {
    by(200, "ana", What::Learned { lesson, text: text.into(), confirms: None })
}

fn review(log: &Log, evidence: &Evidence, minutes: i64) -> Review {
    Review::of(
        log,
        evidence,
        &ClockPolicy::default(),
        &Scrubber::built_in(),
        (Now(at(minutes)), Audience::Open),
    )
}

#[test]
fn an_action_needs_owner_date_and_verifier_and_is_closed_only_on_evidence() {
    let log = with(declared("down"), [by(9, "ana", What::Resolved { how: "rolled back".into() })]);
    let lacks = |what| log.incident().after(&by(10, "ana", what)).unwrap_err().to_string();
    assert_eq!(lacks(planned(" ", "a test", 99)), "an action needs words");
    assert_eq!(lacks(planned("test the pool", "", 99)), "an action needs a way to verify it");
    assert_eq!(
        lacks(planned("test the pool", "a test", -1)),
        "an action needs a due date after the incident"
    );
    let nobody = Action { text: "x".into(), owner: named(" "), due: at(99), verify: "y".into() };
    assert_eq!(lacks(What::Planned { action: nobody }), "an action needs an owner");
    assert_eq!(lacks(close("commit abc")), "it has no action 1");
    let log = with(log, [by(10, "ana", planned("test the pool", "a test", 99))]);
    let refused = log.incident().after(&by(11, "ana", close(" "))).unwrap_err();
    assert_eq!(refused.to_string(), "an action needs evidence to be closed");
    let log = with(log, [by(11, "ana", close("commit abc"))]);
    let refused = log.incident().after(&by(12, "ana", close("again"))).unwrap_err();
    assert_eq!(refused.to_string(), "action 1 is done already");
    let actions = ActionView::all(log.incident(), &Scrubber::built_in(), Now(at(500)));
    assert_eq!((actions[0].age, actions[0].overdue), (Seconds(60), None));
    assert_eq!(actions[0].state(), "done: commit abc");
}

/// From 10 minutes before the declaration to an hour after it.
fn over() -> Log {
    let supposed = What::Noted { kind: NoteKind::Hypothesis, text: "the pool is full".into() };
    with(
        declared("checkout fails"),
        [
            assessed(1, 31),
            appointed(3, Role::Commander, "bea"),
            informed(8, Says::Notice),
            assessed(9, 400),
            informed(10, Says::Scope),
            by(12, "carl", supposed),
            by(15, "bea", What::Mitigated { how: "rolled back to <1.4.1>".into() }),
            informed(29, Says::Scope),
            informed(56, Says::Scope),
            by(60, "bea", What::Resolved { how: "the rollback holds".into() }),
        ],
    )
}

/// What Sentry recorded of it: a release twenty minutes before, and an alarm that nobody had set.
fn recorded() -> Evidence {
    let sum =
        crate::detect::Alarm { window: 1, observed: 90.0, expected: 4.25, dispersion: 1.5, p_value: 1e-20 };
    let hour = |number: i64| at(0).checked_sub(jiff::SignedDuration::from_hours(number)).unwrap();
    let errors = [2, 3, 4, 1, 5, 3, 90, 60, 4, 2].to_vec();
    Evidence {
        series: vec![Series { project: ProjectSlug::new("backend"), begins: hour(6), errors }],
        changes: vec![
            Change { at: at(-30), kind: ChangeKind::Deploy, what: "backend@1.4.2".into() },
            Change { at: at(-300), kind: ChangeKind::Flag, what: "new_tax".into() },
        ],
        patterns: vec![Pattern {
            kind: "Value<b>Error".into(),
            transaction: "POST /pay".into(),
            release: "backend@1.4.2".into(),
            events: 150,
            users: 40,
        }],
        alarms: vec![
            BackTest {
                project: ProjectSlug::new("backend"),
                detector: "errors".to_owned(),
                fires: Some(Fired { by: at(-4), sum, at_least: Some(17) }),
                falsely: 0,
                hours: 216,
            },
            BackTest {
                project: ProjectSlug::new("backend"),
                detector: "failures".to_owned(),
                fires: None,
                falsely: 2,
                hours: 216,
            },
        ],
        unseen: vec![("flags".to_owned(), Cause::Access("`org:read`".to_owned()))],
    }
}

#[test]
fn a_review_is_computed_from_the_log_and_says_what_it_lacks() {
    let log = over();
    let bare = review(&log, &Evidence::default(), 3000);
    assert_eq!(bare.worst, severity::Severity::Sev1);
    let metrics = &bare.metrics;
    assert_eq!((metrics.to_detect, metrics.to_acknowledge), (Seconds(600), Some(Seconds(180))));
    assert_eq!((metrics.to_mitigate, metrics.to_resolve), (Some(Seconds(1500)), Some(Seconds(4200))));
    assert_eq!((metrics.updates, metrics.late, metrics.latest), (4, 2, Seconds(420)));
    assert_eq!(metrics.to_right_hypothesis, None);
    use Missing::{Actions, Factors, Gaps, Hypothesis, WentWell};
    assert_eq!(bare.missing, [Factors, Hypothesis, Gaps, WentWell, Actions]);
    assert!(bare.chart.series.is_empty() && bare.html(&log, &Scrubber::built_in()).contains("<h2>Actions"));

    let no_hypothesis = What::Learned { lesson: Lesson::Factor, text: "x".into(), confirms: Some(2) };
    let refused = log.incident().after(&by(99, "ana", no_hypothesis)).unwrap_err().to_string();
    assert!(refused.starts_with("entry 2 is no hypothesis"), "{refused}");
    let confirmed =
        What::Learned { lesson: Lesson::Factor, text: "the pool had no limit".into(), confirms: Some(7) };
    let log = with(
        log,
        [
            by(200, "ana", confirmed),
            learned(Lesson::Factor, "the release was not watched"),
            learned(Lesson::Gap, "an alert on waits for the pool"),
            learned(Lesson::WentWell, "the rollback took a minute"),
            by(201, "ana", planned("limit the pool", "a load test", 2000)),
        ],
    );
    let whole = review(&log, &recorded(), 3000);
    assert_eq!(whole.missing, []);
    assert_eq!(whole.metrics.to_right_hypothesis, Some(Seconds(720)));
    assert_eq!(whole.actions[0].overdue, Some(Seconds(60_000)));
    assert_eq!(whole.changed_before, ["release backend@1.4.2, 20 min 0 s before the first error"]);
    let scrubber = Scrubber::built_in();
    insta::assert_snapshot!("review_as_markdown", whole.markdown(&log, &scrubber));
    let html = whole.html(&log, &scrubber);
    insta::assert_snapshot!("review_as_html", html);
    assert_eq!(html.matches("<script").count() + html.matches("http://").count(), 0);
    let again = Log::read(key(), log.entries().to_vec()).unwrap();
    assert_eq!(
        review(&again, &recorded(), 3000).html(&again, &scrubber),
        html,
        "the same log, the same bytes"
    );
    let stored: Evidence = serde_json::from_str(&serde_json::to_string(&recorded()).unwrap()).unwrap();
    assert_eq!(stored, recorded());
}

fn facts() -> TrackerFacts {
    TrackerFacts {
        team: TeamKey::new("PLAT"),
        team_id: "team-1".to_owned(),
        initial_state: Some("triage".to_owned()),
        reopen_state: None,
        labels: BTreeMap::from([("incident".to_owned(), "label-1".to_owned())]),
        people: BTreeMap::from([("carl@example.com".to_owned(), "person-1".to_owned())]),
        creation: Creation::Allowed,
        repeated_ids: RepeatedIds::Refused,
        other_teams: BTreeMap::new(),
    }
}

fn filing(log: &Log) -> FilePlan {
    let policy = SyncPolicy { labels: vec!["Incident".to_owned()], ..SyncPolicy::default() };
    FilePlan::of(
        log.incident(),
        &TeamKey::new("PLAT"),
        &facts(),
        &policy,
        (&Scrubber::built_in(), Audience::Open),
    )
}

fn item(id: ItemId, text: &str) -> TrackedItem {
    TrackedItem {
        id,
        key: ItemKey::new("PLAT-1"),
        url: "https://tracker.example/PLAT-1".into(),
        title: "limit the pool".into(),
        team: TeamKey::new("PLAT"),
        state: ItemState::Unstarted,
        presence: Presence::Live,
        created_at: at(300),
        updated_at: at(300),
        marker: None,
        completed_at: None,
        duplicate_of: None,
        attachments: Vec::new(),
        texts: vec![text.into()],
    }
}

#[test]
fn an_action_has_at_most_one_item_and_what_nobody_answered_is_sent_again_as_it_was() {
    let actions = (0..5).map(|_| by(70, "ana", planned("limit the pool, password=hunter2", "a *test*", 999)));
    let log = with(over(), actions);
    let plan = filing(&log);
    assert_eq!((plan.orders.len(), plan.beyond), (3, 2), "no more than a run may create");
    let order = &plan.orders[0];
    assert_eq!((order.labels.len(), order.assignee.as_deref(), order.priority), (1, Some("person-1"), 2));
    assert!(!order.title.contains("hunter2") && order.body.contains("a \\*test\\*"), "{order:?}");
    assert!(order.body.ends_with(&order.key.marker()), "{}", order.body);
    assert_eq!(filing(&log).digest(), plan.digest());
    let ids: std::collections::BTreeSet<ItemId> = plan.orders.iter().map(|order| order.item).collect();
    assert_eq!(ids.len(), 3);

    let intended = What::Filing { order: order.clone() };
    let log = with(log, [by(71, "ana", intended.clone())]);
    assert!(log.incident().after(&by(72, "ana", intended)).is_err(), "one intent an action");
    let next = filing(&log);
    assert_eq!(next.unsettled, std::slice::from_ref(order));
    assert_eq!((next.orders.len(), next.beyond), (3, 1));

    let seen = item(order.item, &format!("{}\n", order.body));
    assert_eq!(order.key.recognise(&seen), Ok(ItemRef::from(&seen)));
    assert!(plan.orders[1].key.recognise(&seen).is_err(), "an item of another action");

    // Certainly not there: it may be filed again, under the same id. There: never again.
    let why = "the team is full".to_owned();
    let failed = with(log.clone(), [by(73, "ana", What::NotFiled { action: 1, why })]);
    assert_eq!(filing(&failed).orders[0].item, order.item);
    let filed = with(log, [by(73, "ana", What::Filed { action: 1, item: ItemRef::from(&seen) })]);
    assert_eq!(filing(&filed).orders[0].key.action, 2);
    assert_eq!(
        ActionView::all(filed.incident(), &Scrubber::built_in(), Now(at(99)))[0].item.as_deref(),
        Some("PLAT-1")
    );
}

#[test]
fn of_a_restricted_incident_everybody_reads_how_bad_it_was_and_how_long_it_took() {
    let learned = learned(Lesson::Factor, "the pool had no limit");
    let plan = by(70, "ana", planned("limit the pool", "a load test", 999));
    let open = with(over(), [learned, plan]);
    let log = with(open.clone(), [by(80, "ana", What::Restricted { why: "an attack".into() })]);
    let (policy, scrubber) = (ClockPolicy::default(), Scrubber::built_in());
    let review = |listener| Review::of(&log, &recorded(), &policy, &scrubber, (Now(at(99)), listener));
    let pages = |listener| {
        let review = review(listener);
        let json = serde_json::to_string(&review).unwrap();
        [review.markdown(&log, &scrubber), review.html(&log, &scrubber), json]
    };
    let (all, few) = (pages(Audience::Open), pages(Audience::Restricted));
    for (all, few) in all.iter().zip(&few) {
        for detail in ["checkout", "the pool", "1.4.2", "backend", "carl"] {
            assert!(!all.contains(detail) && few.contains(detail), "{detail}: {all}");
        }
        assert!(all.contains("SEV1"), "{all}");
    }
    assert!(all[..2].iter().all(|page| page.contains("details are in the restricted channel")), "{all:?}");
    assert_eq!(review(Audience::Open).metrics, review(Audience::Restricted).metrics);

    let filed = |log: &Log, listener| {
        let policy = SyncPolicy::default();
        FilePlan::of(log.incident(), &TeamKey::new("PLAT"), &facts(), &policy, (&scrubber, listener))
    };
    let (all, few) = (filed(&log, Audience::Open), filed(&log, Audience::Restricted));
    assert_eq!(few.orders, filed(&open, Audience::Open).orders);
    let bare = &all.orders[0];
    assert_eq!((bare.title.as_str(), bare.item), ("Action 1 of INC-7", few.orders[0].item));
    assert!(bare.body.contains("- Owner: carl") && bare.body.ends_with(&bare.key.marker()), "{}", bare.body);
    assert!(!bare.body.contains("pool") && !bare.body.contains("load test"), "{}", bare.body);
    // What may have been sent with details is not looked for before everybody.
    let order = few.orders[0].clone();
    let sent = with(log.clone(), [by(81, "ana", What::Filing { order: order.clone() })]);
    let (all, few) = (filed(&sent, Audience::Open), filed(&sent, Audience::Restricted));
    assert_eq!((all.unsettled.len(), all.withheld, few.unsettled, few.withheld), (0, 1, vec![order], 0));
}

/// Nine days of hours with five errors each, and what the last hours hold.
fn hours(last: &[u64]) -> Vec<Observed> {
    let errors = (0..216).map(|hour| 3 + (hour * 7919) % 5).chain(last.iter().copied());
    let begins =
        |hour: i64| Timestamp::from_second(1_773_000_000 / HOUR * HOUR + (hour - 216) * HOUR).unwrap();
    let errors = (0..)
        .zip(errors)
        .map(|(hour, errors)| Hour { begins: begins(hour), errors, progress: Progress::Over })
        .collect();
    let project = ProjectSlug::new("backend");
    vec![Observed { project, errors, crashes: Vec::new(), failures: Vec::new(), slow: Slow::default() }]
}

#[test]
fn an_alarm_that_was_possible_is_found_with_its_sum_and_the_least_count_that_raises_it() {
    let stretch = Stretch { begins: at(20), ends: at(100) };
    let tests = backtest(&hours(&[60, 50]), stretch, WatchPolicy::default());
    let errors = tests.iter().find(|test| test.detector == "errors").unwrap();
    let fired = errors.fires.unwrap();
    assert_eq!((errors.falsely, fired.sum.observed), (0, 60.0));
    assert!(fired.by > at(20) && fired.by <= at(60), "{fired:?}");
    assert!((190..=192).contains(&errors.hours), "{errors:?}");

    let seen = hours(&[60]);
    let least = |projects| {
        least_alarming(&seen[0].project, &seen[0].errors, projects, WatchPolicy::default()).unwrap()
    };
    assert!((10..60).contains(&least(1)) && least(9) >= least(1), "{} {}", least(1), least(9));
    let at_least = hours(&[least(1) - 1]);
    assert_eq!(least_alarming(&seen[0].project, &at_least[0].errors, 1, WatchPolicy::default()), None);
    assert_eq!(backtest(&hours(&[5, 4]), stretch, WatchPolicy::default()), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_an_event_says_the_file_holds_no_tag_and_no_script_of_it(text in "(<|>|\"|'|&|script|img|javascript:|[a-z]|\\PC){0,40}") {
        let log = with(over(), [
            learned(Lesson::Factor, &format!("before {text} after")),
            by(201, "ana", planned(&format!("do {text}"), &format!("see {text}"), 2000)),
        ]);
        let mut evidence = recorded();
        evidence.patterns[0].kind = text.as_str().into();
        evidence.changes[0].what = text.as_str().into();
        let plain = review(&over(), &recorded(), 3000).html(&over(), &Scrubber::built_in());
        let html = review(&log, &evidence, 3000).html(&log, &Scrubber::built_in());
        let tags = |html: &str| -> std::collections::BTreeSet<String> {
            html.split('<').skip(1).filter_map(|rest| rest.split([' ', '>', '\n']).next()).map(str::to_owned).collect()
        };
        prop_assert!(tags(&html).is_subset(&tags(&plain)), "{:?}", tags(&html));
    }
}
