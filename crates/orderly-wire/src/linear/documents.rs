//! Every GraphQL text that is sent to Linear. The texts are fixed: data travels in variables only, and the one text
//! that is put together ([`tracked`]) is put together from fixed pieces and numbers.

#[cfg(test)]
mod tests;
mod tracked;

pub use tracked::{LINKED_LIMIT, OWN_LIMIT, Page, Part, SlotShape, TrackedShape, alias, tracked};

/// Team, labels, people and the caller, all in one request. Variables: `$team`, `$others` (`TeamFilter`), `$labels`
/// (`IssueLabelFilter`).
pub const PREFLIGHT: &str = r"query preflight($team: TeamFilter!, $others: TeamFilter!, $labels: IssueLabelFilter!) {
  viewer { id name email organization { name urlKey } }
  team: teams(first: 2, includeArchived: true, filter: $team) {
    nodes { ...team }
    pageInfo { hasNextPage }
  }
  others: teams(first: 20, includeArchived: true, filter: $others) {
    nodes { ...team }
    pageInfo { hasNextPage }
  }
  labels: issueLabels(first: 250, filter: $labels) {
    nodes { id name isGroup team { key } }
    pageInfo { hasNextPage endCursor }
  }
  people: users(first: 250) { nodes { id email active } pageInfo { hasNextPage endCursor } }
}
fragment team on Team {
  id key name retiredAt archivedAt triageEnabled triageIssueState { id } defaultIssueState { id }
  states(first: 50) { nodes { id type position } }
}";

/// Further labels. Variables: `$labels` (`IssueLabelFilter`), `$after`.
pub const MORE_LABELS: &str = r"query moreLabels($labels: IssueLabelFilter!, $after: String!) {
  labels: issueLabels(first: 250, after: $after, filter: $labels) {
    nodes { id name isGroup team { key } }
    pageInfo { hasNextPage endCursor }
  }
}";

/// Further people. Variable: `$after`.
pub const MORE_PEOPLE: &str = r"query morePeople($after: String!) {
  people: users(first: 250, after: $after) { nodes { id email active } pageInfo { hasNextPage endCursor } }
}";

/// Who asks, and which teams there are.
pub const PROBE: &str = r"query probe {
  viewer { id name email organization { name urlKey } }
  teams(first: 100) { nodes { id key name retiredAt } pageInfo { hasNextPage } }
}";

/// Most ids that [`ITEMS`] can answer.
pub const ITEMS_LIMIT: usize = 25;

/// Items by id, in archive and trash too, with what they were merged into. Variable: `$ids`, at most [`ITEMS_LIMIT`].
pub const ITEMS: &str = r"query items($ids: [ID!]!) {
  items: issues(first: 25, includeArchived: true, filter: { id: { in: $ids } }) {
    nodes {
      id identifier title url description archivedAt trashed createdAt updatedAt completedAt
      state { type } team { key }
      attachments(first: 50, includeArchived: true) { nodes { url } }
      relations(first: 50, includeArchived: true) { nodes { type relatedIssue { id identifier } } }
    }
    pageInfo { hasNextPage }
  }
}";

/// Items of a page of [`CHANGED`].
pub const CHANGED_PAGE: usize = 200;

/// Items by the time of their last change, newest first, in archive and trash too. Variables: `$filter`, `$after`.
pub const CHANGED: &str = r"query changed($filter: IssueFilter!, $after: String) {
  items: issues(first: 200, after: $after, includeArchived: true, orderBy: updatedAt, filter: $filter) {
    nodes {
      id identifier title url description archivedAt trashed createdAt updatedAt completedAt
      state { type } team { key }
      attachments(first: 3, includeArchived: true) { nodes { url } }
      relations(first: 5, includeArchived: true) { nodes { type relatedIssue { id identifier } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}";

/// One item by key, also by a key it had before it was moved; an error when there is none. Variable: `$key`.
pub const ITEM_BY_KEY: &str = r"query itemByKey($key: String!) {
  item: issue(id: $key) {
    id identifier title url description archivedAt trashed createdAt updatedAt completedAt
    state { type } team { key }
    attachments(first: 50, includeArchived: true) { nodes { url } }
    relations(first: 50, includeArchived: true) { nodes { type relatedIssue { id identifier } } }
  }
}";

/// What happened to an item since it was made. Variable: `$ids`, one id.
pub const TOUCHED: &str = r"query touched($ids: [ID!]!) {
  items: issues(first: 2, includeArchived: true, filter: { id: { in: $ids } }) {
    nodes {
      id createdAt archivedAt trashed
      comments(first: 10, includeArchived: true) { nodes { id createdAt } }
      history(first: 50, includeArchived: true) {
        nodes {
          createdAt fromStateId toStateId fromAssigneeId toAssigneeId fromPriority toPriority fromTitle toTitle
          updatedDescription addedLabelIds removedLabelIds
        }
        pageInfo { hasNextPage }
      }
    }
    pageInfo { hasNextPage }
  }
}";

/// The attachments of an item with one address. Variables: `$ids`, one id; `$attachment` (`AttachmentFilter`).
pub const ATTACHMENTS: &str = r"query attachments($ids: [ID!]!, $attachment: AttachmentFilter!) {
  items: issues(first: 2, includeArchived: true, filter: { id: { in: $ids } }) {
    nodes { id attachments(first: 25, includeArchived: true, filter: $attachment) { nodes { id url } } }
    pageInfo { hasNextPage }
  }
}";

/// Creates an item. Variable: `$input`.
pub const CREATE: &str = r"mutation create($input: IssueCreateInput!) {
  issueCreate(input: $input) { success issue { id identifier url } }
}";

/// Upserts an attachment. Variable: `$input`.
pub const ATTACH: &str = r"mutation attach($input: AttachmentCreateInput!) {
  attachmentCreate(input: $input) { success attachment { id } }
}";

/// Removes an attachment. Variable: `$id`.
pub const DETACH: &str = r"mutation detach($id: String!) { attachmentDelete(id: $id) { success } }";

/// Adds a comment. Variable: `$input`.
pub const COMMENT: &str = r"mutation comment($input: CommentCreateInput!) {
  commentCreate(input: $input) { success comment { id } }
}";

/// Changes an item. Variables: `$id`, `$input`.
pub const UPDATE: &str = r"mutation update($id: String!, $input: IssueUpdateInput!) {
  issueUpdate(id: $id, input: $input) { success issue { id } }
}";

/// Relates two items. Variable: `$input`.
pub const RELATE: &str = r"mutation relate($input: IssueRelationCreateInput!) {
  issueRelationCreate(input: $input) { success issueRelation { id } }
}";

/// Moves an item to the trash. Variable: `$id`.
pub const TRASH: &str = r"mutation trash($id: String!) { issueDelete(id: $id) { success } }";

/// Every fixed text with its name, for tests that hold all of them against a schema.
pub const ALL: [(&str, &str); 16] = [
    ("preflight", PREFLIGHT),
    ("moreLabels", MORE_LABELS),
    ("morePeople", MORE_PEOPLE),
    ("probe", PROBE),
    ("items", ITEMS),
    ("changed", CHANGED),
    ("itemByKey", ITEM_BY_KEY),
    ("touched", TOUCHED),
    ("attachments", ATTACHMENTS),
    ("create", CREATE),
    ("attach", ATTACH),
    ("detach", DETACH),
    ("comment", COMMENT),
    ("update", UPDATE),
    ("relate", RELATE),
    ("trash", TRASH),
];
