//! What an agent says about its work. It may have been taken over by an event, so its words are untrusted as well.

use crate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// What an agent wrote for the commit message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentWords {
    /// Why it crashed.
    pub root_cause: Option<Untrusted<String>>,
    /// What the change does.
    pub fix: Option<Untrusted<String>>,
}

/// An answer: words about a change, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// There is a change.
    Changed(AgentWords),
    /// The agent would rather not.
    Declined(Untrusted<String>),
}

/// Reads an answer from whatever an agent printed: the last line that begins with `Root cause:`, `Fix:`, or `Decline:`
/// counts. Everything else is talk.
pub fn read_answer(text: &str) -> Answer {
    let last = |name: &str| {
        text.lines()
            .rev()
            .map(|line| line.trim_start_matches(['-', '*', '#', '>', ' ']))
            .find_map(|line| {
                let start = line.get(..name.len())?;
                start
                    .eq_ignore_ascii_case(name)
                    .then(|| line[name.len()..].trim().trim_start_matches('*').trim())
            })
            .filter(|value| !value.is_empty())
            .map(Untrusted::from)
    };
    match last("Decline:") {
        Some(reason) => Answer::Declined(reason),
        None => Answer::Changed(AgentWords { root_cause: last("Root cause:"), fix: last("Fix:") }),
    }
}
