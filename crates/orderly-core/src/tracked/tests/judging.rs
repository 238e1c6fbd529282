//! Verdicts.

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
fn trashed_cancelled_and_archived_undone_items_are_an_answer() {
    let cases = [
        TrackedItem { presence: Presence::Trashed, ..attached(3, PAGE) },
        TrackedItem { state: ItemState::Canceled, ..attached(3, PAGE) },
        TrackedItem { presence: Presence::Archived, ..attached(3, PAGE) },
        TrackedItem { presence: Presence::Trashed, ..completed(5, attached(3, PAGE)) },
    ];
    for found in cases {
        assert_eq!(
            said(|c| c.lookups.permalink = look(vec![found.clone()])),
            Said::Declined("PLAT-3".into())
        );
    }
    let open_too = |c: &mut Candidate| {
        let declined = TrackedItem { state: ItemState::Canceled, ..attached(3, PAGE) };
        c.lookups.permalink = look(vec![declined, attached(4, PAGE)]);
    };
    assert_eq!(said(open_too), Said::Open("PLAT-4".into(), Prover::Permalink), "open work comes first");
}

#[test]
fn a_duplicate_leads_to_its_canonical_item() {
    let into = |target: Option<TrackedItem>| TrackedItem {
        state: ItemState::Duplicate,
        duplicate_of: target.map(Box::new),
        ..attached(3, PAGE)
    };
    assert_eq!(
        said(|c| c.lookups.permalink = look(vec![into(Some(into(Some(item(9)))))])),
        Said::Open("PLAT-9".into(), Prover::Permalink)
    );
    let cancelled = TrackedItem { state: ItemState::Canceled, ..item(9) };
    assert_eq!(
        said(|c| c.lookups.permalink = look(vec![into(Some(cancelled.clone()))])),
        Said::Declined("PLAT-9".into())
    );
    assert!(matches!(said(|c| c.lookups.permalink = look(vec![into(None)])), Said::NotProven(_)));
}

#[test]
fn a_completed_item_is_an_answer_until_the_issue_is_seen_again() {
    let done = |hours| completed(hours, attached(3, PAGE));
    assert_eq!(
        said(|c| c.lookups.permalink = look(vec![done(0)])),
        Said::Completed("PLAT-3".into(), CameBack::No)
    );
    assert_eq!(
        said(|c| c.lookups.permalink = look(vec![done(5)])),
        Said::Completed("PLAT-3".into(), CameBack::Yes)
    );
    let no_time = TrackedItem { completed_at: None, updated_at: ago(5), ..done(5) };
    assert_eq!(
        said(|c| c.lookups.permalink = look(vec![no_time.clone()])),
        Said::Completed("PLAT-3".into(), CameBack::Yes)
    );
}

fn reborn(lives: Vec<TrackedItem>) -> (Said, ProofRecord) {
    let mut c = candidate(123);
    c.lookups.title = look(lives.clone());
    c.lookups.permalink = look(lives);
    asked(&c, RegressionPolicy::NewAndRelate, Matching::Signatures)
}

#[test]
fn a_new_life_follows_the_one_that_the_marker_tells() {
    let issue = issue(123);
    let (said, record) = reborn(vec![completed(9, own_item(3, &issue, 0))]);
    assert_eq!(said, Said::Absent(1, Vec::new()));
    assert!(record.absence(&key(&issue, 1)).is_some());
    let aside = &record.results[2].set_aside[0];
    assert_eq!(aside.because, SetAsideBecause::EarlierGeneration { generation: Generation(0) });

    let two = vec![completed(9, own_item(3, &issue, 0)), completed(5, own_item(4, &issue, 1))];
    assert_eq!(reborn(two).0, Said::Absent(2, Vec::new()));
    assert_eq!(
        reborn(vec![completed(9, attached(3, PAGE))]).0,
        Said::Absent(1, Vec::new()),
        "a person's item was the first life"
    );
}

#[test]
fn a_removed_marker_does_not_make_an_item_of_ours_forget_its_life() {
    let mut second = completed(9, own_item(3, &issue(123), 1));
    second.marker = None;
    second.attachments.clear();
    let mut c = candidate(123);
    c.lookups.own = look(vec![second]);
    let (said, _) = asked(&c, RegressionPolicy::NewAndRelate, Matching::Signatures);
    assert_eq!(said, Said::Absent(2, Vec::new()));
}

#[test]
fn the_latest_life_answers_and_an_earlier_one_only_when_somebody_reopened_it() {
    let issue = issue(123);
    let first = completed(9, own_item(3, &issue, 0));
    let open = own_item(4, &issue, 1);
    assert_eq!(reborn(vec![first.clone(), open]).0, Said::Open("PLAT-4".into(), Prover::Permalink));
    let cancelled = TrackedItem { state: ItemState::Canceled, ..own_item(4, &issue, 1) };
    assert_eq!(reborn(vec![first, cancelled.clone()]).0, Said::Declined("PLAT-4".into()));
    let reopened = own_item(3, &issue, 0);
    assert_eq!(reborn(vec![reopened, cancelled]).0, Said::Open("PLAT-3".into(), Prover::Permalink));
}

