//! The comparators of filters. Several conditions in one comparator must all hold.

use jiff::{Span, Timestamp, tz::TimeZone};
use serde::{Deserialize, Deserializer, de::Error};

/// Conditions on a text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TextComparator {
    eq: Option<String>,
    neq: Option<String>,
    r#in: Option<Vec<String>>,
    nin: Option<Vec<String>>,
    eq_ignore_case: Option<String>,
    neq_ignore_case: Option<String>,
    contains: Option<String>,
    not_contains: Option<String>,
    contains_ignore_case: Option<String>,
    not_contains_ignore_case: Option<String>,
    contains_ignore_case_and_accent: Option<String>,
    starts_with: Option<String>,
    not_starts_with: Option<String>,
    starts_with_ignore_case: Option<String>,
    ends_with: Option<String>,
    not_ends_with: Option<String>,
    null: Option<bool>,
}

impl TextComparator {
    /// A missing text satisfies `null: true` and every negative condition, and no positive one.
    pub fn holds(&self, text: Option<&str>) -> bool {
        let is = |condition: &Option<String>, test: fn(&str, &str) -> bool| {
            condition.as_ref().is_none_or(|wanted| text.is_some_and(|text| test(text, wanted)))
        };
        let not = |condition: &Option<String>, test: fn(&str, &str) -> bool| {
            condition.as_ref().is_none_or(|wanted| !text.is_some_and(|text| test(text, wanted)))
        };
        let among = |list: &[String]| text.is_some_and(|text| list.iter().any(|item| item == text));
        is(&self.eq, |text, wanted| text == wanted)
            && not(&self.neq, |text, wanted| text == wanted)
            && self.r#in.as_ref().is_none_or(|list| among(list))
            && self.nin.as_ref().is_none_or(|list| !among(list))
            && is(&self.eq_ignore_case, |text, wanted| fold(text) == fold(wanted))
            && not(&self.neq_ignore_case, |text, wanted| fold(text) == fold(wanted))
            && is(&self.contains, |text, wanted| text.contains(wanted))
            && not(&self.not_contains, |text, wanted| text.contains(wanted))
            && is(&self.contains_ignore_case, |text, wanted| fold(text).contains(&fold(wanted)))
            && not(&self.not_contains_ignore_case, |text, wanted| fold(text).contains(&fold(wanted)))
            && is(&self.contains_ignore_case_and_accent, |text, wanted| plain(text).contains(&plain(wanted)))
            && is(&self.starts_with, |text, wanted| text.starts_with(wanted))
            && not(&self.not_starts_with, |text, wanted| text.starts_with(wanted))
            && is(&self.starts_with_ignore_case, |text, wanted| fold(text).starts_with(&fold(wanted)))
            && is(&self.ends_with, |text, wanted| text.ends_with(wanted))
            && not(&self.not_ends_with, |text, wanted| text.ends_with(wanted))
            && self.null.is_none_or(|null| text.is_none() == null)
    }
}

fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// Lower case without the accents of the Latin letters that people type without them.
fn plain(text: &str) -> String {
    fold(text)
        .chars()
        .map(|letter| match letter {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
            'ç' => 'c',
            'è' | 'é' | 'ê' | 'ë' => 'e',
            'ì' | 'í' | 'î' | 'ï' => 'i',
            'ñ' => 'n',
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
            'ù' | 'ú' | 'û' | 'ü' => 'u',
            'ý' | 'ÿ' => 'y',
            other => other,
        })
        .collect()
}

/// Conditions on an id. An issue answers to its UUID and to its identifier.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdComparator {
    eq: Option<String>,
    neq: Option<String>,
    r#in: Option<Vec<String>>,
    nin: Option<Vec<String>>,
}

impl IdComparator {
    pub fn holds(&self, names: &[&str]) -> bool {
        let named = |wanted: &String| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
        self.eq.as_ref().is_none_or(named)
            && self.neq.as_ref().is_none_or(|wanted| !named(wanted))
            && self.r#in.as_ref().is_none_or(|list| list.iter().any(named))
            && self.nin.as_ref().is_none_or(|list| !list.iter().any(named))
    }
}

/// Conditions on a yes or no.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagComparator {
    eq: Option<bool>,
    neq: Option<bool>,
}

impl FlagComparator {
    pub fn holds(&self, flag: bool) -> bool {
        self.eq.is_none_or(|wanted| flag == wanted) && self.neq.is_none_or(|wanted| flag != wanted)
    }
}

/// Conditions on something that has an order.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, bound = "T: Deserialize<'de>")]
pub struct OrderComparator<T> {
    eq: Option<T>,
    neq: Option<T>,
    r#in: Option<Vec<T>>,
    nin: Option<Vec<T>>,
    lt: Option<T>,
    lte: Option<T>,
    gt: Option<T>,
    gte: Option<T>,
    null: Option<bool>,
}

/// Conditions on a number.
pub type NumberComparator = OrderComparator<f64>;

/// Conditions on a time.
pub type TimeComparator = OrderComparator<Moment>;

impl<T> OrderComparator<T> {
    /// `resolve` gives what a wanted value stands for. A missing value satisfies `null: true` and the negative conditions.
    fn holds_as<V: PartialOrd>(&self, value: Option<V>, resolve: impl Fn(&T) -> V) -> bool {
        let is = |condition: &Option<T>, test: fn(&V, &V) -> bool| {
            condition
                .as_ref()
                .is_none_or(|wanted| value.as_ref().is_some_and(|value| test(value, &resolve(wanted))))
        };
        let among = |list: &Vec<T>| {
            value.as_ref().is_some_and(|value| list.iter().any(|item| *value == resolve(item)))
        };
        is(&self.eq, |value, wanted| value == wanted)
            && (self.neq.is_none() || !is(&self.neq, |value, wanted| value == wanted))
            && self.r#in.as_ref().is_none_or(among)
            && self.nin.as_ref().is_none_or(|list| !among(list))
            && is(&self.lt, |value, wanted| value < wanted)
            && is(&self.lte, |value, wanted| value <= wanted)
            && is(&self.gt, |value, wanted| value > wanted)
            && is(&self.gte, |value, wanted| value >= wanted)
            && self.null.is_none_or(|null| value.is_none() == null)
    }
}

impl NumberComparator {
    pub fn holds(&self, number: Option<f64>) -> bool {
        self.holds_as(number, |wanted| *wanted)
    }
}

impl TimeComparator {
    pub fn holds(&self, time: Option<Timestamp>, now: Timestamp) -> bool {
        self.holds_as(time, |wanted| wanted.resolve(now))
    }
}

/// A point in time: absolute, or a duration from now such as `-P2W`.
#[derive(Clone, Debug)]
pub enum Moment {
    At(Timestamp),
    FromNow(Span),
}

impl Moment {
    fn resolve(&self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => *at,
            // A duration too long for the calendar stays at the present; parsing has kept such spans out in practice.
            Self::FromNow(span) => {
                now.to_zoned(TimeZone::UTC).checked_add(*span).map_or(now, |moment| moment.timestamp())
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(Self::At(at));
        }
        if let Ok(date) = text.parse::<jiff::civil::Date>() {
            return date.to_zoned(TimeZone::UTC).ok().map(|start| Self::At(start.timestamp()));
        }
        text.parse::<Span>().ok().map(Self::FromNow)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is neither a time nor a duration")))
    }
}
