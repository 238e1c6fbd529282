//! What is known, ready to be asked.

use super::report::Report;
use std::collections::{BTreeMap, BTreeSet};

/// Reports of known items; `K` names an item (a ticket, a cause). An item may have many reports.
#[derive(Clone, Debug)]
pub struct Index<K> {
    items: BTreeMap<K, Vec<BTreeSet<String>>>,
}

/// A known item that a report may belong to.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate<K> {
    /// The item.
    pub item: K,
    /// From 0 (nothing in common) to 1, comparable between reports.
    pub score: f64,
}

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self { items: BTreeMap::new() }
    }
}

impl<K: Ord + Clone> Index<K> {
    /// Adds a report of an item.
    pub fn insert(&mut self, item: K, report: &Report) {
        self.items.entry(item).or_default().push(grams(report));
    }

    /// Forgets an item with all its reports.
    pub fn remove(&mut self, item: &K) {
        self.items.remove(item);
    }

    /// The items most like a report, best first; an item is as near as its nearest report.
    pub fn nearest(&self, report: &Report, most: usize) -> Vec<Candidate<K>> {
        let asked = grams(report);
        let mut found: Vec<Candidate<K>> = self
            .items
            .iter()
            .map(|(item, known)| Candidate {
                item: item.clone(),
                score: known.iter().map(|one| jaccard(&asked, one)).fold(0.0, f64::max),
            })
            .filter(|candidate| candidate.score > 0.0)
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.item.cmp(&b.item)));
        found.truncate(most);
        found
    }
}

fn jaccard(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let common = a.intersection(b).count();
    let all = a.len() + b.len() - common;
    if all == 0 { 0.0 } else { common as f64 / all as f64 }
}

/// Character 3-grams of the ten innermost frames.
fn grams(report: &Report) -> BTreeSet<String> {
    let text: Vec<char> = report
        .exceptions
        .iter()
        .flat_map(|thrown| &thrown.frames)
        .rev()
        .take(10)
        .flat_map(|frame| [&frame.module, &frame.function])
        .flatten()
        .flat_map(|name| name.as_raw_str().chars().flat_map(char::to_lowercase).chain([' ']))
        .collect();
    text.windows(3).map(|gram| gram.iter().collect()).collect()
}
