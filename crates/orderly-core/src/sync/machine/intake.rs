//! An approved plan and what the journal kept open become tasks.

use super::effect::LeaseTerm;
use super::guard::Invalid;
use super::journal::{Failure, Journal, JournalEntry, LinkBackStage, Stage, Work};
use super::outcome::LeftOpen;
use super::task::{Begin, Goal, Otherwise, Task};
use crate::ids::{Digest, Generation, IssueId, RunId, SentryHost, SentrySite, TrackKey};
use crate::select::HeldReason;
use crate::sync::approve::Approved;
use crate::sync::plan::{CreateOrder, Decision, Entry, Plan, PreparedBecause, TrackedBecause};
use crate::sync::snapshot::LinkBackPath;
use crate::tracked::AbsenceProof;
use std::collections::{BTreeMap, BTreeSet};

/// What a run starts from.
#[derive(Clone, Debug)]
pub struct Start {
    /// The plan.
    pub plan: Approved<Plan>,
    /// Open entries of the journal, read under the lease.
    pub open: Journal,
    /// Issues of open entries that Sentry does not know any more.
    pub gone: BTreeSet<IssueId>,
    /// The run.
    pub run: RunId,
    /// Its right to write.
    pub lease: LeaseTerm,
}

/// What tasks are made of a start.
pub(super) struct Intake {
    /// Earlier runs' first, then the plan's, in order.
    pub(super) tasks: Vec<Task>,
    /// Digest of what may be sent, by key.
    pub(super) approved: BTreeMap<TrackKey, Digest>,
}

/// Makes the tasks.
pub(super) fn intake(start: &Start) -> Result<Intake, Invalid> {
    let desk = Desk {
        plan: start.plan.get(),
        approval: &start.plan,
        gone: &start.gone,
        run: &start.run,
        host: host(start.plan.get()),
    };
    desk.one_decision_an_issue()?;
    let mut tasks = Vec::new();
    let mut taken = BTreeSet::new();
    let mut open: Vec<&JournalEntry> = start.open.iter().filter(|entry| !entry.is_closed()).collect();
    open.sort_by(|a, b| a.key.cmp(&b.key));
    for entry in open {
        desk.in_scope(&entry.key)?;
        let decided = desk
            .plan
            .entries
            .iter()
            .find(|decided| decided.issue.id == entry.key.issue && !taken.contains(&decided.issue.id));
        let resumed = desk.resume(entry, decided)?;
        tasks.extend(resumed.task);
        taken.extend(resumed.covers);
    }
    for entry in desk.plan.entries.iter().filter(|entry| !taken.contains(&entry.issue.id)) {
        tasks.extend(desk.begin(entry)?);
    }
    let mut keys = BTreeSet::new();
    if let Some(twice) = tasks.iter().find(|task| !keys.insert(task.key().clone())) {
        return Err(Invalid::TwoDecisions(twice.key().issue));
    }
    let approved =
        tasks.iter().filter_map(Task::creates).map(|order| (order.key.clone(), order.payload())).collect();
    Ok(Intake { tasks, approved })
}

struct Desk<'a> {
    plan: &'a Plan,
    approval: &'a Approved<Plan>,
    gone: &'a BTreeSet<IssueId>,
    run: &'a RunId,
    host: SentryHost,
}

/// What becomes of an open entry: its task, if it needs one, and the plan's decision that the task takes along.
struct Resumed {
    task: Option<Task>,
    covers: Option<IssueId>,
}

