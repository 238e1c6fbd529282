//! The envelope of every GraphQL answer.

use super::errors::GraphQlError;
use serde::{Deserialize, Deserializer, Serialize};

/// `{"data": …, "errors": […]}`. Both may be there at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply<T> {
    /// What was asked for; null or missing when it could not be answered.
    #[serde(default = "Option::default")]
    pub data: Option<T>,
    /// What went wrong; null counts as nothing.
    #[serde(default, deserialize_with = "or_empty")]
    pub errors: Vec<GraphQlError>,
}

fn or_empty<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<GraphQlError>, D::Error> {
    Ok(Option::<Vec<GraphQlError>>::deserialize(input)?.unwrap_or_default())
}

/// What a request body is: the text and its variables, nothing else.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request<'a, V> {
    /// One of [`super::documents`].
    pub query: &'a str,
    /// The data.
    pub variables: V,
}

/// A page of a connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection<T> {
    /// What is on the page.
    pub nodes: Vec<T>,
    /// Whether there is more; missing when it was not asked for.
    #[serde(default)]
    pub page_info: Option<PageInfo>,
}

impl<T> Connection<T> {
    /// Whether the page is known to be everything.
    pub fn is_whole(&self) -> bool {
        self.page_info.as_ref().is_some_and(|page| !page.has_next_page)
    }

    /// Where the next page starts, if there is one.
    pub fn next(&self) -> Option<&str> {
        self.page_info.as_ref().filter(|page| page.has_next_page)?.end_cursor.as_deref()
    }
}

/// Where a page stands in its connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// Whether there is more.
    pub has_next_page: bool,
    /// Where the next page starts.
    #[serde(default)]
    pub end_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn read(value: Value) -> Result<Reply<Value>, serde_json::Error> {
        serde_json::from_value(value)
    }

    #[test]
    fn data_and_errors_are_read_in_every_combination() {
        let both = read(json!({"data": {"a": 1}, "errors": [{"message": "m"}]})).expect("readable");
        assert_eq!((both.data, both.errors.len()), (Some(json!({"a": 1})), 1));
        let none = read(json!({"data": null, "errors": null})).expect("readable");
        assert_eq!((none.data, none.errors.len()), (None, 0));
        assert_eq!(read(json!({})).expect("readable").data, None);
        assert!(read(json!({"errors": "no"})).is_err());
        assert!(read(json!("no")).is_err());
    }

    #[test]
    fn a_page_is_whole_only_when_it_says_so() {
        let page = |info: Value| -> Connection<Value> {
            serde_json::from_value(json!({"nodes": [], "pageInfo": info})).expect("readable")
        };
        assert!(page(json!({"hasNextPage": false})).is_whole());
        assert!(!page(json!({"hasNextPage": true})).is_whole());
        assert!(!page(Value::Null).is_whole());
        assert_eq!(page(json!({"hasNextPage": true, "endCursor": "c"})).next(), Some("c"));
        assert_eq!(page(json!({"hasNextPage": false, "endCursor": "c"})).next(), None);
    }

    proptest! {
        #[test]
        fn any_body_is_read_without_panicking(body: Vec<u8>) {
            let _ = serde_json::from_slice::<Reply<Value>>(&body);
        }
    }
}
