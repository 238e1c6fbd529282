//! What a day's runs of triage leave behind: one table that every run adds to, and a section for each issue that was
//! worked on. Kept as JSON, shown as Markdown (`page.rs`).

mod page;

use super::selection::{Chosen, IssueCard};
use super::table::{Repair, Table, Totals};
use crate::fix::Disposition;
use crate::ids::{CommitId, IssueId, SentrySite};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Version of the stored form.
pub const DAY_VERSION: u32 = 1;

/// A day of triage of one Sentry organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// [`DAY_VERSION`].
    pub version: u32,
    /// `20261121`, by UTC.
    pub date: String,
    /// The Sentry it is about.
    pub site: SentrySite,
    /// How often triage ran.
    pub runs: u32,
    /// When it ran last.
    pub last_run: Timestamp,
    /// Sums of the last run.
    pub totals: Totals,
    /// Every issue that a run of the day showed, in the order of the last run; those that it did not show come last.
    pub rows: Vec<DayRow>,
    /// What became of issues, in the order in which they were closed.
    pub closed: Vec<Closed>,
}

/// An issue of the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayRow {
    /// The issue as last seen; its number is that of the last run, 0 when that did not show it.
    #[serde(flatten)]
    pub issue: Chosen,
    /// Whether the last run showed it.
    pub standing: Standing,
    /// Points.
    pub score: u32,
    /// Whether a repair may work on it.
    pub repair: Repair,
}

/// Whether the last run showed an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It did.
    Shown,
    /// An earlier run of the day did.
    Earlier,
}

/// What became of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The issue.
    pub issue: IssueCard,
    /// When.
    pub at: Timestamp,
    /// How it ended.
    pub disposition: Disposition,
    /// Commits of the repair.
    pub commits: Vec<CommitId>,
    /// Files that it changed, relative to the repository.
    pub files: Vec<String>,
    /// What was found out, each a scrubbed line (see [`crate::diagnose::Bullet::line`]).
    pub notes: Vec<String>,
}

/// A stored day cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DayUnreadable {
    /// It is no day.
    #[error("this is no stored day of triage: {0}")]
    NoDay(String),
    /// Another version wrote it.
    #[error("it was written by version {found} of the form, and this Orderly reads version {DAY_VERSION}")]
    Version {
        /// Its version.
        found: u32,
    },
    /// It is about another Sentry.
    #[error("it is about {org} at {url}, not about the configured Sentry")]
    Elsewhere {
        /// Its address.
        url: String,
        /// Its organization.
        org: String,
    },
}

impl Day {
    /// A day that no run has seen yet.
    pub fn new(date: Timestamp, site: SentrySite) -> Self {
        Self {
            version: DAY_VERSION,
            date: Self::name(date),
            site,
            runs: 0,
            last_run: date,
            totals: Totals::default(),
            rows: Vec::new(),
            closed: Vec::new(),
        }
    }

    /// The name of the day of a point in time: `20261121`.
    pub fn name(at: Timestamp) -> String {
        at.strftime("%Y%m%d").to_string()
    }

    /// Adds a run. What earlier runs showed and this one does not stays, marked; the same run twice adds nothing but
    /// its count.
    pub fn merge(&mut self, table: &Table) {
        let shown = |id: IssueId| table.rows.iter().any(|row| row.issue.id == id);
        let mut earlier: Vec<DayRow> = std::mem::take(&mut self.rows)
            .into_iter()
            .filter(|row| !shown(row.issue.id))
            .map(|mut row| {
                row.issue.number = 0;
                row.standing = Standing::Earlier;
                row
            })
            .collect();
        earlier.sort_by_key(|row| (Reverse(row.score), row.issue.id));
        let rows = table.rows.iter().map(|row| DayRow {
            issue: row.issue.clone(),
            standing: Standing::Shown,
            score: row.score.total,
            repair: row.repair.clone(),
        });
        self.rows = rows.chain(earlier).collect();
        self.runs = self.runs.saturating_add(1);
        self.last_run = table.made_at;
        self.totals = table.totals.clone();
    }

    /// Adds what became of an issue. An issue ends in one way: a later end replaces an earlier one.
    pub fn close(&mut self, closed: Closed) {
        self.closed.retain(|known| known.issue.issue != closed.issue.issue);
        self.closed.push(closed);
    }

    /// The stored form.
    ///
    /// # Panics
    /// Never: a day has string keys and whole numbers, which is all that JSON asks for.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a day serialises to JSON")
    }

    /// Reads a stored day of `site`.
    ///
    /// # Errors
    /// When it is unreadable, of another version, or about another Sentry.
    pub fn from_json(text: &str, site: &SentrySite) -> Result<Self, DayUnreadable> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let no_day = |error: serde_json::Error| DayUnreadable::NoDay(error.to_string());
        let Versioned { version } = serde_json::from_str(text).map_err(no_day)?;
        if version != DAY_VERSION {
            return Err(DayUnreadable::Version { found: version });
        }
        let mut day: Self = serde_json::from_str(text).map_err(no_day)?;
        if day.site != *site {
            let SentrySite { base_url: url, org } = day.site;
            return Err(DayUnreadable::Elsewhere { url, org: org.to_string() });
        }
        // Links are only ever rebuilt, also after somebody edited the file.
        for row in &mut day.rows {
            row.issue.permalink = site.permalink(row.issue.id);
        }
        for Closed { issue, .. } in &mut day.closed {
            issue.permalink = site.permalink(issue.issue);
        }
        Ok(day)
    }
}