impl Desk<'_> {
    fn one_decision_an_issue(&self) -> Result<(), Invalid> {
        let mut seen = BTreeSet::new();
        let twice = self.plan.entries.iter().find(|entry| !seen.insert(entry.issue.id));
        twice.map_or(Ok(()), |entry| Err(Invalid::TwoDecisions(entry.issue.id)))
    }

    fn in_scope(&self, key: &TrackKey) -> Result<(), Invalid> {
        // Projects may go to other teams; one Sentry organization is one journal.
        let here = key.host == self.host && key.org == self.plan.org;
        if here { Ok(()) } else { Err(Invalid::OutOfScope(key.issue)) }
    }

    /// The task of a decision that no open entry stands in the way of.
    fn begin(&self, entry: &Entry) -> Result<Option<Task>, Invalid> {
        if let Decision::Create { order } = &entry.decision {
            let proof = self.proof(entry, order)?;
            let fresh = self.fresh(order.key.clone(), Work::Create { order: order.clone() });
            return Ok(Some(Task::new(fresh, Goal::Create(proof), Begin::Fresh)));
        }
        let key = TrackKey {
            host: self.host.clone(),
            org: self.plan.org.clone(),
            issue: entry.issue.id,
            team: self.plan.team.clone(),
            generation: Generation(0),
        };
        Ok(self.on_existing(key, entry).map(|fresh| Task::new(fresh, Goal::Carry, Begin::Fresh)))
    }

    /// The entry of a decision about an item that exists.
    fn on_existing(&self, key: TrackKey, entry: &Entry) -> Option<JournalEntry> {
        let work = match &entry.decision {
            Decision::Link { item, attach, .. } => Work::Link { item: item.clone(), attach: attach.clone() },
            Decision::Update { item, comment, attach, reopen } => Work::Update {
                item: item.clone(),
                comment: comment.clone(),
                attach: attach.clone(),
                reopen: reopen.clone(),
            },
            Decision::Create { .. } | Decision::Prepare { .. } | Decision::Tracked { .. } => return None,
        };
        Some(self.fresh(key, work))
    }

    fn fresh(&self, key: TrackKey, work: Work) -> JournalEntry {
        let link_back = self.link_back();
        JournalEntry {
            key,
            run: self.run.clone(),
            work,
            stage: Stage::Intended,
            attempts: 0,
            item: None,
            link_back,
        }
    }

    fn link_back(&self) -> LinkBackStage {
        match &self.plan.link_back {
            LinkBackPath::Installation { uuid, .. } => LinkBackStage::Wanted { installation: uuid.clone() },
            LinkBackPath::Unavailable { .. } => LinkBackStage::Unavailable,
            LinkBackPath::Off => LinkBackStage::Off,
        }
    }

    fn proof(&self, entry: &Entry, order: &CreateOrder) -> Result<AbsenceProof, Invalid> {
        self.in_scope(&order.key)?;
        if order.key.issue != entry.issue.id || order.item != order.key.item_id() {
            return Err(Invalid::WrongId(entry.issue.id));
        }
        let proof = self.approval.proof(entry.issue.id).filter(|proof| proof.key() == &order.key);
        proof.cloned().ok_or(Invalid::NoProof(entry.issue.id))
    }

    /// What becomes of an open entry under this plan, which may have decided about its issue.
    fn resume(&self, kept: &JournalEntry, decided: Option<&Entry>) -> Result<Resumed, Invalid> {
        match &kept.work {
            Work::Create { order } if matches!(kept.stage, Stage::Exists | Stage::Done) => {
                Ok(self.resume_created(kept, order, decided))
            }
            Work::Create { order } => self.resume_creation(kept, order, decided),
            Work::Link { .. } | Work::Update { .. } => Ok(self.resume_link(kept, decided)),
        }
    }

    /// The item is known to exist; steps are missing.
    fn resume_created(&self, kept: &JournalEntry, order: &CreateOrder, decided: Option<&Entry>) -> Resumed {
        if let Some(entry) = decided
            && let Decision::Update { .. } = entry.decision
        {
            // An update of the item carries its attachment and link as well.
            return self.replaced(kept, entry);
        }
        // First the item that exists is made complete; another life of the issue is work of its own.
        let other_life = |entry: &&Entry| matches!(&entry.decision, Decision::Create { order: planned } if planned.key != order.key);
        let covers = decided.filter(|entry| !other_life(entry)).map(|entry| entry.issue.id);
        Resumed { task: Some(Task::new(self.carried(kept), Goal::Carry, Begin::Resumed)), covers }
    }

    /// Nobody knows whether the item exists.
    fn resume_creation(
        &self,
        kept: &JournalEntry,
        order: &CreateOrder,
        decided: Option<&Entry>,
    ) -> Result<Resumed, Invalid> {
        let settle = |otherwise| Some(Task::new(self.carried(kept), Goal::Settle(otherwise), Begin::Resumed));
        let Some(entry) = decided else {
            return Ok(Resumed { task: settle(self.undecided(kept.key.issue)), covers: None });
        };
        let covers = Some(entry.issue.id);
        let task = match &entry.decision {
            Decision::Create { order: planned } if planned.key == order.key => {
                let proof = self.proof(entry, planned)?;
                if planned == order {
                    Some(Task::new(self.carried(kept), Goal::Create(proof), Begin::Resumed))
                } else if kept.attempts == 0 {
                    let fresh = self.fresh(planned.key.clone(), Work::Create { order: planned.clone() });
                    Some(Task::new(fresh, Goal::Create(proof), Begin::Fresh))
                } else {
                    settle(Otherwise::Keep(LeftOpen::OtherBytes))
                }
            }
            Decision::Create { order: planned } => {
                let task =
                    settle(Otherwise::Close(format!("the issue came back as {}", planned.key.generation)));
                return Ok(Resumed { task, covers: None });
            }
            Decision::Update { item, .. } if item.id == order.item => return Ok(self.replaced(kept, entry)),
            Decision::Link { item, .. } if item.id == order.item => {
                settle(Otherwise::Keep(LeftOpen::CouldNotRead("it was there a moment ago".to_owned())))
            }
            Decision::Link { .. } | Decision::Update { .. } => self
                .on_existing(kept.key.clone(), entry)
                .and_then(|fresh| settle(Otherwise::Replace(Box::new(fresh)))),
            Decision::Tracked { item, .. } => {
                settle(Otherwise::Close(format!("{} tracks the issue", item.key)))
            }
            Decision::Prepare { because, .. } => settle(prepared(because)),
        };
        Ok(Resumed { task, covers })
    }

    /// A link or a comment on an item that exists.
    fn resume_link(&self, kept: &JournalEntry, decided: Option<&Entry>) -> Resumed {
        match decided.map(|entry| (entry, &entry.decision)) {
            Some((entry, Decision::Link { .. } | Decision::Update { .. })) => self.replaced(kept, entry),
            Some((_, Decision::Create { order })) if order.key == kept.key => {
                Resumed { task: None, covers: None }
            }
            Some((_, Decision::Tracked { item, because: TrackedBecause::Declined })) => {
                let mut entry = kept.clone();
                entry.stage = Stage::Failed(Failure::Declined(format!("a person said no to {}", item.key)));
                Resumed { task: Some(Task::new(entry, Goal::Carry, Begin::Closing)), covers: None }
            }
            Some((_, Decision::Create { .. } | Decision::Tracked { .. } | Decision::Prepare { .. }))
            | None => Resumed {
                task: Some(Task::new(self.carried(kept), Goal::Carry, Begin::Resumed)),
                covers: None,
            },
        }
    }

    /// The plan's own decision about an item that exists takes the place of an open entry.
    fn replaced(&self, kept: &JournalEntry, entry: &Entry) -> Resumed {
        let fresh = self.on_existing(kept.key.clone(), entry);
        Resumed {
            task: fresh.map(|fresh| Task::new(fresh, Goal::Carry, Begin::Fresh)),
            covers: Some(entry.issue.id),
        }
    }

    /// An open entry with the way that links back are written now.
    fn carried(&self, kept: &JournalEntry) -> JournalEntry {
        let mut entry = kept.clone();
        if matches!(
            entry.link_back,
            LinkBackStage::Wanted { .. } | LinkBackStage::Unavailable | LinkBackStage::Off
        ) {
            entry.link_back = self.link_back();
        }
        entry
    }

    /// What becomes of a creation whose issue the plan says nothing about.
    fn undecided(&self, issue: IssueId) -> Otherwise {
        if self.gone.contains(&issue) {
            return Otherwise::Close("Sentry does not know the issue any more".to_owned());
        }
        let Some(held) = self.plan.held.iter().find(|held| held.id == issue) else {
            return Otherwise::Keep(LeftOpen::NotApproved("its issue could not be looked at".to_owned()));
        };
        match &held.reason {
            HeldReason::Resolved => Otherwise::Close("the issue is resolved".to_owned()),
            HeldReason::Archived => Otherwise::Close("the issue is archived".to_owned()),
            HeldReason::Leaving => {
                Otherwise::Close("the issue is being deleted, merged or reprocessed".to_owned())
            }
            HeldReason::AlreadyLinked { link } => {
                Otherwise::Close(format!("Sentry holds a link made by {}", link.source))
            }
            HeldReason::BelowNoiseFloor { bound } => {
                Otherwise::Close(format!("the issue is below the noise floor: {bound}"))
            }
            HeldReason::Cooldown { .. } => {
                Otherwise::Keep(LeftOpen::NotApproved("it was reported a short time ago".to_owned()))
            }
            HeldReason::PoolFull { .. } => {
                Otherwise::Keep(LeftOpen::NotApproved("the pool is full".to_owned()))
            }
        }
    }
}

