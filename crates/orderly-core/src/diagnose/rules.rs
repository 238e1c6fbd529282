//! Which family a failure belongs to: a table of rules, one platform a file. The first rule that matches tells it.

mod any;
mod go;
mod jvm;
mod managed;
mod native;
mod python;
mod ruby_php;
mod rust;
mod script;

use super::evidence::{Evidence, Exception};
use super::family::Family;
use crate::normal::platform::Platform;
use serde::{Deserialize, Serialize};

/// A rule: the type's last name is one of `kinds`, and the message holds one of `says`. An empty list asks for nothing.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) family: Family,
    pub(super) kinds: &'static [&'static str],
    pub(super) says: &'static [&'static str],
}

/// A rule as the tables write it; texts in `says` are in lower case.
pub(super) const fn rule(
    name: &'static str,
    family: Family,
    kinds: &'static [&'static str],
    says: &'static [&'static str],
) -> Rule {
    Rule { name, family, kinds, says }
}

/// The family of an exception, and the rule that told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The family.
    pub family: Family,
    /// Name of the rule: `rust/unwrap-none`.
    pub rule: String,
    /// Which exception of the chain matched; `None` for the logged message.
    pub exception: Option<usize>,
}

/// The family of a failure: told by the deepest cause that a rule knows, then by what wraps it, then by the message.
pub fn family_of(evidence: &Evidence) -> Option<Found> {
    let platform = Platform::of(evidence.platform.as_raw_str());
    let chain = evidence.exceptions.iter().enumerate().rev();
    let by_exception = chain.filter_map(|(at, exception)| {
        let rule = matching(platform, exception)?;
        Some(Found { family: rule.family, rule: rule.name.to_owned(), exception: Some(at) })
    });
    let by_message = || {
        let message = evidence.message.as_ref()?;
        let rule = told(platform, "", message.as_raw_str())?;
        Some(Found { family: rule.family, rule: rule.name.to_owned(), exception: None })
    };
    by_exception.into_iter().next().or_else(by_message)
}

/// The family that a type and a message tell, for lists that know no more.
pub(crate) fn family_of_words(
    platform: Platform,
    kind: &str,
    message: &str,
) -> Option<(Family, &'static str)> {
    told(platform, kind, message).map(|rule| (rule.family, rule.name))
}

fn matching(platform: Platform, exception: &Exception) -> Option<&'static Rule> {
    told(platform, exception.kind.as_raw_str(), exception.value.as_raw_str())
}

/// Characters of a message that rules look at.
const LONGEST: usize = 2_000;

fn told(platform: Platform, kind: &str, message: &str) -> Option<&'static Rule> {
    let kind = last_name(kind);
    let message: String = message.chars().take(LONGEST).collect::<String>().to_lowercase();
    let matches = |rule: &&Rule| {
        (rule.kinds.is_empty() || rule.kinds.contains(&kind))
            && (rule.says.is_empty() || rule.says.iter().any(|text| message.contains(text)))
    };
    [any::MACHINE]
        .into_iter()
        .chain(tables(platform).iter().copied())
        .chain([any::RULES])
        .flatten()
        .find(matches)
}

/// `java.lang.NullPointerException`, `sqlx::Error` and `Foo\Bar` by their last name.
fn last_name(kind: &str) -> &str {
    kind.rsplit(['.', ':', '\\', '/']).next().unwrap_or(kind).trim()
}

const fn tables(platform: Platform) -> &'static [&'static [Rule]] {
    match platform {
        Platform::Rust => &[rust::RULES],
        Platform::JavaScript => &[script::RULES],
        Platform::Python => &[python::RULES],
        Platform::Jvm => &[jvm::RULES],
        Platform::Go => &[go::RULES],
        Platform::Ruby | Platform::Php => &[ruby_php::RULES],
        Platform::DotNet => &[managed::RULES],
        // Sentry says `native` for Rust, too.
        Platform::Native => &[rust::RULES, native::RULES],
        Platform::Other => &[
            rust::RULES,
            script::RULES,
            python::RULES,
            jvm::RULES,
            go::RULES,
            ruby_php::RULES,
            managed::RULES,
            native::RULES,
        ],
    }
}

/// Every rule, for checks over the tables.
#[cfg(test)]
pub(super) fn every() -> impl Iterator<Item = &'static Rule> {
    [any::MACHINE].into_iter().chain(tables(Platform::Other).iter().copied()).chain([any::RULES]).flatten()
}
