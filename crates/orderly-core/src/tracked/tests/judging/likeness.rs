//! What a likeness does to a verdict.

use super::*;

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
