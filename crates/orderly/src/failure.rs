//! How a command fails: one kind, what was tried, the causes, and what to do next. The kind alone makes the exit code.

use orderly_core::answer::Cause;
use std::fmt;

/// What sort of failure it is; each has its exit code (see [`Kind::exit_code`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A check failed, or something could not be completed.
    Incomplete,
    /// Wrong use or configuration.
    Usage,
    /// Missing or refused credentials, or a service that cannot be reached with them.
    Access,
    /// A guardrail refused: stale plan, cap, another run at work.
    Refused,
}

impl Kind {
    /// The exit code: part of the contract with scripts.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Incomplete => 1,
            Self::Usage => 2,
            Self::Access => 3,
            Self::Refused => 4,
        }
    }

    /// The word for it in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Usage => "usage",
            Self::Access => "access",
            Self::Refused => "refused",
        }
    }
}

/// A failure, as it is told to a person.
#[derive(Debug)]
pub struct Failure {
    /// Its kind.
    pub kind: Kind,
    /// What was tried, on what, and that it failed.
    pub message: String,
    /// Why, from near to far.
    pub causes: Vec<String>,
    /// What to do next.
    pub hints: Vec<String>,
}

impl Failure {
    /// A failure without causes and hints.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// Sentry did not answer what everything else rests on, and why.
    pub fn unseen(message: impl Into<String>, cause: &Cause) -> Self {
        let kind = match cause {
            Cause::Access(_) | Cause::Missing(_) => Kind::Access,
            Cause::MorePages | Cause::RateLimited | Cause::NoReply(_) | Cause::NoInput(_) => Kind::Incomplete,
        };
        Self::new(kind, message).hint("`orderly doctor` checks token, scopes and names")
    }

    /// Adds the error behind it, with all its sources.
    #[must_use]
    pub fn because(mut self, error: &dyn std::error::Error) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            self.causes.push(error.to_string());
            next = error.source();
        }
        self
    }

    /// Adds a next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The failure as one JSON document.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({"error": {
            "kind": self.kind.word(),
            "message": self.message,
            "causes": self.causes,
            "hints": self.hints,
        }})
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        for cause in &self.causes {
            write!(f, "\n  because: {cause}")?;
        }
        if !self.hints.is_empty() {
            writeln!(f)?;
        }
        for hint in &self.hints {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_a_contract() {
        let codes: Vec<u8> =
            [Kind::Incomplete, Kind::Usage, Kind::Access, Kind::Refused].map(Kind::exit_code).to_vec();
        assert_eq!(codes, [1, 2, 3, 4]);
    }

    #[test]
    fn a_failure_reads_from_what_happened_to_what_to_do() {
        let io = std::io::Error::other("disk full");
        let failure = Failure::new(Kind::Incomplete, "the report could not be written to r.md")
            .because(&io)
            .hint("free some space and run the same command again");
        assert_eq!(
            failure.to_string(),
            "error: the report could not be written to r.md\n  because: disk full\n\nhint: free some space and run the same command again"
        );
    }
}
