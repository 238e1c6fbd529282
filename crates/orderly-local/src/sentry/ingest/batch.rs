//! Files what was sent: one transaction for many requests. What is known of them is read at its beginning, events and
//! counters are gathered and written at its end; what depends on them (escalation, snoozes) is judged there, too.

mod judge;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use orderly_wire::sentry::event_id::EventId;
use sqlx::SqliteConnection;

use super::event::PreparedEvent;
use super::items::{Attachment, Sessions, UserReport};
use super::transaction::PreparedTransaction;
use crate::sentry::model::Status;
use crate::sentry::monitors::check_in::CheckIn;
use crate::sentry::monitors::keep;
use crate::sentry::store::events::{self, Filing};
use crate::sentry::store::hashes::{Group, Groups};
use crate::sentry::store::issues_write::OpenIssue;
use crate::sentry::store::seen::{self, SeenRelease};
use crate::sentry::store::tallies::{Outcome, Tallies};
use crate::sentry::store::terms::{AddedTerms, KnownTerms, StoredTerms};
use crate::sentry::store::{companions, spans};

/// Everything one request brought, made ready.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub project: i64,
    /// When it arrived.
    pub received: Timestamp,
    pub event: Option<Box<PreparedEvent>>,
    pub transaction: Option<Box<PreparedTransaction>>,
    pub attachments: Vec<Attachment>,
    pub reports: Vec<UserReport>,
    pub sessions: Vec<Sessions>,
    pub check_ins: Vec<CheckIn>,
    /// Category, what became of it and why, how many.
    pub outcomes: Vec<(String, Outcome, String, u64)>,
}

impl Work {
    /// One event and nothing else.
    pub(super) fn of_event(project: i64, event: PreparedEvent) -> Self {
        Self { project, received: event.received, event: Some(Box::new(event)), ..Self::default() }
    }

    /// The event, if it is all there is.
    pub(super) fn only_event(&self) -> Option<&PreparedEvent> {
        let Self { attachments, reports, sessions, check_ins, outcomes, .. } = self;
        let is_alone = self.transaction.is_none()
            && attachments.is_empty()
            && reports.is_empty()
            && sessions.is_empty()
            && check_ins.is_empty()
            && outcomes.is_empty();
        self.event.as_deref().filter(|_| is_alone)
    }
}

/// Files an event that the server itself made.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn file(
    connection: &mut SqliteConnection,
    project: i64,
    event: &PreparedEvent,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let work = Work::of_event(project, event.clone());
    let known_terms = KnownTerms::default();
    let mut batch = Batch::look_up(connection, now, &[&work], &known_terms).await?;
    if let Some(event) = &work.event {
        batch.event(project, event).await?;
    }
    batch.finish().await?;
    Ok(())
}

/// One transaction's worth of work.
pub(super) struct Batch<'c, 'w> {
    connection: &'c mut SqliteConnection,
    now: Timestamp,
    stored: HashSet<(i64, EventId)>,
    groups: Groups,
    environments: HashMap<(i64, String), i64>,
    releases: HashMap<(i64, String), SeenRelease>,
    issues: HashMap<i64, Touched<'w>>,
    /// Events that have their issue and are not written yet.
    filed: Vec<(&'w PreparedEvent, Filing)>,
    tallies: Tallies<'w>,
    /// How often a new issue of a project usually fails, where it was asked. It is asked only after the counters are
    /// written, and stays the same for all of a batch.
    project_rates: HashMap<i64, f64>,
    known_terms: &'w KnownTerms,
    terms: AddedTerms<'w>,
}

/// An issue that events of this batch belong to.
struct Touched<'w> {
    issue: OpenIssue,
    /// The last one that arrived.
    latest: Option<&'w PreparedEvent>,
    /// The one that it is named after.
    named_after: Option<&'w PreparedEvent>,
}

impl<'w> Touched<'w> {
    fn new(issue: OpenIssue) -> Self {
        Self { issue, latest: None, named_after: None }
    }
}

