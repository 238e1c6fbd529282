//! What must never happen, watched from outside: on the wire, in the tracker, in the ledger and at the end.

use crate::world::ledger::Ledger;
use crate::world::sentry::{Sentry, permalink};
use crate::world::tracker::{Maker, Tracker};
use orderly_core::ids::{Digest, IssueId, RunId, TrackKey};
use orderly_core::sync::machine::{Failure, Invalid, JournalEntry, LinkBackStage, Stage, Work};
use orderly_core::sync::plan::CreateOrder;
use orderly_core::sync::snapshot::Presence;
use std::collections::{BTreeMap, BTreeSet};

/// Something that must never happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Two items for one key and generation (I1).
    Duplicate(TrackKey),
    /// An item for an issue that a person had filed before the run looked.
    DuplicateOfAPersons(IssueId),
    /// A creation after a person said no to its item.
    FiledAfterNo(IssueId),
    /// More attempts than the cap (I3).
    CapPassed(RunId),
    /// A creation left before its intent was durable.
    BeforeIntent(IssueId),
    /// A creation was repeated without a look.
    NotLooked(IssueId),
    /// A creation was repeated with other bytes (I7).
    OtherBytes(IssueId),
    /// A request to the tracker after it asked to slow down.
    AfterSlowDown(RunId),
    /// An entry at its end went back to work without a new intent.
    WentBack(IssueId),
    /// "Done", and the item is not there, not ours or not complete.
    NotDone(IssueId, &'static str),
    /// "Refused", and the item is there.
    NotRefused(IssueId),
    /// A decision without an end (I2).
    Lost(IssueId),
    /// An issue that qualifies and has neither an item nor a reason.
    Untracked(IssueId),
    /// A run or a lease that does not end, or an entry that stays open.
    Leftover(String),
    /// It goes on writing in the calm.
    NoConvergence,
    /// Sentry was changed beyond its links (I4).
    SentryChanged,
    /// The machine itself refused to go on.
    Invalid(Invalid),
}

/// The books of the checks.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// The first violation.
    pub violation: Option<Violation>,
    attempts: BTreeMap<RunId, u32>,
    slowed: BTreeSet<RunId>,
    /// Creations whose end nobody who keeps this ledger knows.
    unclear: BTreeSet<(usize, TrackKey)>,
    /// The same as a run can know it: what was unclear when it began, and what it sent itself. Another run that lost its
    /// lease may send after this one looked; against that only the derived id helps.
    unclear_to: BTreeSet<(RunId, TrackKey)>,
    bytes: BTreeMap<(usize, TrackKey), Digest>,
    intents: BTreeMap<(RunId, TrackKey), u32>,
    sent: BTreeMap<(RunId, TrackKey), u32>,
    decided: BTreeSet<(usize, TrackKey)>,
}

/// A creation on its way out.
pub struct Sending<'a> {
    /// Which ledger its runner keeps.
    pub ledger: usize,
    /// Which run sends it.
    pub run: &'a RunId,
    /// Its cap.
    pub cap: u32,
    /// The second at which the run looked at the world.
    pub looked_at: u64,
    /// What is sent.
    pub order: &'a CreateOrder,
}

impl Checks {
    /// Notes a violation; the first one counts.
    pub fn note(&mut self, violation: Violation) {
        self.violation.get_or_insert(violation);
    }

    fn expect(&mut self, holds: bool, violation: impl FnOnce() -> Violation) {
        if !holds {
            self.note(violation());
        }
    }

    /// A run begins; what its ledger does not know, it does not know either.
    pub fn begins(&mut self, ledger: usize, run: &RunId) {
        let inherited = self
            .unclear
            .iter()
            .filter(|(place, _)| *place == ledger)
            .map(|(_, key)| (run.clone(), key.clone()));
        self.unclear_to.extend(inherited.collect::<Vec<_>>());
    }

    /// A creation leaves.
    pub fn sending(&mut self, sending: &Sending<'_>, tracker: &Tracker) {
        let Sending { ledger, run, cap, looked_at, order } = sending;
        let issue = order.key.issue;
        let place = (*ledger, order.key.clone());
        self.attempt(run, *cap);
        let by = ((*run).clone(), order.key.clone());
        let sent = self.sent.entry(by.clone()).or_default();
        *sent += 1;
        let covered = *sent <= self.intents.get(&by).copied().unwrap_or(0);
        self.expect(covered, || Violation::BeforeIntent(issue));
        let looked = self.unclear_to.insert(by);
        self.expect(looked, || Violation::NotLooked(issue));
        self.unclear.insert(place.clone());
        let payload = order.payload();
        let known = self.bytes.entry(place).or_insert_with(|| payload.clone());
        let same = *known == payload;
        self.expect(same, || Violation::OtherBytes(issue));
        let no = tracker.items.get(&order.key.item_id()).is_some_and(|item| {
            item.presence == Presence::Trashed && item.declined_at.is_some_and(|at| at < *looked_at)
        });
        self.expect(!no, || Violation::FiledAfterNo(issue));
        let address = permalink(issue);
        let by_person = tracker.items.values().any(|item| {
            item.by == Maker::Person && item.attachments.contains_key(&address) && item.made_at < *looked_at
        });
        self.expect(!by_person, || Violation::DuplicateOfAPersons(issue));
    }

