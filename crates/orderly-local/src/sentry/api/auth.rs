//! Who is calling, and what the token allows.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use sha2::{Digest, Sha256};

use super::AppState;
use super::error::{ApiError, ApiResult};
use crate::sentry::store::tokens;

/// Every scope that a token can hold, spelled as Sentry spells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// `org:read`
    OrgRead,
    /// `org:write`
    OrgWrite,
    /// `org:admin`
    OrgAdmin,
    /// `org:integrations`
    OrgIntegrations,
    /// `org:ci`
    OrgCi,
    /// `project:read`
    ProjectRead,
    /// `project:write`
    ProjectWrite,
    /// `project:admin`
    ProjectAdmin,
    /// `project:releases`
    ProjectReleases,
    /// `team:read`
    TeamRead,
    /// `team:write`
    TeamWrite,
    /// `team:admin`
    TeamAdmin,
    /// `member:read`
    MemberRead,
    /// `member:write`
    MemberWrite,
    /// `member:admin`
    MemberAdmin,
    /// `event:read`
    EventRead,
    /// `event:write`
    EventWrite,
    /// `event:admin`
    EventAdmin,
    /// `alerts:read`
    AlertsRead,
    /// `alerts:write`
    AlertsWrite,
}

/// What an endpoint asks of a token. Any one of the scopes of [`Access::any_of`] suffices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read issues and what hangs off them.
    ReadEvents,
    /// Change issues, write notes and links.
    WriteEvents,
    /// Delete issues and links.
    AdminEvents,
    /// Read the events of a project.
    ReadProjectEvents,
    /// Ask for counts and rows of events: whoever may read issues, or the organization.
    Explore,
    /// Read the organization and lists over all of it.
    ReadOrganization,
    /// Read projects and their settings.
    ReadProjects,
    /// Change projects and their settings.
    WriteProjects,
    /// Read releases, deploys and commits.
    ReadReleases,
    /// Create and change releases and deploys.
    WriteReleases,
    /// Read people.
    ReadMembers,
    /// Invite people.
    WriteMembers,
    /// Read one team.
    ReadTeams,
    /// Create teams.
    WriteTeams,
    /// Read alert rules and monitors.
    ReadAlerts,
    /// Create and change alert rules and monitors.
    WriteAlerts,
    /// Read who changed what.
    ReadAuditLog,
    /// Read repositories.
    ReadRepositories,
    /// Register repositories, and say where source files are in them.
    WriteRepositories,
    /// Tell which feature flags changed.
    WriteFlagLog,
    /// Read app installations.
    ReadInstallations,
    /// Register apps and their webhooks.
    WriteApps,
}

/// The authenticated caller of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Row id of the token.
    pub token: i64,
    /// The member the token acts for; `None` for an app's or organization's own token.
    pub member: Option<i64>,
    /// Row id of the app installation the token belongs to, for an integration's own token.
    pub installation: Option<i64>,
    /// What the token allows.
    pub scopes: BTreeSet<Scope>,
}

