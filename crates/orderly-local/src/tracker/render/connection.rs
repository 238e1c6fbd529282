//! Connections: lists of records with a filter, an order and pages.

use apollo_compiler::response::JsonMap;
use jiff::Timestamp;

use super::{Field, Node, Out, empty_list, leaf};
use crate::tracker::filter::{self, Filter};
use crate::tracker::model::{
    Attachment, Comment, History, Issue, Label, Relation, Team, User, WorkflowState,
};
use crate::tracker::page::{Cursor, Order, PageInfo, PageRequest};
use crate::tracker::problem::Problem;
use crate::tracker::scene::Scene;

/// One page of a connection.
#[derive(Clone)]
pub struct Connection<'w> {
    pub type_name: &'static str,
    nodes: Vec<Node<'w>>,
    info: PageInfo,
    total: usize,
}

impl<'w> Connection<'w> {
    /// A connection of something that this tracker never has.
    pub fn empty(type_name: &'static str) -> Self {
        Self { type_name, nodes: Vec::new(), info: PageInfo::default(), total: 0 }
    }

    pub(super) fn field(&self, name: &str) -> Option<Out<'w>> {
        match name {
            "nodes" => Some(Out::Many(self.nodes.clone())),
            "pageInfo" => Some(Out::One(Node::PageInfo(self.info.clone()))),
            "totalCount" => leaf(self.total as f64),
            "archivePayload" => {
                let mut content = JsonMap::new();
                content.insert("archive", "[]".into());
                content.insert("totalCount", 0.0.into());
                content.insert("databaseVersion", 1.0.into());
                content.insert("includesDependencies", Vec::<String>::new().into());
                Some(Out::One(Node::Fixed("ArchiveResponse", content)))
            }
            _ => None,
        }
    }
}

/// A record that connections list.
pub trait Listed {
    fn id(&self) -> &str;
    fn created_at(&self) -> Timestamp;
    fn updated_at(&self) -> Timestamp {
        self.created_at()
    }
    /// Whether a connection shows it only when asked for archived ones.
    fn hidden(&self, _scene: &Scene<'_>) -> bool {
        false
    }
}

/// The connection of those items that the arguments ask for.
pub fn connection<'w, T, F>(
    scene: &'w Scene<'w>,
    type_name: &'static str,
    items: impl Iterator<Item = &'w T>,
    arguments: &JsonMap,
) -> Result<Connection<'w>, Problem>
where
    T: Listed + 'w,
    F: Filter<T>,
    Node<'w>: From<&'w T>,
{
    let filter: Option<F> = filter::from_arguments(arguments)?;
    let request = PageRequest::from_arguments(arguments)?;
    let archived = includes_archived(arguments);
    let items: Vec<&T> = items
        .filter(|item| archived || !item.hidden(scene))
        .filter(|item| filter.as_ref().is_none_or(|filter| filter.lets(scene, item)))
        .collect();
    let total = items.len();
    let page = request.cut(items, |item| match request.order {
        Order::CreatedAt => Cursor::at(item.created_at(), item.id()),
        Order::UpdatedAt => Cursor::at(item.updated_at(), item.id()),
    });
    Ok(Connection {
        type_name,
        nodes: page.items.into_iter().map(Node::from).collect(),
        info: page.info,
        total,
    })
}

/// The same as value of a field.
pub fn listed<'w, T, F>(
    scene: &'w Scene<'w>,
    type_name: &'static str,
    items: impl Iterator<Item = &'w T>,
    arguments: &JsonMap,
) -> Field<'w>
where
    T: Listed + 'w,
    F: Filter<T>,
    Node<'w>: From<&'w T>,
{
    connection::<T, F>(scene, type_name, items, arguments).map(|it| Some(Out::One(Node::Connection(it))))
}

/// The answer of `searchIssues`: the best first, unless the client orders otherwise.
pub fn ranked<'w>(hits: Vec<(&'w Issue, f64)>, arguments: &JsonMap) -> Result<Connection<'w>, Problem> {
    let request = PageRequest::from_arguments(arguments)?;
    let by_time = arguments.get("orderBy").is_some_and(|order| !order.is_null());
    let total = hits.len();
    let hits: Vec<_> = hits.into_iter().enumerate().collect();
    let page = request.cut(hits, |(position, (issue, _))| match (by_time, request.order) {
        (false, _) => Cursor::ranked(*position, issue.id()),
        (true, Order::CreatedAt) => Cursor::at(issue.created_at, issue.id()),
        (true, Order::UpdatedAt) => Cursor::at(issue.updated_at, issue.id()),
    });
    let nodes = page.items.into_iter().map(|(_, (issue, score))| Node::Found(issue, score)).collect();
    Ok(Connection { type_name: "IssueSearchPayload", nodes, info: page.info, total })
}

/// Whether the client asked for archived and trashed records too.
pub fn includes_archived(arguments: &JsonMap) -> bool {
    arguments.get("includeArchived").and_then(|value| value.as_bool()).unwrap_or(false)
}

pub(super) fn page_info<'w>(info: &PageInfo, name: &str) -> Option<Out<'w>> {
    match name {
        "startCursor" => leaf(info.start.clone()),
        "endCursor" => leaf(info.end.clone()),
        "hasNextPage" => leaf(info.has_next),
        "hasPreviousPage" => leaf(info.has_previous),
        _ => None,
    }
}

pub(super) fn similar<'w>(results: &[(&'w Issue, f64)], name: &str) -> Option<Out<'w>> {
    match name {
        "enabled" => leaf(true),
        "results" if results.is_empty() => empty_list(),
        "results" => Some(Out::Many(results.iter().map(|(issue, _)| Node::SimilarResult(issue)).collect())),
        _ => None,
    }
}

pub(super) fn similar_result<'w>(issue: &'w Issue, name: &str) -> Option<Out<'w>> {
    match name {
        "id" => leaf(issue.id.as_str()),
        "type" => leaf("issue"),
        "issue" => Some(Out::One(Node::Issue(issue))),
        "project" => leaf(()),
        _ => None,
    }
}

impl Listed for Issue {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }
    fn hidden(&self, _: &Scene<'_>) -> bool {
        self.presence.archived_at().is_some()
    }
}

macro_rules! listed {
    ($($record:ty { $created:ident, $updated:ident }),+ $(,)?) => {$(
        impl Listed for $record {
            fn id(&self) -> &str {
                self.id.as_str()
            }
            fn created_at(&self) -> Timestamp {
                self.$created
            }
            fn updated_at(&self) -> Timestamp {
                self.$updated
            }
        }
    )+};
}

listed! {
    User { created_at, created_at },
    Team { created_at, created_at },
    WorkflowState { created_at, created_at },
    Label { created_at, created_at },
    Attachment { created_at, updated_at },
    Comment { created_at, updated_at },
    Relation { created_at, created_at },
    History { created_at, created_at },
}
