//! Rows of a search among events, and series of numbers about them.

use super::tags::TagValue;
use super::tolerant;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A page of rows; the columns of a row are those that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Rows {
    /// They.
    #[serde(default)]
    pub data: Vec<Map<String, Value>>,
}

/// Series over time: one for each number and group that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AllSeries {
    /// They.
    #[serde(default)]
    pub time_series: Vec<Series>,
}

/// A series.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// The number that it is about: `count()`.
    #[serde(default)]
    pub y_axis: String,
    /// What its rows have in common, where they were asked for in groups.
    #[serde(default)]
    pub group_by: Vec<GroupValue>,
    /// Its steps, oldest first.
    #[serde(default)]
    pub values: Vec<Step>,
}

/// A column and what it has in a group.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct GroupValue {
    /// Column.
    pub key: String,
    /// Value.
    #[serde(default)]
    pub value: Value,
}

/// A tag key with its most frequent values.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facet {
    /// Key.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub key: String,
    /// The most frequent values.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub top_values: Vec<TagValue>,
}

/// A step of a series.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Step {
    /// When it begins, in milliseconds since 1970.
    pub timestamp: i64,
    /// The number; a step without events may have none.
    #[serde(default)]
    pub value: Option<f64>,
    /// Whether it may still grow.
    #[serde(default)]
    pub incomplete: bool,
}
