//! The fields of the query root.

use apollo_compiler::response::JsonValue;

use super::call::Call;
use super::filter::{
    self, AttachmentFilter, CommentFilter, Filter, IssueFilter, LabelFilter, NoFilter, StateFilter,
    TeamFilter, UserFilter,
};
use super::model::{Attachment, Comment, Issue, Label, Relation, Team, TeamId, User, WorkflowState};
use super::problem::Problem;
use super::render::{Connection, Field, Node, Out, includes_archived, listed, ranked};
use super::scene::Scene;
use super::search::{self, Scope};

/// Answers one root field.
pub fn answer<'w>(scene: &'w Scene<'w>, call: &Call) -> Field<'w> {
    let world = scene.world;
    let arguments = &call.arguments;
    match call.field.as_str() {
        "viewer" => one(scene.viewer),
        "organization" => one(&world.organization),
        "rateLimitStatus" => Ok(Some(Out::One(Node::RateLimits))),
        "teams" => listed::<Team, TeamFilter>(scene, "TeamConnection", world.teams.values(), arguments),
        "team" => {
            let id = call.text("id");
            let by_key = || world.teams.values().find(|team| team.key.eq_ignore_ascii_case(id));
            found(world.teams.get(id).or_else(by_key), "Team")
        }
        "workflowStates" => listed::<WorkflowState, StateFilter>(
            scene,
            "WorkflowStateConnection",
            world.states.values(),
            arguments,
        ),
        "workflowState" => found(world.states.get(call.text("id")), "WorkflowState"),
        "issueLabels" => {
            listed::<Label, LabelFilter>(scene, "IssueLabelConnection", world.labels.values(), arguments)
        }
        "issueLabel" => found(world.labels.get(call.text("id")), "IssueLabel"),
        "users" => listed::<User, UserFilter>(scene, "UserConnection", world.users.values(), arguments),
        "user" => match call.text("id") {
            "me" => one(scene.viewer),
            id => found(world.users.get(id), "User"),
        },
        "issues" => listed::<Issue, IssueFilter>(scene, "IssueConnection", world.issues.values(), arguments),
        "issue" => found(world.issue_by_any_id(call.text("id")), "Issue"),
        "searchIssues" => search_issues(scene, call),
        "issueSearch" => issue_search(scene, call),
        "semanticSearch" => semantic_search(scene, call),
        "attachmentsForURL" => {
            let url = call.text("url");
            let attachments = shown_attachments(scene, call).filter(|it| it.url == url);
            listed::<Attachment, NoFilter>(scene, "AttachmentConnection", attachments, arguments)
        }
        "attachments" => listed::<Attachment, AttachmentFilter>(
            scene,
            "AttachmentConnection",
            shown_attachments(scene, call),
            arguments,
        ),
        "attachment" => found(world.attachments.get(call.text("id")), "Attachment"),
        "attachmentIssue" => {
            let attachment = world.attachments.get(call.text("id"));
            found(attachment.and_then(|it| scene.issue_of(it)), "Issue")
        }
        "comments" => {
            listed::<Comment, CommentFilter>(scene, "CommentConnection", world.comments.values(), arguments)
        }
        "comment" => found(world.comments.get(call.text("id")), "Comment"),
        "issueRelations" => listed::<Relation, NoFilter>(
            scene,
            "IssueRelationConnection",
            world.relations.values(),
            arguments,
        ),
        "issueRelation" => found(world.relations.get(call.text("id")), "IssueRelation"),
        "projects" => Ok(Some(Out::One(Node::Connection(Connection::empty("ProjectConnection"))))),
        "cycles" => Ok(Some(Out::One(Node::Connection(Connection::empty("CycleConnection"))))),
        _ => Ok(None),
    }
}

fn one<'w, T>(record: &'w T) -> Field<'w>
where
    Node<'w>: From<&'w T>,
{
    Ok(Some(Out::One(record.into())))
}

fn found<'w, T>(record: Option<&'w T>, entity: &'static str) -> Field<'w>
where
    Node<'w>: From<&'w T>,
{
    record.map_or_else(|| Err(Problem::not_found(entity)), one)
}

/// Attachments of issues out of sight are out of sight too, unless archived records are asked for.
fn shown_attachments<'w>(scene: &'w Scene<'w>, call: &Call) -> impl Iterator<Item = &'w Attachment> {
    let archived = includes_archived(&call.arguments);
    scene.world.attachments.values().filter(move |it| {
        archived || scene.issue_of(it).is_some_and(|issue| issue.presence.archived_at().is_none())
    })
}

/// The issues that a search may find.
fn candidates<'w>(
    scene: &'w Scene<'w>,
    call: &Call,
    filter: Option<IssueFilter>,
) -> impl Iterator<Item = &'w Issue> {
    let archived = includes_archived(&call.arguments);
    scene
        .world
        .issues
        .values()
        .filter(move |issue| archived || issue.presence.archived_at().is_none())
        .filter(move |issue| filter.as_ref().is_none_or(|filter| filter.lets(scene, issue)))
}

fn search_issues<'w>(scene: &'w Scene<'w>, call: &Call) -> Field<'w> {
    let scope = if call.flag("includeComments") { Scope::IssuesAndComments } else { Scope::Issues };
    let team = call.optional_text("teamId").map(TeamId::from);
    let filter = filter::from_arguments(&call.arguments)?;
    let hits =
        search::by_words(scene, call.text("term"), team.as_ref(), scope, candidates(scene, call, filter));
    Ok(Some(Out::One(Node::Connection(ranked(hits, &call.arguments)?))))
}

/// The older search: a plain connection of the issues whose words match, or of all without a query.
fn issue_search<'w>(scene: &'w Scene<'w>, call: &Call) -> Field<'w> {
    let term = call.optional_text("query").unwrap_or_default();
    let all = || scene.world.issues.values();
    let hits: Vec<&Issue> = match term.trim() {
        "" => all().collect(),
        term => search::by_words(scene, term, None, Scope::Issues, all())
            .into_iter()
            .map(|(issue, _)| issue)
            .collect(),
    };
    listed::<Issue, IssueFilter>(scene, "IssueConnection", hits.into_iter(), &call.arguments)
}

fn semantic_search<'w>(scene: &'w Scene<'w>, call: &Call) -> Field<'w> {
    let filter = match call.arguments.get("filters").and_then(|filters| filters.get("issues")) {
        None | Some(JsonValue::Null) => None,
        Some(filter) => Some(filter::read(filter.clone())?),
    };
    let types = call.arguments.get("types").and_then(|types| types.as_array());
    let issues_wanted = types.is_none_or(|types| types.iter().any(|kind| kind == "issue"));
    let at_most = match call.arguments.get("maxResults").and_then(|most| most.as_i64()) {
        None => 10,
        Some(most) => {
            usize::try_from(most).map_err(|_| Problem::argument("maxResults must not be less than 0."))?
        }
    };
    let mut hits = Vec::new();
    if issues_wanted {
        hits = search::by_likeness(scene, call.text("query"), candidates(scene, call, filter));
        hits.truncate(at_most);
    }
    Ok(Some(Out::One(Node::Similar(hits))))
}
