//! From the values that SQL gives to the values that clients are shown.

use serde_json::{Value, json};

use super::column::Kind;
use super::field::Field;
use super::function::Finish;
use crate::sentry::model::{from_micros, short_id};

/// A value as the database gives it.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw {
    /// NULL.
    Nothing,
    /// An integer.
    Integer(i64),
    /// A real number.
    Real(f64),
    /// A text.
    Text(String),
}

impl Raw {
    fn number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "shown numbers stay far below 2^53")]
            Self::Integer(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            Self::Nothing => None,
        }
    }

    fn plain(&self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Integer(number) => json!(number),
            Self::Real(number) => json!(number),
            Self::Text(text) => json!(text),
        }
    }
}

/// What is shown of a field's value. `seconds` is the length of the period that rates are over.
pub fn show(field: &Field, raw: &Raw, seconds: f64) -> Value {
    match field {
        Field::Column(column) => show_column(column.kind, raw),
        Field::Function(function) => finish(function.finish, raw, seconds),
    }
}

fn show_column(kind: Kind, raw: &Raw) -> Value {
    match (kind, raw) {
        (_, Raw::Nothing) => Value::Null,
        (Kind::Duration, _) => json!(raw.number().unwrap_or(0.0) / 1000.0),
        (Kind::Boolean, _) => json!(raw.number().is_some_and(|number| number > 0.0)),
        (Kind::Time, Raw::Integer(micros)) => json!(from_micros(*micros)),
        (Kind::ShortId, Raw::Text(text)) => {
            let parts = text.rsplit_once('-').and_then(|(slug, n)| Some((slug, n.parse::<i64>().ok()?)));
            parts.map_or(Value::Null, |(slug, counter)| json!(short_id(slug, counter)))
        }
        _ => raw.plain(),
    }
}

/// The value of an aggregate from what SQL made of a group.
pub fn finish(finish: Finish, raw: &Raw, seconds: f64) -> Value {
    match finish {
        Finish::Count | Finish::Text => raw.plain(),
        Finish::Number | Finish::Share => raw.number().map_or(Value::Null, |number| json!(number)),
        Finish::Duration => raw.number().map_or(Value::Null, |micros| json!(micros / 1000.0)),
        Finish::Time => match raw {
            Raw::Integer(micros) => json!(from_micros(*micros)),
            _ => Value::Null,
        },
        Finish::Rate(per) => json!(raw.number().unwrap_or(0.0) * per / seconds.max(1.0)),
        Finish::Percentile(share, kind) => {
            let list: Vec<Option<f64>> = match raw {
                Raw::Text(text) => serde_json::from_str(text).unwrap_or_default(),
                _ => Vec::new(),
            };
            let factor = if kind == Kind::Duration { 0.001 } else { 1.0 };
            match percentile(list.into_iter().flatten().collect(), share) {
                Some(value) => json!(value * factor),
                None => Value::Null,
            }
        }
    }
}

/// The value below which `share` of the values lie, interpolated linearly between neighbours.
pub fn percentile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "lists are far shorter than 2^53")]
    let position = share * values.len().checked_sub(1)? as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the length of the list"
    )]
    let below = position.floor() as usize;
    let (low, high) = (values.get(below)?, values.get(below + 1).or(values.get(below))?);
    Some(low + (high - low) * (position - position.floor()))
}

/// The type that `meta.fields` gives a field.
pub fn type_of(field: &Field) -> &'static str {
    match field {
        Field::Column(column) => match column.kind {
            Kind::Text | Kind::ShortId | Kind::Message => "string",
            Kind::Integer => "integer",
            Kind::Duration => "duration",
            Kind::Boolean => "boolean",
            Kind::Time => "date",
        },
        Field::Function(function) => match function.finish {
            Finish::Count => "integer",
            Finish::Number => "number",
            Finish::Share => "percentage",
            Finish::Duration | Finish::Percentile(_, Kind::Duration) => "duration",
            Finish::Percentile(..) => "number",
            Finish::Time => "date",
            Finish::Text => "string",
            Finish::Rate(_) => "rate",
        },
    }
}

/// The unit that `meta.units` gives a field; null for most.
pub fn unit_of(field: &Field) -> Option<&'static str> {
    match (type_of(field), field) {
        ("duration", _) => Some("millisecond"),
        ("rate", Field::Function(function)) if function.finish == Finish::Rate(60.0) => Some("1/minute"),
        ("rate", _) => Some("1/second"),
        _ => None,
    }
}

/// `string`, `number` or `boolean`, as the validation of a search names it.
pub fn attribute_type(field: &Field) -> &'static str {
    match type_of(field) {
        "string" | "date" => "string",
        "boolean" => "boolean",
        _ => "number",
    }
}
