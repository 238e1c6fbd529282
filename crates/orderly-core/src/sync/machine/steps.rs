//! What follows once an item exists: attachment, comment, state, relation, link in Sentry. Each may be repeated, each
//! goes its own way, and all that can go at once does.

use super::budget::Attempt;
use super::effect::{Effect, Step};
use super::journal::{Failure, JournalEntry, LinkBackStage, Stage, Work};
use super::outcome::{Did, LeftOpen};
use super::reply::{LinkBackOrder, WriteReply};
use super::task::Shared;
use crate::answer::Cause;
use crate::sync::plan::Reopen;
use crate::time::Seconds;
use std::collections::BTreeMap;

/// Tries of one step in a run.
const TRIES: u32 = 3;
/// Pause before a step is tried again.
const PAUSE: Seconds = Seconds(1);

/// The steps of one decision.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    lines: BTreeMap<Step, Line>,
}

#[derive(Clone, Debug)]
struct Line {
    tries: u32,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Todo,
    Asked,
    Again(String),
    Done,
    Refused(String),
    Missing(String),
}

/// Whose turn it is.
pub(super) enum Turn {
    /// These are asked for now; nothing, when answers are awaited.
    Ask(Vec<(Step, Effect)>),
    /// Some are tried again after a pause.
    Pause(Seconds),
    /// Nothing more can be done in this run.
    Over(Verdict),
}

/// How the steps of a decision came out.
pub(super) struct Verdict {
    lines: BTreeMap<Step, Line>,
}

impl Steps {
    /// The steps that an entry still needs.
    pub(super) fn of(entry: &JournalEntry) -> Self {
        let mut steps = Vec::new();
        if entry.stage != Stage::Done {
            match &entry.work {
                Work::Create { order } => {
                    steps.push(Step::Attach);
                    steps.extend(order.relates_to.map(|_| Step::Relate));
                }
                Work::Link { attach, .. } => steps.extend(attach.as_ref().map(|_| Step::Attach)),
                Work::Update { attach, reopen, .. } => {
                    steps.push(Step::Comment);
                    steps.extend(attach.as_ref().map(|_| Step::Attach));
                    steps.extend(matches!(reopen, Reopen::To(_)).then_some(Step::Move));
                }
            }
        }
        steps.extend(matches!(entry.link_back, LinkBackStage::Wanted { .. }).then_some(Step::LinkBack));
        Self { lines: steps.into_iter().map(|step| (step, Line { tries: 0, state: State::Todo })).collect() }
    }

    /// What is to be done next.
    pub(super) fn next(&mut self, entry: &JournalEntry, shared: &mut Shared, set_aside: &mut bool) -> Turn {
        let mut ask = Vec::new();
        for (&step, line) in &mut self.lines {
            if !matches!(line.state, State::Todo | State::Again(_)) {
                continue;
            }
            if let Some(obstacle) = obstacle(step, line, shared, set_aside) {
                line.state = State::Missing(obstacle);
            } else if line.state == State::Todo {
                line.tries += 1;
                line.state = match effect(step, entry) {
                    Some(effect) => {
                        ask.push((step, effect));
                        State::Asked
                    }
                    None => State::Done,
                };
            }
        }
        if !ask.is_empty() || self.lines.values().any(|line| line.state == State::Asked) {
            return Turn::Ask(ask);
        }
        let mut again = false;
        for line in self.lines.values_mut().filter(|line| matches!(line.state, State::Again(_))) {
            line.state = State::Todo;
            again = true;
        }
        if again { Turn::Pause(PAUSE) } else { Turn::Over(Verdict { lines: self.lines.clone() }) }
    }

    /// Takes the reply of a write on the item in.
    pub(super) fn wrote(&mut self, step: Step, reply: WriteReply, shared: &mut Shared) {
        match reply {
            WriteReply::Done => self.settle(step, State::Done),
            WriteReply::Refused(why) => self.settle(step, State::Refused(why)),
            WriteReply::RateLimited { until } => {
                shared.rate_limited.get_or_insert(until);
                self.settle(step, State::Missing("the tracker asked to slow down".to_owned()));
            }
            WriteReply::Unknown(why) => self.again(step, why),
        }
    }

    /// Takes the answer to the link in Sentry in.
    pub(super) fn linked_back(&mut self, answer: Result<(), Cause>) {
        match answer {
            Ok(()) => self.settle(Step::LinkBack, State::Done),
            Err(cause @ Cause::RateLimited) => self.settle(Step::LinkBack, State::Missing(cause.to_string())),
            Err(cause @ (Cause::NoReply(_) | Cause::MorePages)) => {
                self.again(Step::LinkBack, cause.to_string());
            }
            Err(cause @ (Cause::Access(_) | Cause::Missing(_) | Cause::NoInput(_))) => {
                self.settle(Step::LinkBack, State::Refused(cause.to_string()));
            }
        }
    }

