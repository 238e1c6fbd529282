use super::deed::Deed;
use super::shop;
use std::collections::BTreeSet;

#[test]
fn the_same_number_gives_the_same_day() {
    assert_eq!(shop::day(7, 1_800_000_000), shop::day(7, 1_800_000_000));
    assert_ne!(shop::day(7, 1_800_000_000), shop::day(8, 1_800_000_000));
}

#[test]
fn every_event_is_sent_once_and_to_a_service_of_the_shop() {
    let mut ids = BTreeSet::new();
    for deed in shop::day(1, 1_800_000_000).into_iter().flat_map(|hour| hour.deeds) {
        if let Deed::Event(sent) = deed {
            assert!(shop::PROJECTS.contains(&sent.project));
            assert!(ids.insert(sent.id));
        }
    }
    assert!((1000..5000).contains(&ids.len()), "{} events", ids.len());
}

#[test]
fn people_only_act_on_events_that_happened() {
    let mut seen = BTreeSet::new();
    for deed in shop::day(3, 1_800_000_000).into_iter().flat_map(|hour| hour.deeds) {
        match deed {
            Deed::Event(sent) => {
                seen.insert(sent.id);
            }
            Deed::Triage { event, .. } | Deed::File { event, .. } => assert!(seen.contains(&event)),
            _ => {}
        }
    }
}
