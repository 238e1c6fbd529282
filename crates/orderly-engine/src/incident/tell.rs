//! People are told: the intent is in the log before anything leaves, what nobody answered is looked for before it is sent
//! again, and no place waits for another.

use super::run::{IncidentError, IncidentJob};
use crate::ports::incident::{PostReply, Teller};
use futures::stream::{self, StreamExt as _};
use orderly_core::answer::Looked;
use orderly_core::incident::{
    Author, Channel, IncidentKey, Log, MessageId, Place, PostOrder, PostStep, Stale, TellPlan, What,
};
use orderly_core::scrub::Scrubber;
use orderly_core::time::{Now, Seconds, Timestamp};

/// A request that nobody answered may still be on its way for so long: until then nothing is sent in its place.
const UNDER_WAY: Seconds = Seconds(60);

/// Places that are told side by side: below the rate at which Sentry refuses.
const SIDE_BY_SIDE: usize = 8;

/// A chat channel and what reaches it, or why nothing does.
pub struct ChannelAt {
    /// The channel.
    pub channel: Channel,
    /// What reaches it.
    pub teller: Result<Box<dyn Teller>, String>,
}

/// Exactly what telling people may use.
#[derive(Clone, Copy)]
pub struct TellPorts<'a> {
    /// Comments in Sentry.
    pub comments: &'a dyn Teller,
    /// Chat channels.
    pub channels: &'a [ChannelAt],
}

/// What became of telling people in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// They were told.
    There(MessageId),
    /// They certainly were not; a later run tries again.
    Failed(String),
    /// Nobody can say; a later run looks first.
    Unknown(String),
}

impl IncidentJob<'_> {
    /// What people would be told now, and where. Nothing is written.
    pub fn tell_plan(&self, log: &Log, channels: &[ChannelAt], scrubber: &Scrubber) -> TellPlan {
        let channels: Vec<Channel> = channels.iter().map(|at| at.channel.clone()).collect();
        let clocks = (Now(self.at), self.ports.clock.now());
        TellPlan::of(log.incident(), &channels, &self.policy.clock, scrubber, clocks)
    }

    /// Carries a plan out in all places side by side, and says what became of each. That people were told is written down
    /// once somebody was.
    ///
    /// # Errors
    /// When the plan went stale, or the ledger fails. What a place refuses is in the log.
    pub async fn tell_people(
        &self,
        ports: TellPorts<'_>,
        key: &IncidentKey,
        plan: &TellPlan,
        author: &Author,
        scrubber: &Scrubber,
    ) -> Result<Vec<(Place, Reached)>, IncidentError> {
        if plan.orders.is_empty() {
            return Ok(Vec::new());
        }
        let intent = self.entry(author.clone(), None, What::Posting { orders: plan.orders.clone() });
        let digest = plan.digest();
        let fits = |log: &Log| match self.tell_plan(log, ports.channels, scrubber).digest() == digest {
            true => Ok(()),
            false => Err(Stale::Moved.into()),
        };
        self.append_while(key, intent, fits).await?;
        let told = plan.orders.iter().map(|order| self.tell_in_one(ports, key, order, author));
        let told: Vec<_> = stream::iter(told).buffered(SIDE_BY_SIDE).collect().await;
        let reached: Vec<(Place, Reached)> = told.into_iter().collect::<Result<_, _>>()?;
        if reached.iter().any(|(_, reached)| matches!(reached, Reached::There(_))) {
            self.append(key, self.entry(author.clone(), None, plan.draft.clone().told())).await?;
        }
        Ok(reached)
    }

    async fn tell_in_one(
        &self,
        ports: TellPorts<'_>,
        key: &IncidentKey,
        order: &PostOrder,
        author: &Author,
    ) -> Result<(Place, Reached), IncidentError> {
        let place = order.key.place.clone();
        let teller = match ports.reach(&place) {
            Ok(teller) => teller,
            Err(why) => {
                let reached = Reached::Failed(why);
                self.settled(key, order, &reached).await?;
                return Ok((place, reached));
            }
        };
        let reply = match &order.step {
            PostStep::Post => post(teller, order).await,
            PostStep::Edit { message } => teller.edit(order, message).await,
            PostStep::Find { last, .. } => self.find_first(teller, order, *last).await,
        };
        let reached = match reply {
            PostReply::Gone(why) => {
                self.settled(key, order, &Reached::Failed(why)).await?;
                let anew = order.clone().anew();
                let intent = self.entry(author.clone(), None, What::Posting { orders: vec![anew.clone()] });
                self.append(key, intent).await?;
                let reached = reached(post(teller, &anew).await);
                self.settled(key, &anew, &reached).await?;
                return Ok((place, reached));
            }
            reply => reached(reply),
        };
        self.settled(key, order, &reached).await?;
        Ok((place, reached))
    }

    /// What nobody answered is looked for; it is sent again only when it is not there, and cannot arrive any more.
    async fn find_first(&self, teller: &dyn Teller, order: &PostOrder, last: Timestamp) -> PostReply {
        match teller.find(order).await {
            Looked::Saw(Some(message)) => teller.edit(order, &message).await,
            Looked::Saw(None) if self.may_be_under_way(last) => {
                PostReply::Unknown(format!("it may still be on its way; try again in {UNDER_WAY}"))
            }
            Looked::Saw(None) => post(teller, order).await,
            Looked::CouldNotLook(cause) => PostReply::Unknown(cause.to_string()),
        }
    }

    async fn settled(
        &self,
        key: &IncidentKey,
        order: &PostOrder,
        reached: &Reached,
    ) -> Result<(), IncidentError> {
        let (place, version) = (order.key.place.clone(), order.version);
        let what = match reached {
            Reached::There(message) => What::Posted { place, version, message: message.clone() },
            Reached::Failed(why) => What::NotPosted { place, version, why: why.clone() },
            // The intent stays open.
            Reached::Unknown(_) => return Ok(()),
        };
        match self.append(key, self.entry(Author::Orderly, None, what)).await {
            // Somebody else has looked for it meanwhile, and knows.
            Ok(_) | Err(IncidentError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl IncidentJob<'_> {
    fn may_be_under_way(&self, since: Timestamp) -> bool {
        self.ports.clock.now().seconds_since(since) < UNDER_WAY.0
    }
}

impl<'a> TellPorts<'a> {
    fn reach(&self, place: &Place) -> Result<&'a dyn Teller, String> {
        match place {
            Place::Issue(_) => Ok(self.comments),
            Place::Channel(name) => match self.channels.iter().find(|at| at.channel.name == *name) {
                Some(ChannelAt { teller: Ok(teller), .. }) => Ok(teller.as_ref()),
                Some(ChannelAt { teller: Err(why), .. }) => Err(why.clone()),
                None => Err("it is not configured any more".to_owned()),
            },
        }
    }
}

/// Sends a new message; after a lost reply it is looked for at once.
async fn post(teller: &dyn Teller, order: &PostOrder) -> PostReply {
    let reply = teller.post(order).await;
    let PostReply::Unknown(why) = reply else { return reply };
    match teller.find(order).await {
        Looked::Saw(Some(message)) => PostReply::There(message),
        Looked::Saw(None) | Looked::CouldNotLook(_) => PostReply::Unknown(why),
    }
}

fn reached(reply: PostReply) -> Reached {
    match reply {
        PostReply::There(message) => Reached::There(message),
        PostReply::Gone(why) | PostReply::Failed(why) => Reached::Failed(why),
        PostReply::Unknown(why) => Reached::Unknown(why),
    }
}
