//! Files what was sent: one transaction for many requests. Counters are gathered and written once at the end; what
//! depends on them (escalation, snoozes) is judged there, too.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::SqliteConnection;

use super::event::PreparedEvent;
use super::items::{Attachment, Sessions, UserReport};
use super::transaction::PreparedTransaction;
use crate::sentry::model::{Status, Substatus};
use crate::sentry::monitors::check_in::CheckIn;
use crate::sentry::monitors::keep;
use crate::sentry::search::terms::Terms;
use crate::sentry::states::escalation::{NewIssue, new_issue_escalates};
use crate::sentry::states::regression::{self, Ordering, Resolution, Sighting, Verdict};
use crate::sentry::states::snooze::Counted;
use crate::sentry::store::events::{self, Filing};
use crate::sentry::store::hashes::{self, Group};
use crate::sentry::store::issues_write::OpenIssue;
use crate::sentry::store::seen::{self, SeenRelease};
use crate::sentry::store::tallies::{Outcome, Tallies};
use crate::sentry::store::{companions, forecasts, resolutions, snoozes, spans, terms};

/// Everything one request brought, made ready.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub project: i64,
    pub event: Option<Box<PreparedEvent>>,
    pub transaction: Option<Box<PreparedTransaction>>,
    pub attachments: Vec<Attachment>,
    pub reports: Vec<UserReport>,
    pub sessions: Vec<Sessions>,
    pub check_ins: Vec<CheckIn>,
    /// Category, what became of it and why, how many.
    pub outcomes: Vec<(String, Outcome, String, u64)>,
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
    let mut batch = Batch::new(connection, now);
    batch.event(project, event, false).await?;
    batch.finish().await
}

/// One transaction's worth of work.
pub(super) struct Batch<'c> {
    connection: &'c mut SqliteConnection,
    now: Timestamp,
    environments: HashMap<(i64, String), i64>,
    releases: HashMap<(i64, String), SeenRelease>,
    issues: HashMap<i64, Touched>,
    tallies: Tallies,
    terms: BTreeMap<i64, Terms>,
}

/// An issue that events of this batch belong to.
struct Touched {
    issue: OpenIssue,
    newest_event: String,
}

impl<'c> Batch<'c> {
    pub(super) fn new(connection: &'c mut SqliteConnection, now: Timestamp) -> Self {
        Self {
            connection,
            now,
            environments: HashMap::new(),
            releases: HashMap::new(),
            issues: HashMap::new(),
            tallies: Tallies::default(),
            terms: BTreeMap::new(),
        }
    }

