//! Lists and objects that stay as they were sent: the variables of frames, the source around them, breadcrumbs. They are
//! most of an event, and whoever asks for the event gets them as they came.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::read::Key;
use super::{Object, Tree, read};

/// Keys of what is only passed on.
const PASSED_ON: [&str; 6] = ["breadcrumbs", "extra", "modules", "post_context", "pre_context", "vars"];

/// What is deeper inside an event is not kept: together with [`MOST_LEVELS`] it stays below the 128 levels that readers
/// of JSON allow.
pub(super) const DEEPEST: usize = 16;

/// Levels of what is under such a key, at most.
const MOST_LEVELS: usize = 100;

/// Bytes that are counted together. A number is small enough for every reader when it has no exponent and fewer than
/// 309 digits; one that has more fills a whole part of this size.
const PART: usize = 128;

/// Valid JSON of a list or an object that every reader of JSON takes.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'j>(&'j RawValue);

impl<'j> Kept<'j> {
    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.0.get().starts_with('{')
    }

    /// Its own elements or members; what is in them stays as it is.
    pub(super) fn opened(self) -> Tree<'j> {
        let opened: Result<Opened<'j>, _> = serde_json::from_str(self.0.get());
        opened.map_or(Tree::Kept(self), |Opened(tree)| tree)
    }
}

impl PartialEq for Kept<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Serialize for Kept<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Whether the value of a key at this level of an event is looked at by nobody.
pub(super) fn may_be_kept(key: &str, level: usize) -> bool {
    level <= DEEPEST && PASSED_ON.contains(&key)
}

/// A value as it was sent, if it is a list or an object that needs no closer look.
pub(super) fn keep(sent: &RawValue) -> Result<Tree<'_>, serde_json::Error> {
    let json = sent.get();
    if json.starts_with(['{', '[']) && is_plain(json.as_bytes()) {
        return Ok(Tree::Kept(Kept(sent)));
    }
    let tree = read::whole(json)?;
    if levels(&tree) > MOST_LEVELS {
        return Err(serde_json::Error::custom("recursion limit exceeded"));
    }
    Ok(tree)
}

/// Whether no reader can stumble over this JSON: it has few levels, no number out of bounds and no half of a surrogate
/// pair. It may also say no to JSON that has none of these.
fn is_plain(json: &[u8]) -> bool {
    let mut opening = 0;
    let mut has_long_number = false;
    for part in json.chunks(PART) {
        let count = |wanted: fn(&u8) -> bool| part.iter().map(|byte| u8::from(wanted(byte))).sum::<u8>();
        opening += usize::from(count(|byte| matches!(byte, b'[' | b'{')));
        has_long_number |= usize::from(count(u8::is_ascii_digit)) == PART;
    }
    let pairs = || json.iter().zip(json.get(1..).unwrap_or_default());
    let has_exponent =
        pairs().fold(false, |found, (byte, next)| found | (byte.is_ascii_digit() & (next | 0x20 == b'e')));
    let has_unicode_escape =
        pairs().fold(false, |found, (byte, next)| found | ((*byte == b'\\') & (*next == b'u')));
    opening <= MOST_LEVELS && !has_long_number && !has_exponent && !has_unicode_escape
}

fn levels(tree: &Tree<'_>) -> usize {
    match tree {
        Tree::List(elements) => 1 + elements.iter().map(levels).max().unwrap_or(0),
        Tree::Object(object) => 1 + object.iter().map(|(_, value)| levels(value)).max().unwrap_or(0),
        _ => 0,
    }
}

/// A list or an object of parts as they were sent.
struct Opened<'j>(Tree<'j>);

impl<'de> Deserialize<'de> for Opened<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Open;
        impl<'de> Visitor<'de> for Open {
            type Value = Opened<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list or a map")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Opened<'de>, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = list.next_element()? {
                    elements.push(part(element).map_err(A::Error::custom)?);
                }
                Ok(Opened(Tree::List(elements)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Opened<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    members.push((key, part(value).map_err(A::Error::custom)?));
                }
                Ok(Opened(Tree::Object(Object(members))))
            }
        }
        deserializer.deserialize_any(Open)
    }
}

