//! The issues of the incident: how often they fail, where, in which release first; a sample of their events; whole traces.

use super::{InvestigateJob, kept};
use crate::ports::investigate::{Period, Sampled};
use crate::ports::look::{Dataset, EventPage, EventSearch, of_issues};
use crate::ports::triage::LARGEST_PAGE;
use orderly_core::answer::{Cause, Looked};
use orderly_core::incident::Affected;
use orderly_core::investigate::{Known, LeadKnown, Own, Source, Trace};
use orderly_core::time::{Seconds, Timestamp};
use orderly_core::untrusted::Untrusted;
use std::collections::BTreeMap;

/// Issues of which a sample of events is read.
const SAMPLED: usize = 3;
/// Traces in which other errors are looked for.
const TRACES: usize = 20;
/// Traces that are read whole.
const WHOLE: usize = 6;

impl InvestigateJob<'_> {
    /// The issues themselves.
    pub(super) async fn leads(&self, issues: &[Affected], since: Period, known: &mut Known) {
        let own = of_issues(issues.iter().map(|issue| issue.id));
        let numbers =
            self.events(own, &["issue.id", "title", "count()", "count_unique(user)"], Dataset::Errors, since);
        let crashes = issues.iter().map(|issue| self.ports.crash.latest_crash(issue.id));
        let releases = issues.iter().map(|issue| self.ports.read.first_release(issue.id));
        let samples = issues.iter().take(SAMPLED).map(|issue| self.ports.read.sample(issue.id, since));
        let before = Period { from: known.window.from, until: since.from };
        let earlier = issues.iter().take(SAMPLED).map(|issue| self.ports.read.sample(issue.id, before));
        let (numbers, crashes, releases, samples, earlier) = futures::join!(
            numbers,
            futures::future::join_all(crashes),
            futures::future::join_all(releases),
            futures::future::join_all(samples),
            futures::future::join_all(earlier),
        );
        let numbers = kept(numbers, "errors and users of each issue", &mut known.gaps);
        let numbers: BTreeMap<&str, &BTreeMap<String, Untrusted<String>>> =
            numbers.rows.iter().filter_map(|row| Some((row.get("issue.id")?.as_raw_str(), row))).collect();
        for ((issue, crash), release) in issues.iter().zip(crashes).zip(releases) {
            let id = issue.id.to_string();
            let row = numbers.get(id.as_str());
            let number = |column: &str| {
                row.and_then(|row| row.get(column)).and_then(|text| text.as_raw_str().parse().ok())
            };
            let frames = match crash {
                Looked::Saw(evidence) => Own::frames(&evidence),
                Looked::CouldNotLook(cause) => {
                    known.gaps.push((format!("the crash of {}", issue.short_id), cause));
                    Vec::new()
                }
            };
            let title = row.and_then(|row| row.get("title")).cloned().or_else(|| issue.error_type.clone());
            known.leads.push(LeadKnown {
                id: issue.id,
                short_id: issue.short_id.clone(),
                project: issue.project.clone(),
                title: title.unwrap_or_else(|| Untrusted::from("")),
                first_seen: issue.first_seen,
                first_release: kept(
                    release,
                    &format!("the first release of {}", issue.short_id),
                    &mut known.gaps,
                ),
                events: number("count()").unwrap_or(0),
                users: number("count_unique(user)").unwrap_or(0),
                frames,
            });
        }
        let sampled: Vec<Vec<Sampled>> =
            samples.into_iter().map(|sample| kept(sample, "a sample of events", &mut known.gaps)).collect();
        let earlier: Vec<Vec<Sampled>> = earlier
            .into_iter()
            .map(|sample| kept(sample, "events before the rise", &mut known.gaps))
            .collect();
        known.sources_before = earlier.into_iter().flatten().filter_map(|sampled| sampled.address).collect();
        known.sources = sampled
            .iter()
            .flatten()
            .filter_map(|one| Some(Source { address: one.address?, account: one.account.clone() }))
            .collect();
        let ids = mixed(&sampled);
        known.traces = self.whole(&ids, known).await;
        known.trace_ids = ids.into_iter().take(TRACES).collect();
    }

    /// Traces with spans among these, whole.
    async fn whole(&self, ids: &[String], known: &mut Known) -> Vec<Trace> {
        if ids.is_empty() {
            return Vec::new();
        }
        let most = ids.len().min(LARGEST_PAGE as usize);
        let query = format!("trace:[{}]", ids[..most].join(", "));
        let all = Period { from: known.window.from, until: self.at };
        let rows = self.events(query, &["trace", "count()"], Dataset::Transactions, all).await;
        let rows = kept(rows, "transactions of the traces", &mut known.gaps).rows;
        let with_spans: Vec<&str> =
            rows.iter().filter_map(|row| Some(row.get("trace")?.as_raw_str())).collect();
        let wanted = ids.iter().filter(|id| with_spans.contains(&id.as_str())).take(WHOLE);
        let traces = futures::future::join_all(wanted.map(|id| self.ports.read.trace(id))).await;
        let seen = traces.into_iter().map(|trace| kept(trace, "a trace", &mut known.gaps));
        seen.filter(|trace| !trace.spans.is_empty()).collect()
    }

    /// Rows of a search among events.
    pub(super) async fn events(
        &self,
        query: String,
        fields: &[&str],
        dataset: Dataset,
        period: Period,
    ) -> Looked<EventPage> {
        let window = period.until.as_second() - period.from.as_second();
        let window = Seconds(u64::try_from(window).unwrap_or(0).max(1));
        let search = EventSearch::over(query, fields, dataset, window, period.until);
        self.ports.look.events(&search, None).await
    }

    /// How many events a search finds.
    pub(super) async fn number(&self, query: String, from: Timestamp) -> Result<u64, Cause> {
        let period = Period { from, until: self.at };
        let page = self.events(query, &["count()"], Dataset::Errors, period).await.seen()?;
        Ok(page.number("count()").unwrap_or(0))
    }
}

/// The traces of samples, in turn, each once.
fn mixed(samples: &[Vec<Sampled>]) -> Vec<String> {
    let longest = samples.iter().map(Vec::len).max().unwrap_or(0);
    let mut ids: Vec<String> = Vec::new();
    for at in 0..longest {
        for trace in samples.iter().filter_map(|sample| sample.get(at)?.trace.clone()) {
            if !ids.contains(&trace) {
                ids.push(trace);
            }
        }
    }
    ids
}
