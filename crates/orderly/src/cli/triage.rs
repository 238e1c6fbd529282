//! Arguments of `orderly triage`.

use crate::config::duration::Span;
use clap::{Args, Subcommand};

/// `orderly triage`
#[derive(Debug, Args)]
pub struct Triage {
    #[command(subcommand)]
    pub what: TriageWhat,
}

/// What to show of triage.
#[derive(Debug, Subcommand)]
pub enum TriageWhat {
    /// Everything that is unresolved and no noise, weightiest first
    List(TriageList),
    /// The weightiest ones, and the one approval of what is worked on
    Top(TriageTop),
    /// How much is unresolved: how often, since which release, where and with whom
    Stats(TriageScope),
}

/// Which unresolved issues triage looks at.
#[derive(Clone, Debug, Default, Args)]
pub struct TriageScope {
    /// Sentry organization
    #[arg(short, long, env = "SENTRY_ORG", value_name = "SLUG")]
    pub org: Option<String>,
    /// Sentry project; may be repeated [default: all that the token sees]
    #[arg(short, long = "project", value_name = "SLUG")]
    pub projects: Vec<String>,
    /// Environment; may be repeated [default: all]
    #[arg(short, long = "environment", value_name = "NAME")]
    pub environments: Vec<String>,
    /// How far back counts go [default: 14d]
    #[arg(long, value_name = "SPAN")]
    pub stats_period: Option<Span>,
    /// Show warnings, too
    #[arg(long)]
    pub include_warn: bool,
}

/// `orderly triage list`
#[derive(Debug, Args)]
pub struct TriageList {
    #[command(flatten)]
    pub scope: TriageScope,
    /// Say of each row what its score is made of and what is probably wrong
    #[arg(long)]
    pub explain: bool,
    /// List what was filtered, too, each with its reason
    #[arg(long)]
    pub hidden: bool,
    /// Print the table, also on a terminal, where it is a screen to choose from
    #[arg(long)]
    pub plain: bool,
}

/// `orderly triage top`
#[derive(Debug, Args)]
pub struct TriageTop {
    /// How many rows
    #[arg(value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub count: u32,
    #[command(flatten)]
    pub scope: TriageScope,
    /// Say of each row what its score is made of and what is probably wrong
    #[arg(long)]
    pub explain: bool,
    /// Approve without being asked: `1,2,5`, `1-3`, `all`, `top 3` or `skip`
    #[arg(long, value_name = "CHOICE")]
    pub select: Option<String>,
    /// Refuse unless the table is still the one with this digest
    #[arg(long, value_name = "DIGEST", requires = "select")]
    pub table: Option<String>,
    /// Read the choice from standard input as one line, also when that is a pipe; on a terminal it is made on a screen
    #[arg(long, conflicts_with = "select")]
    pub plain: bool,
}
