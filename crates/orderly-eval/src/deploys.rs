//! `deploys`: hourly counts, the hours of deploys, and which of them made the rate rise, if any did.

use crate::error::EvalError;
use crate::metrics::{mean, share};
use crate::predictions::Predictions;
use crate::report::{Metric, Report};
use crate::rows::Rows;
use orderly_core::blame::{Change, Prior, Rates, Verdict, blame};
use serde::{Deserialize, Serialize};

/// Hours after which the rhythm of a day repeats.
const DAY: usize = 24;

#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    counts: Vec<u64>,
    deploys: Vec<usize>,
    guilty: Option<usize>,
    cell: Cell,
}

#[derive(Debug, Deserialize)]
struct Cell {
    kind: Kind,
}

/// Where the rate rose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Deploy,
    Elsewhere,
    None,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    id: &'a str,
    deploy: Option<usize>,
    confidence: f64,
    abstain: bool,
}

/// What came of a row.
struct Outcome {
    kind: Kind,
    /// The confidence of a claim, if one was made.
    claim: Option<f64>,
    right: bool,
}

/// Asks the engine about every row.
pub(crate) fn measure(rows: Rows, out: &mut Predictions) -> Result<Report, EvalError> {
    let mut outcomes = Vec::new();
    for row in rows.all::<Row>()? {
        let changes: Vec<Change> = row.deploys.iter().copied().map(Change::at).collect();
        let blame = blame(Rates { counts: &row.counts, period: DAY }, &changes, Prior::default());
        let best = blame.suspects.first().copied();
        let deploy = best.and_then(|(place, _)| row.deploys.get(place).copied());
        let confidence = best.map_or(0.0, |(_, probability)| probability);
        let claimed = matches!(blame.verdict(), Verdict::Change(_));
        out.write(&Answer { id: &row.id, deploy, confidence, abstain: !claimed })?;
        let right = deploy == row.guilty;
        outcomes.push(Outcome { kind: row.cell.kind, claim: claimed.then_some(confidence), right });
    }
    Ok(report(&outcomes))
}

fn report(outcomes: &[Outcome]) -> Report {
    let claims = outcomes.iter().filter(|o| o.claim.is_some()).count();
    let right = outcomes.iter().filter(|o| o.claim.is_some() && o.right).count();
    let guilty = outcomes.iter().filter(|o| o.kind == Kind::Deploy).count();
    let blamed = |kind: Kind| {
        mean(outcomes.iter().filter(|o| o.kind == kind).map(|o| f64::from(u8::from(o.claim.is_some()))))
    };
    Report::of(vec![
        Metric::count("rows", outcomes.len()),
        Metric::share("claims", share(claims, outcomes.len())),
        Metric::share("precision_of_claims", share(right, claims)),
        Metric::share("mean_confidence_of_claims", mean(outcomes.iter().filter_map(|o| o.claim))),
        Metric::share("recall_of_guilty", share(right, guilty)),
        Metric::share("false_blame_elsewhere", blamed(Kind::Elsewhere)),
        Metric::share("false_blame_none", blamed(Kind::None)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_right_only_on_the_guilty_deploy() {
        let outcome = |kind, claim, right| Outcome { kind, claim, right };
        let report = report(&[
            outcome(Kind::Deploy, Some(0.9), true),
            outcome(Kind::Deploy, None, true),
            outcome(Kind::Elsewhere, Some(0.7), false),
            outcome(Kind::None, None, false),
        ]);
        let lines: Vec<String> =
            report.lines().iter().map(|[_, name, value]| format!("{name} {value}")).collect();
        assert_eq!(
            lines,
            [
                "rows 4",
                "claims 0.5000",
                "precision_of_claims 0.5000",
                "mean_confidence_of_claims 0.8000",
                "recall_of_guilty 0.5000",
                "false_blame_elsewhere 1.0000",
                "false_blame_none 0.0000"
            ]
        );
    }
}
