//! What others recorded of an incident: activity and comments in Sentry, releases that went out, alarms. Each becomes one
//! entry, however often it is looked up, because its identity there is part of the entry.

use super::entry::{Author, Entry, NoteKind, What};
use super::state::Incident;
use super::tell::PostKey;
use crate::diagnose::EventWords;
use crate::ids::{IssueId, ProjectSlug, SentrySite};
use crate::investigate::{Changed, ChangedWhat, Deployed};
use crate::scrub::Scrubber;
use crate::sync::snapshot::Assignee;
use crate::time::{Now, Timestamp, later};
use crate::untrusted::Untrusted;
use crate::watch::{Detector, Raised, SentryAlert, alert_words};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What was recorded so long before the first error may belong to it, in seconds.
const BEFORE: i64 = 2 * 3600;
/// Characters of a comment that are taken over.
const COMMENT: usize = 2_000;
/// Characters of a name.
const NAME: usize = 200;

/// Where something stands, and its identity there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Origin {
    /// The activity of an issue in Sentry.
    Activity {
        /// Its id there.
        id: String,
    },
    /// A comment on an issue in Sentry.
    Comment {
        /// Its id there.
        id: String,
    },
    /// A release that went out, or was made known.
    Deploy {
        /// Version.
        release: Untrusted<String>,
        /// Where to; `None`: it was only made known.
        environment: Option<Untrusted<String>>,
        /// When.
        at: Timestamp,
    },
    /// An alert of Sentry.
    Alert {
        /// Its id there.
        id: String,
    },
    /// An alarm of a watch.
    Alarm {
        /// Where it was raised.
        project: ProjectSlug,
        /// By what.
        detector: String,
        /// What it was about.
        about: String,
    },
}

/// Who did something in Sentry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doer {
    /// A member.
    Person(Assignee),
    /// An app.
    App(Untrusted<String>),
    /// Sentry itself.
    Sentry,
}

/// Something that Sentry recorded of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Its id.
    pub id: String,
    /// The issue.
    pub issue: IssueId,
    /// When.
    pub at: Timestamp,
    /// What: `set_resolved`.
    pub kind: Untrusted<String>,
    /// Who.
    pub by: Doer,
    /// More of it, by name: `version`, `assigneeEmail`.
    pub details: BTreeMap<String, Untrusted<String>>,
}

/// A comment on an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: String,
    /// The issue.
    pub issue: IssueId,
    /// When it was written.
    pub at: Timestamp,
    /// Who.
    pub by: Doer,
    /// What it says.
    pub text: Untrusted<String>,
}

/// Everything that was looked up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// Activity of its issues.
    pub activity: Vec<Activity>,
    /// Comments on them.
    pub comments: Vec<Comment>,
    /// What went out.
    pub changes: Vec<Changed>,
    /// Alerts of Sentry.
    pub alerts: Vec<SentryAlert>,
    /// Alarms of a watch.
    pub alarms: Vec<Raised>,
}

/// When what was recorded belongs to an incident: from two hours before it began until it was over, or until now.
pub fn window(incident: &Incident, now: Now) -> (Timestamp, Timestamp) {
    (later(incident.began_at(), -BEFORE), incident.until(now))
}

/// The entries for what was recorded of an incident and is not in its log yet, by time. Comments and activity count until
/// `now`: what is found out afterwards is said there.
pub fn imports(
    incident: &Incident,
    recorded: Recorded,
    site: &SentrySite,
    scrubber: &Scrubber,
    now: Now,
) -> Vec<Entry> {
    let (from, until) = window(incident, now);
    let importing = Importing { incident, site, scrubber };
    let said = recorded.activity.into_iter().filter_map(|one| importing.activity(one));
    let said = said.chain(recorded.comments.into_iter().filter_map(|one| importing.comment(one)));
    let said = said.filter(|entry| entry.at >= from && entry.at <= now.0);
    let went = recorded.changes.into_iter().filter_map(|one| importing.deploy(one));
    let went = went.chain(recorded.alerts.into_iter().filter_map(|one| importing.alert(one)));
    let went = went.chain(recorded.alarms.iter().filter_map(|one| importing.alarm(one)));
    let mut all: Vec<Entry> =
        said.chain(went.filter(|entry| entry.at >= from && entry.at <= until)).collect();
    all.sort_by(|a, b| (a.at, origin(a)).cmp(&(b.at, origin(b))));
    let mut new = BTreeSet::new();
    all.retain(|entry| {
        origin(entry).is_some_and(|origin| !incident.has_imported(origin) && new.insert(origin.clone()))
    });
    all
}

