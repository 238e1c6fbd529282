//! Actions become items of the tracker: the intent is in the log before anything is sent, and what nobody answered is read
//! by the derived id before anything is sent again.

use super::run::{IncidentError, IncidentJob};
use crate::ports::tracker::{CreateReply, TrackerFile, TrackerRead};
use orderly_core::answer::Cause;
use orderly_core::incident::{Author, FileOrder, FilePlan, IncidentKey, What};
use orderly_core::sync::plan::ItemRef;

/// Exactly what filing may use of the tracker.
#[derive(Clone, Copy)]
pub struct FilePorts<'a> {
    /// Reads items by id.
    pub read: &'a dyn TrackerRead,
    /// Creates items of actions.
    pub file: &'a dyn TrackerFile,
}

/// What became of the item of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// It is there.
    Filed(ItemRef),
    /// It is certainly not there.
    NotFiled(String),
    /// Nobody can say; the next run looks again.
    Unknown(String),
}

impl IncidentJob<'_> {
    /// Carries a plan out, one action after the other, and says what became of each.
    ///
    /// # Errors
    /// When the ledger fails, or an entry is refused. What the tracker refuses is in the log.
    pub async fn file(
        &self,
        tracker: FilePorts<'_>,
        key: &IncidentKey,
        plan: &FilePlan,
        author: &Author,
    ) -> Result<Vec<(u32, Became)>, IncidentError> {
        let mut all = Vec::new();
        for order in &plan.unsettled {
            // Sent once, and never heard of: it is sent again only when it is not there.
            let became = match looked_up(tracker.read, order).await {
                Ok(Some(became)) => became,
                Ok(None) => sent(tracker, order).await,
                Err(cause) => Became::Unknown(cause.to_string()),
            };
            all.push((order.key.action, became.clone()));
            self.settle(key, order, became).await?;
        }
        for order in &plan.orders {
            let intent = What::Filing { order: order.clone() };
            self.append(key, self.entry(author.clone(), None, intent)).await?;
            let became = sent(tracker, order).await;
            all.push((order.key.action, became.clone()));
            self.settle(key, order, became).await?;
        }
        Ok(all)
    }

    async fn settle(
        &self,
        key: &IncidentKey,
        order: &FileOrder,
        became: Became,
    ) -> Result<(), IncidentError> {
        let action = order.key.action;
        let what = match became {
            Became::Filed(item) => What::Filed { action, item },
            Became::NotFiled(why) => What::NotFiled { action, why },
            // The intent stays open.
            Became::Unknown(_) => return Ok(()),
        };
        self.append(key, self.entry(Author::Orderly, None, what)).await.map(drop)
    }
}

async fn sent(tracker: FilePorts<'_>, order: &FileOrder) -> Became {
    match tracker.file.file(order).await {
        // Under an id of the tracker's own it is there as well; it is never sent again.
        CreateReply::Created(item) | CreateReply::OtherId(item) => Became::Filed(item),
        CreateReply::Refused(why) => Became::NotFiled(why),
        CreateReply::Denied(why) => Became::NotFiled(format!("access refused: {why}")),
        CreateReply::RateLimited { .. } => Became::NotFiled("the tracker asked to slow down".to_owned()),
        reply @ (CreateReply::Conflict | CreateReply::Unknown(_)) => {
            match looked_up(tracker.read, order).await {
                Ok(Some(became)) => became,
                Ok(None) => Became::Unknown(match reply {
                    CreateReply::Unknown(why) => why,
                    _ => "the tracker says that it has such an item, and has none".to_owned(),
                }),
                Err(cause) => Became::Unknown(cause.to_string()),
            }
        }
    }
}

/// The item under the derived id: a primary key, never search.
async fn looked_up(read: &dyn TrackerRead, order: &FileOrder) -> Result<Option<Became>, Cause> {
    let item = read.item(order.item).await.seen()?;
    Ok(item.map(|item| match order.key.recognise(&item) {
        Ok(item) => Became::Filed(item),
        Err(why) => Became::NotFiled(why),
    }))
}
