//! Whom Sentry knows, and assigning an issue to one of them.

use super::api::{Answer, Ask};
use super::{SentryClient, issue};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::IssueId;
use orderly_core::incident::same;
use orderly_core::sync::snapshot::Assignee;
use orderly_engine::ports::incident::{PeopleRead, SentryAssign};
use orderly_wire::sentry::issue::Issue;
use serde_json::{Value, json};

#[async_trait]
impl PeopleRead for SentryClient {
    async fn people(&self) -> Looked<Vec<Assignee>> {
        Looked::from(self.actors().await.map(|actors| actors.into_iter().map(|(_, who)| who).collect()))
    }
}

#[async_trait]
impl SentryAssign for SentryClient {
    async fn assign(&self, issue: IssueId, to: &Assignee) -> Result<(), Cause> {
        let actors = self.actors().await?;
        let (actor, _) = actors.into_iter().find(|(_, who)| same(who, to)).ok_or_else(|| {
            Cause::Missing(format!("a member or team `{}` of the organization `{}`", to.called(), self.org))
        })?;
        let id = issue.to_string();
        let path = ["organizations", self.org.as_str(), "issues", &id];
        let subject = ["issue ", &id].concat();
        let ask = Ask { path: &path, scope: "`event:write`", subject: &subject };
        let _answer: Answer<Value> = self.api.put(ask, &json!({"assignedTo": actor})).await?;
        let seen: Answer<Issue> = self.api.get(ask, &[]).await?;
        match seen.value.assigned_to.as_ref().map(issue::assignee) {
            Some(owner) if same(&owner, to) => Ok(()),
            _ => Err(Cause::NoReply(
                ["Sentry took the assignment of issue ", &id, " and shows another"].concat(),
            )),
        }
    }
}

impl SentryClient {
    /// Members as `user:12` and teams as `team:3`, which is how Sentry is told whom to assign.
    async fn actors(&self) -> Result<Vec<(String, Assignee)>, Cause> {
        let (members, teams) = futures::try_join!(self.members(), self.owning_teams())?;
        let members = members.into_iter().map(|(id, who)| (["user:", &id].concat(), who));
        Ok(members.chain(teams.into_iter().map(|(id, who)| (["team:", &id].concat(), who))).collect())
    }
}