    /// Files one request.
    pub(super) async fn add(&mut self, work: &Work) -> Result<(), sqlx::Error> {
        let event_id = work.event.as_ref().map(|event| event.id);
        let repeated = match &work.event {
            Some(event) => events::exists(self.connection, work.project, event).await?,
            None => false,
        };
        if !repeated {
            for file in &work.attachments {
                companions::attachment(self.connection, work.project, event_id, file, self.now).await?;
            }
        }
        if let Some(event) = &work.event {
            self.event(work.project, event, repeated).await?;
        }
        if let Some(transaction) = &work.transaction {
            self.transaction(work.project, transaction).await?;
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

    async fn event(
        &mut self,
        project: i64,
        event: &PreparedEvent,
        repeated: bool,
    ) -> Result<(), sqlx::Error> {
        let mut drop_for =
            |reason| self.tallies.outcome(project, "error", (Outcome::Filtered, reason), 1, self.now);
        if repeated {
            // The SDK did not see our answer and sent it again: it is stored once.
            drop_for("duplicate");
            return Ok(());
        }
        let known = match hashes::find(self.connection, project, &event.hashes).await? {
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
        let id = match known {
            Some(id) => id,
            None => self.open(project, event, release_id).await?,
        };
        hashes::add(self.connection, project, id, &event.hashes).await?;
        let filing = Filing { project, issue: id, environment, release: release_id };
        events::insert(self.connection, event, filing).await?;
        self.tallies.event(event, filing);
        self.terms.entry(id).or_default().extend(event.terms.iter().cloned());
        self.tallies.outcome(project, "error", (Outcome::Accepted, ""), 1, self.now);

        let mut touched = match self.issues.remove(&id) {
            Some(touched) => touched,
            None => {
                Touched { issue: OpenIssue::load(self.connection, id).await?, newest_event: String::new() }
            }
        };
        touched.newest_event = event.id.to_string();
        if touched.issue.status == Status::Resolved {
            self.judge_regression(&mut touched.issue, event, release.as_ref()).await?;
        }
        touched.issue.count(self.connection, event, release_id).await?;
        self.issues.insert(id, touched);
        Ok(())
    }

    async fn open(
        &mut self,
        project: i64,
        event: &PreparedEvent,
        release: Option<i64>,
    ) -> Result<i64, sqlx::Error> {
        let issue = OpenIssue::create(self.connection, project, event, release, self.now).await?;
        if let Some(release) = release {
            seen::new_issue_in_release(self.connection, release, project).await?;
        }
        let id = issue.id;
        self.issues.insert(id, Touched { issue, newest_event: String::new() });
        Ok(id)
    }

    async fn judge_regression(
        &mut self,
        issue: &mut OpenIssue,
        event: &PreparedEvent,
        release: Option<&SeenRelease>,
    ) -> Result<(), sqlx::Error> {
        let resolution = resolutions::of_issue(self.connection, issue.id).await?;
        let ordering = match release {
            Some(seen) => {
                resolutions::ordering(self.connection, issue.project_id, &seen.release.version).await?
            }
            None => Ordering::Date,
        };
        let at = event.occurred.max(issue.last_seen());
        let sighting =
            Sighting { release: release.map(|seen| &seen.release), ordering, at, active_at: issue.active() };
        if regression::judge(&resolution, &sighting) != Verdict::Regressed {
            return Ok(());
        }
        let resolved_in = match &resolution {
            Resolution::InRelease(release) => Some(release.version.as_str()),
            Resolution::InNextRelease { current } => current.as_ref().map(|release| release.version.as_str()),
            Resolution::Plain | Resolution::PendingCommit => None,
        };
        let mut data = json!({
            "event_id": event.id,
            "version": release.map_or("", |seen| seen.release.version.as_str()),
        });
        if let (Some(version), Value::Object(data)) = (resolved_in, &mut data) {
            data.insert("resolved_in_version".to_owned(), json!(version));
            data.insert("follows_semver".to_owned(), json!(ordering == Ordering::Semver));
        }
        issue.regress(self.connection, &data, at, self.now).await
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

    /// Writes the counters, and judges what depends on them.
    pub(super) async fn finish(mut self) -> Result<(), sqlx::Error> {
        let new_users = self.tallies.new_users(self.connection).await?;
        self.tallies.write(self.connection).await?;
        for (issue, found) in std::mem::take(&mut self.terms) {
            terms::record(self.connection, issue, &found).await?;
        }
        let mut issues: Vec<(i64, Touched)> = std::mem::take(&mut self.issues).into_iter().collect();
        issues.sort_by_key(|(id, _)| *id);
        for (id, mut touched) in issues {
            touched.issue.user_count += new_users.get(&id).copied().unwrap_or(0);
            self.judge_counts(&mut touched).await?;
            touched.issue.save(self.connection).await?;
        }
        Ok(())
    }

    async fn judge_counts(&mut self, touched: &mut Touched) -> Result<(), sqlx::Error> {
        match touched.issue.substatus {
            Some(Substatus::New) => self.judge_new(touched).await,
            Some(Substatus::ArchivedUntilEscalating) => self.judge_forecast(touched).await,
            Some(Substatus::ArchivedUntilConditionMet) => self.judge_snooze(touched).await,
            _ => Ok(()),
        }
    }

    async fn judge_new(&mut self, touched: &mut Touched) -> Result<(), sqlx::Error> {
        let issue = &mut touched.issue;
        let new = |project_rate| NewIssue {
            times_seen: issue.times_seen.unsigned_abs(),
            age_seconds: self.now.as_second() - issue.first_seen().as_second(),
            project_rate,
        };
        // Most issues fail whatever is usual: only for the others the project's rate is worked out.
        if !new_issue_escalates(new(f64::MIN_POSITIVE)) {
            return Ok(());
        }
        let rate = forecasts::project_rate(self.connection, issue.project_id, self.now).await?;
        if !new_issue_escalates(new(rate)) {
            return Ok(());
        }
        issue.escalate(self.connection, &json!({"event_id": touched.newest_event}), self.now).await
    }

    async fn judge_forecast(&mut self, touched: &mut Touched) -> Result<(), sqlx::Error> {
        let issue = &mut touched.issue;
        let limit =
            forecasts::limit_today(self.connection, issue.id, issue.substatus_since(), self.now).await?;
        let events = forecasts::events_this_hour(self.connection, issue.id, self.now).await?;
        if events <= limit {
            return Ok(());
        }
        let data = json!({"event_id": touched.newest_event, "forecast": limit});
        issue.escalate(self.connection, &data, self.now).await
    }

    async fn judge_snooze(&mut self, touched: &mut Touched) -> Result<(), sqlx::Error> {
        let issue = &mut touched.issue;
        let Some(snooze) = snoozes::find(self.connection, issue.id).await? else { return Ok(()) };
        let totals =
            Counted { events: issue.times_seen.unsigned_abs(), users: issue.user_count.unsigned_abs() };
        let counted =
            snoozes::counted(self.connection, issue.id, &snooze.condition, totals, self.now).await?;
        if !snooze.condition.is_met(counted, self.now) {
            return Ok(());
        }
        let mut data = snooze.details.clone();
        if let Value::Object(data) = &mut data {
            data.insert("event_id".to_owned(), json!(touched.newest_event));
        }
        issue.end_snooze(self.connection, &snooze.details, &data, self.now).await
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
