//! How nearly every endpoint begins: who asks, and for which organization.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::AppState;
use super::auth::{Access, Caller};
use super::error::ApiResult;
use crate::sentry::store::organization::Organization;
use crate::sentry::store::projects::Project;

/// A request of a known caller at an address with an `{org}` in it. Extracting it looks only the token up, so that an
/// unreadable query or body is refused before anything that the address names.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The handles to answer with.
    pub state: AppState,
    /// Who asks.
    pub caller: Caller,
    /// What the address calls the organization: its slug or id.
    pub org: String,
}

impl Asked {
    /// The organization, if the caller has `access`.
    ///
    /// # Errors
    /// 404 when it does not exist, then 403 without access.
    pub async fn organization(&self, access: Access) -> ApiResult<Organization> {
        let organization = self.state.organization(&self.org).await?;
        self.caller.require(access)?;
        Ok(organization)
    }

    /// A project of the organization, by slug or id, if the caller has `access`.
    ///
    /// # Errors
    /// 404 when the organization or the project does not exist, then 403 without access.
    pub async fn project(&self, slug_or_id: &str, access: Access) -> ApiResult<Project> {
        let project = self.state.project(&self.org, slug_or_id).await?;
        self.caller.require(access)?;
        Ok(project)
    }
}

/// The part of an address that is read here, whatever else it names.
#[derive(Deserialize)]
struct Address {
    org: String,
}

impl FromRequestParts<AppState> for Asked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Asked, Response> {
        let caller = Caller::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let address = Path::<Address>::from_request_parts(parts, state).await;
        let Path(Address { org }) = address.map_err(IntoResponse::into_response)?;
        Ok(Asked { state: state.clone(), caller, org })
    }
}
