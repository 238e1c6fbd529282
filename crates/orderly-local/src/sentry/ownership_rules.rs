//! Ownership rules: `path:src/billing/* #payments ada@example.com`, one per line. Pure.
//!
//! Of the rules that match an event the last one decides, as in Sentry.

use regex::Regex;

/// What a rule looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// File names and paths of the stack frames.
    Path,
    /// Module names of the stack frames.
    Module,
    /// The address of the request.
    Url,
    /// The value of this tag.
    Tag(String),
}

impl Matcher {
    /// The spelling before the colon.
    pub fn kind_name(&self) -> String {
        match self {
            Matcher::Path => "path".to_owned(),
            Matcher::Module => "module".to_owned(),
            Matcher::Url => "url".to_owned(),
            Matcher::Tag(key) => format!("tags.{key}"),
        }
    }
}

/// Who owns what a rule matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnerName {
    /// A person, by address.
    User(String),
    /// A team, by slug.
    Team(String),
}

impl OwnerName {
    /// The spelling in a rule.
    pub fn as_written(&self) -> String {
        match self {
            OwnerName::User(email) => email.clone(),
            OwnerName::Team(slug) => format!("#{slug}"),
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it looks at.
    pub matcher: Matcher,
    /// What it looks for; `*` stands for anything, `?` for one character.
    pub pattern: String,
    /// Who owns what it matches, most important first.
    pub owners: Vec<OwnerName>,
}

/// A line that is not a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Parse error: line {line}: {why}")]
pub struct InvalidRule {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: &'static str,
}

/// What rules are matched against.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventFacts<'a> {
    /// File names and absolute paths of the stack frames.
    pub paths: &'a [&'a str],
    /// Module names of the stack frames.
    pub modules: &'a [&'a str],
    /// The address of the request.
    pub url: Option<&'a str>,
    /// Tags of the event.
    pub tags: &'a [(&'a str, &'a str)],
}

/// Reads the rules of a project. Empty lines and lines that begin with `#` and a space, or `#` alone, are comments.
///
/// # Errors
/// The first line that is not a rule.
pub fn parse(raw: &str) -> Result<Vec<Rule>, InvalidRule> {
    let lines = raw.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines
        .filter(|(_, text)| !text.is_empty() && !text.starts_with('#'))
        .map(|(line, text)| parse_rule(text).map_err(|why| InvalidRule { line, why }))
        .collect()
}

fn parse_rule(text: &str) -> Result<Rule, &'static str> {
    let mut words = split_words(text).into_iter();
    let head = words.next().ok_or("a rule begins with a matcher such as path:src/*")?;
    let (kind, pattern) = head.split_once(':').unwrap_or(("path", &head));
    let matcher = match kind {
        "path" | "codeowners" => Matcher::Path,
        "module" => Matcher::Module,
        "url" => Matcher::Url,
        _ => match kind.strip_prefix("tags.") {
            Some(key) if !key.is_empty() => Matcher::Tag(key.to_owned()),
            _ => return Err("matchers are path:, module:, url: and tags.NAME:"),
        },
    };
    if pattern.is_empty() {
        return Err("the matcher has no pattern");
    }
    let owners = words.map(|word| owner(&word)).collect::<Result<Vec<_>, _>>()?;
    if owners.is_empty() {
        return Err("the rule names no owner");
    }
    Ok(Rule { matcher, pattern: pattern.to_owned(), owners })
}

fn owner(word: &str) -> Result<OwnerName, &'static str> {
    match word.strip_prefix('#') {
        Some(slug) if !slug.is_empty() => Ok(OwnerName::Team(slug.to_owned())),
        None if word.contains('@') => Ok(OwnerName::User(word.to_owned())),
        _ => Err("an owner is an email address or #team"),
    }
}

