//! The numbers that severity is judged by. What cannot be counted is a gap with its cause, and makes nothing worse.

use super::run::Gaps;
use crate::ports::look::{Dataset, EventPage, EventSearch, LookRead, of_incident};
use crate::ports::triage::TriageRead;
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::ProjectSlug;
use orderly_core::incident::Incident;
use orderly_core::incident::severity::{Facts, Label, Touching, Trend, Usual};
use orderly_core::time::{Seconds, Timestamp};
use std::collections::BTreeSet;

/// How many windows before the one that is judged tell what is usual.
const BEFORE: u32 = 24;
/// Issues whose tags are read: those that lead.
const LOOKED_AT: usize = 5;

/// Reads what an incident does to users.
pub(super) struct Counting<'a> {
    pub look: &'a dyn LookRead,
    pub tags: &'a dyn TriageRead,
    pub touching: &'a Touching,
    pub window: Seconds,
    pub at: Timestamp,
}

impl Counting<'_> {
    /// The facts of an incident, in the window that ends at `at`.
    pub(super) async fn facts(&self, incident: &Incident, gaps: &mut Gaps) -> Facts {
        let projects = incident.projects();
        let window = self.window;
        let long = Seconds(window.0.saturating_mul(u64::from(BEFORE) + 1));
        let half = Seconds(window.0 / 2);
        let (now, before, later, spread, active, touches) = futures::join!(
            self.errors(incident, &["count()", "count_unique(user)"], window),
            self.errors(incident, &["count()"], long),
            self.errors(incident, &["count()"], half),
            self.errors(incident, &["project", "count()"], window),
            self.active(&projects),
            self.labels(incident),
        );
        let (labels, unread) = touches;
        let mut seen = |what: &str, answer: Result<EventPage, Cause>| {
            answer.map_err(|cause| gaps.0.push((what.to_owned(), cause))).ok()
        };
        let now = seen("errors and users", now);
        let before = seen("what is usual", before).and_then(|page| page.number("count()"));
        let later = seen("the trend", later).and_then(|page| page.number("count()"));
        let spread = seen("the projects with errors", spread);
        let active = seen("active users", active).and_then(|page| page.number("count_unique(user)"));
        gaps.0.extend(unread.map(|cause| ("tags".to_owned(), cause)));
        let events = now.as_ref().and_then(|page| page.number("count()"));
        let users = now.as_ref().and_then(|page| page.number("count_unique(user)"));
        let known = u32::try_from(projects.len()).unwrap_or(u32::MAX);
        let halves = events.zip(later);
        Facts {
            window,
            users,
            // Transactions are sampled, errors are not: there are at least as many users as met an error.
            active_users: active.filter(|active| *active > 0).map(|active| active.max(users.unwrap_or(0))),
            events,
            usual: events
                .zip(before)
                .map(|(events, all)| Usual { events: all.saturating_sub(events), windows: BEFORE }),
            services: spread.map_or(known, |page| u32::try_from(page.rows.len()).unwrap_or(u32::MAX)),
            touches: self.touching.of(&labels),
            trend: halves.map(|(events, later)| Trend::of(events.saturating_sub(later), later)),
        }
    }

    /// Columns over the errors of the incident's issues.
    async fn errors(
        &self,
        incident: &Incident,
        fields: &[&str],
        window: Seconds,
    ) -> Result<EventPage, Cause> {
        if incident.issues().is_empty() {
            return Err(Cause::NoInput("no issue belongs to the incident yet".to_owned()));
        }
        let query = of_incident(incident);
        self.ask(query, fields, Dataset::Errors, &incident.projects(), window).await
    }

    /// Users who used the same projects at all.
    async fn active(&self, projects: &BTreeSet<ProjectSlug>) -> Result<EventPage, Cause> {
        self.ask(String::new(), &["count_unique(user)"], Dataset::Transactions, projects, self.window).await
    }

    async fn ask(
        &self,
        query: String,
        fields: &[&str],
        dataset: Dataset,
        projects: &BTreeSet<ProjectSlug>,
        window: Seconds,
    ) -> Result<EventPage, Cause> {
        let all = EventSearch::over(query, fields, dataset, window, self.at);
        let search = EventSearch { projects: projects.iter().cloned().collect(), ..all };
        self.look.events(&search, None).await.seen()
    }

    /// What is known of the leading issues, and why not all of it, if not.
    async fn labels(&self, incident: &Incident) -> (Vec<Label>, Option<Cause>) {
        let leading = || incident.issues().iter().take(LOOKED_AT);
        let mut labels: Vec<Label> =
            incident.issues().iter().flat_map(|owned| Label::of(&owned.issue)).collect();
        let spreads =
            futures::future::join_all(leading().map(|owned| self.tags.spread(owned.issue.id))).await;
        let mut lost = None;
        for spread in spreads {
            match spread {
                Looked::Saw(spread) => {
                    labels.extend(spread.0.into_iter().flat_map(|(key, values)| {
                        let key = key.as_raw_str().to_owned();
                        values.top.into_iter().map(move |(value, _)| Label { key: key.clone(), value })
                    }));
                }
                Looked::CouldNotLook(cause) => lost = Some(cause),
            }
        }
        (labels, lost)
    }
}
