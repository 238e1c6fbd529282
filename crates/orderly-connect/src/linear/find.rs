//! Is an issue tracked already? Many issues a request.
//!
//! `question` says what is asked for one issue, `address` which of Sentry's links lead here, `sort` puts hits under the
//! prover they belong to. This file sends: batches side by side, a wide page where the usual one was not all, halves where
//! Linear refuses a whole batch.

mod address;
mod question;
mod sort;

use super::LinearClient;
use super::api::{Answer, Trouble};
use super::items::item;
use address::ItemAddress;
use orderly_core::answer::{Cause, Looked, RequestRef};
use orderly_core::ids::{ItemId, TeamKey};
use orderly_core::sync::snapshot::{Look, TrackedItem};
use orderly_engine::ports::tracker::{FoundItems, Wanted};
use orderly_wire::linear::documents::{
    ITEM_BY_KEY, LINKED_LIMIT, OWN_LIMIT, Page, Part, TrackedShape, alias, tracked,
};
use orderly_wire::linear::filters::IssueFilter;
use orderly_wire::linear::nodes::{AttachmentNode, IssueNode};
use orderly_wire::linear::reply::Connection;
use question::Question;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sort::SlotReply;
use std::ops::Range;

/// Most issues in one request. The complexity limit would allow more; a slow answer would not be worth it.
const MOST_SLOTS: usize = 10;

/// What one request answered.
struct BatchReply {
    slots: Vec<SlotReply>,
    own: Option<Connection<IssueNode>>,
    linked: Vec<IssueNode>,
    request: RequestRef,
}

impl LinearClient {
    pub(super) async fn find_all(&self, team: &TeamKey, wanted: &[Wanted]) -> Vec<FoundItems> {
        let host = self.api.origin().host();
        let questions: Vec<Question> = wanted.iter().map(|w| Question::of(team, w, &host)).collect();
        let batches = batches(&questions);
        let found = batches.into_iter().map(|batch| self.find_batch(team, wanted, &questions, batch));
        let mut found: Vec<FoundItems> =
            futures::future::join_all(found).await.into_iter().flatten().collect();
        self.name_originals(found.iter_mut().flat_map(items_of).collect()).await;
        found
    }

    /// One request, or two halves when Linear refuses the whole: one strange issue must not blind the others.
    async fn find_batch(
        &self,
        team: &TeamKey,
        wanted: &[Wanted],
        questions: &[Question],
        batch: Range<usize>,
    ) -> Vec<FoundItems> {
        match self.ask_batch(questions, batch.clone(), Page::Usual).await {
            Ok(reply) => self.sort_batch(team, wanted, questions, batch, reply).await,
            Err(Trouble::Refused(_)) if batch.len() > 1 => {
                let middle = batch.start + batch.len() / 2;
                let (first, second) = (batch.start..middle, middle..batch.end);
                let (mut first, second) = Box::pin(async {
                    futures::join!(
                        self.find_batch(team, wanted, questions, first),
                        self.find_batch(team, wanted, questions, second)
                    )
                })
                .await;
                first.extend(second);
                first
            }
            Err(trouble) => {
                let cause = Cause::from(trouble);
                wanted[batch].iter().map(|wanted| sort::blind(wanted, &cause)).collect()
            }
        }
    }

    async fn ask_batch(
        &self,
        questions: &[Question],
        batch: Range<usize>,
        page: Page,
    ) -> Result<BatchReply, Trouble> {
        let about = match page {
            Page::Usual => format!("tracked(c{}..c{})", batch.start, batch.end.saturating_sub(1)),
            Page::Wide => format!("tracked(c{}, wide)", batch.start),
        };
        let asked = &questions[batch];
        let text = tracked(&shape(asked, page));
        let Answer { value, request } = self.api.ask(&about, &text, variables(asked, page)).await?;
        let mut data = Data { aliases: value, what: request.what.clone() };
        let slots: Result<_, _> =
            (0..=u8::MAX).zip(asked).map(|(slot, question)| data.slot(slot, question, page)).collect();
        let slots: Vec<SlotReply> = slots?;
        let own = data.optional(alias::OWN)?;
        let linked = data.optional::<IssueNode>(alias::LINKED)?.map(|page| page.nodes).unwrap_or_default();
        Ok(BatchReply { slots, own, linked, request })
    }

    async fn sort_batch(
        &self,
        team: &TeamKey,
        wanted: &[Wanted],
        questions: &[Question],
        batch: Range<usize>,
        reply: BatchReply,
    ) -> Vec<FoundItems> {
        let BatchReply { slots, own, linked, request } = reply;
        let sorted = batch.zip(slots).map(|(index, slot)| {
            let (own, linked, request) = (own.as_ref(), &linked, request.clone());
            async move {
                let mut requests = vec![request];
                let slot = self.widened(questions, index, slot, &mut requests).await;
                let links = self.resolved(&wanted[index], &questions[index], linked).await;
                sort::found(team, &wanted[index], slot, own, links, &requests)
            }
        });
        futures::future::join_all(sorted).await
    }

    /// A slot whose usual page was not all is asked once more, alone and with a wide page.
    async fn widened(
        &self,
        questions: &[Question],
        index: usize,
        slot: SlotReply,
        requests: &mut Vec<RequestRef>,
    ) -> SlotReply {
        if slot.is_whole() {
            return slot;
        }
        match self.ask_batch(questions, index..index + 1, Page::Wide).await {
            Ok(wide) => {
                requests.push(wide.request);
                let spellings = slot.spellings;
                wide.slots
                    .into_iter()
                    .next()
                    .map_or_else(SlotReply::default, |wide| SlotReply { spellings, ..wide })
            }
            // The usual page still says that there is more: that is the answer.
            Err(_) => slot,
        }
    }

