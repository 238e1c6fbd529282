//! Linear's GraphQL as a client: api.linear.app and the embedded tracker alike.
//!
//! Reading order: [`LinearClient`] here; [`api`] (asking, and what a refusal means); `facts` (team, labels, people);
//! `find` (is it tracked already?); `changed` (what an index reads); `create` (the one write that must never happen twice); `write` (writes that may be
//! repeated); `undo`; `probe` (set-up).

pub mod api;
mod changed;
mod create;
mod facts;
mod find;
mod items;
mod probe;
mod undo;
mod write;

pub use api::LinearToken;
pub use probe::{Probe, TeamSeen, WorkspaceSeen};

use crate::http::{Settings, SetupError};
use api::Api;
use async_trait::async_trait;
use orderly_core::answer::Looked;
use orderly_core::backlog::Span;
use orderly_core::ids::{ItemId, TeamKey};
use orderly_core::sync::snapshot::{TrackedItem, TrackerFacts};
use orderly_engine::ports::clock::Clock;
use orderly_engine::ports::tracker::{ChangedPage, FoundItems, TrackerRead, Wanted};
use std::sync::Arc;

/// What a client needs to know.
#[derive(Debug)]
pub struct LinearSettings {
    /// Address of the GraphQL endpoint: `https://api.linear.app/graphql`.
    pub url: String,
    /// API key or OAuth token.
    pub token: LinearToken,
    /// Limits.
    pub http: Settings,
}

/// A client of one workspace.
pub struct LinearClient {
    api: Api,
}

impl LinearClient {
    /// A client.
    ///
    /// # Errors
    /// When the address or the token cannot be used, or TLS cannot be set up.
    pub fn new(settings: LinearSettings, clock: Arc<dyn Clock>) -> Result<Self, SetupError> {
        Ok(Self { api: Api::new(&settings.url, &settings.token, settings.http, clock)? })
    }
}

#[async_trait]
impl TrackerRead for LinearClient {
    async fn facts(&self, team: &TeamKey, other_teams: &[TeamKey]) -> Looked<TrackerFacts> {
        Looked::from(self.facts_of(team, other_teams).await)
    }

    async fn find(&self, team: &TeamKey, wanted: &[Wanted]) -> Vec<FoundItems> {
        self.find_all(team, wanted).await
    }

    async fn changed(&self, teams: &[TeamKey], span: Span, after: Option<&str>) -> Looked<ChangedPage> {
        Looked::from(self.changed_page(teams, span, after).await)
    }

    async fn item(&self, id: ItemId) -> Looked<Option<TrackedItem>> {
        Looked::from(self.item_by_id(id).await)
    }
}
