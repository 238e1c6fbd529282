//! The repository of the project, and what its repairs use of this machine.

use crate::clock::SystemClock;
use crate::commands::ask;
use crate::config::Config;
use crate::config::file::{AgentKind, NetworkAccess};
use crate::config::fix::EDITOR;
use crate::failure::{Failure, Kind};
use orderly_connect::git::GitError;
use orderly_connect::repair::{
    AcpAgent, CheckRunner, CommandAgent, EditorAgent, GitWorkshop, Limits, Network, RunsFile, Sandbox,
    SandboxSettings, find_sandbox,
};
use orderly_core::fix::Sandboxing;
use orderly_core::ids::RunId;
use orderly_core::time::Seconds;
use orderly_engine::ports::repair::{Agent, Trouble};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Opens the repository that the project lies in.
///
/// # Errors
/// A usage failure when there is none.
pub async fn workshop(config: &Config) -> Result<GitWorkshop, Failure> {
    let folder = absolute(&config.dir)?;
    let worktrees = absolute(&config.state_dir())?.join("worktrees");
    GitWorkshop::open(&folder, &worktrees).await.map_err(|error| git(&error))
}

/// What a failing git means for a command.
pub fn git(error: &GitError) -> Failure {
    let failure = Failure::new(Kind::Usage, "the repository cannot be worked on").because(error);
    match error {
        GitError::NotInstalled | GitError::TooOld { .. } => {
            failure.hint("install git, and run the same command again")
        }
        GitError::NoRepository { .. } => failure.hint("run it in a git repository, with orderly.toml in it"),
        _ => Failure { kind: Kind::Incomplete, ..failure },
    }
}

/// What failing machinery means for a command.
pub fn machinery(trouble: &Trouble) -> Failure {
    Failure::new(Kind::Incomplete, "the repair could not go on").because(trouble)
}

/// Programs on this machine: how they are kept apart, and who is asked.
pub struct Programs {
    sandbox: Sandbox,
    settings: SandboxSettings,
}

impl Programs {
    /// Finds the sandbox, or asks whether to go on without one.
    ///
    /// # Errors
    /// A refusal when there is none and nobody said that none is needed.
    pub async fn find(config: &Config, workshop: &GitWorkshop, without: Apart) -> Result<Self, Failure> {
        let sandbox = match (without, config.settings.fix.sandbox) {
            (Apart::NotNeeded, _) | (_, Sandboxing::Off) => Sandbox::None,
            (Apart::Wanted, wanted) => match (find_sandbox(), wanted) {
                (Some(program), _) => Sandbox::Bubblewrap(program),
                (None, Sandboxing::Ask)
                    if ask::yes(
                        "bubblewrap is not there, so agent and checks would run with all your rights. Go on?",
                    )? =>
                {
                    Sandbox::None
                }
                (None, _) => return Err(no_sandbox()),
            },
        };
        let project = absolute(&config.dir)?;
        let plain = config.state_dir().join("worktrees").join("git-config");
        let shared = workshop.git_folder().await.map_err(|error| git(&error))?;
        let text = workshop.plain_config().await.map_err(|error| git(&error))?;
        let lost = |error: std::io::Error| {
            Failure::new(Kind::Incomplete, format!("{} cannot be written", plain.display())).because(&error)
        };
        std::fs::create_dir_all(plain.parent().unwrap_or(&plain)).map_err(lost)?;
        std::fs::write(&plain, text).map_err(lost)?;
        let mut readable = within(&project, &config.settings.fix.readable);
        readable.push(shared.clone());
        let replaced = vec![(absolute(&plain)?, shared.join("config"))];
        Ok(Self { sandbox, settings: SandboxSettings { project, readable, replaced, variables: Vec::new() } })
    }

    /// Runs checks.
    pub fn checks(&self, config: &Config) -> CheckRunner {
        let budgets = config.settings.fix.budgets;
        CheckRunner {
            sandbox: self.sandbox.clone(),
            settings: self.settings.clone(),
            limits: limits(budgets.check_time, budgets.output),
        }
    }

    /// Who makes changes.
    ///
    /// # Errors
    /// A usage failure for a name that nobody has.
    pub fn agent(&self, config: &Config, name: Option<&str>) -> Result<Box<dyn Agent>, Failure> {
        let fix = &config.settings.fix;
        let name = name.unwrap_or(&fix.agent);
        if name == EDITOR {
            return Ok(Box::new(EditorAgent { argv: editor()? }));
        }
        let Some(agent) = fix.agents.get(name) else {
            let known: Vec<&str> = fix.agents.keys().map(String::as_str).chain([EDITOR]).collect();
            return Err(Failure::new(Kind::Usage, format!("there is no agent `{name}`")).hint(format!(
                "known: {}; another one is a table [fix.agents.{name}] in orderly.toml",
                known.join(", ")
            )));
        };
        let mut settings = self.settings.clone();
        settings.readable.extend(within(&self.settings.project, &agent.readable));
        settings.variables.extend(agent.environment.iter().cloned());
        let command = CommandAgent {
            name: name.to_owned(),
            argv: agent.argv.clone(),
            sandbox: self.sandbox.clone(),
            settings,
            network: match agent.network {
                NetworkAccess::None => Network::None,
                NetworkAccess::Shared => Network::Shared,
            },
            limits: limits(fix.budgets.time, fix.budgets.output),
        };
        match agent.kind {
            AgentKind::Command => Ok(Box::new(command)),
            AgentKind::Acp => Ok(Box::new(AcpAgent { command, zones: fix.policy()?.zones })),
        }
    }
}

/// Whether programs have to be kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// As the configuration says.
    Wanted,
    /// A person said that they need not be.
    NotNeeded,
}

fn no_sandbox() -> Failure {
    Failure::new(
        Kind::Refused,
        "agent and checks are kept apart by bubblewrap, which is not there or may not work here",
    )
    .hint("install it (Debian: apt-get install bubblewrap)")
    .hint("or pass --unsandboxed: agent and checks then run with all your rights")
}

/// The page of active runs, held by a run of this process.
///
/// # Errors
/// When its folder cannot be written.
pub fn active_runs(config: &Config, repository: &Path, run: &RunId) -> Result<RunsFile, Failure> {
    let shared = repository.join(".claude/active-runs.md");
    let page = match &config.settings.fix.active_runs {
        Some(path) => config.dir.join(path),
        None if shared.is_file() => shared,
        None => config.state_dir().join("active-runs.md"),
    };
    let locks = config.state_dir().join("runs");
    RunsFile::open(&page, &locks, run, Arc::new(SystemClock)).map_err(|trouble| machinery(&trouble))
}

fn editor() -> Result<Vec<String>, Failure> {
    let set = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()));
    let words = set.map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    words.ok_or_else(|| {
        Failure::new(
            Kind::Usage,
            "nobody is configured to make the change, and neither VISUAL nor EDITOR is set",
        )
        .hint("write a table [fix.agents.NAME] with `command = \"..\"` into orderly.toml, or set EDITOR")
    })
}

fn limits(time: Seconds, output: u64) -> Limits {
    Limits { time: Duration::from_secs(time.0), output: usize::try_from(output).unwrap_or(usize::MAX) }
}

fn within(project: &Path, paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().map(|path| project.join(path)).collect()
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Kind::Usage, format!("{} cannot be found", path.display())).because(&error)
    };
    match path.canonicalize() {
        Ok(path) => Ok(path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::path::absolute(path).map_err(failed)
        }
        Err(error) => Err(failed(error)),
    }
}
