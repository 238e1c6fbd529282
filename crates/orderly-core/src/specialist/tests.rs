use super::*;
use crate::ids::{OrgSlug, ProjectSlug, SentryHost};
use crate::incident::{Author, ClockPolicy, Entry, Incident, IncidentKey, IncidentView, Role, What};
use crate::investigate::{
    Changed, ChangedWhat, Deployed, Findings, Known, Span, Trace, Whole, Window, investigate,
};
use crate::scrub::Scrubber;
use crate::sync::snapshot::Assignee;
use crate::time::{Now, Seconds, Timestamp};
use crate::untrusted::Untrusted;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_100 / 300 * 300 + minute * 60).expect("a time of this century")
}

fn text(text: &str) -> Untrusted<String> {
    Untrusted::from(text)
}

/// A rise twenty minutes ago, right after a deploy.
fn known() -> Known {
    let deployed = Deployed {
        release: text("api@2.0"),
        environment: Some(text("production")),
        projects: vec![ProjectSlug::new("api")],
        commits: Vec::new(),
        files: None,
    };
    let counts = (0..288).map(|bin| if bin < 284 { 0 } else { 15 }).collect();
    let spans = vec![
        Span {
            parent: None,
            project: ProjectSlug::new("api"),
            transaction: text("POST /pay"),
            op: text("http.server"),
            description: text("POST /pay"),
            status: text("ok"),
            millis: 100.0,
            whole: Whole::Transaction,
        },
        Span {
            parent: Some(0),
            project: ProjectSlug::new("api"),
            transaction: text("POST /pay"),
            op: text("db"),
            description: text("SELECT sleep(1)"),
            status: text("ok"),
            millis: 900.0,
            whole: Whole::Part,
        },
    ];
    Known {
        window: Window { from: at(0), until: at(1440), bin: Seconds(300) },
        counts,
        changes: vec![Changed { began: None, at: at(1419), by: None, what: ChangedWhat::Deploy(deployed) }],
        traces: vec![Trace { id: "a".repeat(32), spans }],
        ..Known::default()
    }
}

fn found() -> Findings {
    let mut found = investigate(&known(), &Scrubber::built_in());
    // Which project leads is not what is shown here.
    found.named = crate::investigate::Named::Change;
    found
}

fn entry(minute: i64, what: What) -> Entry {
    Entry { at: at(minute), author: Author::Orderly, source: None, what }
}

fn view(incident: &Incident, minute: i64) -> IncidentView {
    IncidentView::of(incident, &ClockPolicy::default(), &Scrubber::built_in(), Now(at(minute)))
}

#[test]
fn the_commander_is_told_what_comes_first() {
    let key = IncidentKey { host: SentryHost::new("sentry.example"), org: OrgSlug::new("acme"), number: 1 };
    let declared = entry(1425, What::Declared { title: text("pay fails"), issues: Vec::new() });
    let incident = Incident::declared(key, &declared).expect("a declaration");
    let next = |incident: &Incident| commander(&view(incident, 1430), Some(&found())).headline;
    assert_eq!(next(&incident), "Next: somebody has to lead: assign the commander");
    let who = Assignee::User { name: "Ana".to_owned(), email: None };
    let led = entry(1426, What::Appointed { role: Role::Commander, to: who, brief: None });
    let incident = incident.after(&led).expect("a commander");
    assert_eq!(next(&incident), "Next: judge how far it reaches: `orderly incident severity`");
    let report = commander(&view(&incident, 1430), Some(&found()));
    let names: Vec<&str> = report.parts.iter().map(|part| part.name).collect();
    assert_eq!(names, ["State", "Due", "Roles"]);
}

#[test]
fn the_error_analyst_gives_each_hypothesis_with_what_speaks_for_it() {
    let report = errors(&found());
    assert!(report.headline.starts_with("Suspected: the deploy of api@2.0"), "{report:#?}");
    let hypotheses = &report.parts.iter().find(|part| part.name == "Hypotheses").expect("a part").lines;
    assert!(hypotheses[0].contains("for: "), "{hypotheses:#?}");
}

#[test]
fn the_performance_expert_names_slow_queries_and_transactions_that_became_slow() {
    let pace = |p95, failed| Pace { count: 100, failed, p50: p95 / 2.0, p95 };
    let transactions = [
        Transaction {
            project: ProjectSlug::new("api"),
            name: text("GET /"),
            now: pace(100.0, 1),
            before: pace(90.0, 1),
        },
        Transaction {
            project: ProjectSlug::new("api"),
            name: text("POST /pay"),
            now: pace(900.0, 40),
            before: pace(90.0, 1),
        },
    ];
    let report = performance(&found(), &transactions, &Scrubber::built_in());
    assert_eq!(report.headline, "api db SELECT sleep(1) is a slow query");
    insta::assert_snapshot!(report.markdown("INC-1"));
}

#[test]
fn the_release_manager_names_what_may_be_rolled_back_and_to_what() {
    let health = |release: &str, minute, crashed| Health {
        release: text(release),
        project: ProjectSlug::new("api"),
        since: at(minute),
        sessions: Some((1_000, crashed)),
        adoption: Some(40.0),
        new_issues: 1,
    };
    let releases = [health("api@1.9", 0, 5), health("api@2.0", 1419, 60)];
    let report = release(&found(), &releases, &Scrubber::built_in());
    assert!(
        report.headline.contains("api@2.0") && report.headline.contains("back to api@1.9"),
        "{report:#?}"
    );
    assert_eq!(report.parts[0].lines.len(), 2, "blamed, and it crashes more: {report:#?}");
}
