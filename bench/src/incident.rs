//! From a gathered incident to severity, suspects and the page: what is decided before anybody can act.

use crate::table::Row;
use orderly_core::ids::{IssueId, OrgSlug, ProjectSlug, SentryHost, ShortId};
use orderly_core::incident::severity::{Facts, SeverityPolicy, Usual, assess};
use orderly_core::incident::{
    Audience, Author, ClockPolicy, Draft, Entry, IncidentKey, IncidentView, Log, NoteKind, What,
};
use orderly_core::investigate::{
    Changed, ChangedWhat, Compared, Deployed, Known, LeadKnown, Neighbour, Own, Span, TagCount, Trace, Whole,
    Window, investigate,
};
use orderly_core::normal::frame::NormalFrame;
use orderly_core::scrub::Scrubber;
use orderly_core::specialist::{commander, errors};
use orderly_core::time::{Now, Seconds, Timestamp};
use orderly_core::untrusted::Untrusted;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

const MILLIS_TARGET: f64 = 1_000.0;
const BINS: usize = 288;
const ISSUES: usize = 8;
const CHANGES: usize = 60;
const FILES: usize = 200;
const PROJECTS: usize = 10;
const TRACES: usize = 6;
const SPANS: usize = 500;

/// A large incident: eight issues of a day in bins of five minutes, sixty deploys of two hundred files each, ten projects,
/// six traces of five hundred spans, a log of two hundred entries. The slowest of five.
pub fn measure() -> Vec<Row> {
    let (known, log) = (known(), log());
    let scrubber = Scrubber::built_in();
    let slowest = (0..5)
        .map(|_| {
            let begun = Instant::now();
            let assessment = assess(&facts(), &SeverityPolicy::default());
            let found = investigate(&known, &scrubber);
            let view =
                IncidentView::of(log.incident(), &ClockPolicy::default(), &scrubber, Now(known.window.until));
            let draft =
                Draft::of(log.incident(), &ClockPolicy::default(), &scrubber, Now(known.window.until));
            let pages = [
                found.markdown("INC-1"),
                log.markdown(&scrubber, Audience::Open),
                draft.markdown(),
                commander(&view, Some(&found)).markdown("INC-1"),
                errors(&found).markdown("INC-1"),
            ];
            black_box((assessment, pages));
            begun.elapsed().as_secs_f64() * 1e3
        })
        .fold(0.0, f64::max);
    vec![Row::at_most(
        "a gathered incident to severity, suspects and documents",
        slowest,
        MILLIS_TARGET,
        " ms",
    )]
}

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_100 / 300 * 300 + second).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn text(text: String) -> Untrusted<String> {
    Untrusted::new(text)
}

fn facts() -> Facts {
    Facts {
        window: Seconds::hours(1),
        users: Some(400),
        active_users: Some(1_000),
        events: Some(900),
        usual: Some(Usual { events: 240, windows: 24 }),
        services: 3,
        touches: BTreeMap::new(),
        trend: None,
    }
}

fn known() -> Known {
    let project = |number: usize| ProjectSlug::new(format!("service-{number}"));
    let own = |number: usize| Own {
        frame: NormalFrame { place: format!("module{number}"), function: format!("call{number}") },
        path: Some(format!("service/module{number}.py")),
    };
    let count = |series: usize| -> Vec<u64> {
        (0..BINS).map(|bin| ((bin * 7_919 + series) % 4) as u64 + if bin > 280 { 30 } else { 0 }).collect()
    };
    let leads = (0..ISSUES).map(|number| LeadKnown {
        id: IssueId(number as u64),
        short_id: ShortId::new(format!("SERVICE-{number}")),
        project: project(number % 3),
        title: text(format!("ValueError: order {number} has no delivery slot")),
        first_seen: time(280 * 300),
        first_release: None,
        events: 100,
        users: 50,
        frames: (0..20).map(|depth| own(number * 20 + depth)).collect(),
    });
    let changes = (0..CHANGES).map(|number| Changed {
        began: Some(time(number as i64 * 1_440)),
        at: time(number as i64 * 1_440 + 120),
        by: None,
        what: ChangedWhat::Deploy(Deployed {
            release: text(format!("service@1.{number}.0")),
            environment: Some(text("production".to_owned())),
            projects: vec![project(number % PROJECTS)],
            commits: vec![text("Faster".to_owned())],
            files: Some((0..FILES).map(|file| text(format!("service/file{file}.py"))).collect()),
        }),
    });
    let span = |place: usize| Span {
        parent: place.checked_sub(1).map(|before| before / 4),
        project: project(place % 5),
        transaction: text("POST /api/checkout".to_owned()),
        op: text("db".to_owned()),
        description: text(format!("SELECT {} FROM orders", place % 40)),
        status: text("ok".to_owned()),
        millis: 1_000.0 / (place + 1) as f64,
        whole: if place == 0 { Whole::Transaction } else { Whole::Part },
    };
    Known {
        window: Window { from: time(0), until: time(BINS as i64 * 300), bin: Seconds(300) },
        leads: leads.collect(),
        counts: count(0),
        by_project: (0..PROJECTS).map(|number| (project(number), count(number))).collect(),
        changes: changes.collect(),
        neighbours: (0..20)
            .map(|number| Neighbour {
                id: IssueId(100 + number as u64),
                short_id: ShortId::new(format!("OTHER-{number}")),
                project: project(number % PROJECTS),
                title: text("ApiError".to_owned()),
                events: 9,
                shared_traces: vec!["a".repeat(32)],
                frames: (0..20).map(|depth| own(number * 20 + depth)).collect(),
            })
            .collect(),
        trace_ids: (0..20).map(|number| format!("{number:032x}")).collect(),
        traces: (0..TRACES)
            .map(|number| Trace { id: format!("{number:032x}"), spans: (0..SPANS).map(span).collect() })
            .collect(),
        tags: (0..200)
            .map(|number| TagCount {
                key: text(format!("tag{}", number / 10)),
                value: text(format!("value {}", number % 10)),
                failing: (10 + number % 7, 100),
                usual: (100, 1_000),
            })
            .collect(),
        compared: Compared::Transactions,
        ..Known::default()
    }
}

fn log() -> Log {
    let key = IncidentKey { host: SentryHost::new("sentry.example"), org: OrgSlug::new("acme"), number: 1 };
    let entry =
        |minute: i64, what| Entry { at: time(minute * 60), author: Author::Orderly, source: None, what };
    let declared = What::Declared { title: text("checkout fails".to_owned()), issues: Vec::new() };
    let log = Log::begun(key, entry(0, declared)).expect("a log begins with its declaration");
    (1..200).fold(log, |log, minute| {
        let noted = What::Noted { kind: NoteKind::Fact, text: text(format!("fact {minute}")) };
        log.and(entry(minute, noted)).expect("a fact may always be noted")
    })
}
