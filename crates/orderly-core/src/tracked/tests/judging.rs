//! Verdicts.

mod life;
mod likeness;

use crate::answer::{Cause, Looked};
use crate::calibrate::{Likely, Likeness, Thresholds};
use crate::ids::Generation;
use crate::sync::fixtures::{ago, blind, candidate, completed, issue, item, key, look, own_item, site, text};
use crate::sync::plan::ItemRef;
use crate::sync::policy::{Matching, RegressionPolicy};
use crate::sync::snapshot::{
    AlikeBy, AlikeItem, Candidate, ExternalLink, ItemState, LinkedElsewhere, OpenIntent, Presence,
    TrackedItem,
};
use crate::tracked::fingerprint::TitleFingerprint;
use crate::tracked::stack::TopFrames;
use crate::tracked::{
    Alike, CameBack, Finding, ProofRecord, Prover, Question, SetAsideBecause, StackEvidence, Verdict, judge,
    signature,
};

/// A verdict without borrows.
#[derive(Debug, PartialEq)]
enum Said {
    Open(String, Prover),
    Declined(String),
    Completed(String, CameBack),
    Possible(String, Prover),
    Alike(String, Prover, Alike),
    NotProven(Vec<String>),
    Absent(u32, Vec<String>),
}

fn asked(candidate: &Candidate, regression: RegressionPolicy, matching: Matching) -> (Said, ProofRecord) {
    let title = TitleFingerprint::of(&candidate.issue.title);
    let stack = signature(&candidate.event, &TopFrames::default());
    let (site, key) = (site(), key(&candidate.issue, 0));
    let stack = StackEvidence::of(&candidate.event, stack.as_ref());
    let thresholds = &Thresholds::shipped();
    let question = Question {
        candidate,
        site: &site,
        key: &key,
        title: &title,
        stack,
        thresholds,
        matching,
        regression,
    };
    let judgement = judge(&question);
    let said = match judgement.verdict {
        Verdict::Open { item, by } => Said::Open(item.key.to_string(), by),
        Verdict::Declined { item, .. } => Said::Declined(item.key.to_string()),
        Verdict::Completed { item, came_back, .. } => Said::Completed(item.key.to_string(), came_back),
        Verdict::Possible { item, by } => Said::Possible(item.key.to_string(), by),
        Verdict::Alike { item, by, says } => Said::Alike(item.key.to_string(), by, says),
        Verdict::NotProven { open } => Said::NotProven(open),
        Verdict::Absent { generation, related, .. } => {
            Said::Absent(generation.0, related.iter().map(|item| item.key.to_string()).collect())
        }
    };
    (said, judgement.record)
}

fn judged(candidate: &Candidate) -> (Said, ProofRecord) {
    asked(candidate, RegressionPolicy::Comment, Matching::Signatures)
}

fn said(change: impl Fn(&mut Candidate)) -> Said {
    let mut candidate = candidate(123);
    change(&mut candidate);
    judged(&candidate).0
}

fn titled(number: u32, title: &str) -> TrackedItem {
    TrackedItem { title: text(title), ..item(number) }
}

fn attached(number: u32, url: &str) -> TrackedItem {
    TrackedItem { attachments: vec![text(url)], ..item(number) }
}

const PAGE: &str = "https://sentry.example/organizations/acme/issues/123/";
const LONGER: &str = "https://sentry.example/organizations/acme/issues/1234/";

#[test]
fn six_times_absent_is_a_proof_and_five_times_is_none() {
    let (said, record) = judged(&candidate(123));
    assert_eq!(said, Said::Absent(0, Vec::new()));
    let key = key(&issue(123), 0);
    assert_eq!(record.absence(&key).map(|proof| proof.key().clone()), Some(key.clone()));
    for prover in 0..6 {
        let mut broken = record.clone();
        broken.results[prover].finding = Finding::CouldNotLook { cause: Cause::MorePages };
        assert_eq!(broken.absence(&key), None);
        broken.results.remove(prover);
        assert_eq!(broken.absence(&key), None, "a missing prover is no absent one");
    }
}

