//! What a request looks at: the world at one moment, through the eyes of one user.

use std::cell::RefCell;

use jiff::{SignedDuration, Timestamp};

use super::limits::Reading;
use super::model::{Attachment, Comment, Issue, IssueId, User, UserId};
use super::problem::Problem;
use super::world::World;

/// The world as one request sees it.
pub struct Scene<'w> {
    pub world: &'w World,
    pub now: Timestamp,
    pub viewer: &'w User,
    /// Beginning of permalinks, `http://127.0.0.1:PORT`.
    pub base_url: &'w str,
    /// How long a new issue stays invisible to search.
    pub search_lag: SignedDuration,
    /// How the viewer's limits stand.
    pub readings: Vec<Reading>,
    /// Refusals met below the root. The executor carries their message only; the rest is looked up here.
    problems: RefCell<Vec<Problem>>,
}

impl<'w> Scene<'w> {
    pub fn new(world: &'w World, now: Timestamp, viewer: &'w User, base_url: &'w str) -> Self {
        Self {
            world,
            now,
            viewer,
            base_url,
            search_lag: SignedDuration::ZERO,
            readings: Vec::new(),
            problems: RefCell::default(),
        }
    }

    pub fn user(&self, id: &Option<UserId>) -> Option<&'w User> {
        self.world.users.get(id.as_ref()?)
    }

    pub fn children(&self, parent: &IssueId) -> impl Iterator<Item = &'w Issue> {
        self.world.issues.values().filter(move |issue| issue.parent.as_ref() == Some(parent))
    }

    /// Permalink of an issue.
    pub fn issue_url(&self, issue: &Issue) -> String {
        let identifier = self.world.identifier(issue);
        format!(
            "{}/{}/issue/{identifier}/{}",
            self.base_url,
            self.world.organization.url_key,
            slug(&issue.title)
        )
    }

    /// Permalink of a comment.
    pub fn comment_url(&self, comment: &Comment) -> String {
        let issue = self.world.issues.get(&comment.issue).map(|issue| self.issue_url(issue));
        format!(
            "{}#comment-{}",
            issue.unwrap_or_default(),
            &comment.id.as_str()[..8.min(comment.id.as_str().len())]
        )
    }

    /// The issue an attachment hangs on.
    pub fn issue_of(&self, attachment: &Attachment) -> Option<&'w Issue> {
        self.world.issues.get(&attachment.issue)
    }

    /// Keeps a refusal for the answer.
    pub fn note(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// The refusal with this message.
    pub fn noted(&self, message: &str) -> Option<Problem> {
        self.problems.borrow().iter().find(|problem| problem.message() == message).cloned()
    }
}

/// A title as a segment of a URL.
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for letter in title.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.len() >= 60 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}
