//! How a person names an issue: by short id, number or the address of its page.

use crate::ids::{IssueId, SentrySite, ShortId};

/// A name of an issue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IssueName {
    /// Its number.
    Id(IssueId),
    /// Its short id, in upper case: `CHECKOUT-API-3F`.
    ShortId(ShortId),
    /// `@latest`: the unresolved one that was seen last.
    Latest,
    /// `@most_frequent`: the unresolved one with most events.
    MostFrequent,
}

/// A text that names no issue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` names no issue{why}: write a short id (`BACKEND-3F`), a number, the address of its page, `@latest` or `@most_frequent`"
)]
pub struct NotAName {
    /// The text, made visible.
    pub text: String,
    /// What is wrong, when more can be said; begins with a blank.
    pub why: &'static str,
}

impl IssueName {
    /// Reads a name. Addresses must be of `site`: a page of another Sentry names another issue.
    ///
    /// # Errors
    /// When the text names no issue of this Sentry.
    pub fn parse(text: &str, site: &SentrySite) -> Result<Self, NotAName> {
        let wrong = |why| NotAName { text: crate::encode::one_line(text), why };
        let text = text.trim();
        match text {
            "@latest" => return Ok(Self::Latest),
            "@most_frequent" => return Ok(Self::MostFrequent),
            _ => {}
        }
        if let Some((_, rest)) = text.split_once("://") {
            let (place, path) = rest.split_once("/issues/").ok_or_else(|| wrong(""))?;
            let number = path.split(['/', '?', '#']).next().unwrap_or_default();
            let id = number.parse().map(IssueId).map_err(|_| wrong(""))?;
            let spelled = site.spellings(id).into_iter().any(|known| {
                known
                    .split_once("://")
                    .and_then(|(_, rest)| rest.split_once("/issues/"))
                    .is_some_and(|(known, _)| known.eq_ignore_ascii_case(place))
            });
            return if spelled { Ok(Self::Id(id)) } else { Err(wrong(" of this Sentry and organization")) };
        }
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(IssueId(id)));
        }
        let short = text.to_ascii_uppercase();
        let (slug, counter) = short.rsplit_once('-').ok_or_else(|| wrong(""))?;
        let plain = |part: &str, also: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
        };
        if plain(slug, "-_.") && plain(counter, "") {
            Ok(Self::ShortId(ShortId::new(short)))
        } else {
            Err(wrong(""))
        }
    }
}
