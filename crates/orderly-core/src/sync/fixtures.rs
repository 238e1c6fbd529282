//! A small world for the tests of decisions: one Sentry, one team, issues that are tracked nowhere unless a test says so.

use crate::answer::{Cause, Looked, RequestRef};
use crate::calibrate::Calibration;
use crate::ids::{
    Generation, IssueId, ItemId, ItemKey, OrgSlug, ProjectSlug, SentrySite, ShortId, TeamKey, TrackKey,
};
use crate::sync::marker::Marker;
use crate::sync::plan::{AttachOrder, CreateOrder};
use crate::sync::snapshot::{
    AppLinks, Candidate, Creation, EventEvidence, ExceptionEvidence, Frame, FrameOrigin, Issue, ItemState,
    Level, LinkBackPath, Look, Lookups, Memory, Presence, RepeatedIds, Review, SentryPriority, Signal,
    Snapshot, Status, TrackedItem, TrackerFacts, Unresolved,
};
use crate::time::{Now, Timestamp};
use crate::tracked::fingerprint::TitleFingerprint;
use crate::untrusted::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

/// `hours` before the fixed present of the tests.
pub fn ago(hours: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 - hours * 3600).unwrap()
}

pub fn now() -> Now {
    Now(ago(0))
}

pub fn text(text: &str) -> Untrusted<String> {
    Untrusted::from(text)
}

pub fn site() -> SentrySite {
    SentrySite { base_url: "https://sentry.example".to_owned(), org: OrgSlug::new("acme") }
}

pub fn home() -> TeamKey {
    TeamKey::new("PLAT")
}

/// An issue with a title, culprit and project of its own.
pub fn issue(id: u64) -> Issue {
    let project = ["checkout", "search", "mail"][usize::try_from(id % 3).unwrap()];
    // Words, because a fingerprint takes numbers out.
    let name: String = id.to_string().bytes().map(|digit| char::from(b'a' + digit - b'0')).collect();
    Issue {
        id: IssueId(id),
        short_id: ShortId::new(format!("{}-{id}", project.to_uppercase())),
        project: ProjectSlug::new(project),
        title: text(&format!("TypeError: {name}{name} cannot be read")),
        error_type: Some(text("TypeError")),
        error_value: Some(text("cannot be read")),
        culprit: text(&format!("handler_of_{name}")),
        level: Level::Error,
        status: Status::Unresolved(Unresolved::Ongoing),
        priority: Some(SentryPriority::High),
        review: Review::Waiting,
        events: 120,
        users: 14,
        trend: vec![1; 24],
        first_seen: ago(100),
        last_seen: ago(1),
        assignee: None,
        links: Vec::new(),
        app_links: AppLinks::NotTold,
    }
}

/// An issue that a signal named and that every look found to be tracked nowhere.
pub fn candidate(id: u64) -> Candidate {
    Candidate {
        issue: issue(id),
        signals: BTreeSet::from([Signal::HighPriority]),
        event: Looked::Saw(event(&format!("handler_of_{id}"))),
        owners: Vec::new(),
        lookups: untracked(),
        memory: Memory::default(),
    }
}

pub fn event(function: &str) -> EventEvidence {
    // Digits at the end of a name are a compiler's counter; letters are not.
    let function: String = function
        .chars()
        .map(|c| if c.is_ascii_digit() { char::from(b'a' + c as u8 - b'0') } else { c })
        .collect();
    let frame = |name: &str, origin| Frame {
        function: text(name),
        module: Some(text("shop.cart")),
        file: Some(text("src/cart.py")),
        line: Some(42),
        origin,
    };
    EventEvidence {
        at: ago(1),
        release: Some(text("shop@1.4.2")),
        environment: Some(text("production")),
        platform: text("python"),
        exceptions: vec![ExceptionEvidence {
            kind: text("TypeError"),
            value: text("cannot be read"),
            frames: vec![frame("json.loads", FrameOrigin::Library), frame(&function, FrameOrigin::InApp)],
        }],
        tags: BTreeMap::new(),
    }
}

pub fn untracked() -> Lookups {
    let none = || look(Vec::new());
    Lookups {
        external_link: look(Vec::new()),
        short_id: none(),
        permalink: none(),
        title: none(),
        stack: none(),
        owner: none(),
        own: none(),
        alike: look(Vec::new()),
        compared_with: 0,
        twins: Vec::new(),
    }
}

