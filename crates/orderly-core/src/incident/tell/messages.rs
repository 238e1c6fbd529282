//! What became of the messages of an incident, as its log tells it.

use super::order::{PostOrder, PostStep};
use super::place::{MessageId, Place};
use crate::incident::audience::Audience;
use crate::incident::entry::What;
use crate::incident::refused::Refused;
use crate::incident::state::Incident;
use std::collections::BTreeMap;

impl Incident {
    /// The last that was sent to a place.
    pub fn sent(&self, place: &Place) -> Option<&Sent> {
        self.messages.at(place)
    }

    /// The last that was sent to each place.
    pub fn all_sent(&self) -> impl Iterator<Item = (&Place, &Sent)> {
        self.messages.0.iter()
    }

    /// Whether what is told of a message can be so: also that its issue belongs to the incident.
    pub(in crate::incident) fn may_post(&self, what: &What) -> Result<(), Refused> {
        let What::Posting { orders } = what else { return self.messages.admits(what, self.audience()) };
        let stranger = orders.iter().find_map(|order| match order.key.place {
            Place::Issue(issue) if self.owned(issue).is_none() => Some(issue),
            Place::Issue(_) | Place::Channel(_) => None,
        });
        match stranger {
            Some(issue) => Err(Refused::NoSuchIssue { issue }),
            None => self.messages.admits(what, self.audience()),
        }
    }
}

/// The last sending to a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Exactly what was sent.
    pub order: PostOrder,
    /// What became of it.
    pub fate: Fate,
    /// The message that is there, as far as is known.
    pub message: Option<MessageId>,
}

/// What became of a sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It may have been sent; nobody knows yet.
    Unknown,
    /// It is there.
    There,
    /// It certainly is not.
    Failed(String),
}

/// The last sending to each place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::incident) struct Messages(BTreeMap<Place, Sent>);

impl Messages {
    /// The last sending to a place.
    pub fn at(&self, place: &Place) -> Option<&Sent> {
        self.0.get(place)
    }

    /// Whether what is told of a message can be so; what is about anything else can.
    pub fn admits(&self, what: &What, audience: Audience) -> Result<(), Refused> {
        let already = |what: &str| Err(Refused::Already { what: what.to_owned() });
        match what {
            What::Posting { orders } => orders.iter().try_for_each(|order| {
                let last = self.at(&order.key.place).map_or(0, |sent| sent.order.version);
                if audience == Audience::Restricted && order.audience == Audience::Open {
                    return Err(Refused::Restricted);
                }
                if order.version == last.saturating_add(1) {
                    Ok(())
                } else {
                    already("somebody else tells people")
                }
            }),
            What::Posted { place, version, .. } | What::NotPosted { place, version, .. } => {
                match self.at(place) {
                    Some(Sent { order, fate: Fate::Unknown, .. }) if order.version == *version => Ok(()),
                    _ => already("what became of it is known"),
                }
            }
            _ => Ok(()),
        }
    }

    /// Takes in what was admitted.
    pub fn apply(&mut self, what: &What) {
        match what {
            What::Posting { orders } => {
                for order in orders {
                    let message = match &order.step {
                        PostStep::Edit { message } => Some(message.clone()),
                        PostStep::Post | PostStep::Find { .. } => None,
                    };
                    let sent = Sent { order: order.clone(), fate: Fate::Unknown, message };
                    self.0.insert(order.key.place.clone(), sent);
                }
            }
            What::Posted { place, message, .. } => self.change(place, |sent| {
                sent.fate = Fate::There;
                sent.message = Some(message.clone());
            }),
            What::NotPosted { place, why, .. } => {
                self.change(place, |sent| sent.fate = Fate::Failed(why.clone()));
            }
            _ => {}
        }
    }

    fn change(&mut self, place: &Place, change: impl FnOnce(&mut Sent)) {
        if let Some(sent) = self.0.get_mut(place) {
            change(sent);
        }
    }
}
