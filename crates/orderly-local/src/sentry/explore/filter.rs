//! From a search text to one SQL condition on rows, and to tests of aggregates.

use jiff::Timestamp;

use super::boolean::{self, Tree};
use super::column::{Column, Kind};
use super::dataset::Dataset;
use super::error::ExploreError;
use super::function::Function;
use crate::sentry::model;
use crate::sentry::search::Fragment;
use crate::sentry::search::value::{Comparison, Pattern, TimeTest};

/// What a search asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// Holds for the rows that count.
    pub rows: Fragment,
    /// What must hold of the aggregates of a group, all of it.
    pub groups: Vec<GroupTest>,
    /// The keys that were named, in order.
    pub keys: Vec<String>,
}

/// `count():>5`
#[derive(Debug, Clone, PartialEq)]
pub struct GroupTest {
    /// The aggregate.
    pub function: Function,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what, in the unit that the aggregate is shown in.
    pub value: f64,
}

impl GroupTest {
    /// Whether a group with this value passes.
    pub fn passes(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::Above => value > self.value,
            Comparison::AtLeast => value >= self.value,
            Comparison::Below => value < self.value,
            Comparison::AtMost => value <= self.value,
            Comparison::Equal => (value - self.value).abs() < f64::EPSILON,
        }
    }
}

/// Reads and compiles a search text.
///
/// # Errors
/// What does not read, and values that a column cannot have.
pub fn compile(dataset: Dataset, text: &str, now: Timestamp) -> Result<Filter, ExploreError> {
    let mut compiler = Compiler { dataset, now, groups: Vec::new(), keys: Vec::new() };
    let rows = compiler.tree(&boolean::parse(text)?, Place::Top)?;
    Ok(Filter { rows, groups: compiler.groups, keys: compiler.keys })
}

/// Aggregates can only be tested where every term must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    UnderOr,
}

struct Compiler {
    dataset: Dataset,
    now: Timestamp,
    groups: Vec<GroupTest>,
    keys: Vec<String>,
}

impl Compiler {
    fn tree(&mut self, tree: &Tree, place: Place) -> Result<Fragment, ExploreError> {
        Ok(match tree {
            Tree::All(branches) => {
                let all = branches.iter().map(|branch| self.tree(branch, place));
                Fragment::all(all.collect::<Result<Vec<_>, _>>()?)
            }
            Tree::Any(branches) => {
                let any = branches.iter().map(|branch| self.tree(branch, Place::UnderOr));
                Fragment::any(any.collect::<Result<Vec<_>, _>>()?)
            }
            Tree::Term(term) => self.term(term, place)?,
        })
    }

    fn term(&mut self, term: &str, place: Place) -> Result<Fragment, ExploreError> {
        let (negated, rest) = match term.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, term),
        };
        let positive = match split_key(rest) {
            None => self.words(rest)?,
            Some((key, value)) if key.contains('(') => {
                if negated || place == Place::UnderOr {
                    return Err(ExploreError::Syntax("aggregates cannot be negated or stand beside OR"));
                }
                self.group(key, value)?
            }
            Some((key, value)) => self.filter(key, value)?,
        };
        Ok(if negated { Fragment::new("NOT COALESCE(").then(positive).sql(", 0)") } else { positive })
    }

    fn words(&mut self, text: &str) -> Result<Fragment, ExploreError> {
        let text = unquote(text);
        let pattern = Pattern::parse(&text).like_anywhere();
        let column = |name| Column::find(self.dataset, name).map(|column| column.sql);
        let (first, second) = (column("message")?, column("title")?);
        Ok(Fragment::new("(COALESCE(")
            .then(first)
            .sql(", '') LIKE ")
            .text(pattern.as_str())
            .sql(" ESCAPE '\\' OR COALESCE(")
            .then(second)
            .sql(", '') LIKE ")
            .text(pattern)
            .sql(" ESCAPE '\\')"))
    }

    fn group(&mut self, key: &str, value: &str) -> Result<Fragment, ExploreError> {
        let function = Function::parse(self.dataset, key)?;
        let (comparison, number) = Comparison::split(value);
        let value =
            number_of(number).ok_or_else(|| bad(key, value, "a number, perhaps behind >, >=, < or <="))?;
        self.keys.push(key.to_owned());
        self.groups.push(GroupTest { function, comparison, value });
        Ok(Fragment::new("1"))
    }

    fn filter(&mut self, key: &str, value: &str) -> Result<Fragment, ExploreError> {
        if value.is_empty() {
            return Err(bad(key, value, "a value; `\"\"` stands for not set"));
        }
        if key == "has" {
            let name = unquote(value);
            self.keys.push(name.clone());
            let column = Column::find(self.dataset, &name)?;
            return Ok(Fragment::new("COALESCE(").then(column.sql).sql(", '') <> ''"));
        }
        if matches!(key, "is" | "assigned" | "bookmarks" | "assigned_or_suggested" | "issue.priority") {
            return Err(ExploreError::NotHere(key.to_owned(), "only issues have it, not single events"));
        }
        self.keys.push(key.to_owned());
        let column = Column::find(self.dataset, key)?;
        let values = values(value);
        let tests = values.iter().map(|value| self.test(key, &column, value));
        Ok(Fragment::any(tests.collect::<Result<Vec<_>, _>>()?))
    }

    fn test(&self, key: &str, column: &Column, value: &str) -> Result<Fragment, ExploreError> {
        let sql = column.sql.clone();
        Ok(match column.kind {
            Kind::Text => text_test(sql, &Pattern::parse(value)),
            Kind::Message => {
                let anywhere = Pattern::parse(value).like_anywhere();
                Fragment::new("COALESCE(").then(sql).sql(", '') LIKE ").text(anywhere).sql(" ESCAPE '\\'")
            }
            Kind::ShortId => {
                let expected = "an issue's short id such as PROJECT-1A";
                let (slug, counter) =
                    model::parse_short_id(value).ok_or_else(|| bad(key, value, expected))?;
                Fragment::new("event.issue_id IN (SELECT i.id FROM issue i JOIN project p ON p.id = i.project_id WHERE p.slug = ")
                    .text(slug)
                    .sql(" AND i.short_id = ")
                    .int(counter)
                    .sql(")")
            }
            Kind::Boolean => match value.to_ascii_lowercase().as_str() {
                "1" | "true" | "yes" => sql.sql(" = 1"),
                "0" | "false" | "no" => sql.sql(" = 0"),
                _ => return Err(bad(key, value, "true or false")),
            },
            Kind::Time => {
                let test = TimeTest::parse(value).ok_or_else(|| {
                    bad(key, value, "an age such as -24h or a time such as >=2026-01-31T12:00:00")
                })?;
                let (from, until) = test.range(self.now);
                let from = from.map(|at| sql.clone().sql(" >= ").int(at.as_microsecond()));
                let until = until.map(|at| sql.clone().sql(" < ").int(at.as_microsecond()));
                Fragment::all(from.into_iter().chain(until))
            }
            Kind::Integer | Kind::Duration => {
                let (comparison, number) = Comparison::split(value);
                let expected = "a number such as 5 or >=100; durations may have a unit, as 2s";
                let number = number_of(number).ok_or_else(|| bad(key, value, expected))?;
                let factor = if column.kind == Kind::Duration { 1000.0 } else { 1.0 };
                sql.sql(comparison.sql()).sql("CAST(").text((number * factor).to_string()).sql(" AS REAL)")
            }
        })
    }
}