#[test]
fn an_unfinished_creation_of_a_later_life_looks_past_the_completed_one() {
    let mut c = candidate(123);
    let order = crate::sync::fixtures::order(&c.issue, 1);
    c.memory.open_intent = Some(OpenIntent { generation: Generation(1), order });
    c.lookups.permalink = look(vec![completed(9, own_item(3, &c.issue, 0))]);
    assert_eq!(judged(&c).0, Said::Absent(1, Vec::new()));
    c.lookups.permalink = look(vec![own_item(3, &c.issue, 0)]);
    assert_eq!(judged(&c).0, Said::Open("PLAT-3".into(), Prover::Permalink), "somebody reopened it");
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

/// An issue that is this much like an item, by stack.
fn like(candidate: &mut Candidate, likeness: u16, item: TrackedItem) {
    let one = AlikeItem { item, likeness: Likeness::from(likeness), by: AlikeBy::Stack };
    candidate.lookups.alike = look(vec![one]);
    candidate.lookups.compared_with = 40;
}

#[test]
fn likeness_refutes_leaves_undecided_or_names_the_item_and_never_calls_it_tracked() {
    let completed = completed(5, item(7));
    for (likeness, known, expected) in [
        (500, item(7), Said::Absent(0, Vec::new())),
        (7_000, item(7), Said::Alike("PLAT-7".into(), Prover::StackSignature, Alike::Undecided)),
        (9_900, item(7), Said::Alike("PLAT-7".into(), Prover::StackSignature, Alike::Duplicate)),
        (9_900, completed, Said::Alike("PLAT-7".into(), Prover::StackSignature, Alike::Recurrence)),
    ] {
        let mut candidate = candidate(123);
        like(&mut candidate, likeness, known);
        let (said, record) = judged(&candidate);
        assert_eq!(said, expected, "{likeness}");
        assert_eq!(record.absence(&key(&issue(123), 0)).is_some(), likeness == 500);
    }
}

#[test]
fn a_creation_carries_the_nearest_refuted_item_with_the_threshold_and_its_error() {
    let mut candidate = candidate(123);
    like(&mut candidate, 500, item(7));
    let certificate = judged(&candidate).1.certificate.unwrap();
    assert_eq!(certificate.verdict, Likely::New);
    assert_eq!(certificate.nearest[0].item, ItemRef::from(&item(7)));
    assert!(
        certificate
            .words()
            .starts_with("new: compared with 40 tracked items, nearest PLAT-7 at 0.05; new below")
    );
}

#[test]
fn an_issue_that_a_hard_key_finds_needs_no_certificate() {
    let mut candidate = candidate(123);
    candidate.lookups.permalink = look(vec![attached(3, PAGE)]);
    like(&mut candidate, 9_900, item(7));
    let (said, record) = judged(&candidate);
    assert_eq!(said, Said::Open("PLAT-3".into(), Prover::Permalink));
    assert_eq!(record.certificate, None);
}

#[test]
fn an_index_that_could_not_be_read_leaves_title_and_stack_unproven() {
    let Said::NotProven(open) = said(|c| c.lookups.alike = blind()) else { panic!("it is not proven") };
    assert_eq!(open.len(), 2, "{open:?}");
}

#[test]
fn where_only_hard_keys_veto_likeness_is_named_and_not_obeyed() {
    let mut candidate = candidate(123);
    like(&mut candidate, 9_900, item(7));
    let (said, record) = asked(&candidate, RegressionPolicy::Comment, Matching::HardKeys);
    assert_eq!(said, Said::Absent(0, vec!["PLAT-7".into()]));
    let certificate = record.certificate.unwrap();
    assert!(matches!(certificate.verdict, Likely::Duplicate { .. }), "{certificate:?}");
}

#[test]
fn an_earlier_life_of_the_issue_is_no_candidate() {
    let mut candidate = candidate(123);
    let earlier = completed(5, own_item(7, &candidate.issue, 0));
    candidate.lookups.own = look(vec![earlier.clone()]);
    like(&mut candidate, 9_900, earlier);
    let (said, record) = asked(&candidate, RegressionPolicy::NewAndRelate, Matching::Signatures);
    assert_eq!(said, Said::Absent(1, Vec::new()));
    assert_eq!(record.certificate.map(|c| c.verdict), Some(Likely::New));
}

#[test]
fn an_item_in_words_that_are_alike_leaves_an_issue_undecided_and_proves_nothing() {
    for (likeness, expected) in [
        (2_000, Said::Absent(0, Vec::new())),
        (10_000, Said::Alike("PLAT-7".into(), Prover::TitleFingerprint, Alike::Undecided)),
    ] {
        let mut candidate = candidate(123);
        let one = AlikeItem { item: item(7), likeness: Likeness::from(likeness), by: AlikeBy::Words };
        candidate.lookups.alike = look(vec![one]);
        candidate.lookups.compared_with = 40;
        assert_eq!(judged(&candidate).0, expected, "{likeness}");
    }
}
