//! Plans and answers to play the machine with.

use crate::answer::Looked;
use crate::digest;
use crate::ids::{
    Generation, IssueId, ItemKey, OrgSlug, ProjectSlug, RunId, SentrySite, ShortId, TeamKey, TrackKey,
};
use crate::sync::approve::{self, Approved};
use crate::sync::machine::{
    CreateReply, Effect, Event, Invalid, Journal, JournalEntry, LeaseTerm, LinkBackStage, Machine, Outcome,
    Stage, Start, Step, Work, WriteReply,
};
use crate::sync::marker::Marker;
use crate::sync::plan::{
    AttachOrder, CreateOrder, Decision, Entry, IssueRef, ItemRef, PLAN_VERSION, Plan, Writes,
};
use crate::sync::snapshot::{ItemState, LinkBackPath, Presence, TrackedItem};
use crate::time::{Now, Seconds, Timestamp};
use crate::tracked::{Finding, ProofRecord, Prover, ProverResult};
use crate::untrusted::Untrusted;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(super) fn second(n: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + n).expect("a time of our days")
}

fn site() -> SentrySite {
    SentrySite { base_url: "https://sentry.test".to_owned(), org: OrgSlug::new("acme") }
}

pub(super) fn key(issue: u64) -> TrackKey {
    let site = site();
    TrackKey {
        host: site.host(),
        org: site.org,
        issue: IssueId(issue),
        team: TeamKey::new("PLAT"),
        generation: Generation(0),
    }
}

pub(super) fn order(issue: u64) -> CreateOrder {
    let key = key(issue);
    let item = key.item_id();
    let attach = AttachOrder {
        item,
        url: site().permalink(key.issue),
        title: "in Sentry".to_owned(),
        subtitle: "12 events".to_owned(),
    };
    CreateOrder {
        item,
        team_id: "team-plat".to_owned(),
        title: format!("Error {issue}"),
        body: marker(&key).to_string(),
        priority: 2,
        state: None,
        labels: Vec::new(),
        assignee: None,
        attach,
        relates_to: None,
        key,
    }
}

pub(super) fn marker(key: &TrackKey) -> Marker {
    Marker {
        short_id: ShortId::new(format!("SHOP-{}", key.issue)),
        org: key.org.clone(),
        issue: key.issue,
        generation: key.generation,
        key: key.fingerprint(),
        title: "0123456789ab".to_owned(),
        stack: None,
    }
}

/// The item of a key, as a tracker shows it.
pub(super) fn item(key: &TrackKey) -> TrackedItem {
    let name = format!("PLAT-{}", key.issue);
    TrackedItem {
        id: key.item_id(),
        key: ItemKey::new(name.clone()),
        url: Untrusted::new(format!("https://tracker.test/{name}")),
        title: Untrusted::from("Error"),
        team: key.team.clone(),
        state: ItemState::Triage,
        presence: Presence::Live,
        created_at: second(0),
        updated_at: second(0),
        marker: Some(marker(key)),
        completed_at: None,
        duplicate_of: None,
        attachments: Vec::new(),
        texts: Vec::new(),
    }
}

/// Somebody else's item about an issue.
pub(super) fn others(issue: u64) -> ItemRef {
    let key = TrackKey { generation: Generation(99), ..key(issue) };
    ItemRef::from(&item(&key))
}

pub(super) fn entry(issue: u64, decision: Decision) -> Entry {
    let all_absent = Prover::ALL.map(|prover| ProverResult {
        prover,
        finding: Finding::Absent,
        set_aside: Vec::new(),
        looked_for: Vec::new(),
        requests: Vec::new(),
    });
    Entry {
        issue: IssueRef {
            id: IssueId(issue),
            short_id: ShortId::new(format!("SHOP-{issue}")),
            project: ProjectSlug::new("api"),
            permalink: site().permalink(IssueId(issue)),
            title: Untrusted::from("Error"),
            events: 12,
            users: 3,
        },
        signals: BTreeSet::new(),
        qualified: Vec::new(),
        decision,
        proof: ProofRecord { results: all_absent.to_vec(), certificate: None },
        content: digest::of(&issue),
    }
}

pub(super) fn create(issue: u64) -> Entry {
    entry(issue, Decision::Create { order: order(issue) })
}

