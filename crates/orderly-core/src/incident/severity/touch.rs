//! What must not suffer, told by patterns over what is known of an issue.

use super::inputs::Touch;
use crate::incident::Affected;
use crate::untrusted::Untrusted;
use globset::{Glob, GlobBuilder, GlobMatcher};
use std::collections::BTreeMap;

/// Something known of an issue: its project, its transaction, a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// What it is: `project`, `transaction`, `error.type`, or the key of a tag.
    pub key: String,
    /// Its value.
    pub value: Untrusted<String>,
}

impl Label {
    /// What is known of an issue by itself: its project and the type of its errors.
    pub fn of(issue: &Affected) -> impl Iterator<Item = Self> {
        let project = Self { key: "project".to_owned(), value: issue.project.as_str().into() };
        let kind = issue.error_type.clone();
        std::iter::once(project).chain(kind.map(|value| Self { key: "error.type".to_owned(), value }))
    }
}

/// The patterns, ready to be asked.
#[derive(Clone, Debug)]
pub struct Touching(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    touch: Touch,
    text: String,
    key: String,
    value: GlobMatcher,
}

/// A pattern that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is no pattern like `transaction:*checkout*`: {why}")]
pub struct BadPattern {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub why: String,
}

/// Where money is taken, wherever nothing else is configured.
const MONEY: [&str; 2] =
    ["project:*{payment,billing,checkout}*", "transaction:*{/pay,payment,checkout,billing,invoice}*"];
/// Where security is at stake, wherever nothing else is configured.
const SECURITY: [&str; 3] = [
    "project:*auth*",
    "transaction:*{login,logout,/auth,oauth,password,session}*",
    "error.type:*{authentication,authorization,unauthorized,forbidden,credential}*",
];

impl Touching {
    /// The patterns for money that hold wherever nothing else is configured.
    pub fn money() -> Vec<String> {
        MONEY.map(str::to_owned).to_vec()
    }

    /// The patterns for security that hold wherever nothing else is configured.
    pub fn security() -> Vec<String> {
        SECURITY.map(str::to_owned).to_vec()
    }

    /// Patterns: a key, a colon, and a glob over the value; case does not matter.
    ///
    /// # Errors
    /// Names the first that is none.
    pub fn new(money: &[String], security: &[String]) -> Result<Self, BadPattern> {
        let money = money.iter().map(|text| rule(Touch::Money, text));
        let security = security.iter().map(|text| rule(Touch::Security, text));
        money.chain(security).collect::<Result<_, _>>().map(Self)
    }

    /// What the labels touch, each with the first pattern that says so.
    pub fn of(&self, labels: &[Label]) -> BTreeMap<Touch, String> {
        let holds = |rule: &Rule| {
            labels.iter().any(|label| label.key == rule.key && rule.value.is_match(label.value.as_raw_str()))
        };
        let mut found = BTreeMap::new();
        for rule in self.0.iter().filter(|rule| holds(rule)) {
            found.entry(rule.touch).or_insert_with(|| rule.text.clone());
        }
        found
    }
}

impl Default for Touching {
    fn default() -> Self {
        Self::new(&Self::money(), &Self::security())
            .expect("the built-in patterns are patterns, as a test shows")
    }
}

fn rule(touch: Touch, text: &str) -> Result<Rule, BadPattern> {
    let bad = |why: String| BadPattern { pattern: text.to_owned(), why };
    let (key, value) = text.split_once(':').ok_or_else(|| bad("it has no colon".to_owned()))?;
    if key.is_empty() || value.is_empty() {
        return Err(bad("a key stands before the colon, a glob after it".to_owned()));
    }
    let value: Glob =
        GlobBuilder::new(value).case_insensitive(true).build().map_err(|error| bad(error.to_string()))?;
    Ok(Rule { touch, text: text.to_owned(), key: key.to_owned(), value: value.compile_matcher() })
}
