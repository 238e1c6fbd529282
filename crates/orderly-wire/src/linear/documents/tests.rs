use super::*;
use crate::linear::complexity::{BUDGET, points};

fn shape(slots: usize, page: Page) -> TrackedShape {
    let slot = SlotShape { spellings: 4, soft: Part::Asked };
    TrackedShape { slots: vec![slot; slots], page, own: Part::Asked, linked: Part::Asked }
}

#[test]
fn every_fixed_text_costs_what_the_rule_says_and_stays_within_the_budget() {
    let costs: Vec<(&str, u64)> = ALL.iter().map(|(name, text)| (*name, points(text))).collect();
    insta::assert_debug_snapshot!(costs);
    for (name, cost) in costs {
        assert!(cost <= BUDGET, "{name} costs {cost}");
    }
}

#[test]
fn a_slot_costs_the_same_wherever_it_stands_and_ten_fit_one_text() {
    let cost = |n| points(&tracked(&shape(n, Page::Usual)));
    // Per slot: keys 1 + 10 × 18.3, four spellings of 1 + 5 × 6.4, soft 1 + 10 × 11.8.
    let slot = 184 + 132 + 119;
    // For all, in tenths: `own` 1 + 100 × 11.8, `linked` 1 + 25 × 17.3.
    let direct = 11_810_u64 + 4_335;
    for n in 1..=10 {
        assert_eq!(cost(n), slot * n as u64 + direct.div_ceil(10));
    }
    assert!(cost(10) <= BUDGET);
    assert!(points(&tracked(&shape(1, Page::Wide))) <= BUDGET, "one slot with wide pages fits as well");
}

#[test]
fn parts_that_have_nothing_to_ask_are_left_out() {
    let bare = TrackedShape {
        slots: vec![SlotShape { spellings: 0, soft: Part::Left }],
        page: Page::Usual,
        own: Part::Left,
        linked: Part::Left,
    };
    let text = tracked(&bare);
    assert!(
        text.contains("query tracked($k0: IssueFilter!, $a0: AttachmentFilter!, $c0: CommentFilter!) {"),
        "{text}"
    );
    for absent in ["u0_", "s0", "own", "linked"] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
}

#[test]
fn the_text_of_two_slots_reads_as_expected() {
    insta::assert_snapshot!(tracked(&shape(2, Page::Usual)));
}

#[test]
fn every_connection_that_proves_something_asks_for_archived_items_and_for_more_pages() {
    let texts =
        [tracked(&shape(2, Page::Usual)), ITEMS.to_owned(), TOUCHED.to_owned(), ATTACHMENTS.to_owned()];
    for text in texts {
        let connections = text.matches("(first: ").count();
        assert_eq!(text.matches("includeArchived: true").count(), connections, "{text}");
    }
}
