//! The answer sheet of a story: what a job that watches it should have found.

use super::Scenario;
use crate::traffic::deed::{Deploy, FlagChange};
use jiff::Timestamp;
use serde::Serialize;

/// What really happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Truth {
    /// Name of the story.
    pub scenario: &'static str,
    /// The number it was told from.
    pub seed: u64,
    /// When it begins.
    pub begins: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// What went wrong; nothing in a quiet story.
    pub incident: Option<Incident>,
    /// Everything that was deployed, the innocent too, oldest first.
    pub deploys: Vec<DeployTruth>,
    /// Every change of a flag, the innocent too, oldest first.
    pub flags: Vec<FlagTruth>,
}

/// The thing that went wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Incident {
    /// When the first request could fail because of it.
    pub starts: Timestamp,
    /// When it was over.
    pub ends: Timestamp,
    /// Why.
    pub cause: Cause,
    /// The services in which it happened.
    pub services: Vec<&'static str>,
    /// Further services that reported errors because of it.
    pub felt_by: Vec<&'static str>,
    /// Exception types that it raised where it happened.
    pub errors: Vec<&'static str>,
    /// Users who made a request while it lasted.
    pub users_active: u64,
    /// Those of them for whom a request failed because of it.
    pub users_affected: u64,
    /// `users_affected` of `users_active`, from 0 to 1.
    pub users_share: f64,
    /// Whether it was an attack.
    pub security: bool,
    /// What people did about it, oldest first.
    pub mitigations: Vec<MitigationTruth>,
}

/// Why something went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// A release.
    Deploy {
        /// Project.
        project: &'static str,
        /// Version.
        release: String,
    },
    /// A feature flag.
    Flag {
        /// Its name.
        flag: &'static str,
    },
    /// Something that neither a release nor a flag brought.
    Outside {
        /// What.
        what: &'static str,
    },
    /// Somebody who means no good.
    Attack {
        /// The addresses it came from.
        sources: Vec<String>,
    },
}

/// Something that people did to end it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MitigationTruth {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: &'static str,
    /// What came of it.
    pub effect: Measure,
}

/// What came of a mitigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The errors stopped.
    Worked,
    /// There were fewer.
    Partly,
    /// Nothing.
    No,
}

/// A deploy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeployTruth {
    /// When.
    pub at: Timestamp,
    /// Project.
    pub project: &'static str,
    /// Version.
    pub release: String,
}

/// A change of a flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlagTruth {
    /// When.
    pub at: Timestamp,
    /// Its name.
    pub flag: &'static str,
    /// For how many of a hundred users it is on from then.
    pub percent: u64,
}

impl Truth {
    /// A story in which nothing goes wrong.
    pub(super) fn without_incident(scenario: Scenario, seed: u64, start: i64) -> Self {
        Self {
            scenario: scenario.name(),
            seed,
            begins: time(start),
            ends: time(start + i64::from(scenario.hours()) * 3600),
            incident: None,
            deploys: Vec::new(),
            flags: Vec::new(),
        }
    }

    pub(super) fn note_deploy(&mut self, deploy: &Deploy) {
        let Deploy { project, version, at, .. } = deploy;
        self.deploys.push(DeployTruth { at: time(*at), project, release: version.clone() });
    }

    pub(super) fn note_flag(&mut self, change: &FlagChange) {
        let FlagChange { flag, percent, at } = change;
        self.flags.push(FlagTruth { at: time(*at), flag, percent: *percent });
    }
}

/// A second since 1970 as a time; the first one for numbers beyond all calendars.
pub(super) fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}
