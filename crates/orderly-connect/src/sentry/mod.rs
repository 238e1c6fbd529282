//! Sentry's web API as a client: sentry.io, self-hosted and embedded alike.
//!
//! Reading order: [`SentryClient`] here; [`api`] (asking, and what a refusal means); then one file per subject:
//! `read` (the port), `issue`, `event`, `links`, `owners`, `crash` (from the wire to the core's words), `code_mappings`, `triage` (lists, tags and releases),
//! `look` (searches), `assign` (people and assignments), `notes` (comments that tell people), `history` (what others did and wrote), `merges` (what people put together), `watch` (counts over time, alerts), `flags` (when they were switched), `investigate` (traces, tags, what changed), `probe` (set-up).

pub mod api;
mod assign;
mod code_mappings;
mod crash;
mod event;
mod flags;
mod history;
mod investigate;
mod issue;
mod links;
mod look;
mod merges;
mod notes;
mod owners;
mod probe;
mod read;
mod resolve;
mod triage;
mod watch;

pub use api::SentryToken;
pub use probe::{
    AppInstallation, Identity, Need, OrganizationSeen, Probe, ProjectSeen, missing_scopes, needs,
};

use crate::http::{Origin, Settings, SetupError};
use api::Api;
use orderly_core::answer::Cause;
use orderly_core::ids::{IssueId, OrgSlug, SentrySite};
use orderly_core::sync::snapshot::Assignee;
use orderly_engine::ports::clock::Clock;
use orderly_wire::sentry::code_mapping::CodeMapping;
use orderly_wire::sentry::issue::Owner;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::OnceCell;

/// What a client of one organization needs to know.
#[derive(Debug)]
pub struct SentrySettings {
    /// Address of the Sentry: `https://sentry.io`.
    pub url: String,
    /// Organization.
    pub org: OrgSlug,
    /// Token.
    pub token: SentryToken,
    /// Which app's installation writes links back: an app slug or an installation id. Without it the app called
    /// `orderly` (or `orderly-…`) is used, if it is installed.
    pub link_app: Option<String>,
    /// Limits.
    pub http: Settings,
}

/// When the ids of projects are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ProjectIds {
    /// Beside the environments, so that no search has to wait for them.
    AskedEarly,
    /// By the first search that names a project.
    AskedWhenNamed,
}

/// A client of one organization.
pub struct SentryClient {
    api: Api,
    org: OrgSlug,
    link_app: Option<String>,
    projects: OnceCell<Result<BTreeMap<String, String>, Cause>>,
    project_ids: ProjectIds,
    people: OnceCell<BTreeMap<String, Assignee>>,
    teams: OnceCell<BTreeMap<String, Assignee>>,
    code_mappings: OnceCell<Result<Vec<CodeMapping>, Cause>>,
    /// Owners as the lists answered them, so that nobody has to ask for each issue again.
    owners_seen: Mutex<BTreeMap<IssueId, Vec<Owner>>>,
}

impl SentryClient {
    /// A client.
    ///
    /// # Errors
    /// When the address or the token cannot be used, or TLS cannot be set up.
    pub fn new(settings: SentrySettings, clock: Arc<dyn Clock>) -> Result<Self, SetupError> {
        let origin = Origin::parse(api::URL_SETTING, &settings.url)?;
        Ok(Self {
            api: Api::new(origin, &settings.token, settings.http, clock)?,
            org: settings.org,
            link_app: settings.link_app,
            projects: OnceCell::new(),
            project_ids: ProjectIds::AskedEarly,
            people: OnceCell::new(),
            teams: OnceCell::new(),
            code_mappings: OnceCell::new(),
            owners_seen: Mutex::default(),
        })
    }

    /// The same client for searches that name no project: nobody has to ask for the ids of projects.
    #[must_use]
    pub fn over_every_project(mut self) -> Self {
        self.project_ids = ProjectIds::AskedWhenNamed;
        self
    }

    fn site(&self) -> SentrySite {
        SentrySite { base_url: self.api.base().to_owned(), org: self.org.clone() }
    }
}
