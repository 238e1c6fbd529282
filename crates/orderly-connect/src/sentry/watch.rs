//! Counts over time, and alerts that Sentry has raised.

use super::SentryClient;
use super::api::{Answer, Ask};
use super::read::period;
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::detect::share::Portion;
use orderly_core::ids::ProjectSlug;
use orderly_core::time::Timestamp;
use orderly_core::untrusted::Untrusted;
use orderly_core::watch::{Hour, Part, Progress, SentryAlert};
use orderly_engine::ports::watch::{HoursScope, WatchRead};
use orderly_wire::sentry::alert::{AlertIncident, CRITICAL};
use orderly_wire::sentry::explore::{AllSeries, Rows, Step};
use orderly_wire::sentry::sessions::Sessions;
use std::collections::BTreeMap;

const COUNT: &str = "count()";
const FAILED: &str = "failure_count()";
const DURATION: &str = "p95(transaction.duration)";
const SESSIONS: &str = "sum(session)";
const EVENTS: &str = "`event:read` or `org:read`";

#[async_trait]
impl WatchRead for SentryClient {
    async fn errors(&self, scope: &HoursScope) -> Looked<Vec<Hour>> {
        let series = self.by_hour(scope, "errors", &[COUNT], "").await;
        Looked::from(series.map(|mut series| series.remove(0).iter().filter_map(hour).collect()))
    }

    async fn failures(&self, scope: &HoursScope) -> Looked<Vec<Part>> {
        let series = self.by_hour(scope, "transactions", &[COUNT, FAILED], "").await;
        Looked::from(series.map(|series| {
            let failed = by_second(&series[1]);
            series[0].iter().filter_map(|step| part(step, &failed)).collect()
        }))
    }

    async fn slower(&self, scope: &HoursScope, millis: u64) -> Looked<BTreeMap<i64, u64>> {
        let query = format!("transaction.duration:>{millis}ms");
        let series = self.by_hour(scope, "transactions", &[COUNT], &query).await;
        Looked::from(series.map(|series| by_second(&series[0])))
    }

    async fn durations(&self, scope: &HoursScope) -> Looked<BTreeMap<ProjectSlug, f64>> {
        Looked::from(self.durations_by_project(scope).await)
    }

    async fn crashes(&self, scope: &HoursScope) -> Looked<BTreeMap<ProjectSlug, Vec<Part>>> {
        Looked::from(self.crashes_by_project(scope).await)
    }

    async fn alerts(&self, projects: &[ProjectSlug]) -> Looked<Vec<SentryAlert>> {
        Looked::from(self.critical_alerts(projects).await)
    }
}

impl SentryClient {
    /// The steps of each number, in the order of `axes`. A number that is not answered has none.
    async fn by_hour(
        &self,
        scope: &HoursScope,
        dataset: &str,
        axes: &[&str],
        search: &str,
    ) -> Result<Vec<Vec<Step>>, Cause> {
        let mut query = self.query_of(scope).await?;
        query.extend([("dataset", dataset.to_owned()), ("interval", "1h".to_owned())]);
        query.extend(axes.iter().map(|axis| ("yAxis", (*axis).to_owned())));
        if !search.is_empty() {
            query.push(("query", search.to_owned()));
        }
        let path = ["organizations", self.org.as_str(), "events-timeseries"];
        let subject = ["the ", dataset, " by hour"].concat();
        let ask = Ask { path: &path, scope: EVENTS, subject: &subject };
        let answer: Answer<AllSeries> = self.api.get(ask, &query).await?;
        let mut series = answer.value.time_series;
        let mut of = |axis: &&str| {
            let mut steps = series
                .iter_mut()
                .find(|series| series.y_axis == **axis)
                .map(|series| std::mem::take(&mut series.values))
                .unwrap_or_default();
            steps.sort_by_key(|step| step.timestamp);
            steps
        };
        Ok(axes.iter().map(&mut of).collect())
    }

    async fn query_of(&self, scope: &HoursScope) -> Result<Vec<(&'static str, String)>, Cause> {
        let mut query = vec![("statsPeriod", period(scope.window))];
        query.extend(self.numbers_of(&scope.projects).await?.into_iter().map(|id| ("project", id)));
        query.extend(scope.environments.iter().map(|name| ("environment", name.clone())));
        Ok(query)
    }

