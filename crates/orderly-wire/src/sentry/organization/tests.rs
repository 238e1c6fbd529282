use super::*;
use serde_json::json;

#[test]
fn the_root_is_read_with_and_without_a_token() {
    let root: ApiRoot = serde_json::from_value(json!({
        "version": "0", "auth": {"scopes": ["event:read", "org:read"]},
        "user": {"id": 5, "name": "Ada", "email": "ada@example.com", "username": "ada"}
    }))
    .expect("it can be read");
    assert_eq!(root.auth.expect("there is a token").scopes, ["event:read", "org:read"]);
    assert_eq!(root.user.expect("there is a user").id, "5");

    let root: ApiRoot =
        serde_json::from_value(json!({"version": "0", "auth": null, "user": null})).expect("readable");
    assert_eq!(root, ApiRoot { version: "0".into(), ..ApiRoot::default() });
}

#[test]
fn what_surrounds_issues_needs_only_its_names() {
    let organization: Organization = serde_json::from_value(json!({"slug": "acme"})).expect("readable");
    assert_eq!(organization.links.region_url, "");
    let project: Project =
        serde_json::from_value(json!({"id": 1, "slug": "api", "platform": null})).expect("readable");
    assert_eq!((project.id.as_str(), project.platform), ("1", None));
    let member: Member =
        serde_json::from_value(json!({"id": "1", "email": "a@b", "user": null})).expect("readable");
    assert_eq!((member.email.as_deref(), member.user), (Some("a@b"), None));
    let team: Team = serde_json::from_value(json!({"id": "1", "slug": "core"})).expect("readable");
    assert_eq!(team.slug, "core");
    let environment: Environment =
        serde_json::from_value(json!({"id": "1", "name": "prod"})).expect("readable");
    assert_eq!(environment.name, "prod");
}
