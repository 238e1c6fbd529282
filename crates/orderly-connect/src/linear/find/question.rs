//! What is asked for one issue: the data of one slot.

use super::address::ItemAddress;
use orderly_core::ids::{ItemId, TeamKey};
use orderly_engine::ports::tracker::Wanted;
use orderly_wire::linear::documents::{LINKED_LIMIT, OWN_LIMIT, Page, Part, SlotShape, alias};
use orderly_wire::linear::filters::{AttachmentFilter, CommentFilter, IssueFilter, StateFilter, TeamFilter};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Spellings that are asked one by one; the part that they share finds the others too.
const MOST_SPELLINGS: usize = 8;

/// Text shorter than this is in half of all items.
const SHORTEST_NEEDLE: usize = 4;

/// The data of one slot.
pub(super) struct Question {
    keys: IssueFilter,
    attachments: AttachmentFilter,
    comments: CommentFilter,
    spellings: Vec<String>,
    soft: Option<IssueFilter>,
    /// Derived ids.
    pub own: Vec<ItemId>,
    /// Linked addresses that lead to an item of this tracker.
    pub linked: BTreeMap<String, ItemAddress>,
}

impl Question {
    pub fn of(team: &TeamKey, wanted: &Wanted, tracker_host: &str) -> Self {
        let Wanted { short_id, permalink_tail: tail, .. } = wanted;
        let attachments = AttachmentFilter::url_holds(tail);
        let comments = CommentFilter::holds_any(&[short_id, tail]);
        let mut keys = vec![
            IssueFilter::attached(attachments.clone()),
            IssueFilter::title_holds(short_id),
            IssueFilter::body_holds(short_id),
            IssueFilter::body_holds(tail),
            IssueFilter::commented(comments.clone()),
        ];
        keys.extend(signatures(wanted).iter().map(|signature| IssueFilter::body_holds(signature)));
        let address = |url: &String| Some((url.clone(), ItemAddress::parse(url, tracker_host)?));
        Self {
            keys: IssueFilter::any(keys),
            attachments,
            comments,
            spellings: wanted.permalinks.iter().take(MOST_SPELLINGS).cloned().collect(),
            soft: soft(team, wanted),
            own: wanted.own.iter().take(OWN_LIMIT).copied().collect(),
            linked: wanted.linked_urls.iter().take(LINKED_LIMIT).filter_map(address).collect(),
        }
    }

    pub fn shape(&self, page: Page) -> SlotShape {
        let spellings = match page {
            Page::Usual => u8::try_from(self.spellings.len()).unwrap_or(0),
            Page::Wide => 0,
        };
        SlotShape { spellings, soft: if self.soft.is_some() { Part::Asked } else { Part::Left } }
    }

    pub fn variables(&self, slot: u8, page: Page, variables: &mut Map<String, Value>) {
        variables.insert(alias::keys(slot), json!(self.keys));
        variables.insert(alias::attachments(slot), json!(self.attachments));
        variables.insert(alias::comments(slot), json!(self.comments));
        for (spelling, url) in (0..self.shape(page).spellings).zip(&self.spellings) {
            variables.insert(alias::spelling(slot, spelling), json!(url));
        }
        if let Some(soft) = &self.soft {
            variables.insert(alias::soft(slot), json!(soft));
        }
    }
}

/// How a marker spells the signatures that are looked for.
fn signatures(wanted: &Wanted) -> Vec<String> {
    let title = wanted.title.as_ref().map(|title| ["t:", &title.fingerprint].concat());
    let stack = wanted.stack.as_ref().map(|stack| ["s:", stack].concat());
    title.into_iter().chain(stack).collect()
}

/// The needle of a title, if it is long enough to tell anything.
pub(super) fn needle(wanted: &Wanted) -> Option<&str> {
    let needle = wanted.title.as_ref()?.needle.trim();
    (needle.chars().count() >= SHORTEST_NEEDLE).then_some(needle)
}

/// The culprit, if it is long enough to tell anything.
pub(super) fn culprit(wanted: &Wanted) -> Option<&str> {
    let culprit = wanted.culprit.as_deref()?.trim();
    (culprit.chars().count() >= SHORTEST_NEEDLE).then_some(culprit)
}

/// Titles anywhere, in any state; the culprit only among the team's open items.
fn soft(team: &TeamKey, wanted: &Wanted) -> Option<IssueFilter> {
    let title = needle(wanted).map(IssueFilter::title_holds);
    let culprit = culprit(wanted).map(|culprit| IssueFilter {
        team: Some(TeamFilter::with_key(team.as_str())),
        state: Some(StateFilter::open()),
        or: vec![IssueFilter::title_holds(culprit), IssueFilter::body_holds(culprit)],
        ..IssueFilter::default()
    });
    let asked: Vec<IssueFilter> = title.into_iter().chain(culprit).collect();
    (!asked.is_empty()).then(|| IssueFilter::any(asked))
}
