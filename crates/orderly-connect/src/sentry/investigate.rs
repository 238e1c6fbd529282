//! What is behind an incident: counts by minutes, tags, samples of events, whole traces, and what changed.

mod changed;
mod traced;

use super::SentryClient;
use super::api::{Answer, Ask};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{IssueId, ProjectSlug};
use orderly_core::investigate::{Changed, Trace, Window};
use orderly_core::specialist::Health;
use orderly_core::time::Timestamp;
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::investigate::{InvestigateRead, Period, Sampled, TagSeen, TagsAsked};
use orderly_engine::ports::look::Dataset;
use orderly_engine::ports::triage::LARGEST_PAGE;
use orderly_wire::sentry::explore::{AllSeries, Facet, Step};
use std::collections::BTreeMap;

const COUNT: &str = "count()";
const EVENTS: &str = "`event:read` or `org:read`";
/// Series that Sentry draws apart at most.
const MOST_SERIES: usize = 10;

#[async_trait]
impl InvestigateRead for SentryClient {
    async fn counts(&self, query: &str, window: Window) -> Looked<Vec<u64>> {
        let series = self.series(window, &[("query", query.to_owned())]).await;
        Looked::from(series.map(|series| {
            let steps = series.time_series.into_iter().find(|series| series.y_axis == COUNT);
            binned(&steps.map(|series| series.values).unwrap_or_default(), window)
        }))
    }

    async fn counts_by_project(&self, window: Window) -> Looked<BTreeMap<ProjectSlug, Vec<u64>>> {
        let apart = [
            ("topEvents", MOST_SERIES.to_string()),
            ("groupBy", "project".to_owned()),
            ("sort", format!("-{COUNT}")),
        ];
        let series = self.series(window, &apart).await;
        Looked::from(series.map(|series| {
            let of_project = |series: &orderly_wire::sentry::explore::Series| {
                let project = series.group_by.iter().find(|group| group.key.starts_with("project"))?;
                let counts = binned(&series.values, window);
                Some((ProjectSlug::new(project.value.as_str()?), counts))
            };
            series.time_series.iter().filter_map(of_project).collect()
        }))
    }

    async fn tags_of(&self, asked: &TagsAsked) -> Looked<Vec<TagSeen>> {
        Looked::from(self.facets(asked).await)
    }

    async fn sample(&self, issue: IssueId, period: Period) -> Looked<Vec<Sampled>> {
        Looked::from(self.sample_of(issue, period).await)
    }

    async fn trace(&self, id: &str) -> Looked<Trace> {
        Looked::from(self.whole_trace(id).await)
    }

    async fn first_release(&self, issue: IssueId) -> Looked<Option<Untrusted<String>>> {
        Looked::from(self.first_release_of(issue).await)
    }

    async fn deploys(&self, period: Period) -> Looked<Vec<Changed>> {
        Looked::from(self.deploys_within(period).await)
    }

    async fn health(&self) -> Looked<Vec<Health>> {
        Looked::from(self.health_of_releases().await)
    }

    async fn flag_changes(&self, period: Period) -> Looked<Vec<Changed>> {
        Looked::from(self.flags_within(period).await)
    }

    async fn settings(&self, period: Period) -> Looked<Vec<Changed>> {
        Looked::from(self.audit_log(period).await)
    }
}

