//! How the events of an issue spread over tags, as `…/issues/ID/tags/` answers it.

use super::tolerant;
use serde::{Deserialize, Serialize};

/// A tag with its most frequent values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagKey {
    /// Key.
    #[serde(deserialize_with = "tolerant::text")]
    pub key: String,
    /// How many values there are; newer servers leave it out.
    #[serde(default, deserialize_with = "tolerant::part")]
    pub unique_values: Option<u64>,
    /// How many events have the tag.
    #[serde(default, deserialize_with = "tolerant::count")]
    pub total_values: u64,
    /// The most frequent values.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub top_values: Vec<TagValue>,
}

/// A value of a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagValue {
    /// The value; null for events whose tag is empty.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub value: String,
    /// Events.
    #[serde(default, deserialize_with = "tolerant::count")]
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tag_is_read_from_servers_that_count_its_values_and_from_those_that_do_not() {
        let read = |value| serde_json::from_value::<TagKey>(value).expect("a tag");
        let counted = read(json!({"key": "device", "name": "Device", "uniqueValues": 12, "totalValues": 40,
            "topValues": [{"key": "device", "name": "A", "value": "A", "count": 9}, "odd", {"value": null, "count": 1}]}));
        assert_eq!((counted.unique_values, counted.total_values), (Some(12), 40));
        let values: Vec<_> = counted.top_values.iter().map(|v| (v.value.as_str(), v.count)).collect();
        assert_eq!(values, [("A", 9), ("", 1)]);
        assert_eq!(read(json!({"key": "device", "totalValues": "3"})).unique_values, None);
    }
}
