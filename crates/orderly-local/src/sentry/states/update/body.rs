//! Reading a request body. Conditions stand either in `statusDetails` or next to `status`; both are in use.

use serde_json::{Map, Value};

use crate::sentry::model::{Priority, Status, Substatus};

use super::{
    Archive, AssigneeName, CommitName, Inbox, ReleaseName, Snooze, StatusChange, Target, Update,
    UpdateRequest,
};

/// Longest window and duration of an archive condition, in minutes: a week and a century.
const MAX_WINDOW: i64 = 7 * 24 * 60;
const MAX_DURATION: i64 = 100 * 366 * 24 * 60;

/// A field of the body that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct InvalidUpdate {
    /// The field, as the API spells it.
    pub field: &'static str,
    /// What is wrong and what is accepted.
    pub message: String,
}

impl InvalidUpdate {
    /// A refusal of `field`.
    pub fn new(field: &'static str, message: impl Into<String>) -> InvalidUpdate {
        InvalidUpdate { field, message: message.into() }
    }
}

type Read<T> = Result<T, InvalidUpdate>;

impl UpdateRequest {
    /// Reads the body of a `PUT` on one issue or many. Unknown fields are ignored, as Sentry ignores them.
    ///
    /// # Errors
    /// A field with a value it cannot have; `discard` next to anything else.
    pub fn read(body: &Map<String, Value>) -> Read<UpdateRequest> {
        let body = Fields(body);
        if body.flag("discard")? == Some(true) {
            return if body.0.len() == 1 {
                Ok(UpdateRequest::Discard)
            } else {
                Err(InvalidUpdate::new("discard", "cannot be combined with other changes"))
            };
        }
        if body.truthy("merge")? {
            return Ok(UpdateRequest::Merge);
        }
        Ok(UpdateRequest::Change(Update {
            status: body.status()?,
            priority: body.word::<Priority>("priority")?,
            assignee: body.assignee()?,
            inbox: body.flag("inbox")?.map(|waits| if waits { Inbox::ToReview } else { Inbox::Reviewed }),
            seen: body.flag("hasSeen")?,
            bookmarked: body.flag("isBookmarked")?,
            subscribed: body.flag("isSubscribed")?,
            public: body.flag("isPublic")?,
        }))
    }
}

