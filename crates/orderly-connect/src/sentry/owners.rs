//! Who may own an issue, each with its reason.

use super::api::Ask;
use super::{SentryClient, issue};
use orderly_core::answer::Cause;
use orderly_core::ids::IssueId;
use orderly_core::sync::snapshot::{Assignee, Issue, OwnerClue, OwnerReason};
use orderly_core::untrusted::Untrusted;
use orderly_wire::sentry::issue::{self as wire, Owner, OwnerKind};
use orderly_wire::sentry::organization::{Member, Team};
use std::collections::BTreeMap;
use std::sync::PoisonError;

impl SentryClient {
    /// Keeps what a list said about owners.
    pub(super) fn remember_owners(&self, id: IssueId, owners: Vec<Owner>) {
        self.owners_seen.lock().unwrap_or_else(PoisonError::into_inner).insert(id, owners);
    }

    fn owners_seen(&self, id: IssueId) -> Option<Vec<Owner>> {
        self.owners_seen.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Owner clues, strongest reason first. An issue that no list named is asked for.
    pub(super) async fn owner_clues(&self, issue: &Issue) -> Result<Vec<OwnerClue>, Cause> {
        let suggested = match self.owners_seen(issue.id) {
            Some(owners) => owners,
            None => self.details(issue.id).await?.map(|(details, _)| details.owners).unwrap_or_default(),
        };
        let mut clues: Vec<OwnerClue> = issue.assignee.iter().map(assigned).collect();
        let named = futures::future::join_all(suggested.iter().map(|owner| self.clue(owner))).await;
        clues.extend(named.into_iter().flatten());
        clues.sort();
        clues.dedup();
        Ok(clues)
    }

    async fn clue(&self, owner: &Owner) -> Option<OwnerClue> {
        let (reason, evidence) = match &owner.kind {
            OwnerKind::OwnershipRule => {
                (OwnerReason::OwnershipRule, "an ownership rule of the project matches")
            }
            OwnerKind::Codeowners => (OwnerReason::OwnershipRule, "a CODEOWNERS entry matches"),
            OwnerKind::SuspectCommit => (OwnerReason::SuspectCommit, "wrote a suspect commit"),
            OwnerKind::Other(_) => return None,
        };
        Some(OwnerClue {
            reason,
            owner: self.named(&owner.owner).await?,
            evidence: Untrusted::from(evidence),
        })
    }

    /// `user:12` or `team:3` with its name. A name that the token may not read stays a number.
    async fn named(&self, actor: &str) -> Option<Assignee> {
        let (kind, id) = actor.split_once(':')?;
        let (known, unknown) = match kind {
            "user" => {
                (self.people().await.get(id), Assignee::User { name: ["user ", id].concat(), email: None })
            }
            "team" => (self.teams().await.get(id), Assignee::Team { slug: id.to_owned() }),
            _ => return None,
        };
        Some(known.cloned().unwrap_or(unknown))
    }

    /// Members by the id of their account; asked once, and only when an owner has to be named.
    async fn people(&self) -> &BTreeMap<String, Assignee> {
        let ask = || async {
            let members = self.members().await.unwrap_or_else(|cause| {
                tracing::info!(%cause, "owners are shown by number, because members cannot be read");
                Vec::new()
            });
            members.into_iter().collect()
        };
        self.people.get_or_init(ask).await
    }

    /// Teams by id; asked once, and only when an owner has to be named.
    async fn teams(&self) -> &BTreeMap<String, Assignee> {
        let ask = || async {
            let teams = self.owning_teams().await.unwrap_or_else(|cause| {
                tracing::info!(%cause, "owning teams are shown by number, because teams cannot be read");
                Vec::new()
            });
            teams.into_iter().collect()
        };
        self.teams.get_or_init(ask).await
    }

    /// Members with the id of their account.
    pub(super) async fn members(&self) -> Result<Vec<(String, Assignee)>, Cause> {
        let path = ["organizations", self.org.as_str(), "members"];
        let ask = Ask { path: &path, scope: "`member:read`", subject: "the members of the organization" };
        let members: Vec<Member> = self.api.get_all(ask).await?;
        Ok(members.into_iter().filter_map(person).collect())
    }

    /// Teams with their id.
    pub(super) async fn owning_teams(&self) -> Result<Vec<(String, Assignee)>, Cause> {
        let path = ["organizations", self.org.as_str(), "teams"];
        let ask =
            Ask { path: &path, scope: "`org:read` or `team:read`", subject: "the teams of the organization" };
        let teams: Vec<Team> = self.api.get_all(ask).await?;
        Ok(teams.into_iter().map(|team| (team.id, Assignee::Team { slug: team.slug })).collect())
    }
}

fn assigned(owner: &Assignee) -> OwnerClue {
    OwnerClue {
        reason: OwnerReason::Assigned,
        owner: owner.clone(),
        evidence: Untrusted::from("it is assigned in Sentry"),
    }
}

fn person(member: Member) -> Option<(String, Assignee)> {
    let user = member.user?;
    let actor = wire::Actor {
        kind: "user".to_owned(),
        id: user.id,
        name: if user.name.is_empty() { member.name } else { user.name },
        email: user.email.or(member.email),
    };
    Some((actor.id.clone(), issue::assignee(&actor)))
}
