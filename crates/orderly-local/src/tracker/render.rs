//! From records to the objects of the schema: one field at a time, as the executor asks.

mod connection;
mod issue;
mod linked;
mod payload;
mod workspace;

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::{JsonMap, JsonValue};
use jiff::Timestamp;

pub use self::connection::{Connection, includes_archived, listed, ranked};
pub use self::payload::Payload;
use super::limits::Reading;
use super::model::{
    Attachment, Comment, History, Issue, Label, Organization, Relation, Team, User, WorkflowState,
};
use super::page::PageInfo;
use super::problem::Problem;
use super::scene::Scene;

/// An object of the schema and where its content comes from.
#[derive(Clone)]
pub enum Node<'w> {
    Organization(&'w Organization),
    User(&'w User),
    Team(&'w Team),
    State(&'w WorkflowState),
    Label(&'w Label),
    Issue(&'w Issue),
    /// An issue found by a search, with its score.
    Found(&'w Issue, f64),
    Attachment(&'w Attachment),
    Comment(&'w Comment),
    Relation(&'w Relation),
    History(&'w History),
    Connection(Connection<'w>),
    PageInfo(PageInfo),
    /// The answer of `semanticSearch`.
    Similar(Vec<(&'w Issue, f64)>),
    SimilarResult(&'w Issue),
    RateLimits,
    RateLimit(Reading),
    Payload(Payload),
    /// An object whose fields are the same for everybody: its type and content.
    Fixed(&'static str, JsonMap),
}

/// The value of a field.
pub enum Out<'w> {
    Leaf(JsonValue),
    One(Node<'w>),
    Many(Vec<Node<'w>>),
}

/// What resolving a field gives; `None` when the type has no such field.
pub type Field<'w> = Result<Option<Out<'w>>, Problem>;

/// A node in its scene, as the executor wants it.
pub struct Object<'w> {
    pub scene: &'w Scene<'w>,
    pub node: Node<'w>,
}

impl Node<'_> {
    fn type_name(&self) -> &'static str {
        match self {
            Self::Organization(_) => "Organization",
            Self::User(_) => "User",
            Self::Team(_) => "Team",
            Self::State(_) => "WorkflowState",
            Self::Label(_) => "IssueLabel",
            Self::Issue(_) => "Issue",
            Self::Found(..) => "IssueSearchResult",
            Self::Attachment(_) => "Attachment",
            Self::Comment(_) => "Comment",
            Self::Relation(_) => "IssueRelation",
            Self::History(_) => "IssueHistory",
            Self::Connection(connection) => connection.type_name,
            Self::PageInfo(_) => "PageInfo",
            Self::Similar(_) => "SemanticSearchPayload",
            Self::SimilarResult(_) => "SemanticSearchResult",
            Self::RateLimits => "RateLimitPayload",
            Self::RateLimit(_) => "RateLimitResultPayload",
            Self::Payload(payload) => payload.type_name(),
            Self::Fixed(type_name, _) => type_name,
        }
    }
}

impl<'w> Object<'w> {
    fn field(&self, name: &str, arguments: &JsonMap) -> Field<'w> {
        let scene = self.scene;
        match &self.node {
            Node::Organization(organization) => workspace::organization(scene, organization, name, arguments),
            Node::User(user) => workspace::user(scene, user, name, arguments),
            Node::Team(team) => workspace::team(scene, team, name, arguments),
            Node::State(state) => workspace::state(scene, state, name, arguments),
            Node::Label(label) => workspace::label(scene, label, name, arguments),
            Node::Issue(issue) => issue::issue(scene, issue, name, arguments),
            Node::Found(issue, score) => issue::found(scene, issue, *score, name, arguments),
            Node::Attachment(attachment) => Ok(linked::attachment(scene, attachment, name)),
            Node::Comment(comment) => linked::comment(scene, comment, name, arguments),
            Node::Relation(relation) => Ok(linked::relation(scene, relation, name)),
            Node::History(history) => Ok(linked::history(scene, history, name)),
            Node::Connection(connection) => Ok(connection.field(name)),
            Node::PageInfo(info) => Ok(connection::page_info(info, name)),
            Node::Similar(results) => Ok(connection::similar(results, name)),
            Node::SimilarResult(issue) => Ok(connection::similar_result(issue, name)),
            Node::RateLimits => Ok(payload::rate_limits(scene, name)),
            Node::RateLimit(reading) => Ok(payload::rate_limit(reading, name)),
            Node::Payload(payload) => Ok(payload.field(scene, name)),
            Node::Fixed(_, content) => Ok(content.get(name).cloned().map(Out::Leaf)),
        }
    }
}

impl ObjectValue for Object<'_> {
    fn type_name(&self) -> &str {
        self.node.type_name()
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        match self.field(info.field_name(), info.arguments()) {
            Ok(Some(out)) => Ok(out.resolved(self.scene)),
            Ok(None) => Err(self.unknown_field_error(info)),
            Err(problem) => {
                let message = problem.message().to_owned();
                self.scene.note(problem);
                Err(FieldError { message })
            }
        }
    }
}

impl<'w> Out<'w> {
    /// As the executor wants it.
    pub fn resolved(self, scene: &'w Scene<'w>) -> ResolvedValue<'w> {
        match self {
            Self::Leaf(JsonValue::Array(items)) => {
                ResolvedValue::list(items.into_iter().map(ResolvedValue::Leaf))
            }
            Self::Leaf(value) => ResolvedValue::Leaf(value),
            Self::One(node) => ResolvedValue::object(Object { scene, node }),
            Self::Many(nodes) => ResolvedValue::list(
                nodes.into_iter().map(move |node| ResolvedValue::object(Object { scene, node })),
            ),
        }
    }

    fn maybe(node: Option<Node<'w>>) -> Self {
        node.map_or(Self::Leaf(JsonValue::Null), Self::One)
    }
}

fn leaf<'w>(value: impl Into<JsonValue>) -> Option<Out<'w>> {
    Some(Out::Leaf(value.into()))
}

fn text<'w>(value: &str) -> Option<Out<'w>> {
    leaf(value)
}

fn time<'w>(at: Timestamp) -> Option<Out<'w>> {
    leaf(format!("{at:.3}"))
}

fn optional_time<'w>(at: Option<Timestamp>) -> Option<Out<'w>> {
    at.map_or_else(|| leaf(JsonValue::Null), time)
}

fn null<'w>() -> Option<Out<'w>> {
    leaf(JsonValue::Null)
}

fn empty_list<'w>() -> Option<Out<'w>> {
    leaf(Vec::<JsonValue>::new())
}

fn empty_object<'w>() -> Option<Out<'w>> {
    leaf(JsonMap::new())
}

fn strings<'a, 'w>(items: impl IntoIterator<Item = &'a str>) -> Option<Out<'w>> {
    leaf(items.into_iter().map(JsonValue::from).collect::<Vec<_>>())
}

macro_rules! nodes {
    ($($record:ty => $variant:ident),+ $(,)?) => {$(
        impl<'w> From<&'w $record> for Node<'w> {
            fn from(record: &'w $record) -> Self {
                Self::$variant(record)
            }
        }
    )+};
}

nodes! {
    Organization => Organization,
    User => User,
    Team => Team,
    WorkflowState => State,
    Label => Label,
    Issue => Issue,
    Attachment => Attachment,
    Comment => Comment,
    Relation => Relation,
    History => History,
}
