//! What the tracker allows: team, states, labels, people.

use super::LinearClient;
use super::api::Answer;
use orderly_core::answer::Cause;
use orderly_core::ids::TeamKey;
use orderly_core::sync::snapshot::{Creation, RepeatedIds, TeamFacts, TrackerFacts};
use orderly_wire::linear::documents::{MORE_LABELS, MORE_PEOPLE, PREFLIGHT};
use orderly_wire::linear::filters::{LabelFilter, TeamFilter};
use orderly_wire::linear::nodes::{LabelNode, PersonNode, Preflight, TeamNode};
use orderly_wire::linear::reply::Connection;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Pages of 250 labels or people that are read; what lies beyond cannot be mapped and is missed by name.
const MOST_PAGES: usize = 8;

#[derive(Deserialize)]
struct Labels {
    labels: Connection<LabelNode>,
}

#[derive(Deserialize)]
struct People {
    people: Connection<PersonNode>,
}

impl LinearClient {
    pub(super) async fn facts_of(&self, team: &TeamKey, others: &[TeamKey]) -> Result<TrackerFacts, Cause> {
        // Keys are upper-case in Linear; whoever writes them may not be.
        let keys: Vec<String> = others.iter().map(|key| key.as_str().to_uppercase()).collect();
        let all_keys = keys.iter().cloned().chain([team.as_str().to_uppercase()]).collect();
        let labels = LabelFilter::usable_in(all_keys);
        let variables = json!({
            "team": TeamFilter::with_key(team.as_str()), "others": TeamFilter::with_keys(keys), "labels": labels,
        });
        let Answer { value: preflight, .. }: Answer<Preflight> =
            self.api.ask("preflight", PREFLIGHT, variables).await.map_err(Cause::from)?;
        let Some(found) =
            preflight.team.nodes.iter().find(|node| node.key.eq_ignore_ascii_case(team.as_str()))
        else {
            return Err(self.no_such_team(team).await);
        };
        let (all_labels, people) = futures::try_join!(
            self.all_labels(preflight.labels, &labels),
            self.all_people(preflight.people)
        )?;
        Ok(TrackerFacts {
            team: TeamKey::new(found.key.clone()),
            team_id: found.id.clone(),
            initial_state: initial_state(found),
            reopen_state: reopen_state(found),
            labels: label_ids(&all_labels, team),
            people: people.into_iter().filter_map(person).collect(),
            creation: creation(found),
            repeated_ids: RepeatedIds::Refused,
            other_teams: others
                .iter()
                .filter_map(|key| further(key, &preflight.others.nodes, &all_labels))
                .collect(),
        })
    }

    async fn all_labels(
        &self,
        first: Connection<LabelNode>,
        filter: &LabelFilter,
    ) -> Result<Vec<LabelNode>, Cause> {
        let mut page = first;
        let mut all = std::mem::take(&mut page.nodes);
        for _ in 1..MOST_PAGES {
            let Some(after) = page.next() else { break };
            let variables = json!({ "labels": filter, "after": after });
            let answer: Answer<Labels> =
                self.api.ask("labels", MORE_LABELS, variables).await.map_err(Cause::from)?;
            page = answer.value.labels;
            all.append(&mut page.nodes);
        }
        Ok(all)
    }

    async fn all_people(&self, first: Connection<PersonNode>) -> Result<Vec<PersonNode>, Cause> {
        let mut page = first;
        let mut all = std::mem::take(&mut page.nodes);
        for _ in 1..MOST_PAGES {
            let Some(after) = page.next() else { break };
            let variables = json!({ "after": after });
            let answer: Answer<People> =
                self.api.ask("people", MORE_PEOPLE, variables).await.map_err(Cause::from)?;
            page = answer.value.people;
            all.append(&mut page.nodes);
        }
        Ok(all)
    }

    /// Names the teams that there are, the nearest first.
    async fn no_such_team(&self, team: &TeamKey) -> Cause {
        let seen = match self.workspace().await {
            Ok(seen) => seen,
            Err(cause) => return cause,
        };
        let mut keys: Vec<&str> = seen.teams.iter().map(|t| t.key.as_str()).collect();
        let wanted = team.as_str().to_ascii_uppercase();
        keys.sort_by(|a, b| {
            let near = |key: &str| strsim::jaro_winkler(&key.to_ascii_uppercase(), &wanted);
            near(b).total_cmp(&near(a))
        });
        keys.truncate(10);
        let there = if keys.is_empty() {
            "the key sees no team".to_owned()
        } else {
            format!("it has {}", keys.join(", "))
        };
        Cause::Missing(format!(
            "team `{team}` in the workspace `{}`; {there}: correct `tracker.team`, or give the key access to the team",
            seen.name
        ))
    }
}

/// Triage where the team has it, so that a person looks at what we file.
fn initial_state(team: &TeamNode) -> Option<String> {
    let triage = team.triage_issue_state.as_ref().filter(|_| team.triage_enabled);
    triage.or(team.default_issue_state.as_ref()).map(|state| state.id.clone())
}