/// A plan with a cap of 3 and no links back.
pub(super) fn plan(entries: Vec<Entry>) -> Plan {
    Plan {
        version: PLAN_VERSION,
        made_at: second(0),
        sentry_url: site().base_url,
        org: site().org,
        team: TeamKey::new("PLAT"),
        policy: digest::of(&"policy"),
        cap: 3,
        max_age: Seconds::hours(24),
        writes: Writes::Possible,
        link_back: LinkBackPath::Off,
        entries,
        held: Vec::new(),
        gaps: Vec::new(),
        named: BTreeMap::new(),
    }
}

/// An open creation of an earlier run.
pub(super) fn open(issue: u64, stage: Stage, attempts: u32) -> JournalEntry {
    JournalEntry {
        key: key(issue),
        run: RunId::new("earlier"),
        work: Work::Create { order: order(issue) },
        stage,
        attempts,
        item: None,
        link_back: LinkBackStage::Off,
    }
}

pub(super) fn start(plan: Plan, open: Journal) -> Start {
    let plan: Approved<Plan> = approve::fresh(plan).expect("the plan may be applied");
    let lease = LeaseTerm { until: second(120), length: Seconds(120) };
    Start { plan, open, gone: BTreeSet::new(), run: RunId::new("now"), lease }
}

/// Plays a run: answers each effect, the well-meaning way unless the test says otherwise, first come, first served.
pub(super) struct Player {
    pub(super) machine: Machine,
    pub(super) waiting: VecDeque<Effect>,
    /// Everything that was asked for.
    pub(super) asked: Vec<Effect>,
    pub(super) now: i64,
}

impl Player {
    pub(super) fn new(plan: Plan, open: Journal) -> Self {
        let (machine, effects) =
            Machine::start(start(plan, open), Now(second(0))).expect("plan and journal fit");
        Self { machine, asked: effects.clone(), waiting: effects.into(), now: 0 }
    }

    /// Answers until the end.
    pub(super) fn play(&mut self, answer: impl Fn(&Effect, usize) -> Option<Event>) -> Outcome {
        for _ in 0..500 {
            let effect = self.waiting.pop_front().expect("a run asks for something until it is at its end");
            if let Effect::Finish(outcome) = effect {
                return outcome;
            }
            let before = self.asked.iter().filter(|asked| **asked == effect).count();
            let event = answer(&effect, before).unwrap_or_else(|| kind(&effect));
            self.tell(event).expect("the machine keeps its rules");
        }
        panic!("a run that does not end");
    }

    pub(super) fn tell(&mut self, event: Event) -> Result<(), Invalid> {
        let effects = self.machine.handle(Now(second(self.now)), event)?;
        self.asked.extend(effects.clone());
        self.waiting.extend(effects);
        Ok(())
    }

    pub(super) fn count(&self, of: impl Fn(&Effect) -> bool) -> usize {
        self.asked.iter().filter(|effect| of(effect)).count()
    }
}

pub(super) fn is_create(effect: &Effect) -> bool {
    matches!(effect, Effect::Create { .. })
}

/// The well-meaning answer.
pub(super) fn kind(effect: &Effect) -> Event {
    let wrote = |key: &TrackKey, step| Event::Wrote { key: key.clone(), step, reply: WriteReply::Done };
    match effect {
        Effect::Store { entry } => Event::Stored { key: entry.key.clone(), answer: Ok(()) },
        Effect::Read { key, .. } => Event::Read { key: key.clone(), answer: Looked::Saw(None) },
        Effect::Create { order, .. } => {
            replied(order.key.issue.0, CreateReply::Created(ItemRef::from(&item(&order.key))))
        }
        Effect::Attach { key, .. } => wrote(key, Step::Attach),
        Effect::Comment { key, .. } => wrote(key, Step::Comment),
        Effect::Move { key, .. } => wrote(key, Step::Move),
        Effect::Relate { key, .. } => wrote(key, Step::Relate),
        Effect::LinkBack { key, .. } => Event::LinkedBack { key: key.clone(), answer: Ok(()) },
        Effect::Wait { key, .. } => Event::Waited { key: key.clone() },
        Effect::RenewLease => Event::LeaseRenewed { answer: Ok(second(10_000)) },
        Effect::Finish(_) => panic!("nobody answers the end"),
    }
}

pub(super) fn replied(issue: u64, reply: CreateReply) -> Event {
    Event::CreateReplied { key: key(issue), reply }
}

pub(super) fn saw(issue: u64, item: Option<TrackedItem>) -> Event {
    Event::Read { key: key(issue), answer: Looked::Saw(item) }
}
