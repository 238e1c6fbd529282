//! Arguments of `orderly incident`; `mitigation`: of what ends its impact; `after`: of what follows its end; `practice`: of
//! recording and replaying it.

mod after;
mod mitigation;
mod practice;

pub use after::{Close, File, Learn, LessonWord, Plan, Review};
pub use mitigation::{BecameWord, Effect, Filled, Options, TakeBack, Tried, Try};
pub use practice::{Record, Replay, Speed};

use super::Scope;
use crate::config::duration::Span;
use clap::{Args, Subcommand, ValueEnum};
use orderly_core::incident::Audience;
use orderly_core::incident::severity::Severity;
use std::path::PathBuf;

/// `orderly incident`
#[derive(Debug, Args)]
pub struct Incident {
    #[command(subcommand)]
    pub what: IncidentWhat,
}

/// What to do about incidents.
#[derive(Debug, Subcommand)]
pub enum IncidentWhat {
    /// Declare an incident; its severity is judged from what Sentry counted
    Declare(Declare),
    /// Every incident, with what is overdue
    List(List),
    /// How an incident stands, and what is due
    Show(Show),
    /// Everything that happened, as a page
    Timeline(Timeline),
    /// A further issue belongs to it; its severity is judged again
    Add(Add),
    /// Give a role, or assign one of its issues in Sentry
    Assign(Assign),
    /// Hand a role over, with what whoever takes it has to know
    Handoff(Handoff),
    /// Judge its severity again, or set it
    Severity(Rate),
    /// Write down a fact, hypothesis, decision, action or communication
    Note(Note),
    /// Draft what people are told; with --given, write down that they were told it
    Comms(Comms),
    /// Tell people: one comment on each of its issues and one message in each channel, edited and not repeated; shows what would be told unless --approve names it
    Tell(Tell),
    /// Take over what others recorded: activity and comments in Sentry, releases, alerts, alarms; each once
    Import(Import),
    /// What is behind it: what changed, what else fails, whom it hits, each hypothesis with what speaks for and against it
    #[command(alias = "suspects")]
    Investigate(Investigate),
    /// What a specialist reports: the commander, who reads errors, performance or releases
    Report(Report),
    /// Only the restricted channel hears details from now on
    Restrict(Happened),
    /// What may be done to end the impact, side by side: evidence, undo, time to effect, who feels it, the exact command
    Options(Options),
    /// Try an option with an expectation; shows what would be run unless --approve names it
    Try(Try),
    /// Say what became of a trial that nobody knows the end of, or that people do by hand
    Tried(Tried),
    /// Take a trial back by its undo command; shows it unless --approve names it
    Undo(TakeBack),
    /// Measure whether what was tried worked: worked, partly, no, or not yet provable, and what comes next
    Effect(Effect),
    /// Write down what was done to end the impact, without an option or a measure
    Mitigate(Happened),
    /// It is over
    Resolve(Happened),
    /// Write down what was learned from it
    Learn(Learn),
    /// Plan something so that it does not come back: with owner, due date, and how it is verified
    Action(Plan),
    /// What was planned, of all incidents, with its age
    Actions(List),
    /// Something that was planned is done, and this shows it
    Close(Close),
    /// Its open actions become items of the tracker; shows what would be filed unless --approve names it
    File(File),
    /// The review: what it took, which alarm was possible, what was learned, what is planned, and what is missing
    Review(Review),
    /// Record everything that its decisions rest on into a folder, without secrets and addresses
    Record(Record),
    /// Play a recorded incident as it happened, for practice; needs no Sentry, no ledger, no network
    Replay(Replay),
}

/// Where incidents are looked at, and as of when.
#[derive(Clone, Debug, Args)]
pub struct Looking {
    #[command(flatten)]
    pub scope: Scope,
    /// The time it is or was, as in 2026-03-10T20:00:00Z: when something happened, until when errors and users are
    /// counted, and against what is due [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<jiff::Timestamp>,
}

/// Who tells, and when it was.
#[derive(Clone, Debug, Args)]
pub struct Telling {
    #[command(flatten)]
    pub looking: Looking,
    /// Who tells: an e-mail or a name [default: the name of your account on this machine]
    #[arg(long = "as", value_name = "WHO", env = "ORDERLY_AS")]
    pub author: Option<String>,
}

/// Who tells something of which incident.
#[derive(Debug, Args)]
pub struct Of {
    #[command(flatten)]
    pub telling: Telling,
    /// The incident: `INC-7` or `7`
    #[arg(value_name = "INCIDENT")]
    pub incident: String,
}

/// `orderly incident declare`
#[derive(Debug, Args)]
pub struct Declare {
    #[command(flatten)]
    pub telling: Telling,
    /// Its issues, the leading one first: short id, number, address of the page, @latest or @most_frequent
    #[arg(value_name = "ISSUE")]
    pub issues: Vec<String>,
    /// What it is called [default: after its leading issue]
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
}

/// `orderly incident list`
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    pub looking: Looking,
    /// Also what is over
    #[arg(long)]
    pub all: bool,
}

/// `orderly incident show`
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    pub looking: Looking,
    /// The incident: `INC-7` or `7`
    #[arg(value_name = "INCIDENT")]
    pub incident: String,
}

/// `orderly incident timeline`
#[derive(Debug, Args)]
pub struct Timeline {
    #[command(flatten)]
    pub looking: Looking,
    /// The incident: `INC-7` or `7`
    #[arg(value_name = "INCIDENT")]
    pub incident: String,
    #[command(flatten)]
    pub hearing: Hearing,
}

