//! For Markdown (trackers, reports): text that is shown and does nothing.
//!
//! Event text goes into code spans ([`code`]): nothing inside is a link, an image, a mention, an autolinked key, HTML
//! or a heading. Names go through [`text`], which escapes everything Markdown and its dialects give a meaning.

use super::one_line;
use crate::scrub::Scrubbed;

/// A code span. The fence is longer than any run of backticks inside, so the text cannot end it.
pub fn code(text: &Scrubbed) -> String {
    code_span(&one_line(text.as_str()))
}

/// A code span for the cell of a table: as [`code`], with `|` replaced by its look-alike `¦`, because dialects differ
/// in whether an escaped bar inside a code span is shown with its backslash.
pub fn code_cell(text: &Scrubbed) -> String {
    code_span(&one_line(text.as_str()).replace('|', "¦"))
}

fn code_span(line: &str) -> String {
    if line.is_empty() {
        return "` `".to_owned();
    }
    let longest = line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if line.starts_with('`') || line.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// Inline text without meaning: Markdown's own characters are escaped, and so is what dialects act on by themselves
/// (`@name`, `#12`, `://`, `www.`).
pub fn text(text: &Scrubbed) -> String {
    plain(text.as_str())
}

/// As [`text`], for words that did not come from an event (names of people, teams and labels).
pub fn plain(text: &str) -> String {
    let line = one_line(text);
    let mut out = String::with_capacity(line.len() + 8);
    let mut previous = ' ';
    for (at, c) in line.char_indices() {
        let rest = &line[at..];
        let acts = match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '@'
            | '!' | '$' | '^' => true,
            ':' => rest.starts_with("://"),
            '.' => ends_with_www(&out) || (previous.is_ascii_digit() && starts_list(&line[..at])),
            ')' => previous.is_ascii_digit() && starts_list(&line[..at]),
            '+' | '-' | '=' => at == 0,
            _ => false,
        };
        if acts {
            out.push('\\');
        }
        out.push(c);
        previous = c;
    }
    out
}

fn ends_with_www(text: &str) -> bool {
    text.as_bytes().last_chunk::<3>().is_some_and(|end| end.eq_ignore_ascii_case(b"www"))
}

/// Whether a line so far is only digits: `12.` would begin a list.
fn starts_list(before: &str) -> bool {
    before.chars().all(|c| c.is_ascii_digit())
}
