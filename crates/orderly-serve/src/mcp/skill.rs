//! What an agent is told about a job or a role: the prompts of the server, and the skills that are written for clients.

use super::tool::Tool;

/// A job or a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skill {
    /// Errors into the tracker.
    BacklogSync,
    /// From a ranked table to commits.
    TriageAndFix,
    /// What breaks, since when, for whom.
    IncidentResponse,
    /// Leads.
    IncidentCommander,
    /// Finds causes.
    ErrorAnalyst,
    /// Finds what is slow.
    PerformanceExpert,
    /// Knows what is out.
    ReleaseManager,
}

/// How a client spells the tools of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `triage`
    Plain,
    /// `mcp__orderly__triage`
    Prefixed,
}

const READS: [Tool; 10] = [
    Tool::SearchIssues,
    Tool::GetIssueDetails,
    Tool::FindTeams,
    Tool::FindProjects,
    Tool::FindReleases,
    Tool::SearchEvents,
    Tool::UseSentry,
    Tool::IncidentList,
    Tool::IncidentShow,
    Tool::More,
];

impl Skill {
    /// All of them: the three jobs, then the four specialists.
    pub const ALL: [Self; 7] = [
        Self::BacklogSync,
        Self::TriageAndFix,
        Self::IncidentResponse,
        Self::IncidentCommander,
        Self::ErrorAnalyst,
        Self::PerformanceExpert,
        Self::ReleaseManager,
    ];

    /// The skill of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|skill| skill.name() == name)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BacklogSync => "orderly-backlog-sync",
            Self::TriageAndFix => "orderly-triage-and-fix",
            Self::IncidentResponse => "orderly-incident-response",
            Self::IncidentCommander => "orderly-incident-commander",
            Self::ErrorAnalyst => "orderly-error-analyst",
            Self::PerformanceExpert => "orderly-performance-expert",
            Self::ReleaseManager => "orderly-release-manager",
        }
    }

    /// What it is for, and when it is taken.
    pub const fn description(self) -> &'static str {
        match self {
            Self::BacklogSync => {
                "Bring recent high-signal Sentry errors into the tracker, each with a proof that it is not tracked yet. Use when asked to sync, file or link Sentry issues."
            }
            Self::TriageAndFix => {
                "Rank unresolved Sentry issues and bring chosen ones through checks to a verified commit. Use when asked to triage or fix production errors."
            }
            Self::IncidentResponse => {
                "Find out what breaks in production, since when and for whom, and keep the incident's record. Use when errors spike or users report an outage."
            }
            Self::IncidentCommander => {
                "Lead the response to an incident by what is known, what is suspected and what is next. Use when several people or agents work on one outage."
            }
            Self::ErrorAnalyst => {
                "Find the cause of a production error from what Sentry recorded. Use when asked why something crashes."
            }
            Self::PerformanceExpert => {
                "Find what is slow in production, since when and for whom. Use when asked about latency or timeouts."
            }
            Self::ReleaseManager => {
                "Say what a release broke and whether it should stay out. Use when asked about a deploy or before one."
            }
        }
    }

    /// The tools that it needs, and no other.
    pub fn tools(self) -> Vec<Tool> {
        match self {
            Self::BacklogSync => vec![Tool::SyncPreview, Tool::SyncApply, Tool::GetIssueDetails, Tool::More],
            Self::TriageAndFix => vec![
                Tool::Triage,
                Tool::GetIssueDetails,
                Tool::FixStart,
                Tool::FixCheck,
                Tool::FixCommit,
                Tool::FixResolve,
                Tool::More,
            ],
            Self::IncidentResponse | Self::IncidentCommander => {
                [&READS[..], &[Tool::IncidentPreview, Tool::IncidentApply]].concat()
            }
            Self::ErrorAnalyst | Self::PerformanceExpert | Self::ReleaseManager => READS.to_vec(),
        }
    }

    /// What its reader does.
    pub const fn text(self) -> &'static str {
        match self {
            Self::BacklogSync => include_str!("skills/backlog-sync.md"),
            Self::TriageAndFix => include_str!("skills/triage-and-fix.md"),
            Self::IncidentResponse => include_str!("skills/incident-response.md"),
            Self::IncidentCommander => include_str!("skills/incident-commander.md"),
            Self::ErrorAnalyst => include_str!("skills/error-analyst.md"),
            Self::PerformanceExpert => include_str!("skills/performance-expert.md"),
            Self::ReleaseManager => include_str!("skills/release-manager.md"),
        }
    }

    /// The file of a skill: front matter, then `text`, which is its own or the one that a project has in its place.
    pub fn file(self, text: &str, spelling: Spelling) -> String {
        let spelled = |tool: Tool| match spelling {
            Spelling::Plain => tool.name().to_owned(),
            Spelling::Prefixed => format!("mcp__orderly__{}", tool.name()),
        };
        let tools: Vec<String> = self.tools().into_iter().map(spelled).collect();
        let (name, description) = (self.name(), self.description());
        format!(
            "---\nname: {name}\ndescription: {description}\nallowed-tools: {}\n---\n\n{text}",
            tools.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skill_names_only_tools_that_there_are_and_that_it_may_use() {
        for skill in Skill::ALL {
            assert_eq!(Skill::named(skill.name()), Some(skill));
            let text = skill.text();
            for word in text.split('`').skip(1).step_by(2) {
                let like_a_tool =
                    ["sentry_", "sync_", "fix_", "incident_"].iter().any(|start| word.starts_with(start));
                if let Some(tool) = Tool::named(word) {
                    assert!(skill.tools().contains(&tool), "{}: {word}", skill.name());
                } else {
                    assert!(!like_a_tool, "{}: there is no tool {word}", skill.name());
                }
            }
        }
    }

    #[test]
    fn the_file_of_a_skill_has_the_front_matter_that_clients_read() {
        let file = Skill::BacklogSync.file(Skill::BacklogSync.text(), Spelling::Prefixed);
        let (front, _) = file.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
        let keys: Vec<&str> = front.lines().map(|line| line.split_once(": ").unwrap().0).collect();
        assert_eq!(keys, ["name", "description", "allowed-tools"]);
        assert!(front.contains("mcp__orderly__sync_preview, mcp__orderly__sync_apply"), "{front}");
        // The value of a plain YAML scalar.
        for skill in Skill::ALL {
            assert!(!skill.description().contains(": ") && !skill.description().contains(" #"));
        }
    }
}
