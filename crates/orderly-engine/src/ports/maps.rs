//! Reading source maps: from a place in a bundle to the place in the sources that it was made of.

use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::diagnose::Position;
use orderly_core::source::Original;

/// Looks up places of bundles in source maps.
#[async_trait]
pub trait MapRead: Send + Sync {
    /// The original of a place in a bundle, which is named as a frame names it, of the build with this debug id where the
    /// event tells it. `Saw(None)`: there is no map for it, or the map says nothing about the place. A map of another
    /// build is refused.
    async fn original(&self, bundle: &str, build: Option<&str>, at: Position) -> Looked<Option<Original>>;
}
