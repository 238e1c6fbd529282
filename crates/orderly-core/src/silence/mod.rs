//! Silence as evidence: after so many quiet hours, how likely is it that nothing happened by luck alone?
//!
//! With Poisson counts that is `exp(-rate * hours)`; when events come in bursts it is the larger negative binomial
//! probability of zero, `dispersion ^ (-rate * hours / (dispersion - 1))`.

/// What is known of the error before it went quiet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usual {
    /// Events an hour.
    pub rate: f64,
    /// Variance over mean of the hourly counts; 1 if unknown.
    pub dispersion: f64,
}

/// What a silence says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Silence {
    /// Long enough: at the old rate it would be luck with only this probability.
    Proven {
        /// Probability of such a silence at the old rate.
        luck: f64,
    },
    /// Too short to tell.
    NotYet {
        /// Probability of such a silence at the old rate.
        luck: f64,
        /// Further quiet hours that would prove it; `None` if the error never came often enough.
        more_hours: Option<f64>,
    },
}

/// Silence counts as proof when luck explains it in one case of twenty.
pub const LEVEL: f64 = 0.05;

/// Judges a silence of so many hours.
pub fn judge(usual: Usual, quiet_hours: f64) -> Silence {
    let luck = luck(usual, quiet_hours);
    if luck <= LEVEL {
        return Silence::Proven { luck };
    }
    let more_hours = hours_needed(usual, LEVEL).map(|needed| (needed - quiet_hours.max(0.0)).max(0.0));
    Silence::NotYet { luck, more_hours }
}

/// Probability of no event in so many hours at the usual rate.
pub fn luck(usual: Usual, quiet_hours: f64) -> f64 {
    (-decay(usual) * quiet_hours.max(0.0)).exp()
}

/// Quiet hours after which luck explains the silence with at most probability `level`.
pub fn hours_needed(usual: Usual, level: f64) -> Option<f64> {
    let hours = -level.ln() / decay(usual);
    (hours.is_finite() && hours >= 0.0).then_some(hours)
}

/// How much each quiet hour takes from the logarithm of luck.
fn decay(Usual { rate, dispersion }: Usual) -> f64 {
    let per_event = if dispersion > 1.0 + 1e-6 { dispersion.ln() / (dispersion - 1.0) } else { 1.0 };
    rate.max(0.0) * per_event
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_event_an_hour_proves_a_fix_after_three_quiet_hours() {
        let usual = Usual { rate: 1.0, dispersion: 1.0 };
        assert!(matches!(judge(usual, 3.0), Silence::Proven { luck } if luck < 0.05));
        let Silence::NotYet { more_hours: Some(more), .. } = judge(usual, 2.0) else {
            panic!("two hours prove nothing")
        };
        assert!((more - 0.996).abs() < 0.001);
    }

    #[test]
    fn what_never_came_can_never_be_proven_gone() {
        let usual = Usual { rate: 0.0, dispersion: 1.0 };
        assert_eq!(judge(usual, 1e6), Silence::NotYet { luck: 1.0, more_hours: None });
    }

    proptest! {
        #[test]
        fn a_longer_silence_is_never_likelier_and_bursts_make_it_likelier(
            rate in 0.0..100.0_f64, dispersion in 1.0..20.0_f64, hours in 0.0..500.0_f64, more in 0.0..50.0_f64,
        ) {
            let (bursty, smooth) = (Usual { rate, dispersion }, Usual { rate, dispersion: 1.0 });
            prop_assert!(luck(bursty, hours + more) <= luck(bursty, hours));
            prop_assert!(luck(bursty, hours) >= luck(smooth, hours) - 1e-12);
        }
    }
}
