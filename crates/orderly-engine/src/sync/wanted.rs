//! What the tracker is asked for one issue, and how its answers become the looks of the provers.

use crate::ports::sentry::Answered;
use crate::ports::tracker::{FoundItems, TitleWanted, Wanted};
use orderly_core::answer::{Cause, Looked};
use orderly_core::ids::{Generation, ItemId, SentrySite, TeamKey, TrackKey};
use orderly_core::sync::snapshot::{
    EventEvidence, ExternalLink, Issue, LinkedElsewhere, Look, Lookups, TrackedItem,
};
use orderly_core::tracked::culprit;
use orderly_core::tracked::fingerprint::TitleFingerprint;
use orderly_core::tracked::stack::{StackSignature, TopFrames};
use std::collections::BTreeMap;

/// Lives of an issue whose derived ids are asked for; more are found by their marker.
const LIVES: u32 = 8;

/// What is to be looked for, given what Sentry said.
pub(super) fn wanted(
    site: &SentrySite,
    team: &TeamKey,
    issue: &Issue,
    event: &Looked<EventEvidence>,
    links: &Looked<Answered<Vec<ExternalLink>>>,
) -> Wanted {
    let fingerprint = TitleFingerprint::of(&issue.title);
    let title = fingerprint
        .needle()
        .map(|needle| TitleWanted { fingerprint: fingerprint.hex().to_owned(), needle: needle.to_owned() });
    Wanted {
        short_id: issue.short_id.as_str().to_owned(),
        permalinks: site.spellings(issue.id),
        permalink_tail: format!("/issues/{}", issue.id),
        title,
        stack: event.saw().and_then(|event| TopFrames::default().signature(event)),
        culprit: culprit(&issue.culprit).map(str::to_owned),
        own: own_ids(site, team, issue),
        linked_urls: every_link(issue, links)
            .into_iter()
            .map(|link| link.url.as_raw_str().to_owned())
            .collect(),
    }
}

/// The answers, prover by prover.
pub(super) fn lookups(
    issue: &Issue,
    links: &Looked<Answered<Vec<ExternalLink>>>,
    found: FoundItems,
) -> Lookups {
    let FoundItems { short_id, permalink, title, stack, culprit, own, linked } = found;
    let leads_to: BTreeMap<String, Option<TrackedItem>> = linked.into_iter().collect();
    let known = every_link(issue, links)
        .into_iter()
        .map(|link| LinkedElsewhere { item: leads_to.get(link.url.as_raw_str()).cloned().flatten(), link })
        .collect::<Vec<_>>();
    let looked_for = vec!["links that Sentry keeps for the issue".to_owned()];
    let external_link = match links {
        Looked::Saw(answered) => {
            Look { answer: Looked::Saw(known), looked_for, requests: vec![answered.request.clone()] }
        }
        // A link that the list showed is an answer, even when the fresh look failed.
        Looked::CouldNotLook(_) if !known.is_empty() => {
            Look { answer: Looked::Saw(known), looked_for, requests: Vec::new() }
        }
        Looked::CouldNotLook(cause) => {
            Look { answer: Looked::CouldNotLook(cause.clone()), looked_for, requests: Vec::new() }
        }
    };
    // What it is like, and which others of the run, is told once the index is at hand.
    let alike = Look { answer: Looked::Saw(Vec::new()), looked_for: Vec::new(), requests: Vec::new() };
    Lookups {
        external_link,
        short_id,
        permalink,
        title,
        stack,
        owner: culprit,
        own,
        alike,
        compared_with: 0,
        twins: Vec::new(),
    }
}

/// What is said when the tracker gave fewer answers than it was asked for.
pub(super) fn unanswered() -> FoundItems {
    fn none() -> Look<TrackedItem> {
        let cause = Cause::NoReply("the tracker gave no answer for this issue".to_owned());
        Look { answer: Looked::CouldNotLook(cause), looked_for: Vec::new(), requests: Vec::new() }
    }
    FoundItems {
        short_id: none(),
        permalink: none(),
        title: none(),
        stack: none(),
        culprit: none(),
        own: none(),
        linked: Vec::new(),
    }
}

fn own_ids(site: &SentrySite, team: &TeamKey, issue: &Issue) -> Vec<ItemId> {
    let of = |generation| {
        let generation = Generation(generation);
        TrackKey { host: site.host(), org: site.org.clone(), issue: issue.id, team: team.clone(), generation }
            .item_id()
    };
    (0..LIVES).map(of).collect()
}

/// Links of the list and of the fresh look, each address once.
fn every_link(issue: &Issue, links: &Looked<Answered<Vec<ExternalLink>>>) -> Vec<ExternalLink> {
    let fresh = links.saw().into_iter().flat_map(|answered| &answered.value);
    let mut by_url = BTreeMap::new();
    for link in issue.links.iter().chain(fresh) {
        by_url.entry(link.url.as_raw_str()).or_insert(link);
    }
    by_url.into_values().cloned().collect()
}
