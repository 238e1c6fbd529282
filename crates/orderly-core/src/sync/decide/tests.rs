//! What a sync decides.

mod any_input;
mod tables;

use super::*;
use crate::answer::{Cause, Looked};
use crate::calibrate::Likeness;
use crate::ids::{Generation, ItemId, ShortId, TeamKey};
use crate::select::HeldReason;
use crate::sync::fixtures::{
    ago, blind, candidate, completed, event, facts, issue, item, key, look, now, order, own_item, snapshot,
    text,
};
use crate::sync::plan::{Decision, PreparedBecause, Reopen, TrackedBecause, Would};
use crate::sync::policy::{LinkBack, Matching, MaxCreates, Mode, RegressionPolicy, UpdateStale};
use crate::sync::snapshot::{
    AlikeBy, AlikeIssue, Assignee, Creation, ExternalLink, ItemState, LastReport, LinkBackPath,
    LinkedElsewhere, OpenIntent, OwnerClue, OwnerReason, RepeatedIds, Status, TeamFacts, TrackedItem,
    TrackerFacts,
};
use crate::time::Seconds;
use crate::tracked::{Alike, Prover};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn plan(candidates: Vec<Candidate>, policy: &SyncPolicy) -> Plan {
    decide(&snapshot(candidates), policy, now())
}

fn only(candidate: Candidate, policy: &SyncPolicy) -> Decision {
    plan(vec![candidate], policy).entries.remove(0).decision
}

fn words(plan: &Plan) -> Vec<String> {
    plan.entries.iter().map(|e| format!("{} {}", e.issue.short_id, e.decision)).collect()
}

fn because(decision: Decision) -> PreparedBecause {
    match decision {
        Decision::Prepare { because, .. } => because,
        other => panic!("it is not prepared: {other}"),
    }
}

fn order_of(decision: &Decision) -> &crate::sync::plan::CreateOrder {
    match decision {
        Decision::Create { order } => order,
        other => panic!("it is not created: {other}"),
    }
}

/// Linked on both sides.
fn linked(mut candidate: Candidate, item: TrackedItem) -> Candidate {
    let link = ExternalLink { source: "orderly".to_owned(), label: text("PLAT"), url: item.url.clone() };
    candidate.lookups.external_link = look(vec![LinkedElsewhere { link, item: Some(item.clone()) }]);
    candidate.lookups.permalink = look(vec![item]);
    candidate
}

fn attached(number: u32, candidate: &Candidate) -> TrackedItem {
    TrackedItem { attachments: own_item(number, &candidate.issue, 0).attachments, ..item(number) }
}
