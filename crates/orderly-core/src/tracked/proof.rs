//! What the provers found, and the token that only a complete proof gives.

use crate::answer::{Cause, RequestRef};
use crate::calibrate::Certificate;
use crate::ids::{Generation, IssueId, TrackKey};
use crate::sync::plan::ItemRef;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The six provers, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prover {
    /// A link that Sentry keeps.
    ExternalLink,
    /// The short id in the text of an item.
    ShortId,
    /// The permalink, in any spelling, as attachment or text.
    Permalink,
    /// The same title once ids, numbers and paths are taken out, or words that are alike.
    TitleFingerprint,
    /// The same top frames, or a stack that is alike.
    StackSignature,
    /// An open item of the team about the same culprit.
    OwnerClue,
}

impl Prover {
    /// All provers, in order.
    pub const ALL: [Self; 6] = [
        Self::ExternalLink,
        Self::ShortId,
        Self::Permalink,
        Self::TitleFingerprint,
        Self::StackSignature,
        Self::OwnerClue,
    ];

    /// The words people see.
    pub const fn words(self) -> &'static str {
        match self {
            Self::ExternalLink => "external link",
            Self::ShortId => "short ID",
            Self::Permalink => "permalink",
            Self::TitleFingerprint => "title fingerprint",
            Self::StackSignature => "stack signature",
            Self::OwnerClue => "owner clue",
        }
    }

    /// Whether a find is certain. The others only say "possible duplicate".
    pub const fn is_hard(self) -> bool {
        matches!(self, Self::ExternalLink | Self::ShortId | Self::Permalink)
    }
}

impl fmt::Display for Prover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// What one prover says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// These items.
    Found {
        /// Best first.
        items: Vec<ItemRef>,
    },
    /// Looked, and nothing is there.
    Absent,
    /// Could not look.
    CouldNotLook {
        /// Why.
        cause: Cause,
    },
}

/// One prover's answer with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProverResult {
    /// Who.
    pub prover: Prover,
    /// What.
    pub finding: Finding,
    /// Items that came back and do not count, each with the reason.
    pub set_aside: Vec<SetAside>,
    /// What was looked for.
    pub looked_for: Vec<String>,
    /// The requests that answered.
    pub requests: Vec<RequestRef>,
}

/// An item that a look returned and that is no answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SetAside {
    /// The item.
    pub item: ItemRef,
    /// Why it does not count.
    pub because: SetAsideBecause,
}

/// Why an item that a look returned is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum SetAsideBecause {
    /// It belongs to an earlier life of the issue, which ended before this one.
    EarlierGeneration {
        /// Which life; items without a marker count as the first.
        generation: Generation,
    },
    /// It names a longer number or another short id (`/issues/1234` for 123, `ABC-12` for `ABC-1`).
    NamesAnother,
    /// Its marker says that it tracks another Sentry issue, and title and stack differ.
    TracksAnother {
        /// The other issue.
        issue: IssueId,
    },
    /// Its title, stack or culprit is another one.
    Differs,
    /// It is closed, and this look is about open work.
    Closed,
    /// Policy lets hard keys veto only; the item is named, not obeyed.
    SoftMatch,
}

impl SetAsideBecause {
    /// The words people see.
    pub fn words(self) -> String {
        match self {
            Self::EarlierGeneration { generation } => {
                format!("belongs to an earlier life of the issue ({generation})")
            }
            Self::NamesAnother => "names another issue".to_owned(),
            Self::TracksAnother { issue } => format!("tracks another Sentry issue ({issue})"),
            Self::Differs => "is about something else".to_owned(),
            Self::Closed => "is closed".to_owned(),
            Self::SoftMatch => "may be related; by policy only hard keys count".to_owned(),
        }
    }
}

/// The record of a proof, kept with the item and run again by anyone who doubts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofRecord {
    /// One result a prover, in order.
    pub results: Vec<ProverResult>,
    /// What likeness to tracked items says, where no hard key answered and the items could be compared. The title and
    /// stack provers already obey it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
}

impl ProofRecord {
    /// What each prover said, without times and requests.
    pub fn verdicts(&self) -> Vec<(Prover, &Finding)> {
        self.results.iter().map(|r| (r.prover, &r.finding)).collect()
    }

    /// The proof that `key` is tracked nowhere: every prover looked, and every one found nothing.
    pub fn absence(&self, key: &TrackKey) -> Option<AbsenceProof> {
        let complete = self.results.iter().map(|r| r.prover).eq(Prover::ALL);
        let all_absent = self.results.iter().all(|r| r.finding == Finding::Absent);
        (complete && all_absent).then(|| AbsenceProof { key: key.clone() })
    }
}

/// Evidence, as a type, that an issue was proven not to be tracked. Creating an item takes one; only
/// [`ProofRecord::absence`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsenceProof {
    key: TrackKey,
}

impl AbsenceProof {
    /// What was proven to be absent.
    pub const fn key(&self) -> &TrackKey {
        &self.key
    }
}
