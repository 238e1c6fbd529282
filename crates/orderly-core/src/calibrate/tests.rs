use super::*;
use crate::ids::ProjectSlug;
use bound::{Beyond, Risk, contradicts, threshold};
use decide::{FALSE_MERGE, LEAK};
use proptest::prelude::*;

fn example(project: &str, best: u16, truth: Truth) -> Example {
    Example { project: Some(ProjectSlug::new(project)), best: Likeness::from(best), truth }
}

fn scores() -> impl Strategy<Value = Vec<u16>> {
    // Few distinct values too: ties are where a bound is lost.
    prop_oneof![
        proptest::collection::vec(0_u16..=10_000, 1..160),
        proptest::collection::vec(0_u16..6, 1..160),
    ]
}

/// Of scores drawn alike, each is equally likely to be the one that comes last: over all choices of that one, the share
/// beyond the threshold of the others is the error itself.
fn error_of(scores: &[u16], beyond: Beyond, risk: Risk) -> (usize, usize) {
    let wrong = (0..scores.len()).filter(|last| {
        let mut others: Vec<Likeness> = scores.iter().map(|score| Likeness::from(*score)).collect();
        let asked = others.remove(*last);
        threshold(others, beyond, risk, Basis::Backlog).is_some_and(|threshold| match beyond {
            Beyond::Below => asked < threshold.at,
            Beyond::Above => asked > threshold.at,
        })
    });
    (wrong.count(), scores.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_error_on_scores_drawn_alike_stays_within_its_level(scores in scores(), level in 0.005..0.3_f64) {
        for beyond in [Beyond::Below, Beyond::Above] {
            for risk in [Risk::OnAverage(level), Risk::Surely(level)] {
                let (wrong, of) = error_of(&scores, beyond, risk);
                prop_assert!(wrong as f64 <= level * of as f64 + 1e-9, "{wrong} of {of} at {risk:?}");
            }
        }
    }

    #[test]
    fn the_order_of_the_examples_changes_nothing(scores in scores(), turn in 0_usize..160) {
        let examples: Vec<Example> = scores.iter().enumerate().map(|(at, score)| {
            let truth = [Truth::Known, Truth::New, Truth::KnownElsewhere][at % 3];
            example(["api", "web"][at % 2], *score, truth)
        }).collect();
        let mut turned = examples.clone();
        turned.rotate_left(turn % examples.len());
        prop_assert_eq!(calibrate(&turned), calibrate(&examples));
    }

    #[test]
    fn a_score_is_never_called_the_same_below_one_that_is_called_new(scores in scores(), a in 0_u16..=10_000, b in 0_u16..=10_000) {
        let examples: Vec<Example> = scores.iter().enumerate()
            .map(|(at, score)| example("api", *score, [Truth::Known, Truth::New][at % 2])).collect();
        let thresholds = calibrate(&examples).otherwise;
        let (low, high) = (Likeness::from(a.min(b)), Likeness::from(a.max(b)));
        prop_assert!(!(thresholds.call(low) == Call::Same && thresholds.call(high) == Call::New));
    }
}

proptest! {
    // Each case learns anew for every one of its examples.
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn what_is_known_leaks_and_what_is_new_is_merged_no_more_than_promised(
        known in proptest::collection::vec(0_u16..=10_000, 25..120),
        new in proptest::collection::vec(0_u16..=10_000, 100..220),
    ) {
        let all: Vec<Example> = known.iter().map(|score| example("shop", *score, Truth::Known))
            .chain(new.iter().map(|score| example("shop", *score, Truth::New))).collect();
        let (mut leaks, mut merges) = (0_usize, 0_usize);
        for last in 0..all.len() {
            let mut history = all.clone();
            let asked = history.remove(last);
            match (calibrate(&history).of(&ProjectSlug::new("shop")).call(asked.best), asked.truth) {
                (Call::New, Truth::Known) => leaks += 1,
                (Call::Same, Truth::New) => merges += 1,
                _ => {}
            }
        }
        prop_assert!(leaks as f64 <= LEAK.level() * known.len() as f64 + 1e-9, "{leaks} of {}", known.len());
        prop_assert!(merges as f64 <= FALSE_MERGE.level() * new.len() as f64 + 1e-9, "{merges} of {}", new.len());
    }
}

#[test]
fn too_few_examples_keep_the_shipped_thresholds_which_say_so() {
    assert_eq!(calibrate(&[]), Calibration::default());
    let few: Vec<Example> = (0..18).map(|n| example("api", 9_000 + n, Truth::Known)).collect();
    let thresholds = calibrate(&few).otherwise;
    assert_eq!(thresholds, Thresholds::shipped());
    assert!(thresholds.words().contains("none of them yours"), "{}", thresholds.words());
}

#[test]
fn what_is_filed_needs_more_examples_than_an_average_would() {
    assert_eq!([Risk::OnAverage(0.05), Risk::Surely(0.05)].map(Risk::least_examples), [19, 32]);
    let known: Vec<Example> = (0..32).map(|n| example("api", 5_000 + n * 100, Truth::Known)).collect();
    let new_below = calibrate(&known).otherwise.new_below.unwrap();
    assert_eq!((new_below.at, new_below.promise.examples), (Likeness::from(5_000), 32));
    assert_eq!(
        (new_below.promise.expected.to_string(), new_below.promise.basis),
        ("3.0 %".to_owned(), Basis::Backlog)
    );
    // So few may mislead: the bound with confidence is far above the average.
    assert_eq!(new_below.promise.at_most.to_string(), "8.9 %");
}

#[test]
fn examples_that_speak_against_the_shipped_thresholds_leave_everything_undecided() {
    // Five known errors of which three look like nothing: far more than one in twenty.
    let known: Vec<Example> =
        [0, 100, 200, 9_000, 9_500].map(|score| example("api", score, Truth::Known)).to_vec();
    let thresholds = calibrate(&known).otherwise;
    assert_eq!(thresholds.new_below, None);
    assert_eq!(thresholds.call(Likeness::from(0)), Call::Undecided);
    assert!(contradicts(3, 5, 0.05) && !contradicts(1, 5, 0.05) && !contradicts(0, 0, 0.05));
}

#[test]
fn a_project_has_its_own_thresholds_once_it_has_its_own_examples() {
    let of = |project, from: u16| (0..40).map(move |n| example(project, from + n * 10, Truth::Known));
    let examples: Vec<Example> = of("api", 6_000).chain(of("web", 2_000)).collect();
    let calibration = calibrate(&examples);
    let at = |project| calibration.of(&ProjectSlug::new(project)).new_below.clone().unwrap();
    assert!(at("api").at > at("web").at);
    assert_eq!(at("api").promise.basis, Basis::Project(ProjectSlug::new("api")));
    assert_eq!(at("other").promise, calibration.otherwise.new_below.clone().unwrap().promise);
}

#[test]
fn where_the_thresholds_overlap_neither_answer_is_given() {
    let side = |at| Some(Threshold { at: Likeness::from(at), ..Thresholds::shipped().new_below.unwrap() });
    let thresholds = Thresholds { new_below: side(7_000), same_above: side(3_000) };
    let calls = [2_000, 5_000, 8_000].map(|score| thresholds.call(Likeness::from(score)));
    assert_eq!(calls, [Call::New, Call::Undecided, Call::Same]);
}

#[test]
fn a_score_is_kept_in_ten_thousandths() {
    let kept = [f64::NAN, -1.0, 0.123_44, 1.0, 7.0].map(|score| u16::from(Likeness::of(score)));
    assert_eq!(kept, [0, 0, 1_234, 10_000, 10_000]);
    assert_eq!(u16::from(Share::at_least(0.050_01)), 501);
    assert_eq!(u16::from(Share::at_least(0.05)), 500);
}
