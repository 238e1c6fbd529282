//! The tracker's ports.

use super::sentry::request;
use super::{FakeWorld, State, Trouble};
use crate::world::tracker::Item;
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::backlog::Span;
use orderly_core::ids::{ItemId, TeamKey};
use orderly_core::sync::plan::{AttachOrder, CommentOrder, CreateOrder};
use orderly_core::sync::snapshot::{ItemState, Look, Presence, TrackedItem, TrackerFacts};
use orderly_core::time::Timestamp;
use orderly_core::tracked::AbsenceProof;
use orderly_engine::ports::tracker::{
    ChangedItem, ChangedPage, CreateReply, FoundItems, Touched, TrackerCreate, TrackerLink, TrackerRead,
    TrackerUndo, Wanted, WriteReply,
};

fn gone() -> Cause {
    Cause::NoReply("time-out".to_owned())
}

#[async_trait]
impl TrackerRead for FakeWorld {
    async fn facts(&self, _: &TeamKey, _: &[TeamKey]) -> Looked<TrackerFacts> {
        match self.call("tracker.facts").await {
            Trouble::None => Looked::Saw(self.state().facts()),
            _ => Looked::CouldNotLook(gone()),
        }
    }

    async fn find(&self, _: &TeamKey, wanted: &[Wanted]) -> Vec<FoundItems> {
        let trouble = self.call("tracker.find").await;
        let state = self.state();
        wanted.iter().map(|one| found(one, &state, trouble)).collect()
    }

    async fn changed(&self, _: &[TeamKey], span: Span, _: Option<&str>) -> Looked<ChangedPage> {
        if self.call("tracker.changed").await != Trouble::None {
            return Looked::CouldNotLook(gone());
        }
        let state = self.state();
        let within = |item: &TrackedItem| span.from.is_none_or(|from| item.updated_at >= from);
        let items = state.tracker.items.values().map(Item::seen).filter(within);
        let items = items.map(|item| ChangedItem { item, merged_into: None }).collect();
        Looked::Saw(ChangedPage { items, next: None, request: request("POST graphql", state.second) })
    }

    async fn item(&self, id: ItemId) -> Looked<Option<TrackedItem>> {
        match self.call("tracker.item").await {
            Trouble::None => Looked::Saw(self.state().tracker.items.get(&id).map(Item::seen)),
            _ => Looked::CouldNotLook(gone()),
        }
    }
}

fn found(wanted: &Wanted, state: &State, trouble: Trouble) -> FoundItems {
    let look = |hit: &dyn Fn(&Item) -> bool| {
        let items = || state.tracker.items.values().filter(|item| hit(item)).map(Item::seen).collect();
        let answer =
            if trouble == Trouble::None { Looked::Saw(items()) } else { Looked::CouldNotLook(gone()) };
        Look {
            answer,
            looked_for: vec![wanted.short_id.clone()],
            requests: vec![request("POST graphql", state.second)],
        }
    };
    let short_id = format!(" {} ", wanted.short_id);
    let links_to =
        |url: &String| state.tracker.items.values().find(|item| item.reference().url.as_raw_str() == url);
    FoundItems {
        short_id: look(&|item| item.body.contains(&short_id)),
        permalink: look(&|item| {
            wanted.permalinks.iter().any(|url| item.attachments.contains_key(url) || item.body.contains(url))
        }),
        title: look(&|item| {
            let fingerprint = wanted.title.as_ref().map(|title| &title.fingerprint);
            item.marker().is_some_and(|marker| Some(&marker.title) == fingerprint)
        }),
        stack: look(&|item| {
            item.marker().is_some_and(|marker| marker.stack.is_some() && marker.stack == wanted.stack)
        }),
        culprit: look(&|_| false),
        own: look(&|item| wanted.own.contains(&item.id)),
        linked: wanted.linked_urls.iter().map(|url| (url.clone(), links_to(url).map(Item::seen))).collect(),
    }
}

#[async_trait]
impl TrackerCreate for FakeWorld {
    async fn create(&self, order: &CreateOrder, proof: &AbsenceProof) -> CreateReply {
        assert_eq!(proof.key(), &order.key, "the proof is about this creation");
        let trouble = self.call("tracker.create").await;
        let mut state = self.state();
        let second = state.second;
        let reply = if trouble == Trouble::Lost { None } else { Some(state.tracker.create(order, second)) };
        reply
            .filter(|_| trouble == Trouble::None)
            .unwrap_or_else(|| CreateReply::Unknown("time-out".to_owned()))
    }
}

impl FakeWorld {
    async fn write(
        &self,
        what: &'static str,
        write: impl FnOnce(&mut State) -> WriteReply + Send,
    ) -> WriteReply {
        let trouble = self.call(what).await;
        let reply = if trouble == Trouble::Lost { None } else { Some(write(&mut self.state())) };
        reply
            .filter(|_| trouble == Trouble::None)
            .unwrap_or_else(|| WriteReply::Unknown("time-out".to_owned()))
    }
}

#[async_trait]
impl TrackerLink for FakeWorld {
    async fn attach(&self, order: &AttachOrder) -> WriteReply {
        self.write("tracker.attach", |state| state.tracker.attach(order, state.second)).await
    }

    async fn comment(&self, order: &CommentOrder) -> WriteReply {
        self.write("tracker.comment", |state| state.tracker.comment(order, state.second)).await
    }

    async fn move_to(&self, item: ItemId, _: &str) -> WriteReply {
        self.write("tracker.move_to", |state| state.tracker.move_to(item, state.second)).await
    }

    async fn relate(&self, item: ItemId, predecessor: ItemId) -> WriteReply {
        self.write("tracker.relate", |state| state.tracker.relate(item, predecessor, state.second)).await
    }
}

#[async_trait]
impl TrackerUndo for FakeWorld {
    async fn trash(&self, item: ItemId) -> Result<(), Cause> {
        if self.call("tracker.trash").await != Trouble::None {
            return Err(gone());
        }
        let mut state = self.state();
        let item = state.tracker.items.get_mut(&item).ok_or_else(|| Cause::Missing("the item".to_owned()))?;
        item.presence = Presence::Trashed;
        Ok(())
    }

    async fn detach(&self, item: ItemId, url: &str) -> Result<(), Cause> {
        if self.call("tracker.detach").await != Trouble::None {
            return Err(gone());
        }
        if let Some(item) = self.state().tracker.items.get_mut(&item) {
            item.attachments.remove(url);
        }
        Ok(())
    }

    async fn touched_since(&self, item: ItemId, _: Timestamp) -> Looked<Touched> {
        if self.call("tracker.touched_since").await != Trouble::None {
            return Looked::CouldNotLook(gone());
        }
        Looked::Saw(match self.state().tracker.items.get(&item) {
            None => Touched::Gone,
            Some(item) if item.presence == Presence::Trashed => Touched::Gone,
            Some(item) if item.state != ItemState::Triage => Touched::Yes("its state was changed".to_owned()),
            Some(_) => Touched::No,
        })
    }
}
