//! What set-up and `doctor` ask: who the token is, what it may do, and what there is.

use super::SentryToken;
use super::api::{Answer, Api, Ask, URL_SETTING};
use crate::http::{Origin, Settings, SetupError};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{OrgSlug, ProjectSlug};
use orderly_core::time::Timestamp;
use orderly_engine::ports::clock::Clock;
use orderly_wire::sentry::external::Installation;
use orderly_wire::sentry::organization::{ApiRoot, Organization, Project};
use std::sync::Arc;

/// A client without an organization, for looking around.
pub struct Probe {
    api: Api,
}

/// Who a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Name or e-mail of its owner; `None` for an app's or organization's own token.
    pub user: Option<String>,
    /// Scopes, as Sentry spells them.
    pub scopes: Vec<String>,
    /// How many seconds the server's clock is ahead of ours; `None` when it did not say.
    pub clock_ahead: Option<i64>,
}

/// An organization that a token sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationSeen {
    /// Slug.
    pub slug: OrgSlug,
    /// Name.
    pub name: String,
    /// Address of its region on sentry.io, where there are regions.
    pub region_url: Option<String>,
}

/// A project that a token sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectSeen {
    /// Numeric id, as in a DSN.
    pub id: String,
    /// Slug.
    pub slug: ProjectSlug,
    /// Its organization, where the answer said so.
    pub org: Option<OrgSlug>,
    /// Platform.
    pub platform: Option<String>,
}

/// An installed app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppInstallation {
    /// Id of the installation.
    pub uuid: String,
    /// Slug of the app.
    pub app: String,
    /// `installed` or `pending`.
    pub status: String,
}

/// A scope that Orderly needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The scopes of which one suffices, the least powerful first.
    pub any_of: &'static [&'static str],
    /// What it is for.
    pub purpose: &'static str,
}

/// What the sync needs, the indispensable first.
pub fn needs() -> &'static [Need] {
    const NEEDS: [Need; 5] = [
        Need {
            any_of: &["event:read", "event:write", "event:admin"],
            purpose: "reading issues and their events",
        },
        Need {
            any_of: &["org:read", "org:write", "org:admin"],
            purpose: "finding environments, teams and installed apps",
        },
        Need { any_of: &["project:read", "project:write", "project:admin"], purpose: "finding projects" },
        Need {
            any_of: &["event:write", "event:admin"],
            purpose: "writing the link back to the tracker item",
        },
        Need { any_of: &["member:read", "member:write", "member:admin"], purpose: "naming suggested owners" },
    ];
    &NEEDS
}

/// The needs that none of `scopes` meets.
pub fn missing_scopes(scopes: &[String]) -> Vec<Need> {
    let met = |need: &&Need| need.any_of.iter().any(|scope| scopes.iter().any(|have| have == scope));
    needs().iter().filter(|need| !met(need)).copied().collect()
}

impl Probe {
    /// A probe of the Sentry at `url`.
    ///
    /// # Errors
    /// When the address or the token cannot be used, or TLS cannot be set up.
    pub fn new(
        url: &str,
        token: &SentryToken,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        Ok(Self { api: Api::new(Origin::parse(URL_SETTING, url)?, token, settings, clock)? })
    }

    /// Who the token is.
    pub async fn identity(&self) -> Looked<Identity> {
        let ask = Ask { path: &[], scope: "a valid token", subject: "the root of the API" };
        let answer: Answer<ApiRoot> = match self.api.get(ask, &[]).await {
            Ok(answer) => answer,
            Err(cause) => return Looked::CouldNotLook(cause),
        };
        let ours = self.api.clock().now().0;
        let Some(auth) = answer.value.auth else {
            let base = self.api.base();
            return Looked::CouldNotLook(Cause::Access(format!(
                "Sentry at {base} does not know the token: set SENTRY_AUTH_TOKEN to a valid one"
            )));
        };
        let user =
            answer.value.user.map(|user| user.email.filter(|email| !email.is_empty()).unwrap_or(user.name));
        let clock_ahead =
            answer.date.as_deref().and_then(http_date).map(|theirs| theirs.as_second() - ours.as_second());
        Looked::Saw(Identity { user, scopes: auth.scopes, clock_ahead })
    }

