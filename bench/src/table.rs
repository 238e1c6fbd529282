//! What is printed: one row a measurement.

/// A measurement and what it should be.
#[derive(Debug)]
pub struct Row {
    what: String,
    measured: String,
    target: String,
    verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// For reading only.
    Told,
    Met,
    Missed,
}

impl Row {
    /// A number that must be at most `most`; `unit` follows both.
    pub fn at_most(what: impl Into<String>, measured: f64, most: f64, unit: &str) -> Self {
        Self {
            what: what.into(),
            measured: format!("{}{unit}", number(measured)),
            target: format!("<= {}{unit}", number(most)),
            verdict: if measured <= most { Verdict::Met } else { Verdict::Missed },
        }
    }

    /// A number that must be at least `least`; `unit` follows both.
    pub fn at_least(what: impl Into<String>, measured: f64, least: f64, unit: &str) -> Self {
        Self {
            what: what.into(),
            measured: format!("{}{unit}", number(measured)),
            target: format!(">= {}{unit}", number(least)),
            verdict: if measured >= least { Verdict::Met } else { Verdict::Missed },
        }
    }

    /// Something worth knowing beside the numbers that have a target.
    pub fn told(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Self { what: what.into(), measured: measured.into(), target: "-".to_owned(), verdict: Verdict::Told }
    }

    /// Whether the target is met, where there is one.
    pub fn is_met(&self) -> bool {
        self.verdict != Verdict::Missed
    }
}

/// Three figures are as much as these measurements are worth.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 || v.fract() == 0.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$}")
}

/// Prints the rows as a Markdown table.
#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
pub fn print(rows: &[Row]) {
    println!("| Measured | Number | Target | |\n|---|---|---|---|");
    for Row { what, measured, target, verdict } in rows {
        let mark = match verdict {
            Verdict::Told => "",
            Verdict::Met => "met",
            Verdict::Missed => "MISSED",
        };
        println!("| {what} | {measured} | {target} | {mark} |");
    }
}
