use super::*;
use proptest::prelude::*;
use serde_json::json;

fn error(message: &str, kind: Option<&str>, code: Option<&str>) -> GraphQlError {
    serde_json::from_value(json!({"message": message, "extensions": {"type": kind, "code": code}}))
        .expect("an error can be read")
}

#[test]
fn an_error_is_classified_by_message_then_type_then_code() {
    use ErrorKind::{
        Authentication, Conflict, Forbidden, NotFound, RateLimited, Refused, Unclear, UsageLimit,
    };
    for (message, kind, code, expected) in [
        ("conflict on insert of Issue", Some("invalid input"), Some("INPUT_ERROR"), Conflict),
        ("conflict on insert of Comment", None, None, Conflict),
        ("Entity not found: Issue", Some("invalid input"), Some("INPUT_ERROR"), NotFound),
        ("issue limit exceeded", Some("invalid input"), Some("INPUT_ERROR"), UsageLimit),
        ("Rate limit exceeded", Some("ratelimited"), Some("RATELIMITED"), RateLimited),
        ("Rate limit exceeded", None, Some("RATELIMITED"), RateLimited),
        ("x", Some("authentication error"), Some("AUTHENTICATION_ERROR"), Authentication),
        ("x", Some("forbidden"), None, Forbidden),
        ("x", Some("feature not accessible"), None, Forbidden),
        ("labelIds not exclusive child labels", Some("invalid input"), Some("INPUT_ERROR"), Refused),
        ("x", None, Some("GRAPHQL_VALIDATION_FAILED"), Refused),
        ("x", Some("Graphql Error"), None, Refused),
        ("x", Some("lock timeout"), Some("INPUT_ERROR"), Unclear),
        ("x", Some("internal error"), None, Unclear),
        ("x", Some("something new"), Some("INPUT_ERROR"), Refused),
        ("x", Some("something new"), Some("ALSO_NEW"), Unclear),
        ("x", None, None, Unclear),
    ] {
        assert_eq!(error(message, kind, code).kind(), expected, "{message} {kind:?} {code:?}");
    }
}

#[test]
fn people_read_linears_own_sentence_on_one_line() {
    let shown = |value| serde_json::from_value::<GraphQlError>(value).expect("readable").line();
    assert_eq!(
        shown(json!({"message": "m", "extensions": {"userPresentableMessage": "For\nyou"}})),
        "For you"
    );
    assert_eq!(shown(json!({"message": "m", "extensions": null})), "m");
    assert_eq!(shown(json!({"message": "", "path": null})), "no explanation");
    assert_eq!(shown(json!({"message": "x".repeat(9000)})).len(), LONGEST);
}

proptest! {
    #[test]
    fn any_error_is_read_and_classified_without_panicking(message in "\\PC*", kind in "\\PC*", code in "\\PC*") {
        let error = error(&message, Some(&kind), Some(&code));
        let _ = (error.kind(), error.line());
        let again: GraphQlError =
            serde_json::from_value(serde_json::to_value(&error).expect("writable")).expect("readable");
        prop_assert_eq!(again, error);
    }
}