    /// Organizations that the token sees.
    pub async fn organizations(&self) -> Looked<Vec<OrganizationSeen>> {
        let ask =
            Ask { path: &["organizations"], scope: "`org:read`", subject: "the organizations of the token" };
        let seen = |o: Organization| OrganizationSeen {
            slug: OrgSlug::new(o.slug),
            name: o.name,
            region_url: Some(o.links.region_url).filter(|url| !url.is_empty()),
        };
        self.list(ask, seen).await
    }

    /// Projects of an organization that the token sees.
    pub async fn projects(&self, org: &OrgSlug) -> Looked<Vec<ProjectSeen>> {
        let path = ["organizations", org.as_str(), "projects"];
        let subject = ["the projects of `", org.as_str(), "`"].concat();
        let ask = Ask { path: &path, scope: "`project:read` or `org:read`", subject: &subject };
        self.list(ask, project).await
    }

    /// The project that a DSN with this public key belongs to.
    pub async fn project_of_key(&self, public_key: &str) -> Looked<Option<ProjectSeen>> {
        let ask = Ask { path: &["projects"], scope: "`project:read`", subject: "the project of a DSN" };
        let query = [("query", ["dsn:", public_key].concat())];
        match self.api.get::<Vec<Project>>(ask, &query).await {
            Ok(answer) => Looked::Saw(answer.value.into_iter().next().map(project)),
            Err(cause) => Looked::CouldNotLook(cause),
        }
    }

    /// Installed apps of an organization.
    pub async fn installations(&self, org: &OrgSlug) -> Looked<Vec<AppInstallation>> {
        let path = ["organizations", org.as_str(), "sentry-app-installations"];
        let subject = ["the installed apps of `", org.as_str(), "`"].concat();
        let ask = Ask { path: &path, scope: "`org:read` or `org:integrations`", subject: &subject };
        self.list(ask, |i: Installation| AppInstallation { uuid: i.uuid, app: i.app.slug, status: i.status })
            .await
    }

    async fn list<W: serde::de::DeserializeOwned, T>(
        &self,
        ask: Ask<'_>,
        seen: impl Fn(W) -> T,
    ) -> Looked<Vec<T>> {
        match self.api.get_all(ask).await {
            Ok(all) => Looked::Saw(all.into_iter().map(seen).collect()),
            Err(cause) => Looked::CouldNotLook(cause),
        }
    }
}

fn project(project: Project) -> ProjectSeen {
    ProjectSeen {
        id: project.id,
        slug: ProjectSlug::new(project.slug),
        org: project.organization.map(|org| OrgSlug::new(org.slug)),
        platform: project.platform,
    }
}

/// The `Date` of a reply: `Sat, 21 Nov 2026 09:16:15 GMT`.
fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stronger_scope_meets_a_need_and_what_is_missing_is_named_with_its_purpose() {
        let scopes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let all = scopes(&["event:admin", "org:write", "project:admin", "member:read"]);
        assert_eq!(missing_scopes(&all), []);
        let purposes: Vec<&str> = missing_scopes(&scopes(&["event:read", "org:read", "project:read"]))
            .iter()
            .map(|n| n.purpose)
            .collect();
        assert_eq!(purposes, ["writing the link back to the tracker item", "naming suggested owners"]);
        assert_eq!(missing_scopes(&[]).len(), needs().len());
    }

    #[test]
    fn the_date_of_a_reply_is_read() {
        let at = http_date("Sat, 21 Nov 2026 09:16:15 GMT").map(|t| t.to_string());
        assert_eq!(at.as_deref(), Some("2026-11-21T09:16:15Z"));
        assert_eq!(http_date("yesterday"), None);
    }
}
