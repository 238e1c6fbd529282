//! What each prover makes of the answer it got: which items count, which are set aside, and why.

use super::alike;
use super::decide::{Question, StackEvidence};
use super::fingerprint::TitleFingerprint;
use super::keys::{self, Mention};
use super::life::{Belongs, Lives, Standing, canonical, standing};
use super::proof::{Finding, Prover, ProverResult, SetAside, SetAsideBecause};
use crate::answer::{Cause, Looked, RequestRef};
use crate::sync::plan::ItemRef;
use crate::sync::snapshot::{Look, TrackedItem};

/// One prover's sorted answer.
pub(super) struct Sieved<'a> {
    pub prover: Prover,
    /// Items that are certainly about the issue (hard provers only).
    pub certain: Vec<&'a TrackedItem>,
    /// Items that may be about it: something is equal.
    pub possible: Vec<&'a TrackedItem>,
    /// Items that are not refuted by how little they are alike, likeliest first.
    pub alike: Vec<&'a TrackedItem>,
    pub aside: Vec<SetAside>,
    pub could_not: Option<Cause>,
    pub looked_for: Vec<String>,
    pub requests: Vec<RequestRef>,
}

/// What a prover makes of one item.
enum Counts {
    Certain,
    Possible,
    Aside(SetAsideBecause),
}

impl<'a> Sieved<'a> {
    fn new<T>(prover: Prover, look: &Look<T>) -> Self {
        Self {
            prover,
            certain: Vec::new(),
            possible: Vec::new(),
            alike: Vec::new(),
            aside: Vec::new(),
            could_not: look.answer.cause().cloned(),
            looked_for: look.looked_for.clone(),
            requests: look.requests.clone(),
        }
    }

    /// A prover that has nothing to look for: no item can share what the issue does not have.
    fn vacuous(prover: Prover, because: &str) -> Self {
        let look = Look::<()> {
            answer: Looked::Saw(Vec::new()),
            looked_for: vec![because.to_owned()],
            requests: Vec::new(),
        };
        Self::new(prover, &look)
    }

    fn add(&mut self, items: &'a Looked<Vec<TrackedItem>>, counts: impl Fn(&TrackedItem) -> Counts) {
        for item in items.saw().into_iter().flatten() {
            let work = canonical(item);
            match counts(item) {
                Counts::Certain => self.certain.push(work),
                Counts::Possible => self.possible.push(work),
                Counts::Aside(because) => self.set_aside(item, because),
            }
        }
    }

    pub fn set_aside(&mut self, item: &TrackedItem, because: SetAsideBecause) {
        self.aside.push(SetAside { item: item.into(), because });
    }

    /// Moves items out of what counts.
    pub fn drop_where(&mut self, because: impl Fn(&TrackedItem) -> Option<SetAsideBecause>) {
        let mut dropped = Vec::new();
        for list in [&mut self.certain, &mut self.possible, &mut self.alike] {
            list.retain(|item| match because(item) {
                Some(because) => {
                    dropped.push((*item, because));
                    false
                }
                None => true,
            });
        }
        for (item, because) in dropped {
            self.set_aside(item, because);
        }
    }

    /// The record of it, in an order that does not depend on the order of the answer.
    pub fn into_result(self) -> ProverResult {
        let Self { prover, certain, possible, alike, mut aside, could_not, mut looked_for, mut requests } =
            self;
        let mut items: Vec<ItemRef> =
            certain.into_iter().chain(possible).chain(alike).map(ItemRef::from).collect();
        items.sort_by(|a, b| a.key.cmp(&b.key).then(a.id.cmp(&b.id)));
        items.dedup();
        let finding = match (items.is_empty(), could_not) {
            (false, _) => Finding::Found { items },
            (true, Some(cause)) => Finding::CouldNotLook { cause },
            (true, None) => Finding::Absent,
        };
        aside.sort();
        aside.dedup();
        looked_for.sort();
        requests.sort();
        requests.dedup();
        ProverResult { prover, finding, set_aside: aside, looked_for, requests }
    }
}

/// The six provers, in order.
pub(super) fn all<'a>(question: &'a Question<'a>, lives: &Lives<'_>) -> [Sieved<'a>; 6] {
    let mut sieved = [
        external_link(question),
        short_id(question, lives),
        permalink(question, lives),
        title(question),
        stack(question),
        owner(question, lives),
    ];
    alike::add(question, &mut sieved);
    sieved
}

fn external_link<'a>(question: &'a Question<'a>) -> Sieved<'a> {
    let look = &question.candidate.lookups.external_link;
    let mut sieved = Sieved::new(Prover::ExternalLink, look);
    for linked in look.answer.saw().into_iter().flatten() {
        match &linked.item {
            Some(item) => sieved.certain.push(canonical(item)),
            // It may lead to another tracker or to an item that was purged: somebody tracks it, we cannot see how.
            None => {
                let cause = Cause::Missing(format!("the item behind a link by {}", linked.link.source));
                sieved.could_not = sieved.could_not.take().max(Some(cause));
            }
        }
    }
    sieved
}

fn short_id<'a>(question: &'a Question<'a>, lives: &Lives<'_>) -> Sieved<'a> {
    let look = &question.candidate.lookups.short_id;
    let id = &question.candidate.issue.short_id;
    let mut sieved = Sieved::new(Prover::ShortId, look);
    sieved.add(&look.answer, |item| match lives.of(item) {
        Belongs::Ours(_) => Counts::Certain,
        belongs => by_text(belongs, item, best(texts(item), |text| keys::short_id(text, id))),
    });
    sieved
}

