//! A location in words: lines for a terminal, a case file and a report. What an event said is made visible, but not
//! scrubbed: that is the caller's.

use super::location::{Base, Location, Place, SuspectCommit};
use crate::encode::terminal;
use crate::source::{Mapped, RepoPath};
use crate::suspect::Suspect;

/// Suspects that are shown.
const MOST_SUSPECTS: usize = 5;

/// The commit that was looked into.
pub fn base(location: &Location) -> String {
    let release = location.release.as_ref().map(terminal::line);
    match (&location.base, release) {
        (Base::Release { commit, named }, Some(release)) => {
            let named = terminal::visible(named);
            format!("crashed in {release}, which is commit {} (by `{named}`)", commit.short())
        }
        (_, Some(release)) => {
            format!("no commit or tag here is called {release}; looked into {} (HEAD)", location.head.short())
        }
        (_, None) => format!("the event names no release; looked into {} (HEAD)", location.head.short()),
    }
}

/// A frame: where it stands, what it is called, and whether its line is still there.
pub fn frame(place: &Place) -> String {
    let function = terminal::line(&place.function);
    let mut text = match &place.mapped {
        Mapped::Found(at) => {
            let line = at.line.map_or_else(|| "?".to_owned(), |line| line.to_string());
            format!("{}:{line} {function} ({}, {})", at.path, at.named, at.agreement)
        }
        Mapped::Missed(miss) => format!("- {function} ({miss})"),
    };
    if let Some(presence) = &place.presence {
        text.push_str(": ");
        text.push_str(&presence.to_string());
    }
    text
}

/// The suspected files, the most probable first, and how probably it is none of them.
pub fn suspects(location: &Location) -> Vec<String> {
    let shown = location.suspicion.suspects.iter().take(MOST_SUSPECTS).map(suspect);
    let rest = format!("{:>3.0} %  in none of these files", location.suspicion.elsewhere * 100.0);
    shown.chain([rest]).collect()
}

fn suspect(suspect: &Suspect) -> String {
    let reasons: Vec<String> = suspect.reasons.iter().take(3).map(ToString::to_string).collect();
    let path = terminal::visible(&suspect.path);
    format!("{:>3.0} %  {path}: {}", suspect.probability * 100.0, reasons.join(", "))
}

/// A commit that wrote lines of the trace last.
pub fn commit(commit: &SuspectCommit) -> String {
    let line = |(path, number): &(RepoPath, u32)| format!("{path}:{number}");
    let lines: Vec<String> = commit.lines.iter().map(line).collect();
    let day = commit.at.strftime("%Y-%m-%d");
    format!("{} {day} {} ({})", commit.commit.short(), terminal::visible(&commit.summary), lines.join(", "))
}
