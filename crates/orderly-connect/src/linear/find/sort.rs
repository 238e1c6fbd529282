//! From the aliases of a reply to what each prover is told. Hits come loosely, as the tracker found them, with the texts
//! that made it answer; the exact check is the core's, which also counts what it sets aside.

use super::question::{culprit, needle};
use crate::linear::items::item;
use orderly_core::answer::{Cause, Looked, RequestRef};
use orderly_core::ids::{ItemId, ShortId, TeamKey};
use orderly_core::sync::snapshot::{Look, TrackedItem};
use orderly_core::tracked::keys::{Mention, short_id};
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::tracker::{FoundItems, Wanted};
use orderly_wire::linear::documents::OWN_LIMIT;
use orderly_wire::linear::nodes::{AttachmentNode, IssueNode};
use orderly_wire::linear::reply::Connection;
use std::collections::BTreeMap;

/// Comments that are answered for a hit; with so many, the one that matters may be among those that were not.
const COMMENT_PAGE: usize = 5;

/// The aliases of one slot.
pub(super) struct SlotReply {
    pub keys: Connection<IssueNode>,
    pub spellings: Vec<Connection<AttachmentNode>>,
    pub soft: Option<Connection<IssueNode>>,
}

impl Default for SlotReply {
    /// A slot that answered nothing: not whole, so that it proves nothing.
    fn default() -> Self {
        Self { keys: Connection { nodes: Vec::new(), page_info: None }, spellings: Vec::new(), soft: None }
    }
}

impl SlotReply {
    /// Whether a wide page cannot tell more.
    pub fn is_whole(&self) -> bool {
        self.keys.is_whole() && self.soft.as_ref().is_none_or(Connection::is_whole)
    }
}

/// What the provers are told of one issue.
pub(super) fn found(
    team: &TeamKey,
    wanted: &Wanted,
    slot: SlotReply,
    own: Option<&Connection<IssueNode>>,
    linked: Vec<(String, Option<TrackedItem>)>,
    requests: &[RequestRef],
) -> FoundItems {
    let hits = Hits { team, wanted, slot: &slot, own };
    let pool = hits.pool();
    let look = |looked_for: Vec<String>, answer: Result<Vec<ItemId>, Cause>| Look {
        answer: match answer {
            Ok(ids) => Looked::Saw(pick(&pool, ids)),
            Err(cause) => Looked::CouldNotLook(cause),
        },
        looked_for,
        requests: requests.to_vec(),
    };
    let for_ = LookedFor::of(wanted);
    FoundItems {
        short_id: look(for_.short_id, hits.by_short_id()),
        permalink: look(for_.permalink, hits.by_permalink()),
        title: look(for_.title, hits.by_title()),
        stack: look(for_.stack, hits.by_stack()),
        culprit: look(for_.culprit, hits.by_culprit()),
        own: look(for_.own, hits.by_own_id()),
        linked,
    }
}

/// What the provers are told when the tracker could not be asked.
pub(super) fn blind(wanted: &Wanted, cause: &Cause) -> FoundItems {
    let look = |looked_for: Vec<String>| Look {
        answer: Looked::CouldNotLook(cause.clone()),
        looked_for,
        requests: Vec::new(),
    };
    let for_ = LookedFor::of(wanted);
    FoundItems {
        short_id: look(for_.short_id),
        permalink: look(for_.permalink),
        title: look(for_.title),
        stack: look(for_.stack),
        culprit: look(for_.culprit),
        own: look(for_.own),
        linked: wanted.linked_urls.iter().map(|url| (url.clone(), None)).collect(),
    }
}

/// What is looked for, as the proof shows it.
struct LookedFor {
    short_id: Vec<String>,
    permalink: Vec<String>,
    title: Vec<String>,
    stack: Vec<String>,
    culprit: Vec<String>,
    own: Vec<String>,
}

impl LookedFor {
    fn of(wanted: &Wanted) -> Self {
        let mut permalink = wanted.permalinks.clone();
        permalink.push(wanted.permalink_tail.clone());
        let title =
            wanted.title.iter().flat_map(|title| [["t:", &title.fingerprint].concat(), title.needle.clone()]);
        Self {
            short_id: vec![wanted.short_id.clone()],
            permalink,
            title: title.collect(),
            stack: wanted.stack.iter().map(|stack| ["s:", stack].concat()).collect(),
            culprit: wanted.culprit.iter().cloned().collect(),
            own: wanted.own.iter().map(ToString::to_string).collect(),
        }
    }
}

struct Hits<'a> {
    team: &'a TeamKey,
    wanted: &'a Wanted,
    slot: &'a SlotReply,
    own: Option<&'a Connection<IssueNode>>,
}