impl<'c, 'w> Batch<'c, 'w> {
    /// Files these requests, as of the moment when the last of them arrived.
    pub(super) async fn file(
        connection: &'c mut SqliteConnection,
        works: &[&'w Work],
        known_terms: &'w KnownTerms,
    ) -> Result<StoredTerms, sqlx::Error> {
        let now = works.iter().map(|work| work.received).max().unwrap_or_default();
        let mut batch = Self::look_up(connection, now, works, known_terms).await?;
        for work in works {
            batch.add(work).await?;
        }
        batch.finish().await
    }

    /// Reads what is known of everything that was sent, with a few statements for all of it.
    async fn look_up(
        connection: &'c mut SqliteConnection,
        now: Timestamp,
        works: &[&'w Work],
        known_terms: &'w KnownTerms,
    ) -> Result<Self, sqlx::Error> {
        let events: Vec<(i64, &PreparedEvent)> =
            works.iter().filter_map(|work| Some((work.project, work.event.as_deref()?))).collect();
        let (mut stored, mut groups, mut issues) = (HashSet::new(), Groups::default(), HashMap::new());
        if !events.is_empty() {
            let ids: Vec<_> = events.iter().map(|(project, event)| (*project, event.id)).collect();
            stored = events::stored(connection, &ids).await?;
            let mut hashes: Vec<(i64, &str)> = events
                .iter()
                .flat_map(|(project, event)| event.hashes.all().map(|hash| (*project, hash)))
                .collect();
            hashes.sort_unstable();
            hashes.dedup();
            groups = Groups::look_up(connection, &hashes).await?;
            let loaded = OpenIssue::load_all(connection, &groups.issues()).await?;
            issues = loaded.into_iter().map(|issue| (issue.id, Touched::new(issue))).collect();
        }
        Ok(Self {
            connection,
            now,
            stored,
            groups,
            environments: HashMap::new(),
            releases: HashMap::new(),
            issues,
            filed: Vec::new(),
            tallies: Tallies::default(),
            project_rates: HashMap::new(),
            known_terms,
            terms: AddedTerms::default(),
        })
    }

    /// Files one request.
    async fn add(&mut self, work: &'w Work) -> Result<(), sqlx::Error> {
        let event_id = work.event.as_ref().map(|event| event.id);
        let is_repeated = event_id.is_some_and(|id| self.stored.contains(&(work.project, id)));
        if !is_repeated {
            for file in &work.attachments {
                companions::attachment(self.connection, work.project, event_id, file, self.now).await?;
            }
        }
        if let Some(event) = &work.event {
            self.event(work.project, event).await?;
        }
        if let Some(transaction) = &work.transaction {
            self.transaction(work.project, transaction).await?;
        }
        if !work.reports.is_empty() {
            // They look for their event in the database.
            self.write_events().await?;
        }
        for report in &work.reports {
            companions::user_report(self.connection, work.project, report, self.now).await?;
        }
        for sessions in &work.sessions {
            self.sessions(work.project, sessions).await?;
        }
        for said in &work.check_ins {
            keep::check_in(self.connection, work.project, said, self.now).await?;
        }
        for (category, outcome, reason, quantity) in &work.outcomes {
            self.tallies.outcome(work.project, category, (*outcome, reason), *quantity, self.now);
        }
        Ok(())
    }

    async fn event(&mut self, project: i64, event: &'w PreparedEvent) -> Result<(), sqlx::Error> {
        let mut drop_for =
            |reason| self.tallies.outcome(project, "error", (Outcome::Filtered, reason), 1, self.now);
        if !self.stored.insert((project, event.id)) {
            // The SDK did not see our answer and sent it again: it is stored once.
            drop_for("duplicate");
            return Ok(());
        }
        let known = match self.groups.find(project, &event.hashes) {
            Group::Discarded => {
                drop_for("discarded-hash");
                return Ok(());
            }
            Group::Issue(id) => Some(id),
            Group::Unknown => None,
        };
        let environment = self.environment(project, &event.environment).await?;
        let release = match &event.release {
            Some(version) => Some(self.release(project, version, event.occurred).await?),
            None => None,
        };
        let release_id = release.as_ref().map(|release| release.id);
        let mut touched = match known.and_then(|id| self.issues.remove(&id)) {
            Some(touched) => touched,
            None => Touched::new(self.open(project, event, release_id).await?),
        };
        let id = touched.issue.id;
        self.groups.add(project, id, &event.hashes);
        let filing = Filing { project, issue: id, environment, release: release_id };
        self.filed.push((event, filing));
        self.tallies.event(event, filing);
        self.known_terms.pick(&mut self.terms, id, &event.terms);
        self.tallies.outcome(project, "error", (Outcome::Accepted, ""), 1, self.now);

        touched.latest = Some(event);
        if touched.issue.status == Status::Resolved {
            self.judge_regression(&mut touched.issue, event, release.as_ref()).await?;
        }
        if touched.issue.count(event, release_id) {
            touched.named_after = Some(event);
        }
        self.issues.insert(id, touched);
        Ok(())
    }

    async fn write_events(&mut self) -> Result<(), sqlx::Error> {
        events::insert(self.connection, &std::mem::take(&mut self.filed)).await
    }

    async fn open(
        &mut self,
        project: i64,
        event: &PreparedEvent,
        release: Option<i64>,
    ) -> Result<OpenIssue, sqlx::Error> {
        let issue = OpenIssue::create(self.connection, project, event, release, self.now).await?;
        if let Some(release) = release {
            seen::new_issue_in_release(self.connection, release, project).await?;
        }
        Ok(issue)
    }

    async fn transaction(
        &mut self,
        project: i64,
        transaction: &PreparedTransaction,
    ) -> Result<(), sqlx::Error> {
        let environment = self.environment(project, &transaction.environment).await?;
        let release = match &transaction.release {
            Some(version) => Some(self.release(project, version, transaction.occurred).await?.id),
            None => None,
        };
        let new = spans::insert(self.connection, transaction, project, environment, release).await?;
        let outcome = if new { (Outcome::Accepted, "") } else { (Outcome::Filtered, "duplicate") };
        self.tallies.outcome(project, "transaction", outcome, 1, self.now);
        self.tallies.outcome(project, "span", outcome, transaction.spans.len() as u64, self.now);
        Ok(())
    }

    async fn sessions(&mut self, project: i64, sessions: &Sessions) -> Result<(), sqlx::Error> {
        let environment = self.environment(project, &sessions.environment).await?;
        let release = self.release(project, &sessions.release, sessions.started_at).await?;
        companions::sessions(self.connection, project, release.id, environment, sessions).await?;
        self.tallies.outcome(project, "session", (Outcome::Accepted, ""), 1, self.now);
        Ok(())
    }

    /// Writes events and counters, and judges what depends on them.
    async fn finish(mut self) -> Result<StoredTerms, sqlx::Error> {
        self.groups.write(self.connection).await?;
        self.write_events().await?;
        let new_users = self.tallies.new_users(self.connection).await?;
        self.tallies.write(self.connection).await?;
        let stored_terms = std::mem::take(&mut self.terms).write(self.connection).await?;
        let mut issues: Vec<(i64, Touched<'w>)> = std::mem::take(&mut self.issues).into_iter().collect();
        issues.retain(|(_, touched)| touched.latest.is_some());
        issues.sort_by_key(|(id, _)| *id);
        for (id, touched) in &mut issues {
            touched.issue.user_count += new_users.get(&*id).copied().unwrap_or(0);
            self.judge_counts(touched).await?;
        }
        let changed: Vec<&OpenIssue> = issues.iter().map(|(_, touched)| &touched.issue).collect();
        OpenIssue::save_all(self.connection, &changed).await?;
        let named: Vec<(&OpenIssue, &PreparedEvent)> =
            issues.iter().filter_map(|(_, touched)| Some((&touched.issue, touched.named_after?))).collect();
        OpenIssue::rename_all(self.connection, &named).await?;
        Ok(stored_terms)
    }

    async fn environment(&mut self, project: i64, name: &str) -> Result<i64, sqlx::Error> {
        let key = (project, name.to_owned());
        if let Some(id) = self.environments.get(&key) {
            return Ok(*id);
        }
        let id = seen::environment(self.connection, name, project, self.now).await?;
        self.environments.insert(key, id);
        Ok(id)
    }

    async fn release(
        &mut self,
        project: i64,
        version: &str,
        occurred: Timestamp,
    ) -> Result<SeenRelease, sqlx::Error> {
        let key = (project, version.to_owned());
        if let Some(release) = self.releases.get(&key) {
            return Ok(release.clone());
        }
        let release = seen::release(self.connection, version, project, occurred).await?;
        self.releases.insert(key, release.clone());
        Ok(release)
    }
}