/// A part of what was found to be plain as a whole.
fn part(sent: &RawValue) -> Result<Tree<'_>, serde_json::Error> {
    match sent.get().starts_with(['{', '[']) {
        true => Ok(Tree::Kept(Kept(sent))),
        false => serde_json::from_str(sent.get()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn parse(json: &str) -> Result<Tree<'_>, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn what_nobody_looks_into_stays_as_it_was_sent() {
        let sent = r#"{"frames":[{"function":"f","vars":{ "a": [1, "x"] }}]}"#;
        let tree = parse(sent).unwrap();
        let frame = &tree.get("frames").unwrap().elements()[0];
        let vars = frame.get("vars").unwrap();
        assert!(matches!(vars, Tree::Kept(_)) && vars.is_object());
        assert!(vars.get("a").is_none());
        assert_eq!(vars.clone().opened().get("a").map(|a| a.clone().opened().elements().len()), Some(2));
        assert_eq!(serde_json::to_string(&tree).unwrap(), sent);
    }

    #[test]
    fn a_text_or_a_number_under_such_a_key_is_read() {
        let tree = parse(r#"{"tags":{"extra":"x","vars":3,"modules":null}}"#).unwrap();
        let tags = tree.get("tags").unwrap();
        assert_eq!(tags.get("extra").and_then(Tree::as_str), Some("x"));
        assert_eq!(tags.get("vars").and_then(Tree::as_i64), Some(3));
        assert!(tags.get("modules").is_some_and(Tree::is_null));
    }

    #[test]
    fn what_a_later_reader_would_stumble_over_is_refused_wherever_it_is() {
        let digits = "9".repeat(400);
        let deep = format!("{}{}", "[".repeat(101), "]".repeat(101));
        for value in
            [r#"["\ud800"]"#, "[1e999]", "[-1E+999]", &format!("[{digits}]"), &deep, "[1,]", "{\"a\"}"]
        {
            for key in PASSED_ON {
                let sent = format!("{{\"{key}\":{value}}}");
                assert!(parse(&sent).is_err(), "{key}: {value:.30}");
            }
        }
    }

    #[test]
    fn what_only_looks_odd_is_taken() {
        let wide = format!("[{}[]]", "[],".repeat(300));
        let inside = format!("{}{}", "[".repeat(100), "]".repeat(100));
        let among = r#"{"extra":{"vars":{"modules":[1e3]}}}"#;
        for value in
            [r#"["\u00e9","1e999"]"#, "[1e3,2E-3]", "[123456789012345678901234567890]", &wide, &inside, among]
        {
            let sent = format!("{{\"vars\":{value}}}");
            let tree = parse(&sent).unwrap();
            let again: Value = serde_json::from_str(&serde_json::to_string(&tree).unwrap()).unwrap();
            assert_eq!(again, serde_json::from_str::<Value>(&sent).unwrap(), "{value:.30}");
        }
    }

    #[test]
    fn far_inside_nothing_is_kept_so_that_readers_can_follow() {
        let nested =
            |levels: usize, inner: &str| format!("{}{inner}{}", "[".repeat(levels), "]".repeat(levels));
        let shallow = nested(DEEPEST, r#"{"vars":[1]}"#);
        let far = nested(DEEPEST + 1, r#"{"vars":[1]}"#);
        for (sent, is_kept) in [(shallow, true), (far, false)] {
            let mut tree = &parse(&sent).unwrap();
            while let Some(inner) = tree.elements().first() {
                tree = inner;
            }
            assert_eq!(matches!(tree.get("vars"), Some(Tree::Kept(_))), is_kept, "{sent}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i32>().prop_map(|number| json!(f64::from(number) / 4.0)),
            any::<i64>().prop_map(Value::from),
            ".{0,10}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 64, 4, |inner| {
            let key = prop_oneof![proptest::sample::select(&PASSED_ON[..]).prop_map(str::to_owned), ".{0,3}"];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec((key, inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_what_was_sent(value in any_json()) {
            let sent = value.to_string();
            let sent_value: Value = serde_json::from_str(&sent).unwrap();
            let tree = parse(&sent).unwrap();
            let written: Value = serde_json::from_str(&serde_json::to_string(&tree).unwrap()).unwrap();
            prop_assert_eq!(&written, &sent_value);
            let opened: Value = serde_json::from_str(&serde_json::to_string(&tree.opened()).unwrap()).unwrap();
            prop_assert_eq!(&opened, &sent_value);
        }
    }
}