    /// An attempt that counts towards the cap.
    pub fn attempt(&mut self, run: &RunId, cap: u32) {
        let attempts = self.attempts.entry(run.clone()).or_default();
        *attempts += 1;
        let within = *attempts <= cap;
        self.expect(within, || Violation::CapPassed(run.clone()));
    }

    /// A request to the tracker leaves.
    pub fn asking_tracker(&mut self, run: &RunId) {
        let slowed = self.slowed.contains(run);
        self.expect(!slowed, || Violation::AfterSlowDown(run.clone()));
    }

    /// A run was asked to slow down.
    pub fn slow_down(&mut self, run: &RunId) {
        self.slowed.insert(run.clone());
    }

    /// What became of a creation is clear to its sender, or made no difference.
    pub fn clear(&mut self, ledger: usize, run: &RunId, key: &TrackKey) {
        self.unclear.remove(&(ledger, key.clone()));
        self.unclear_to.remove(&(run.clone(), key.clone()));
    }

    /// The tracker holds something new.
    pub fn after_creation(&mut self, key: &TrackKey, tracker: &Tracker) {
        let fingerprint = key.fingerprint();
        let same = tracker
            .items
            .values()
            .filter(|item| item.marker().is_some_and(|marker| marker.key == fingerprint))
            .count();
        self.expect(same <= 1, || Violation::Duplicate(key.clone()));
    }

    /// An entry became durable.
    pub fn recorded(
        &mut self,
        ledger: usize,
        run: &RunId,
        before: Option<&JournalEntry>,
        entry: &JournalEntry,
        tracker: &Tracker,
    ) {
        let key = &entry.key;
        let issue = key.issue;
        let back = before.is_some_and(|before| {
            before.work == entry.work
                && matches!(before.stage, Stage::Done | Stage::Failed(_))
                && matches!(entry.stage, Stage::Sent | Stage::Exists)
        });
        self.expect(!back, || Violation::WentBack(issue));
        match &entry.stage {
            Stage::Intended => {
                self.decided.insert((ledger, key.clone()));
                if entry.attempts == 0 {
                    self.bytes.remove(&(ledger, key.clone()));
                }
            }
            Stage::Sent => {
                *self.intents.entry((run.clone(), key.clone())).or_default() += 1;
            }
            Stage::Exists | Stage::Done | Stage::Failed(_) => {
                self.clear(ledger, run, key);
                self.bytes.remove(&(ledger, key.clone()));
            }
        }
        let Work::Create { order } = &entry.work else { return };
        let item = tracker.items.get(&order.item);
        match &entry.stage {
            Stage::Failed(Failure::Refused(_)) if entry.item.is_none() => {
                let there = item.is_some_and(|item| item.by == Maker::Sync);
                self.expect(!there, || Violation::NotRefused(issue));
            }
            Stage::Done => match item {
                None => self.note(Violation::NotDone(issue, "there is no item")),
                Some(item) => {
                    let ours = item.marker().is_some_and(|marker| marker.key == key.fingerprint());
                    self.expect(ours, || Violation::NotDone(issue, "the item is not ours"));
                    let attached = item.attachments.contains_key(&order.attach.url);
                    self.expect(attached, || Violation::NotDone(issue, "the attachment is missing"));
                }
            },
            _ => {}
        }
    }

    /// The last commit of a run was lost.
    pub fn lost_commit(&mut self, ledger: usize, key: &TrackKey) {
        let place = (ledger, key.clone());
        self.unclear.remove(&place);
        self.bytes.remove(&place);
        self.decided.remove(&place);
    }

    /// After the calm; `before` is what people made of Sentry.
    pub fn at_end(&mut self, ledgers: &[Ledger], sentry: &Sentry, before: &Sentry, tracker: &Tracker) {
        let untouched = sentry.issues == before.issues;
        self.expect(untouched, || Violation::SentryChanged);
        for (place, key) in self.decided.clone() {
            let closed = ledgers[place].entries.get(&key).is_some_and(JournalEntry::is_closed);
            self.expect(closed, || Violation::Lost(key.issue));
        }
        for ledger in ledgers {
            for entry in ledger.entries.values() {
                let issue = entry.key.issue;
                self.expect(entry.is_closed(), || Violation::Leftover(format!("{entry:?}")));
                let linked = entry.link_back != LinkBackStage::Done || sentry.links.contains_key(&issue);
                self.expect(linked, || Violation::NotDone(issue, "the link in Sentry is missing"));
            }
        }
        let creates = tracker.repeated != orderly_core::sync::snapshot::RepeatedIds::Ignored;
        for (id, reported) in &sentry.issues {
            let open = matches!(reported.issue.status, orderly_core::sync::snapshot::Status::Unresolved(_));
            let address = permalink(*id);
            let tracked = tracker.items.values().any(|item| {
                item.attachments.contains_key(&address)
                    || item.marker().is_some_and(|marker| marker.issue == *id)
            });
            let reason = ledgers
                .iter()
                .flat_map(|ledger| ledger.entries.values())
                .any(|entry| entry.key.issue == *id && matches!(entry.stage, Stage::Failed(_)));
            self.expect(!open || !creates || tracked || reason, || Violation::Untracked(*id));
        }
    }
}
