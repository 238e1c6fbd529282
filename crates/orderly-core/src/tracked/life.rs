//! Which life of an issue an item belongs to, and what its state says.

use super::decide::Question;
use super::proof::SetAsideBecause;
use crate::ids::{Generation, ItemId};
use crate::sync::snapshot::{ItemState, Presence, TrackedItem};
use std::cell::OnceCell;

/// Lives whose derived ids are recognised without a marker; later ones are known by their marker.
const RECOGNISED: u32 = 16;

/// Tells the items of one issue by marker or derived id.
pub(super) struct Lives<'a> {
    question: &'a Question<'a>,
    ids: OnceCell<Vec<ItemId>>,
}

/// How an item relates to the issue, by what only Orderly writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    /// Ours, for this issue.
    Ours(Generation),
    /// Ours, for another issue.
    Another(SetAsideBecause),
    /// A person's, or its marker was removed.
    Unmarked,
}

impl<'a> Lives<'a> {
    pub const fn new(question: &'a Question<'a>) -> Self {
        Self { question, ids: OnceCell::new() }
    }

    pub fn of(&self, item: &TrackedItem) -> Belongs {
        let key = self.question.key;
        match &item.marker {
            Some(marker) if marker.issue == key.issue && marker.org == key.org => {
                Belongs::Ours(marker.generation)
            }
            Some(marker) => Belongs::Another(SetAsideBecause::TracksAnother { issue: marker.issue }),
            None => self.by_id(item.id).map_or(Belongs::Unmarked, Belongs::Ours),
        }
    }

    fn by_id(&self, id: ItemId) -> Option<Generation> {
        let ids = self.ids.get_or_init(|| self.question.key.first_lives(RECOGNISED));
        let at = ids.iter().position(|known| *known == id)?;
        u32::try_from(at).ok().map(Generation)
    }
}

/// What the state of an item says about new work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Work may still happen on it.
    Open,
    /// In the trash, cancelled, or archived before it was done: a person said no.
    Declined,
    /// Done.
    Completed,
    /// Merged into an item that is not known.
    MergedAway,
}

pub(super) fn standing(item: &TrackedItem) -> Standing {
    match (item.presence, item.state) {
        (Presence::Trashed, _) | (_, ItemState::Canceled) => Standing::Declined,
        (_, ItemState::Completed) => Standing::Completed,
        (_, ItemState::Duplicate) => Standing::MergedAway,
        (Presence::Archived, _) => Standing::Declined,
        (
            Presence::Live,
            ItemState::Triage | ItemState::Backlog | ItemState::Unstarted | ItemState::Started,
        ) => Standing::Open,
    }
}

/// Where the work on an item went on: itself, unless it was merged into another.
pub(super) fn canonical(mut item: &TrackedItem) -> &TrackedItem {
    while let (ItemState::Duplicate, Some(into)) = (item.state, &item.duplicate_of) {
        item = into;
    }
    item
}
