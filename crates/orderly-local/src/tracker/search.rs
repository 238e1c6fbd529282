//! Ranked search, the part of a tracker that proves nothing: some words matched, so an issue is shown.

use std::collections::HashSet;

use super::model::{Issue, TeamId};
use super::scene::Scene;

/// Whether the text of comments is searched too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Issues,
    IssuesAndComments,
}

/// The issues that hold at least half of the words, best first, with their scores. A team only moves its own issues up.
pub fn by_words<'w>(
    scene: &'w Scene<'w>,
    term: &str,
    team: Option<&TeamId>,
    scope: Scope,
    candidates: impl Iterator<Item = &'w Issue>,
) -> Vec<(&'w Issue, f64)> {
    let wanted: HashSet<String> = words(term).collect();
    let identifier = term.trim().to_ascii_uppercase();
    let score = |issue: &Issue| -> f64 {
        let title: HashSet<String> = words(&issue.title).collect();
        let mut body: HashSet<String> = issue.description.as_deref().into_iter().flat_map(words).collect();
        if scope == Scope::IssuesAndComments {
            body.extend(scene.world.comments_of(&issue.id).flat_map(|comment| words(&comment.body)));
        }
        let found = wanted.iter().filter(|word| title.contains(*word) || body.contains(*word)).count();
        let in_title = wanted.iter().filter(|word| title.contains(*word)).count();
        if scene.world.identifier(issue) == identifier {
            return 10.0;
        }
        if wanted.is_empty() || found * 2 < wanted.len() {
            return 0.0;
        }
        let boost = if team == Some(&issue.team) { 1.2 } else { 1.0 };
        boost * (found as f64 + 2.0 * in_title as f64) / (3.0 * wanted.len() as f64)
    };
    best_first(
        indexed(scene, candidates).map(|issue| (issue, score(issue))).filter(|(_, score)| *score > 0.0),
    )
}

/// The issues whose title looks like the query, best first: shared letter triples, so word forms and order matter little.
pub fn by_likeness<'w>(
    scene: &'w Scene<'w>,
    query: &str,
    candidates: impl Iterator<Item = &'w Issue>,
) -> Vec<(&'w Issue, f64)> {
    const ALIKE: f64 = 0.35;
    let wanted = triples(query);
    let score = |issue: &Issue| -> f64 {
        let title = triples(&issue.title);
        let smaller = wanted.len().min(title.len());
        if smaller == 0 { 0.0 } else { wanted.intersection(&title).count() as f64 / smaller as f64 }
    };
    best_first(
        indexed(scene, candidates).map(|issue| (issue, score(issue))).filter(|(_, score)| *score >= ALIKE),
    )
}

/// Issues that have been stored long enough for the index to hold them.
fn indexed<'w>(
    scene: &'w Scene<'w>,
    candidates: impl Iterator<Item = &'w Issue>,
) -> impl Iterator<Item = &'w Issue> {
    candidates.filter(|issue| scene.now.duration_since(issue.stored_at) >= scene.search_lag)
}

fn best_first<'w>(hits: impl Iterator<Item = (&'w Issue, f64)>) -> Vec<(&'w Issue, f64)> {
    let mut hits: Vec<_> = hits.collect();
    hits.sort_by(|(a, a_score), (b, b_score)| b_score.total_cmp(a_score).then(b.number.cmp(&a.number)));
    hits
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .into_iter()
}

fn triples(text: &str) -> HashSet<[char; 3]> {
    words(text)
        .flat_map(|word| {
            let letters: Vec<char> = [' '].into_iter().chain(word.chars()).chain([' ']).collect();
            letters.windows(3).map(|triple| [triple[0], triple[1], triple[2]]).collect::<Vec<_>>()
        })
        .collect()
}
