//! The commit message: one subject, three lines, and nothing in it that anybody acts on.
//!
//! Title and words may come from an event. Whatever a forge, a tracker, a build server or git itself gives a meaning is
//! replaced by a look-alike: closing keywords need a number or a key to close, and find none.

use crate::ids::ShortId;
use crate::scrub::{Scrubbed, Scrubber};
use crate::untrusted::Untrusted;
use regex::Regex;
use std::sync::LazyLock;

const SUBJECT: usize = 100;
const LINE: usize = 400;

/// How a repository writes its subjects: text with `{short_id}` and `{title}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectStyle(String);

/// A style that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`fix.subject` is `{style}`: {why}")]
pub struct BadSubject {
    style: String,
    why: &'static str,
}

impl SubjectStyle {
    /// A style.
    ///
    /// # Errors
    /// When it has several lines or leaves out the short id, by which commit and issue are found from each other.
    pub fn new(style: &str) -> Result<Self, BadSubject> {
        let bad = |why| BadSubject { style: style.to_owned(), why };
        if style.chars().any(char::is_control) {
            return Err(bad("a subject is one line"));
        }
        if !style.contains("{short_id}") {
            return Err(bad("it needs {short_id}, by which commit and issue are found from each other"));
        }
        Ok(Self(style.to_owned()))
    }
}

impl Default for SubjectStyle {
    fn default() -> Self {
        Self("fix(sentry): {short_id} — {title}".to_owned())
    }
}

/// The message of the fix of a case: it names every issue of it, by permalinks that were rebuilt from configuration.
pub fn message(
    style: &SubjectStyle,
    case: &super::Case,
    words: &super::AgentWords,
    scrubber: &Scrubber,
) -> String {
    let id = plain_id(&case.short_id);
    let title = inert(&scrubber.scrub(&case.title).capped(200));
    let subject = style.0.replace("{short_id}", &id);
    let room = SUBJECT.saturating_sub(subject.chars().count().saturating_sub("{title}".len())).max(20);
    let subject = subject.replace("{title}", &cut(&title, room));
    let line = |words: &Option<Untrusted<String>>, otherwise: &str| match words {
        Some(words) => cut(&inert(&scrubber.scrub(words)), LINE),
        None => otherwise.to_owned(),
    };
    let cause = line(&words.root_cause, &cut(&title, LINE));
    let fix = line(&words.fix, "see the change");
    let mut text = format!("{}\n\nSentry: {id} — {}\n", subject.trim_end(), case.permalink);
    for also in &case.related {
        text.push_str(&format!("Sentry: {} — {}\n", plain_id(&also.short_id), also.permalink));
    }
    text.push_str(&format!("Root cause: {cause}\nFix: {fix}\n"));
    text
}

/// A short id as Sentry makes them; anything else in it is dropped.
fn plain_id(id: &ShortId) -> String {
    id.as_str()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .take(80)
        .collect()
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    kept.trim_end().to_owned() + "…"
}

static KEY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b([a-z][a-z0-9_]*)-(\d)"));
static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"([#!])(\d)"));
static TRAILER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b([a-z][a-z-]*-[a-z]+|fixes|closes|sentry|fix)(\s*):"));
static KEYWORD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(no|skip)([-_ ])(ci|checks?|deploy)\b|\b(ci|actions?)([-_ ])(skip)\b"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern, as a test shows")
}

/// One line of visible text that no program acts on.
fn inert(text: &Scrubbed) -> String {
    let line = crate::encode::one_line(text.as_str());
    let line =
        line.replace("://", ":∕∕").replace('@', "＠").replace('[', "(").replace(']', ")").replace("***", "*");
    let line = KEY.replace_all(&line, "$1\u{2011}$2");
    let line = NUMBER.replace_all(&line, "$1 $2");
    let line = TRAILER.replace_all(&line, "$1$2\u{a789}");
    KEYWORD.replace_all(&line, "$1$4\u{2011}$3$6").into_owned()
}
