//! The decision for one issue, from its verdict.

use super::facts::{World, gap};
use super::twins::Twins;
use crate::ids::{Digest, Generation, ItemId, TrackKey};
use crate::select::{HeldReason, by_status};
use crate::sync::draft::{About, Writer};
use crate::sync::marker::Marker;
use crate::sync::plan::{
    AttachOrder, CommentOrder, CreateOrder, Decision, Draft, ItemRef, PreparedBecause, Reopen,
    TrackedBecause, Would,
};
use crate::sync::policy::{LinkBack, Mode, Priorities, RegressionPolicy, TrackerPriority, UpdateStale};
use crate::sync::snapshot::{Candidate, SetupGap, Signal, TrackedItem};
use crate::tracked::keys::{self, Mention};
use crate::tracked::{CameBack, Prover, Question, StackEvidence, Verdict};
use std::collections::BTreeSet;

/// What is left of the cap.
pub(super) struct Budget {
    cap: u32,
    left: u32,
}

impl Budget {
    pub const fn new(cap: u32) -> Self {
        Self { cap, left: cap }
    }

    /// Takes one write out of the cap, if there is one.
    fn take(&mut self) -> Result<(), PreparedBecause> {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(PreparedBecause::CapReached { cap: self.cap }),
        }
    }
}

/// What becomes of a candidate.
pub(super) enum Outcome {
    Decided(Decision),
    Held(HeldReason),
}

/// One issue, with what its decision needs.
pub(super) struct One<'a> {
    pub world: &'a World<'a>,
    pub writer: &'a Writer<'a>,
    pub question: &'a Question<'a>,
    pub qualified: &'a [String],
    pub content: &'a Digest,
}

