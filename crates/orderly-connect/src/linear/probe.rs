//! What set-up and `doctor` ask: whose key it is, and which teams there are.

use super::LinearClient;
use super::api::{Answer, Api, LinearToken};
use crate::http::{Settings, SetupError};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::TeamKey;
use orderly_engine::ports::clock::Clock;
use orderly_wire::linear::documents::PROBE;
use orderly_wire::linear::nodes::{TeamNode, Viewer};
use orderly_wire::linear::reply::Connection;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// A client without a team, for looking around.
pub struct Probe {
    client: LinearClient,
}

/// What a key sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceSeen {
    /// Name of the workspace.
    pub name: String,
    /// E-mail (or name) of the account that the key acts as.
    pub user: String,
    /// Teams, in the tracker's order; at most 100.
    pub teams: Vec<TeamSeen>,
}

/// A team that a key sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamSeen {
    /// Key.
    pub key: TeamKey,
    /// Name.
    pub name: String,
}

impl Probe {
    /// A probe of the tracker at `url`.
    ///
    /// # Errors
    /// When the address or the key cannot be used, or TLS cannot be set up.
    pub fn new(
        url: &str,
        token: &LinearToken,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        Ok(Self { client: LinearClient { api: Api::new(url, token, settings, clock)? } })
    }

    /// Whose key it is, and which teams it sees.
    pub async fn workspace(&self) -> Looked<WorkspaceSeen> {
        Looked::from(self.client.workspace().await)
    }
}

#[derive(Deserialize)]
struct Seen {
    viewer: Viewer,
    teams: Connection<TeamNode>,
}

impl LinearClient {
    pub(super) async fn workspace(&self) -> Result<WorkspaceSeen, Cause> {
        let Answer { value: Seen { viewer, teams }, .. } =
            self.api.ask("probe", PROBE, json!({})).await.map_err(Cause::from)?;
        let in_use = teams.nodes.into_iter().filter(|team| team.retired_at.is_none());
        Ok(WorkspaceSeen {
            name: viewer.organization.name,
            user: viewer.email.filter(|email| !email.is_empty()).unwrap_or(viewer.name),
            teams: in_use.map(|team| TeamSeen { key: TeamKey::new(team.key), name: team.name }).collect(),
        })
    }
}