/// The first open state that is not triage: where work that comes back waits.
fn reopen_state(team: &TeamNode) -> Option<String> {
    let rank = |kind: &str| ["backlog", "unstarted", "started"].iter().position(|known| *known == kind);
    let states = team.states.iter().flat_map(|page| &page.nodes);
    let open = states.filter_map(|state| Some((rank(&state.kind)?, state)));
    let first = open.min_by(|(a, one), (b, other)| a.cmp(b).then(one.position.total_cmp(&other.position)));
    first.map(|(_, state)| state.id.clone())
}

/// A further team, under the key that configuration wrote; `None` when there is no such team, or none in use.
fn further(key: &TeamKey, teams: &[TeamNode], labels: &[LabelNode]) -> Option<(TeamKey, TeamFacts)> {
    let team = teams.iter().find(|team| team.key.eq_ignore_ascii_case(key.as_str()))?;
    let facts = TeamFacts {
        team_id: team.id.clone(),
        initial_state: initial_state(team),
        reopen_state: reopen_state(team),
        labels: label_ids(labels, key),
    };
    (creation(team) == Creation::Allowed).then(|| (key.clone(), facts))
}

fn creation(team: &TeamNode) -> Creation {
    if team.retired_at.is_some() || team.archived_at.is_some() {
        Creation::Refused(format!("team {} is retired: set `tracker.team` to a team in use", team.key))
    } else {
        Creation::Allowed
    }
}

/// Labels that can be put on items of the team, by lower-case name; the team's own win over the workspace's.
fn label_ids(labels: &[LabelNode], team: &TeamKey) -> BTreeMap<String, String> {
    let of_team = |label: &LabelNode| label.team.as_ref().map(|t| t.key.eq_ignore_ascii_case(team.as_str()));
    let usable = |label: &&LabelNode| !label.is_group && of_team(label) != Some(false);
    let mut sorted: Vec<&LabelNode> = labels.iter().filter(usable).collect();
    sorted.sort_by_key(|label| (of_team(label).unwrap_or(false), label.name.clone(), label.id.clone()));
    sorted.into_iter().map(|label| (label.name.to_lowercase(), label.id.clone())).collect()
}

fn person(person: PersonNode) -> Option<(String, String)> {
    let email = person.email.filter(|_| person.active)?;
    Some((email.to_lowercase(), person.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_item_waits_for_triage_where_the_team_triages() {
        let team = |value| serde_json::from_value::<TeamNode>(value).expect("readable");
        let states = json!({
            "id": "t", "key": "PLAT", "triageEnabled": true, "triageIssueState": {"id": "triage"},
            "defaultIssueState": {"id": "backlog"}
        });
        assert_eq!(initial_state(&team(states.clone())).as_deref(), Some("triage"));
        let mut off = states;
        off["triageEnabled"] = json!(false);
        assert_eq!(initial_state(&team(off)).as_deref(), Some("backlog"));
        assert_eq!(initial_state(&team(json!({"id": "t", "key": "PLAT"}))), None);
    }

    #[test]
    fn an_item_is_reopened_into_the_first_open_state_that_is_not_triage() {
        let team = |states| {
            serde_json::from_value::<TeamNode>(json!({"id": "t", "key": "P", "states": {"nodes": states}}))
                .expect("readable")
        };
        let states = json!([
            {"id": "done", "type": "completed", "position": 0.0}, {"id": "triage", "type": "triage", "position": 0.1},
            {"id": "doing", "type": "started", "position": 0.2}, {"id": "later", "type": "backlog", "position": 5.0},
            {"id": "soon", "type": "backlog", "position": 4.0}
        ]);
        assert_eq!(reopen_state(&team(states)).as_deref(), Some("soon"));
        assert_eq!(reopen_state(&team(json!([{"id": "done", "type": "completed"}]))), None);
    }

    #[test]
    fn a_further_team_keeps_the_key_that_configuration_wrote() {
        let teams: Vec<TeamNode> = serde_json::from_value(json!([
            {"id": "1", "key": "WEB"}, {"id": "2", "key": "OLD", "retiredAt": "2026-01-01T00:00:00Z"}
        ]))
        .expect("readable");
        let of = |key: &str| {
            further(&TeamKey::new(key), &teams, &[]).map(|(key, facts)| (key.to_string(), facts.team_id))
        };
        assert_eq!(of("web"), Some(("web".into(), "1".into())));
        assert_eq!((of("OLD"), of("API")), (None, None));
    }

    #[test]
    fn a_retired_team_takes_no_items() {
        let team: TeamNode =
            serde_json::from_value(json!({"id": "t", "key": "OLD", "retiredAt": "2026-01-01T00:00:00Z"}))
                .expect("readable");
        assert!(matches!(creation(&team), Creation::Refused(why) if why.contains("OLD")));
    }

    #[test]
    fn groups_and_labels_of_other_teams_are_left_out_and_the_teams_own_win() {
        let labels: Vec<LabelNode> = serde_json::from_value(json!([
            {"id": "1", "name": "Bug", "team": {"key": "PLAT"}}, {"id": "2", "name": "bug", "team": null},
            {"id": "3", "name": "Kind", "isGroup": true}, {"id": "4", "name": "web", "team": {"key": "WEB"}},
            {"id": "5", "name": "Sentry"}
        ]))
        .expect("readable");
        let expected = [("bug", "1"), ("sentry", "5")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(label_ids(&labels, &TeamKey::new("PLAT")), BTreeMap::from(expected));
    }
}
