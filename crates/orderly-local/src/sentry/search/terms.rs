//! The values of an event that `error.*`, `stack.*`, `user.*` and ownership rules look at.

use std::collections::BTreeSet;

use crate::sentry::grouping::payload::{Frame, Payload};

use super::query::TermKey;

/// Values of an event, each once.
pub type Terms = BTreeSet<(TermKey, String)>;

/// Longest kept value, in characters; longer ones are cut.
const LONGEST: usize = 512;

/// Frames of one event that are looked at, the innermost ones.
const MOST_FRAMES: usize = 100;

/// What can be searched in an event, apart from its tags.
pub fn terms<'a>(payload: Payload<'a>) -> Terms {
    let mut terms = BTreeSet::new();
    let mut add = |key: TermKey, value: Option<&'a str>| {
        if let Some(value) = value {
            terms.insert((key, beginning(value)));
        }
    };
    let mut frames = Vec::new();
    for exception in payload.exceptions() {
        add(TermKey::ErrorType, exception.kind());
        add(TermKey::ErrorValue, exception.value());
        frames.extend(exception.frames());
    }
    if payload.exceptions().next().is_some() {
        let unhandled = payload.exceptions().any(|exception| exception.handled() == Some(false));
        add(TermKey::ErrorHandled, Some(if unhandled { "false" } else { "true" }));
    }
    if frames.is_empty() {
        frames = payload.bare_frames();
    }
    let frames = &frames[frames.len().saturating_sub(MOST_FRAMES)..];
    for frame in frames {
        add(TermKey::StackFilename, frame.text("filename"));
        add(TermKey::StackModule, frame.text("module"));
        add(TermKey::StackFunction, frame.text("function"));
    }
    for frame in owned(frames) {
        add(TermKey::InAppPath, frame.text("filename").or_else(|| frame.text("abs_path")));
        add(TermKey::InAppModule, frame.text("module"));
    }
    add(TermKey::UserId, payload.text_at(&["user", "id"]));
    add(TermKey::UserEmail, payload.text_at(&["user", "email"]));
    add(TermKey::UserName, payload.text_at(&["user", "username"]));
    add(TermKey::UserIp, payload.text_at(&["user", "ip_address"]));
    terms.into_iter().map(|(key, value)| (key, value.to_owned())).collect()
}

fn beginning(value: &str) -> &str {
    if value.len() <= LONGEST {
        return value;
    }
    value.char_indices().nth(LONGEST).map_or(value, |(end, _)| &value[..end])
}

/// The frames ownership is decided by: those of the application, or all when none is marked.
fn owned<'a>(frames: &[Frame<'a>]) -> Vec<Frame<'a>> {
    let in_app: Vec<Frame<'a>> = frames.iter().copied().filter(|frame| frame.in_app()).collect();
    if in_app.is_empty() { frames.to_vec() } else { in_app }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::sentry::tree::Object;

    fn texts(event: Value) -> Vec<String> {
        let map = event.as_object().expect("an object").clone();
        terms(Payload::new(&Object::from(&map)))
            .into_iter()
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
