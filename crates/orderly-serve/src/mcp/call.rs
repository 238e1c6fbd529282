//! What an agent asks for: one variant a tool, with arguments that were read whole or not at all.

use super::arguments::{
    FindProjects, FindReleases, FindTeams, FixCheck, FixCommit, FixResolve, FixStart, GetIssueDetails,
    IncidentApply, IncidentList, IncidentPreview, IncidentShow, More, SearchEvents, SearchIssues, SyncApply,
    SyncPreview, Triage, UseSentry,
};
use super::tool::Tool;
use rmcp::model::JsonObject;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Issues by search.
    SearchIssues(SearchIssues),
    /// One issue with its latest crash.
    GetIssueDetails(GetIssueDetails),
    /// Teams.
    FindTeams(FindTeams),
    /// Projects.
    FindProjects(FindProjects),
    /// Releases.
    FindReleases(FindReleases),
    /// Events and numbers about them.
    SearchEvents(SearchEvents),
    /// A request in plain words.
    UseSentry(UseSentry),
    /// What a backlog sync would do.
    SyncPreview(SyncPreview),
    /// Doing exactly that.
    SyncApply(SyncApply),
    /// The ranked table, or a choice from it.
    Triage(Triage),
    /// Taking up the cases that were approved.
    FixStart(FixStart),
    /// A change is made: checks.
    FixCheck(FixCheck),
    /// The commit of what is green.
    FixCommit(FixCommit),
    /// Resolving what the commit mends.
    FixResolve(FixResolve),
    /// Incidents.
    IncidentList(IncidentList),
    /// One of them.
    IncidentShow(IncidentShow),
    /// What would be written into one.
    IncidentPreview(IncidentPreview),
    /// Writing exactly that.
    IncidentApply(IncidentApply),
    /// The next page of an answer.
    More(More),
}

/// Arguments that are none.
#[derive(Debug, thiserror::Error)]
#[error("the arguments of `{tool}` cannot be read: {why}")]
pub struct NotACall {
    /// The tool.
    pub tool: &'static str,
    /// What is wrong with them.
    pub why: serde_json::Error,
}

impl Call {
    /// Reads the arguments of a tool.
    ///
    /// # Errors
    /// Says which argument is missing, unknown or of the wrong kind.
    pub fn read(tool: Tool, arguments: Option<JsonObject>) -> Result<Self, NotACall> {
        let given = Value::Object(arguments.unwrap_or_default());
        let call = match tool {
            Tool::SearchIssues => of(given).map(Self::SearchIssues),
            Tool::GetIssueDetails => of(given).map(Self::GetIssueDetails),
            Tool::FindTeams => of(given).map(Self::FindTeams),
            Tool::FindProjects => of(given).map(Self::FindProjects),
            Tool::FindReleases => of(given).map(Self::FindReleases),
            Tool::SearchEvents => of(given).map(Self::SearchEvents),
            Tool::UseSentry => of(given).map(Self::UseSentry),
            Tool::SyncPreview => of(given).map(Self::SyncPreview),
            Tool::SyncApply => of(given).map(Self::SyncApply),
            Tool::Triage => of(given).map(Self::Triage),
            Tool::FixStart => of(given).map(Self::FixStart),
            Tool::FixCheck => of(given).map(Self::FixCheck),
            Tool::FixCommit => of(given).map(Self::FixCommit),
            Tool::FixResolve => of(given).map(Self::FixResolve),
            Tool::IncidentList => of(given).map(Self::IncidentList),
            Tool::IncidentShow => of(given).map(Self::IncidentShow),
            Tool::IncidentPreview => of(given).map(Self::IncidentPreview),
            Tool::IncidentApply => of(given).map(Self::IncidentApply),
            Tool::More => of(given).map(Self::More),
        };
        call.map_err(|why| NotACall { tool: tool.name(), why })
    }

    /// The tool that is called.
    pub const fn tool(&self) -> Tool {
        match self {
            Self::SearchIssues(_) => Tool::SearchIssues,
            Self::GetIssueDetails(_) => Tool::GetIssueDetails,
            Self::FindTeams(_) => Tool::FindTeams,
            Self::FindProjects(_) => Tool::FindProjects,
            Self::FindReleases(_) => Tool::FindReleases,
            Self::SearchEvents(_) => Tool::SearchEvents,
            Self::UseSentry(_) => Tool::UseSentry,
            Self::SyncPreview(_) => Tool::SyncPreview,
            Self::SyncApply(_) => Tool::SyncApply,
            Self::Triage(_) => Tool::Triage,
            Self::FixStart(_) => Tool::FixStart,
            Self::FixCheck(_) => Tool::FixCheck,
            Self::FixCommit(_) => Tool::FixCommit,
            Self::FixResolve(_) => Tool::FixResolve,
            Self::IncidentList(_) => Tool::IncidentList,
            Self::IncidentShow(_) => Tool::IncidentShow,
            Self::IncidentPreview(_) => Tool::IncidentPreview,
            Self::IncidentApply(_) => Tool::IncidentApply,
            Self::More(_) => Tool::More,
        }
    }
}

fn of<T: DeserializeOwned>(arguments: Value) -> Result<T, serde_json::Error> {
    serde_json::from_value(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_action_of_an_incident_takes_its_own_arguments_and_no_others() {
        let read = |arguments: Value| {
            let Value::Object(arguments) = arguments else { unreachable!() };
            Call::read(Tool::IncidentPreview, Some(arguments)).map_err(|error| error.why.to_string())
        };
        read(json!({"action": "declare", "issues": ["BACKEND-1"]})).unwrap();
        read(json!({"action": "severity", "incident": "INC-1"})).unwrap();
        for (wrong, says) in [
            (json!({"incident": "INC-1"}), "missing field `action`"),
            (json!({"action": "delete", "incident": "INC-1"}), "unknown variant `delete`"),
            (json!({"action": "note", "incident": "INC-1", "kind": "fact"}), "missing field `text`"),
            (json!({"action": "comms", "incident": "INC-1", "text": "all is well"}), "unknown field `text`"),
            (
                json!({"action": "resolve", "incident": "INC-1", "text": "x", "author": "ana"}),
                "unknown field `author`",
            ),
        ] {
            let error = read(wrong).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
