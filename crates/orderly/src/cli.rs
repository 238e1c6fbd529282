//! Arguments, as people type them.

pub mod incident;
pub mod triage;

use crate::config::duration::Span;
use clap::{Args, Parser, Subcommand, ValueEnum};
use orderly_eval::Task;
use orderly_local::traffic::Scenario;
use std::num::NonZeroU32;
use std::path::PathBuf;

/// Turns production errors into tracked, fixed and learned-from work.
#[derive(Debug, Parser)]
#[command(name = "orderly", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Start with `orderly demo`: the whole job on an embedded Sentry and tracker, no account needed."
)]
pub struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do; without a command Orderly says where you stand.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Configuration file [default: the nearest orderly.toml upwards]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One JSON document on stdout instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// When to colour the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorWhen,
    /// Less on stderr: only errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// More on stderr (-vv: every request)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The whole backlog sync on an embedded Sentry and tracker with a day of traffic; no account
    Demo(Demo),
    /// Write orderly.toml by looking around
    Init(Init),
    /// Check tokens, scopes, team, link-back path and clock; say what is missing and how to get it
    Doctor(Scope),
    /// Run the embedded Sentry-compatible server and tracker on 127.0.0.1
    Local(Local),
    /// Turn recent high-signal Sentry issues into backlog items; preview unless --apply
    Sync(Sync),
    /// Apply a saved plan, or refuse because it is stale
    Apply(Apply),
    /// Rank what is unresolved in Sentry, and choose what is worked on
    Triage(triage::Triage),
    /// Repair issues: one verified commit each, resolved in the next release
    Fix(Fix),
    /// Lead an incident: how bad it is, who does what, what is due, what happened
    Incident(incident::Incident),
    /// Say whether fixes hold in production, and resolve what has arrived since
    Verify(Verify),
    /// Watch for more errors than usual: alarms with their sums, and what of them is one incident
    Watch(Watch),
    /// The code that crashed: commit, file and line of each own frame, and who is suspected
    Locate(Locate),
    /// Serve the jobs to coding agents: an MCP server on standard input and output, or over HTTP on this machine
    Mcp(Mcp),
    /// Every run, every decision and its reason
    History(History),
    /// Take back what a run did, as far as it can be taken back
    Undo(Undo),
    /// Measure an engine on labelled data
    Eval(Eval),
    /// Print completions for a shell
    Completions {
        /// Shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Which Sentry organization and which tracker team.
#[derive(Clone, Debug, Default, Args)]
pub struct Scope {
    /// Sentry organization
    #[arg(short, long, env = "SENTRY_ORG", value_name = "SLUG")]
    pub org: Option<String>,
    /// Sentry project; may be repeated [default: all that the token sees]
    #[arg(short, long = "project", value_name = "SLUG")]
    pub projects: Vec<String>,
    /// Environment; may be repeated [default: production and its usual spellings]
    #[arg(short, long = "environment", value_name = "NAME")]
    pub environments: Vec<String>,
    /// Tracker team
    #[arg(long, value_name = "KEY")]
    pub team: Option<String>,
    /// Keep the ledger in PostgreSQL (no password here: use PGPASSWORD or ORDERLY_DATABASE_URL)
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

/// `orderly demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Leave the servers running and print how to point the official clients at them
    #[arg(long)]
    pub keep: bool,
}

/// `orderly init`
#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    pub scope: Scope,
    /// Write without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Replace an orderly.toml that exists; with --agent, also skills that were changed
    #[arg(long)]
    pub force: bool,
    /// Write the MCP server and the skills into the configuration of a coding agent instead, in the folder of orderly.toml
    #[arg(long, value_name = "NAME")]
    pub agent: Option<AgentClient>,
    /// With --agent: take back what was written
    #[arg(long, requires = "agent")]
    pub undo: bool,
}

/// A coding agent that starts MCP servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AgentClient {
    /// Claude Code: .mcp.json, .claude/skills
    Claude,
    /// Codex: .codex/config.toml, .agents/skills
    Codex,
    /// Cursor: .cursor/mcp.json, .cursor/skills
    Cursor,
    /// VS Code: .vscode/mcp.json, .github/skills
    Vscode,
    /// Zed: .zed/settings.json, .agents/skills
    Zed,
}

