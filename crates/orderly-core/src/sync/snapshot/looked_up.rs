//! What was asked for an issue before anything may be called "not tracked", and what came of it.

use super::issue::ExternalLink;
use super::item::TrackedItem;
use crate::answer::{Looked, RequestRef};
use crate::calibrate::Likeness;
use crate::ids::IssueId;
use serde::{Deserialize, Serialize};

/// What was asked for an issue before anything may be called "not tracked". One field per prover, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookups {
    /// Links that Sentry keeps: the address of each, resolved to a tracker item where it leads to our tracker.
    pub external_link: Look<LinkedElsewhere>,
    /// Items whose title, description or comments hold the short id.
    pub short_id: Look<TrackedItem>,
    /// Items with an attachment or text that holds the permalink, in any spelling.
    pub permalink: Look<TrackedItem>,
    /// Items whose title may have the same fingerprint.
    pub title: Look<TrackedItem>,
    /// Items that carry the same stack signature.
    pub stack: Look<TrackedItem>,
    /// Items of the team about the same culprit.
    pub owner: Look<TrackedItem>,
    /// Items found by the derived ids of generation 0 and those that followed: our own, also when search lags.
    pub own: Look<TrackedItem>,
    /// Tracked items by how much the issue is like them: evidence of the title and stack provers beside equality.
    pub alike: Look<AlikeItem>,
    /// How many tracked items it was compared with.
    pub compared_with: u64,
    /// Other issues of this run that it is like, best first.
    pub twins: Vec<AlikeIssue>,
}

/// One look: what came back, and the request that gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look<T> {
    /// The answer.
    pub answer: Looked<Vec<T>>,
    /// What was looked for, as shown in the proof.
    pub looked_for: Vec<String>,
    /// The requests; empty when none could be sent.
    pub requests: Vec<RequestRef>,
}

/// An item that an issue has something in common with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlikeItem {
    /// The item.
    pub item: TrackedItem,
    /// How much.
    pub likeness: Likeness,
    /// What of both was compared.
    pub by: AlikeBy,
}

/// Another issue of the same run that an issue has something in common with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlikeIssue {
    /// The other one.
    pub issue: IssueId,
    /// How much.
    pub likeness: Likeness,
    /// What of both was compared.
    pub by: AlikeBy,
}

/// What of two was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlikeBy {
    /// Stacks and what was thrown.
    Stack,
    /// Words alone: one of the two has no stack.
    Words,
}

/// A link that Sentry keeps, and what is at its other end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedElsewhere {
    /// The link.
    pub link: ExternalLink,
    /// The item, when it leads to our tracker.
    pub item: Option<TrackedItem>,
}
