//! An alarm in words, and with its texts as they may be shown.

use super::raised::{Detector, Raised, Sum};
use crate::diagnose::EventWords;
use crate::untrusted::Untrusted;

impl Raised {
    /// The alarm with its texts as they may be shown.
    #[must_use]
    pub fn clean(&self, words: &EventWords<'_>) -> Self {
        let mut raised = self.clone();
        match &mut raised.detector {
            Detector::NewInRelease { title, release, .. } => {
                *title = Untrusted::new(words.of(title));
                *release = Untrusted::new(words.version(release));
            }
            Detector::SentryAlert { title, .. } => *title = Untrusted::new(words.of(title)),
            Detector::Errors
            | Detector::Step
            | Detector::Escalation { .. }
            | Detector::Crashes { .. }
            | Detector::Failures { .. }
            | Detector::Latency { .. } => {}
        }
        raised
    }

    /// `90 errors in 1 h, 6.1 usual (dispersion 1.3, p 2.1e-40)`, without where it was raised.
    pub fn words(&self, words: &EventWords<'_>) -> String {
        let count = |what: &str| counted(self.sum, what);
        match &self.detector {
            Detector::Errors => count("errors"),
            Detector::Step => format!("rose, and stays: {}", count("errors")),
            Detector::Escalation { limit } => {
                format!("over Sentry's own limit of {limit} an hour: {}", count("errors"))
            }
            Detector::NewInRelease { short_id, title, release, .. } => format!(
                "{} is new in {}: {} ({})",
                words.of(&Untrusted::new(short_id.to_string())),
                words.version(release),
                count("events"),
                words.of(title)
            ),
            Detector::Crashes { sessions } => count(&format!("of {sessions} sessions crashed")),
            Detector::Failures { transactions } => count(&format!("of {transactions} transactions failed")),
            Detector::Latency { transactions, over_millis } => {
                count(&format!("of {transactions} transactions took over {over_millis} ms"))
            }
            Detector::SentryAlert { title, value, threshold, .. } => {
                alert_words(&words.of(title), *value, *threshold)
            }
        }
    }
}

/// An alert of Sentry in words.
pub(crate) fn alert_words(title: &str, value: Option<f64>, threshold: Option<f64>) -> String {
    let number = |what: &str, number: Option<f64>| {
        number.map(|number| format!(", {what} {number}")).unwrap_or_default()
    };
    let (value, threshold) = (number("measured", value), number("critical from", threshold));
    format!("Sentry's alert \"{title}\"{value}{threshold}")
}

fn counted(sum: Option<Sum>, what: &str) -> String {
    let Some(Sum { alarm, .. }) = sum else { return what.to_owned() };
    format!(
        "{} {what} in {} h, {:.1} usual ({:.1} times, dispersion {:.1}, p {:.1e})",
        alarm.observed,
        alarm.window,
        alarm.expected,
        alarm.ratio(),
        alarm.dispersion,
        alarm.p_value
    )
}
