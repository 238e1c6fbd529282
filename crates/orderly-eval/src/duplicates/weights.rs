//! The two numbers of the score that were chosen by their results: what every choice gives on the same rows, and what
//! each project gets from the choice that all the others would have made.

use super::case::{Case, CrashRow};
use super::{LISTED, Scored, newness, ranking, score};
use crate::error::EvalError;
use crate::report::{Report, Value};
use crate::rows::Rows;
use orderly_core::similar::{Candidate, Corpus, Parts, Signature, score as compare};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is left of the stacks' likeness when type and message have nothing in common.
const FLOORS: [f64; 6] = [0.0, 0.1, 0.2, 0.3, 0.5, 1.0];
/// The power of the likeness of type and message.
const POWERS: [f64; 3] = [0.5, 1.0, 2.0];
/// A choice is made by the sum of these, over all files.
const CHOSEN_BY: [&str; 3] = ["auc", "certified_new@5%leak", "merge_recall@1%false"];

/// A choice of both numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// `FLOOR` of the score.
    pub floor: f64,
    /// The power of `said`.
    pub power: f64,
}

/// What one choice gives, a report a file.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The choice; none where each project has the one that all others would have made.
    pub choice: Option<Choice>,
    /// In the order of the files.
    pub reports: Vec<Report>,
}

/// A row that is answered, compared with each of its history.
struct Asked {
    project: String,
    cause: String,
    known: BTreeSet<String>,
    pairs: Vec<(String, Parts)>,
}

/// Every choice on all rows, and at the end each project with the choice of all others.
///
/// # Errors
/// As the reading of files.
pub fn choices(files: &[&Path]) -> Result<Vec<Chosen>, EvalError> {
    let asked = files.iter().map(|file| compared(Rows::open(file)?)).collect::<Result<Vec<_>, _>>()?;
    let all: Vec<(Choice, Vec<Vec<Scored>>)> = every_choice()
        .map(|choice| {
            (choice, asked.iter().map(|rows| rows.iter().map(|row| row.scored(choice)).collect()).collect())
        })
        .collect();
    let told = |(choice, files): &(Choice, Vec<Vec<Scored>>)| Chosen {
        choice: Some(*choice),
        reports: files.iter().map(|rows| report(&rows.iter().collect::<Vec<_>>())).collect(),
    };
    let mut chosen: Vec<Chosen> = all.iter().map(told).collect();
    chosen.push(Chosen { choice: None, reports: left_out(&all) });
    Ok(chosen)
}

fn every_choice() -> impl Iterator<Item = Choice> {
    // Without the message its power says nothing.
    let pairs =
        FLOORS.into_iter().flat_map(|floor| POWERS.into_iter().map(move |power| Choice { floor, power }));
    pairs.filter(|choice| choice.floor < 1.0 || choice.power == 1.0)
}

fn compared(rows: Rows) -> Result<Vec<Asked>, EvalError> {
    let mut projects: BTreeMap<String, (Corpus, Vec<(String, Signature)>)> = BTreeMap::new();
    let mut asked = Vec::new();
    for row in rows.each::<CrashRow>() {
        let case: Case = row?.into();
        let (corpus, history) = projects.entry(case.project.clone()).or_default();
        if !case.known_before && !history.is_empty() {
            let pair = |(cause, known): &(String, Signature)| {
                (cause.clone(), compare(corpus, &case.signature, known).parts)
            };
            asked.push(Asked {
                known: history.iter().map(|(cause, _)| cause.clone()).collect(),
                pairs: history.iter().map(pair).collect(),
                project: case.project,
                cause: case.cause.clone(),
            });
        }
        corpus.add(&case.signature);
        history.push((case.cause, case.signature));
    }
    Ok(asked)
}

impl Choice {
    /// The score that two signatures would have. What differs in its last digits only is the same: the order in which
    /// fractions are added must not part what is equal.
    fn value(self, parts: Parts) -> f64 {
        const DIGITS: f64 = 1e12;
        let value = match parts {
            Parts::Stacks { stack, said, .. } => {
                stack * (1.0 - self.floor).mul_add(said.powf(self.power), self.floor)
            }
            Parts::Texts { text } => text,
        };
        (value * DIGITS).round() / DIGITS
    }
}

