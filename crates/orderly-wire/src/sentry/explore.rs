//! Rows of a search among events.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A page of rows; the columns of a row are those that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Rows {
    /// They.
    #[serde(default)]
    pub data: Vec<Map<String, Value>>,
}
