//! The catalogue: names, what each tool is for, and how much power it has.

use super::arguments::{
    FindProjects, FindReleases, FindTeams, FixCheck, FixCommit, FixResolve, FixStart, GetIssueDetails,
    IncidentApply, IncidentList, IncidentPreview, IncidentShow, More, SearchEvents, SearchIssues, SyncApply,
    SyncPreview, Triage, UseSentry,
};
use super::{holds, schema};
use rmcp::model::{self, JsonObject, ToolAnnotations};
use std::sync::Arc;

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// `sentry_search_issues`
    SearchIssues,
    /// `sentry_get_issue_details`
    GetIssueDetails,
    /// `sentry_find_teams`
    FindTeams,
    /// `sentry_find_projects`
    FindProjects,
    /// `sentry_find_releases`
    FindReleases,
    /// `sentry_search_events`
    SearchEvents,
    /// `sentry_use_sentry`
    UseSentry,
    /// `sync_preview`
    SyncPreview,
    /// `sync_apply`
    SyncApply,
    /// `triage`
    Triage,
    /// `fix_start`
    FixStart,
    /// `fix_check`
    FixCheck,
    /// `fix_commit`
    FixCommit,
    /// `fix_resolve`
    FixResolve,
    /// `incident_list`
    IncidentList,
    /// `incident_show`
    IncidentShow,
    /// `incident_preview`
    IncidentPreview,
    /// `incident_apply`
    IncidentApply,
    /// `more`
    More,
}

/// What a tool may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// It reads.
    Reads,
    /// It works on this machine, beside what is checked out; nothing leaves.
    Notes,
    /// It changes what others see. It needs the digest of a preview, and a person's word where the policy asks for one.
    Writes,
}

