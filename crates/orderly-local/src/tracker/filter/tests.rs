use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::tracker::model::{StateKind, UserId};
use crate::tracker::seed::{self, TrackerSeed};
use crate::tracker::world::{Change, World};

/// A workspace with nothing in it but one issue.
struct Fixture {
    world: World,
    viewer: UserId,
    now: Timestamp,
}

impl Fixture {
    fn new() -> Self {
        let now: Timestamp = "2030-05-01T12:00:00Z".parse().unwrap();
        let seed = TrackerSeed { organization: "acme".into(), team: "PLAT".into(), base_url: String::new() };
        let changes = seed::workspace(&seed, now);
        let Some(Change::Organization(organization)) = changes.first().cloned() else { panic!() };
        let mut world = World::new(organization, 0);
        world.apply(changes);
        let viewer = world.users.keys().next().unwrap().clone();
        Self { world, viewer, now }
    }

    fn issue(&self, title: &str, description: Option<&str>) -> Issue {
        let team = self.world.teams.values().next().unwrap();
        let state = self.world.state_of_kind(&team.id, StateKind::Started).unwrap();
        serde_json::from_value(json!({
            "id": "2cbd6c38-8d2f-4c8a-9fd7-6d9b2f9a1e11", "team": team.id, "number": 7,
            "previous_identifiers": [], "title": title, "description": description, "priority": "high",
            "estimate": null, "due_date": null, "state": state.id, "assignee": null, "creator": self.viewer,
            "parent": null, "labels": [], "subscribers": [], "presence": "active",
            "created_at": self.now, "updated_at": self.now, "stored_at": self.now, "started_at": self.now,
            "completed_at": null, "canceled_at": null, "triaged_at": null, "started_triage_at": null,
            "snoozed_until": null,
        }))
        .unwrap()
    }

    fn lets(&self, filter: &Value, issue: &Issue) -> bool {
        let filter: IssueFilter =
            read(filter.clone().into()).unwrap_or_else(|problem| panic!("{problem:?}: {filter}"));
        let scene = Scene::new(&self.world, self.now, &self.world.users[&self.viewer], "");
        filter.lets(&scene, issue)
    }
}

#[test]
fn each_comparator_means_what_its_name_says() {
    let fixture = Fixture::new();
    let issue = fixture.issue("Crème TypeError in Checkout", Some("see /issues/123/ for more"));
    let cases = [
        (json!({}), true),
        (json!({"title": {"eq": "Crème TypeError in Checkout"}}), true),
        (json!({"title": {"eq": "crème typeerror in checkout"}}), false),
        (json!({"title": {"eqIgnoreCase": "CRÈME typeerror in checkout"}}), true),
        (json!({"title": {"neq": "other"}}), true),
        (json!({"title": {"neqIgnoreCase": "crème TYPEERROR in checkout"}}), false),
        (json!({"title": {"in": ["a", "Crème TypeError in Checkout"]}}), true),
        (json!({"title": {"nin": ["a", "Crème TypeError in Checkout"]}}), false),
        (json!({"title": {"contains": "TypeError"}}), true),
        (json!({"title": {"contains": "typeerror"}}), false),
        (json!({"title": {"containsIgnoreCase": "typeerror"}}), true),
        (json!({"title": {"containsIgnoreCaseAndAccent": "CREME"}}), true),
        (json!({"title": {"notContains": "TypeError"}}), false),
        (json!({"title": {"notContainsIgnoreCase": "typeerror"}}), false),
        (json!({"title": {"startsWith": "Crème"}}), true),
        (json!({"title": {"startsWithIgnoreCase": "crème"}}), true),
        (json!({"title": {"notStartsWith": "Crème"}}), false),
        (json!({"title": {"endsWith": "Checkout"}}), true),
        (json!({"title": {"notEndsWith": "Checkout"}}), false),
        (json!({"title": {"startsWith": "Crème", "endsWith": "nothing"}}), false),
        (json!({"description": {"null": false}}), true),
        (json!({"description": {"null": true}}), false),
        (json!({"description": {"contains": "/issues/123"}}), true),
        (json!({"description": {"contains": "/issues/12"}}), true),
        (json!({"number": {"eq": 7}}), true),
        (json!({"number": {"gt": 7}}), false),
        (json!({"number": {"gte": 7, "lt": 8, "lte": 7}}), true),
        (json!({"number": {"in": [1, 2]}}), false),
        (json!({"number": {"nin": [1, 2]}}), true),
        (json!({"estimate": {"null": true}}), true),
        (json!({"estimate": {"gt": 0}}), false),
        (json!({"estimate": {"neq": 3}}), true),
        (json!({"priority": {"lte": 2}}), true),
        (json!({"id": {"in": ["plat-7"]}}), true),
        (json!({"id": {"eq": "2CBD6C38-8d2f-4c8a-9fd7-6d9b2f9a1e11"}}), true),
        (json!({"id": {"nin": ["PLAT-7"]}}), false),
        (json!({"createdAt": {"gte": "2030-05-01"}}), true),
        (json!({"createdAt": {"gt": "-P1D"}}), true),
        (json!({"createdAt": {"lt": "-P2W"}}), false),
        (json!({"completedAt": {"null": true}}), true),
        (json!({"completedAt": {"gt": "-P1D"}}), false),
        (json!({"state": {"type": {"eq": "started"}}}), true),
        (json!({"state": {"type": {"nin": ["started"]}}}), false),
        (json!({"team": {"key": {"eq": "PLAT"}}}), true),
        (json!({"assignee": {"null": true}}), true),
        (json!({"assignee": {"name": {"eq": "x"}}}), false),
        (json!({"creator": {"null": false}}), true),
        (json!({"creator": {"isMe": {"eq": true}}}), true),
        (json!({"parent": {"null": true}}), true),
        (json!({"labels": {"null": true}}), true),
        (json!({"labels": {"some": {"name": {"eq": "bug"}}}}), false),
        (json!({"labels": {"every": {"name": {"eq": "bug"}}}}), true),
        (json!({"labels": {"length": {"eq": 0}}}), true),
        (json!({"labels": {"name": {"neq": "bug"}}}), false),
        (json!({"attachments": {"some": {"url": {"contains": "x"}}}}), false),
        (json!({"comments": {"length": {"gt": 0}}}), false),
        (json!({"children": {"or": [{"length": {"eq": 3}}, {"length": {"eq": 0}}]}}), true),
        (json!({"hasDuplicateRelations": {"eq": false}}), true),
        (json!({"hasBlockedByRelations": {"neq": true}}), true),
        (json!({"or": []}), true),
        (json!({"or": [{"title": {"eq": "x"}}, {"number": {"eq": 7}}]}), true),
        (json!({"and": [{"title": {"eq": "x"}}, {"number": {"eq": 7}}]}), false),
        (json!({"number": {"eq": 7}, "or": [{"title": {"eq": "x"}}]}), false),
        (json!({"title": null, "and": null}), true),
    ];
    for (filter, expected) in cases {
        assert_eq!(fixture.lets(&filter, &issue), expected, "{filter}");
    }
}

