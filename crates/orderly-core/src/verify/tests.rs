use super::*;
use crate::answer::{Cause, Looked};
use crate::silence::LEVEL;
use crate::time::{Now, Timestamp};
use crate::untrusted::Untrusted;
use proptest::prelude::*;

fn fixed(events: u64, hours: f64, deployed_second: i64) -> Fixed {
    let deployed = Deployed {
        release: Untrusted::from("backend@2"),
        at: Timestamp::from_second(deployed_second).unwrap(),
    };
    Fixed {
        before: Before { events, hours },
        deployed: Looked::Saw(Some(deployed)),
        again: Looked::Saw(None),
    }
}

fn after_hours(hours: i64) -> Now {
    Now(Timestamp::from_second(hours * 3600).unwrap())
}

#[test]
fn three_mean_gaps_of_silence_prove_a_fix_and_two_do_not() {
    // One event an hour: ln(20) = 2.996 hours are needed.
    let known = fixed(24, 24.0, 0);
    assert!(matches!(decide(&known, after_hours(3)), Verdict::Verified { luck, .. } if luck < LEVEL));
    let Verdict::NotYet { hours_left: Some(left), luck } = decide(&known, after_hours(2)) else { panic!() };
    assert!((left - 0.996).abs() < 0.001, "{left}");
    assert!((luck - 0.1353).abs() < 0.001, "{luck}");
}

#[test]
fn the_error_in_a_release_that_has_the_fix_outweighs_any_silence() {
    let seen = Seen { release: Untrusted::from("backend@3"), at: Timestamp::from_second(9).unwrap() };
    let mut known = fixed(1000, 1.0, 0);
    known.again = Looked::Saw(Some(seen.clone()));
    assert_eq!(decide(&known, after_hours(1000)), Verdict::DidNotHold(seen));
}

#[test]
fn what_is_not_out_or_not_known_is_not_judged() {
    let mut known = fixed(10, 1.0, 0);
    known.again = Looked::CouldNotLook(Cause::RateLimited);
    assert_eq!(decide(&known, after_hours(99)), Verdict::Unknown(Cause::RateLimited));
    known.deployed = Looked::Saw(None);
    assert_eq!(decide(&known, after_hours(99)), Verdict::NotReleased);
}

#[test]
fn an_error_that_was_never_counted_is_never_proven_gone() {
    assert_eq!(
        decide(&fixed(0, 100.0, 0), after_hours(10_000)),
        Verdict::NotYet { hours_left: None, luck: 1.0 }
    );
}

proptest! {
    #[test]
    fn waiting_the_hours_that_are_left_is_enough(events in 1_u64..10_000, hours in 1.0_f64..400.0, quiet in 0_i64..200) {
        if let Verdict::NotYet { hours_left, .. } = decide(&fixed(events, hours, 0), after_hours(quiet)) {
            #[expect(clippy::cast_possible_truncation, reason = "a test's few thousand hours")]
            let left = hours_left.unwrap().ceil() as i64 + 1;
            let verified = matches!(decide(&fixed(events, hours, 0), after_hours(quiet + left)), Verdict::Verified { .. });
            prop_assert!(verified);
        }
    }
}
