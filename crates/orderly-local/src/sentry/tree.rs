//! JSON as a tree whose texts stay where they were sent: a text without escapes is a part of the bytes that were read.
//! An event has hundreds of texts and keys, and most are only passed on: what nobody here looks into stays as it was
//! sent, whole ([`Kept`]).
//!
//! [`read`]: how bytes become a tree. [`kept`]: what stays as it was sent.

mod kept;
mod read;

use std::borrow::Cow;

pub use kept::Kept;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Number, Value};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree<'j> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Cow<'j, str>),
    /// A list.
    List(Vec<Tree<'j>>),
    /// An object.
    Object(Object<'j>),
    /// A list or an object that is only passed on. To whoever asks it has neither elements nor keys.
    Kept(Kept<'j>),
}

/// A JSON object. Its members have the order in which they were sent; of a key that came twice the last one counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object<'j>(Vec<(Cow<'j, str>, Tree<'j>)>);

impl<'j> Object<'j> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Tree<'j>> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Tree<'j>> {
        self.0.iter_mut().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Whether it has a key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Gives a key a value.
    pub fn insert(&mut self, key: impl Into<Cow<'j, str>>, value: impl Into<Tree<'j>>) {
        let (key, value) = (key.into(), value.into());
        match self.get_mut(&key) {
            Some(place) => *place = value,
            None => self.0.push((key, value)),
        }
    }

    /// Takes a key out; its value.
    pub fn remove(&mut self, key: &str) -> Option<Tree<'j>> {
        let at = self.0.iter().rposition(|(name, _)| name == key)?;
        let (_, value) = self.0.remove(at);
        // Earlier ones of the same key never counted.
        self.0.retain(|(name, _)| name != key);
        Some(value)
    }

    /// Takes out what `keep` does not want.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &Tree<'j>) -> bool) {
        self.0.retain(|(key, value)| keep(key, value));
    }

    /// Its members as they were sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tree<'j>)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// Its members as they were sent.
    pub fn into_members(self) -> impl Iterator<Item = (Cow<'j, str>, Tree<'j>)> {
        self.0.into_iter()
    }
}

impl<'j> Tree<'j> {
    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The flag, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The number, if it is a whole one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The number, if it is a whole one and not negative.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// The elements; none when it is no list.
    pub fn elements(&self) -> &[Tree<'j>] {
        match self {
            Self::List(elements) => elements,
            _ => &[],
        }
    }

    /// The object, if it is one.
    pub fn as_object(&self) -> Option<&Object<'j>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_)) || matches!(self, Self::Kept(kept) if kept.is_object())
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value of a key, if it is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Tree<'j>> {
        self.as_object()?.get(key)
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Tree<'j>> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// A non-empty text; numbers and flags are spelled.
    pub fn spelled(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) if text.is_empty() => None,
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Bool(flag) => Some(Cow::Borrowed(if *flag { "True" } else { "False" })),
            Self::Null | Self::List(_) | Self::Object(_) | Self::Kept(_) => None,
        }
    }

    /// The same value with its own elements or members to look at, also when it was kept as it was sent.
    pub fn opened(self) -> Self {
        match self {
            Self::Kept(kept) => kept.opened(),
            other => other,
        }
    }

    /// [`Tree::spelled`] of a value that is not needed any more.
    pub fn into_spelled(self) -> Option<Cow<'j, str>> {
        match self {
            Self::Text(text) => (!text.is_empty()).then_some(text),
            other => other.spelled().map(|text| Cow::Owned(text.into_owned())),
        }
    }
}

impl<'j> From<Cow<'j, str>> for Tree<'j> {
    fn from(text: Cow<'j, str>) -> Self {
        Self::Text(text)
    }
}

impl<'j> From<&'j str> for Tree<'j> {
    fn from(text: &'j str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Tree<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'j> From<Vec<Tree<'j>>> for Tree<'j> {
    fn from(elements: Vec<Tree<'j>>) -> Self {
        Self::List(elements)
    }
}

impl<'j> From<Object<'j>> for Tree<'j> {
    fn from(object: Object<'j>) -> Self {
        Self::Object(object)
    }
}

impl<'j, K: Into<Cow<'j, str>>, V: Into<Tree<'j>>> FromIterator<(K, V)> for Object<'j> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        Self(members.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl<'j> From<&'j Map<String, Value>> for Object<'j> {
    fn from(map: &'j Map<String, Value>) -> Self {
        map.iter().map(|(key, value)| (key.as_str(), value)).collect()
    }
}

impl<'j> From<&'j Value> for Tree<'j> {
    fn from(value: &'j Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::from(text.as_str()),
            Value::Array(elements) => Self::List(elements.iter().map(Self::from).collect()),
            Value::Object(map) => Self::Object(map.into()),
        }
    }
}

impl Serialize for Tree<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(elements) => serializer.collect_seq(elements),
            Self::Object(object) => object.serialize(serializer),
            Self::Kept(kept) => kept.serialize(serializer),
        }
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_without_escapes_are_parts_of_what_was_sent() {
        let sent = r#"{"plain":"a text","escaped":"a \"text\"","é":[1,-2,3.5,true,null,{}]}"#;
        let tree: Object<'_> = serde_json::from_str(sent).unwrap();
        assert!(matches!(tree.get("plain"), Some(Tree::Text(Cow::Borrowed("a text")))));
        assert!(matches!(tree.get("escaped"), Some(Tree::Text(Cow::Owned(text))) if text == "a \"text\""));
        assert_eq!(serde_json::to_string(&tree).unwrap(), sent);
    }

    #[test]
    fn of_a_key_that_comes_twice_the_last_one_counts_for_us_and_for_whoever_reads_it_later() {
        let mut tree: Object<'_> = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(tree.get("a").and_then(Tree::as_i64), Some(3));
        assert_eq!(serde_json::to_value(&tree).unwrap(), json!({"a": 3, "b": 2}));
        tree.insert("a", "new");
        assert_eq!(tree.remove("a"), Some(Tree::from("new")));
        assert!(!tree.contains_key("a"));
    }

    #[test]
    fn values_are_spelled_as_python_does() {
        for (value, expected) in [
            (json!("x"), Some("x")),
            (json!(""), None),
            (json!(1.5), Some("1.5")),
            (json!(true), Some("True")),
            (json!(null), None),
            (json!(["x"]), None),
        ] {
            assert_eq!(Tree::from(&value).spelled().as_deref(), expected);
            assert_eq!(Tree::from(&value).into_spelled().as_deref(), expected);
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(|number| json!(number)),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            ".{0,10}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 48, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec((".{0,4}", inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_serde_json_reads(value in any_json()) {
            let text = value.to_string();
            let value: Value = serde_json::from_str(&text).unwrap();
            let tree: Tree<'_> = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&tree, &Tree::from(&value));
            prop_assert_eq!(serde_json::to_string(&tree).unwrap(), value.to_string());
        }
    }
}
