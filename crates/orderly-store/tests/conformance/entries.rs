//! Journal entries of every shape.

use orderly_core::ids::{
    Digest, Generation, IssueId, ItemId, ItemKey, OrgSlug, RunId, SentryHost, TeamKey, TrackKey,
};
use orderly_core::sync::machine::{Failure, JournalEntry, LinkBackStage, Stage, Work};
use orderly_core::sync::plan::{AttachOrder, CommentOrder, CreateOrder, ItemRef, Reopen};
use orderly_core::time::{Now, Timestamp};
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::ledger::{LeaseScope, RunKind, RunRecord, RunState};
use uuid::Uuid;

/// A second in the life of the stories.
pub fn at(second: i64) -> Now {
    Now(Timestamp::new(1_800_000_000 + second, 123_456_000).unwrap())
}

/// A backlog of its own for one story.
pub fn scope(story: &str) -> LeaseScope {
    LeaseScope {
        host: SentryHost::new("sentry.example"),
        org: OrgSlug::new(story),
        team: TeamKey::new("PLAT"),
    }
}

pub fn run(name: &str) -> RunId {
    RunId::new(name)
}

pub fn key(scope: &LeaseScope, issue: u64) -> TrackKey {
    TrackKey {
        host: scope.host.clone(),
        org: scope.org.clone(),
        issue: IssueId(issue),
        team: scope.team.clone(),
        generation: Generation(0),
    }
}

pub fn item(key: &str) -> ItemRef {
    ItemRef {
        id: ItemId(Uuid::from_u128(7)),
        key: ItemKey::new(key),
        url: Untrusted::from("https://tracker.example/x"),
    }
}

fn attach(item: ItemId) -> AttachOrder {
    AttachOrder {
        item,
        url: "https://sentry.example/issues/1/".to_owned(),
        title: "CHECKOUT-1".to_owned(),
        subtitle: "12 events".to_owned(),
    }
}

pub fn creation(key: &TrackKey, title: &str) -> CreateOrder {
    CreateOrder {
        key: key.clone(),
        item: key.item_id(),
        team_id: "team-1".to_owned(),
        title: title.to_owned(),
        body: format!("## Why\n\n{title}\n<!-- orderly {} -->", key.fingerprint()),
        priority: 2,
        state: Some("triage".to_owned()),
        labels: vec!["sentry".to_owned(), "bug".to_owned()],
        assignee: None,
        attach: attach(key.item_id()),
        relates_to: None,
    }
}

/// A creation that is intended and not sent.
pub fn intended(key: TrackKey, run: &RunId) -> JournalEntry {
    JournalEntry {
        run: run.clone(),
        work: Work::Create { order: creation(&key, "TypeError: x is undefined") },
        stage: Stage::Intended,
        attempts: 0,
        item: None,
        link_back: LinkBackStage::Off,
        key,
    }
}

/// Every kind of work x every stage x every link back, each for an issue of its own.
pub fn every_shape(scope: &LeaseScope, run: &RunId) -> Vec<JournalEntry> {
    let mut entries = Vec::new();
    for stage in every_stage() {
        for link_back in every_link_back() {
            for shape in 0..6 {
                let mut key = key(scope, u64::MAX - entries.len() as u64);
                key.generation = Generation(if shape == 1 { u32::MAX } else { shape });
                entries.push(JournalEntry {
                    run: run.clone(),
                    work: work(shape, &key),
                    stage: stage.clone(),
                    attempts: if shape == 2 { u32::MAX } else { shape },
                    item: (shape % 2 == 0).then(|| item("PLAT-1")),
                    link_back: link_back.clone(),
                    key,
                });
            }
        }
    }
    entries
}

fn work(shape: u32, key: &TrackKey) -> Work {
    let found = item("PLAT-9");
    let attach = Some(attach(found.id));
    let comment =
        CommentOrder { id: Uuid::from_u128(u128::MAX), item: found.id, body: "It is back.".to_owned() };
    match shape {
        0 => Work::Create { order: creation(key, "A plain title") },
        1 => Work::Create {
            order: CreateOrder {
                relates_to: Some(ItemId(Uuid::from_u128(3))),
                assignee: Some("user-1".to_owned()),
                state: None,
                labels: Vec::new(),
                priority: 0,
                ..creation(key, "")
            },
        },
        2 => Work::Link { item: found, attach: None },
        3 => Work::Link { item: found, attach },
        4 => Work::Update { item: found, comment, attach: None, reopen: Reopen::Leave },
        _ => Work::Update { item: found, comment, attach, reopen: Reopen::To("started".to_owned()) },
    }
}

fn every_stage() -> Vec<Stage> {
    let failures = [
        Failure::Refused,
        Failure::Denied,
        Failure::ForeignItem,
        Failure::IdIgnored,
        Failure::Declined,
        Failure::Superseded,
        Failure::NoAnswer,
    ];
    let failed = failures.map(|failure| Stage::Failed(failure("because \u{0} \"it\" said so".to_owned())));
    [Stage::Intended, Stage::Sent, Stage::Exists, Stage::Done].into_iter().chain(failed).collect()
}

fn every_link_back() -> [LinkBackStage; 5] {
    [
        LinkBackStage::Off,
        LinkBackStage::Unavailable,
        LinkBackStage::Wanted { installation: "installation-1".to_owned() },
        LinkBackStage::Done,
        LinkBackStage::Failed { why: String::new() },
    ]
}

pub fn started(id: &str, second: i64) -> RunRecord {
    RunRecord {
        id: RunId::new(id),
        kind: RunKind::Apply,
        started_at: at(second).0,
        ended_at: None,
        state: RunState::Started,
        plan: None,
        report: None,
    }
}

pub fn finished(run: &RunRecord, second: i64) -> RunRecord {
    RunRecord {
        ended_at: Some(at(second).0),
        state: RunState::Finished,
        plan: Some(Digest::new("d1935")),
        report: Some("{\"created\":[\"„PLAT-1“\"]}".to_owned()),
        ..run.clone()
    }
}
