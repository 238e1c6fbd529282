//! From raw terms to a [`Query`]: each key reads its own values.

use crate::sentry::model::{self, Priority, Status, Substatus};

use super::error::SearchError;
use super::key::{self, Key};
use super::lexer::{RawTerm, RawValue, Text, lex};
use super::query::{
    Column, EventColumn, Filter, Handled, IssueName, Person, Polarity, Presence, Query, ReleaseName, State,
    Term,
};
use super::value::{NumberTest, Pattern, TimeTest};

/// Reads a search text. Keys that are no search key become tags; whether such a tag exists is for the caller to
/// check (see [`Query::tag_keys`]).
///
/// # Errors
/// Boolean operators, grouping parentheses, unclosed quotes and lists, and values that a key cannot have.
pub fn parse(text: &str) -> Result<Query, SearchError> {
    let terms = lex(text)?
        .into_iter()
        .map(|raw| match raw {
            RawTerm::Words(words) => {
                Ok(Term { polarity: Polarity::Is, filter: Filter::Message(vec![Pattern::parse(&words)]) })
            }
            RawTerm::Filter { polarity, key, value } => {
                let raw = RawFilter { key, values: flatten(value) };
                raw.understand().map(|filter| Term { polarity, filter })
            }
        })
        .collect::<Result<_, _>>()?;
    Ok(Query { terms })
}

fn flatten(value: RawValue) -> Vec<Text> {
    match value {
        RawValue::One(text) => vec![text],
        RawValue::List(texts) => texts,
    }
}

struct RawFilter {
    key: String,
    values: Vec<Text>,
}

impl RawFilter {
    fn understand(&self) -> Result<Filter, SearchError> {
        if let Some(tag) = self.key.strip_prefix("tags[").and_then(|rest| rest.strip_suffix(']')) {
            return Ok(Filter::Tag(tag.to_owned(), self.patterns()));
        }
        let Some(key) = key::find(&self.key) else {
            return Ok(Filter::Tag(self.key.clone(), self.patterns()));
        };
        Ok(match key {
            Key::Is => Filter::State(self.each(
                "a status, a substatus, for_review, assigned, unassigned, linked or unlinked",
                state,
            )?),
            Key::Has => Filter::Has(presence(self.one("one key")?)),
            Key::Issue => Filter::Issue(self.each("an issue id or short id such as PROJECT-1A", issue_name)?),
            Key::Priority => {
                Filter::Priority(self.each("high, medium or low", |text| text.parse::<Priority>().ok())?)
            }
            Key::Category => Filter::Category(self.patterns()),
            Key::Assigned => Filter::Assigned(self.people()?),
            Key::AssignedOrSuggested => Filter::AssignedOrSuggested(self.people()?),
            Key::Bookmarks => Filter::Bookmarks(self.people()?),
            Key::Subscribed => Filter::Subscribed(self.people()?),
            Key::Time(column) => Filter::Time(column, self.only(TIME_FORMS, TimeTest::parse)?),
            Key::Number(column) => Filter::Number(column, self.only(NUMBER_FORMS, NumberTest::parse)?),
            Key::FirstRelease => Filter::FirstRelease(self.releases()),
            Key::Release => Filter::Release(self.releases()),
            Key::RegressedInRelease => Filter::RegressedInRelease(self.releases()),
            Key::Environment => Filter::Environment(self.patterns()),
            Key::Project => Filter::Project(self.patterns()),
            Key::Handled => Filter::Handled(self.flag(Handled::Yes, Handled::No)?),
            Key::Unhandled => Filter::Handled(self.flag(Handled::No, Handled::Yes)?),
            Key::Message => Filter::Message(self.patterns()),
            Key::Column(column) => Filter::Column(column, self.patterns()),
            Key::Term(term) => Filter::TermValue(term, self.patterns()),
            Key::User => Filter::User(self.patterns()),
            Key::Event(column) => Filter::Event(column, self.event_ids(column)),
        })
    }

    fn patterns(&self) -> Vec<Pattern> {
        self.values.iter().map(|value| Pattern::parse(&value.text)).collect()
    }

