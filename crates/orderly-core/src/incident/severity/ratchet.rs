//! Severity rises by itself, and falls only when the commander says so.

use super::Severity;
use serde::{Deserialize, Serialize};

/// The severity of an incident over its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratchet {
    current: Severity,
    /// The least that the numbers have said since they were overruled, and then the last of them.
    said: Severity,
}

impl Ratchet {
    /// Begins with what the numbers say.
    pub const fn new(assessed: Severity) -> Self {
        Self { current: assessed, said: assessed }
    }

    /// How bad it is.
    pub const fn current(self) -> Severity {
        self.current
    }

    /// What the numbers say now. They raise it only when they say worse than when they were overruled; otherwise a
    /// decision would be undone by the next look.
    #[must_use]
    pub fn assessed(self, severity: Severity) -> Self {
        if severity > self.said && severity > self.current {
            return Self::new(severity);
        }
        Self { said: self.said.min(severity), ..self }
    }

    /// What the commander says.
    #[must_use]
    pub const fn decided(self, severity: Severity) -> Self {
        Self { current: severity, ..self }
    }
}
