//! What a workspace allows a fix to be.

use super::message::SubjectStyle;
use crate::time::Seconds;
use crate::triage::TriagePolicy;
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use serde::{Deserialize, Serialize};

/// The policy.
#[derive(Clone, Debug)]
pub struct FixPolicy {
    /// How much an agent may use.
    pub budgets: Budgets,
    /// Where nobody but a person changes anything.
    pub zones: Zones,
    /// How large a fix may be.
    pub size: DiffLimit,
    /// Branches on which a commit counts as arrived.
    pub branches: Vec<String>,
    /// What happens to a commit.
    pub land: Land,
    /// In which release an issue is resolved.
    pub resolve: ResolveIn,
    /// The subject of a commit.
    pub subject: SubjectStyle,
    /// The repository's own rules, for the case file.
    pub rules: Vec<String>,
    /// What triage thinks of issues: which of them only a person works on, and which are noise.
    pub triage: TriagePolicy,
}

/// What one case may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budgets {
    /// Attempts of the agent.
    pub tries: u32,
    /// Time of one attempt.
    pub time: Seconds,
    /// Bytes that an agent or a check may print.
    pub output: u64,
    /// Time of one check.
    pub check_time: Seconds,
}

impl Default for Budgets {
    fn default() -> Self {
        Self { tries: 3, time: Seconds(15 * 60), output: 1024 * 1024, check_time: Seconds(15 * 60) }
    }
}

/// How large a fix may be; a crash is rarely cured by more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLimit {
    /// Files.
    pub files: usize,
    /// Added and removed lines together.
    pub lines: u64,
}

impl Default for DiffLimit {
    fn default() -> Self {
        Self { files: 6, lines: 200 }
    }
}

/// What happens to a commit once it is verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Land {
    /// The checked-out branch is moved forward to it, if that branch is allowed and has not moved meanwhile.
    #[default]
    FastForward,
    /// It stays on the run's own branch, for a person to merge.
    Branch,
}

/// In which release an issue is resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolveIn {
    /// The one that follows.
    #[default]
    NextRelease,
    /// This one.
    Release(String),
}

/// Whether agent and checks run apart from the rest of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sandboxing {
    /// With bubblewrap where it is there; without it a person is asked.
    #[default]
    Ask,
    /// With bubblewrap, or not at all.
    Required,
    /// Never.
    Off,
}

/// A pattern of paths with the reason why they are protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Pattern, relative to the repository.
    pub pattern: String,
    /// Why.
    pub why: String,
}

/// All protected zones, ready to be asked.
#[derive(Clone, Debug)]
pub struct Zones {
    zones: Vec<Zone>,
    set: GlobSet,
}

/// What is protected wherever nothing else is configured.
const BUILT_IN: &[(&str, &[&str])] = &[
    (
        "authentication",
        &[
            "**/{auth,authn,authz,oauth,login,session,sessions,permissions}/**",
            "**/{auth,oauth,oauth2,login,permissions}.*",
        ],
    ),
    (
        "payments",
        &["**/{payment,payments,billing,invoices,checkout_provider}/**", "**/{payment,payments,billing}.*"],
    ),
    ("database schema", &["**/{migrations,migration,migrate}/**", "**/schema.*", "**/*.sql"]),
    (
        "secrets",
        &[
            "**/.env*",
            "**/{secrets,secret,credentials}/**",
            "**/{secrets,secret,credentials}.*",
            "**/*.{pem,key,p12,pfx,jks}",
            "**/.netrc",
            "**/.npmrc",
        ],
    ),
    (
        "continuous integration and delivery",
        &[
            ".github/**",
            ".gitlab/**",
            ".gitlab-ci.yml",
            ".circleci/**",
            ".buildkite/**",
            "**/Jenkinsfile",
            "azure-pipelines.yml",
            "**/Dockerfile*",
            "**/docker-compose*",
            "deploy/**",
            "terraform/**",
        ],
    ),
    (
        "how checks run",
        &[
            "**/package.json",
            "**/{package-lock,npm-shrinkwrap}.json",
            "**/{yarn,pnpm-lock,Cargo,poetry,uv,Gemfile}.lock",
            "**/pnpm-lock.yaml",
            "**/Makefile",
            "**/build.rs",
            "**/.cargo/**",
            "**/conftest.py",
            "**/{pytest,tox}.ini",
            "**/setup.{py,cfg}",
            "**/pyproject.toml",
            "**/*.config.{js,cjs,mjs,ts}",
            "**/tsconfig*.json",
            "**/pom.xml",
            "**/*.gradle*",
        ],
    ),
    (
        "git and agents",
        &[
            "**/.git/**",
            "**/.gitattributes",
            "**/.gitmodules",
            "**/.gitignore",
            "**/.husky/**",
            "**/AGENTS.md",
            "**/CLAUDE.md",
            "**/.claude/**",
            "**/.mcp.json",
            "**/.vscode/**",
        ],
    ),
    ("Orderly itself", &["**/orderly.toml", "**/.orderly/**"]),
];

impl Zones {
    /// The zones that hold wherever nothing else is configured.
    pub fn built_in() -> Vec<Zone> {
        let zone = |why: &str, pattern: &str| Zone { pattern: pattern.to_owned(), why: why.to_owned() };
        BUILT_IN.iter().flat_map(|(why, patterns)| patterns.iter().map(|p| zone(why, p))).collect()
    }

    /// Zones from patterns.
    ///
    /// # Errors
    /// Names the first pattern that is none.
    pub fn new(zones: Vec<Zone>) -> Result<Self, String> {
        let mut set = GlobSetBuilder::new();
        for zone in &zones {
            set.add(pattern(&zone.pattern).map_err(|error| error.to_string())?);
        }
        let set = set.build().map_err(|error| error.to_string())?;
        Ok(Self { zones, set })
    }

    /// The zone that a path lies in.
    pub fn of(&self, path: &str) -> Option<&Zone> {
        self.set.matches(path).first().map(|at| &self.zones[*at])
    }
}

impl Default for Zones {
    fn default() -> Self {
        Self::new(Self::built_in()).expect("the built-in patterns are patterns, as a test shows")
    }
}

/// Case does not matter: on some file systems `Auth` is `auth`.
fn pattern(text: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(text).case_insensitive(true).literal_separator(true).build()
}

impl Default for FixPolicy {
    fn default() -> Self {
        Self {
            budgets: Budgets::default(),
            zones: Zones::default(),
            size: DiffLimit::default(),
            branches: ["main", "master", "trunk", "develop"].map(str::to_owned).to_vec(),
            land: Land::default(),
            resolve: ResolveIn::default(),
            subject: SubjectStyle::default(),
            rules: Vec::new(),
            triage: TriagePolicy::default(),
        }
    }
}