impl Tool {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 19] = [
        Self::SearchIssues,
        Self::GetIssueDetails,
        Self::FindTeams,
        Self::FindProjects,
        Self::FindReleases,
        Self::SearchEvents,
        Self::UseSentry,
        Self::SyncPreview,
        Self::SyncApply,
        Self::Triage,
        Self::FixStart,
        Self::FixCheck,
        Self::FixCommit,
        Self::FixResolve,
        Self::IncidentList,
        Self::IncidentShow,
        Self::IncidentPreview,
        Self::IncidentApply,
        Self::More,
    ];

    /// The tool of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SearchIssues => "sentry_search_issues",
            Self::GetIssueDetails => "sentry_get_issue_details",
            Self::FindTeams => "sentry_find_teams",
            Self::FindProjects => "sentry_find_projects",
            Self::FindReleases => "sentry_find_releases",
            Self::SearchEvents => "sentry_search_events",
            Self::UseSentry => "sentry_use_sentry",
            Self::SyncPreview => "sync_preview",
            Self::SyncApply => "sync_apply",
            Self::Triage => "triage",
            Self::FixStart => "fix_start",
            Self::FixCheck => "fix_check",
            Self::FixCommit => "fix_commit",
            Self::FixResolve => "fix_resolve",
            Self::IncidentList => "incident_list",
            Self::IncidentShow => "incident_show",
            Self::IncidentPreview => "incident_preview",
            Self::IncidentApply => "incident_apply",
            Self::More => "more",
        }
    }

    /// What it is for.
    pub const fn description(self) -> &'static str {
        match self {
            Self::SearchIssues => "Find Sentry issues by search.",
            Self::GetIssueDetails => {
                "One issue and its latest crash: exceptions, own frames with source, suspected files, tags, breadcrumbs, diagnosis."
            }
            Self::FindTeams => "Teams of the organization.",
            Self::FindProjects => "Projects that can be seen.",
            Self::FindReleases => "Releases, newest first.",
            Self::SearchEvents => "Search events, or count and measure them by column.",
            Self::UseSentry => {
                "Answer a request in plain words with the other sentry_ tools, by fixed rules; shows which."
            }
            Self::SyncPreview => {
                "What the backlog sync would create and link in the tracker, each with its proof. Gives the plan's digest. Changes nothing."
            }
            Self::SyncApply => "Carry out the plan of a preview. Refused when the world changed since.",
            Self::Triage => {
                "Unresolved issues ranked behind a noise filter; with `select`, the approval of what is worked on."
            }
            Self::FixStart => {
                "Take up the issues of an approved selection, one after the other: gives a case file and a worktree to change. Called again, it says where the run stands."
            }
            Self::FixCheck => {
                "The change in the worktree is made: run the checks on it. Gives a receipt when they are green, otherwise what failed."
            }
            Self::FixCommit => "Commit exactly what the checks were green on, and bring it to its branch.",
            Self::FixResolve => {
                "Resolve in Sentry what a commit mends, once the commit is on an allowed branch."
            }
            Self::IncidentList => "Incidents, with what is overdue.",
            Self::IncidentShow => {
                "How an incident stands: severity and why, roles, what is due, what is next, and its timeline."
            }
            Self::IncidentPreview => {
                "What one action would write into an incident, as an agent's words, and the plan's digest. `comms`: the draft for people, to be applied once they were told it. Changes nothing."
            }
            Self::IncidentApply => {
                "Write exactly what a preview showed. Refused when the incident changed since."
            }
            Self::More => "The next page of a long answer.",
        }
    }

    /// What it may do.
    pub const fn power(self) -> Power {
        match self {
            Self::SyncApply | Self::FixCommit | Self::FixResolve | Self::IncidentApply => Power::Writes,
            Self::Triage | Self::FixStart | Self::FixCheck => Power::Notes,
            Self::SearchIssues
            | Self::GetIssueDetails
            | Self::FindTeams
            | Self::FindProjects
            | Self::FindReleases
            | Self::SearchEvents
            | Self::UseSentry
            | Self::SyncPreview
            | Self::IncidentList
            | Self::IncidentShow
            | Self::IncidentPreview
            | Self::More => Power::Reads,
        }
    }

    /// The command with which a person does the same.
    pub const fn by_hand(self) -> &'static str {
        match self {
            Self::SyncPreview | Self::SyncApply => "orderly sync --apply",
            Self::Triage => "orderly triage top",
            Self::FixStart | Self::FixCheck | Self::FixCommit => "orderly fix --approved",
            Self::FixResolve => "orderly verify",
            Self::IncidentList | Self::IncidentShow | Self::IncidentPreview | Self::IncidentApply => {
                "orderly incident"
            }
            _ => "orderly triage list",
        }
    }

    /// The schema of its arguments.
    pub fn arguments(self) -> JsonObject {
        match self {
            Self::SearchIssues => schema::of::<SearchIssues>(),
            Self::GetIssueDetails => schema::of::<GetIssueDetails>(),
            Self::FindTeams => schema::of::<FindTeams>(),
            Self::FindProjects => schema::of::<FindProjects>(),
            Self::FindReleases => schema::of::<FindReleases>(),
            Self::SearchEvents => schema::of::<SearchEvents>(),
            Self::UseSentry => schema::of::<UseSentry>(),
            Self::SyncPreview => schema::of::<SyncPreview>(),
            Self::SyncApply => schema::of::<SyncApply>(),
            Self::Triage => schema::of::<Triage>(),
            Self::FixStart => schema::of::<FixStart>(),
            Self::FixCheck => schema::of::<FixCheck>(),
            Self::FixCommit => schema::of::<FixCommit>(),
            Self::FixResolve => schema::of::<FixResolve>(),
            Self::IncidentList => schema::of::<IncidentList>(),
            Self::IncidentShow => schema::of::<IncidentShow>(),
            Self::IncidentPreview => schema::of::<IncidentPreview>(),
            Self::IncidentApply => schema::of::<IncidentApply>(),
            Self::More => schema::of::<More>(),
        }
    }

    /// As the protocol lists it.
    pub(super) fn listed(self) -> model::Tool {
        let annotations = match self.power() {
            Power::Reads => ToolAnnotations::new().read_only(true),
            Power::Notes | Power::Writes => {
                ToolAnnotations::new().read_only(false).destructive(false).idempotent(true)
            }
        };
        model::Tool::new(self.name(), self.description(), self.arguments())
            .with_annotations(annotations)
            .with_raw_output_schema(Arc::new(holds::schema(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_tool_is_found_by_its_name_and_no_name_is_taken_twice() {
        let names: BTreeSet<&str> = Tool::ALL.iter().map(|tool| tool.name()).collect();
        assert_eq!(names.len(), Tool::ALL.len());
        for tool in Tool::ALL {
            assert_eq!(Tool::named(tool.name()), Some(tool));
        }
        assert_eq!(Tool::named("rm"), None);
    }

    #[test]
    fn the_list_of_tools_costs_an_agent_less_than_four_thousand_tokens() {
        let listed: Vec<model::Tool> = Tool::ALL.into_iter().map(Tool::listed).collect();
        let text = serde_json::to_string(&listed).unwrap();
        let tokens = tiktoken_rs::cl100k_base().unwrap().encode_ordinary(&text).len();
        assert!(tokens < 4_000, "{tokens} tokens");
    }

    #[test]
    fn schemas_hold_what_an_agent_needs_and_no_more() {
        insta::with_settings!({sort_maps => true}, {
            insta::assert_json_snapshot!(Tool::SearchIssues.listed());
            insta::assert_json_snapshot!(Tool::SyncApply.listed());
            insta::assert_json_snapshot!(Tool::IncidentPreview.listed());
        });
    }
}