fn permalink<'a>(question: &'a Question<'a>, lives: &Lives<'_>) -> Sieved<'a> {
    let lookups = &question.candidate.lookups;
    let (look, own) = (&lookups.permalink, &lookups.own);
    let mention = |text: &str| keys::permalink(text, question.site, question.key.issue);
    let mut sieved = Sieved::new(Prover::Permalink, look);
    sieved.add(&look.answer, |item| {
        let attached = best(item.attachments.iter().map(|a| a.as_raw_str()), mention);
        match lives.of(item) {
            Belongs::Ours(_) => Counts::Certain,
            _ if attached == Mention::Exact => Counts::Certain,
            belongs => by_text(belongs, item, attached.max(best(texts(item), mention))),
        }
    });
    // The derived ids stand for host, organization and number, as the permalink does.
    sieved.add(&own.answer, |item| match lives.of(item) {
        Belongs::Ours(_) => Counts::Certain,
        Belongs::Another(because) => Counts::Aside(because),
        Belongs::Unmarked => Counts::Aside(SetAsideBecause::Differs),
    });
    sieved.could_not = sieved.could_not.take().or_else(|| own.answer.cause().cloned());
    sieved.looked_for.extend(own.looked_for.iter().cloned());
    sieved.requests.extend(own.requests.iter().cloned());
    sieved
}

/// A key in the text of an item. In an item that tracks another issue a mention is doubtful: its text quotes an event,
/// and whoever sends events chooses what is quoted.
fn by_text(belongs: Belongs, item: &TrackedItem, mention: Mention) -> Counts {
    match (mention, belongs) {
        (Mention::Exact, Belongs::Another(_)) => Counts::Possible,
        (Mention::Exact, _) => Counts::Certain,
        (Mention::Another, _) => Counts::Aside(SetAsideBecause::NamesAnother),
        (Mention::None, Belongs::Another(because)) => Counts::Aside(because),
        (Mention::None, _) if item.texts.is_empty() => Counts::Certain,
        (Mention::None, _) => Counts::Aside(SetAsideBecause::NamesAnother),
    }
}

fn title<'a>(question: &'a Question<'a>) -> Sieved<'a> {
    let ours = question.title;
    if ours.needle().is_none() {
        return Sieved::vacuous(
            Prover::TitleFingerprint,
            "nothing: the title has no fixed part that could name it",
        );
    }
    let look = &question.candidate.lookups.title;
    let mut sieved = Sieved::new(Prover::TitleFingerprint, look);
    sieved.add(&look.answer, |item| {
        let marked = item.marker.as_ref().is_some_and(|m| m.title == ours.hex());
        let same = marked || ours.is_in(&TitleFingerprint::of(&item.title));
        if same { Counts::Possible } else { Counts::Aside(SetAsideBecause::Differs) }
    });
    sieved
}

fn stack<'a>(question: &'a Question<'a>) -> Sieved<'a> {
    let look = &question.candidate.lookups.stack;
    let signature = match question.stack {
        StackEvidence::Signature(signature) => signature,
        StackEvidence::NoStack => {
            return Sieved::vacuous(Prover::StackSignature, "nothing: the latest event has no stack trace");
        }
        StackEvidence::Unknown(cause) => {
            let mut sieved =
                Sieved::vacuous(Prover::StackSignature, "nothing: the latest event could not be read");
            sieved.could_not = Some(cause.clone());
            return sieved;
        }
    };
    let mut sieved = Sieved::new(Prover::StackSignature, look);
    sieved.add(&look.answer, |item| match &item.marker {
        Some(marker) if marker.stack.as_ref() == Some(signature) => Counts::Possible,
        None if item.texts.is_empty() => Counts::Possible,
        _ if item.texts.iter().any(|text| text.as_raw_str().contains(&format!("s:{signature}"))) => {
            Counts::Possible
        }
        _ => Counts::Aside(SetAsideBecause::Differs),
    });
    sieved
}

fn owner<'a>(question: &'a Question<'a>, lives: &Lives<'_>) -> Sieved<'a> {
    let Some(culprit) = culprit(&question.candidate.issue.culprit) else {
        return Sieved::vacuous(
            Prover::OwnerClue,
            "nothing: no function or transaction is named that could tell work apart",
        );
    };
    let look = &question.candidate.lookups.owner;
    let mut sieved = Sieved::new(Prover::OwnerClue, look);
    sieved.add(&look.answer, |item| match (standing(canonical(item)), lives.of(item)) {
        (_, Belongs::Ours(_)) => Counts::Possible,
        // Title and stack of our own items are compared by their own provers.
        (_, Belongs::Another(because)) => Counts::Aside(because),
        (Standing::Open, Belongs::Unmarked) => match best(texts(item), |text| keys::name(text, culprit)) {
            Mention::Exact => Counts::Possible,
            Mention::None if item.texts.is_empty() => Counts::Possible,
            Mention::None | Mention::Another => Counts::Aside(SetAsideBecause::Differs),
        },
        (_, Belongs::Unmarked) => Counts::Aside(SetAsideBecause::Closed),
    });
    sieved
}

/// The culprit, where it is long enough to tell work apart: what gatherers look for and what the owner clue compares.
pub fn culprit(culprit: &crate::untrusted::Untrusted<String>) -> Option<&str> {
    let culprit = culprit.as_raw_str().trim();
    (culprit.chars().filter(|c| c.is_alphanumeric()).count() >= 8).then_some(culprit)
}

fn texts(item: &TrackedItem) -> impl Iterator<Item = &str> {
    item.texts.iter().chain([&item.title]).map(|text| text.as_raw_str())
}

fn best<'t>(texts: impl Iterator<Item = &'t str>, mention: impl Fn(&str) -> Mention) -> Mention {
    texts.map(mention).max().unwrap_or(Mention::None)
}
