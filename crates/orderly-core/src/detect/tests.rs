use super::steps::steps;
use super::*;
use proptest::prelude::*;

/// A week of hours with a rhythm, then the hours that are asked about.
fn hours(base: f64, count: usize) -> Vec<u64> {
    (0..count)
        .map(|hour| {
            let rhythm = 1.0 + 0.5 * (std::f64::consts::TAU * hour as f64 / 24.0).sin();
            (base * rhythm + ((hour * 7919) % 5) as f64 * base / 8.0).round() as u64
        })
        .collect()
}

fn after(history: &[u64]) -> Watched {
    let mut watched = Watched::new(Rhythm::Bins(24));
    history.iter().for_each(|count| watched.learn(*count));
    watched
}

#[test]
fn a_spike_is_an_alarm_with_its_sum() {
    let mut watched = after(&hours(8.0, 216));
    let alarm = watched.judge(60).unwrap();
    assert_eq!((alarm.window, alarm.observed), (1, 60.0));
    assert!((6.0..12.0).contains(&alarm.expected) && alarm.dispersion < 2.0, "{alarm:?}");
    assert!(alarm.p_value < 1e-9 && alarm.ratio() > 5.0, "{alarm:?}");
    assert_eq!(watched.newest(), Some(alarm));
}

#[test]
fn the_busy_hours_of_a_day_are_no_alarm() {
    let mut watched = after(&hours(8.0, 216));
    let alarms: Vec<_> =
        hours(8.0, 264).into_iter().skip(216).filter_map(|count| watched.judge(count)).collect();
    assert_eq!(alarms, []);
}

#[test]
fn rare_events_that_come_closer_together_are_an_alarm_of_several_bins() {
    let history: Vec<u64> = (0..260).map(|week| u64::from(week % 40 == 7)).collect();
    let mut watched = after(&history);
    let alarms: Vec<_> = [1, 0, 1, 1, 0, 1].into_iter().filter_map(|count| watched.judge(count)).collect();
    let windows: Vec<usize> = alarms.iter().map(|alarm| alarm.window).collect();
    assert!(windows.iter().any(|window| *window > 2), "{alarms:?}");
}

#[test]
fn an_alarm_ends_with_the_rise() {
    let mut watched = after(&hours(8.0, 216));
    assert!(watched.judge(90).is_some());
    assert_eq!(watched.judge(8), None);
}

#[test]
fn an_outbreak_of_the_past_does_not_hide_the_next_one() {
    let mut history = hours(8.0, 216);
    history[100..110].fill(80);
    assert!(after(&history).judge(40).is_some());
}

#[test]
fn of_a_series_that_just_began_nothing_is_said() {
    let mut watched = Watched::new(Rhythm::None);
    assert_eq!((0..20).filter_map(|_| watched.judge(1_000)).count(), 0);
    assert_eq!(watched.newest(), None);
}

#[test]
fn what_never_came_is_an_alarm_when_it_comes_at_last() {
    assert!(after(&[0; 48]).judge(4).is_some());
}

#[test]
fn jumps_and_bends_are_steps_and_lines_are_none() {
    let noise = |at: usize| ((at * 7919) % 11) as f64 / 11.0;
    let series = |value: fn(f64) -> f64| (0..120).map(|at| value(at as f64) + noise(at)).collect::<Vec<_>>();
    assert_eq!(steps(&series(|at| if at < 50.0 { 3.0 } else { 9.0 })), [50]);
    let bends = steps(&series(|at| if at < 60.0 { at } else { 120.0 - at }));
    assert!(matches!(bends[..], [at] if (58..=62).contains(&at)), "{bends:?}");
    assert_eq!(steps(&series(|at| 2.0 * at)), [0_usize; 0]);
    assert_eq!(steps(&[4.0; 50]), [0_usize; 0]);
    assert_eq!(steps(&[1.0, f64::NAN, 1.0, 1.0, 9.0, 9.0, 9.0]), [0_usize; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn every_count_has_an_answer_and_every_alarm_a_sum(counts in proptest::collection::vec(prop_oneof![0..6_u64, any::<u64>()], 0..60), bins: u16) {
        let mut watched = Watched::new(Rhythm::Bins(bins));
        for count in counts {
            if let Some(alarm) = watched.judge(count) {
                prop_assert!(alarm.p_value < 0.0032 && alarm.p_value >= 0.0, "{alarm:?}");
                prop_assert!(alarm.observed > alarm.expected && alarm.expected > 0.0, "{alarm:?}");
                prop_assert!(alarm.dispersion >= 1.0 && (1..=8).contains(&alarm.window), "{alarm:?}");
            }
        }
    }

    #[test]
    fn more_events_never_silence_an_alarm(count in 1..200_u64, more in 0..200_u64) {
        let history = hours(5.0, 100);
        let (few, many) = (after(&history).judge(count), after(&history).judge(count + more));
        prop_assert!(few.is_none() || many.is_some(), "{few:?} {many:?}");
    }

    #[test]
    fn neither_unit_nor_origin_moves_a_step(
        values in proptest::collection::vec(-100.0..100.0_f64, 0..40), unit in 0.01..100.0_f64, origin in -1e3..1e3_f64,
    ) {
        let other: Vec<f64> = values.iter().map(|value| value * unit + origin).collect();
        prop_assert_eq!(steps(&values), steps(&other));
    }
}

fn portions(newest: share::Portion) -> Vec<share::Portion> {
    let usual = |hour: u64| share::Portion { hit: hour % 3 / 2, of: 30 + hour % 11 };
    (0..60).map(usual).chain([newest]).collect()
}

#[test]
fn a_share_is_too_much_for_so_many_and_a_busy_bin_is_not() {
    let alarm = share::judge(&portions(share::Portion { hit: 12, of: 40 })).unwrap();
    assert!((alarm.observed, alarm.window) == (12.0, 1) && (0.2..1.0).contains(&alarm.expected), "{alarm:?}");
    assert_eq!(share::judge(&portions(share::Portion { hit: 12, of: 1_200 })), None);
    assert_eq!(
        share::judge(&portions(share::Portion { hit: 12, of: 40 })[40..]),
        None,
        "too little is known"
    );
    assert_eq!(share::judge(&[share::Portion::default(); 80]), None);
}

#[test]
fn a_step_that_lasts_is_found_with_its_onset_and_a_level_has_none() {
    let rate = |hour: u64, rise: u64| if hour < 120 { 4 } else { rise } + (hour * 7919) % 5;
    let counts = |rise| -> Vec<u64> { (0..132).map(|hour| rate(hour, rise)).collect() };
    let alarm = lasting(&counts(12), Rhythm::Bins(24)).unwrap();
    assert!((11..=13).contains(&alarm.window) && alarm.p_value < 1e-6, "{alarm:?}");
    assert!(alarm.ratio() > 1.8, "{alarm:?}");
    assert_eq!(lasting(&counts(4), Rhythm::Bins(24)), None);
    assert_eq!(lasting(&counts(12)[..10], Rhythm::None), None);
}
