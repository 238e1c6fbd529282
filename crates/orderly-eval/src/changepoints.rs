//! `changepoints`: a series, and where several people said that it changes.
//!
//! Scores as in van den Burg and Williams, *An Evaluation of Change Point Detection Algorithms*, arXiv 2003.06222.

use crate::error::EvalError;
use crate::metrics::mean;
use crate::predictions::Predictions;
use crate::report::{Metric, Report};
use crate::rows::Rows;
use orderly_core::detect::steps::steps;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A change that is named this many points away is the same change.
const MARGIN: usize = 5;

#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    values: Vec<f64>,
    /// The first points of new segments, by the person who marked them.
    annotations: BTreeMap<String, BTreeSet<usize>>,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    id: &'a str,
    changepoints: &'a [usize],
}

/// Asks the engine about every series.
pub(crate) fn measure(rows: Rows, out: &mut Predictions) -> Result<Report, EvalError> {
    let mut scores = Vec::new();
    for row in rows.all::<Row>()? {
        let found = steps(&row.values);
        out.write(&Answer { id: &row.id, changepoints: &found })?;
        scores.push((f1(&row.annotations, &found), cover(&row.annotations, &found, row.values.len())));
    }
    Ok(Report::of(vec![
        Metric::count("series", scores.len()),
        Metric::share("f1", mean(scores.iter().map(|(f1, _)| *f1))),
        Metric::share("cover", mean(scores.iter().filter_map(|(_, cover)| *cover))),
    ]))
}

/// F1 with a margin and the trivial point 0; recall is the mean over the annotators.
fn f1(annotations: &BTreeMap<String, BTreeSet<usize>>, found: &[usize]) -> f64 {
    let with_start =
        |points: &BTreeSet<usize>| -> BTreeSet<usize> { points.iter().copied().chain([0]).collect() };
    let found: BTreeSet<usize> = found.iter().copied().chain([0]).collect();
    let all: BTreeSet<usize> = with_start(&annotations.values().flatten().copied().collect());
    let precision = matched(&all, &found) as f64 / found.len() as f64;
    let recalls = annotations.values().map(|points| {
        let points = with_start(points);
        matched(&points, &found) as f64 / points.len() as f64
    });
    let recall = mean(recalls).unwrap_or(0.0);
    if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 }
}

/// How many true points have a found one near; a found one is used once.
fn matched(truth: &BTreeSet<usize>, found: &BTreeSet<usize>) -> usize {
    let mut free = found.clone();
    truth
        .iter()
        .filter(|point| {
            let near = free.range(point.saturating_sub(MARGIN)..=*point + MARGIN);
            let nearest = near.min_by_key(|other| point.abs_diff(**other)).copied();
            nearest.is_some_and(|nearest| free.remove(&nearest))
        })
        .count()
}

/// How well the segments cover those of each annotator, by Jaccard's index weighted with length.
fn cover(annotations: &BTreeMap<String, BTreeSet<usize>>, found: &[usize], length: usize) -> Option<f64> {
    let mine = segments(found.iter().copied(), length);
    mean(annotations.values().map(|points| {
        let covered = segments(points.iter().copied(), length).into_iter().map(|(begin, end)| {
            let alike = mine.iter().map(|(from, to)| {
                let shared = end.min(*to).saturating_sub(begin.max(*from));
                shared as f64 / (end.max(*to) - begin.min(*from)) as f64
            });
            (end - begin) as f64 * alike.fold(0.0, f64::max)
        });
        covered.sum::<f64>() / length.max(1) as f64
    }))
}

fn segments(points: impl Iterator<Item = usize>, length: usize) -> Vec<(usize, usize)> {
    let edges: BTreeSet<usize> = points.filter(|point| *point < length).chain([0, length]).collect();
    edges.iter().copied().zip(edges.iter().copied().skip(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(points: &[&[usize]]) -> BTreeMap<String, BTreeSet<usize>> {
        points
            .iter()
            .enumerate()
            .map(|(at, points)| (at.to_string(), points.iter().copied().collect()))
            .collect()
    }

    #[test]
    fn naming_nothing_has_the_known_scores() {
        // Three of five people marked point 28 of 100: F1 .8235, cover .758.
        let marked = people(&[&[28], &[28], &[], &[28], &[]]);
        assert!((f1(&marked, &[]) - 0.8235).abs() < 1e-4);
        assert!((cover(&marked, &[], 100).unwrap() - 0.758).abs() < 1e-3);
    }

    #[test]
    fn a_point_within_the_margin_is_found_once() {
        let marked = people(&[&[50]]);
        assert!((f1(&marked, &[53]) - 1.0).abs() < 1e-9);
        assert!((f1(&marked, &[49, 53]) - 0.8).abs() < 1e-9);
        assert!((f1(&marked, &[60]) - 0.5).abs() < 1e-9);
        assert!((cover(&marked, &[50], 100).unwrap() - 1.0).abs() < 1e-9);
    }
}