/// Words between spaces; a pattern with spaces stands in double quotes.
fn split_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut in_quotes = false;
    for character in text.chars() {
        match character {
            '"' => in_quotes = !in_quotes,
            space if space.is_whitespace() && !in_quotes => words.push(String::new()),
            other => {
                if let Some(word) = words.last_mut() {
                    word.push(other);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

impl Rule {
    /// Whether the rule applies to an event.
    pub fn matches(&self, event: &EventFacts<'_>) -> bool {
        let Some(glob) = glob(&self.pattern) else { return false };
        match &self.matcher {
            // A path pattern may begin anywhere in the path, at a directory.
            Matcher::Path => event.paths.iter().any(|path| {
                let path = path.replace('\\', "/");
                let relative = path.trim_start_matches('/');
                let starts = relative.match_indices('/').map(|(at, _)| at + 1);
                std::iter::once(0).chain(starts).any(|at| glob.is_match(&relative[at..]))
                    || glob.is_match(&path)
            }),
            Matcher::Module => event.modules.iter().any(|module| glob.is_match(module)),
            Matcher::Url => event.url.is_some_and(|url| glob.is_match(url)),
            Matcher::Tag(key) => event.tags.iter().any(|(name, value)| name == key && glob.is_match(value)),
        }
    }
}

fn glob(pattern: &str) -> Option<Regex> {
    let escaped = regex::escape(pattern).replace(r"\*\*", ".*").replace(r"\*", ".*").replace(r"\?", ".");
    let tail = if pattern.ends_with('/') { ".*" } else { "" };
    Regex::new(&format!("(?is)^{escaped}{tail}$")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULES: &str = "# who owns what\n\npath:src/billing/* #payments ada@example.com\nurl:*/checkout* #web\n\
                         tags.service:api* #platform\nmodule:shop.cart.* grace@example.com\npath:\"my dir/*\" #web\n";

    /// The last one that matches.
    fn deciding<'r>(rules: &'r [Rule], event: &EventFacts<'_>) -> Option<&'r Rule> {
        rules.iter().rev().find(|rule| rule.matches(event))
    }

    #[test]
    fn comments_and_empty_lines_are_skipped_and_owners_kept_in_order() {
        let rules = parse(RULES).unwrap();
        assert_eq!(rules.len(), 5);
        assert_eq!(
            rules[0].owners,
            [OwnerName::Team("payments".to_owned()), OwnerName::User("ada@example.com".to_owned())]
        );
        assert_eq!(rules[2].matcher, Matcher::Tag("service".to_owned()));
        assert_eq!(rules[4].pattern, "my dir/*");
    }

    #[test]
    fn a_bad_line_is_named_by_its_number() {
        for (raw, line) in
            [("path:a", 1), ("\npath:a nobody", 2), ("colour:red #a", 1), ("path: #a", 1), ("path:a #", 1)]
        {
            assert_eq!(parse(raw).unwrap_err().line, line, "{raw:?}");
        }
    }

    #[test]
    fn the_last_rule_that_matches_decides() {
        let rules = parse("path:src/* #a\npath:src/billing/* #b\n").unwrap();
        let owner = |paths: &[&str]| {
            deciding(&rules, &EventFacts { paths, ..EventFacts::default() })
                .map(|rule| rule.owners[0].as_written())
        };
        assert_eq!(owner(&["/app/src/billing/pay.py"]).as_deref(), Some("#b"));
        assert_eq!(owner(&["src/cart.py"]).as_deref(), Some("#a"));
        assert_eq!(owner(&["/usr/lib/mysrc/cart.py"]), None);
        assert_eq!(owner(&[]), None);
    }

    #[test]
    fn each_matcher_looks_at_its_own_part_of_the_event() {
        let rules = parse(RULES).unwrap();
        let event = EventFacts { url: Some("https://shop.example/checkout?x=1"), ..EventFacts::default() };
        assert_eq!(deciding(&rules, &event).map(|rule| &rule.pattern[..]), Some("*/checkout*"));
        let event = EventFacts { tags: &[("service", "api-eu")], ..EventFacts::default() };
        assert_eq!(deciding(&rules, &event).map(|rule| &rule.pattern[..]), Some("api*"));
        let event = EventFacts { modules: &["shop.cart.views"], ..EventFacts::default() };
        assert_eq!(deciding(&rules, &event).map(|rule| &rule.pattern[..]), Some("shop.cart.*"));
    }

    proptest! {
        #[test]
        fn any_rule_text_is_read_and_matched_without_panicking(raw in "\\PC{0,80}", path in "\\PC{0,40}") {
            if let Ok(rules) = parse(&format!("path:{raw} #a")) {
                let _ = deciding(&rules, &EventFacts { paths: &[&path], ..EventFacts::default() });
            }
        }
    }
}
