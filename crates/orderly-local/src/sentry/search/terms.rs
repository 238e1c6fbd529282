//! The values of an event that `error.*`, `stack.*`, `user.*` and ownership rules look at.

use crate::sentry::grouping::payload::{Frame, Payload};

use super::query::TermKey;
use crate::sentry::texts::Texts;

/// Values of an event, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    keys: Vec<TermKey>,
    values: Texts,
}

impl Terms {
    /// Each key and value.
    pub fn iter(&self) -> impl Iterator<Item = (TermKey, &str)> {
        self.keys.iter().copied().zip(self.values.iter())
    }

    /// About how many bytes of memory they take.
    pub fn size(&self) -> usize {
        self.keys.len() + self.values.size()
    }
}

/// Longest kept value, in characters; longer ones are cut.
const LONGEST: usize = 512;

/// Frames of one event that are looked at, the innermost ones.
const MOST_FRAMES: usize = 100;

/// What can be searched in an event, apart from its tags.
pub fn terms<'a>(payload: &Payload<'a>) -> Terms {
    let mut terms: Vec<(TermKey, &str)> = Vec::new();
    let mut add = |key: TermKey, value: Option<&'a str>| {
        terms.extend(value.map(|value| (key, beginning(value))));
    };
    let exceptions = payload.exceptions();
    for exception in exceptions {
        add(TermKey::ErrorType, exception.kind);
        add(TermKey::ErrorValue, exception.value);
    }
    if !exceptions.is_empty() {
        let unhandled = exceptions.iter().any(|exception| exception.handled == Some(false));
        add(TermKey::ErrorHandled, Some(if unhandled { "false" } else { "true" }));
    }
    let mut frames: Vec<&Frame<'a>> = exceptions.iter().flat_map(|exception| &exception.frames).collect();
    let bare;
    if frames.is_empty() {
        bare = payload.bare_frames();
        frames.extend(&bare);
    }
    let frames = &frames[frames.len().saturating_sub(MOST_FRAMES)..];
    for frame in frames {
        add(TermKey::StackFilename, frame.filename);
        add(TermKey::StackModule, frame.module);
        add(TermKey::StackFunction, frame.function);
    }
    let has_own = frames.iter().any(|frame| frame.in_app);
    // Ownership is decided by the frames of the application, or by all when none is marked.
    for frame in frames.iter().filter(|frame| frame.in_app || !has_own) {
        add(TermKey::InAppPath, frame.filename.or(frame.abs_path));
        add(TermKey::InAppModule, frame.module);
    }
    add(TermKey::UserId, payload.text_at(&["user", "id"]));
    add(TermKey::UserEmail, payload.text_at(&["user", "email"]));
    add(TermKey::UserName, payload.text_at(&["user", "username"]));
    add(TermKey::UserIp, payload.text_at(&["user", "ip_address"]));
    terms.sort_unstable();
    terms.dedup();
    Terms {
        keys: terms.iter().map(|(key, _)| *key).collect(),
        values: Texts::of(terms.iter().map(|(_, value)| *value)),
    }
}

fn beginning(value: &str) -> &str {
    if value.len() <= LONGEST {
        return value;
    }
    value.char_indices().nth(LONGEST).map_or(value, |(end, _)| &value[..end])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::sentry::tree::Object;

    fn texts(event: Value) -> Vec<String> {
        let map = event.as_object().expect("an object").clone();
        terms(&Payload::new(&Object::from(&map)))
            .iter()
            .map(|(key, value)| format!("{}={value}", key.as_str()))
            .collect()
    }

    #[test]
    fn exceptions_frames_and_user_are_found_and_only_own_frames_decide_ownership() {
        let event = json!({
            "exception": {"values": [
                {"type": "KeyError", "value": "'x'", "mechanism": {"handled": true}},
                {"type": "ValueError", "value": "bad", "mechanism": {"handled": false}, "stacktrace": {"frames": [
                    {"filename": "lib/web.py", "module": "web", "function": "call"},
                    {"filename": "app/cart.py", "module": "app.cart", "function": "add", "in_app": true},
                ]}},
            ]},
            "user": {"id": "7", "email": "a@b.example", "ip_address": 3},
        });
        assert_eq!(
            texts(event),
            [
                "error.type=KeyError",
                "error.type=ValueError",
                "error.value='x'",
                "error.value=bad",
                "error.handled=false",
                "stack.filename=app/cart.py",
                "stack.filename=lib/web.py",
                "stack.module=app.cart",
                "stack.module=web",
                "stack.function=add",
                "stack.function=call",
                "in_app.path=app/cart.py",
                "in_app.module=app.cart",
                "user.id=7",
                "user.email=a@b.example",
            ]
        );
    }

    #[test]
    fn without_marked_frames_all_of_them_decide_ownership() {
        let event = json!({"stacktrace": {"frames": [{"filename": "a.c"}, {"abs_path": "/b.c"}]}});
        assert_eq!(texts(event), ["stack.filename=a.c", "in_app.path=/b.c", "in_app.path=a.c"]);
    }

    #[test]
    fn long_values_are_cut_and_odd_shapes_are_absent() {
        let event = json!({"exception": {"values": [{"type": "é".repeat(600), "value": {}}, 3]}, "user": []});
        let found = texts(event);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].chars().count(), "error.type=".len() + LONGEST);
    }
}
