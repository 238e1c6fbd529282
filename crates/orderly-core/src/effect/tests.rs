use super::*;
use proptest::prelude::*;

fn measured(before: &[u64], after: &[u64], share: f64) -> Measured {
    measure(Windows { before, after }, Expectation::share_of(share, before))
}

#[test]
fn a_rate_that_fell_as_expected_worked() {
    let measured = measured(&[20; 24], &[2; 6], 0.5);
    assert_eq!(measured.effect, Effect::Worked);
    assert!(measured.p_value < 1e-6 && measured.dispersion == 1.0, "{measured:?}");
}

#[test]
fn a_drop_that_stays_above_what_was_expected_is_partly() {
    assert_eq!(measured(&[40; 24], &[20; 6], 0.1).effect, Effect::Partly);
}

#[test]
fn a_rate_that_stays_is_no_effect_once_a_drop_would_have_shown() {
    assert_eq!(measured(&[20; 24], &[20; 6], 0.5).effect, Effect::No);
    assert_eq!(measured(&[20; 24], &[90; 6], 0.5).effect, Effect::No);
}

#[test]
fn a_rare_error_says_how_long_to_wait() {
    let before: Vec<u64> = (0..24).map(|hour| u64::from(hour % 5 == 0)).collect();
    let Effect::NotYetProvable { more_bins: Some(more) } = measured(&before, &[0; 2], 0.1).effect else {
        panic!("two quiet hours of a rare error prove nothing")
    };
    assert!((10..100).contains(&more), "{more}");
}

#[test]
fn nothing_counted_is_not_yet_provable() {
    for (before, after) in [(&[][..], &[][..]), (&[3], &[]), (&[], &[3]), (&[0; 24], &[0; 6])] {
        let effect = measured(before, after, 0.5).effect;
        assert_eq!(effect, Effect::NotYetProvable { more_bins: None }, "{before:?} {after:?}");
    }
}

proptest! {
    #[test]
    fn fewer_events_since_never_weaken_the_evidence(before in proptest::collection::vec(0..50_u64, 2..48), after in 0..50_u64, bins in 2..24_usize) {
        let (many, few) = (vec![after + 1; bins], vec![after; bins]);
        prop_assert!(measured(&before, &few, 0.5).p_value <= measured(&before, &many, 0.5).p_value + 1e-9);
    }

    #[test]
    fn every_count_has_a_verdict(before: Vec<u64>, after: Vec<u64>, share in 0.0..1.0_f64) {
        let measured = measured(&before, &after, share);
        prop_assert!((0.0..=1.0).contains(&measured.p_value), "{measured:?}");
    }
}
