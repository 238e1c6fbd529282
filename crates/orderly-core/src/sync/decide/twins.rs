//! Issues of one run that may be the same problem: the first is decided, the second is a possible duplicate of it. The
//! tracker cannot know yet what this run is about to create.

use crate::ids::{IssueId, ShortId};
use crate::sync::plan::{ItemRef, PreparedBecause};
use crate::sync::policy::Matching;
use crate::tracked::{Judgement, Prover, Question, StackEvidence, Verdict, of_issues};
use std::collections::BTreeMap;

/// What the issues of this run share.
#[derive(Default)]
pub(super) struct Twins {
    titles: BTreeMap<String, First>,
    stacks: BTreeMap<String, First>,
    issues: BTreeMap<IssueId, First>,
}

#[derive(Clone)]
enum First {
    /// Its item is known.
    Tracked(ItemRef),
    /// It goes first in this run.
    Ahead(ShortId),
}

impl Twins {
    /// Starts with the issues whose items are known, whatever their rank.
    pub fn of_tracked<'q, 'v: 'q>(
        judged: impl Iterator<Item = (&'q Question<'q>, &'q Judgement<'v>)>,
    ) -> Self {
        let mut twins = Self::default();
        for (question, judgement) in judged {
            if let Verdict::Open { item, .. }
            | Verdict::Declined { item, .. }
            | Verdict::Completed { item, .. } = &judgement.verdict
            {
                twins.add(question, &First::Tracked((*item).into()));
            }
        }
        twins
    }

    /// The earlier issue that a new one may be the same as, if any; otherwise the new one is the first of its kind.
    pub fn first_or_add(&mut self, question: &Question<'_>) -> Option<PreparedBecause> {
        if question.matching == Matching::HardKeys {
            return None;
        }
        let by_title = self.titles.get(question.title.hex()).filter(|_| question.title.needle().is_some());
        let by_stack = match question.stack {
            StackEvidence::Signature(signature) => self.stacks.get(signature),
            StackEvidence::NoStack | StackEvidence::Unknown(_) => None,
        };
        let found = by_title.map(|first| (first, Prover::TitleFingerprint));
        let found = found.or_else(|| by_stack.map(|first| (first, Prover::StackSignature)));
        let because = found.map(|(first, prover)| match first.clone() {
            First::Tracked(item) => PreparedBecause::PossibleDuplicate { item, prover },
            First::Ahead(of) => PreparedBecause::PossibleTwin { of, prover },
        });
        let because = because.or_else(|| self.alike(question));
        if because.is_none() {
            self.add_ahead(question);
        }
        because
    }

    /// The earlier issue that a new one is most like, unless how little it is refutes that they are the same.
    fn alike(&self, question: &Question<'_>) -> Option<PreparedBecause> {
        question.candidate.lookups.twins.iter().find_map(|twin| {
            let (prover, says) = of_issues(question, twin)?;
            Some(match self.issues.get(&twin.issue)?.clone() {
                First::Tracked(item) => PreparedBecause::Alike { item, prover, says },
                First::Ahead(of) => PreparedBecause::AlikeTwin { of, prover, says },
            })
        })
    }

    /// An issue whose creation an earlier run decided: it goes first without being asked again.
    pub fn add_ahead(&mut self, question: &Question<'_>) {
        self.add(question, &First::Ahead(question.candidate.issue.short_id.clone()));
    }

    fn add(&mut self, question: &Question<'_>, first: &First) {
        self.issues.insert(question.candidate.issue.id, first.clone());
        self.titles.entry(question.title.hex().to_owned()).or_insert_with(|| first.clone());
        if let StackEvidence::Signature(signature) = question.stack {
            self.stacks.entry(signature.clone()).or_insert_with(|| first.clone());
        }
    }
}
