//! One field of the root, with its arguments as the schema understands them.

use apollo_compiler::response::serde_json_bytes::from_value;
use apollo_compiler::response::{JsonMap, JsonValue};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// What one root field asks for.
#[derive(Clone, Debug)]
pub struct Call {
    /// The name of the answer in `data`.
    pub key: String,
    pub field: String,
    pub arguments: JsonMap,
}

impl Call {
    /// A text argument; the schema makes sure that required ones are there.
    pub fn text(&self, name: &str) -> &str {
        self.optional_text(name).unwrap_or_default()
    }

    pub fn optional_text(&self, name: &str) -> Option<&str> {
        self.arguments.get(name).and_then(|value| value.as_str())
    }

    pub fn flag(&self, name: &str) -> bool {
        self.arguments.get(name).and_then(|value| value.as_bool()).unwrap_or(false)
    }

    /// An input object.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let input = self.arguments.get("input").cloned().unwrap_or(JsonValue::Null);
        from_value(input).map_err(|error| Problem::argument(format!("The input cannot be read: {error}.")))
    }
}