impl Hits<'_> {
    /// Every item that any alias answered, once, with the attachments and texts that any alias told.
    fn pool(&self) -> BTreeMap<ItemId, TrackedItem> {
        let attached = self.slot.spellings.iter().flat_map(|page| &page.nodes);
        let by_url = attached.filter_map(|attachment| {
            let mut item = item(attachment.issue.as_deref()?);
            item.attachments.push(Untrusted::new(attachment.url.clone()));
            Some(item)
        });
        let soft = self.slot.soft.iter().flat_map(|page| &page.nodes);
        let own = self.own.iter().flat_map(|page| &page.nodes);
        let mut pool: BTreeMap<ItemId, TrackedItem> = BTreeMap::new();
        for found in self.slot.keys.nodes.iter().chain(soft).chain(own).map(item).chain(by_url) {
            match pool.get_mut(&found.id) {
                None => drop(pool.insert(found.id, found)),
                Some(known) => {
                    known.attachments.extend(found.attachments);
                    known.attachments.sort();
                    known.attachments.dedup();
                    known.texts.extend(found.texts);
                    known.texts.sort();
                    known.texts.dedup();
                }
            }
        }
        pool
    }

    fn by_short_id(&self) -> Result<Vec<ItemId>, Cause> {
        self.hard(|text| holds(text, &self.wanted.short_id))
    }

    fn by_permalink(&self) -> Result<Vec<ItemId>, Cause> {
        let mut ids = self.hard(|text| holds(text, &self.wanted.permalink_tail))?;
        for page in &self.slot.spellings {
            if !page.is_whole() {
                return Err(Cause::MorePages);
            }
            let issues = page.nodes.iter().filter_map(|attachment| attachment.issue.as_ref());
            ids.extend(issues.map(|issue| ItemId(issue.id)));
        }
        Ok(ids)
    }

    /// Items of the `keys` alias that hold what is asked, in the tracker's loose sense. An item with so many matching
    /// comments that not all were answered proves nothing, unless it names the issue anyway.
    fn hard(&self, holds: impl Fn(&str) -> bool) -> Result<Vec<ItemId>, Cause> {
        let keys = &self.slot.keys;
        let is_cut = |node: &IssueNode| comments(node).count() >= COMMENT_PAGE && !self.names_the_issue(node);
        if !keys.is_whole() || keys.nodes.iter().any(is_cut) {
            return Err(Cause::MorePages);
        }
        let hits = keys.nodes.iter().filter(|node| texts(node).any(&holds));
        Ok(hits.map(|node| ItemId(node.id)).collect())
    }

    fn names_the_issue(&self, node: &IssueNode) -> bool {
        let id = ShortId::new(self.wanted.short_id.clone());
        texts(node).any(|text| short_id(text, &id) == Mention::Exact)
    }

    fn by_title(&self) -> Result<Vec<ItemId>, Cause> {
        let Some(title) = &self.wanted.title else {
            return Err(Cause::NoInput("the issue has no title to compare".to_owned()));
        };
        let mut ids = self.by_signature(&["t:", &title.fingerprint].concat())?;
        if let Some(needle) = needle(self.wanted) {
            ids.extend(self.soft(|node| holds(&node.title, needle))?);
        }
        Ok(ids)
    }

    fn by_stack(&self) -> Result<Vec<ItemId>, Cause> {
        let Some(stack) = &self.wanted.stack else {
            return Err(Cause::NoInput("the latest event has no stack trace".to_owned()));
        };
        self.by_signature(&["s:", stack].concat())
    }

    fn by_signature(&self, signature: &str) -> Result<Vec<ItemId>, Cause> {
        let keys = &self.slot.keys;
        if !keys.is_whole() {
            return Err(Cause::MorePages);
        }
        let holds = |node: &&IssueNode| body(node).is_some_and(|text| holds(text, signature));
        Ok(keys.nodes.iter().filter(holds).map(|node| ItemId(node.id)).collect())
    }

    fn by_culprit(&self) -> Result<Vec<ItemId>, Cause> {
        let Some(culprit) = culprit(self.wanted) else {
            return Err(Cause::NoInput("the issue names no culprit".to_owned()));
        };
        self.soft(|node| {
            let is_ours =
                node.team.key.eq_ignore_ascii_case(self.team.as_str()) && item(node).state.is_open();
            is_ours && (holds(&node.title, culprit) || body(node).is_some_and(|text| holds(text, culprit)))
        })
    }

    fn soft(&self, holds: impl Fn(&IssueNode) -> bool) -> Result<Vec<ItemId>, Cause> {
        let page = self.slot.soft.as_ref().filter(|page| page.is_whole()).ok_or(Cause::MorePages)?;
        Ok(page.nodes.iter().filter(|node| holds(node)).map(|node| ItemId(node.id)).collect())
    }

    fn by_own_id(&self) -> Result<Vec<ItemId>, Cause> {
        let asked = &self.wanted.own;
        match self.own {
            _ if asked.is_empty() => Ok(Vec::new()),
            Some(page) if page.is_whole() && asked.len() <= OWN_LIMIT => {
                Ok(page.nodes.iter().map(|node| ItemId(node.id)).filter(|id| asked.contains(id)).collect())
            }
            _ => Err(Cause::MorePages),
        }
    }
}

fn body(node: &IssueNode) -> Option<&str> {
    node.description.as_deref()
}

fn comments(node: &IssueNode) -> impl Iterator<Item = &str> {
    node.comments.iter().flat_map(|page| &page.nodes).map(|comment| comment.body.as_str())
}

/// Everything of an item that may hold a key.
fn texts(node: &IssueNode) -> impl Iterator<Item = &str> {
    let attachments =
        node.attachments.iter().flat_map(|page| &page.nodes).map(|attachment| attachment.url.as_str());
    [node.title.as_str()].into_iter().chain(body(node)).chain(comments(node)).chain(attachments)
}

/// Whether a text holds another, in either case.
fn holds(text: &str, needle: &str) -> bool {
    !needle.is_empty() && text.to_lowercase().contains(&needle.to_lowercase())
}

/// Oldest first, each once.
fn pick(pool: &BTreeMap<ItemId, TrackedItem>, mut ids: Vec<ItemId>) -> Vec<TrackedItem> {
    ids.sort_unstable();
    ids.dedup();
    let mut items: Vec<TrackedItem> = ids.iter().filter_map(|id| pool.get(id)).cloned().collect();
    items.sort_by_key(|item| (item.created_at, item.id));
    items
}