/// The fields of an object; `null` reads as absent.
struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    fn get(&self, field: &str) -> Option<&'a Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    fn flag(&self, field: &'static str) -> Read<Option<bool>> {
        match self.get(field) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::Number(number)) if number.as_i64() == Some(1) => Ok(Some(true)),
            Some(Value::Number(number)) if number.as_i64() == Some(0) => Ok(Some(false)),
            Some(Value::String(text)) => match text.to_ascii_lowercase().as_str() {
                "1" | "true" => Ok(Some(true)),
                "0" | "false" => Ok(Some(false)),
                _ => Err(InvalidUpdate::new(field, "must be true or false")),
            },
            Some(_) => Err(InvalidUpdate::new(field, "must be true or false")),
        }
    }

    fn truthy(&self, field: &'static str) -> Read<bool> {
        self.flag(field).map(|flag| flag == Some(true))
    }

    fn text(&self, field: &'static str) -> Read<Option<&'a str>> {
        match self.get(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(InvalidUpdate::new(field, "must be a string")),
        }
    }

    fn word<T: std::str::FromStr<Err: std::fmt::Display>>(&self, field: &'static str) -> Read<Option<T>> {
        self.text(field)?
            .map(|text| text.parse::<T>().map_err(|error| InvalidUpdate::new(field, error.to_string())))
            .transpose()
    }

    fn number(&self, field: &'static str, most: i64) -> Read<Option<i64>> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
        match number {
            Some(number) if (1..=most).contains(&number) => Ok(Some(number)),
            _ => Err(InvalidUpdate::new(field, format!("must be a whole number from 1 to {most}"))),
        }
    }

    fn status(&self) -> Read<Option<StatusChange>> {
        let substatus = self.word::<Substatus>("substatus")?;
        let Some(status) = self.text("status")? else {
            return match substatus {
                None => Ok(None),
                Some(_) => Err(InvalidUpdate::new("substatus", "needs a status next to it")),
            };
        };
        let details = match self.get("statusDetails") {
            None => Fields(self.0),
            Some(Value::Object(details)) => Fields(details),
            Some(_) => return Err(InvalidUpdate::new("statusDetails", "must be an object")),
        };
        let fits = |status: Status| match substatus {
            Some(substatus) if substatus.status() != status => {
                let message = format!("{substatus} does not go with the status {status}");
                Err(InvalidUpdate::new("substatus", message))
            }
            _ => Ok(()),
        };
        match status {
            "resolved" => {
                fits(Status::Resolved)?;
                details.target().map(|target| Some(StatusChange::Resolve(target)))
            }
            "resolvedInNextRelease" => {
                fits(Status::Resolved)?;
                Ok(Some(StatusChange::Resolve(Target::NextRelease(ReleaseName::Latest))))
            }
            "ignored" | "muted" => {
                fits(Status::Ignored)?;
                details.archive(substatus).map(|archive| Some(StatusChange::Archive(archive)))
            }
            "unresolved" => {
                fits(Status::Unresolved)?;
                Ok(Some(StatusChange::Reopen(substatus)))
            }
            other => Err(InvalidUpdate::new(
                "status",
                format!(
                    "{other:?} is not one of resolved, resolvedInNextRelease, unresolved, ignored, muted"
                ),
            )),
        }
    }

    fn target(&self) -> Read<Target> {
        if self.truthy("inNextRelease")? {
            return Ok(Target::NextRelease(ReleaseName::Latest));
        }
        match self.text("inRelease")? {
            Some("") => return Err(InvalidUpdate::new("inRelease", "must not be empty")),
            Some("latest") => return Ok(Target::InRelease(ReleaseName::Latest)),
            Some(version) => return Ok(Target::InRelease(ReleaseName::Version(version.to_owned()))),
            None => {}
        }
        match self.get("inCommit") {
            None => Ok(Target::Now),
            Some(Value::Object(commit)) => {
                let commit = Fields(commit);
                match (commit.text("commit")?, commit.text("repository")?) {
                    (Some(sha), Some(repository)) => Ok(Target::InCommit(CommitName {
                        commit: sha.to_owned(),
                        repository: repository.to_owned(),
                    })),
                    _ => Err(InvalidUpdate::new("inCommit", "needs commit and repository")),
                }
            }
            Some(_) => Err(InvalidUpdate::new("inCommit", "must be an object with commit and repository")),
        }
    }

    fn archive(&self, substatus: Option<Substatus>) -> Read<Archive> {
        let duration = match self.number("ignoreDuration", MAX_DURATION)? {
            None => self.number("snoozeDuration", MAX_DURATION)?,
            given => given,
        };
        let snooze = Snooze {
            duration,
            count: self.number("ignoreCount", i64::MAX)?,
            window: self.number("ignoreWindow", MAX_WINDOW)?,
            user_count: self.number("ignoreUserCount", i64::MAX)?,
            user_window: self.number("ignoreUserWindow", MAX_WINDOW)?,
        };
        Ok(match substatus {
            Some(Substatus::ArchivedForever) => Archive::Forever,
            Some(Substatus::ArchivedUntilEscalating) => Archive::UntilEscalating,
            Some(Substatus::ArchivedUntilConditionMet) => Archive::UntilCondition(snooze),
            _ if self.truthy("untilEscalating")? => Archive::UntilEscalating,
            _ if snooze != Snooze::default() => Archive::UntilCondition(snooze),
            _ => Archive::Forever,
        })
    }

    /// `null` and `""` take the assignee away, so absence has to be told apart from `null` here.
    fn assignee(&self) -> Read<Option<AssigneeName>> {
        let text = match self.0.get("assignedTo") {
            None => return Ok(None),
            Some(Value::Null) => return Ok(Some(AssigneeName::Nobody)),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(_) => return Err(InvalidUpdate::new("assignedTo", "must be a string")),
        };
        let id = |digits: &str, kind: &str| {
            digits.parse::<i64>().map_err(|_| {
                InvalidUpdate::new(
                    "assignedTo",
                    format!("{kind}: must be followed by a number, not {digits:?}"),
                )
            })
        };
        Ok(Some(if text.is_empty() {
            AssigneeName::Nobody
        } else if let Some(digits) = text.strip_prefix("user:") {
            AssigneeName::Member(id(digits, "user")?)
        } else if let Some(digits) = text.strip_prefix("team:") {
            AssigneeName::Team(id(digits, "team")?)
        } else if let Some(slug) = text.strip_prefix('#') {
            AssigneeName::TeamSlug(slug.to_owned())
        } else if let Ok(member) = text.parse::<i64>() {
            AssigneeName::Member(member)
        } else {
            AssigneeName::Named(text)
        }))
    }
}
