//! Everything the tracker knows, in memory. SQLite is the truth: a [`Change`] is committed there first, then applied
//! here, so a request reads one consistent state without a query per nested field.

use std::collections::{BTreeMap, HashMap};

use super::model::{
    Attachment, AttachmentId, Comment, CommentId, History, HistoryId, Issue, IssueId, Label, LabelId,
    Organization, Relation, RelationId, StateId, StateKind, Team, TeamId, Triage, User, UserId,
    WorkflowState,
};

/// One record written or taken away.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Organization(Organization),
    User(User),
    Team(Team),
    State(WorkflowState),
    Label(Label),
    Issue(Issue),
    Attachment(Attachment),
    Comment(Comment),
    Relation(Relation),
    History(History),
    RemoveIssue(IssueId),
    RemoveAttachment(AttachmentId),
    RemoveComment(CommentId),
    RemoveRelation(RelationId),
    RemoveHistory(HistoryId),
}

/// The state of the tracker.
#[derive(Clone, Debug)]
pub struct World {
    pub organization: Organization,
    /// Counts the records written; every mutation answers with it.
    pub last_sync_id: u64,
    pub users: BTreeMap<UserId, User>,
    pub teams: BTreeMap<TeamId, Team>,
    pub states: BTreeMap<StateId, WorkflowState>,
    pub labels: BTreeMap<LabelId, Label>,
    pub issues: BTreeMap<IssueId, Issue>,
    pub attachments: BTreeMap<AttachmentId, Attachment>,
    pub comments: BTreeMap<CommentId, Comment>,
    pub relations: BTreeMap<RelationId, Relation>,
    pub history: BTreeMap<HistoryId, History>,
    links: HashMap<IssueId, Links>,
}

/// What hangs on one issue.
#[derive(Clone, Debug, Default)]
struct Links {
    attachments: Vec<AttachmentId>,
    comments: Vec<CommentId>,
    relations: Vec<RelationId>,
    inverse_relations: Vec<RelationId>,
    history: Vec<HistoryId>,
}

impl World {
    pub fn new(organization: Organization, last_sync_id: u64) -> Self {
        Self {
            organization,
            last_sync_id,
            users: BTreeMap::new(),
            teams: BTreeMap::new(),
            states: BTreeMap::new(),
            labels: BTreeMap::new(),
            issues: BTreeMap::new(),
            attachments: BTreeMap::new(),
            comments: BTreeMap::new(),
            relations: BTreeMap::new(),
            history: BTreeMap::new(),
            links: HashMap::new(),
        }
    }

    /// The issue with this UUID or identifier such as `PLAT-7`, today's or a former one.
    pub fn issue_by_any_id(&self, id: &str) -> Option<&Issue> {
        if let Some(issue) = self.issues.get(id) {
            return Some(issue);
        }
        let wanted = id.to_ascii_uppercase();
        self.issues
            .values()
            .find(|issue| self.identifier(issue) == wanted)
            .or_else(|| self.issues.values().find(|issue| issue.previous_identifiers.contains(&wanted)))
    }

    pub fn identifier(&self, issue: &Issue) -> String {
        format!("{}-{}", self.team(&issue.team).key, issue.number)
    }

    /// The team of a record. Records name teams that exist: a mutation checks it, the database holds it.
    pub fn team(&self, id: &TeamId) -> &Team {
        self.teams.get(id).expect("teams are never removed, and records name existing ones")
    }

    /// The state of an issue.
    pub fn state(&self, id: &StateId) -> &WorkflowState {
        self.states.get(id).expect("states are never removed, and issues name existing ones")
    }

    /// The states of a team in the order of its board.
    pub fn states_of(&self, team: &TeamId) -> Vec<&WorkflowState> {
        let mut states: Vec<_> = self.states.values().filter(|state| state.team == *team).collect();
        states.sort_by(|a, b| a.position.total_cmp(&b.position));
        states
    }

    /// The first state of this kind on the team's board.
    pub fn state_of_kind(&self, team: &TeamId, kind: StateKind) -> Option<&WorkflowState> {
        self.states_of(team).into_iter().find(|state| state.kind == kind)
    }

    /// The state where issues of outsiders wait, when the team has triage.
    pub fn triage_state(&self, team: &Team) -> Option<&WorkflowState> {
        match team.triage {
            Triage::Enabled => self.state_of_kind(&team.id, StateKind::Triage),
            Triage::Disabled => None,
        }
    }

