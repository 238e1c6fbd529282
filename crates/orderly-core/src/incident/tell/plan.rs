//! What people would be told now, and where.

use super::messages::{Fate, Sent};
use super::order::{PostKey, PostOrder, PostStep, Words};
use super::place::{Channel, Keeps, Place};
use crate::digest;
use crate::ids::Digest;
use crate::incident::audience::Audience;
use crate::incident::clock::ClockPolicy;
use crate::incident::draft::Draft;
use crate::incident::state::Incident;
use crate::scrub::Scrubber;
use crate::time::Now;
use serde::Serialize;

/// What would be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TellPlan {
    /// The update.
    pub draft: Draft,
    /// What would be sent.
    pub orders: Vec<PostOrder>,
    /// Where nothing would be sent, and why.
    pub held: Vec<(Place, Held)>,
}

/// Why nothing is sent to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// The incident is restricted, and others read there.
    Restricted,
    /// It says that already.
    Said,
    /// Nobody knows whether these very words arrived, and nobody can look: they are not repeated.
    Unsettled,
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Restricted => "not told: the incident is restricted",
            Self::Said => "says that already",
            Self::Unsettled => {
                "nobody knows whether this arrived, and it cannot be looked for: it is not repeated, the next change is told"
            }
        })
    }
}

impl TellPlan {
    /// What would be told of an incident as of `now` on its issues and in these channels; `leaves` is the clock of the
    /// machine.
    pub fn of(
        incident: &Incident,
        channels: &[Channel],
        clock: &ClockPolicy,
        scrubber: &Scrubber,
        (now, leaves): (Now, Now),
    ) -> Self {
        let draft = Draft::rolling(incident, clock, scrubber, now);
        let mut plan = Self { draft, orders: Vec::new(), held: Vec::new() };
        let told = plan.draft.digest();
        let issues = incident.issues().iter().map(|owned| (Place::Issue(owned.issue.id), None));
        let channels = channels.iter().map(|channel| (Place::Channel(channel.name.clone()), Some(channel)));
        for (place, channel) in issues.chain(channels) {
            let audience = channel.map_or(Audience::Open, |channel| channel.audience);
            if incident.audience() == Audience::Restricted && audience == Audience::Open {
                plan.held.push((place, Held::Restricted));
                continue;
            }
            let keeps = channel.map_or(Keeps::Findable, |channel| channel.kind.keeps());
            let last = incident.sent(&place);
            let (message, step) = match next(last, keeps, &told) {
                Ok(next) => next,
                Err(held) => {
                    plan.held.push((place, held));
                    continue;
                }
            };
            let key = PostKey { incident: incident.key().clone(), place, message };
            let words = match channel {
                Some(channel) => Words::message(&plan.draft, channel.kind),
                None => Words::comment(&plan.draft, &key),
            };
            if last.is_some_and(|last| last.fate == Fate::There && last.order.words == words) {
                plan.held.push((key.place, Held::Said));
                continue;
            }
            let version = last.map_or(1, |last| last.order.version.saturating_add(1));
            let told = told.clone();
            plan.orders.push(PostOrder { key, version, step, words, told, audience, leaves: leaves.0 });
        }
        plan
    }

    /// What an approval of exactly this names. When people hear again moves with the clock; what they hear, and where, is
    /// what somebody has seen.
    pub fn digest(&self) -> Digest {
        let steps: Vec<_> =
            self.orders.iter().map(|order| (&order.key, order.version, &order.step)).collect();
        digest::of(&(self.draft.digest(), steps))
    }
}

/// Which message it is there, and what is done; or why nothing is.
fn next(last: Option<&Sent>, keeps: Keeps, told: &Digest) -> Result<(u32, PostStep), Held> {
    let Some(Sent { order, fate, message }) = last else { return Ok((1, PostStep::Post)) };
    let (same, further) = (order.key.message, order.key.message.saturating_add(1));
    match (keeps, fate, message) {
        // An edit that nobody answered is made again.
        (Keeps::Findable | Keeps::Editable, _, Some(message)) => {
            Ok((same, PostStep::Edit { message: message.clone() }))
        }
        (Keeps::Findable, Fate::Unknown, None) => {
            Ok((same, PostStep::Find { first: order.since(), last: order.leaves }))
        }
        (Keeps::Replaceable, _, _) => Ok((same, PostStep::Post)),
        (Keeps::Editable | Keeps::Fixed, Fate::Unknown, None) if order.told == *told => Err(Held::Unsettled),
        (Keeps::Editable | Keeps::Fixed, Fate::Unknown, None) => Ok((further, PostStep::Post)),
        (_, Fate::Failed(_), None) => Ok((same, PostStep::Post)),
        (Keeps::Fixed, Fate::There, Some(_)) if order.told == *told => Err(Held::Said),
        // `There` always has its message; a `Fixed` one is never edited.
        (_, Fate::There, None) | (Keeps::Fixed, _, Some(_)) => Ok((further, PostStep::Post)),
    }
}

impl PostOrder {
    /// The order for a message that takes the place of one that is gone.
    #[must_use]
    pub fn anew(self) -> Self {
        let key = PostKey { message: self.key.message.saturating_add(1), ..self.key };
        let marker = PostKey { message: key.message.saturating_sub(1), ..key.clone() }.marker();
        let words = Words { text: self.words.text.replace(&marker, &key.marker()), ..self.words };
        Self { key, version: self.version.saturating_add(1), step: PostStep::Post, words, ..self }
    }
}
