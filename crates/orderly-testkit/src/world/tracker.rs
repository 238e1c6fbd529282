//! A tracker in memory: items with ids of the client's choice, attachments, comments, relations, and people's doings.

use super::{about, at, team};
use orderly_core::ids::{ItemId, ItemKey};
use orderly_core::sync::machine::{CreateReply, WriteReply};
use orderly_core::sync::marker::Marker;
use orderly_core::sync::plan::{AttachOrder, CommentOrder, CreateOrder, ItemRef};
use orderly_core::sync::snapshot::{ItemState, Presence, RepeatedIds, TrackedItem};
use orderly_core::untrusted::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

/// A tracker.
#[derive(Clone, Debug)]
pub struct Tracker {
    /// Items by id.
    pub items: BTreeMap<ItemId, Item>,
    /// What it does with an id that it has seen before.
    pub repeated: RepeatedIds,
    /// Words in a title that make it refuse an item.
    pub refuses: Option<String>,
    /// Whether the credentials suffice for creating.
    pub creation: Allowed,
    /// Everything is refused for now until this second.
    pub limited_until: u64,
    /// Seconds until ranked search knows an item.
    pub search_lag: u64,
    made: u32,
}

/// Whether something is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// An item.
#[derive(Clone, Debug)]
pub struct Item {
    /// Id.
    pub id: ItemId,
    /// Key.
    pub key: ItemKey,
    /// Title.
    pub title: String,
    /// Description.
    pub body: String,
    /// Who made it.
    pub by: Maker,
    /// State.
    pub state: ItemState,
    /// Where it is kept.
    pub presence: Presence,
    /// When it was made.
    pub made_at: u64,
    /// When it was completed.
    pub completed_at: Option<u64>,
    /// When a person last said no to it.
    pub declined_at: Option<u64>,
    /// Last change.
    pub changed_at: u64,
    /// Attachments by address.
    pub attachments: BTreeMap<String, AttachOrder>,
    /// Comments by id.
    pub comments: BTreeMap<uuid::Uuid, String>,
    /// Items it is related to.
    pub related: BTreeSet<ItemId>,
}

/// Who made an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// A sync.
    Sync,
    /// A person.
    Person,
}

impl Tracker {
    /// An empty tracker.
    pub const fn new(repeated: RepeatedIds) -> Self {
        Self {
            items: BTreeMap::new(),
            repeated,
            refuses: None,
            creation: Allowed::Yes,
            limited_until: 0,
            search_lag: 0,
            made: 0,
        }
    }

    /// A creation arrives.
    pub fn create(&mut self, order: &CreateOrder, second: u64) -> CreateReply {
        if second < self.limited_until {
            return CreateReply::RateLimited { until: Some(at(self.limited_until)) };
        }
        let known = self.items.contains_key(&order.item);
        match (known, self.repeated) {
            // A repeated id is noticed before anything else is looked at.
            (true, RepeatedIds::Refused) => CreateReply::Conflict,
            (true, RepeatedIds::Merged) => self.merge(order, second),
            (_, _) if self.creation == Allowed::No => {
                CreateReply::Denied("no permission to create".to_owned())
            }
            (_, _) if self.refuses.as_ref().is_some_and(|word| order.title.contains(word)) => {
                CreateReply::Refused("the title is not accepted".to_owned())
            }
            (false, RepeatedIds::Refused | RepeatedIds::Merged) => {
                CreateReply::Created(self.insert(order.item, order, second))
            }
            (_, RepeatedIds::Ignored) => {
                let own = ItemId(uuid::Uuid::from_u128(0x0a_0000_0000 + u128::from(self.made)));
                CreateReply::OtherId(self.insert(own, order, second))
            }
        }
    }

    fn merge(&mut self, order: &CreateOrder, second: u64) -> CreateReply {
        let Some(item) = self.items.get_mut(&order.item) else {
            return CreateReply::Unknown("vanished".to_owned());
        };
        item.title.clone_from(&order.title);
        item.body.clone_from(&order.body);
        item.changed_at = second;
        CreateReply::Created(item.reference())
    }

    fn insert(&mut self, id: ItemId, order: &CreateOrder, second: u64) -> ItemRef {
        self.add(id, Maker::Sync, &order.title, &order.body, second)
    }

    /// Adds an item.
    pub fn add(&mut self, id: ItemId, by: Maker, title: &str, body: &str, second: u64) -> ItemRef {
        self.made += 1;
        let item = Item {
            id,
            key: ItemKey::new(format!("{}-{}", team(), self.made)),
            title: title.to_owned(),
            body: body.to_owned(),
            by,
            state: ItemState::Triage,
            presence: Presence::Live,
            made_at: second,
            completed_at: None,
            declined_at: None,
            changed_at: second,
            attachments: BTreeMap::new(),
            comments: BTreeMap::new(),
            related: BTreeSet::new(),
        };
        let reference = item.reference();
        self.items.insert(id, item);
        reference
    }

    /// An attachment arrives: an upsert on item and address.
    pub fn attach(&mut self, order: &AttachOrder, second: u64) -> WriteReply {
        self.write(order.item, second, |item| {
            item.attachments.insert(order.url.clone(), order.clone());
        })
    }

    /// A comment arrives; its id makes it one.
    pub fn comment(&mut self, order: &CommentOrder, second: u64) -> WriteReply {
        self.write(order.item, second, |item| {
            item.comments.entry(order.id).or_insert_with(|| order.body.clone());
        })
    }

    /// A change of state arrives.
    pub fn move_to(&mut self, item: ItemId, second: u64) -> WriteReply {
        self.write(item, second, |item| item.state = ItemState::Unstarted)
    }

    /// A relation arrives.
    pub fn relate(&mut self, item: ItemId, predecessor: ItemId, second: u64) -> WriteReply {
        self.write(item, second, |item| {
            item.related.insert(predecessor);
        })
    }

    fn write(&mut self, item: ItemId, second: u64, change: impl FnOnce(&mut Item)) -> WriteReply {
        if second < self.limited_until {
            return WriteReply::RateLimited { until: Some(at(self.limited_until)) };
        }
        match self.items.get_mut(&item) {
            Some(item) if item.presence == Presence::Trashed => {
                WriteReply::Refused(format!("{} is in the trash", item.key))
            }
            Some(item) => {
                change(item);
                item.changed_at = second;
                WriteReply::Done
            }
            None => WriteReply::Refused("no such item".to_owned()),
        }
    }
}

impl Item {
    /// How the tracker names it.
    pub fn reference(&self) -> ItemRef {
        let url = Untrusted::new(format!("https://tracker.test/issue/{}", self.key));
        ItemRef { id: self.id, key: self.key.clone(), url }
    }

    /// Its marker.
    pub fn marker(&self) -> Option<Marker> {
        Marker::find(&self.body)
    }

    /// As a look returns it.
    pub fn seen(&self) -> TrackedItem {
        TrackedItem {
            id: self.id,
            key: self.key.clone(),
            url: self.reference().url,
            title: Untrusted::new(self.title.clone()),
            team: team(),
            state: self.state,
            presence: self.presence,
            created_at: about(self.made_at),
            updated_at: about(self.changed_at),
            marker: self.marker(),
            completed_at: self.completed_at.map(at),
            duplicate_of: None,
            attachments: self.attachments.keys().map(|url| Untrusted::new(url.clone())).collect(),
            texts: Vec::new(),
        }
    }
}