    /// The state of new issues of the team's members.
    pub fn default_state(&self, team: &Team) -> Option<&WorkflowState> {
        self.state_of_kind(&team.id, StateKind::Backlog)
            .or_else(|| self.state_of_kind(&team.id, StateKind::Unstarted))
    }

    pub fn attachments_of(&self, issue: &IssueId) -> impl Iterator<Item = &Attachment> {
        self.links.get(issue).into_iter().flat_map(|links| &links.attachments).map(|id| &self.attachments[id])
    }

    pub fn comments_of(&self, issue: &IssueId) -> impl Iterator<Item = &Comment> {
        self.links.get(issue).into_iter().flat_map(|links| &links.comments).map(|id| &self.comments[id])
    }

    /// Relations that start at this issue.
    pub fn relations_of(&self, issue: &IssueId) -> impl Iterator<Item = &Relation> {
        self.links.get(issue).into_iter().flat_map(|links| &links.relations).map(|id| &self.relations[id])
    }

    /// Relations that point to this issue.
    pub fn inverse_relations_of(&self, issue: &IssueId) -> impl Iterator<Item = &Relation> {
        self.links
            .get(issue)
            .into_iter()
            .flat_map(|links| &links.inverse_relations)
            .map(|id| &self.relations[id])
    }

    pub fn history_of(&self, issue: &IssueId) -> impl Iterator<Item = &History> {
        self.links.get(issue).into_iter().flat_map(|links| &links.history).map(|id| &self.history[id])
    }

    /// Takes over changes that have been committed.
    pub fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            self.last_sync_id += 1;
            self.apply_one(change);
        }
    }

    /// Takes over a record as it was loaded, which does not count as a change.
    pub fn load(&mut self, record: Change) {
        self.apply_one(record);
    }

    fn apply_one(&mut self, change: Change) {
        match change {
            Change::Organization(organization) => self.organization = organization,
            Change::User(user) => {
                self.users.insert(user.id.clone(), user);
            }
            Change::Team(team) => {
                self.teams.insert(team.id.clone(), team);
            }
            Change::State(state) => {
                self.states.insert(state.id.clone(), state);
            }
            Change::Label(label) => {
                self.labels.insert(label.id.clone(), label);
            }
            Change::Issue(issue) => {
                self.issues.insert(issue.id.clone(), issue);
            }
            Change::Attachment(attachment) => {
                self.unlink_attachment(&attachment.id);
                self.links_of(&attachment.issue).attachments.push(attachment.id.clone());
                self.attachments.insert(attachment.id.clone(), attachment);
            }
            Change::Comment(comment) => {
                if !self.comments.contains_key(&comment.id) {
                    self.links_of(&comment.issue).comments.push(comment.id.clone());
                }
                self.comments.insert(comment.id.clone(), comment);
            }
            Change::Relation(relation) => {
                self.unlink_relation(&relation.id);
                self.links_of(&relation.issue).relations.push(relation.id.clone());
                self.links_of(&relation.related).inverse_relations.push(relation.id.clone());
                self.relations.insert(relation.id.clone(), relation);
            }
            Change::History(history) => {
                self.links_of(&history.issue).history.push(history.id.clone());
                self.history.insert(history.id.clone(), history);
            }
            Change::RemoveIssue(id) => {
                self.issues.remove(&id);
                self.links.remove(&id);
            }
            Change::RemoveAttachment(id) => {
                self.unlink_attachment(&id);
                self.attachments.remove(&id);
            }
            Change::RemoveComment(id) => {
                if let Some(comment) = self.comments.remove(&id) {
                    self.links_of(&comment.issue).comments.retain(|linked| *linked != id);
                }
            }
            Change::RemoveRelation(id) => {
                self.unlink_relation(&id);
                self.relations.remove(&id);
            }
            Change::RemoveHistory(id) => {
                if let Some(history) = self.history.remove(&id) {
                    self.links_of(&history.issue).history.retain(|linked| *linked != id);
                }
            }
        }
    }

    fn unlink_attachment(&mut self, id: &AttachmentId) {
        if let Some(issue) = self.attachments.get(id).map(|known| known.issue.clone()) {
            self.links_of(&issue).attachments.retain(|linked| linked != id);
        }
    }

    fn unlink_relation(&mut self, id: &RelationId) {
        if let Some(known) = self.relations.get(id).cloned() {
            self.links_of(&known.issue).relations.retain(|linked| linked != id);
            self.links_of(&known.related).inverse_relations.retain(|linked| linked != id);
        }
    }

    fn links_of(&mut self, issue: &IssueId) -> &mut Links {
        self.links.entry(issue.clone()).or_default()
    }
}
