//! A recording, written, read and played.

mod forged;
mod scrubbed;

use super::*;
use crate::answer::{Cause, Looked};
use crate::detect::share::Portion;
use crate::digest;
use crate::escalation::WeekOfIssue;
use crate::ids::{IssueId, ItemId, ItemKey, ProjectSlug, ShortId, TeamKey};
use crate::incident::review::{Change, ChangeKind, Evidence, Pattern, Review, Series};
use crate::incident::severity::{Severity, SeverityPolicy, Touch};
use crate::incident::tests::{appointed, assessed, at, by, declared, informed, key, person, with};
use crate::incident::*;
use crate::investigate::{
    Changed, ChangedWhat, Compared as ComparedWith, Deployed, FlagCount, Known, LeadKnown, Neighbour, Own,
    SharedRelease, Source, Span, TagCount, Trace, Whole, Window, investigate,
};
use crate::normal::frame::NormalFrame;
use crate::scrub::Scrubber;
use crate::sync::plan::ItemRef;
use crate::sync::snapshot::Assignee;
use crate::time::{Now, Seconds, Timestamp};
use crate::untrusted::Untrusted;
use crate::watch::{
    FreshIssue, Hour, Observed, Part as Counted, Progress, Seen, SentryAlert, Slow, Unseen, WeekOfProject,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

/// The hour of the declaration begins so many hours before it, in seconds.
fn hour(number: i64) -> Timestamp {
    Timestamp::from_second(at(0).as_second().div_euclid(3600) * 3600 + number * 3600).unwrap()
}

/// What a project reports around the declaration: nine days as usual, then a rise in the hour of the first error.
fn observed(project: &str, last: &[u64]) -> Observed {
    let usual = (-216_i64..0).map(|number| (number, 3 + (number.unsigned_abs() * 7919) % 5));
    let all: Vec<(i64, u64)> = usual.chain((0..).zip(last.iter().copied())).collect();
    let progress = |number| if number == 2 { Progress::Running } else { Progress::Over };
    let errors =
        all.iter().map(|&(number, errors)| Hour { begins: hour(number), errors, progress: progress(number) });
    let part = |&(number, hit): &(i64, u64)| Counted {
        begins: hour(number),
        portion: Portion { hit: hit.min(400), of: 400 },
    };
    Observed {
        project: ProjectSlug::new(project),
        errors: errors.collect(),
        crashes: all.iter().step_by(2).map(part).collect(),
        failures: all.iter().map(part).collect(),
        slow: Slow { over_millis: 900, parts: all.iter().map(part).collect() },
    }
}

fn seen() -> Seen {
    Seen {
        observed: vec![observed("backend", &[90, 60, 4]), observed("web", &[5, 4, 3])],
        fresh: vec![FreshIssue {
            project: ProjectSlug::new("backend"),
            id: IssueId(1),
            short_id: ShortId::new("BACKEND-1"),
            title: "KeyError: 'region'".into(),
            release: "backend@1.4.2".into(),
            events: 400,
            first_seen: at(-10),
            last_seen: at(50),
        }],
        week: vec![WeekOfProject {
            project: ProjectSlug::new("backend"),
            issues: vec![WeekOfIssue { events: 20, age_seconds: 86_400 }],
        }],
        alerts: vec![SentryAlert {
            id: "3".to_owned(),
            title: "too many errors".into(),
            projects: vec![ProjectSlug::new("web")],
            since: at(-4),
            value: Some(0.1 + 0.2),
            threshold: Some(50.0),
        }],
        unseen: vec![Unseen { what: "crashes of sessions".to_owned(), cause: Cause::RateLimited }],
    }
}

fn known() -> Known {
    let window = Window { from: hour(-24), until: hour(2), bin: Seconds(300) };
    let own = || Own {
        frame: NormalFrame { place: "api.tax".to_owned(), function: "quote".to_owned() },
        path: Some("api/tax.py".to_owned()),
    };
    let what = ChangedWhat::Deploy(Deployed {
        release: "backend@1.4.2".into(),
        environment: Some("production".into()),
        projects: vec![ProjectSlug::new("backend")],
        commits: vec!["Tax by region".into()],
        files: Some(vec!["api/tax.py".into()]),
    });
    let span = |parent, whole, millis| Span {
        parent,
        project: ProjectSlug::new("backend"),
        transaction: "POST /pay".into(),
        op: "db.query".into(),
        description: "SELECT 1".into(),
        status: "ok".into(),
        millis,
        whole,
    };
    let source = |last: u8, account: &str| Source {
        address: IpAddr::V4(Ipv4Addr::new(203, 0, 113, last)),
        account: Some(account.into()),
    };
    Known {
        window,
        leads: vec![LeadKnown {
            id: IssueId(1),
            short_id: ShortId::new("BACKEND-1"),
            project: ProjectSlug::new("backend"),
            title: "KeyError: 'region'".into(),
            first_seen: at(-10),
            first_release: Some("backend@1.4.2".into()),
            events: 150,
            users: 41,
            frames: vec![own()],
        }],
        counts: (0..312).map(|bin| if bin < 288 { 1 } else { 15 }).collect(),
        by_project: BTreeMap::from([(ProjectSlug::new("backend"), vec![1; 312])]),
        changes: vec![
            Changed { began: None, at: at(-30), by: Some("robin".into()), what },
            Changed {
                began: None,
                at: at(-300),
                by: None,
                what: ChangedWhat::Flag { flag: "new_tax".into(), action: "updated".into() },
            },
            Changed {
                began: None,
                at: at(-400),
                by: None,
                what: ChangedWhat::Setting { event: "rule.edit".into(), note: "edited".into() },
            },
        ],
        neighbours: vec![Neighbour {
            id: IssueId(9),
            short_id: ShortId::new("WEB-9"),
            project: ProjectSlug::new("web"),
            title: "TypeError".into(),
            events: 5,
            shared_traces: vec!["0af7651916cd43dd8448eb211c80319c".to_owned()],
            frames: vec![own()],
        }],
        shared_releases: vec![SharedRelease {
            release: "backend@1.4.2".into(),
            events: BTreeMap::from([(ProjectSlug::new("backend"), 3), (ProjectSlug::new("web"), 2)]),
        }],
        trace_ids: vec!["0af7651916cd43dd8448eb211c80319c".to_owned()],
        traces: vec![Trace {
            id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
            spans: vec![
                span(None, Whole::Transaction, 1_234.567_890_123_456_7),
                span(Some(0), Whole::Part, 0.1),
            ],
        }],
        tags: vec![TagCount {
            key: "cell".into(),
            value: "eu-1".into(),
            failing: (90, 100),
            usual: (20, 100),
        }],
        compared: ComparedWith::Transactions,
        flags: vec![FlagCount { flag: "new_tax".into(), failing: (9, 1), others: (3, 40) }],
        sources: (0..30)
            .map(|number| source(number % 3, if number % 2 == 0 { "ana" } else { "bob" }))
            .collect(),
        sources_before: vec![IpAddr::V4(Ipv4Addr::new(203, 0, 113, 2))],
        touches: BTreeMap::from([(Touch::Security, "transaction:*login*".to_owned())]),
        gaps: vec![("the audit log".to_owned(), Cause::Access("`org:write`".to_owned()))],
    }
}

fn evidence() -> Evidence {
    let errors = vec![2, 3, 4, 1, 5, 3, 90, 60, 4];
    let project = ProjectSlug::new("backend");
    let seen = vec![observed("backend", &[90, 60, 4])];
    let stretch = review::Stretch { begins: at(-10), ends: at(60) };
    let mut alarms = review::backtest(&seen, stretch, crate::watch::WatchPolicy::default());
    let minute =
        alarms.iter_mut().find(|test| test.detector == "errors").and_then(|test| test.fires.as_mut());
    if let Some(fired) = minute {
        (fired.by, fired.at_least) = (at(14), Some(17));
    }
    Evidence {
        series: vec![Series { project, begins: hour(-6), errors }],
        changes: vec![Change { at: at(-30), kind: ChangeKind::Deploy, what: "backend@1.4.2".into() }],
        patterns: vec![Pattern {
            kind: "ValueError".into(),
            transaction: "POST /pay".into(),
            release: "backend@1.4.2".into(),
            events: 150,
            users: 40,
        }],
        alarms,
        unseen: vec![("flags".to_owned(), Cause::Access("`org:read`".to_owned()))],
    }
}

fn gathered() -> Gathered {
    Gathered { watched: Looked::Saw(seen()), known: Looked::Saw(known()), evidence: evidence() }
}

/// From the declaration to the end, with something of every kind; one entry tells of something earlier.
fn handled() -> Log {
    let noted = |text: &str, kind| What::Noted { kind, text: text.into() };
    let action = Action {
        text: "limit the pool".into(),
        owner: person("carl"),
        due: at(9000),
        verify: "a load test".into(),
    };
    with(
        declared("checkout fails"),
        [
            assessed(1, 31),
            appointed(8, Role::Commander, "bea"),
            informed(9, Says::Notice),
            by(12, "carl", noted("the pool is full", NoteKind::Hypothesis)),
            by(7, "carl", noted("restarted a worker", NoteKind::Action)),
            by(15, "bea", What::Mitigated { how: "rolled back to 1.4.1".into() }),
            informed(29, Says::Scope),
            by(60, "bea", What::Resolved { how: "the rollback holds".into() }),
            by(70, "bea", What::Planned { action }),
        ],
    )
}

fn recorded(log: &Log, gathered: Gathered) -> Recording {
    Recording::of(log, gathered, Rules::default(), &Scrubber::built_in(), Now(at(90))).unwrap()
}

fn files(recording: &Recording) -> Files {
    recording.files().unwrap().1
}

/// Reads the files of a folder as they are.
fn read(files: &[(&'static str, String)]) -> Result<Recording, BadRecording> {
    let text = |wanted: &str| files.iter().find(|(name, _)| *name == wanted).map(|(_, text)| text.clone());
    let manifest = Manifest::read(text(MANIFEST).unwrap_or_default().as_bytes())?;
    let parts = Part::ALL.into_iter().filter_map(|part| Some((part, text(part.file())?.into_bytes())));
    Recording::read(&manifest, &parts.collect())
}

/// Everything that a replay tells.
fn told(recording: &Recording) -> String {
    let replay = play(recording);
    let lines: Vec<String> = replay.steps.iter().map(Step::line).collect();
    let json = serde_json::to_string(&replay).unwrap();
    [replay.opening(), lines.join("\n"), replay.ending, json].join("\n")
}

#[test]
fn a_recording_is_read_back_as_it_was_made_and_gives_the_same_bytes_each_time() {
    let recording = recorded(&handled(), gathered());
    let files = files(&recording);
    let again = read(&files).unwrap();
    assert_eq!(again, recording);
    assert_eq!(self::files(&again), files);
    assert_eq!(told(&again), told(&recording));
    assert_eq!(told(&again), told(&again));
    assert_eq!(self::files(&recorded(&handled(), gathered())), files);
}

#[test]
fn a_replay_ends_in_the_state_the_timeline_the_cause_and_the_review_that_there_were_live() {
    let (log, scrubber, clock) = (handled(), Scrubber::built_in(), ClockPolicy::default());
    let replay = play(&recorded(&log, gathered()));
    assert_eq!(replay.state, IncidentView::of(log.incident(), &clock, &scrubber, Now(at(90))));
    let mut live = log.timeline(&scrubber, Audience::Restricted);
    for (live, played) in live.iter_mut().zip(&replay.timeline) {
        live.digest = played.digest.clone();
    }
    assert_eq!(replay.timeline, live);
    let review = Review::of(&log, &evidence(), &clock, &scrubber, (Now(at(90)), Audience::Restricted));
    let page = |review: &Review, log: &Log| {
        let page = review.markdown(log, &scrubber);
        page.lines().filter(|line| !line.contains("digest")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(page(&replay.review, recorded(&log, gathered()).log()), page(&review, &log));
    let mut found = investigate(&known(), &scrubber);
    let Looked::Saw(mut played) = replay.investigation else { panic!("it was looked at") };
    let addresses = |found: &mut crate::investigate::Findings| {
        let leading = found.attack.as_mut().map(|attack| std::mem::take(&mut attack.leading));
        leading.unwrap_or_default().into_iter().map(|(_, errors)| errors).collect::<Vec<_>>()
    };
    assert_eq!(addresses(&mut played), addresses(&mut found));
    assert_eq!(played.markdown("x"), found.markdown("x"));
}

#[test]
fn the_steps_come_in_the_order_of_time_with_alarms_and_what_became_due() {
    let replay = play(&recorded(&handled(), gathered()));
    assert!(replay.steps.windows(2).all(|two| two[0].at <= two[1].at));
    let lines: Vec<String> = replay.steps.iter().map(Step::line).collect();
    insta::assert_snapshot!(lines.join("\n"));
    insta::assert_snapshot!(replay.compared.markdown());
    let sequence: Vec<u32> = replay
        .steps
        .iter()
        .filter_map(|step| match &step.what {
            Played::Entry { entry, .. } => Some(entry.sequence),
            Played::Alarm { .. } | Played::Overdue { .. } => None,
        })
        .collect();
    assert_eq!(sequence, (1..=10).collect::<Vec<_>>(), "entries are heard in the order of the log");
}

#[test]
fn what_could_not_be_looked_at_is_said_and_the_rest_is_played() {
    let blind = || Cause::NoReply("connection refused".to_owned());
    let unseen = vec![("error patterns".to_owned(), blind())];
    let gathered = Gathered {
        watched: Looked::CouldNotLook(blind()),
        known: Looked::CouldNotLook(blind()),
        evidence: Evidence { unseen, ..Evidence::default() },
    };
    let recording = recorded(&handled(), gathered);
    let again = read(&files(&recording)).unwrap();
    assert_eq!(again, recording);
    let told = told(&again);
    for said in [
        "not looked at: watch: no usable reply",
        "not looked at: investigation: no usable reply",
        "not looked at: review: error patterns",
        "Nobody can say which alarm was possible",
        "It could not be looked at: no usable reply",
    ] {
        assert!(told.contains(said), "{said} in {told}");
    }
}

#[test]
fn an_incident_without_issues_or_hours_is_played_as_well() {
    let what = What::Declared { title: "the site is slow".into(), issues: Vec::new() };
    let log = Log::begun(key(), by(0, "ana", what)).unwrap();
    let none = Gathered {
        watched: Looked::Saw(Seen::default()),
        known: Looked::CouldNotLook(Cause::NoInput("no issue".to_owned())),
        evidence: Evidence::default(),
    };
    let replay = play(&read(&files(&recorded(&log, none))).unwrap());
    let lines: Vec<String> = replay.steps.iter().map(Step::line).collect();
    assert!(lines[0].contains("declared: the site is slow [SEV1; due"), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("OVERDUE       name a commander")), "{lines:#?}");
    assert_eq!(replay.compared.text[0], "No detector would have raised an alarm in its time.");
}

#[test]
fn a_severity_that_the_recorded_rules_would_not_give_is_said() {
    let rules = Rules {
        severity: SeverityPolicy {
            sev1: severity::Thresholds { users: Some(20), ..Default::default() },
            ..Default::default()
        },
        ..Rules::default()
    };
    let recording = Recording::of(&handled(), gathered(), rules, &Scrubber::built_in(), Now(at(90))).unwrap();
    assert!(told(&recording).contains("(by the recorded rules SEV1)"), "{}", told(&recording));
    assert!(!told(&recorded(&handled(), gathered())).contains("by the recorded rules"));
}

fn note() -> impl Strategy<Value = What> {
    let text = "\\PC{0,40}|[a-z@.=:/ 0-9]{0,40}";
    let kind = proptest::sample::select(NoteKind::ALL.to_vec());
    prop_oneof![
        (kind, text).prop_map(|(kind, text)| What::Noted { kind, text: text.as_str().into() }),
        text.prop_map(|how| What::Mitigated { how: how.as_str().into() }),
        (proptest::sample::select(Role::ALL.to_vec()), "[a-c]{1,2}(@[a-b]\\.com)?")
            .prop_map(|(role, name)| What::Appointed { role, to: named(&name), brief: None }),
        Just(What::Informed { says: Says::Scope, text: "told".into() }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_was_written_is_recorded_in_its_order_and_read_back(
        notes in proptest::collection::vec((-60..600_i64, "[a-c]{1,2}(@[a-b]\\.com)?", note()), 0..12),
        hours in proptest::collection::vec(0..200_u64, 0..6),
        value in proptest::num::f64::NORMAL,
    ) {
        let entries = notes.into_iter().map(|(minute, name, what)| Entry {
            author: Author::Person(named(&name)),
            ..by(minute, "ana", what)
        });
        // What is refused live is not written.
        let log = entries.fold(declared("down"), |log, entry| log.clone().and(entry).unwrap_or(log));
        let mut gathered = gathered();
        if let Looked::Saw(seen) = &mut gathered.watched {
            seen.observed.push(observed("search", &hours));
            seen.alerts[0].value = Some(value);
        }
        let recording = recorded(&log, gathered);
        let files = files(&recording);
        let again = read(&files).unwrap();
        prop_assert_eq!(&again, &recording);
        prop_assert_eq!(self::files(&again), files);
        let kinds = |log: &Log| log.entries().iter().map(|one| (one.sequence, one.entry.at, one.entry.what.kind())).collect::<Vec<_>>();
        prop_assert_eq!(kinds(again.log()), kinds(&log));
        prop_assert_eq!(again.log().incident().severity(), log.incident().severity());
        prop_assert_eq!(told(&again), told(&recording));
        prop_assert!(play(&again).steps.windows(2).all(|two| two[0].at <= two[1].at));
    }
}
