//! The tags an event is filed under: those it was sent with, and those that follow from it. Also its user's key.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::sentry::grouping::payload::Payload;
use crate::sentry::texts::Texts;
use crate::sentry::tree::Tree;

const LONGEST_KEY: usize = 200;
const LONGEST_VALUE: usize = 200;

/// Key and value, sorted by key, each key once. As JSON a list of pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags {
    keys: Texts,
    values: Texts,
}

impl Tags {
    /// Each key and its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.keys.iter().zip(self.values.iter())
    }

    /// About how many bytes of memory they take.
    pub fn size(&self) -> usize {
        self.keys.size() + self.values.size()
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// Tags while they are gathered: what comes later wins.
type Gathered<'a> = BTreeMap<Cow<'a, str>, Cow<'a, str>>;

/// The tags of a canonical event. A tag that follows from the event wins over a sent one of the same key.
pub fn tags(payload: &Payload<'_>) -> Tags {
    let tags = gather(payload);
    Tags {
        keys: Texts::of(tags.keys().map(|key| &**key)),
        values: Texts::of(tags.values().map(|value| &**value)),
    }
}

fn gather<'a>(payload: &Payload<'a>) -> Gathered<'a> {
    let mut tags = Gathered::new();
    for pair in payload.at(&["tags"]).map_or(&[][..], Tree::elements) {
        if let [key, value, ..] = pair.elements()
            && let (Some(key), Some(value)) = (key.spelled(), value.spelled())
        {
            set(&mut tags, key, value);
        }
    }
    for key in ["level", "environment", "release", "dist", "transaction", "server_name", "logger"] {
        if let Some(value) = payload.text(key) {
            set(&mut tags, key, value);
        }
    }
    if let Some(user) = user_key(payload) {
        set(&mut tags, "user", user);
    }
    if let Some(url) = payload.text_at(&["request", "url"]) {
        set(&mut tags, "url", url.split(['?', '#']).next().unwrap_or(url));
    }
    from_contexts(payload, &mut tags);
    if let Some(mechanism) = payload.main_exception().and_then(|main| main.mechanism) {
        set(&mut tags, "mechanism", mechanism);
    }
    if let Some(handled) = handled(payload) {
        set(&mut tags, "handled", if handled { "yes" } else { "no" });
    }
    tags
}

/// Whether the program handled the error: no, as soon as one exception of the chain was not handled.
pub fn handled(payload: &Payload<'_>) -> Option<bool> {
    payload.exceptions().iter().filter_map(|exception| exception.handled).reduce(|all, one| all && one)
}

/// `id:..`, `username:..`, `email:..` or `ip:..`, the first that the event's user has.
pub fn user_key(payload: &Payload<'_>) -> Option<String> {
    [("id", "id"), ("username", "username"), ("email", "email"), ("ip", "ip_address")].into_iter().find_map(
        |(name, field)| {
            let value = payload.at(&["user", field])?.spelled()?;
            Some(format!("{name}:{}", clean(value, LONGEST_VALUE)))
        },
    )
}

/// `browser` is `Firefox 124.0`, `browser.name` is `Firefox`; so for `os`, `runtime` and `client_os`; devices by model.
fn from_contexts<'a>(payload: &Payload<'a>, tags: &mut Gathered<'a>) {
    for key in ["browser", "os", "client_os", "runtime"] {
        let Some(name) = payload.text_at(&["contexts", key, "name"]) else { continue };
        set(tags, format!("{key}.name"), name);
        match payload.at(&["contexts", key, "version"]).and_then(Tree::spelled) {
            Some(version) => set(tags, key, format!("{name} {version}")),
            None => set(tags, key, name),
        }
    }
    for (tag, field) in [("device", "model"), ("device.family", "family")] {
        if let Some(value) = payload.text_at(&["contexts", "device", field]) {
            set(tags, tag, value);
        }
    }
}

fn set<'a>(tags: &mut Gathered<'a>, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-');
    let (key, value) = (key.into(), clean(value.into(), LONGEST_VALUE));
    if !key.is_empty() && key.len() <= LONGEST_KEY && key.bytes().all(allowed) && !value.is_empty() {
        tags.insert(key, value);
    }
}

/// One line without control characters, cut to a length.
fn clean(text: Cow<'_, str>, longest: usize) -> Cow<'_, str> {
    let is_plain =
        text.len() <= longest && text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_control());
    if is_plain && !text.starts_with(' ') && !text.ends_with(' ') {
        return text;
    }
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(longest).collect();
    Cow::Owned(line.trim().to_owned())
}