/// `orderly local`
#[derive(Debug, Args)]
pub struct Local {
    /// Keep nothing on disk
    #[arg(long, conflicts_with = "data")]
    pub ephemeral: bool,
    /// Folder for the data [default: .orderly/local]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Port of the Sentry side; 0 lets the system choose
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub sentry_port: u16,
    /// Port of the tracker side; 0 lets the system choose
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub tracker_port: u16,
    /// Organization to create on first start
    #[arg(short, long, value_name = "SLUG", default_value = "acme")]
    pub org: String,
    /// Project to create on first start; may be repeated [default: backend and frontend, or those of the traffic]
    #[arg(short, long = "project", value_name = "SLUG")]
    pub projects: Vec<String>,
    /// Tracker team to create on first start
    #[arg(long, value_name = "KEY", default_value = "PLAT")]
    pub team: String,
    /// Forget events that came longer ago than this many days; issues and counts stay [default: keep all]
    #[arg(long, value_name = "DAYS")]
    pub keep_days: Option<NonZeroU32>,
    /// Forget the oldest events beyond this many; issues and counts stay [default: keep all]
    #[arg(long, value_name = "N")]
    pub keep_events: Option<NonZeroU32>,
    /// Time to begin at, as in 2026-03-10T20:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<jiff::Timestamp>,
    /// Traffic to play: shop, api-outage, pool-exhaustion, bad-deploy, bad-flag, auth-attack or quiet
    #[arg(long, value_name = "NAME")]
    pub traffic: Option<Scenario>,
    /// Number that the traffic is made from: the same number is the same traffic
    #[arg(long, value_name = "N", default_value_t = 20, requires = "traffic")]
    pub seed: u64,
    /// Play what goes wrong while you watch, this many times as fast as real time, instead of all at once
    #[arg(long, value_name = "SPEED", num_args = 0..=1, default_missing_value = "1", requires = "traffic")]
    pub live: Option<NonZeroU32>,
    /// Address on this machine that is told of every issue, comment and alert, with signed requests; may be repeated
    #[arg(long = "webhook", value_name = "URL")]
    pub webhooks: Vec<String>,
    /// Let webhooks go to other machines, too
    #[arg(long)]
    pub webhooks_anywhere: bool,
    /// File for the truth about the traffic [default: truth.json in the data folder; none with --ephemeral]
    #[arg(long, value_name = "FILE", requires = "traffic")]
    pub truth: Option<PathBuf>,
}

/// `orderly sync`
#[derive(Debug, Args)]
pub struct Sync {
    #[command(flatten)]
    pub scope: Scope,
    /// Create and link; without it nothing is written outside
    #[arg(long)]
    pub apply: bool,
    /// Save the plan for `orderly apply`
    #[arg(long, value_name = "FILE", conflicts_with = "apply")]
    pub save_plan: Option<PathBuf>,
    /// Read the whole backlog of the tracker again, not only what changed since the last run
    #[arg(long)]
    pub reread: bool,
    /// How far back to look [default: 24h]
    #[arg(long, value_name = "SPAN")]
    pub window: Option<Span>,
    /// How many issues to look at closer, 1 to 100 [default: 20]
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// How many creations to attempt at most, 0 to 20 [default: 3]
    #[arg(long, value_name = "N")]
    pub max_creates: Option<u32>,
}

/// `orderly apply`
#[derive(Debug, Args)]
pub struct Apply {
    #[command(flatten)]
    pub scope: Scope,
    /// The saved plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
}

