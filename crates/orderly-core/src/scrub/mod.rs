//! What may never leave is taken out here: secrets, credentials, addresses of people and machines.
//!
//! Sentry's own scrubber skips the exception message, and so the title: everything that leaves passes through
//! [`Scrubber::scrub`]. It is the second line of defence; the first is that only allow-listed fields get this far.

mod checks;
mod rules;
#[cfg(test)]
mod tests;

use crate::untrusted::Untrusted;
use regex::Regex;
use rules::Rule;

/// Text without secrets. It has no `Display`; the encoders of [`crate::encode`] turn it into what a sink can take.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scrubbed(String);

impl Scrubbed {
    /// The text, for encoders.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The first `most` characters; a cut is shown by `…`, which counts.
    #[must_use]
    pub fn capped(&self, most: usize) -> Self {
        if self.0.chars().count() <= most {
            return self.clone();
        }
        let kept: String = self.0.chars().take(most.saturating_sub(1)).collect();
        Self(kept.trim_end().to_owned() + "…")
    }

    /// Whether nothing is left to show.
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

/// A pattern of the configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`sync.redact` holds `{pattern}`, which is not a regular expression: {why}")]
pub struct BadPattern {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub why: String,
}

/// Takes secrets out of text: the built-in rules, then a workspace's own patterns.
#[derive(Clone, Debug)]
pub struct Scrubber {
    own: Vec<Regex>,
}

impl Scrubber {
    /// A scrubber with the built-in rules only.
    pub const fn built_in() -> Self {
        Self { own: Vec::new() }
    }

    /// A scrubber with further patterns; what they match becomes `[redacted]`.
    ///
    /// # Errors
    /// Names the first pattern that is not a regular expression or that matches the empty text.
    pub fn new(patterns: &[String]) -> Result<Self, BadPattern> {
        let own = patterns.iter().map(|p| compile(p)).collect::<Result<_, _>>()?;
        Ok(Self { own })
    }

    /// Free text: titles, messages, culprits, function names.
    pub fn scrub(&self, text: &Untrusted<String>) -> Scrubbed {
        self.with_rules(text, |_| true)
    }

    /// A version or environment: as [`Scrubber::scrub`], but a long hash stays, because releases are named by commits.
    pub fn scrub_version(&self, text: &Untrusted<String>) -> Scrubbed {
        self.with_rules(text, |rule| !rule.matches_hashes())
    }

    fn with_rules(&self, text: &Untrusted<String>, wanted: impl Fn(&Rule) -> bool) -> Scrubbed {
        let mut text = rules::apply(without_invisible(text.as_raw_str()), wanted);
        for own in &self.own {
            text = own.replace_all(&text, "[redacted]").into_owned();
        }
        Scrubbed(text)
    }
}

fn compile(pattern: &str) -> Result<Regex, BadPattern> {
    let bad = |why: String| BadPattern { pattern: pattern.to_owned(), why };
    let regex = Regex::new(pattern).map_err(|error| bad(error.to_string()))?;
    if regex.is_match("") {
        return Err(bad("it matches the empty text, so it would match everywhere".to_owned()));
    }
    Ok(regex)
}

/// Characters that show nothing would hide a secret from the rules (`pass<ZWSP>word=`), so they go first.
fn without_invisible(text: &str) -> String {
    text.chars().filter(|c| !crate::encode::is_invisible(*c)).collect()
}
