//! What Sentry recorded around an incident, for its review: rates, changes, patterns, and the alarms that were possible.
//! What cannot be looked at is named.

use super::run::IncidentJob;
use crate::ports::look::{Dataset, EventPage, EventSearch, of_incident};
use crate::watch::{WatchJob, WatchPorts};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::ProjectSlug;
use orderly_core::incident::Incident;
use orderly_core::incident::review::{
    BackTest, Change, ChangeKind, Evidence, Pattern, Series, Stretch, backtest, least_alarming,
};
use orderly_core::time::{Now, Seconds, later};
use orderly_core::untrusted::Untrusted;
use orderly_core::watch::{Observed, WatchPolicy};

/// How far back flags are read: as far as series are.
const FLAGS: Seconds = Seconds::days(14);
const MINUTES: i64 = 60;

impl IncidentJob<'_> {
    /// Looks everything up that a review of the incident needs.
    pub async fn evidence(&self, incident: &Incident) -> Evidence {
        let projects: Vec<ProjectSlug> = incident.projects().into_iter().collect();
        let stretch = Stretch { begins: incident.began_at(), ends: incident.until(Now(self.at)) };
        let mut evidence = Evidence::default();
        if projects.is_empty() {
            let cause = Cause::NoInput("no issue belongs to the incident".to_owned());
            evidence.unseen.push(("rates and patterns".to_owned(), cause));
            return evidence;
        }
        self.series_and_alarms(&projects, stretch, &mut evidence).await;
        self.changes(&projects, &mut evidence).await;
        match self.patterns(incident, &projects, stretch).await {
            Ok(patterns) => evidence.patterns = patterns,
            Err(cause) => evidence.unseen.push(("error patterns".to_owned(), cause)),
        }
        evidence
    }

    async fn series_and_alarms(&self, projects: &[ProjectSlug], stretch: Stretch, evidence: &mut Evidence) {
        let ports = WatchPorts { counts: self.ports.counts, look: self.ports.look, triage: self.ports.tags };
        let policy = WatchPolicy::default();
        let watch = WatchJob { ports, projects, environments: &[], policy };
        let mut unseen = Vec::new();
        let observed = watch.series(projects, &mut unseen).await;
        let gaps = &mut evidence.unseen;
        match observed {
            Ok(observed) => {
                gaps.extend(unseen.into_iter().map(|unseen| (unseen.what, unseen.cause)));
                evidence.series = observed.iter().filter_map(series).collect();
                evidence.alarms = backtest(&observed, stretch, policy);
                for test in &mut evidence.alarms {
                    if let Err(cause) = self.sharpen(test, &observed, policy).await {
                        gaps.push((format!("the minute in which {} fires", test.detector), cause));
                    }
                }
            }
            Err(cause) => gaps.push(("errors by hour".to_owned(), cause)),
        }
    }

    /// From the hour in which an alarm over errors is raised to the minute in which there were enough of them.
    async fn sharpen(
        &self,
        test: &mut BackTest,
        observed: &[Observed],
        policy: WatchPolicy,
    ) -> Result<(), Cause> {
        let Some(fired) = test.fires.as_mut().filter(|_| test.detector == "errors") else { return Ok(()) };
        let Some(of) = observed.iter().find(|one| one.project == test.project) else { return Ok(()) };
        let until = of.errors.iter().position(|hour| hour.begins >= fired.by).unwrap_or(of.errors.len());
        let hours = &of.errors[..until];
        let (Some(last), Some(least)) =
            (hours.last(), least_alarming(&test.project, hours, observed.len(), policy))
        else {
            return Ok(());
        };
        fired.at_least = Some(least);
        // Counts only grow, so the minute is found by halves.
        let (mut before, mut enough) = (0, MINUTES);
        let minute = |minutes: i64| later(last.begins, minutes * 60);
        while enough - before > 1 {
            let middle = before + (enough - before) / 2;
            let window = Seconds(middle.unsigned_abs() * 60);
            let all = EventSearch::over(String::new(), &["count()"], Dataset::Errors, window, minute(middle));
            let search = EventSearch { projects: vec![test.project.clone()], ..all };
            let counted = self.events(&search).await?.number("count()").unwrap_or(0);
            if counted >= least { enough = middle } else { before = middle }
        }
        fired.by = minute(enough);
        Ok(())
    }

    async fn changes(&self, projects: &[ProjectSlug], evidence: &mut Evidence) {
        let (releases, flags) =
            futures::join!(self.ports.tags.releases(projects), self.ports.flags.flags(FLAGS));
        match releases {
            Looked::Saw(releases) => evidence.changes.extend(releases.into_iter().map(|release| Change {
                at: release.since,
                kind: ChangeKind::Deploy,
                what: release.version,
            })),
            Looked::CouldNotLook(cause) => evidence.unseen.push(("releases".to_owned(), cause)),
        }
        match flags {
            Looked::Saw(flags) => evidence.changes.extend(flags.into_iter().map(|flag| Change {
                at: flag.at,
                kind: ChangeKind::Flag,
                what: flag.flag,
            })),
            Looked::CouldNotLook(cause) => evidence.unseen.push(("flags".to_owned(), cause)),
        }
        evidence.changes.sort_by(|a, b| (a.at, a.kind, &a.what).cmp(&(b.at, b.kind, &b.what)));
    }

    async fn patterns(
        &self,
        incident: &Incident,
        projects: &[ProjectSlug],
        stretch: Stretch,
    ) -> Result<Vec<Pattern>, Cause> {
        let fields = ["issue", "transaction", "release", "count()", "count_unique(user)"];
        let query = of_incident(incident);
        let window = Seconds(Now(stretch.ends).seconds_since(stretch.begins).max(60));
        let all = EventSearch::over(query, &fields, Dataset::Errors, window, stretch.ends);
        let search = EventSearch { sort: Some("-count()".to_owned()), projects: projects.to_vec(), ..all };
        let page = self.events(&search).await?;
        Ok(page.rows.iter().map(|row| pattern(row, incident)).collect())
    }

    async fn events(&self, search: &EventSearch) -> Result<EventPage, Cause> {
        self.ports.look.events(search, None).await.seen()
    }
}

fn pattern(row: &std::collections::BTreeMap<String, Untrusted<String>>, incident: &Incident) -> Pattern {
    let text = |column: &str| row.get(column).cloned().unwrap_or_else(|| "".into());
    let number = |column: &str| row.get(column).and_then(|cell| cell.as_raw_str().parse().ok()).unwrap_or(0);
    let named = text("issue");
    let kind = incident
        .issues()
        .iter()
        .find(|owned| owned.issue.short_id.as_str() == named.as_raw_str())
        .and_then(|owned| owned.issue.error_type.clone())
        .map_or_else(|| named.clone(), |kind| kind.map(|kind| format!("{kind} ({})", named.as_raw_str())));
    Pattern {
        kind,
        transaction: text("transaction"),
        release: text("release"),
        events: number("count()"),
        users: number("count_unique(user)"),
    }
}

fn series(observed: &Observed) -> Option<Series> {
    let begins = observed.errors.first()?.begins;
    let errors = observed.errors.iter().map(|hour| hour.errors).collect();
    Some(Series { project: observed.project.clone(), begins, errors })
}
