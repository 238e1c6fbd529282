//! Items that are done, declined or merged, and issues that came back.

use super::*;

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
