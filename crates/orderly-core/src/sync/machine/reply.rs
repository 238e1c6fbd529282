//! What the world answers to a write, in the only distinctions that matter: is it there, is it certainly not there, or
//! can nobody say.

use crate::ids::IssueId;
use crate::sync::plan::ItemRef;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The reply to a creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateReply {
    /// It is there, under the asked id.
    Created(ItemRef),
    /// It is there, but under an id of the tracker's own: the tracker ignores client ids.
    OtherId(ItemRef),
    /// An item with this id exists already.
    Conflict,
    /// Refused for good; nothing was written.
    Refused(String),
    /// Credentials do not suffice; nothing was written.
    Denied(String),
    /// Asked to slow down; nothing was written.
    RateLimited {
        /// When to try again, if it said.
        until: Option<Timestamp>,
    },
    /// Nobody can say whether it was written: no reply, a time-out, a server error, a reply that cannot be read.
    Unknown(String),
}

/// The reply to a write that may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteReply {
    /// It is there now (also when it was before).
    Done,
    /// Refused for good.
    Refused(String),
    /// Asked to slow down.
    RateLimited {
        /// When to try again, if it said.
        until: Option<Timestamp>,
    },
    /// Nobody can say; it may be repeated.
    Unknown(String),
}

/// Writing one link back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkBackOrder {
    /// The issue.
    pub issue: IssueId,
    /// Installation id.
    pub installation: String,
    /// Address of the tracker item.
    pub web_url: String,
    /// Project half of the label: the tracker team.
    pub project: String,
    /// Identifier half of the label: the item key.
    pub identifier: String,
}
