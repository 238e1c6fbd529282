//! `mitigations`: counts before and after something was done, and the true factor on the rate.

use crate::error::EvalError;
use crate::metrics::{mean, share};
use crate::predictions::Predictions;
use crate::report::{Group, Metric, Report};
use crate::rows::Rows;
use orderly_core::effect::{Effect, Expectation, Windows, measure as measure_effect};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What every mitigation is expected to reach: half the rate.
const EXPECTED_SHARE: f64 = 0.5;

#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    before: Vec<u64>,
    after: Vec<u64>,
    effect: f64,
    cell: Cell,
}

#[derive(Debug, Deserialize)]
struct Cell {
    rate: f64,
    dispersion: f64,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    id: &'a str,
    verdict: Said,
}

/// The verdict in the words of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Dropped,
    NotDropped,
    NotProvable,
}

impl From<Effect> for Said {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Worked | Effect::Partly => Self::Dropped,
            Effect::No => Self::NotDropped,
            Effect::NotYetProvable { .. } => Self::NotProvable,
        }
    }
}

/// Asks the engine about every row.
pub(crate) fn measure(rows: Rows, out: &mut Predictions) -> Result<Report, EvalError> {
    let mut cells: BTreeMap<String, (f64, Vec<Said>)> = BTreeMap::new();
    for row in rows.all::<Row>()? {
        let windows = Windows { before: &row.before, after: &row.after };
        let measured = measure_effect(windows, Expectation::share_of(EXPECTED_SHARE, &row.before));
        let verdict = Said::from(measured.effect);
        out.write(&Answer { id: &row.id, verdict })?;
        let name = format!("effect {}, {}/h, dispersion {}", row.effect, row.cell.rate, row.cell.dispersion);
        cells.entry(name).or_insert_with(|| (row.effect, Vec::new())).1.push(verdict);
    }
    Ok(report(&cells))
}

fn report(cells: &BTreeMap<String, (f64, Vec<Said>)>) -> Report {
    let rows = cells.values().map(|(_, said)| said.len()).sum();
    let said = |verdicts: &[Said], wanted: Said| {
        share(verdicts.iter().filter(|verdict| **verdict == wanted).count(), verdicts.len())
    };
    let dropped = |wanted: f64| -> Vec<f64> {
        cells
            .values()
            .filter(|(effect, _)| (effect - wanted).abs() < 1e-9)
            .filter_map(|(_, verdicts)| said(verdicts, Said::Dropped))
            .collect()
    };
    let metrics = vec![
        Metric::count("rows", rows),
        Metric::share("worst_false_dropped", dropped(1.0).into_iter().reduce(f64::max)),
        Metric::share("mean_dropped_effect_0.5", mean(dropped(0.5))),
        Metric::share("mean_dropped_effect_0.1", mean(dropped(0.1))),
    ];
    let groups = cells
        .iter()
        .map(|(name, (_, verdicts))| Group {
            name: name.clone(),
            metrics: vec![
                Metric::share("dropped", said(verdicts, Said::Dropped)),
                Metric::share("not_provable", said(verdicts, Said::NotProvable)),
            ],
        })
        .collect();
    Report { metrics, groups }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_cell_without_a_drop_counts() {
        let cells = BTreeMap::from([
            ("a".to_owned(), (1.0, vec![Said::Dropped, Said::NotProvable])),
            ("b".to_owned(), (1.0, vec![Said::NotDropped; 4])),
            ("c".to_owned(), (0.5, vec![Said::Dropped; 3])),
        ]);
        let lines = report(&cells).lines();
        assert_eq!(lines[1], ["", "worst_false_dropped", "0.5000"]);
        assert_eq!(lines[2], ["", "mean_dropped_effect_0.5", "1.0000"]);
        assert_eq!(lines[3], ["", "mean_dropped_effect_0.1", "-"]);
        assert_eq!(lines[5], ["a", "not_provable", "0.5000"]);
    }
}