fn bad(key: &str, value: &str, expected: &'static str) -> ExploreError {
    ExploreError::BadValue { key: key.to_owned(), value: value.to_owned(), expected }
}

fn text_test(sql: Fragment, pattern: &Pattern) -> Fragment {
    match pattern.as_literal() {
        Some("") => Fragment::new("COALESCE(").then(sql).sql(", '') = ''"),
        Some(literal) => sql.sql(" = ").text(literal),
        None => {
            Fragment::new("COALESCE(").then(sql).sql(", '') LIKE ").text(pattern.like()).sql(" ESCAPE '\\'")
        }
    }
}

/// `key:value`, where the key may be `tags[a b]`, `flags["x"]` or a function call. A URL is no filter.
fn split_key(term: &str) -> Option<(&str, &str)> {
    let (mut open, mut listed) = (0_usize, false);
    for (at, c) in term.char_indices() {
        match c {
            '[' => listed = true,
            ']' => listed = false,
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            ':' if open == 0 && !listed => {
                let (key, value) = (&term[..at], &term[at + 1..]);
                return (at > 0 && !value.starts_with("//")).then_some((key, value));
            }
            c if listed || open > 0 || c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') => {}
            _ => return None,
        }
    }
    None
}

/// The alternatives of `[a, "b c"]`, or the one value.
fn values(text: &str) -> Vec<String> {
    let Some(list) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return vec![unquote(text)];
    };
    let (mut parts, mut quoted) = (vec![String::new()], false);
    for c in list.chars() {
        match c {
            ',' if !quoted => parts.push(String::new()),
            other => {
                quoted ^= other == '"';
                parts.iter_mut().last().into_iter().for_each(|part| part.push(other));
            }
        }
    }
    parts.iter().map(|part| unquote(part.trim())).collect()
}

fn unquote(text: &str) -> String {
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) => inside.replace("\\\"", "\""),
        None => text.to_owned(),
    }
}

/// A number, with `k`, `m`, `b` or a unit of time; times become milliseconds.
fn number_of(text: &str) -> Option<f64> {
    let at = text.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(text.len());
    let number: f64 = text[..at].parse().ok()?;
    let factor = match &text[at..] {
        "" | "ms" => 1.0,
        "%" => 0.01,
        "k" => 1e3,
        "mil" => 1e6,
        "b" => 1e9,
        "ns" => 1e-6,
        "us" => 1e-3,
        "s" => 1e3,
        "m" | "min" => 60e3,
        "h" | "hr" => 3_600e3,
        "d" | "day" => 86_400e3,
        _ => return None,
    };
    (number * factor).is_finite().then_some(number * factor)
}
