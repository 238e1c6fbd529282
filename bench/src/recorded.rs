//! What a sync gathered, as plans are made from it: issues of the usual size, some of them tracked, each look answered.

use orderly_core::answer::{Looked, RequestRef};
use orderly_core::calibrate::Calibration;
use orderly_core::ids::{IssueId, ItemId, ItemKey, OrgSlug, ProjectSlug, SentrySite, ShortId, TeamKey};
use orderly_core::sync::snapshot::{
    AppLinks, Candidate, Creation, EventEvidence, ExceptionEvidence, Frame, FrameOrigin, Issue, ItemState,
    Level, LinkBackPath, Look, Lookups, Memory, Presence, RepeatedIds, Review, SentryPriority, Signal,
    Snapshot, Status, TrackedItem, TrackerFacts, Unresolved,
};
use orderly_core::time::{Now, Seconds, Timestamp};
use orderly_core::untrusted::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

const FRAMES: u32 = 40;

/// The time that everything is dated from.
pub fn now() -> Now {
    Now(ago(0))
}

fn ago(hours: u64) -> Timestamp {
    let seconds = 1_767_225_600 - i64::try_from(Seconds::hours(hours).0).unwrap_or(0);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A snapshot with this many candidates. Of eight, one is tracked under its permalink, one may be a duplicate by its
/// title, and the others are tracked nowhere.
pub fn snapshot(candidates: u32) -> Snapshot {
    Snapshot {
        site: site(),
        team: team(),
        signals: BTreeMap::from([(Signal::HighPriority, Looked::Saw(candidates))]),
        candidates: (0..candidates).map(candidate).collect(),
        held: Vec::new(),
        tracker: Looked::Saw(facts()),
        link_back: LinkBackPath::Installation {
            uuid: "7a485448-a9e2-4c85-8a3c-4f44175783c9".to_owned(),
            app: "orderly".to_owned(),
        },
        gaps: Vec::new(),
        calibration: Calibration::default(),
    }
}

fn site() -> SentrySite {
    SentrySite { base_url: "https://sentry.example".to_owned(), org: OrgSlug::new("acme") }
}

fn team() -> TeamKey {
    TeamKey::new("PLAT")
}

fn text(text: impl Into<String>) -> Untrusted<String> {
    Untrusted::new(text.into())
}

/// A word for a number, because a title's fingerprint takes numbers out.
fn word(number: u32) -> String {
    number.to_string().bytes().map(|digit| char::from(b'g' + digit - b'0')).collect()
}

fn candidate(number: u32) -> Candidate {
    let issue = issue(number);
    let nobody = || look(Vec::new());
    let mut permalink = vec![item(2 * number, "Tidy up the release notes")];
    let mut title = vec![item(2 * number + 1, "Orders of the warehouse are printed twice")];
    match number % 8 {
        0 => permalink[0].attachments = vec![text(site().permalink(issue.id))],
        1 => title[0].title = issue.title.clone(),
        _ => {}
    }
    Candidate {
        signals: BTreeSet::from([Signal::HighPriority]),
        event: Looked::Saw(event(number)),
        owners: Vec::new(),
        lookups: Lookups {
            external_link: look(Vec::new()),
            short_id: nobody(),
            permalink: look(permalink),
            title: look(title),
            stack: nobody(),
            owner: nobody(),
            own: nobody(),
            alike: look(Vec::new()),
            compared_with: 0,
            twins: Vec::new(),
        },
        memory: Memory::default(),
        issue,
    }
}

fn issue(number: u32) -> Issue {
    let project = ["checkout", "search", "mail"][number as usize % 3];
    let name = word(number);
    let value =
        format!("order {number} of {name}{name} cannot be read from https://shop.example/orders/{number}");
    Issue {
        id: IssueId(4_000_000 + u64::from(number)),
        short_id: ShortId::new(format!("{}-{number}", project.to_uppercase())),
        project: ProjectSlug::new(project),
        title: text(format!("OrderError: {value}")),
        error_type: Some(text("OrderError")),
        error_value: Some(text(value)),
        culprit: text(format!("shop.{name}.orders in handle_{name}")),
        level: Level::Error,
        status: Status::Unresolved(Unresolved::Ongoing),
        priority: Some(SentryPriority::High),
        review: Review::Waiting,
        events: 120 + u64::from(number % 50),
        users: 14,
        trend: (0..24).collect(),
        first_seen: ago(100),
        last_seen: ago(1),
        assignee: None,
        links: Vec::new(),
        app_links: AppLinks::Told,
    }
}

fn event(number: u32) -> EventEvidence {
    let name = word(number);
    let frame = |depth: u32, function: String, origin| Frame {
        function: text(function),
        module: Some(text("shop.web.layers")),
        file: Some(text("/srv/app/shop/web/layers.py")),
        line: Some(depth),
        origin,
    };
    let exception = |kind: &str| ExceptionEvidence {
        kind: text(kind),
        value: text(format!("order {number} of {name}{name} cannot be read")),
        frames: std::iter::once(frame(42, format!("handle_{name}"), FrameOrigin::InApp))
            .chain(
                (1..FRAMES).map(|depth| frame(depth, format!("layer_{}", word(depth)), FrameOrigin::Library)),
            )
            .collect(),
    };
    let tags =
        [("browser", "Firefox 140.0"), ("handled", "no"), ("os", "Linux 6.12"), ("runtime", "CPython 3.13")];
    EventEvidence {
        at: ago(1),
        release: Some(text("shop@1.4.2+3f2a9c81d0")),
        environment: Some(text("production")),
        platform: text("python"),
        exceptions: vec![exception("OrderError"), exception("KeyError")],
        tags: tags.into_iter().map(|(key, value)| (key.to_owned(), text(value))).collect(),
    }
}

fn look<T>(items: Vec<T>) -> Look<T> {
    let request = RequestRef { what: "POST /graphql tracked(c0..c9)".to_owned(), at: ago(0) };
    Look {
        answer: Looked::Saw(items),
        looked_for: vec!["what the prover looks for".to_owned()],
        requests: vec![request],
    }
}

fn item(number: u32, title: &str) -> TrackedItem {
    TrackedItem {
        id: ItemId(uuid::Uuid::from_u128(u128::from(number) + 7)),
        key: ItemKey::new(format!("PLAT-{number}")),
        url: text(format!("https://linear.example/acme/issue/PLAT-{number}/some-title")),
        title: text(title),
        team: team(),
        state: ItemState::Backlog,
        presence: Presence::Live,
        created_at: ago(500),
        updated_at: ago(300),
        marker: None,
        completed_at: None,
        duplicate_of: None,
        attachments: Vec::new(),
        texts: vec![text(
            "What people wrote about it, over a line or two, without any address of the issue.",
        )],
    }
}

fn facts() -> TrackerFacts {
    TrackerFacts {
        team: team(),
        team_id: "9cfb482a-81e3-4154-b5b9-2c805e70a02d".to_owned(),
        initial_state: Some("state-triage".to_owned()),
        reopen_state: Some("state-todo".to_owned()),
        labels: BTreeMap::new(),
        people: BTreeMap::new(),
        creation: Creation::Allowed,
        repeated_ids: RepeatedIds::Refused,
        other_teams: BTreeMap::new(),
    }
}
