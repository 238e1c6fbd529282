//! Which commits say that they fix an issue.

use super::inputs::{HeadFix, HeadFixToldBy};
use crate::ids::{CommitId, ShortId};
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A commit of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The commit.
    pub commit: CommitId,
    /// When it was made.
    pub at: Timestamp,
    /// Its whole message.
    pub message: String,
}

/// Words before a name that make a commit its fix.
const FIXES: [&str; 9] =
    ["fix", "fixes", "fixed", "resolve", "resolves", "resolved", "close", "closes", "closed"];

/// For each issue the latest commit that says it fixes it. A fix that was reverted later is none. The history comes with
/// the latest commit first, as git tells it.
pub fn fixed_by<'a>(
    history: impl IntoIterator<Item = &'a Committed>,
    issues: &BTreeSet<ShortId>,
) -> BTreeMap<ShortId, HeadFix> {
    let mut said: BTreeMap<ShortId, Option<HeadFix>> = BTreeMap::new();
    for committed in history {
        let subject = committed.message.lines().next().unwrap_or_default();
        let reverts = subject.starts_with("Revert ");
        for name in names(&committed.message) {
            let Some(issue) = issues.get(&ShortId::new(name.to_ascii_uppercase())) else { continue };
            if said.contains_key(issue) || !(reverts || claims(&committed.message, name)) {
                continue;
            }
            let told_by = HeadFixToldBy::Message { at: committed.at };
            let fix = HeadFix { commit: committed.commit.clone(), told_by };
            said.insert(issue.clone(), (!reverts).then_some(fix));
        }
    }
    said.into_iter().filter_map(|(issue, fix)| Some((issue, fix?))).collect()
}

/// Words of a message that may be short ids.
fn names(message: &str) -> impl Iterator<Item = &str> {
    let words = message.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
    words.map(|word| word.trim_matches(['.', '-', '_'])).filter(|word| word.contains('-'))
}

/// `Fixes NAME` on a line, a subject that begins with `fix` and has the name, or the trailer `Sentry: NAME`.
fn claims(message: &str, name: &str) -> bool {
    message.lines().enumerate().any(|(at, line)| {
        let Some(place) = line.find(name) else { return false };
        let before =
            line[..place].trim_end().trim_end_matches([':', '#', '(', '[']).trim_end().to_lowercase();
        let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let trailer = before == "sentry";
        let subject = at == 0 && line.to_lowercase().starts_with("fix");
        FIXES.contains(&word) || trailer || subject
    })
}
