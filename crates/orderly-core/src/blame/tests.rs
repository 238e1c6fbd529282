use super::*;
use proptest::prelude::*;

const HOURS: usize = 24;

/// Two weeks of hours with a rhythm of +-50 %, five times as many events from `onset` on.
fn fortnight(onset: usize) -> Vec<u64> {
    (0..336)
        .map(|hour| {
            let rhythm = 1.0 + 0.5 * (std::f64::consts::TAU * hour as f64 / 24.0).sin();
            let rate = 4.0 * rhythm * if hour >= onset { 5.0 } else { 1.0 };
            (rate + ((hour * 7919) % 5) as f64 - 2.0).max(0.0).round() as u64
        })
        .collect()
}

fn weighed(counts: &[u64], changes: &[Change]) -> Blame {
    blame(Rates { counts, period: HOURS }, changes, Prior::default())
}

#[test]
fn the_deploy_at_the_rise_is_named() {
    let changes = [Change::at(40), Change::at(200), Change::at(290)];
    let blame = weighed(&fortnight(200), &changes);
    assert_eq!((blame.verdict(), blame.onset), (Verdict::Change(1), Some(200)), "{blame:?}");
}

#[test]
fn a_rise_between_deploys_blames_none_of_them() {
    let blame = weighed(&fortnight(200), &[Change::at(40), Change::at(190), Change::at(290)]);
    assert_eq!(blame.verdict(), Verdict::NoneOfThese, "{blame:?}");
}

#[test]
fn a_steady_rate_is_no_rise() {
    let blame = weighed(&fortnight(400), &[Change::at(40), Change::at(190)]);
    assert_eq!(blame.verdict(), Verdict::NoRise, "{blame:?}");
}

#[test]
fn a_deploy_late_in_its_hour_may_show_in_the_next() {
    let late = Change { bin: 199, late: 0.9, weight: 1.0 };
    assert_eq!(weighed(&fortnight(200), &[Change::at(40), late]).verdict(), Verdict::Change(1));
}

#[test]
fn too_few_events_are_no_ground_for_a_claim() {
    let counts: Vec<u64> =
        (0..336).map(|hour| u64::from(hour == 100 || hour == 210 || hour == 300)).collect();
    let blame = weighed(&counts, &[Change::at(205), Change::at(290)]);
    assert!(!matches!(blame.verdict(), Verdict::Change(_)), "{blame:?}");
}

#[test]
fn without_counts_nothing_is_claimed() {
    let blame = weighed(&[], &[Change::at(3)]);
    assert_eq!((blame.verdict(), blame.onset), (Verdict::NoRise, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn probabilities_sum_to_one_whatever_was_counted(
        counts in proptest::collection::vec(prop_oneof![0..20_u64, any::<u64>()], 0..60),
        bins in proptest::collection::vec(0..80_usize, 0..6),
    ) {
        let changes: Vec<Change> = bins.into_iter().map(Change::at).collect();
        let blame = weighed(&counts, &changes);
        let sum: f64 = blame.suspects.iter().map(|(_, p)| p).sum::<f64>() + blame.elsewhere + blame.no_rise;
        prop_assert!((sum - 1.0).abs() < 1e-9, "{blame:?}");
    }
}