impl One<'_> {
    pub fn decide(
        &self,
        verdict: &Verdict<'_>,
        budget: &mut Budget,
        twins: &mut Twins,
        gaps: &mut BTreeSet<SetupGap>,
    ) -> Outcome {
        let candidate = self.candidate();
        Outcome::Decided(match verdict {
            Verdict::Open { item, by } => self.open(item, *by, budget),
            Verdict::Declined { item, .. } => tracked(item, TrackedBecause::Declined),
            Verdict::Completed { item, came_back, .. } => self.completed(item, *came_back, budget),
            Verdict::Possible { item, by } => {
                let because = PreparedBecause::PossibleDuplicate { item: (*item).into(), prover: *by };
                self.prepare_new(Generation::default(), &[], because)
            }
            Verdict::Alike { item, by, says } => {
                let because = PreparedBecause::Alike { item: (*item).into(), prover: *by, says: *says };
                self.prepare_new(Generation::default(), &[], because)
            }
            Verdict::NotProven { open } => self.prepare_new(
                Generation::default(),
                &[],
                PreparedBecause::NotProven { open: open.clone() },
            ),
            Verdict::Absent { generation, predecessor, related } => {
                // An unfinished creation is finished, unless its issue went away in the meantime.
                if let Some(reason) = by_status(candidate.issue.status) {
                    return Outcome::Held(reason);
                }
                let new = New { generation: *generation, predecessor: *predecessor, related };
                match self.may_create(budget, twins, gaps) {
                    Ok(()) => Decision::Create { order: self.order(&new, gaps) },
                    Err(because) => self.prepare_new(new.generation, new.related, because),
                }
            }
        })
    }

    const fn candidate(&self) -> &Candidate {
        self.question.candidate
    }

    /// An item on which work may still happen: complete the links, or say what is new on it when it went stale.
    fn open(&self, item: &TrackedItem, by: Prover, budget: &mut Budget) -> Decision {
        let attach = self.missing_attachment(item);
        let links_back = self.world.can_link_back() && self.lacks_link_back(item);
        if attach.is_some() || links_back {
            let decision = Decision::Link { item: item.into(), attach, found_by: by };
            return match self.may_write(Mode::LinkOnly) {
                Ok(()) => decision,
                Err(because) => Decision::Prepare { would: Would::Link { item: item.into() }, because },
            };
        }
        if self.is_stale(item) {
            self.update(item, Reopen::Leave, budget)
        } else {
            tracked(item, TrackedBecause::AlreadyLinked)
        }
    }

    /// An item that was completed: an answer, unless the issue came back and policy says what to do about it.
    fn completed(&self, item: &TrackedItem, came_back: CameBack, budget: &mut Budget) -> Decision {
        let unfinished = self.candidate().memory.open_intent.is_some();
        if came_back == CameBack::No || unfinished || self.was_told() || !self.is_unresolved() {
            return tracked(item, TrackedBecause::Completed);
        }
        let reopen = match self.world.policy.regression {
            RegressionPolicy::Reopen => {
                let state = self.world.team(&item.team).and_then(|team| team.reopen_state);
                state.map_or(Reopen::Leave, |state| Reopen::To(state.clone()))
            }
            RegressionPolicy::Comment | RegressionPolicy::NewAndRelate => Reopen::Leave,
        };
        self.update(item, reopen, budget)
    }

    fn update(&self, item: &TrackedItem, reopen: Reopen, budget: &mut Budget) -> Decision {
        let allowed = self.may_write(Mode::CreateOrLink).and_then(|()| budget.take());
        if let Err(because) = allowed {
            return Decision::Prepare { would: Would::Update { item: item.into() }, because };
        }
        let issue = &self.candidate().issue;
        let comment = CommentOrder {
            id: comment_id(item.id, self.question.key, self.content),
            item: item.id,
            body: self.writer.comment(self.candidate(), self.qualified, &reopen),
        };
        let attach = self.missing_attachment(item).map(|_| self.writer.attachment(item.id, issue));
        Decision::Update { item: item.into(), comment, attach, reopen }
    }

    /// Whether nobody touched the item for as long as policy says while events kept coming.
    fn is_stale(&self, item: &TrackedItem) -> bool {
        let UpdateStale::After(span) = self.world.policy.update_stale else { return false };
        let went_on = self.is_unresolved() && self.candidate().issue.last_seen > item.updated_at;
        went_on && self.world.now.seconds_since(item.updated_at) >= span.0 && !self.was_told()
    }

    /// Whether the issue is still open; one that is not is here only because of an unfinished decision.
    fn is_unresolved(&self) -> bool {
        by_status(self.candidate().issue.status).is_none()
    }

    /// Whether an earlier run reported exactly this evidence.
    fn was_told(&self) -> bool {
        self.candidate().memory.last_report.as_ref().is_some_and(|report| report.content == *self.content)
    }

    fn missing_attachment(&self, item: &TrackedItem) -> Option<AttachOrder> {
        let issue = &self.candidate().issue;
        let is_ours = |url: &str| keys::permalink(url, &self.world.snapshot.site, issue.id) == Mention::Exact;
        let attached = item.attachments.iter().any(|url| is_ours(url.as_raw_str()));
        (!attached).then(|| self.writer.attachment(item.id, issue))
    }

    /// Whether Sentry was asked for its links and holds none to this item.
    fn lacks_link_back(&self, item: &TrackedItem) -> bool {
        let links = self.candidate().lookups.external_link.answer.saw();
        links.is_some_and(|links| {
            !links.iter().any(|l| l.item.as_ref().is_some_and(|there| leads_to(there, item)))
        })
    }

    /// Whether existing items may be written to in this run.
    fn may_write(&self, least: Mode) -> Result<(), PreparedBecause> {
        if let Some(gap) = &self.world.stopped {
            return Err(PreparedBecause::CreationUnavailable { why: gap.what.clone() });
        }
        let allowed = match self.world.policy.mode {
            Mode::CreateOrLink => true,
            Mode::LinkOnly => least == Mode::LinkOnly,
            Mode::PrepareOnly => false,
        };
        if allowed { Ok(()) } else { Err(PreparedBecause::Mode) }
    }

    fn may_create(
        &self,
        budget: &mut Budget,
        twins: &mut Twins,
        gaps: &mut BTreeSet<SetupGap>,
    ) -> Result<(), PreparedBecause> {
        if self.candidate().memory.open_intent.is_some() {
            twins.add_ahead(self.question);
        } else if let Some(because) = twins.first_or_add(self.question) {
            return Err(because);
        }
        self.may_write(Mode::CreateOrLink)?;
        if let Some(gap) = &self.world.no_creation {
            return Err(PreparedBecause::CreationUnavailable { why: gap.what.clone() });
        }
        if self.world.team(&self.question.key.team).is_none() {
            let what =
                format!("The tracker has no team {}; items for it are only prepared", self.question.key.team);
            gaps.insert(gap(
                &what,
                "Correct the team key under `sync.project_teams`, or give the key access to the team.",
            ));
            return Err(PreparedBecause::CreationUnavailable { why: what });
        }
        if self.world.policy.link_back == LinkBack::Required && !self.world.can_link_back() {
            return Err(PreparedBecause::LinkBackRequired);
        }
        budget.take()
    }

    /// What is sent: of an unfinished creation the stored bytes, so that a repeat is a repeat.
    fn order(&self, new: &New<'_>, gaps: &mut BTreeSet<SetupGap>) -> CreateOrder {
        let candidate = self.candidate();
        if let Some(open) = &candidate.memory.open_intent {
            return open.order.clone();
        }
        let key = TrackKey { generation: new.generation, ..self.question.key.clone() };
        let item = key.item_id();
        let team =
            self.world.team(&key.team).expect("creation is allowed only for a team that the tracker has");
        let Draft { title, body } = self.draft(new.generation, new.related);
        CreateOrder {
            item,
            team_id: team.id.to_owned(),
            title,
            body,
            priority: priority(&self.world.policy.priorities, &candidate.signals).number(),
            state: team.initial_state.cloned(),
            labels: self.world.labels(&candidate.issue, team, &key.team, gaps),
            assignee: self.world.assignee(candidate, gaps),
            attach: self.writer.attachment(item, &candidate.issue),
            relates_to: new.predecessor,
            key,
        }
    }

    fn prepare_new(&self, generation: Generation, related: &[ItemRef], because: PreparedBecause) -> Decision {
        let draft = match &self.candidate().memory.open_intent {
            Some(open) => Draft { title: open.order.title.clone(), body: open.order.body.clone() },
            None => self.draft(generation, related),
        };
        Decision::Prepare { would: Would::Create { draft }, because }
    }

    fn draft(&self, generation: Generation, related: &[ItemRef]) -> Draft {
        let candidate = self.candidate();
        let key = TrackKey { generation, ..self.question.key.clone() };
        let marker = Marker {
            short_id: candidate.issue.short_id.clone(),
            org: key.org.clone(),
            issue: key.issue,
            generation,
            key: key.fingerprint(),
            title: self.question.title.hex().to_owned(),
            stack: match self.question.stack {
                StackEvidence::Signature(signature) => Some(signature.clone()),
                StackEvidence::NoStack | StackEvidence::Unknown(_) => None,
            },
        };
        self.writer.draft(&About { candidate, qualified: self.qualified, related, marker: &marker })
    }
}

