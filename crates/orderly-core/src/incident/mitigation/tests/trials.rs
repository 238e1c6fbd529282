//! Trials: what may be said of them, and what their effect is.

use super::*;

fn run(outcome: Outcome) -> Run {
    Run { outcome, output: crate::digest::of_bytes(b""), tail: "".into() }
}

fn intent(name: &str, minute: i64) -> Intent {
    Intent {
        option: name.to_owned(),
        kind: Kind::RollBack,
        order: Order::Command { argv: template("deploy x").fill(&Values::default()).unwrap() },
        undo: Some(template("deploy y").fill(&Values::default()).unwrap()),
        settles: Seconds(300),
        promise: Promise { at_most: 12, by: at(minute + 30) },
        since: at(0),
    }
}

fn step(minute: i64, step: Step) -> Entry {
    by(minute, "bea", What::Mitigation { step })
}

fn trying(minute: i64, name: &str) -> Entry {
    step(minute, Step::Trying { intent: intent(name, minute) })
}

fn tried(minute: i64, trial: u32, outcome: Outcome) -> Entry {
    step(minute, Step::Tried { trial, run: run(outcome) })
}

fn told(minute: i64, trial: u32, became: Became) -> Entry {
    step(minute, Step::Told { trial, became, how: "seen at the console".into() })
}

fn refused(log: &Log, entry: &Entry) -> String {
    log.incident().after(entry).unwrap_err().to_string()
}

#[test]
fn what_was_begun_is_unknown_until_it_ended_and_nothing_else_is_tried_meanwhile() {
    let log = with(declared("down"), [trying(10, "rollback")]);
    assert_eq!(log.incident().trials()[0].state, TrialState::Unknown);
    assert_eq!(log.incident().mitigated_at(), None, "an intent ends nothing");
    assert!(refused(&log, &trying(11, "flag")).starts_with("nobody knows what became of trial 1"));
    let done = with(log.clone(), [tried(12, 1, Outcome::Passed)]);
    assert_eq!(done.incident().mitigated_at(), Some(at(12)));
    assert_eq!(refused(&done, &tried(13, 1, Outcome::Passed)), "trial 1 is settled already");
    assert_eq!(refused(&done, &trying(13, "rollback")), "rollback is in force already");
    assert!(done.incident().after(&trying(13, "flag")).is_ok());
    let failed = with(log.clone(), [tried(12, 1, Outcome::Failed { code: Some(3) })]);
    assert_eq!(failed.incident().mitigated_at(), None);
    assert!(failed.incident().after(&trying(13, "rollback")).is_ok(), "what failed may be tried again");
    // After a crash a person says what became of it.
    let said = with(log.clone(), [told(20, 1, Became::Done)]);
    assert_eq!(said.incident().trials()[0].state, TrialState::Done { at: at(20) });
    let said = with(log.clone(), [told(20, 1, Became::NotDone)]);
    assert_eq!(said.incident().mitigated_at(), None);
    let agent = Entry { author: Author::Agent(person("bea")), ..told(20, 1, Became::Done) };
    assert!(refused(&log, &agent).contains("not for an agent"));
    assert_eq!(refused(&log, &tried(20, 2, Outcome::Passed)), "trial 2 does not exist");
    let over = with(declared("down"), [by(5, "bea", What::Resolved { how: "gone".into() })]);
    assert!(refused(&over, &trying(6, "rollback")).starts_with("it is resolved"));
}

#[test]
fn a_trial_is_taken_back_once_and_a_failed_undo_leaves_it_in_force() {
    let log = with(declared("down"), [trying(10, "rollback"), tried(12, 1, Outcome::Passed)]);
    let undoing = |minute| step(minute, Step::Undoing { trial: 1 });
    let undone = |minute, outcome| step(minute, Step::Undone { trial: 1, run: run(outcome) });
    let going = with(log.clone(), [undoing(20)]);
    assert_eq!(going.incident().trials()[0].state, TrialState::Undoing { since: at(12) });
    assert_eq!(refused(&going, &undoing(21)), "trial 1 has nothing to take back");
    let failed = with(going.clone(), [undone(21, Outcome::TimedOut)]);
    assert_eq!(failed.incident().trials()[0].in_force_since(), Some(at(12)));
    let back = with(going, [undone(21, Outcome::Passed)]);
    assert_eq!(back.incident().trials()[0].state, TrialState::TakenBack { at: at(21) });
    assert_eq!(back.incident().mitigated_at(), None, "what was taken back ends nothing");
    let by_hand = with(log, [told(20, 1, Became::TakenBack)]);
    assert_eq!(by_hand.incident().mitigated_at(), None);
    let mut without = intent("rollback", 10);
    without.undo = None;
    let log =
        with(declared("down"), [step(10, Step::Trying { intent: without }), tried(12, 1, Outcome::Passed)]);
    assert_eq!(refused(&log, &undoing(20)), "trial 1 has no undo command");
}