    /// Each linked address with the item it leads to. One that its key does not find may have been moved to another
    /// team; Linear resolves old keys one at a time.
    async fn resolved(
        &self,
        wanted: &Wanted,
        question: &Question,
        linked: &[IssueNode],
    ) -> Vec<(String, Option<TrackedItem>)> {
        let each = wanted.linked_urls.iter().map(|url| async move {
            let Some(address) = question.linked.get(url) else { return (url.clone(), None) };
            let direct = linked.iter().find(|node| address.leads_to(node)).map(item);
            let found = match direct {
                Some(item) => Some(item),
                None => self.moved(address).await,
            };
            (url.clone(), found)
        });
        futures::future::join_all(each).await
    }

    async fn moved(&self, address: &ItemAddress) -> Option<TrackedItem> {
        #[derive(Deserialize)]
        struct ByKey {
            item: Option<IssueNode>,
        }
        let about = ["issue ", &address.key()].concat();
        let answer: Answer<ByKey> =
            self.api.ask(&about, ITEM_BY_KEY, json!({ "key": address.key() })).await.ok()?;
        answer.value.item.filter(|node| address.same_workspace(node)).as_ref().map(item)
    }
}

fn items_of(found: &mut FoundItems) -> impl Iterator<Item = &mut TrackedItem> {
    let FoundItems { short_id, permalink, title, stack, culprit, own, linked } = found;
    fn seen(look: &mut Look<TrackedItem>) -> &mut [TrackedItem] {
        match &mut look.answer {
            Looked::Saw(items) => items,
            Looked::CouldNotLook(_) => &mut [],
        }
    }
    let looks = [short_id, permalink, title, stack, culprit, own].into_iter().flat_map(seen);
    looks.chain(linked.iter_mut().filter_map(|(_, item)| item.as_mut()))
}

/// Issues for each request: as few requests as the limits allow, about equally full.
fn batches(questions: &[Question]) -> Vec<Range<usize>> {
    let fewest = questions.len().div_ceil(MOST_SLOTS).max(1);
    let most = questions.len().div_ceil(fewest).max(1);
    let mut batches: Vec<Range<usize>> = Vec::new();
    for index in 0..questions.len() {
        let fits = |batch: &Range<usize>| {
            let asked = &questions[batch.start..=index];
            let own: usize = asked.iter().map(|q| q.own.len()).sum();
            let linked: usize = asked.iter().map(|q| q.linked.len()).sum();
            asked.len() <= most && own <= OWN_LIMIT && linked <= LINKED_LIMIT && affordable(asked)
        };
        match batches.last_mut() {
            Some(batch) if fits(batch) => batch.end = index + 1,
            _ => batches.push(index..index + 1),
        }
    }
    batches
}

fn affordable(asked: &[Question]) -> bool {
    use orderly_wire::linear::complexity::{BUDGET, points};
    points(&tracked(&shape(asked, Page::Usual))) <= BUDGET
}

fn shape(asked: &[Question], page: Page) -> TrackedShape {
    let part = |has: bool| if has { Part::Asked } else { Part::Left };
    let is_usual = page == Page::Usual;
    TrackedShape {
        slots: asked.iter().map(|question| question.shape(page)).collect(),
        page,
        own: part(is_usual && asked.iter().any(|q| !q.own.is_empty())),
        linked: part(is_usual && asked.iter().any(|q| !q.linked.is_empty())),
    }
}

fn variables(asked: &[Question], page: Page) -> Map<String, Value> {
    let mut variables = Map::new();
    for (slot, question) in (0..=u8::MAX).zip(asked) {
        question.variables(slot, page, &mut variables);
    }
    if page == Page::Usual {
        let own: Vec<ItemId> = asked.iter().flat_map(|q| q.own.iter().copied()).collect();
        if !own.is_empty() {
            variables.insert(alias::OWN.to_owned(), json!(own));
        }
        let linked: Vec<IssueFilter> =
            asked.iter().flat_map(|q| q.linked.values()).map(ItemAddress::filter).collect();
        if !linked.is_empty() {
            variables.insert(alias::LINKED.to_owned(), json!(IssueFilter::any(linked)));
        }
    }
    variables
}

/// The aliases of a reply.
struct Data {
    aliases: Map<String, Value>,
    what: String,
}

impl Data {
    fn slot(&mut self, slot: u8, question: &Question, page: Page) -> Result<SlotReply, Trouble> {
        let shape = question.shape(page);
        let spellings = (0..shape.spellings)
            .map(|spelling| self.required::<AttachmentNode>(&alias::spelling(slot, spelling)))
            .collect::<Result<_, _>>()?;
        let soft = match shape.soft {
            Part::Asked => Some(self.required(&alias::soft(slot))?),
            Part::Left => None,
        };
        Ok(SlotReply { keys: self.required(&alias::keys(slot))?, spellings, soft })
    }

    fn required<T: DeserializeOwned>(&mut self, alias: &str) -> Result<Connection<T>, Trouble> {
        let found = self.optional(alias)?;
        found.ok_or_else(|| Trouble::NoReply(format!("{} answered nothing under `{alias}`", self.what)))
    }

    fn optional<T: DeserializeOwned>(&mut self, alias: &str) -> Result<Option<Connection<T>>, Trouble> {
        let Some(value) = self.aliases.remove(alias) else { return Ok(None) };
        serde_json::from_value(value).map(Some).map_err(|error| {
            let shape = crate::http::unreadable(&error);
            Trouble::NoReply(format!("{} answered {shape} under `{alias}`", self.what))
        })
    }
}

#[cfg(test)]
mod tests;
