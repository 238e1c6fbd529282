//! Who probably owns an issue: by the ownership rules of its project, and by the commits of its first release that
//! touched its files.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use sqlx::SqlitePool;

use super::events::as_json;
use super::issues_read::id_list;
use super::people;
use crate::sentry::model::from_micros;
use crate::sentry::ownership_rules::{self, EventFacts, Matcher, OwnerName, Rule};
use crate::sentry::search::compile::{OwnerRule, OwnerSubject};
use crate::sentry::search::value::Pattern;

/// A suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestedOwner {
    /// Why.
    pub reason: Reason,
    /// Who.
    pub owner: OwnerId,
    /// Since when it can be known.
    pub since: Timestamp,
}

/// Why somebody is suggested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// This ownership rule, as written.
    Rule(String),
    /// This commit.
    SuspectCommit(String),
}

/// A member or team, by row id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnerId {
    /// A member.
    Member(i64),
    /// A team.
    Team(i64),
}

/// The suggestions for these issues, given as (issue, project, when it was first seen).
///
/// # Errors
/// When the database refuses.
pub async fn suggested(
    pool: &SqlitePool,
    issues: &[(i64, i64, Timestamp)],
) -> Result<HashMap<i64, Vec<SuggestedOwner>>, sqlx::Error> {
    let ids: Vec<i64> = issues.iter().map(|(issue, _, _)| *issue).collect();
    let mut projects: Vec<i64> = issues.iter().map(|(_, project, _)| *project).collect();
    projects.sort_unstable();
    projects.dedup();
    let rules = rules(pool, &projects).await?;
    let mut found: HashMap<i64, Vec<SuggestedOwner>> = HashMap::new();
    if !rules.is_empty() {
        let facts = Facts::load(pool, &ids, rules.values().flatten().map(|(rule, _)| rule)).await?;
        for (issue, project, first_seen) in issues {
            let Some(owned) = rules.get(project) else { continue };
            let Some((rule, owners)) = facts.deciding(*issue, owned) else { continue };
            let reason = Reason::Rule(format!("{}:{}", rule.matcher.kind_name(), rule.pattern));
            found.entry(*issue).or_default().extend(owners.iter().map(|owner| SuggestedOwner {
                reason: reason.clone(),
                owner: *owner,
                since: *first_seen,
            }));
        }
    }
    for (issue, suggestion) in suspects(pool, &ids).await? {
        found.entry(issue).or_default().push(suggestion);
    }
    Ok(found)
}

/// The ownership rules of these projects (of all when there are none given), as the search needs them.
///
/// # Errors
/// When the database refuses.
pub async fn search_rules(pool: &SqlitePool, projects: &[i64]) -> Result<Vec<OwnerRule>, sqlx::Error> {
    let by_project = rules(pool, projects).await?;
    let mut all = Vec::new();
    for (project, rules) in by_project {
        all.extend(rules.into_iter().map(|(rule, owners)| OwnerRule {
            project,
            subject: match rule.matcher {
                Matcher::Path => OwnerSubject::Path,
                Matcher::Module => OwnerSubject::Module,
                Matcher::Url => OwnerSubject::Url,
                Matcher::Tag(key) => OwnerSubject::Tag(key),
            },
            pattern: Pattern::parse(&if rule.pattern.ends_with('/') {
                format!("{}*", rule.pattern)
            } else {
                rule.pattern
            }),
            members: owners.iter().filter_map(|owner| member_id(*owner)).collect(),
            teams: owners.iter().filter_map(|owner| team_id(*owner)).collect(),
        }));
    }
    Ok(all)
}

fn member_id(owner: OwnerId) -> Option<i64> {
    match owner {
        OwnerId::Member(id) => Some(id),
        OwnerId::Team(_) => None,
    }
}

fn team_id(owner: OwnerId) -> Option<i64> {
    match owner {
        OwnerId::Team(id) => Some(id),
        OwnerId::Member(_) => None,
    }
}

type OwnedRules = Vec<(Rule, Vec<OwnerId>)>;

/// The active rules by project, with those owners that exist. Text that is not a rule has no effect: the endpoint
/// that stores rules refuses it.
async fn rules(pool: &SqlitePool, projects: &[i64]) -> Result<HashMap<i64, OwnedRules>, sqlx::Error> {
    let written: Vec<(i64, String)> = sqlx::query_as(
        "SELECT project_id, raw FROM ownership WHERE is_active = 1 AND raw <> ''
           AND (json_array_length($1) = 0 OR project_id IN (SELECT value FROM json_each($1)))",
    )
    .bind(id_list(projects))
    .fetch_all(pool)
    .await?;
    if written.is_empty() {
        return Ok(HashMap::new());
    }
    let members = people::members(pool).await?;
    let teams = people::teams(pool).await?;
    let owner = |name: &OwnerName| match name {
        OwnerName::User(email) => {
            let member = members.iter().find(|member| member.email.eq_ignore_ascii_case(email));
            member.map(|member| OwnerId::Member(member.id))
        }
        OwnerName::Team(slug) => {
            teams.iter().find(|team| team.slug == *slug).map(|team| OwnerId::Team(team.id))
        }
    };
    Ok(written
        .into_iter()
        .map(|(project, raw)| {
            let rules = ownership_rules::parse(&raw).unwrap_or_default().into_iter();
            let owned = rules.map(|rule| {
                let owners = rule.owners.iter().filter_map(owner).collect();
                (rule, owners)
            });
            (project, owned.collect())
        })
        .collect())
}

