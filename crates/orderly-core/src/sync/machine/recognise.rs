//! Is an item that exists under a derived id the one that we made?

use crate::ids::TrackKey;
use crate::sync::plan::ItemRef;
use crate::sync::snapshot::{ItemState, Presence, TrackedItem};

/// What an item under a derived id turns out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// Ours: it carries the marker of exactly this key.
    Ours(ItemRef),
    /// Ours, and a person trashed or cancelled it: that is an answer.
    Declined(String),
    /// Ours, and a person merged it into another.
    Merged(String),
    /// Not ours: the marker is missing or speaks of something else.
    Foreign(String),
}

/// Tells what an item under the derived id of `key` is.
pub fn recognise(key: &TrackKey, item: &TrackedItem) -> Sighting {
    let name = &item.key;
    match &item.marker {
        None => return Sighting::Foreign(format!("{name} has the derived id and carries no marker")),
        Some(marker) => {
            let ours = marker.key == key.fingerprint()
                && marker.org == key.org
                && marker.issue == key.issue
                && marker.generation == key.generation;
            if !ours {
                return Sighting::Foreign(format!(
                    "{name} has the derived id and carries the marker of {}/{} {}",
                    marker.org, marker.issue, marker.generation
                ));
            }
        }
    }
    if let Some(no) = declined(item) {
        return Sighting::Declined(no);
    }
    if item.state == ItemState::Duplicate {
        let into =
            item.duplicate_of.as_ref().map_or_else(|| "another item".to_owned(), |of| of.key.to_string());
        return Sighting::Merged(format!("{name} was marked as a duplicate of {into}"));
    }
    Sighting::Ours(ItemRef { id: item.id, key: item.key.clone(), url: item.url.clone() })
}

/// Whether a person said no to an item, and how.
pub fn declined(item: &TrackedItem) -> Option<String> {
    if item.presence == Presence::Trashed {
        return Some(format!("{} is in the trash", item.key));
    }
    (item.state == ItemState::Canceled).then(|| format!("{} is cancelled", item.key))
}