    /// Event and trace ids may be written with dashes.
    fn event_ids(&self, column: EventColumn) -> Vec<Pattern> {
        let undashed = |text: &str| match column {
            EventColumn::Id | EventColumn::Trace => text.replace('-', "").to_lowercase(),
        };
        self.values.iter().map(|value| Pattern::parse(&undashed(&value.text))).collect()
    }

    fn releases(&self) -> Vec<ReleaseName> {
        let name = |value: &Text| match value.text.as_str() {
            "latest" if !value.quoted => ReleaseName::Latest,
            text => ReleaseName::Version(Pattern::parse(text)),
        };
        self.values.iter().map(name).collect()
    }

    fn people(&self) -> Result<Vec<Person>, SearchError> {
        self.each("me, my_teams, none, #team, an email address or a user name", |text| {
            Some(match text {
                "me" => Person::Me,
                "my_teams" => Person::MyTeams,
                "none" | "" => Person::Nobody,
                other => match other.strip_prefix('#') {
                    Some("") => return None,
                    Some(slug) => Person::Team(slug.to_lowercase()),
                    None => Person::Named(other.to_lowercase()),
                },
            })
        })
    }

    fn flag<T>(&self, on: T, off: T) -> Result<T, SearchError> {
        let text = self.one("true or false")?;
        match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" => Ok(on),
            "0" | "false" | "no" => Ok(off),
            _ => Err(self.bad(text, "true or false")),
        }
    }

    fn only<T>(&self, expected: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, SearchError> {
        let text = self.one(expected)?;
        read(text).ok_or_else(|| self.bad(text, expected))
    }

    fn each<T>(&self, expected: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, SearchError> {
        self.values
            .iter()
            .map(|value| read(&value.text).ok_or_else(|| self.bad(&value.text, expected)))
            .collect()
    }

    fn one(&self, expected: &str) -> Result<&str, SearchError> {
        match self.values.as_slice() {
            [only] => Ok(&only.text),
            several => {
                let list: Vec<&str> = several.iter().map(|value| value.text.as_str()).collect();
                Err(self.bad(&format!("[{}]", list.join(", ")), expected))
            }
        }
    }

    fn bad(&self, value: &str, expected: &str) -> SearchError {
        SearchError::BadValue {
            key: self.key.clone(),
            value: value.to_owned(),
            expected: expected.to_owned(),
        }
    }
}

const TIME_FORMS: &str =
    "an age such as -24h (within) or +7d (older), or a date such as >=2024-05-01 or 2024-05-01T12:00:00";
const NUMBER_FORMS: &str = "a whole number such as 5, >100 or <=2k";

fn state(text: &str) -> Option<State> {
    Some(match text {
        "archived" | "muted" => State::Status(Status::Ignored),
        "for_review" => State::ForReview,
        "assigned" => State::Assigned,
        "unassigned" => State::Unassigned,
        "linked" => State::Linked,
        "unlinked" => State::Unlinked,
        other => match other.parse::<Status>() {
            Ok(status) => State::Status(status),
            Err(_) => State::Substatus(other.parse::<Substatus>().ok()?),
        },
    })
}

fn issue_name(text: &str) -> Option<IssueName> {
    if let Ok(id) = text.parse::<i64>() {
        return Some(IssueName::Id(id));
    }
    let (project, counter) = model::parse_short_id(text)?;
    Some(IssueName::Short { project, counter })
}

fn presence(name: &str) -> Presence {
    if let Some(tag) = name.strip_prefix("tags[").and_then(|rest| rest.strip_suffix(']')) {
        return Presence::Tag(tag.to_owned());
    }
    match key::find(name) {
        Some(Key::Release) => Presence::Release,
        Some(Key::FirstRelease) => Presence::FirstRelease,
        Some(Key::Environment) => Presence::Environment,
        Some(Key::Assigned | Key::AssignedOrSuggested) => Presence::Assignee,
        Some(Key::User) => Presence::User,
        Some(Key::Column(column)) => Presence::Column(column),
        Some(Key::Message) => Presence::Column(Column::Title),
        Some(Key::Term(term)) => Presence::Term(term),
        _ => Presence::Tag(name.to_owned()),
    }
}