/// Who hears it.
#[derive(Clone, Copy, Debug, Args)]
pub struct Hearing {
    /// For the restricted channel: of a restricted incident, all details
    #[arg(long)]
    pub restricted: bool,
}

impl Hearing {
    /// Who hears it.
    pub const fn audience(self) -> Audience {
        if self.restricted { Audience::Restricted } else { Audience::Open }
    }
}

/// `orderly incident add`
#[derive(Debug, Args)]
pub struct Add {
    #[command(flatten)]
    pub of: Of,
    /// The issue: short id, number, address of the page, @latest or @most_frequent
    #[arg(value_name = "ISSUE")]
    pub issue: String,
}

/// `orderly incident assign`
#[derive(Debug, Args)]
pub struct Assign {
    #[command(flatten)]
    pub of: Of,
    /// A role (commander, operations, communications, scribe) or one of its issues
    #[arg(value_name = "ROLE|ISSUE")]
    pub what: String,
    /// A member (e-mail or name) or `#team` that Sentry knows
    #[arg(value_name = "WHO")]
    pub to: String,
    /// Assign an issue in Sentry without asking
    #[arg(short, long)]
    pub yes: bool,
}

/// `orderly incident handoff`
#[derive(Debug, Args)]
pub struct Handoff {
    #[command(flatten)]
    pub of: Of,
    /// The role: commander, operations, communications or scribe
    #[arg(value_name = "ROLE")]
    pub role: String,
    /// A member (e-mail or name) or `#team` that Sentry knows
    #[arg(value_name = "WHO")]
    pub to: String,
    /// What whoever takes over has to know
    #[arg(value_name = "BRIEF")]
    pub brief: String,
}

/// `orderly incident severity`
#[derive(Debug, Args)]
pub struct Rate {
    #[command(flatten)]
    pub of: Of,
    /// Set it to this; only the commander lowers it [default: judge it again from what Sentry counted]
    #[arg(value_name = "SEVERITY", requires = "why")]
    pub severity: Option<Severity>,
    /// Why
    #[arg(long, value_name = "TEXT", requires = "severity")]
    pub why: Option<String>,
}

/// `orderly incident note`
#[derive(Debug, Args)]
pub struct Note {
    #[command(flatten)]
    pub of: Of,
    /// What happened, or may have
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// What kind of thing it is
    #[arg(long, value_name = "KIND", default_value = "fact")]
    pub kind: Kind,
    /// What it rests on: an address, a dashboard
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,
}

/// Kinds of notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Something that is so
    Fact,
    /// Something that may be so
    Hypothesis,
    /// What is to be done, and why
    Decision,
    /// What was done
    Action,
    /// What people were told
    Communication,
}

/// `orderly incident comms`
#[derive(Debug, Args)]
pub struct Comms {
    #[command(flatten)]
    pub of: Of,
    /// The draft for the restricted channel, with all details
    #[arg(long)]
    pub restricted: bool,
    /// People were told the draft with this digest
    #[arg(long, value_name = "DIGEST")]
    pub given: Option<String>,
}

/// `orderly incident tell`
#[derive(Debug, Args)]
pub struct Tell {
    #[command(flatten)]
    pub of: Of,
    /// Tell exactly what was shown with this digest
    #[arg(long, value_name = "DIGEST")]
    pub approve: Option<String>,
}

/// `orderly incident import`
#[derive(Debug, Args)]
pub struct Import {
    #[command(flatten)]
    pub looking: Looking,
    /// The incident: `INC-7` or `7`
    #[arg(value_name = "INCIDENT")]
    pub incident: String,
    /// Alarms that `orderly watch` printed into this file, one line of JSON each
    #[arg(long, value_name = "FILE")]
    pub alarms: Option<PathBuf>,
}

/// `orderly incident investigate`
#[derive(Debug, Args)]
pub struct Investigate {
    #[command(flatten)]
    pub telling: Telling,
    /// The incident: `INC-7` or `7`
    #[arg(value_name = "INCIDENT", required_unless_present = "issue", conflicts_with = "issue")]
    pub incident: Option<String>,
    /// Issues instead of an incident, the leading one first: short id, number, address, @latest or @most_frequent
    #[arg(long, value_name = "ISSUE", num_args = 1..)]
    pub issue: Vec<String>,
    /// How far back to look for what changed: from 1h to 30d
    #[arg(long, value_name = "SPAN", default_value = "24h")]
    pub back: Span,
    /// Write its facts and hypotheses into the log of the incident, each once; a likely attack restricts the incident
    #[arg(long, requires = "incident")]
    pub tell: bool,
}

/// `orderly incident report`
#[derive(Debug, Args)]
pub struct Report {
    /// Whose report
    #[arg(value_name = "SPECIALIST")]
    pub specialist: SpecialistWord,
    #[command(flatten)]
    pub of: Of,
    /// How far back to look for what changed: from 1h to 30d
    #[arg(long, value_name = "SPAN", default_value = "24h")]
    pub back: Span,
}

/// Who reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SpecialistWord {
    /// The incident commander: how it stands, what is due, what is decided next
    Commander,
    /// The error analyst: patterns and hypotheses
    Errors,
    /// The performance expert: transactions, spans, repeated and slow queries, waits for a pool
    Performance,
    /// The release manager: releases, deploys, adoption, sessions without a crash, what may be rolled back
    Release,
}

/// `orderly incident mitigate`, `orderly incident resolve`, `orderly incident restrict`
#[derive(Debug, Args)]
pub struct Happened {
    #[command(flatten)]
    pub of: Of,
    /// What was done, how it ended, or why
    #[arg(value_name = "TEXT")]
    pub text: String,
}