impl Asked {
    fn scored(&self, choice: Choice) -> Scored {
        let mut causes: BTreeMap<&str, f64> = BTreeMap::new();
        for (cause, parts) in &self.pairs {
            let best = causes.entry(cause).or_default();
            *best = best.max(choice.value(*parts));
        }
        let listed = causes.into_iter().filter(|(_, score)| *score > 0.0);
        let mut found: Vec<Candidate<String>> =
            listed.map(|(cause, score)| Candidate { item: cause.to_owned(), score }).collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.item.cmp(&b.item)));
        found.truncate(LISTED);
        score(&self.project, &self.cause, &found, &self.known)
    }
}

fn report(rows: &[&Scored]) -> Report {
    let mut metrics = ranking(rows);
    metrics.extend(newness(rows));
    Report::of(metrics)
}

/// Each project's rows under the choice that is best on all rows of all others.
fn left_out(all: &[(Choice, Vec<Vec<Scored>>)]) -> Vec<Report> {
    let Some((_, files)) = all.first() else { return Vec::new() };
    let own = |nth: usize, project: &str| {
        let best = all
            .iter()
            .map(|(_, files)| (worth(files, project), files))
            .reduce(|best, one| if one.0 > best.0 { one } else { best });
        let rows = best.into_iter().flat_map(|(_, files)| &files[nth]);
        rows.filter(|row| row.cause.0 == project).collect::<Vec<_>>()
    };
    let of_file = |(nth, rows): (usize, &Vec<Scored>)| {
        let projects: BTreeSet<&str> = rows.iter().map(|row| row.cause.0.as_str()).collect();
        report(&projects.into_iter().flat_map(|project| own(nth, project)).collect::<Vec<_>>())
    };
    files.iter().enumerate().map(of_file).collect()
}

/// What a choice is worth on the rows of all projects but one.
fn worth(files: &[Vec<Scored>], but: &str) -> f64 {
    let of_file = |rows: &Vec<Scored>| {
        let others: Vec<&Scored> = rows.iter().filter(|row| row.cause.0 != but).collect();
        let metrics = newness(&others).into_iter().filter(|metric| CHOSEN_BY.contains(&metric.name.as_str()));
        let shares = metrics.map(|metric| match metric.value {
            Value::Share(share) => share.unwrap_or_default(),
            Value::Count(_) | Value::Time(_) => 0.0,
        });
        shares.sum::<f64>()
    };
    files.iter().map(of_file).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use orderly_core::similar::weights::FLOOR;

    #[test]
    fn the_choice_of_the_product_gives_the_product_s_score() {
        let choice = Choice { floor: FLOOR, power: 2.0 };
        assert!(every_choice().any(|one| one == choice));
        for said in [0.0, 0.3, 1.0] {
            let factor = (1.0 - FLOOR).mul_add(said * said, FLOOR);
            let value = choice.value(Parts::Stacks { stack: 0.8, said, factor });
            assert!((value - 0.8 * factor).abs() < 1e-12, "{said}");
        }
    }

    #[test]
    fn a_project_is_answered_by_the_choice_of_the_others() {
        let row = |project: &str, cause: &str, top, rank| Scored {
            seen: rank == Some(1),
            rank,
            top,
            cause: (project.to_owned(), cause.to_owned()),
        };
        let choice = |floor| Choice { floor, power: 1.0 };
        // The first choice is right about `a`, the second about `b`.
        let right = |project| vec![row(project, "x", 0.9, Some(1)), row(project, "y", 0.1, None)];
        let wrong = |project| vec![row(project, "x", 0.1, Some(1)), row(project, "y", 0.9, None)];
        let all = [
            (choice(0.0), vec![[right("a"), wrong("b")].concat()]),
            (choice(0.5), vec![[wrong("a"), right("b")].concat()]),
        ];
        let report = serde_json::to_value(&left_out(&all)[0]).unwrap();
        assert_eq!(report["auc"], 0.0, "each is answered by what the other one chose");
    }
}
