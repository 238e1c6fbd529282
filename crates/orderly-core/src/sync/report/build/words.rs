//! The words of a report for what failed, stopped, was held back or is missing.

use super::super::model::{
    ABSENT, BLIND, CertificateLine, HeldBack, ItemLine, LinkBackStatus, NearItem, ProofLine,
};
use super::super::outcome::LinkBackOutcome;
use super::Builder;
use crate::answer::Cause;
use crate::calibrate::Nearest;
use crate::encode::terminal;
use crate::select::{Held, HeldReason};
use crate::sync::machine::{Failure, Stop};
use crate::sync::plan::ItemRef;
use crate::sync::snapshot::SetupGap;
use crate::tracked::{Finding, ProofRecord};
use crate::untrusted::Untrusted;

/// Characters of what a service said about a failure.
const SAID: usize = 300;

impl Builder<'_> {
    pub fn failure(&self, failure: &Failure) -> String {
        let (kind, detail) = match failure {
            Failure::Refused(why) => ("the tracker refused it", why),
            Failure::Denied(why) => ("the credentials do not suffice", why),
            Failure::ForeignItem(why) => ("an item with its id exists and is not ours", why),
            Failure::IdIgnored(why) => ("the tracker ignored the id that was sent", why),
            Failure::Declined(why) => ("a person declined the item", why),
            Failure::Superseded(why) => ("no longer needed", why),
            Failure::NoAnswer(why) => ("never answered, and absent at the last look", why),
        };
        if detail.is_empty() { kind.to_owned() } else { format!("{kind}: {}", self.said(detail)) }
    }

    pub fn link_back(&self, outcome: &LinkBackOutcome) -> LinkBackStatus {
        match outcome {
            LinkBackOutcome::Succeeded => LinkBackStatus::Succeeded,
            LinkBackOutcome::Failed { why } => LinkBackStatus::Failed { why: self.said(why) },
            LinkBackOutcome::Unavailable => LinkBackStatus::Unavailable,
            LinkBackOutcome::Off => LinkBackStatus::Off,
            LinkBackOutcome::Waiting => LinkBackStatus::Waiting,
        }
    }

    pub fn stop(&self, stop: &Stop) -> String {
        match stop {
            Stop::Interrupted => "it was interrupted".to_owned(),
            Stop::LedgerFailed(why) => {
                format!("the ledger could not keep what was to be done next ({})", self.said(why))
            }
            Stop::LeaseLost { holder } => format!("run {holder} took over"),
            Stop::RateLimited { until: Some(until) } => {
                format!("the tracker asked to slow down until {until}")
            }
            Stop::RateLimited { until: None } => "the tracker asked to slow down".to_owned(),
        }
    }

    pub fn held(&self, held: &Held) -> HeldBack {
        let evidence = match &held.reason {
            HeldReason::AlreadyLinked { link } => {
                format!("Sentry links it to `{}`", self.said(link.label.as_raw_str()).replace('`', "'"))
            }
            reason => reason.words(),
        };
        HeldBack { held: held.clone(), evidence }
    }

    pub fn proof(&self, proof: &ProofRecord) -> Vec<ProofLine> {
        let says = |finding: &Finding| match finding {
            Finding::Absent => ABSENT.to_owned(),
            Finding::Found { items } => {
                let keys: Vec<&str> = items.iter().map(|item| item.key.as_str()).collect();
                format!("found {}", keys.join(", "))
            }
            Finding::CouldNotLook { cause } => format!("{BLIND} {}", self.said(&cause.to_string())),
        };
        let lines = proof.results.iter().map(|result| ProofLine {
            prover: result.prover.words().to_owned(),
            says: says(&result.finding),
            set_aside: result
                .set_aside
                .iter()
                .map(|a| format!("{} {}", a.item.key, a.because.words()))
                .collect(),
        });
        lines.collect()
    }

    pub fn gap(&self, gap: &SetupGap) -> SetupGap {
        let cause = gap.cause.as_ref().map(|cause| match cause {
            Cause::Access(why) => Cause::Access(self.said(why)),
            Cause::NoReply(why) => Cause::NoReply(self.said(why)),
            Cause::Missing(why) => Cause::Missing(self.said(why)),
            Cause::NoInput(why) => Cause::NoInput(self.said(why)),
            Cause::MorePages => Cause::MorePages,
            Cause::RateLimited => Cause::RateLimited,
        });
        SetupGap { what: gap.what.clone(), step: gap.step.clone(), cause }
    }

    /// What a service said: it may quote what it was sent.
    pub fn said(&self, text: &str) -> String {
        self.line(&Untrusted::from(text), SAID)
    }

    pub fn line(&self, text: &Untrusted<String>, most: usize) -> String {
        terminal::scrubbed_line(&self.scrubber.scrub(text).capped(most))
    }
}

/// What likeness says, as people read it and as programs do.
pub fn certificate(proof: &ProofRecord) -> Option<CertificateLine> {
    let certificate = proof.certificate.as_ref()?;
    let near = |near: &Nearest| NearItem { item: item_line(&near.item), likeness: near.likeness };
    Some(CertificateLine {
        verdict: certificate.word().to_owned(),
        nearest: certificate.nearest.iter().map(near).collect(),
        compared_with: certificate.compared_with,
        thresholds: certificate.thresholds.clone(),
        words: certificate.words(),
    })
}

pub fn item_line(item: &ItemRef) -> ItemLine {
    ItemLine { key: item.key.clone(), url: plain_address(item) }
}

/// The address up to the key. What follows it is made from the title, which an event chose.
fn plain_address(item: &ItemRef) -> Option<String> {
    let url = item.url.as_raw_str();
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.split('/').position(|part| part == item.key.as_str())?;
    let kept: Vec<&str> = rest.split('/').take(end + 1).collect();
    let kept = kept.join("/");
    let plain =
        kept.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '~' | ':'));
    (matches!(scheme, "https" | "http") && plain).then(|| format!("{scheme}://{kept}"))
}

/// The kind of a reason, and its place in the report.
pub const fn kind(reason: &HeldReason) -> (u8, &'static str) {
    match reason {
        HeldReason::Resolved => (0, "Resolved"),
        HeldReason::Archived => (1, "Archived"),
        HeldReason::Leaving => (2, "Discarded"),
        HeldReason::BelowNoiseFloor { .. } => (3, "Below the noise floor"),
        HeldReason::Cooldown { .. } => (4, "Unchanged since the last report"),
        HeldReason::AlreadyLinked { .. } => (5, "Already linked"),
        HeldReason::PoolFull { .. } => (6, "Pool full"),
    }
}
