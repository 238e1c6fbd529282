//! Ignoring an issue in Sentry: proposed by a diagnosis, approved by a person, and by nothing else.

use crate::diagnose::{About, Diagnosis, Verdict};
use crate::ids::IssueId;
use crate::noise::Noise;
use crate::scrub::Scrubber;
use serde::{Deserialize, Serialize};

/// That there is nothing to mend in this code, with the sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    issue: IssueId,
    reason: String,
}

impl Proposal {
    /// A proposal, when the diagnosis finds hardware, other people's code or a machine of a developer behind the crash.
    pub fn of(issue: IssueId, diagnosis: &Diagnosis, scrubber: &Scrubber) -> Option<Self> {
        if diagnosis.verdict != Verdict::NotActionable {
            return None;
        }
        let says = |about| diagnosis.bullets.iter().find(|bullet| bullet.about == about);
        let bullets = [About::Verdict, About::Cause].into_iter().filter_map(says);
        let reason: Vec<String> = bullets.map(|bullet| bullet.line(scrubber)).collect();
        Some(Self { issue, reason: reason.join(" ") })
    }

    /// A proposal, because of what the noise filter saw.
    pub(super) fn of_noise(issue: IssueId, noise: &Noise, scrubber: &Scrubber) -> Self {
        let says: String = noise.because.iter().map(|said| said.line(scrubber)).collect();
        Self { issue, reason: format!("Kind: Not actionable here: {says}. [rule {}]", noise.rule) }
    }

    /// The issue.
    pub const fn issue(&self) -> IssueId {
        self.issue
    }

    /// Why, with its evidence; one scrubbed line.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The approval, when the issue is among those that a person named to be ignored.
    pub fn approved(&self, named: &[IssueId]) -> Option<IgnoreApproval> {
        let approval = IgnoreApproval { issue: self.issue, reason: self.reason.clone() };
        named.contains(&self.issue).then_some(approval)
    }
}

/// A person's word that an issue is ignored. Only [`Proposal::approved`] makes one, and reading back a stored case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IgnoreApproval {
    issue: IssueId,
    reason: String,
}

impl IgnoreApproval {
    /// The issue.
    pub const fn issue(&self) -> IssueId {
        self.issue
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
