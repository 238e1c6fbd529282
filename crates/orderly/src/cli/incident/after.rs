//! Arguments of what follows the end of an incident.

use super::{Hearing, Looking, Of};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `orderly incident learn`
#[derive(Debug, Args)]
pub struct Learn {
    #[command(flatten)]
    pub of: Of,
    /// What was learned
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// What sort of thing it is
    #[arg(long, value_name = "KIND")]
    pub kind: LessonWord,
    /// The entry of the timeline whose hypothesis turned out to be right
    #[arg(long, value_name = "ENTRY")]
    pub confirms: Option<u32>,
}

/// What can be learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LessonWord {
    /// Something that contributed to it
    Factor,
    /// Something that was seen late or not at all, and what would have shown it
    Gap,
    /// Something that went well
    WentWell,
}

/// `orderly incident action`
#[derive(Debug, Args)]
pub struct Plan {
    #[command(flatten)]
    pub of: Of,
    /// What is to be done
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// Who does it: a member (e-mail or name) or `#team` that Sentry knows
    #[arg(long, value_name = "WHO")]
    pub owner: String,
    /// Until when, as in 2026-03-31
    #[arg(long, value_name = "DATE")]
    pub due: jiff::civil::Date,
    /// How somebody else can tell that it is done
    #[arg(long, value_name = "TEXT")]
    pub verify: String,
}

/// `orderly incident close`
#[derive(Debug, Args)]
pub struct Close {
    #[command(flatten)]
    pub of: Of,
    /// Number of the action
    #[arg(value_name = "ACTION")]
    pub action: u32,
    /// What shows that it is done: a commit, a test, an address [default: that its item in the tracker is completed]
    #[arg(long, value_name = "TEXT")]
    pub evidence: Option<String>,
}

/// `orderly incident file`
#[derive(Debug, Args)]
pub struct File {
    #[command(flatten)]
    pub of: Of,
    /// File exactly what was shown with this digest
    #[arg(long, value_name = "DIGEST")]
    pub approve: Option<String>,
    #[command(flatten)]
    pub hearing: Hearing,
}

/// `orderly incident review`
#[derive(Debug, Args)]
pub struct Review {
    #[command(flatten)]
    pub looking: Looking,
    /// The incident: `INC-7` or `7`
    #[arg(value_name = "INCIDENT")]
    pub incident: String,
    /// Also write it into this file, as one page for a browser
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    #[command(flatten)]
    pub hearing: Hearing,
}
