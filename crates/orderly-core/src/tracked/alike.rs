//! What likeness adds to the title and stack provers: an item that is not refuted by how little an issue is like it
//! keeps the issue from being called absent. Likeness never proves that an issue is tracked.

use super::decide::Question;
use super::life::{Standing, canonical, standing};
use super::proof::{Prover, SetAsideBecause};
use super::provers::Sieved;
use crate::answer::Cause;
use crate::calibrate::certificate::NAMED;
use crate::calibrate::shipped::WORDS;
use crate::calibrate::{Call, Certificate, Likely, Likeness, Nearest};
use crate::sync::plan::ItemRef;
use crate::sync::snapshot::{AlikeBy, AlikeIssue, AlikeItem, TrackedItem};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What likeness says of an issue and the item most like it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alike {
    /// The same.
    Duplicate,
    /// The same as something that was completed; the cause may be another one.
    Recurrence,
    /// Nobody can tell.
    Undecided,
}

impl fmt::Display for Alike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Duplicate => "duplicate",
            Self::Recurrence => "recurrence",
            Self::Undecided => "undecided",
        })
    }
}

/// Tells the title and stack provers which items are not refuted.
pub(super) fn add<'a>(question: &'a Question<'a>, sieved: &mut [Sieved<'a>; 6]) {
    let lookups = &question.candidate.lookups;
    let look = &lookups.alike;
    let [_, _, _, title, stack, _] = sieved;
    for prover in [title, stack] {
        let by = by(prover.prover);
        prover.looked_for.extend(look.looked_for.iter().cloned());
        prover.requests.extend(look.requests.iter().cloned());
        match look.answer.saw() {
            None => prover.could_not = prover.could_not.take().or_else(|| look.answer.cause().cloned()),
            Some(items) => {
                let open = items.iter().filter(|one| one.by == by && !is_refuted(question, one));
                prover.alike.extend(open.map(|one| canonical(&one.item)));
            }
        }
    }
    let stack = &mut sieved[4];
    if proves_nothing(question) && stack.could_not.is_none() {
        let why = "past duplicates of this backlog had nothing in common either";
        stack.could_not = Some(Cause::NoInput(why.to_owned()));
    }
}

/// The likeliest item that no look set aside, and what its likeness says.
pub(super) fn likeliest<'a>(
    question: &'a Question<'a>,
    sieved: &[Sieved<'a>; 6],
) -> Option<(&'a TrackedItem, Prover, Alike)> {
    let mut items = question.candidate.lookups.alike.answer.saw()?.iter();
    items.find_map(|one| {
        let item = canonical(&one.item);
        let prover = sieved.iter().find(|s| by(s.prover) == one.by && s.alike.contains(&item))?;
        Some((item, prover.prover, says(question, one)))
    })
}

/// What likeness says, with the nearest items and the error of it. Items that a look set aside as lives of this very
/// issue are no candidates.
pub(super) fn certificate(question: &Question<'_>, sieved: &[Sieved<'_>; 6]) -> Option<Certificate> {
    let lookups = &question.candidate.lookups;
    let ended = |item: &TrackedItem| {
        let aside = sieved.iter().flat_map(|s| &s.aside);
        aside
            .filter(|a| matches!(a.because, SetAsideBecause::EarlierGeneration { .. }))
            .any(|a| a.item.id == item.id)
    };
    let counts = |one: &&AlikeItem| !ended(canonical(&one.item));
    let items: Vec<&AlikeItem> = lookups.alike.answer.saw()?.iter().filter(counts).collect();
    let verdict = match items.iter().find(|one| !is_refuted(question, one)) {
        Some(one) => {
            let item = ItemRef::from(canonical(&one.item));
            match says(question, one) {
                Alike::Duplicate => Likely::Duplicate { item },
                Alike::Recurrence => Likely::Recurrence { item },
                Alike::Undecided => Likely::Undecided { item: Some(item) },
            }
        }
        None if proves_nothing(question) => Likely::Undecided { item: None },
        None => Likely::New,
    };
    let near =
        |one: &&AlikeItem| Nearest { item: ItemRef::from(canonical(&one.item)), likeness: one.likeness };
    Some(Certificate {
        verdict,
        nearest: items.iter().take(NAMED).map(near).collect(),
        compared_with: lookups.compared_with,
        thresholds: question.thresholds.clone(),
    })
}

/// Whether even an issue that has nothing in common with any stack cannot be called new. There is no item to name then.
fn proves_nothing(question: &Question<'_>) -> bool {
    let lookups = &question.candidate.lookups;
    let has_stack =
        lookups.alike.answer.saw().is_some_and(|items| items.iter().any(|one| one.by == AlikeBy::Stack));
    !has_stack && question.thresholds.call_of(None, lookups.compared_with) != Call::New
}

/// What likeness says of two issues of one run; nothing when it refutes that they are the same.
pub(crate) fn of_issues(question: &Question<'_>, one: &AlikeIssue) -> Option<(Prover, Alike)> {
    let prover = match one.by {
        AlikeBy::Stack => Prover::StackSignature,
        AlikeBy::Words => Prover::TitleFingerprint,
    };
    match call(question, one.by, one.likeness) {
        Call::New => None,
        Call::Same => Some((prover, Alike::Duplicate)),
        Call::Undecided => Some((prover, Alike::Undecided)),
    }
}

fn is_refuted(question: &Question<'_>, one: &AlikeItem) -> bool {
    call(question, one.by, one.likeness) == Call::New
}

fn says(question: &Question<'_>, one: &AlikeItem) -> Alike {
    match (call(question, one.by, one.likeness), standing(canonical(&one.item))) {
        (Call::Same, Standing::Completed) => Alike::Recurrence,
        (Call::Same, Standing::Open | Standing::Declined | Standing::MergedAway) => Alike::Duplicate,
        (Call::Undecided | Call::New, _) => Alike::Undecided,
    }
}

/// Words alone never prove that two are the same: whoever wrote them knew more than they say.
fn call(question: &Question<'_>, by: AlikeBy, likeness: Likeness) -> Call {
    match by {
        AlikeBy::Stack => question.thresholds.call(likeness),
        AlikeBy::Words if likeness < WORDS => Call::New,
        AlikeBy::Words => Call::Undecided,
    }
}

/// What of both a prover is about.
const fn by(prover: Prover) -> AlikeBy {
    match prover {
        Prover::TitleFingerprint => AlikeBy::Words,
        Prover::StackSignature
        | Prover::ExternalLink
        | Prover::ShortId
        | Prover::Permalink
        | Prover::OwnerClue => AlikeBy::Stack,
    }
}
