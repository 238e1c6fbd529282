//! The marker: the one visible line by which Orderly knows its own items, in any tracker and after any restore.
//!
//! ```text
//! Tracked by Orderly: CHECKOUT-3F acme/4500123 g0 k:1f2e3d4c5b6a t:0123456789ab s:ba9876543210
//! ```
//! It is plain text because trackers rewrite links and may strip comments. `k` is the fingerprint of the
//! [`TrackKey`](crate::ids::TrackKey), `t` the title fingerprint, `s` the stack signature (absent without a stack).

use crate::ids::{Generation, IssueId, OrgSlug, ShortId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The content of a marker line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Marker {
    /// Short id.
    pub short_id: ShortId,
    /// Organization.
    pub org: OrgSlug,
    /// Issue.
    pub issue: IssueId,
    /// Which life of the issue.
    pub generation: Generation,
    /// Fingerprint of the track key (12 hex digits).
    pub key: String,
    /// Title fingerprint (12 hex digits).
    pub title: String,
    /// Stack signature (12 hex digits).
    pub stack: Option<String>,
}

const LEAD: &str = "Tracked by Orderly:";

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { short_id, org, issue, generation, key, title, stack } = self;
        write!(f, "{LEAD} {short_id} {org}/{issue} {generation} k:{key} t:{title}")?;
        stack.as_ref().map_or(Ok(()), |stack| write!(f, " s:{stack}"))
    }
}

impl Marker {
    /// Finds the marker in the text of an item. The last one counts: text that quotes another item comes above.
    pub fn find(text: &str) -> Option<Self> {
        text.lines().rev().find_map(Self::parse_line)
    }

    fn parse_line(line: &str) -> Option<Self> {
        let rest = line.trim().trim_matches(['_', '*', '`']).trim().strip_prefix(LEAD)?;
        let mut words = rest.split_whitespace();
        let short_id = ShortId::new(words.next()?);
        let (org, issue) = words.next()?.split_once('/')?;
        let generation = Generation(words.next()?.strip_prefix('g')?.parse().ok()?);
        let key = hex12(words.next()?.strip_prefix("k:")?)?;
        let title = hex12(words.next()?.strip_prefix("t:")?)?;
        let stack = match words.next() {
            Some(word) => Some(hex12(word.strip_prefix("s:")?)?),
            None => None,
        };
        words.next().is_none().then_some(Self {
            short_id,
            org: OrgSlug::new(org),
            issue: IssueId(issue.parse().ok()?),
            generation,
            key,
            title,
            stack,
        })
    }
}

fn hex12(text: &str) -> Option<String> {
    let shape = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    shape.then(|| text.to_owned())
}