/// Errors by five minutes from an hour before the declaration, 10 each from minute 0 on, and so many from a minute on.
fn counts(until: i64, then: &[(i64, u64)]) -> Counts {
    let of = |minute: i64| match minute {
        ..0 => 0,
        minute => then.iter().rev().find(|(from, _)| minute >= *from).map_or(10, |(_, errors)| *errors),
    };
    let errors = (-60..until).step_by(5).map(of).collect();
    Counts { from: at(-60), bin: Seconds(300), errors }
}

fn verdict(log: &Log, counts: &Counts, minute: i64) -> Verdict {
    let trial = &log.incident().trials()[0];
    measure(trial, counts, None, None, Now(at(minute))).unwrap().verdict
}

#[test]
fn an_effect_is_worked_partly_no_or_not_yet_provable() {
    let log = with(declared("down"), [trying(40, "rollback"), tried(42, 1, Outcome::Passed)]);
    let fell = counts(120, &[(45, 0)]);
    assert_eq!(verdict(&log, &fell, 62), Verdict::Worked, "also before its time is over");
    assert_eq!(verdict(&log, &fell, 47), Verdict::NotYetProvable { more: Some(Seconds(23 * 60)) });
    let half = counts(120, &[(45, 4)]);
    assert_eq!(verdict(&log, &half, 80), Verdict::Partly);
    assert!(!verdict(&log, &half, 69).is_final(), "it was promised by minute 70");
    let same = counts(120, &[]);
    assert_eq!(verdict(&log, &same, 69), Verdict::NotYetProvable { more: Some(Seconds(60)) });
    assert_eq!(verdict(&log, &same, 80), Verdict::No);
    assert_eq!(verdict(&log, &counts(120, &[(45, 30)]), 80), Verdict::No, "it may become worse");
}

#[test]
fn only_what_settled_before_the_next_trial_counts() {
    let log = with(declared("down"), [trying(40, "rollback"), tried(42, 1, Outcome::Passed)]);
    let trial = &log.incident().trials()[0];
    // It fell when the next one was tried.
    let fell = counts(120, &[(75, 0)]);
    let measured = measure(trial, &fell, None, Some(at(75)), Now(at(110))).unwrap();
    assert_eq!((measured.verdict, measured.resumes), (Verdict::No, at(50)));
    assert_eq!((measured.before, measured.after), (vec![10; 8], vec![10; 5]));
    // A hotfix works from its deploy on.
    let deployed = measure(trial, &fell, Some(at(75)), None, Now(at(110))).unwrap();
    assert_eq!((deployed.verdict, deployed.resumes), (Verdict::Worked, at(80)));
    assert_eq!(deployed.before, vec![10; 15]);
}

#[test]
fn rare_errors_are_taken_together_so_that_the_test_holds() {
    let log = with(declared("down"), [trying(90, "rollback"), tried(92, 1, Outcome::Passed)]);
    let trial = &log.incident().trials()[0];
    let mut rare = counts(240, &[(95, 0)]);
    for (place, errors) in rare.errors.iter_mut().enumerate() {
        *errors = if *errors > 0 { 1 + (place % 2) as u64 } else { 0 };
    }
    let measured = measure(trial, &rare, None, None, Now(at(200))).unwrap();
    assert_eq!((measured.bin, measured.before.len()), (Seconds(900), 6));
    assert_eq!(measured.verdict, Verdict::Worked);
    assert_eq!(measured.sum(trial.intent.promise).after, 0.0);
}

#[test]
fn the_measured_end_of_the_impact_is_the_one_that_counts() {
    let measured = |minute, trial, verdict, resumes| {
        let measured = Measurement {
            verdict,
            bin: Seconds(300),
            from: at(0),
            before: vec![10; 8],
            resumes: at(resumes),
            after: vec![0; 4],
        };
        step(minute, Step::Measured { trial, measured })
    };
    let log = with(
        declared("down"),
        [
            by(15, "bea", What::Mitigated { how: "the cache was emptied".into() }),
            trying(40, "rollback"),
            tried(42, 1, Outcome::Passed),
        ],
    );
    assert_eq!(log.incident().mitigated_at(), Some(at(15)), "as it was told");
    let no = with(log, [measured(60, 1, Verdict::No, 50), trying(70, "flag"), tried(71, 2, Outcome::Passed)]);
    assert!(!no.incident().is_measured());
    let worked = with(no, [measured(90, 2, Verdict::Worked, 75)]);
    assert_eq!(worked.incident().mitigated_at(), Some(at(71)), "as it was measured");
    let shown = worked.markdown(&Scrubber::built_in(), Audience::Open);
    for part in [
        "trying rollback (roll back): `deploy x`, taken back by `deploy y`",
        "effect of flag: worked",
        "at most 12 errors an hour",
    ] {
        assert!(
            shown.contains(&crate::encode::markdown::plain(part)) || shown.contains(part),
            "{part} in {shown}"
        );
    }
    let found = found(&known(vec![deploy(-2, "backend@1.5.0")]));
    let all = compared(&worked, &found);
    let rollback = all.last().unwrap();
    assert_eq!(
        (rollback.name.as_str(), rollback.is_open()),
        ("rollback", false),
        "what did nothing comes last"
    );
    let read = serde_json::to_string(worked.entries()).unwrap();
    assert_eq!(Log::read(key(), serde_json::from_str(&read).unwrap()).unwrap(), worked);
}