#[test]
fn any_prover_that_could_not_look_leaves_it_not_proven() {
    type Change = fn(&mut Candidate);
    let cases: [(&str, Change); 7] = [
        ("external link", |c| c.lookups.external_link = blind()),
        ("short ID", |c| c.lookups.short_id = blind()),
        ("permalink", |c| c.lookups.permalink = blind()),
        ("title fingerprint", |c| c.lookups.title = blind()),
        ("stack signature", |c| c.lookups.stack = blind()),
        ("owner clue", |c| c.lookups.owner = blind()),
        ("permalink", |c| c.lookups.own = blind()),
    ];
    for (prover, change) in cases {
        let line = format!("{prover}: the answer had more pages than were read");
        assert_eq!(said(change), Said::NotProven(vec![line]), "{prover}");
    }
}

#[test]
fn a_hard_key_found_decides_even_when_others_could_not_look() {
    let tracked = said(|c| {
        c.lookups.permalink = look(vec![attached(3, PAGE)]);
        c.lookups.title = blind();
    });
    assert_eq!(tracked, Said::Open("PLAT-3".into(), Prover::Permalink));
}

#[test]
fn a_longer_number_or_short_id_is_set_aside_and_named_in_the_record() {
    let mut c = candidate(123);
    c.lookups.permalink = look(vec![attached(3, LONGER)]);
    c.lookups.short_id = look(vec![titled(4, "CHECKOUT-1234 fails"), titled(5, "MY-CHECKOUT-123 fails")]);
    let (said, record) = judged(&c);
    assert_eq!(said, Said::Absent(0, Vec::new()));
    let aside: Vec<(&str, SetAsideBecause)> = record
        .results
        .iter()
        .flat_map(|r| r.set_aside.iter().map(|a| (a.item.key.as_str(), a.because)))
        .collect();
    let names_another = SetAsideBecause::NamesAnother;
    assert_eq!(aside, [("PLAT-4", names_another), ("PLAT-5", names_another), ("PLAT-3", names_another)]);
}

#[test]
fn a_key_in_description_or_comments_counts_when_it_is_exact() {
    let with = |words: &str| TrackedItem { texts: vec![text("Some words."), text(words)], ..item(3) };
    assert_eq!(
        said(|c| c.lookups.short_id = look(vec![with("same as checkout-123!")])),
        Said::Open("PLAT-3".into(), Prover::ShortId)
    );
    assert_eq!(
        said(|c| c.lookups.permalink = look(vec![with(PAGE)])),
        Said::Open("PLAT-3".into(), Prover::Permalink)
    );
    assert_eq!(said(|c| c.lookups.permalink = look(vec![with(LONGER)])), Said::Absent(0, Vec::new()));
    assert_eq!(said(|c| c.lookups.short_id = look(vec![with("CHECKOUT-1230")])), Said::Absent(0, Vec::new()));
}

#[test]
fn softer_provers_only_say_possible_duplicate() {
    let c = candidate(123);
    let title = c.issue.title.clone();
    let sig = signature(&c.event, &TopFrames::default()).unwrap();
    let mut other = own_item(8, &issue(77), 0);
    other.title = text("Something else");
    other.marker.as_mut().unwrap().stack = Some(sig);
    assert_eq!(
        said(|c| c.lookups.title = look(vec![TrackedItem { title: title.clone(), ..item(3) }])),
        Said::Possible("PLAT-3".into(), Prover::TitleFingerprint)
    );
    assert_eq!(
        said(|c| c.lookups.stack = look(vec![other.clone()])),
        Said::Possible("PLAT-8".into(), Prover::StackSignature)
    );
    assert_eq!(
        said(|c| c.lookups.owner = look(vec![titled(4, "Rework handler_of_bcd soon")])),
        Said::Possible("PLAT-4".into(), Prover::OwnerClue)
    );
}

#[test]
fn the_owner_clue_is_about_open_work_of_people() {
    let cases = [
        TrackedItem { state: ItemState::Completed, ..titled(4, "Rework handler_of_bcd soon") },
        titled(5, "Rework handler_of_bcdefg soon"),
        own_item(6, &issue(77), 0),
    ];
    for found in cases {
        assert_eq!(
            said(|c| c.lookups.owner = look(vec![found.clone()])),
            Said::Absent(0, Vec::new()),
            "{}",
            found.title.raw()
        );
    }
}

