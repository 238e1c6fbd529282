//! The form of every report: a sentence that stands for itself, and parts with lines.

use crate::encode::markdown::plain;
use crate::time::Timestamp;
use serde::Serialize;

/// Who reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Specialist {
    /// Who leads the incident: how it stands, what is due, what is decided next.
    Commander,
    /// Who reads errors: patterns and hypotheses.
    Errors,
    /// Who reads transactions and traces: what is slow, what waits, what is repeated.
    Performance,
    /// Who manages releases: what went out, how it fares, what may be rolled back.
    Release,
}

impl Specialist {
    /// What people call them.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Commander => "incident commander",
            Self::Errors => "error analyst",
            Self::Performance => "performance expert",
            Self::Release => "release manager",
        }
    }
}

/// A report. All text of it may leave: it is scrubbed and on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Who reports.
    pub specialist: Specialist,
    /// The sentence that stands for the whole.
    pub headline: String,
    /// The rest.
    pub parts: Vec<Part>,
    /// As of when.
    pub as_of: Timestamp,
}

/// A part of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// Its lines.
    pub lines: Vec<String>,
}

impl Report {
    /// A report; parts without lines are left out.
    pub(super) fn of(
        specialist: Specialist,
        headline: String,
        parts: Vec<(&'static str, Vec<String>)>,
        as_of: Timestamp,
    ) -> Self {
        let parts = parts.into_iter().filter(|(_, lines)| !lines.is_empty());
        let parts = parts.map(|(name, lines)| Part { name, lines }).collect();
        Self { specialist, headline, parts, as_of }
    }

    /// The report as a page.
    pub fn markdown(&self, about: &str) -> String {
        let mut page = format!("# {about}: {}\n\n**{}**\n", self.specialist.title(), plain(&self.headline));
        for part in &self.parts {
            page.push_str(&format!("\n## {}\n\n", part.name));
            for line in &part.lines {
                page.push_str(&format!("- {}\n", plain(line)));
            }
        }
        page.push_str(&format!("\nAs of {}.\n", self.as_of.strftime("%F %R UTC")));
        page
    }
}
