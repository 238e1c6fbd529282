//! What else fails since the rise, and whom it hits more often than others.

use super::{InvestigateJob, kept};
use crate::ports::investigate::{Period, TagSeen, TagsAsked};
use crate::ports::look::{Dataset, EventPage, of_issues};
use orderly_core::answer::{Cause, Looked};
use orderly_core::encode::search_term::quoted;
use orderly_core::ids::{IssueId, ProjectSlug, ShortId};
use orderly_core::incident::Affected;
use orderly_core::incident::severity::Label;
use orderly_core::investigate::{
    ChangedWhat, Compared, FlagCount, Known, Neighbour, Own, SharedRelease, TagCount,
};
use orderly_core::untrusted::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

/// Other issues that are looked at.
const NEIGHBOURS: usize = 20;
/// Of them, those whose crash is read.
const CRASHES: usize = 8;
/// Fewer transactions since the rise than this are too few to compare with.
const ENOUGH: u64 = 300;
/// Flags whose states are counted, those that changed last.
const FLAGS: usize = 4;

impl InvestigateJob<'_> {
    /// Everything around the issues.
    pub(super) async fn around(&self, issues: &[Affected], since: Period, known: &mut Known) {
        let own = of_issues(issues.iter().map(|issue| issue.id));
        let others = format!("!{own}");
        let projects: BTreeSet<ProjectSlug> = issues.iter().map(|issue| issue.project.clone()).collect();
        let in_traces = async {
            match known.trace_ids.as_slice() {
                [] => Looked::Saw(EventPage::default()),
                ids => {
                    let query = format!("{others} trace:[{}]", ids.join(", "));
                    self.events(query, &["issue.id", "trace", "count()"], Dataset::Errors, since).await
                }
            }
        };
        let asked = |dataset, query: &str| TagsAsked {
            dataset,
            query: query.to_owned(),
            projects: projects.iter().cloned().collect(),
            period: since,
        };
        let (failing_asked, usual_asked) = (asked(Dataset::Errors, &own), asked(Dataset::Transactions, ""));
        let neighbour_fields = ["issue.id", "issue", "project", "title", "count()"];
        let (neighbours, in_traces, releases, failing, usual) = futures::join!(
            self.events(others.clone(), &neighbour_fields, Dataset::Errors, since),
            in_traces,
            self.events(String::new(), &["release", "project", "count()"], Dataset::Errors, since),
            self.ports.read.tags_of(&failing_asked),
            self.ports.read.tags_of(&usual_asked),
        );
        let in_traces = kept(in_traces, "errors of the same traces", &mut known.gaps);
        let neighbours = kept(neighbours, "other errors", &mut known.gaps);
        known.neighbours = self.neighbours(&neighbours, &in_traces, &projects).await;
        known.shared_releases = shared(&kept(releases, "releases with errors", &mut known.gaps));
        let failing = kept(failing, "tags of the errors", &mut known.gaps);
        let mut usual = kept(usual, "tags of transactions", &mut known.gaps);
        known.compared = Compared::Transactions;
        if usual.iter().map(total).max().unwrap_or(0) < ENOUGH {
            let whole = Period { from: known.window.from, until: since.until };
            let longer = self.ports.read.tags_of(&TagsAsked { period: whole, ..usual_asked }).await;
            usual = kept(longer, "tags of earlier transactions", &mut known.gaps);
            known.compared = Compared::TransactionsOfWindow;
        }
        if usual.is_empty() {
            let other = self.ports.read.tags_of(&asked(Dataset::Errors, &others)).await;
            usual = kept(other, "tags of other errors", &mut known.gaps);
            known.compared = if usual.is_empty() { Compared::Nothing } else { Compared::OtherErrors };
        }
        known.touches = self.touching.of(&labels(issues, &failing));
        known.tags = compared(&failing, &usual);
        self.flags(issues, known).await;
    }

    async fn neighbours(
        &self,
        found: &EventPage,
        in_traces: &EventPage,
        own: &BTreeSet<ProjectSlug>,
    ) -> Vec<Neighbour> {
        let mut traces: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for row in &in_traces.rows {
            if let (Some(issue), Some(trace)) = (row.get("issue.id"), row.get("trace")) {
                traces.entry(issue.as_raw_str()).or_default().push(trace.as_raw_str().to_owned());
            }
        }
        let mut neighbours: Vec<Neighbour> =
            found.rows.iter().filter_map(|row| neighbour(row, &traces)).collect();
        // What shares requests is kept, however few events it has.
        neighbours
            .sort_by(|a, b| b.shared_traces.len().cmp(&a.shared_traces.len()).then(b.events.cmp(&a.events)));
        neighbours.truncate(NEIGHBOURS);
        let elsewhere: Vec<usize> = (0..neighbours.len())
            .filter(|at| !own.contains(&neighbours[*at].project))
            .take(CRASHES)
            .collect();
        let crashes = elsewhere.iter().map(|at| self.ports.crash.latest_crash(neighbours[*at].id));
        let crashes = futures::future::join_all(crashes).await;
        for (at, crash) in elsewhere.into_iter().zip(crashes) {
            // Without its crash it shares no frame; what else it shares is known.
            if let Looked::Saw(evidence) = crash {
                neighbours[at].frames = Own::frames(&evidence);
            }
        }
        neighbours
    }

    /// How the flags stood that changed, when requests failed and when others did. What fails with the incident is no
    /// other.
    async fn flags(&self, issues: &[Affected], known: &mut Known) {
        let mut flags: Vec<(Untrusted<String>, _)> = Vec::new();
        for change in known.changes.iter().rev() {
            if let ChangedWhat::Flag { flag, .. } = &change.what
                && !flags.iter().any(|(known, _)| known == flag)
            {
                flags.push((flag.clone(), change.at));
            }
        }
        flags.truncate(FLAGS);
        let own = of_issues(issues.iter().map(|issue| issue.id));
        let with = known.neighbours.iter().filter(|neighbour| !neighbour.shared_traces.is_empty());
        let with = with.map(|neighbour| neighbour.id);
        let others = format!("!{}", of_issues(issues.iter().map(|issue| issue.id).chain(with)));
        let counted = flags.into_iter().map(|(flag, since)| {
            let (own, others) = (own.clone(), others.clone());
            async move {
                let state = |of: &str, on: &str| {
                    let query = format!("{of} flags[{}]:{on}", quoted(flag.as_raw_str()));
                    self.number(query, since)
                };
                let (a, b, c, d) = futures::join!(
                    state(&own, "true"),
                    state(&own, "false"),
                    state(&others, "true"),
                    state(&others, "false"),
                );
                Ok::<_, Cause>(FlagCount { flag, failing: (a?, b?), others: (c?, d?) })
            }
        });
        for count in futures::future::join_all(counted).await {
            match count {
                Ok(count) => known.flags.push(count),
                Err(cause) => known.gaps.push(("how a flag stood".to_owned(), cause)),
            }
        }
    }
}

