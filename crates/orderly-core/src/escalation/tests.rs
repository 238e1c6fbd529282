use super::*;

/// A Monday, 00:00 UTC.
const MONDAY: i64 = 1_767_571_200;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The 168 hours before `MONDAY`, each with the count that `events` gives for its index.
fn week(events: impl Fn(usize) -> u64) -> Vec<HourCount> {
    (0..168)
        .map(|index| HourCount {
            hour: MONDAY - 3600 * (168 - i64::try_from(index).unwrap()),
            events: events(index),
        })
        .collect()
}

#[test]
fn a_sparse_issue_may_grow_to_ten_times_its_busiest_hour() {
    for (hours, expected) in [
        (vec![], 10),
        (vec![HourCount { hour: MONDAY, events: 1 }], 10),
        (vec![HourCount { hour: MONDAY, events: 7 }, HourCount { hour: MONDAY + 3600, events: 3 }], 70),
        (week(|index| u64::from(index != 5) * 4), 40),
    ] {
        let forecast = Forecast::compute(&hours, at(MONDAY));
        assert_eq!(forecast.limits(), [expected; 14], "{} hours", hours.len());
    }
}

#[test]
fn a_steady_week_allows_six_times_the_average() {
    // cv = 0: bursty = 5 max = 50; multiplier = clamp(1, 5, 8) = 5; spike = 10 + 5 * 10 = 60.
    let forecast = Forecast::compute(&week(|_| 10), at(MONDAY));
    assert_eq!(forecast.limits(), [60; 14]);
}

#[test]
fn a_bursty_week_is_limited_by_its_peak_and_its_spread() {
    // 167 hours of 1 and one of 1000, worked by hand:
    // avg = 1167/168 = 6.946429, sample std = 77.075428, cv = 11.0957;
    // bursty = 1000 * max(2, 5 e^(-7.212)) = 2000; multiplier = min((avg + 5 std)/avg, 8) = 8;
    // spike is at most about 13 + 55.6, so every limit is 2000.
    let forecast = Forecast::compute(&week(|index| if index == 20 { 1000 } else { 1 }), at(MONDAY));
    assert_eq!(forecast.limits(), [2000; 14]);
}

#[test]
fn the_same_weekday_weighs_double() {
    // Sundays have 100 an hour, all other days 10. avg = 160/7 = 22.857143, sample std = 31.588 (24 of 168 hours),
    // cv = 1.38197; bursty = 100 * 5 e^(-0.89828) = 203.63; multiplier = min((avg + 5 std)/avg, 8) = 7.9098.
    // spike = weighted + 7.9098 * 22.857143; weighted = (2*100 + 60)/8 = 32.5 on Sundays, (100 + 70)/8 = 21.25 else.
    // 7.9098 * 22.857143 = 180.80: 213 on Sundays, 203 (bursty) on other days.
    let sunday = |index: usize| index >= 144;
    let forecast = Forecast::compute(&week(|index| if sunday(index) { 100 } else { 10 }), at(MONDAY));
    let expected: Vec<u64> = (0..14).map(|ahead| if ahead % 7 == 6 { 213 } else { 203 }).collect();
    assert_eq!(forecast.limits(), expected);
}

#[test]
fn an_issue_escalates_only_above_the_limit_of_the_day() {
    let mut limits = [10; FORECAST_DAYS];
    limits[1] = 20;
    limits[13] = 99;
    let forecast = Forecast::from_limits(&limits).unwrap();
    let noon = at(MONDAY + 12 * 3600);
    for (days, events, expected) in [
        (0, 10, false),
        (0, 11, true),
        (1, 11, false),
        (1, 21, true),
        (13, 99, false),
        (13, 100, true),
        (40, 99, false),
        (40, 100, true),
        (-1, 11, true),
    ] {
        let now = at(MONDAY + days * 86_400);
        assert_eq!(forecast.is_exceeded(noon, now, events), expected, "day {days}, {events} events");
    }
    assert_eq!(Forecast::from_limits(&[1, 2]), None);
}

#[test]
fn a_new_issue_escalates_when_it_is_young_frequent_and_unusual() {
    let issue = |times_seen, age_seconds, project_rate| NewIssue { times_seen, age_seconds, project_rate };
    for (new, expected) in [
        (issue(10, 60, 9.0), true),
        (issue(9, 60, 1.0), false),
        (issue(10, 60, 10.0), false),
        (issue(10, 60, 0.0), false),
        (issue(20, 7200, 9.0), true),
        (issue(20, 7200, 10.0), false),
        (issue(10_000, 86_399, 9.0), true),
        (issue(10_000, 86_400, 9.0), false),
        (issue(10, -5, 9.0), true),
    ] {
        assert_eq!(new_issue_escalates(new), expected, "{new:?}");
    }
}

#[test]
fn the_projects_usual_rate_is_the_95th_percentile_of_its_issues() {
    let issue = |events, age_seconds| WeekOfIssue { events, age_seconds };
    let hours = |n: i64| n * 3600;
    assert_eq!(new_issue_rate(&[]), 0.0);
    // Too few events, too young: nothing is usual.
    assert_eq!(new_issue_rate(&[issue(1, hours(100)), issue(50, 3600)]), 0.0);
    assert_eq!(new_issue_rate(&[issue(40, hours(4))]), 10.0);
    // Older than a week counts as a week.
    assert_eq!(new_issue_rate(&[issue(336, hours(9000))]), 2.0);
    // Rates 1..=21: rank 0.95 * 20 = 19, the 20th.
    let many: Vec<WeekOfIssue> = (1..=21).map(|n| issue(n * 10, hours(10))).collect();
    assert!((new_issue_rate(&many) - 20.0).abs() < 1e-9);
    // Rates 1 and 2: rank 0.95 between them.
    assert!((new_issue_rate(&[issue(10, hours(10)), issue(20, hours(10))]) - 1.95).abs() < 1e-9);
}
