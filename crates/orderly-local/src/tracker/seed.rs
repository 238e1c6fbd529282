//! What a new workspace starts with.

use jiff::{SignedDuration, Timestamp};

use super::model::{
    Label, LabelId, LabelKind, Organization, OrganizationId, Role, StateId, StateKind, Team, TeamId, Triage,
    User, UserId, WorkflowState,
};
use super::world::{Change, World};

/// The workspace to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackerSeed {
    /// Slug of the organization, the first segment of permalinks.
    pub organization: String,
    /// Key of the team, such as `PLAT`.
    pub team: String,
    /// Address of the server without a trailing slash, `http://127.0.0.1:PORT`.
    pub base_url: String,
}

/// The records of a new workspace. The first user holds the API key and is not in the team, so what the key creates
/// waits in triage.
pub fn workspace(seed: &TrackerSeed, now: Timestamp) -> Vec<Change> {
    let organization = Organization {
        id: OrganizationId::random(),
        name: seed.organization.clone(),
        url_key: seed.organization.clone(),
        created_at: now,
    };
    let user = |name: &str, display: &str, role: Role| User {
        id: UserId::random(),
        name: name.to_owned(),
        display_name: display.to_owned(),
        email: format!("{display}@example.com"),
        role,
        created_at: now,
    };
    let people = [
        user("Integration", "integration", Role::Admin),
        user("Robin Reyes", "robin", Role::Member),
        user("Sam Okafor", "sam", Role::Member),
    ];
    let members = people[1..].iter().map(|user| user.id.clone()).collect();
    let mut changes = vec![Change::Organization(organization)];
    changes.extend(people.into_iter().map(Change::User));
    changes.extend(team(&seed.team, members, now));
    for (name, color) in [("bug", "#eb5757"), ("sentry", "#6c5fc7")] {
        changes.push(Change::Label(Label {
            id: LabelId::random(),
            team: None,
            name: name.to_owned(),
            description: None,
            color: color.to_owned(),
            parent: None,
            kind: LabelKind::Plain,
            creator: None,
            created_at: now,
        }));
    }
    changes
}

/// What is missing when an existing workspace is opened with this seed.
pub fn additions(world: &World, seed: &TrackerSeed, now: Timestamp) -> Vec<Change> {
    if world.teams.values().any(|known| known.key == seed.team) {
        return Vec::new();
    }
    let members = world.users.values().filter(|user| user.role == Role::Member);
    team(&seed.team, members.map(|user| user.id.clone()).collect(), now)
}

fn team(key: &str, members: Vec<UserId>, now: Timestamp) -> Vec<Change> {
    const STATES: [(&str, StateKind, &str); 8] = [
        ("Triage", StateKind::Triage, "#fc7840"),
        ("Backlog", StateKind::Backlog, "#bec2c8"),
        ("Todo", StateKind::Unstarted, "#e2e2e2"),
        ("In Progress", StateKind::Started, "#f2c94c"),
        ("In Review", StateKind::Started, "#0f783c"),
        ("Done", StateKind::Completed, "#5e6ad2"),
        ("Canceled", StateKind::Canceled, "#95a2b3"),
        ("Duplicate", StateKind::Duplicate, "#95a2b3"),
    ];
    let team = Team {
        id: TeamId::random(),
        key: key.to_owned(),
        name: key.to_owned(),
        triage: Triage::Enabled,
        members,
        last_number: 0,
        created_at: now,
    };
    let id = team.id.clone();
    let states = STATES.iter().enumerate().map(|(position, (name, kind, color))| {
        Change::State(WorkflowState {
            id: StateId::random(),
            team: id.clone(),
            name: (*name).to_owned(),
            kind: *kind,
            position: position as f64,
            color: (*color).to_owned(),
            // Connections list the newest first: the board's first column is the newest.
            created_at: now - SignedDuration::from_millis(position as i64),
        })
    });
    let mut changes = vec![Change::Team(team)];
    changes.extend(states);
    changes
}
