//! A Sentry in memory: issues, their states, and the links that an app keeps.

use super::{at, site};
use orderly_core::ids::{IssueId, ProjectSlug, ShortId};
use orderly_core::sync::machine::LinkBackOrder;
use orderly_core::sync::snapshot::{
    AppLinks, EventEvidence, ExceptionEvidence, ExternalLink, Frame, FrameOrigin, Issue, Level, Review,
    Signal, Status, Unresolved,
};
use orderly_core::untrusted::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

/// A Sentry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentry {
    /// Issues by id.
    pub issues: BTreeMap<IssueId, Reported>,
    /// The app's link for an issue: one row, as Sentry keeps it.
    pub links: BTreeMap<IssueId, LinkBackOrder>,
}

/// An issue with the signals that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The issue.
    pub issue: Issue,
    /// Signals.
    pub signals: BTreeSet<Signal>,
    /// Its latest event.
    pub event: EventEvidence,
}

/// Words that no two issues share, so that no title or stack is mistaken for another's.
const WORDS: [&str; 8] =
    ["Checkout", "Inventory", "Shipping", "Invoice", "Payment", "Catalogue", "Session", "Delivery"];

impl Sentry {
    /// A Sentry with `count` unresolved issues that qualify.
    pub fn with_issues(count: u64) -> Self {
        let issues = (0..count).map(|n| (IssueId(4_500_100 + n), reported(n)));
        Self { issues: issues.collect(), links: BTreeMap::new() }
    }

    /// The app's link arrives: an upsert on the issue.
    pub fn link(&mut self, order: &LinkBackOrder) {
        self.links.insert(order.issue, order.clone());
    }

    /// Links of an issue, as the API answers.
    pub fn links_of(&self, issue: IssueId) -> Vec<ExternalLink> {
        let link = self.links.get(&issue).map(|order| ExternalLink {
            source: "orderly".to_owned(),
            label: Untrusted::new(format!("{}#{}", order.project, order.identifier)),
            url: Untrusted::new(order.web_url.clone()),
        });
        link.into_iter().collect()
    }
}

fn reported(n: u64) -> Reported {
    let word = WORDS[usize::try_from(n).unwrap_or(0) % WORDS.len()];
    let signal = Signal::ALL[usize::try_from(n).unwrap_or(0) % 4];
    let kind = Untrusted::new(format!("{word}Error"));
    let value = Untrusted::new(format!("{word} service gave no usable answer"));
    let frame = Frame {
        function: Untrusted::new(format!("{}_handler", word.to_lowercase())),
        module: Some(Untrusted::new(format!("shop.{}", word.to_lowercase()))),
        file: Some(Untrusted::new(format!("shop/{}.py", word.to_lowercase()))),
        line: Some(42),
        origin: FrameOrigin::InApp,
    };
    let event = EventEvidence {
        at: at(0),
        release: None,
        environment: Some(Untrusted::from("production")),
        platform: Untrusted::from("python"),
        exceptions: vec![ExceptionEvidence { kind: kind.clone(), value: value.clone(), frames: vec![frame] }],
        tags: BTreeMap::new(),
    };
    let issue = Issue {
        id: IssueId(4_500_100 + n),
        short_id: ShortId::new(format!("SHOP-{}", 10 + n)),
        project: ProjectSlug::new(if n.is_multiple_of(2) { "api" } else { "web" }),
        title: Untrusted::new(format!("{word}Error: {word} service gave no usable answer")),
        error_type: Some(kind),
        error_value: Some(value),
        culprit: Untrusted::new(format!("shop.{} in {}_handler", word.to_lowercase(), word.to_lowercase())),
        level: Level::Error,
        status: Status::Unresolved(if signal == Signal::Regressed {
            Unresolved::Regressed
        } else {
            Unresolved::Ongoing
        }),
        priority: None,
        review: Review::Waiting,
        events: 120 - n,
        users: 12,
        trend: Vec::new(),
        first_seen: at(0),
        last_seen: at(0),
        assignee: None,
        links: Vec::new(),
        app_links: AppLinks::NotTold,
    };
    Reported { issue, signals: BTreeSet::from([signal]), event }
}

/// The permalink of an issue.
pub fn permalink(issue: IssueId) -> String {
    site().permalink(issue)
}
