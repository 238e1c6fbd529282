//! `outbreaks`: weekly counts, bin by bin; when is there more than usual?

use crate::error::EvalError;
use crate::metrics::{median, share};
use crate::predictions::Predictions;
use crate::report::{Metric, Report};
use crate::rows::Rows;
use orderly_core::detect::{Rhythm, Watched};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    step: Step,
    history: Vec<u64>,
    counts: Vec<u64>,
    labels: Vec<u8>,
}

/// How long a bin is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Hour,
    Week,
}

impl Step {
    const fn rhythm(self) -> Rhythm {
        match self {
            Self::Hour => Rhythm::Bins(24),
            Self::Week => Rhythm::Bins(52),
        }
    }
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    id: &'a str,
    alarms: &'a [u8],
}

/// Counts over all bins of all series, and what became of each outbreak.
#[derive(Default)]
struct Tally {
    series: usize,
    true_alarms: usize,
    false_alarms: usize,
    missed: usize,
    quiet: usize,
    /// Bins from the first of an outbreak to its first alarm.
    lags: Vec<Option<usize>>,
}

/// Lets the engine watch every series; a bin is judged by nothing that comes after it.
pub(crate) fn measure(rows: Rows, out: &mut Predictions) -> Result<Report, EvalError> {
    let mut tally = Tally::default();
    for row in rows.all::<Row>()? {
        let mut watched = Watched::new(row.step.rhythm());
        row.history.iter().for_each(|count| watched.learn(*count));
        let alarms: Vec<u8> =
            row.counts.iter().map(|count| u8::from(watched.judge(*count).is_some())).collect();
        out.write(&Answer { id: &row.id, alarms: &alarms })?;
        tally.add(&alarms, &row.labels);
    }
    Ok(tally.report())
}

impl Tally {
    fn add(&mut self, alarms: &[u8], labels: &[u8]) {
        self.series += 1;
        for (alarm, label) in alarms.iter().zip(labels) {
            *match (alarm, label) {
                (1, 1) => &mut self.true_alarms,
                (1, _) => &mut self.false_alarms,
                (_, 1) => &mut self.missed,
                _ => &mut self.quiet,
            } += 1;
        }
        let outbreak = |label: &u8| *label == 1;
        if let (Some(first), Some(last)) =
            (labels.iter().position(outbreak), labels.iter().rposition(outbreak))
        {
            let during = alarms.iter().take(last + 1).skip(first);
            self.lags.push(during.into_iter().position(|alarm| *alarm == 1));
        }
    }

    fn report(&self) -> Report {
        let Self { true_alarms, false_alarms, missed, quiet, .. } = *self;
        let sensitivity = share(true_alarms, true_alarms + missed);
        let specificity = share(quiet, quiet + false_alarms);
        let distance = sensitivity.zip(specificity).map(|(a, b)| (1.0 - a).hypot(1.0 - b));
        let mut found: Vec<f64> = self.lags.iter().flatten().map(|lag| *lag as f64).collect();
        Report::of(vec![
            Metric::count("series", self.series),
            Metric::count("tp", true_alarms),
            Metric::count("fp", false_alarms),
            Metric::count("fn", missed),
            Metric::count("tn", quiet),
            Metric::share("sensitivity", sensitivity),
            Metric::share("specificity", specificity),
            Metric::share("false_positive_rate", share(false_alarms, false_alarms + quiet)),
            Metric::share("ppv", share(true_alarms, true_alarms + false_alarms)),
            Metric::share("f1", share(2 * true_alarms, 2 * true_alarms + false_alarms + missed)),
            Metric::share("dist", distance),
            Metric::count("outbreaks", self.lags.len()),
            Metric::share("pod", share(found.len(), self.lags.len())),
            Metric::share("median_lag", median(&mut found)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_pooled_and_an_outbreak_is_found_between_its_first_and_last() {
        let mut tally = Tally::default();
        tally.add(&[0, 0, 1, 1, 1], &[0, 1, 0, 1, 0]);
        tally.add(&[1, 0], &[0, 1]);
        tally.add(&[0], &[0]);
        let lines: Vec<String> =
            tally.report().lines().into_iter().map(|[_, name, value]| format!("{name} {value}")).collect();
        assert_eq!(lines[..5], ["series 3", "tp 1", "fp 3", "fn 2", "tn 2"]);
        assert_eq!(
            lines[5..],
            [
                "sensitivity 0.3333",
                "specificity 0.4000",
                "false_positive_rate 0.6000",
                "ppv 0.2500",
                "f1 0.2857",
                "dist 0.8969",
                "outbreaks 2",
                "pod 0.5000",
                "median_lag 1.0000"
            ]
        );
    }
}
