//! The index of tracked work: what is remembered, what changed since, and which items each issue is like.

use super::progress::{Progress, Watch};
use crate::ports::backlog::{BacklogNews, BacklogStore};
use crate::ports::ledger::{LeaseScope, LedgerError};
use crate::ports::tracker::{ChangedItem, TrackerRead};
use orderly_core::answer::{Cause, Looked, RequestRef};
use orderly_core::backlog::coverage::Read;
use orderly_core::backlog::{Backlog, KnownItem, Span, signature_of};
use orderly_core::calibrate::shipped::SCORE_VERSION;
use orderly_core::calibrate::{Calibration, calibrate};
use orderly_core::ids::{IssueId, TeamKey};
use orderly_core::scrub::Scrubber;
use orderly_core::similar::Signature;
use orderly_core::sync::snapshot::{Candidate, Look};
use orderly_core::time::{Now, Timestamp};
use std::collections::BTreeMap;

/// Pages a run reads of a backlog that it does not know yet: 40,000 items. The next run reads on.
const MOST_PAGES: usize = 200;

/// The index, ready to be asked.
#[derive(Debug)]
pub struct Indexed {
    /// Everything that is tracked, or why it cannot be told.
    pub backlog: Looked<Backlog>,
    /// What a likeness says.
    pub calibration: Calibration,
    requests: Vec<RequestRef>,
}

/// What reading the index needs.
#[derive(Clone, Copy)]
pub struct Indexer<'a> {
    /// Where it is remembered.
    pub store: &'a dyn BacklogStore,
    /// Where it is read.
    pub tracker: &'a dyn TrackerRead,
    /// Whose backlog it is.
    pub scope: &'a LeaseScope,
    /// Teams that its items are in, sorted.
    pub teams: &'a [TeamKey],
    /// What it takes out of everything is not kept.
    pub scrubber: &'a Scrubber,
    /// Who follows.
    pub watch: &'a dyn Watch,
}

/// What came of one span.
struct Pages {
    items: Vec<ChangedItem>,
    read: Read,
    requests: Vec<RequestRef>,
    trouble: Option<Cause>,
}

impl Indexer<'_> {
    /// Brings the index up to date and loads it.
    ///
    /// # Errors
    /// The store's. What the tracker could not say is part of the answer.
    pub async fn load(&self, now: Now) -> Result<Indexed, LedgerError> {
        let stored = self.store.backlog(self.scope, self.teams).await?;
        let examples = self.store.examples(self.scope).await?;
        // Scores of another version say nothing about those of this one.
        let examples = examples.filter(|own| own.score_version == SCORE_VERSION);
        let calibration = examples.map_or_else(Calibration::default, |own| calibrate(&own.examples));

        let mut coverage = stored.coverage.clone();
        let (mut changed, mut requests, mut trouble) = (Vec::new(), Vec::new(), None);
        let mut left = MOST_PAGES;
        for (nth, span) in stored.coverage.spans().into_iter().enumerate() {
            let pages = self.read(span, left).await;
            left = left.saturating_sub(pages.requests.len());
            coverage = if nth == 0 {
                let newest = pages.items.iter().map(|changed| changed.item.updated_at).max();
                coverage.with_recent(pages.read, newest, now.0)
            } else {
                coverage.with_older(pages.read)
            };
            changed.extend(pages.items);
            requests.extend(pages.requests);
            trouble = trouble.or(pages.trouble);
        }
        let changed: Vec<KnownItem> = changed
            .into_iter()
            .map(|changed| KnownItem::of(changed.item, changed.merged_into, self.scrubber))
            .collect();
        let mut items: BTreeMap<_, KnownItem> =
            stored.items.into_iter().map(|known| (known.item.id, known)).collect();
        let news: Vec<KnownItem> =
            changed.into_iter().filter(|known| items.get(&known.item.id) != Some(known)).collect();
        if !news.is_empty() || coverage != stored.coverage {
            let news = BacklogNews { coverage: coverage.clone(), items: news.clone() };
            self.store.learn_items(self.scope, self.teams, &news).await?;
        }
        items.extend(news.into_iter().map(|known| (known.item.id, known)));
        let count = items.len();
        self.watch.see(Progress::Indexed { items: count });
        let backlog = match trouble {
            Some(cause) => Looked::CouldNotLook(cause),
            None if !coverage.is_complete() => Looked::CouldNotLook(Cause::NoInput(format!(
                "the index of tracked work holds {count} items so far; the next run reads on"
            ))),
            None => {
                let items = items.into_values().collect();
                Looked::Saw(Backlog::new(items, &self.scope.org, stored.errors))
            }
        };
        Ok(Indexed { backlog, calibration, requests })
    }

    /// Reads a span, newest change first, at most `most` pages of it.
    async fn read(&self, span: Span, most: usize) -> Pages {
        let mut pages = Pages { items: Vec::new(), read: Read::Nothing, requests: Vec::new(), trouble: None };
        let mut after: Option<String> = None;
        for _ in 0..most {
            let page = match self.tracker.changed(self.teams, span, after.as_deref()).await {
                Looked::Saw(page) => page,
                Looked::CouldNotLook(cause) => {
                    pages.trouble = Some(cause);
                    return pages;
                }
            };
            pages.requests.push(page.request);
            let oldest: Option<Timestamp> = page.items.iter().map(|changed| changed.item.updated_at).min();
            pages.items.extend(page.items);
            pages.read = match (&page.next, oldest, pages.read) {
                (None, ..) => Read::Whole,
                (Some(_), Some(oldest), _) => Read::DownTo(oldest),
                (Some(_), None, before) => before,
            };
            after = page.next;
            if after.is_none() {
                break;
            }
            self.watch.see(Progress::Indexed { items: pages.items.len() });
        }
        pages
    }
}

impl Indexed {
    /// Tells each candidate which items, and which other candidates, it is like; says what was seen of each error.
    pub fn compare(&self, candidates: &mut [Candidate], scrubber: &Scrubber) -> BTreeMap<IssueId, Signature> {
        let mut errors = BTreeMap::new();
        for candidate in candidates.iter_mut() {
            let asked = candidate.event.saw().map(|event| signature_of(&candidate.issue, event, scrubber));
            let (answer, compared_with) = match (&self.backlog, &asked) {
                (Looked::CouldNotLook(cause), _) => (Looked::CouldNotLook(cause.clone()), 0),
                (Looked::Saw(backlog), Some(asked)) => {
                    let thresholds = self.calibration.of(&candidate.issue.project);
                    (Looked::Saw(backlog.alike(asked, thresholds)), backlog.len())
                }
                (Looked::Saw(_), None) => {
                    (Looked::CouldNotLook(Cause::NoInput("the latest event could not be read".to_owned())), 0)
                }
            };
            candidate.lookups.alike = Look {
                answer,
                looked_for: vec!["tracked items that it is like".to_owned()],
                requests: self.requests.clone(),
            };
            candidate.lookups.compared_with = compared_with;
            errors.extend(asked.map(|asked| (candidate.issue.id, asked)));
        }
        if let Looked::Saw(backlog) = &self.backlog {
            let mut twins = backlog.twins(&errors);
            for candidate in candidates {
                candidate.lookups.twins = twins.remove(&candidate.issue.id).unwrap_or_default();
            }
        }
        errors
    }
}