/// An item to be created.
struct New<'a> {
    generation: Generation,
    predecessor: Option<ItemId>,
    related: &'a [ItemRef],
}

fn tracked(item: &TrackedItem, because: TrackedBecause) -> Decision {
    Decision::Tracked { item: item.into(), because }
}

/// Whether a linked item is the one, or was merged into it.
fn leads_to(mut from: &TrackedItem, to: &TrackedItem) -> bool {
    while from.id != to.id {
        match &from.duplicate_of {
            Some(into) => from = into,
            None => return false,
        }
    }
    true
}

/// The strongest signal decides; an issue that no signal names any more has no urgency.
fn priority(priorities: &Priorities, signals: &BTreeSet<Signal>) -> TrackerPriority {
    match signals.first() {
        Some(Signal::Regressed) => priorities.regressed,
        Some(Signal::Escalating) => priorities.escalating,
        Some(Signal::HighPriority) => priorities.high_priority,
        Some(Signal::ForReview) | None => priorities.for_review,
    }
}

/// Same item, issue and evidence, same id: the tracker refuses to take the comment twice.
fn comment_id(item: ItemId, key: &TrackKey, content: &Digest) -> uuid::Uuid {
    let digest = crate::digest::of(&("comment-v1", item, &key.host, &key.org, key.issue, content));
    let mut bytes = [0_u8; 16];
    hex::decode_to_slice(&digest.as_str()[..32], &mut bytes).expect("a digest is 64 hex digits");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
