//! The hard keys, exactly: a tracker answers "contains", and `/issues/123` is contained in `/issues/1234`.

use crate::ids::{IssueId, SentrySite, ShortId};

/// Whether a text names an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// It does not, and holds nothing that looks like it.
    None,
    /// It names another one: a longer number, a longer short id, the same number on another Sentry.
    Another,
    /// It names exactly this one.
    Exact,
}

/// Whether a text holds a short id as a whole token, in any case.
pub fn short_id(text: &str, id: &ShortId) -> Mention {
    token(text, id.as_str(), |c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// Whether a text holds a function or transaction name as a whole token.
pub fn name(text: &str, name: &str) -> Mention {
    token(text, name, |c| c.is_alphanumeric() || c == '_')
}

/// Whether a text holds the page of an issue, in any spelling. A path without a host counts: it can only err towards
/// "tracked".
pub fn permalink(text: &str, site: &SentrySite, issue: IssueId) -> Mention {
    const PATH: &str = "/issues/";
    let mut best = Mention::None;
    for (at, _) in text.match_indices(PATH) {
        let rest = &text[at + PATH.len()..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            continue;
        }
        let same = rest[..digits].parse() == Ok(issue.0)
            && !rest[digits..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-'))
            && on_site(link_before(text, at), site);
        best = best.max(if same { Mention::Exact } else { Mention::Another });
    }
    best
}

fn token(text: &str, wanted: &str, is_part: impl Fn(char) -> bool) -> Mention {
    if wanted.is_empty() {
        return Mention::None;
    }
    // ASCII case folding keeps every byte offset.
    let (folded, wanted) = (text.to_ascii_lowercase(), wanted.to_ascii_lowercase());
    let mut best = Mention::None;
    for (at, _) in folded.match_indices(&wanted) {
        let before = folded[..at].chars().next_back();
        let mut after = folded[at + wanted.len()..].chars();
        // A dash that ends a sentence or a range is no part of a token; one that goes on is.
        let goes_on = match after.next() {
            Some('-') => is_part('-') && after.next().is_some_and(char::is_alphanumeric),
            Some(c) => is_part(c),
            None => false,
        };
        let whole = !before.is_some_and(&is_part) && !goes_on;
        best = best.max(if whole { Mention::Exact } else { Mention::Another });
    }
    best
}

/// The part of a link that stands before `end`.
fn link_before(text: &str, end: usize) -> &str {
    let breaks = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '(' | ')' | '[' | ']' | '`' | '|')
    };
    let start =
        text[..end].rfind(breaks).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    &text[start..end]
}

/// Whether a link's beginning (`https://acme.sentry.io`, `https://sentry.io/organizations/acme`, or nothing) may lead to
/// this Sentry and organization.
fn on_site(link: &str, site: &SentrySite) -> bool {
    let Some((_, address)) = link.split_once("://") else { return true };
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let host = host.rsplit('@').next().unwrap_or(host).to_ascii_lowercase();
    let ours = site.host();
    let org = site.org.as_str();
    let same_org = match path.split_once("organizations/") {
        Some((_, rest)) => rest.split('/').next() == Some(org),
        None => true,
    };
    let is_saas = |host: &str| host == "sentry.io" || host.ends_with(".sentry.io");
    if is_saas(ours.as_str()) && is_saas(&host) {
        let sub = host.strip_suffix(".sentry.io").unwrap_or(org);
        // Regions and the organization's own sub-domain show the same issues.
        return same_org && (sub == org || matches!(sub, "us" | "de" | "www"));
    }
    same_org && host == ours.as_str()
}