    fn again(&mut self, step: Step, why: String) {
        let tries = self.lines.get(&step).map_or(TRIES, |line| line.tries);
        self.settle(step, if tries < TRIES { State::Again(why) } else { State::Missing(why) });
    }

    fn settle(&mut self, step: Step, state: State) {
        if let Some(line) = self.lines.get_mut(&step) {
            line.state = state;
        }
    }
}

/// Why a step may not be tried now.
fn obstacle(step: Step, line: &Line, shared: &mut Shared, set_aside: &mut bool) -> Option<String> {
    if shared.interrupted {
        return Some("the run stopped first".to_owned());
    }
    if step != Step::LinkBack && shared.rate_limited.is_some() {
        return Some("the tracker asked to slow down".to_owned());
    }
    if step == Step::Comment && line.state == State::Todo {
        let attempt = if std::mem::take(set_aside) { Attempt::First } else { Attempt::Repeat };
        if !shared.budget.pay(attempt) {
            return Some(format!("the cap of {} attempts a run is used up", shared.budget.cap()));
        }
    }
    None
}

fn effect(step: Step, entry: &JournalEntry) -> Option<Effect> {
    let key = entry.key.clone();
    let id = entry.work.item_id();
    match (step, &entry.work) {
        (Step::Attach, Work::Create { order }) => Some(Effect::Attach { key, order: order.attach.clone() }),
        (Step::Attach, Work::Link { attach, .. } | Work::Update { attach, .. }) => {
            attach.clone().map(|order| Effect::Attach { key, order })
        }
        (Step::Relate, Work::Create { order }) => {
            order.relates_to.map(|predecessor| Effect::Relate { key, item: id, predecessor })
        }
        (Step::Comment, Work::Update { comment, .. }) => {
            Some(Effect::Comment { key, order: comment.clone() })
        }
        (Step::Move, Work::Update { reopen: Reopen::To(state), .. }) => {
            Some(Effect::Move { key, item: id, state: state.clone() })
        }
        (Step::LinkBack, work) => link_back(entry, work).map(|order| Effect::LinkBack { key, order }),
        _ => None,
    }
}

fn link_back(entry: &JournalEntry, work: &Work) -> Option<LinkBackOrder> {
    let LinkBackStage::Wanted { installation } = &entry.link_back else { return None };
    let item = match work {
        Work::Create { .. } => entry.item.as_ref()?,
        Work::Link { item, .. } | Work::Update { item, .. } => item,
    };
    Some(LinkBackOrder {
        issue: entry.key.issue,
        installation: installation.clone(),
        web_url: item.url.as_raw_str().to_owned(),
        project: entry.key.team.as_str().to_owned(),
        identifier: item.key.as_str().to_owned(),
    })
}

impl Verdict {
    /// Writes the verdict into the entry; says what was done and what is left.
    pub(super) fn record(self, entry: &mut JournalEntry) -> (Did, Option<LeftOpen>) {
        let mut refused = Vec::new();
        let mut missing = Vec::new();
        for (step, line) in &self.lines {
            match &line.state {
                State::Refused(why) if *step == Step::LinkBack => {
                    entry.link_back = LinkBackStage::Failed { why: why.clone() }
                }
                State::Done if *step == Step::LinkBack => entry.link_back = LinkBackStage::Done,
                State::Refused(why) => refused.push(format!("{}: {why}", step.words())),
                State::Missing(why) => missing.push((*step, format!("{} ({why})", step.words()))),
                State::Todo | State::Asked | State::Again(_) | State::Done => {}
            }
        }
        let commented = self.lines.get(&Step::Comment).is_some_and(|line| line.state == State::Done);
        if !refused.is_empty() {
            entry.stage = Stage::Failed(Failure::Refused(refused.join("; ")));
        } else if missing.iter().all(|(step, _)| *step == Step::LinkBack) {
            entry.stage = Stage::Done;
        }
        if let Work::Link { item, .. } | Work::Update { item, .. } = &entry.work {
            entry.item = Some(item.clone());
        }
        let did = match (&entry.work, &entry.stage) {
            (Work::Update { .. }, _) if commented => Did::Updated,
            (Work::Link { .. }, Stage::Done) => Did::Linked,
            _ => Did::Nothing,
        };
        let words: Vec<String> = missing.into_iter().map(|(_, words)| words).collect();
        let left = (!entry.is_closed() && !words.is_empty()).then(|| LeftOpen::StepMissing(words.join("; ")));
        (did, left)
    }
}