#[test]
fn a_trial_is_planned_only_with_an_expectation_that_can_be_tested() {
    let log = declared("down");
    let options = options();
    let expected = |at_most, minutes: u64| Expected { at_most, within: Seconds(minutes * 60) };
    let plan = |option: &Mitigation, values: &Values, expected| {
        TrialPlan::of(log.incident(), option, values, expected, &counts(30, &[]))
    };
    let mut values = Values::default();
    let missing = plan(&options[0], &values, expected(12, 30)).unwrap_err();
    assert_eq!(missing.to_string(), "`rollback` needs previous_release, project");
    values.put(Slot::PreviousRelease, name("backend@1.4.0"));
    values.put(Slot::Project, name("backend"));
    let planned = plan(&options[0], &values, expected(12, 30)).unwrap();
    assert_eq!(planned.order.to_string(), "deploy backend backend@1.4.0");
    assert!((110.0..=121.0).contains(&planned.rate), "{}", planned.rate);
    assert!((planned.since.as_second() - at(0).as_second()).abs() <= 300, "{}", planned.since);
    let too_soon = plan(&options[0], &values, expected(12, 4)).unwrap_err();
    assert!(matches!(too_soon, Unplannable::TooSoon { .. }));
    let none = plan(&options[0], &values, expected(500, 30)).unwrap_err();
    assert!(matches!(none, Unplannable::NoDrop { .. }), "{none}");
    assert_eq!(
        plan(&options[2], &values, expected(12, 30)).unwrap().order.to_string(),
        "orderly fix BACKEND-1"
    );

    // An approval names the command and the expectation, not the clock; and it is good for one run.
    let later =
        TrialPlan::of(log.incident(), &options[0], &values, expected(12, 30), &counts(45, &[])).unwrap();
    assert_eq!(later.digest(), planned.digest());
    assert_ne!(plan(&options[0], &values, expected(11, 30)).unwrap().digest(), planned.digest());
    let failed = with(log.clone(), [trying(31, "rollback"), tried(32, 1, Outcome::Failed { code: None })]);
    let again =
        TrialPlan::of(failed.incident(), &options[0], &values, expected(12, 30), &counts(45, &[])).unwrap();
    assert_ne!(again.digest(), planned.digest());
}

#[test]
fn a_rate_that_rises_slowly_is_compared_by_what_it_was_last() {
    let option = option("scale", Kind::Scale, "scale up");
    let expected = Expected { at_most: 24, within: Seconds(600) };
    let rising = counts(60, &[(0, 1), (10, 2), (20, 5), (30, 12)]);
    let plan = |log: &Log, counts: &Counts| {
        TrialPlan::of(log.incident(), &option, &Values::default(), expected, counts).unwrap()
    };
    let planned = plan(&declared("down"), &rising);
    assert_eq!((planned.since, planned.rate), (at(30), 144.0));
    let log = with(
        declared("down"),
        [step(60, Step::Trying { intent: planned.intent(Now(at(60))) }), tried(61, 1, Outcome::Passed)],
    );
    assert_eq!(verdict(&log, &counts(100, &[(0, 1), (10, 2), (20, 5), (30, 12)]), 95), Verdict::No);

    // A second one is compared with what the first left, once that was not proven to do nothing.
    let later = counts(100, &[(30, 12), (65, 6)]);
    assert_eq!(plan(&log, &later).since, at(66), "since it settled; there are few errors");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_count_has_a_measurement_and_a_rate_that_did_not_fall_never_worked(
        errors in proptest::collection::vec(0..40_u64, 2..60),
        minute in 60..300_i64,
        at_most in 0..2000_u64,
    ) {
        let mut log_intent = intent("rollback", 40);
        log_intent.promise = Promise { at_most, by: at(60) };
        let log = with(declared("down"), [step(40, Step::Trying { intent: log_intent }), tried(42, 1, Outcome::Passed)]);
        let trial = &log.incident().trials()[0];
        let counts = Counts { from: at(-60), bin: Seconds(300), errors };
        let measured = measure(trial, &counts, None, None, Now(at(minute))).unwrap();
        let mean = |counts: &[u64]| counts.iter().sum::<u64>() as f64 / counts.len().max(1) as f64;
        if measured.verdict == Verdict::Worked {
            prop_assert!(mean(&measured.after) < mean(&measured.before));
        }
        let again = measure(trial, &counts, None, None, Now(at(minute))).unwrap();
        prop_assert_eq!(again, measured);
    }
}