#[test]
fn where_policy_counts_hard_keys_only_a_softer_find_is_named_and_does_not_veto() {
    let mut c = candidate(123);
    c.lookups.title = look(vec![TrackedItem { title: c.issue.title.clone(), ..item(3) }]);
    let (said, record) = asked(&c, RegressionPolicy::Comment, Matching::HardKeys);
    assert_eq!(said, Said::Absent(0, vec!["PLAT-3".into()]));
    assert!(record.absence(&key(&c.issue, 0)).is_some());
    assert_eq!(record.results[3].set_aside[0].because, SetAsideBecause::SoftMatch);
}

#[test]
fn an_event_cannot_point_an_issue_to_the_item_of_another_by_quoting_its_short_id() {
    // The title of issue 77 came from an event and names CHECKOUT-123; its item carries that title.
    let mut hostile = own_item(8, &issue(77), 0);
    hostile.title = text("CHECKOUT-123 https://sentry.example/organizations/acme/issues/123/");
    assert_eq!(
        said(|c| c.lookups.short_id = look(vec![hostile.clone()])),
        Said::Possible("PLAT-8".into(), Prover::ShortId),
        "in doubt, and never linked"
    );
    assert_eq!(
        said(|c| c.lookups.permalink = look(vec![hostile.clone()])),
        Said::Possible("PLAT-8".into(), Prover::Permalink)
    );
}

#[test]
fn a_link_that_sentry_holds_decides_and_one_that_leads_nowhere_is_no_absence() {
    let link = ExternalLink {
        source: "linear".to_owned(),
        label: text("PLAT-3"),
        url: text("https://l.example/PLAT-3"),
    };
    let linked = |item: Option<TrackedItem>| LinkedElsewhere { link: link.clone(), item };
    assert_eq!(
        said(|c| c.lookups.external_link = look(vec![linked(Some(item(3)))])),
        Said::Open("PLAT-3".into(), Prover::ExternalLink)
    );
    assert_eq!(
        said(|c| c.lookups.external_link = look(vec![linked(None)])),
        Said::NotProven(vec!["external link: not there: the item behind a link by linear".into()])
    );
}

#[test]
fn an_issue_without_stack_title_or_culprit_shares_none_with_any_item() {
    let bare = |c: &mut Candidate| {
        c.issue.title = text("Oops");
        c.issue.culprit = text("main");
        if let Looked::Saw(event) = &mut c.event {
            event.exceptions.clear();
        }
        (c.lookups.title, c.lookups.stack, c.lookups.owner) = (blind(), blind(), blind());
    };
    assert_eq!(said(bare), Said::Absent(0, Vec::new()));
    let unseen = |c: &mut Candidate| c.event = Looked::CouldNotLook(Cause::RateLimited);
    assert_eq!(said(unseen), Said::NotProven(vec!["stack signature: rate limited".into()]));
}

#[test]
fn the_record_does_not_depend_on_the_order_of_the_answers() {
    let items: Vec<TrackedItem> = [3, 1, 2].map(|n| attached(n, PAGE)).into();
    let mut a = candidate(123);
    a.lookups.permalink = look(items.clone());
    let mut b = candidate(123);
    b.lookups.permalink = look(items.into_iter().rev().collect());
    assert_eq!(judged(&a), judged(&b));
    let refs = |record: &ProofRecord| match &record.results[2].finding {
        Finding::Found { items } => items.iter().map(|item: &ItemRef| item.key.to_string()).collect(),
        _ => Vec::new(),
    };
    assert_eq!(refs(&judged(&a).1), ["PLAT-1", "PLAT-2", "PLAT-3"]);
}

#[test]
fn the_same_number_in_another_organization_is_another_issue() {
    let mut foreign = own_item(8, &issue(123), 0);
    foreign.marker.as_mut().unwrap().org = crate::ids::OrgSlug::new("other");
    foreign.attachments = vec![text("https://sentry.example/organizations/other/issues/123/")];
    foreign.title = text("Unrelated words here");
    foreign.texts = foreign.attachments.clone();
    let mut c = candidate(123);
    c.lookups.permalink = look(vec![foreign]);
    let (said, record) = judged(&c);
    assert_eq!(said, Said::Absent(0, Vec::new()));
    assert_eq!(record.results[2].set_aside[0].because, SetAsideBecause::NamesAnother);
}