impl Incident {
    /// Whether something that was recorded elsewhere is in its log.
    pub fn has_imported(&self, origin: &Origin) -> bool {
        self.imported.contains(origin)
    }
}

fn origin(entry: &Entry) -> Option<&Origin> {
    match &entry.what {
        What::Imported { origin, .. } => Some(origin),
        _ => None,
    }
}

struct Importing<'a> {
    incident: &'a Incident,
    site: &'a SentrySite,
    scrubber: &'a Scrubber,
}

impl Importing<'_> {
    fn activity(&self, activity: Activity) -> Option<Entry> {
        let (kind, did) = did(&activity)?;
        let name = self.name(activity.issue);
        let text = Untrusted::new(format!("{name} {did}"));
        let source = self.on_page(activity.issue, &activity.id);
        let origin = Origin::Activity { id: activity.id };
        Some(entry(activity.at, activity.by, source, What::Imported { origin, kind, text }))
    }

    fn comment(&self, comment: Comment) -> Option<Entry> {
        // What Orderly itself wrote there is in the log already.
        if PostKey::is_update(comment.text.as_raw_str(), self.incident.key()) {
            return None;
        }
        let on = format!("comment on {}: ", self.name(comment.issue));
        let text = comment.text.map(|text| on + &text.chars().take(COMMENT).collect::<String>());
        let source = self.on_page(comment.issue, &comment.id);
        let what = What::Imported {
            origin: Origin::Comment { id: comment.id },
            kind: NoteKind::Communication,
            text,
        };
        Some(entry(comment.at, comment.by, source, what))
    }

    fn deploy(&self, change: Changed) -> Option<Entry> {
        let ChangedWhat::Deploy(Deployed { release, environment, projects, .. }) = change.what else {
            return None;
        };
        projects.iter().find(|project| self.is_about(project))?;
        let (version, to) = (release.as_raw_str(), environment.as_ref().map(Untrusted::as_raw_str));
        let (kind, text) = match to {
            Some(to) => (NoteKind::Action, format!("release {version} went out to {to}")),
            None => (NoteKind::Fact, format!("release {version} was made known")),
        };
        let source = self.site.release_page(version);
        let origin = Origin::Deploy { release, environment, at: change.at };
        let what = What::Imported { origin, kind, text: Untrusted::new(text) };
        Some(entry(change.at, Doer::Sentry, source, what))
    }

    fn alert(&self, alert: SentryAlert) -> Option<Entry> {
        alert.projects.iter().find(|project| self.is_about(project))?;
        let text = alert.title.map(|title| alert_words(&title, alert.value, alert.threshold));
        let source = self.site.alert_page(&alert.id);
        let what = What::Imported { origin: Origin::Alert { id: alert.id }, kind: NoteKind::Fact, text };
        Some(entry(alert.since, Doer::Sentry, source, what))
    }

    fn alarm(&self, raised: &Raised) -> Option<Entry> {
        if !self.is_about(&raised.project) {
            return None;
        }
        let (project, detector, about) = raised.key();
        let (origin, at) = match &raised.detector {
            Detector::SentryAlert { id, .. } => (Origin::Alert { id: id.clone() }, raised.begins),
            Detector::NewInRelease { .. } => {
                (Origin::Alarm { project, detector: detector.to_owned(), about }, raised.begins)
            }
            // The hour is told when it is over.
            _ => (Origin::Alarm { project, detector: detector.to_owned(), about }, raised.ends()),
        };
        let words = EventWords { scrubber: self.scrubber, longest: NAME };
        let text = Untrusted::new(format!("alarm in {}: {}", raised.project, raised.words(&words)));
        let what = What::Imported { origin, kind: NoteKind::Fact, text };
        Some(entry(at, Doer::Sentry, "orderly watch".to_owned(), what))
    }

    fn is_about(&self, project: &ProjectSlug) -> bool {
        self.incident.issues().iter().any(|owned| owned.issue.project == *project)
    }

    fn name(&self, issue: IssueId) -> String {
        let owned = self.incident.owned(issue);
        owned.map_or_else(|| issue.to_string(), |owned| owned.issue.short_id.to_string())
    }

    fn on_page(&self, issue: IssueId, id: &str) -> String {
        format!("{}activity/#event_{id}", self.site.permalink(issue))
    }
}

