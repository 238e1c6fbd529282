//! From the words in an address to the rows they name, or to the refusal that the official clients expect.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::AppState;
use super::error::{ApiError, ApiResult};
use super::params::Params;
use crate::sentry::store::organization::{self, Organization};
use crate::sentry::store::people::{self, Team};
use crate::sentry::store::projects::{self, Project};

impl AppState {
    /// The organization that an address names by slug or id.
    ///
    /// # Errors
    /// 404 when it is another one.
    pub async fn organization(&self, slug_or_id: &str) -> ApiResult<Organization> {
        organization::find(self.pool(), slug_or_id).await?.ok_or_else(missing)
    }

    /// The project that an address names by slug or id, inside its organization.
    ///
    /// # Errors
    /// 404 when the organization or the project does not exist.
    pub async fn project(&self, organization: &str, slug_or_id: &str) -> ApiResult<Project> {
        self.organization(organization).await?;
        projects::find(self.pool(), slug_or_id).await?.ok_or_else(missing)
    }

    /// The team that an address names by slug or id, inside its organization.
    ///
    /// # Errors
    /// 404 when the organization or the team does not exist.
    pub async fn team(&self, organization: &str, slug_or_id: &str) -> ApiResult<Team> {
        self.organization(organization).await?;
        people::team(self.pool(), slug_or_id).await?.ok_or_else(missing)
    }

    /// The projects that `project=` names (ids or slugs, repeated; `-1` means all). Empty means all.
    ///
    /// # Errors
    /// 400 for a project that does not exist.
    pub async fn projects_in(&self, params: &Params) -> ApiResult<Vec<i64>> {
        let mut ids = BTreeSet::new();
        for name in params.all("project").filter(|name| !name.is_empty()) {
            if name == "-1" {
                return Ok(Vec::new());
            }
            let found = projects::find(self.pool(), name).await?;
            let found = found.ok_or_else(|| ApiError::bad_request("Invalid project reference"))?;
            ids.insert(found.id);
        }
        Ok(ids.into_iter().collect())
    }

    /// The row ids of projects that a body names by slug or id.
    ///
    /// # Errors
    /// 400 naming `field` for a project that does not exist.
    pub async fn projects_named(&self, field: &'static str, names: &[String]) -> ApiResult<Vec<i64>> {
        let mut ids = Vec::with_capacity(names.len());
        for name in names {
            let found = projects::find(self.pool(), name).await?;
            let found =
                found.ok_or_else(|| ApiError::invalid_field(field, "Invalid project ids or slugs"))?;
            ids.push(found.id);
        }
        Ok(ids)
    }
}

/// The refusal for anything that does not exist.
pub fn missing() -> ApiError {
    ApiError::not_found("The requested resource does not exist")
}

/// Reads a time of a body: ISO 8601, with or without an offset (then UTC).
///
/// # Errors
/// 400 naming `field`.
pub fn read_time(field: &'static str, text: &str) -> ApiResult<Timestamp> {
    let with_offset = text.parse::<Timestamp>().ok();
    let without =
        || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    with_offset.or_else(without).ok_or_else(|| {
        ApiError::invalid_field(field, "Datetime has wrong format. Use for example 2026-01-31T12:00:00Z.")
    })
}

/// [`read_time`] for a field that may be missing or null.
///
/// # Errors
/// 400 naming `field`.
pub fn read_optional_time(field: &'static str, text: Option<&str>) -> ApiResult<Option<Timestamp>> {
    text.filter(|text| !text.is_empty()).map(|text| read_time(field, text)).transpose()
}

/// Reads a slug: lower-case letters, digits, `-` and `_`, not digits alone (those would be ids), at most 50.
///
/// # Errors
/// 400 naming `field`.
pub fn read_slug<'a>(field: &'static str, text: &'a str) -> ApiResult<&'a str> {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    let well_formed = (1..=50).contains(&text.len())
        && text.bytes().all(allowed)
        && !text.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then_some(text).ok_or_else(|| {
        ApiError::invalid_field(
            field,
            "Enter a valid slug consisting of lowercase letters, numbers, underscores or hyphens. \
             It cannot be entirely numeric.",
        )
    })
}

/// The slug that a name becomes: its letters and digits in lower case, joined by hyphens. Empty when it has none.
pub fn slugify(name: &str) -> String {
    let lower = name.to_lowercase();
    let words =
        lower.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.collect::<Vec<_>>().join("-");
    slug.truncate(50);
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_an_offset() {
        for text in [
            "2026-11-21T09:00:00Z",
            "2026-11-21T09:00:00.000000000Z",
            "2026-11-21T10:00:00+01:00",
            "2026-11-21T09:00:00",
        ] {
            assert_eq!(
                read_time("dateReleased", text).unwrap().to_string(),
                "2026-11-21T09:00:00Z",
                "{text}"
            );
        }
        assert!(read_time("dateReleased", "yesterday").is_err());
        assert_eq!(read_optional_time("dateReleased", Some("")).unwrap(), None);
    }

    #[test]
    fn a_slug_of_digits_alone_would_be_an_id_and_is_refused() {
        assert!(read_slug("slug", "shop-2").is_ok());
        for text in ["", "42", "Shop", "a b", "é"] {
            assert!(read_slug("slug", text).is_err(), "{text}");
        }
        assert_eq!(slugify("  My Shop: EU!  "), "my-shop-eu");
        assert_eq!(slugify("☃"), "");
    }
}
