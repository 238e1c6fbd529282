//! The verdict over six provers: where an issue is tracked, where it may be, or that it is nowhere.

use super::alike::{self, Alike};
use super::fingerprint::TitleFingerprint;
use super::life::{Belongs, Lives, Standing, standing};
use super::proof::{ProofRecord, Prover, SetAsideBecause};
use super::provers::{self, Sieved};
use crate::answer::{Cause, Looked};
use crate::calibrate::Thresholds;
use crate::ids::{Generation, ItemId, ItemKey, SentrySite, TrackKey};
use crate::sync::plan::ItemRef;
use crate::sync::policy::{Matching, RegressionPolicy};
use crate::sync::snapshot::{Candidate, EventEvidence, TrackedItem};
use crate::tracked::stack::StackSignature;

/// What is asked: is this issue tracked?
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The issue, with what each prover was answered.
    pub candidate: &'a Candidate,
    /// The Sentry it is in.
    pub site: &'a SentrySite,
    /// The first life of the issue, in its team; other lives are told by generation.
    pub key: &'a TrackKey,
    /// Fingerprint of its title.
    pub title: &'a TitleFingerprint,
    /// Signature of its latest event.
    pub stack: StackEvidence<'a>,
    /// What likeness to a tracked item says in its project.
    pub thresholds: &'a Thresholds,
    /// What counts as a possible duplicate.
    pub matching: Matching,
    /// What happens when it comes back after its item was completed.
    pub regression: RegressionPolicy,
}

/// What is known of an issue's stack.
#[derive(Clone, Copy, Debug)]
pub enum StackEvidence<'a> {
    /// Its signature.
    Signature(&'a String),
    /// The latest event has no stack trace.
    NoStack,
    /// The latest event could not be read.
    Unknown(&'a Cause),
}

impl<'a> StackEvidence<'a> {
    /// From an event and its signature as computed by [`StackSignature`].
    pub const fn of(event: &'a Looked<EventEvidence>, signature: Option<&'a String>) -> Self {
        match (event, signature) {
            (Looked::CouldNotLook(cause), _) => Self::Unknown(cause),
            (Looked::Saw(_), Some(signature)) => Self::Signature(signature),
            (Looked::Saw(_), None) => Self::NoStack,
        }
    }
}

/// The signature of an event that was seen.
pub fn signature(event: &Looked<EventEvidence>, by: &dyn StackSignature) -> Option<String> {
    event.saw().and_then(|event| by.signature(event))
}

/// The answer, with the record that anyone who doubts it can repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement<'a> {
    /// The answer.
    pub verdict: Verdict<'a>,
    /// What each prover found.
    pub record: ProofRecord,
}

/// Whether and where an issue is tracked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// By an item on which work may still happen.
    Open {
        /// The item.
        item: &'a TrackedItem,
        /// The first prover that found it.
        by: Prover,
    },
    /// By an item that a person declined (cancelled, trashed, archived undone): an answer, not a gap.
    Declined {
        /// The item.
        item: &'a TrackedItem,
        /// The first prover that found it.
        by: Prover,
    },
    /// By an item that was completed.
    Completed {
        /// The item.
        item: &'a TrackedItem,
        /// The first prover that found it.
        by: Prover,
        /// Whether the issue was seen after the completion.
        came_back: CameBack,
    },
    /// Perhaps: a softer prover found something.
    Possible {
        /// The likely item.
        item: &'a TrackedItem,
        /// The prover.
        by: Prover,
    },
    /// Likeness keeps it from being called absent.
    Alike {
        /// The likeliest item.
        item: &'a TrackedItem,
        /// The prover that likeness speaks for.
        by: Prover,
        /// What it says.
        says: Alike,
    },
    /// Nobody can say.
    NotProven {
        /// Which prover could not look and why, a line each.
        open: Vec<String>,
    },
    /// Nowhere: every prover looked and found nothing.
    Absent {
        /// The life of the issue that is not tracked yet.
        generation: Generation,
        /// The completed item of the life before.
        predecessor: Option<ItemId>,
        /// Items that may be related, where policy lets only hard keys veto.
        related: Vec<ItemRef>,
    },
}

/// Whether an issue was seen after its item was completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameBack {
    /// It was.
    Yes,
    /// Not since.
    No,
}

/// Judges one issue. Hard keys decide; softer provers only say "possible"; where one could not look nothing is called
/// absent.
pub fn judge<'a>(question: &'a Question<'a>) -> Judgement<'a> {
    let lives = Lives::new(question);
    let mut sieved = provers::all(question, &lives);
    let verdict = weigh(question, &lives, &mut sieved);
    let certificate = match verdict {
        Verdict::Open { .. } | Verdict::Declined { .. } | Verdict::Completed { .. } => None,
        Verdict::Possible { .. }
        | Verdict::Alike { .. }
        | Verdict::NotProven { .. }
        | Verdict::Absent { .. } => alike::certificate(question, &sieved),
    };
    let results = sieved.into_iter().map(Sieved::into_result).collect();
    Judgement { verdict, record: ProofRecord { results, certificate } }
}

