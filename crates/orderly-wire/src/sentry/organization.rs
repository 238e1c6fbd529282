//! What surrounds issues: the API's root, organizations, projects, environments, people and teams.

use super::tolerant;
use serde::{Deserialize, Serialize};

/// The root of the API: who asks, and what the token allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiRoot {
    /// `0`.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub version: String,
    /// The token; null without one.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub auth: Option<TokenAuth>,
    /// The user; null for an app's or organization's own token.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub user: Option<User>,
}

/// What a token allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenAuth {
    /// Scopes: `event:read`.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub scopes: Vec<String>,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Numeric id, as text.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub id: String,
    /// Name.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub name: String,
    /// E-mail.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub email: Option<String>,
    /// Login.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub username: String,
}

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Numeric id, as text.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub id: String,
    /// Slug.
    #[serde(deserialize_with = "tolerant::id")]
    pub slug: String,
    /// Name.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub name: String,
    /// Where it lives.
    #[serde(default, deserialize_with = "tolerant::part_or_default")]
    pub links: OrganizationLinks,
}

/// Addresses of an organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationLinks {
    /// Its pages.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub organization_url: String,
    /// Host of its data on sentry.io; empty elsewhere.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub region_url: String,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Numeric id, as text.
    #[serde(deserialize_with = "tolerant::id")]
    pub id: String,
    /// Slug.
    #[serde(deserialize_with = "tolerant::id")]
    pub slug: String,
    /// Name.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub name: String,
    /// Platform.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub platform: Option<String>,
    /// Its organization, in lists over all organizations.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub organization: Option<OrganizationRef>,
}

/// An organization, as a project names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationRef {
    /// Slug.
    #[serde(deserialize_with = "tolerant::id")]
    pub slug: String,
}

/// An environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Name; empty for events that named none.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub name: String,
}

/// A member of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Id of the membership.
    #[serde(deserialize_with = "tolerant::id")]
    pub id: String,
    /// Name, or the address of an open invitation.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub name: String,
    /// E-mail.
    #[serde(default, deserialize_with = "tolerant::optional_text")]
    pub email: Option<String>,
    /// The account; null for an open invitation.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub user: Option<User>,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Numeric id, as text.
    #[serde(deserialize_with = "tolerant::id")]
    pub id: String,
    /// Slug.
    #[serde(deserialize_with = "tolerant::id")]
    pub slug: String,
    /// Name.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub name: String,
}

#[cfg(test)]
mod tests;