pub fn look<T>(items: Vec<T>) -> Look<T> {
    let request = RequestRef { what: "POST /graphql tracked(c0)".to_owned(), at: ago(0) };
    Look { answer: Looked::Saw(items), looked_for: vec!["it".to_owned()], requests: vec![request] }
}

pub fn blind<T>() -> Look<T> {
    Look { answer: Looked::CouldNotLook(Cause::MorePages), looked_for: Vec::new(), requests: Vec::new() }
}

/// A person's item in the backlog, about something else.
pub fn item(number: u32) -> TrackedItem {
    TrackedItem {
        id: ItemId(uuid::Uuid::from_u128(u128::from(number) + 7)),
        key: ItemKey::new(format!("PLAT-{number}")),
        url: text(&format!("https://linear.example/acme/issue/PLAT-{number}/some-title")),
        title: text("Tidy up the release notes"),
        team: home(),
        state: ItemState::Backlog,
        presence: Presence::Live,
        created_at: ago(500),
        updated_at: ago(300),
        marker: None,
        completed_at: None,
        duplicate_of: None,
        attachments: Vec::new(),
        texts: Vec::new(),
    }
}

pub fn key(issue: &Issue, generation: u32) -> TrackKey {
    TrackKey {
        host: site().host(),
        org: site().org,
        issue: issue.id,
        team: home(),
        generation: Generation(generation),
    }
}

/// The item that Orderly made for an issue.
pub fn own_item(number: u32, issue: &Issue, generation: u32) -> TrackedItem {
    let key = key(issue, generation);
    let marker = Marker {
        short_id: issue.short_id.clone(),
        org: key.org.clone(),
        issue: issue.id,
        generation: key.generation,
        key: key.fingerprint(),
        title: TitleFingerprint::of(&issue.title).hex().to_owned(),
        stack: None,
    };
    TrackedItem {
        id: key.item_id(),
        title: issue.title.clone(),
        marker: Some(marker),
        attachments: vec![Untrusted::new(site().permalink(issue.id))],
        ..item(number)
    }
}

pub fn completed(hours_ago: i64, item: TrackedItem) -> TrackedItem {
    TrackedItem {
        state: ItemState::Completed,
        completed_at: Some(ago(hours_ago)),
        updated_at: ago(hours_ago),
        ..item
    }
}

pub fn facts() -> TrackerFacts {
    TrackerFacts {
        team: home(),
        team_id: "team-plat".to_owned(),
        initial_state: Some("state-triage".to_owned()),
        reopen_state: Some("state-todo".to_owned()),
        labels: BTreeMap::from([("sentry".to_owned(), "label-sentry".to_owned())]),
        people: BTreeMap::from([("jane@acme.example".to_owned(), "person-jane".to_owned())]),
        creation: Creation::Allowed,
        repeated_ids: RepeatedIds::Refused,
        other_teams: BTreeMap::new(),
    }
}

pub fn snapshot(candidates: Vec<Candidate>) -> Snapshot {
    let n = u32::try_from(candidates.len()).unwrap();
    Snapshot {
        site: site(),
        team: home(),
        signals: BTreeMap::from([(Signal::HighPriority, Looked::Saw(n))]),
        candidates,
        held: Vec::new(),
        tracker: Looked::Saw(facts()),
        link_back: LinkBackPath::Installation { uuid: "7a1b".to_owned(), app: "orderly".to_owned() },
        gaps: Vec::new(),
        calibration: Calibration::default(),
    }
}

/// An order as an earlier run stored it.
pub fn order(issue: &Issue, generation: u32) -> CreateOrder {
    let key = key(issue, generation);
    let item = key.item_id();
    CreateOrder {
        item,
        team_id: "team-plat".to_owned(),
        title: "As an earlier run wrote it".to_owned(),
        body: "Stored body".to_owned(),
        priority: 3,
        state: None,
        labels: Vec::new(),
        assignee: None,
        attach: AttachOrder {
            item,
            url: site().permalink(issue.id),
            title: "t".to_owned(),
            subtitle: "s".to_owned(),
        },
        relates_to: None,
        key,
    }
}