/// What rules look at, for a page of issues.
struct Facts {
    /// (issue, key) -> values, the keys being those of `issue_term` and `tag:KEY`.
    values: HashMap<(i64, String), Vec<String>>,
}

impl Facts {
    async fn load<'r>(
        pool: &SqlitePool,
        issues: &[i64],
        rules: impl Iterator<Item = &'r Rule>,
    ) -> Result<Facts, sqlx::Error> {
        let tags: BTreeSet<&str> = rules
            .filter_map(|rule| match &rule.matcher {
                Matcher::Url => Some("url"),
                Matcher::Tag(key) => Some(key.as_str()),
                Matcher::Path | Matcher::Module => None,
            })
            .collect();
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT issue_term.issue_id, issue_term.key, issue_term.value FROM json_each($1) AS wanted
             JOIN issue_term ON issue_term.issue_id = wanted.value
             WHERE issue_term.key IN ('in_app.path', 'in_app.module')
             UNION ALL
             SELECT issue_tag.issue_id, 'tag:' || issue_tag.key, issue_tag.value FROM json_each($1) AS wanted
             JOIN issue_tag ON issue_tag.issue_id = wanted.value
             WHERE issue_tag.key IN (SELECT value FROM json_each($2))",
        )
        .bind(id_list(issues))
        .bind(as_json(&tags))
        .fetch_all(pool)
        .await?;
        let mut values: HashMap<(i64, String), Vec<String>> = HashMap::new();
        for (issue, key, value) in rows {
            values.entry((issue, key)).or_default().push(value);
        }
        Ok(Facts { values })
    }

    fn of(&self, issue: i64, key: &str) -> Vec<&str> {
        let values = self.values.get(&(issue, key.to_owned()));
        values.map_or_else(Vec::new, |values| values.iter().map(String::as_str).collect())
    }

    /// The last rule that matches.
    fn deciding<'r>(&self, issue: i64, rules: &'r OwnedRules) -> Option<&'r (Rule, Vec<OwnerId>)> {
        let paths = self.of(issue, "in_app.path");
        let modules = self.of(issue, "in_app.module");
        rules.iter().rev().find(|(rule, _)| {
            let looked_at = match &rule.matcher {
                Matcher::Url => self.of(issue, "tag:url"),
                Matcher::Tag(key) => self.of(issue, &format!("tag:{key}")),
                Matcher::Path | Matcher::Module => vec![""],
            };
            looked_at.iter().any(|value| {
                let tag = match &rule.matcher {
                    Matcher::Tag(key) => Some((key.as_str(), *value)),
                    _ => None,
                };
                rule.matches(&EventFacts {
                    paths: &paths,
                    modules: &modules,
                    url: Some(*value),
                    tags: tag.as_slice(),
                })
            })
        })
    }
}

/// Members whose commits in the issue's first release changed a file of an in-app frame; the newest commit of each.
async fn suspects(pool: &SqlitePool, issues: &[i64]) -> Result<Vec<(i64, SuggestedOwner)>, sqlx::Error> {
    let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(
        "SELECT issue.id, member.id, MAX(vcs_commit.committed_at), vcs_commit.sha
         FROM json_each($1) AS wanted
         JOIN issue ON issue.id = wanted.value
         JOIN release_commit ON release_commit.release_id = issue.first_release_id
         JOIN vcs_commit ON vcs_commit.id = release_commit.commit_id
         JOIN member ON lower(member.email) = lower(vcs_commit.author_email)
         JOIN vcs_commit_file AS file ON file.commit_id = vcs_commit.id
         JOIN issue_term ON issue_term.issue_id = issue.id AND issue_term.key = 'in_app.path'
              AND (file.path = issue_term.value
                   OR substr(file.path, -length(issue_term.value) - 1) = '/' || issue_term.value
                   OR substr(issue_term.value, -length(file.path) - 1) = '/' || file.path)
         GROUP BY issue.id, member.id ORDER BY issue.id, 3 DESC",
    )
    .bind(id_list(issues))
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(issue, member, at, sha)| {
            let suggestion = SuggestedOwner {
                reason: Reason::SuspectCommit(sha),
                owner: OwnerId::Member(member),
                since: from_micros(at),
            };
            (issue, suggestion)
        })
        .collect())
}