#[test]
fn a_time_that_is_none_is_refused() {
    for text in ["yesterday", "", "2030-13-01", "P"] {
        let filter: Result<IssueFilter, _> = read(json!({"createdAt": {"gt": text}}).into());
        assert!(filter.is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn a_negative_comparator_lets_exactly_what_the_positive_one_does_not(
        title in "[aA bBé]{1,6}", wanted in "[aA bBé]{0,3}", described in any::<bool>()
    ) {
        let fixture = Fixture::new();
        let issue = fixture.issue(&title, described.then_some(title.as_str()));
        let pairs = [
            ("eq", "neq"), ("contains", "notContains"), ("startsWith", "notStartsWith"), ("endsWith", "notEndsWith"),
            ("eqIgnoreCase", "neqIgnoreCase"), ("containsIgnoreCase", "notContainsIgnoreCase"),
        ];
        for field in ["title", "description"] {
            for (positive, negative) in pairs {
                let yes = fixture.lets(&json!({field: {positive: wanted}}), &issue);
                let no = fixture.lets(&json!({field: {negative: wanted}}), &issue);
                prop_assert_ne!(yes, no, "{} {}/{} {:?}", field, positive, negative, wanted);
            }
        }
    }

    #[test]
    fn and_is_all_or_is_any_in_any_order(
        conditions in proptest::collection::vec(("[ab]{0,2}", any::<bool>()), 1..5), title in "[ab]{1,4}"
    ) {
        let fixture = Fixture::new();
        let issue = fixture.issue(&title, None);
        let mut filters: Vec<Value> = conditions
            .iter()
            .map(|(wanted, negative)| {
                json!({"title": {if *negative { "notContains" } else { "contains" }: wanted}})
            })
            .collect();
        let expected: Vec<bool> =
            conditions.iter().map(|(wanted, negative)| title.contains(wanted.as_str()) != *negative).collect();
        let (all, any) = (!expected.contains(&false), expected.contains(&true));
        prop_assert_eq!(fixture.lets(&json!({"and": filters}), &issue), all);
        prop_assert_eq!(fixture.lets(&json!({"or": filters}), &issue), any);
        filters.reverse();
        prop_assert_eq!(fixture.lets(&json!({"and": filters}), &issue), all);
        prop_assert_eq!(fixture.lets(&json!({"or": filters}), &issue), any);
    }
}
