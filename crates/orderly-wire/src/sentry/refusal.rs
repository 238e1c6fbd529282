//! How the web API says no: `{"detail": "…"}`, in the forms that servers use.

use serde_json::Value;

/// Longest explanation that is kept, in characters.
const LONGEST: usize = 300;

/// The server's explanation, if the body is one of Sentry's: `{"detail": "text"}`, `{"detail": {"message": "text"}}`,
/// or field errors (`{"environment": ["…"]}`), of which the first is given. One line, control characters taken out.
pub fn detail(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let detail = body.get("detail");
    let text = match detail {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(parts)) => {
            parts.get("message").or_else(|| parts.get("code"))?.as_str()?.to_owned()
        }
        _ => first_field(&body)?,
    };
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}

fn first_field(body: &Value) -> Option<String> {
    let (field, message) = body.as_object()?.iter().next()?;
    let message = message.as_str().or_else(|| message.get(0)?.as_str())?;
    Some(format!("{field}: {message}"))
}

#[cfg(test)]
mod tests {
    use super::detail;
    use proptest::prelude::*;

    #[test]
    fn every_form_of_a_refusal_gives_its_explanation() {
        for (body, expected) in [
            (r#"{"detail":"Invalid token"}"#, Some("Invalid token")),
            (
                r#"{"detail":{"code":"sso-required","message":"Must login via SSO","extra":{}}}"#,
                Some("Must login via SSO"),
            ),
            (r#"{"detail":{"code":"sso-required"}}"#, Some("sso-required")),
            (r#"{"environment":["unknown"]}"#, Some("environment: unknown")),
            (r#"{"detail":"two\nlines"}"#, Some("two lines")),
            (r#"{"detail":""}"#, None),
            (r#"{"detail":null}"#, None),
            (r"[]", None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(detail(body.as_bytes()).as_deref(), expected, "{body}");
        }
    }

    proptest! {
        #[test]
        fn any_body_is_read_without_panicking(body: Vec<u8>) {
            let _ = detail(&body);
        }
    }
}