/// `orderly fix`
#[derive(Debug, Args)]
pub struct Fix {
    #[command(flatten)]
    pub scope: Scope,
    /// Issues: short id, number, address of the page, @latest or @most_frequent. Naming one is the approval
    #[arg(value_name = "ISSUE")]
    pub issues: Vec<String>,
    /// Work through what was approved in `orderly triage top`, one unit after the other [default: the last approval of
    /// today]
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with = "issues")]
    #[expect(clippy::option_option, reason = "absent, present, and present with a file are three things")]
    pub approved: Option<Option<PathBuf>>,
    /// Approve rows of the current triage table and work through them: `1,2,5`, `1-3`, `all`, `top 3` or `skip`
    #[arg(long, value_name = "CHOICE", conflicts_with_all = ["issues", "approved"])]
    pub select: Option<String>,
    /// Refuse unless the rows are still those of the table with this digest
    #[arg(long, value_name = "DIGEST", requires = "select")]
    pub table: Option<String>,
    /// Ignore this issue in Sentry if the diagnosis finds nothing to mend here; may be repeated [default: a person at the
    /// terminal is asked]
    #[arg(long, value_name = "ISSUE")]
    pub ignore: Vec<String>,
    /// Clear away what runs that are over left in the repository: worktrees of repairs that failed, merged branches
    #[arg(long, conflicts_with_all = ["issues", "approved", "select"])]
    pub clean: bool,
    /// Repair also what seems to be fixed already, or not to be a bug of this code
    #[arg(long)]
    pub anyway: bool,
    /// Who makes the change: a name below [fix.agents], or `editor` [default: `fix.agent`]
    #[arg(long, value_name = "NAME")]
    pub agent: Option<String>,
    /// Run agent and checks without a sandbox
    #[arg(long)]
    pub unsandboxed: bool,
}

/// `orderly verify`
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    pub scope: Scope,
}

/// `orderly watch`
#[derive(Debug, Args)]
pub struct Watch {
    #[command(flatten)]
    pub scope: Scope,
    /// Look once, and end
    #[arg(long)]
    pub once: bool,
    /// How long to wait between two looks, at least 5s
    #[arg(long, value_name = "SPAN", default_value = "1m", conflicts_with = "once")]
    pub every: Span,
    /// Judge the hours that began so long before the newest one, too; up to 12d
    #[arg(long, value_name = "SPAN", default_value = "2h")]
    pub since: Span,
}

/// `orderly locate`
#[derive(Debug, Args)]
pub struct Locate {
    #[command(flatten)]
    pub scope: Scope,
    /// The issue: short id, number, address of its page, `@latest` or `@most_frequent`
    #[arg(value_name = "ISSUE")]
    pub issue: String,
    /// The git repository [default: the folder of orderly.toml]
    #[arg(long, value_name = "DIR")]
    pub repo: Option<PathBuf>,
    /// Make a worktree of the commit that crashed in this folder, to look at
    #[arg(long, value_name = "DIR")]
    pub checkout: Option<PathBuf>,
    /// Source maps: a folder of a build, a map, or an artifact bundle (a zip file); may be repeated [default: `source.maps`]
    #[arg(long, value_name = "PATH")]
    pub maps: Vec<PathBuf>,
}

/// `orderly mcp`
#[derive(Debug, Args)]
pub struct Mcp {
    #[command(flatten)]
    pub scope: Scope,
    /// Serve HTTP on 127.0.0.1 to whoever bears the token: that of ORDERLY_MCP_TOKEN, or of the file that is made for it
    #[arg(long)]
    pub http: bool,
    /// Port for --http; 0 lets the system choose
    #[arg(long, value_name = "N", default_value_t = 7717, requires = "http")]
    pub port: u16,
}

/// `orderly history`
#[derive(Debug, Args)]
pub struct History {
    /// One run in full [default: a list of the last runs]
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// How many runs to list
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: u32,
    /// Keep the ledger in PostgreSQL (no password here: use PGPASSWORD or ORDERLY_DATABASE_URL)
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

/// `orderly undo`
#[derive(Debug, Args)]
pub struct Undo {
    #[command(flatten)]
    pub scope: Scope,
    /// The run, as `orderly history` names it
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Do it without asking
    #[arg(short, long)]
    pub yes: bool,
}

/// `orderly eval`
#[derive(Debug, Args)]
pub struct Eval {
    /// What the rows are about; a name that is not known lists them
    #[arg(value_name = "TASK")]
    pub task: Task,
    /// Labelled rows: one JSON object a line, plain or .gz
    #[arg(value_name = "DATA", required_unless_present = "own")]
    pub data: Option<PathBuf>,
    /// Measure `duplicates` on your own history: what people marked a duplicate in the tracker or merged in Sentry
    #[arg(long, conflicts_with_all = ["data", "predictions"])]
    pub own: bool,
    #[command(flatten)]
    pub scope: Scope,
    /// Write what the engine answered, one JSON object a row
    #[arg(long, value_name = "FILE")]
    pub predictions: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
