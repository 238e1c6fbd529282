//! What its events do to an issue: it comes back after it was resolved, rises above what is usual, or meets the
//! condition it was archived under.

use std::collections::hash_map::Entry;

use serde_json::{Value, json};

use super::{Batch, Touched};
use crate::sentry::ingest::event::PreparedEvent;
use crate::sentry::model::Substatus;
use crate::sentry::states::regression::{self, Ordering, Resolution, Sighting, Verdict};
use crate::sentry::states::snooze::Counted;
use crate::sentry::store::issues_write::OpenIssue;
use crate::sentry::store::seen::SeenRelease;
use crate::sentry::store::{forecasts, resolutions, snoozes};
use orderly_core::escalation::{NewIssue, new_issue_escalates};

impl<'w> Batch<'_, 'w> {
    pub(super) async fn judge_regression(
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

    pub(super) async fn judge_counts(&mut self, touched: &mut Touched<'w>) -> Result<(), sqlx::Error> {
        match touched.issue.substatus {
            Some(Substatus::New) => self.judge_new(touched).await,
            Some(Substatus::ArchivedUntilEscalating) => self.judge_forecast(touched).await,
            Some(Substatus::ArchivedUntilConditionMet) => self.judge_snooze(touched).await,
            _ => Ok(()),
        }
    }

    async fn judge_new(&mut self, touched: &mut Touched<'w>) -> Result<(), sqlx::Error> {
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
        let rate = match self.project_rates.entry(issue.project_id) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                *place.insert(forecasts::project_rate(self.connection, issue.project_id, self.now).await?)
            }
        };
        if !new_issue_escalates(new(rate)) {
            return Ok(());
        }
        issue.escalate(self.connection, &json!({"event_id": id_of(touched.latest)}), self.now).await
    }

    async fn judge_forecast(&mut self, touched: &mut Touched<'w>) -> Result<(), sqlx::Error> {
        let issue = &mut touched.issue;
        let limit =
            forecasts::limit_today(self.connection, issue.id, issue.substatus_since(), self.now).await?;
        let events = forecasts::events_this_hour(self.connection, issue.id, self.now).await?;
        if events <= limit {
            return Ok(());
        }
        let data = json!({"event_id": id_of(touched.latest), "forecast": limit});
        issue.escalate(self.connection, &data, self.now).await
    }

    async fn judge_snooze(&mut self, touched: &mut Touched<'w>) -> Result<(), sqlx::Error> {
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
            data.insert("event_id".to_owned(), json!(id_of(touched.latest)));
        }
        issue.end_snooze(self.connection, &snooze.details, &data, self.now).await
    }
}

fn id_of(event: Option<&PreparedEvent>) -> String {
    event.map(|event| event.id.to_string()).unwrap_or_default()
}