impl Caller {
    /// Refuses with 403 unless the token has one of the scopes that `access` asks for.
    pub fn require(&self, access: Access) -> ApiResult<()> {
        if access.any_of().iter().any(|scope| self.scopes.contains(scope)) {
            Ok(())
        } else {
            Err(ApiError::Forbidden)
        }
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Caller> {
        let header = parts.headers.get(AUTHORIZATION).ok_or(ApiError::MissingCredentials)?;
        let token = header.to_str().ok().and_then(bearer).ok_or(ApiError::MissingCredentials)?;
        tokens::find(state.pool(), &TokenHash::of(token), state.clock().now())
            .await?
            .ok_or(ApiError::InvalidToken)
    }
}

/// The token of an `Authorization` header.
pub(in crate::sentry) fn bearer(header: &str) -> Option<&str> {
    let (kind, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (kind.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// SHA-256 of a token, in hex: the only form in which the store knows it. Looking a hash up by equality tells a
/// timing observer nothing about the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHash(String);

impl TokenHash {
    /// Hashes a token.
    pub fn of(token: &str) -> TokenHash {
        TokenHash(hex::encode(Sha256::digest(token.as_bytes())))
    }

    /// 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Access {
    /// The scopes of which one is enough.
    pub fn any_of(self) -> &'static [Scope] {
        use Scope::*;
        match self {
            Access::ReadEvents => &[EventRead, EventWrite, EventAdmin],
            Access::WriteEvents => &[EventWrite, EventAdmin],
            Access::AdminEvents => &[EventAdmin],
            Access::Explore => &[EventRead, EventWrite, EventAdmin, OrgRead, OrgWrite, OrgAdmin],
            Access::ReadProjectEvents => &[ProjectRead, EventRead, EventWrite, EventAdmin],
            Access::ReadOrganization => &[OrgRead, OrgWrite, OrgAdmin],
            Access::ReadProjects => &[ProjectRead, ProjectWrite, ProjectAdmin],
            Access::WriteProjects => &[ProjectWrite, ProjectAdmin],
            Access::ReadReleases => &[ProjectReleases, OrgCi, ProjectRead, ProjectWrite, ProjectAdmin],
            Access::WriteReleases => &[ProjectReleases, OrgCi, ProjectWrite, ProjectAdmin],
            Access::ReadMembers => &[MemberRead, MemberWrite, MemberAdmin],
            Access::WriteMembers => &[MemberWrite, MemberAdmin],
            Access::ReadTeams => &[TeamRead, TeamWrite, TeamAdmin],
            Access::WriteTeams => &[TeamWrite, TeamAdmin, OrgWrite, OrgAdmin],
            Access::ReadAlerts => &[AlertsRead, AlertsWrite, OrgRead, ProjectRead],
            Access::WriteAlerts => &[AlertsWrite, OrgWrite, OrgAdmin, ProjectWrite, ProjectAdmin],
            Access::ReadAuditLog => &[OrgWrite, OrgAdmin],
            Access::ReadRepositories => &[OrgRead, OrgWrite, OrgAdmin, OrgCi, OrgIntegrations],
            Access::WriteRepositories | Access::WriteFlagLog | Access::WriteApps => {
                &[OrgWrite, OrgAdmin, OrgIntegrations]
            }
            Access::ReadInstallations => &[OrgRead, OrgWrite, OrgAdmin, OrgIntegrations],
        }
    }
}

impl Scope {
    /// Every scope, in the order of Sentry's settings page.
    pub const ALL: [Scope; 20] = [
        Scope::OrgRead,
        Scope::OrgWrite,
        Scope::OrgAdmin,
        Scope::OrgIntegrations,
        Scope::OrgCi,
        Scope::ProjectRead,
        Scope::ProjectWrite,
        Scope::ProjectAdmin,
        Scope::ProjectReleases,
        Scope::TeamRead,
        Scope::TeamWrite,
        Scope::TeamAdmin,
        Scope::MemberRead,
        Scope::MemberWrite,
        Scope::MemberAdmin,
        Scope::EventRead,
        Scope::EventWrite,
        Scope::EventAdmin,
        Scope::AlertsRead,
        Scope::AlertsWrite,
    ];

    /// The spelling on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::OrgRead => "org:read",
            Scope::OrgWrite => "org:write",
            Scope::OrgAdmin => "org:admin",
            Scope::OrgIntegrations => "org:integrations",
            Scope::OrgCi => "org:ci",
            Scope::ProjectRead => "project:read",
            Scope::ProjectWrite => "project:write",
            Scope::ProjectAdmin => "project:admin",
            Scope::ProjectReleases => "project:releases",
            Scope::TeamRead => "team:read",
            Scope::TeamWrite => "team:write",
            Scope::TeamAdmin => "team:admin",
            Scope::MemberRead => "member:read",
            Scope::MemberWrite => "member:write",
            Scope::MemberAdmin => "member:admin",
            Scope::EventRead => "event:read",
            Scope::EventWrite => "event:write",
            Scope::EventAdmin => "event:admin",
            Scope::AlertsRead => "alerts:read",
            Scope::AlertsWrite => "alerts:write",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A scope that this server does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown token scope {0:?}")]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Scope, UnknownScope> {
        Scope::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_reads_back_from_its_spelling() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
        assert!("org:everything".parse::<Scope>().is_err());
    }

    #[test]
    fn only_a_bearer_header_with_a_token_is_read() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        for header in ["", "Bearer", "Bearer ", "Basic abc", "abc"] {
            assert_eq!(bearer(header), None, "{header:?}");
        }
    }

    #[test]
    fn a_read_scope_does_not_allow_a_write() {
        let caller = Caller {
            token: 1,
            member: Some(1),
            installation: None,
            scopes: BTreeSet::from([Scope::EventRead]),
        };
        assert!(caller.require(Access::ReadEvents).is_ok());
        assert!(matches!(caller.require(Access::WriteEvents), Err(ApiError::Forbidden)));
        assert!(matches!(caller.require(Access::ReadOrganization), Err(ApiError::Forbidden)));
    }
}
