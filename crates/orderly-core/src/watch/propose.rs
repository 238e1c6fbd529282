//! Alarms that belong together are one incident.

use super::raised::Raised;
use crate::ids::ProjectSlug;
use crate::time::{Timestamp, later};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A lasting alarm is about when it began: later than this it draws nothing else into its incident.
const DRAWS_SECONDS: i64 = 8 * 3600;

/// An incident that a person may declare: alarms whose hours overlap or follow each other at once, in whichever projects.
///
/// When several things rise at the same time they usually have one cause, and one too many in a proposal is taken out more
/// easily than two incidents are found to be one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// When the first of its hours begins.
    pub begins: Timestamp,
    /// When the last of its hours ends.
    pub ends: Timestamp,
    /// The projects that are in it, by name.
    pub projects: BTreeSet<ProjectSlug>,
    /// What raised its alarms, by name.
    pub detectors: BTreeSet<String>,
    /// The alarm that chance explains least.
    pub leading: Raised,
    /// Keys of its alarms ([`Raised::key`]), in the order of time.
    #[serde(skip)]
    pub alarms: Vec<(ProjectSlug, &'static str, String)>,
}

impl Proposal {
    /// Whether an alarm is one of those that it is made of.
    pub fn has(&self, raised: &Raised) -> bool {
        self.alarms.contains(&raised.key())
    }
}

/// Groups alarms; the proposals come in the order of time.
pub fn propose(raised: &[Raised]) -> Vec<Proposal> {
    let mut raised: Vec<&Raised> = raised.iter().collect();
    raised.sort_by(|a, b| (a.begins, a.key()).cmp(&(b.begins, b.key())));
    let mut proposals: Vec<Proposal> = Vec::new();
    for one in raised {
        let ends = one.ends().min(later(one.begins, DRAWS_SECONDS));
        match proposals.last_mut().filter(|open| one.begins <= open.ends) {
            Some(open) => {
                open.ends = open.ends.max(ends);
                open.projects.insert(one.project.clone());
                open.detectors.insert(one.detector.word().to_owned());
                open.alarms.push(one.key());
                if one.by_weight(&open.leading).is_lt() {
                    open.leading = one.clone();
                }
            }
            None => proposals.push(Proposal {
                begins: one.begins,
                ends,
                projects: BTreeSet::from([one.project.clone()]),
                detectors: BTreeSet::from([one.detector.word().to_owned()]),
                leading: one.clone(),
                alarms: vec![one.key()],
            }),
        }
    }
    proposals
}
