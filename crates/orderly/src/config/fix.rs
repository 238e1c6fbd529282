//! `[fix]`, with every default filled in.

use super::file::{AgentKind, AgentSection, FixSection, NetworkAccess, Words};
use crate::failure::{Failure, Kind};
use orderly_connect::repair::Hand;
use orderly_core::fix::{
    Budgets, Check, DiffLimit, FixPolicy, Land, ResolveIn, Sandboxing, SubjectStyle, Zone, Zones,
};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Settings of repairs.
#[derive(Clone, Debug)]
pub struct FixSettings {
    /// Who is asked when nobody is named.
    pub agent: String,
    /// Agents by name.
    pub agents: BTreeMap<String, AgentSettings>,
    /// Configured checks; empty: those that are found.
    pub checks: Vec<Check>,
    /// What one case may cost.
    pub budgets: Budgets,
    /// How large a fix may be.
    pub size: DiffLimit,
    /// Protected beside what always is.
    pub protected: Vec<String>,
    /// Branches on which a commit counts.
    pub branches: Vec<String>,
    /// What happens to a commit.
    pub land: Land,
    /// In which release issues are resolved.
    pub resolve_in: ResolveIn,
    /// Subject of commits.
    pub subject: SubjectStyle,
    /// The repository's own rules.
    pub rules: Vec<String>,
    /// Whether programs are kept apart.
    pub sandbox: Sandboxing,
    /// What programs may read beside their worktree.
    pub readable: Vec<PathBuf>,
    /// The page of active runs; `None`: where it is usually kept.
    pub active_runs: Option<PathBuf>,
}

/// An agent.
#[derive(Clone, Debug)]
pub struct AgentSettings {
    /// How it is spoken with.
    pub kind: AgentKind,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Whether it may use the network.
    pub network: NetworkAccess,
    /// Variables that are passed on.
    pub environment: Vec<String>,
    /// What it may read beside its worktree.
    pub readable: Vec<PathBuf>,
}

/// The agent that is a person.
pub const EDITOR: &str = "editor";

impl FixSettings {
    /// Fills in the defaults.
    ///
    /// # Errors
    /// A usage failure that names the setting.
    pub fn resolve(file: FixSection) -> Result<Self, Failure> {
        let (policy, budgets, size) = (FixPolicy::default(), Budgets::default(), DiffLimit::default());
        let wrong = |text: String| Failure::new(Kind::Usage, text);
        let seconds = |span: Option<super::duration::Span>, default| span.map_or(default, |span| span.0);
        let agents: BTreeMap<String, AgentSettings> = file
            .agents
            .into_iter()
            .map(|(name, section)| Ok((name.clone(), agent(&name, section)?)))
            .collect::<Result<_, Failure>>()?;
        let only = if agents.len() == 1 { agents.keys().next().cloned() } else { None };
        let tries = file.tries.unwrap_or(budgets.tries);
        if !(1..=20).contains(&tries) {
            return Err(wrong(format!("`fix.tries` is {tries}; it is 1 to 20")));
        }
        let settings = Self {
            agent: file.agent.or(only).unwrap_or_else(|| EDITOR.to_owned()),
            agents,
            checks: file
                .checks
                .unwrap_or_default()
                .into_iter()
                .map(|words| {
                    let argv = argv("fix.checks", words)?;
                    Ok(Check { name: argv.join(" "), argv })
                })
                .collect::<Result<_, Failure>>()?,
            budgets: Budgets {
                tries,
                time: seconds(file.time, budgets.time),
                output: file.output.unwrap_or(budgets.output),
                check_time: seconds(file.check_time, budgets.check_time),
            },
            size: DiffLimit {
                files: file.files.unwrap_or(size.files),
                lines: file.lines.unwrap_or(size.lines),
            },
            protected: file.protected.unwrap_or_default(),
            branches: file.branches.unwrap_or(policy.branches),
            land: file.land.unwrap_or_default(),
            resolve_in: match file.resolve_in.as_deref() {
                None | Some("next-release") => ResolveIn::NextRelease,
                Some(version) => ResolveIn::Release(version.to_owned()),
            },
            subject: match file.subject {
                Some(style) => SubjectStyle::new(&style).map_err(|error| wrong(error.to_string()))?,
                None => SubjectStyle::default(),
            },
            rules: file.rules.unwrap_or_default(),
            sandbox: file.sandbox.unwrap_or_default(),
            readable: file.readable.unwrap_or_default(),
            active_runs: file.active_runs,
        };
        settings.policy()?;
        Ok(settings)
    }

    /// The policy of repairs, but for what triage thinks.
    ///
    /// # Errors
    /// A usage failure for a pattern that is none.
    pub fn policy(&self) -> Result<FixPolicy, Failure> {
        let own = self
            .protected
            .iter()
            .map(|pattern| Zone { pattern: pattern.clone(), why: "protected by `fix.protected`".to_owned() });
        let zones = Zones::new(Zones::built_in().into_iter().chain(own).collect())
            .map_err(|why| Failure::new(Kind::Usage, format!("`fix.protected` holds no pattern: {why}")))?;
        Ok(FixPolicy {
            budgets: self.budgets,
            zones,
            size: self.size,
            branches: self.branches.clone(),
            land: self.land,
            resolve: self.resolve_in.clone(),
            subject: self.subject.clone(),
            rules: self.rules.clone(),
            ..FixPolicy::default()
        })
    }
}

fn agent(name: &str, section: AgentSection) -> Result<AgentSettings, Failure> {
    if name == EDITOR {
        return Err(Failure::new(Kind::Usage, "`fix.agents.editor` is the person at $EDITOR")
            .hint("give the agent another name"));
    }
    let setting = format!("fix.agents.{name}.command");
    let argv = argv(&setting, section.command)?;
    if section.kind == AgentKind::Acp && Hand::of(&argv) == Hand::File {
        return Err(Failure::new(Kind::Usage, format!("`{setting}` names the case file"))
            .hint("an agent of the kind `acp` gets the case as its prompt"));
    }
    Ok(AgentSettings {
        kind: section.kind,
        argv,
        network: section.network,
        environment: section.environment,
        readable: section.readable,
    })
}

pub(super) fn argv(setting: &str, words: Words) -> Result<Vec<String>, Failure> {
    let argv: Vec<String> = match words {
        Words::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
        Words::List(list) => list,
    };
    if argv.first().is_none_or(String::is_empty) {
        return Err(Failure::new(Kind::Usage, format!("`{setting}` names no program")));
    }
    Ok(argv)
}