fn neighbour(
    row: &BTreeMap<String, Untrusted<String>>,
    traces: &BTreeMap<&str, Vec<String>>,
) -> Option<Neighbour> {
    let text = |column: &str| row.get(column).map(Untrusted::as_raw_str);
    let id = text("issue.id")?;
    Some(Neighbour {
        id: IssueId(id.parse().ok()?),
        short_id: ShortId::new(text("issue")?),
        project: ProjectSlug::new(text("project")?),
        title: row.get("title")?.clone(),
        events: text("count()")?.parse().ok()?,
        shared_traces: traces.get(id).cloned().unwrap_or_default(),
        frames: Vec::new(),
    })
}

/// Releases that several projects report.
fn shared(page: &EventPage) -> Vec<SharedRelease> {
    let mut releases: BTreeMap<&Untrusted<String>, BTreeMap<ProjectSlug, u64>> = BTreeMap::new();
    for row in &page.rows {
        let (Some(release), Some(project), Some(count)) =
            (row.get("release"), row.get("project"), row.get("count()"))
        else {
            continue;
        };
        if !release.as_raw_str().is_empty() {
            let count = count.as_raw_str().parse().unwrap_or(0);
            releases.entry(release).or_default().insert(ProjectSlug::new(project.as_raw_str()), count);
        }
    }
    let several = releases.into_iter().filter(|(_, projects)| projects.len() > 1);
    several.map(|(release, events)| SharedRelease { release: release.clone(), events }).collect()
}

/// What is known of the errors, for what must not suffer.
fn labels(issues: &[Affected], tags: &[TagSeen]) -> Vec<Label> {
    let mut labels: Vec<Label> = issues.iter().flat_map(Label::of).collect();
    for tag in tags {
        let key = tag.key.as_raw_str();
        labels
            .extend(tag.values.iter().map(|(value, _)| Label { key: key.to_owned(), value: value.clone() }));
    }
    labels
}

fn total(tag: &TagSeen) -> u64 {
    tag.values.iter().map(|(_, count)| count).sum()
}

/// The tags of the errors beside those of what they are compared with. A tag that only errors have cannot be compared.
fn compared(failing: &[TagSeen], usual: &[TagSeen]) -> Vec<TagCount> {
    let mut counts = Vec::new();
    for tag in failing {
        let Some(same) = usual.iter().find(|other| other.key == tag.key) else { continue };
        for (value, count) in &tag.values {
            let other = same.values.iter().find(|(other, _)| other == value).map_or(0, |(_, count)| *count);
            counts.push(TagCount {
                key: tag.key.clone(),
                value: value.clone(),
                failing: (*count, total(tag)),
                usual: (other, total(same)),
            });
        }
    }
    counts
}