fn prepared(because: &PreparedBecause) -> Otherwise {
    let keep = |why: String| Otherwise::Keep(LeftOpen::NotApproved(why));
    match because {
        PreparedBecause::PossibleDuplicate { item, prover } => {
            Otherwise::Close(format!("{} may be the same ({prover})", item.key))
        }
        PreparedBecause::Alike { item, prover, says } => {
            Otherwise::Close(format!("{} may be the same ({says} by {prover})", item.key))
        }
        PreparedBecause::PossibleTwin { of, prover } => keep(format!("{of} may be the same ({prover})")),
        PreparedBecause::AlikeTwin { of, prover, says } => {
            keep(format!("{of} may be the same ({says} by {prover})"))
        }
        PreparedBecause::NotProven { open } => keep(format!("not proven: {}", open.join("; "))),
        PreparedBecause::CapReached { cap } => Otherwise::Keep(LeftOpen::CapReached { cap: *cap }),
        PreparedBecause::Mode => keep("the mode does not allow it".to_owned()),
        PreparedBecause::CreationUnavailable { why } => keep(why.clone()),
        PreparedBecause::LinkBackRequired => keep("a link back is required and not possible".to_owned()),
    }
}

fn host(plan: &Plan) -> SentryHost {
    SentrySite { base_url: plan.sentry_url.clone(), org: plan.org.clone() }.host()
}