    async fn durations_by_project(&self, scope: &HoursScope) -> Result<BTreeMap<ProjectSlug, f64>, Cause> {
        let mut query = self.query_of(scope).await?;
        query.extend(
            [("dataset", "transactions"), ("field", "project"), ("field", DURATION), ("per_page", "100")]
                .map(|(key, value)| (key, value.to_owned())),
        );
        let path = ["organizations", self.org.as_str(), "events"];
        let ask = Ask { path: &path, scope: EVENTS, subject: "the durations of transactions" };
        let answer: Answer<Rows> = self.api.get(ask, &query).await?;
        let duration = |row: &serde_json::Map<String, serde_json::Value>| {
            let project = row.get("project")?.as_str()?;
            Some((ProjectSlug::new(project), row.get(DURATION)?.as_f64()?))
        };
        Ok(answer.value.data.iter().filter_map(duration).collect())
    }

    async fn crashes_by_project(
        &self,
        scope: &HoursScope,
    ) -> Result<BTreeMap<ProjectSlug, Vec<Part>>, Cause> {
        let mut query = self.query_of(scope).await?;
        query.extend(
            [("field", SESSIONS), ("groupBy", "project"), ("groupBy", "session.status"), ("interval", "1h")]
                .map(|(key, value)| (key, value.to_owned())),
        );
        let path = ["organizations", self.org.as_str(), "sessions"];
        let ask = Ask { path: &path, scope: "`org:read`", subject: "the sessions" };
        let answer: Answer<Sessions> = self.api.get(ask, &query).await?;
        let numbers = self.numbers_of(&scope.projects).await?;
        let slugs: BTreeMap<&String, &ProjectSlug> = numbers.iter().zip(&scope.projects).collect();
        let mut projects: BTreeMap<ProjectSlug, Vec<Part>> = BTreeMap::new();
        for group in &answer.value.groups {
            let slug = group.by.project.as_ref().and_then(|number| slugs.get(number));
            let (Some(slug), Some(counts)) = (slug, group.series.get(SESSIONS)) else { continue };
            let parts = projects.entry((*slug).clone()).or_insert_with(|| {
                let none = |begins: &Timestamp| Part { begins: *begins, portion: Portion::default() };
                answer.value.intervals.iter().map(none).collect()
            });
            let crashed = group.by.status.as_deref() == Some("crashed");
            for (part, count) in parts.iter_mut().zip(counts) {
                let count = whole(*count);
                part.portion.of += count;
                part.portion.hit += if crashed { count } else { 0 };
            }
        }
        Ok(projects)
    }

    async fn critical_alerts(&self, projects: &[ProjectSlug]) -> Result<Vec<SentryAlert>, Cause> {
        let mut query = vec![("status", "open".to_owned())];
        query.extend(self.numbers_of(projects).await?.into_iter().map(|id| ("project", id)));
        let path = ["organizations", self.org.as_str(), "incidents"];
        let ask = Ask { path: &path, scope: "`alerts:read` or `org:read`", subject: "the open alerts" };
        let answer: Answer<Vec<AlertIncident>> = self.api.get(ask, &query).await?;
        Ok(answer.value.into_iter().filter_map(alert).collect())
    }
}

/// A step whose time is none at all is left out.
fn hour(step: &Step) -> Option<Hour> {
    Some(Hour {
        begins: Timestamp::from_millisecond(step.timestamp).ok()?,
        errors: whole(step.value),
        progress: if step.incomplete { Progress::Running } else { Progress::Over },
    })
}

fn part(step: &Step, hits: &BTreeMap<i64, u64>) -> Option<Part> {
    let begins = Timestamp::from_millisecond(step.timestamp).ok()?;
    let (of, hit) = (whole(step.value), hits.get(&begins.as_second()).copied().unwrap_or(0));
    Some(Part { begins, portion: Portion { hit, of } })
}

fn by_second(steps: &[Step]) -> BTreeMap<i64, u64> {
    steps.iter().map(|step| (step.timestamp.div_euclid(1000), whole(step.value))).collect()
}

fn whole(count: Option<f64>) -> u64 {
    count.map_or(0, |count| count.max(0.0) as u64)
}

fn alert(incident: AlertIncident) -> Option<SentryAlert> {
    if incident.status == CRITICAL { since(incident) } else { None }
}

/// An alert, open or closed; one that never began is none.
pub(super) fn since(incident: AlertIncident) -> Option<SentryAlert> {
    let critical = incident.alert_rule.triggers.iter().find(|trigger| trigger.label == "critical");
    let threshold = critical.and_then(|trigger| trigger.alert_threshold);
    Some(SentryAlert {
        id: incident.id,
        title: Untrusted::new(incident.title),
        projects: incident.projects.into_iter().map(ProjectSlug::new).collect(),
        since: incident.date_started?,
        value: incident.value,
        threshold,
    })
}