fn weigh<'a>(question: &'a Question<'a>, lives: &Lives<'_>, sieved: &mut [Sieved<'a>; 6]) -> Verdict<'a> {
    set_earlier_lives_aside(question, lives, sieved);
    let mut generation =
        question.candidate.memory.open_intent.as_ref().map_or(Generation(0), |open| open.generation);
    let mut predecessor = None;
    if let Some((item, by)) = answer(lives, sieved) {
        match standing(item) {
            Standing::Open => return Verdict::Open { item, by },
            Standing::Declined => return Verdict::Declined { item, by },
            Standing::MergedAway => {
                let open = format!(
                    "{}: {} is marked as a duplicate, of which item is not known",
                    by.words(),
                    item.key
                );
                return Verdict::NotProven { open: vec![open] };
            }
            Standing::Completed => {
                let came_back = came_back(question.candidate, item);
                if came_back == CameBack::No || question.regression != RegressionPolicy::NewAndRelate {
                    return Verdict::Completed { item, by, came_back };
                }
                // The life that follows the one found; an item that a person made is the first life.
                generation = generation.max(life(lives, item).next());
                predecessor = Some(item.id);
                let named = named(sieved);
                let ended = |item: &TrackedItem| {
                    let this = named.contains(&item.id) || is_ours(lives, item);
                    (this && standing(item) == Standing::Completed).then(|| earlier(lives, item))
                };
                sieved.iter_mut().for_each(|s| s.drop_where(ended));
            }
        }
    }
    let related = soften(question.matching, sieved);
    if let Some((item, by)) = first_possible(sieved) {
        return Verdict::Possible { item, by };
    }
    if let Some((item, by, says)) = alike::likeliest(question, sieved) {
        return Verdict::Alike { item, by, says };
    }
    let open: Vec<String> = sieved.iter().filter_map(could_not_look).collect();
    if open.is_empty() {
        Verdict::Absent { generation, predecessor, related }
    } else {
        Verdict::NotProven { open }
    }
}

/// A life that ended before the one that counts is no answer: closed items of it go. An open one stays, whoever
/// reopened it wants the work to happen there.
fn set_earlier_lives_aside(question: &Question<'_>, lives: &Lives<'_>, sieved: &mut [Sieved<'_>; 6]) {
    let all = || sieved.iter().flat_map(|s| s.certain.iter().chain(&s.possible));
    let latest = all()
        .filter_map(|item| match lives.of(item) {
            Belongs::Ours(life) => Some(life),
            Belongs::Another(_) | Belongs::Unmarked => None,
        })
        .max();
    let intended = question.candidate.memory.open_intent.as_ref().map(|open| open.generation);
    let is_earlier = |item: &TrackedItem| {
        let life = life(lives, item);
        let followed = latest.is_some_and(|latest| life < latest) && standing(item) != Standing::Open;
        let intended = intended.is_some_and(|next| life < next) && standing(item) == Standing::Completed;
        let counts = !matches!(lives.of(item), Belongs::Another(_));
        (counts && (followed || intended)).then(|| earlier(lives, item))
    };
    let named = named(sieved);
    for s in sieved {
        s.drop_where(|item| is_earlier(item).filter(|_| named.contains(&item.id) || is_ours(lives, item)));
    }
}

/// Items that a hard key named. A softer find of a person's item is no life of this issue.
fn named(sieved: &[Sieved<'_>; 6]) -> Vec<ItemId> {
    sieved.iter().flat_map(|s| &s.certain).map(|item| item.id).collect()
}

fn is_ours(lives: &Lives<'_>, item: &TrackedItem) -> bool {
    matches!(lives.of(item), Belongs::Ours(_))
}

fn life(lives: &Lives<'_>, item: &TrackedItem) -> Generation {
    match lives.of(item) {
        Belongs::Ours(life) => life,
        Belongs::Another(_) | Belongs::Unmarked => Generation(0),
    }
}

fn earlier(lives: &Lives<'_>, item: &TrackedItem) -> SetAsideBecause {
    SetAsideBecause::EarlierGeneration { generation: life(lives, item) }
}

/// The item that answers: open before declined before completed, then the latest life, then the strongest prover, then
/// the oldest.
fn answer<'a>(lives: &Lives<'_>, sieved: &[Sieved<'a>; 6]) -> Option<(&'a TrackedItem, Prover)> {
    let rank = |item: &TrackedItem, by: Prover| {
        let ours = if is_ours(lives, item) { 0 } else { 1 };
        (standing(item), ours, std::cmp::Reverse(life(lives, item)), by, item.created_at, item.key.clone())
    };
    let certain = sieved.iter().flat_map(|s| s.certain.iter().map(|item| (*item, s.prover)));
    certain.min_by_key(|(item, by)| rank(item, *by))
}

fn came_back(candidate: &Candidate, item: &TrackedItem) -> CameBack {
    // Without the time of completion the last change stands for it: it is not earlier.
    let completed = item.completed_at.unwrap_or(item.updated_at);
    if candidate.issue.last_seen > completed { CameBack::Yes } else { CameBack::No }
}

/// Where only hard keys veto, what softer provers found is set aside and named.
fn soften(matching: Matching, sieved: &mut [Sieved<'_>; 6]) -> Vec<ItemRef> {
    if matching == Matching::Signatures {
        return Vec::new();
    }
    let mut related: Vec<ItemRef> = Vec::new();
    for s in sieved.iter_mut().filter(|s| !s.prover.is_hard()) {
        related.extend(s.possible.iter().chain(&s.alike).map(|item| ItemRef::from(*item)));
        s.drop_where(|_| Some(SetAsideBecause::SoftMatch));
    }
    related.sort_by(|a, b| (&a.key, a.id).cmp(&(&b.key, b.id)));
    related.dedup();
    related
}

fn first_possible<'a>(sieved: &[Sieved<'a>; 6]) -> Option<(&'a TrackedItem, Prover)> {
    let order = |item: &TrackedItem| -> (Standing, crate::time::Timestamp, ItemKey) {
        (standing(item), item.created_at, item.key.clone())
    };
    sieved.iter().find_map(|s| s.possible.iter().min_by_key(|item| order(item)).map(|item| (*item, s.prover)))
}

fn could_not_look(sieved: &Sieved<'_>) -> Option<String> {
    sieved.could_not.as_ref().map(|cause| format!("{}: {cause}", sieved.prover.words()))
}