impl SentryClient {
    async fn series(&self, window: Window, more: &[(&'static str, String)]) -> Result<AllSeries, Cause> {
        let mut query = vec![
            ("dataset", "errors".to_owned()),
            ("yAxis", COUNT.to_owned()),
            ("interval", format!("{}m", window.bin.0 / 60)),
            ("project", "-1".to_owned()),
        ];
        query.extend(within(Period { from: window.from, until: window.until }));
        query.extend(more.iter().cloned());
        let path = ["organizations", self.org.as_str(), "events-timeseries"];
        let ask = Ask { path: &path, scope: EVENTS, subject: "the errors over time" };
        let answer: Answer<AllSeries> = self.api.get(ask, &query).await?;
        Ok(answer.value)
    }

    async fn facets(&self, asked: &TagsAsked) -> Result<Vec<TagSeen>, Cause> {
        let dataset = match asked.dataset {
            Dataset::Errors => "errors",
            Dataset::Transactions => "transactions",
        };
        let mut query = vec![("dataset", dataset.to_owned()), ("query", asked.query.clone())];
        query.extend(within(asked.period));
        query.extend(self.numbers_of(&asked.projects).await?.into_iter().map(|id| ("project", id)));
        let path = ["organizations", self.org.as_str(), "events-facets"];
        let ask = Ask { path: &path, scope: EVENTS, subject: "the tags of events" };
        let answer: Answer<Vec<Facet>> = self.api.get(ask, &query).await?;
        let seen = |facet: Facet| TagSeen {
            key: Untrusted::new(facet.key),
            values: facet.top_values.into_iter().map(|one| (Untrusted::new(one.value), one.count)).collect(),
        };
        Ok(answer.value.into_iter().map(seen).collect())
    }

    async fn sample_of(&self, issue: IssueId, period: Period) -> Result<Vec<Sampled>, Cause> {
        let mut query = vec![("full", "true".to_owned()), ("per_page", LARGEST_PAGE.to_string())];
        query.extend(within(period));
        let id = issue.to_string();
        let path = ["organizations", self.org.as_str(), "issues", &id, "events"];
        let subject = ["the events of issue ", &id].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        let answer: Answer<Vec<orderly_wire::sentry::trace::SampledEvent>> =
            self.api.get(ask, &query).await?;
        Ok(answer.value.into_iter().map(traced::sampled).collect())
    }

    async fn whole_trace(&self, id: &str) -> Result<Trace, Cause> {
        let query =
            [("limit", "10000"), ("project", "-1"), ("statsPeriod", "14d")].map(|(k, v)| (k, v.to_owned()));
        let path = ["organizations", self.org.as_str(), "trace", id];
        let ask = Ask { path: &path, scope: EVENTS, subject: "a trace" };
        let answer: Answer<Vec<orderly_wire::sentry::trace::TraceItem>> = self.api.get(ask, &query).await?;
        Ok(traced::flat(id, &answer.value))
    }

    async fn first_release_of(&self, issue: IssueId) -> Result<Option<Untrusted<String>>, Cause> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Detail {
            first_release: Option<orderly_wire::sentry::event::Release>,
        }
        let id = issue.to_string();
        let path = ["organizations", self.org.as_str(), "issues", &id];
        let subject = ["issue ", &id].concat();
        let ask = Ask { path: &path, scope: "`event:read`", subject: &subject };
        let answer: Answer<Detail> = self.api.get(ask, &[]).await?;
        Ok(answer.value.first_release.map(|release| Untrusted::new(release.version)))
    }
}

/// A period in the form without a zone that every version of the API takes as UTC.
fn within(period: Period) -> [(&'static str, String); 2] {
    // A period without length is refused.
    let until = period.until.max(Timestamp::from_second(period.from.as_second() + 1).unwrap_or(period.until));
    [("start", period.from), ("end", until)]
        .map(|(key, at)| (key, at.strftime("%Y-%m-%dT%H:%M:%S").to_string()))
}

/// The steps of an answer in the bins of a window. What is outside is left out, what is missing had none.
fn binned(steps: &[Step], window: Window) -> Vec<u64> {
    let length = window.until.as_second() - window.from.as_second();
    let bins = usize::try_from(length).unwrap_or(0) / usize::try_from(window.bin.0.max(1)).unwrap_or(1);
    let mut counts = vec![0; bins];
    for step in steps {
        let at = Timestamp::from_millisecond(step.timestamp).ok().and_then(|at| window.bin_of(at));
        if let Some(count) = at.and_then(|(bin, _)| counts.get_mut(bin)) {
            *count += step.value.map_or(0, |value| value.max(0.0) as u64);
        }
    }
    counts
}