fn entry(at: Timestamp, by: Doer, source: String, what: What) -> Entry {
    let (author, what) = match (by, what) {
        (Doer::Person(person), what) => (Author::Person(person), what),
        // An app is nobody who could be asked.
        (Doer::App(app), What::Imported { origin, kind, text }) => {
            let name: String = app.as_raw_str().chars().take(NAME).collect();
            let text = text.map(|text| format!("the app {name}: {text}"));
            (Author::Orderly, What::Imported { origin, kind, text })
        }
        (Doer::App(_) | Doer::Sentry, what) => (Author::Orderly, what),
    };
    Entry { at, author, source: Some(Untrusted::new(source)), what }
}

/// What was done to an issue, in words; `None` for what comes from elsewhere: comments and deploys.
fn did(activity: &Activity) -> Option<(NoteKind, String)> {
    let detail = |name: &str| -> Option<String> {
        let detail = activity.details.get(name)?.as_raw_str();
        (!detail.trim().is_empty()).then(|| detail.chars().take(NAME).collect())
    };
    let with =
        |before: &str, name: &str| detail(name).map_or_else(String::new, |text| format!("{before}{text}"));
    let did = match activity.kind.as_raw_str() {
        "note" | "deploy" => return None,
        "first_seen" => "was seen for the first time".to_owned(),
        "set_resolved" => "was resolved".to_owned(),
        "set_resolved_in_release" => match detail("version") {
            Some(version) => format!("was resolved in release {version}"),
            None => "was resolved in the next release".to_owned(),
        },
        "set_resolved_in_commit" => format!("was resolved by a commit{}", with(" ", "commit")),
        "set_resolved_in_pull_request" => "was resolved by a pull request".to_owned(),
        "set_resolved_by_age" => "was resolved because it had been quiet".to_owned(),
        "set_unresolved" => "was opened again".to_owned(),
        "set_ignored" => "was archived".to_owned(),
        "set_regression" => format!("came back{}", with(" in release ", "version")),
        "set_escalating" => "escalates".to_owned(),
        "auto_set_ongoing" => "goes on".to_owned(),
        "set_priority" => format!("has another priority{}", with(": ", "priority")),
        "assigned" => {
            let to = detail("assigneeEmail").or_else(|| detail("assigneeName"));
            format!("was assigned{}", to.map_or_else(String::new, |to| format!(" to {to}")))
        }
        "unassigned" => "belongs to nobody any more".to_owned(),
        "merge" => "took in other issues".to_owned(),
        "mark_reviewed" => "was reviewed".to_owned(),
        "referenced_in_commit" => format!("is named by a commit{}", with(" ", "commit")),
        other => format!("has the activity {}", other.chars().take(NAME).collect::<String>()),
    };
    let kind = match &activity.by {
        Doer::Person(_) | Doer::App(_) => NoteKind::Action,
        Doer::Sentry => NoteKind::Fact,
    };
    Some((kind, did))
}

#[cfg(test)]
mod tests;
