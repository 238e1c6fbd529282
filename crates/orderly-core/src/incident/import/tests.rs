use super::*;
use crate::detect::Alarm;
use crate::ids::OrgSlug;
use crate::incident::tests::{at, by, declared, key, person, with};
use crate::incident::{Audience, Log, Refused, TellPlan};
use crate::watch::Sum;

fn site() -> SentrySite {
    SentrySite { base_url: "https://sentry.example".into(), org: OrgSlug::new("acme") }
}

fn activity(id: &str, minutes: i64, kind: &str, by: Doer, details: &[(&str, &str)]) -> Activity {
    let details = details.iter().map(|(name, text)| ((*name).to_owned(), Untrusted::from(*text))).collect();
    Activity { id: id.into(), issue: IssueId(1), at: at(minutes), kind: kind.into(), by, details }
}

fn comment(id: &str, minutes: i64, text: &str) -> Comment {
    let by = Doer::Person(person("bea"));
    Comment { id: id.into(), issue: IssueId(2), at: at(minutes), by, text: text.into() }
}

fn deploy(release: &str, minutes: i64, environment: Option<&str>, project: &str) -> Changed {
    let deployed = Deployed {
        release: release.into(),
        environment: environment.map(Untrusted::from),
        projects: vec![ProjectSlug::new(project)],
        commits: Vec::new(),
        files: None,
    };
    Changed { began: None, at: at(minutes), by: None, what: ChangedWhat::Deploy(deployed) }
}

fn alarm(project: &str, detector: Detector, minutes: i64) -> Raised {
    let alarm = Alarm::of(1, 90.0, 6.1, 1.3);
    let sum = Some(Sum { alarm, by_chance_a_week: 1e-30 });
    let newest = at(minutes);
    Raised { project: ProjectSlug::new(project), detector, begins: newest, newest, sum }
}

fn recorded() -> Recorded {
    let ana = || Doer::Person(person("ana"));
    let alert = |id: &str| SentryAlert {
        id: id.into(),
        title: "too many errors".into(),
        projects: vec![ProjectSlug::new("backend")],
        since: at(-5),
        value: Some(120.0),
        threshold: Some(100.0),
    };
    Recorded {
        activity: vec![
            activity("10", 4, "assigned", ana(), &[("assigneeEmail", "bea@example.com")]),
            activity("9", -8, "first_seen", Doer::Sentry, &[]),
            activity("11", 20, "set_resolved_in_release", ana(), &[("version", "")]),
            activity("12", 21, "set_something_new", Doer::App("Jira".into()), &[]),
            activity("13", 5, "note", ana(), &[("text", "the pool")]),
            activity("1", -4000, "set_resolved", ana(), &[]),
        ],
        comments: vec![
            comment("20", 6, "it is the pool\u{1b}[2J password=hunter2hunter2"),
            comment("21", 90, "found it"),
        ],
        changes: vec![
            deploy("backend@1.4.2", -12, Some("production"), "backend"),
            deploy("frontend@7", -12, Some("production"), "frontend"),
            deploy("backend@1.4.2", -700, None, "backend"),
            deploy("backend@1.4.3", 70, Some("production"), "backend"),
        ],
        alerts: vec![alert("30")],
        alarms: vec![
            alarm("backend", Detector::Errors, -30),
            alarm("frontend", Detector::Errors, -30),
            alarm("backend", sentry_alert("30"), -5),
        ],
    }
}

fn sentry_alert(id: &str) -> Detector {
    Detector::SentryAlert { id: id.into(), title: "too many errors".into(), value: None, threshold: None }
}

fn imported(log: &Log, minutes: i64) -> Vec<Entry> {
    imports(log.incident(), recorded(), &site(), &Scrubber::built_in(), Now(at(minutes)))
}

/// Minute, kind, who, what, source.
fn lines(log: &Log) -> Vec<String> {
    log.timeline(&Scrubber::built_in(), Audience::Open)
        .iter()
        .filter(|entry| entry.source.is_some())
        .map(|entry| {
            let minutes = (entry.at.as_second() - at(0).as_second()) / 60;
            let source = entry.source.clone().unwrap_or_default();
            format!("{minutes} {} {}: {} [{source}]", entry.kind, entry.author, entry.text)
        })
        .collect()
}

#[test]
fn what_others_recorded_stands_in_the_timeline_by_time_with_source_and_author() {
    let over = by(60, "ana", What::Resolved { how: "rolled back".into() });
    let log = with(declared("down"), [over]);
    let log = with(log.clone(), imported(&log, 100));
    let page = "https://sentry.example/organizations/acme";
    assert_eq!(
        lines(&log),
        [
            format!("-12 action orderly: release backend@1.4.2 went out to production [{page}/releases/backend@1%2E4%2E2/]").replace("%2E", "."),
            format!("-8 fact orderly: BACKEND-1 was seen for the first time [{page}/issues/1/activity/#event_9]"),
            format!("-5 fact orderly: Sentry's alert \"too many errors\", measured 120, critical from 100 [{page}/alerts/30/]"),
            format!("4 action ana: BACKEND-1 was assigned to [email] [{page}/issues/1/activity/#event_10]"),
            format!("6 communication bea: comment on BACKEND-2: it is the pool\\u{{1b}}[2J password=[secret] [{page}/issues/2/activity/#event_20]"),
            format!("20 action ana: BACKEND-1 was resolved in the next release [{page}/issues/1/activity/#event_11]"),
            format!("21 action orderly: the app Jira: BACKEND-1 has the activity set_something_new [{page}/issues/1/activity/#event_12]"),
            "30 fact orderly: alarm in backend: 90 errors in 1 h, 6.1 usual (14.8 times, dispersion 1.3, p 4.6e-39) [orderly watch]".to_owned(),
            format!("90 communication bea: comment on BACKEND-2: found it [{page}/issues/2/activity/#event_21]"),
        ]
        .map(|line| line)
    );
}

#[test]
fn each_thing_is_imported_once_however_often_and_by_however_many() {
    let log = declared("down");
    let entries = imported(&log, 100);
    let log = with(log, entries.clone());
    assert_eq!(imported(&log, 100), Vec::new());
    for entry in entries {
        assert!(matches!(log.incident().after(&entry), Err(Refused::Already { .. })), "{entry:?}");
    }
}

#[test]
fn what_orderly_itself_told_there_is_not_imported() {
    let log = declared("down");
    let now = Now(at(1));
    let plan = TellPlan::of(
        log.incident(),
        &[],
        &super::super::ClockPolicy::default(),
        &Scrubber::built_in(),
        (now, now),
    );
    let own =
        Recorded { comments: vec![comment("40", 2, &plan.orders[0].words.text)], ..Recorded::default() };
    assert_eq!(imports(log.incident(), own, &site(), &Scrubber::built_in(), Now(at(3))), Vec::new());
    assert_eq!(plan.orders[0].key.incident, key());
}

#[test]
fn no_text_of_an_event_leaves_its_place_in_an_address() {
    for hostile in ["../../admin", "a?b=c", "a#b", "//evil.example", "..", ".", "é b\r\n"] {
        let page = site().release_page(hostile);
        let segment = page.strip_prefix("https://sentry.example/organizations/acme/releases/").unwrap();
        let segment = segment.strip_suffix('/').unwrap();
        assert!(!segment.contains(['/', '?', '#', ' ', '\r', '\n']), "{page}");
        assert!(!matches!(segment, "." | ".."), "{page}");
    }
}
