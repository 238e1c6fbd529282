use super::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn an_annotation_is_read_in_both_forms() {
    for (value, name, url) in [
        (json!({"displayName": "PLAT-1", "url": "https://l/PLAT-1"}), "PLAT-1", Some("https://l/PLAT-1")),
        (json!({"display_name": "PLAT-1", "url": ""}), "PLAT-1", None),
        (json!("<a href='https://l/?a=1&amp;amp;b'>PLAT-1</a>"), "PLAT-1", Some("https://l/?a=1&amp;b")),
        (json!("<a rel=\"noopener\" href=\"https://l\">one &amp; two</a> "), "one & two", Some("https://l")),
        (json!("plain"), "plain", None),
        (json!("<a href=https://l>x</a>"), "x", None),
        (json!("<a href=\""), "", None),
    ] {
        let annotation: Annotation = serde_json::from_value(value.clone()).expect("it is text or an object");
        assert_eq!((annotation.display_name.as_str(), annotation.url.as_deref()), (name, url), "{value}");
    }
    assert!(serde_json::from_value::<Annotation>(json!(5)).is_err());
}

#[test]
fn a_label_loses_the_servers_escaping_once() {
    let link = ExternalIssue { display_name: Some("A&amp;B#&lt;1&gt;".into()), ..ExternalIssue::default() };
    assert_eq!(link.label(), "A&B#<1>");
    let link = ExternalIssue { key: Some("K-1".into()), ..ExternalIssue::default() };
    assert_eq!(link.label(), "K-1");
}

#[test]
fn an_installation_is_read_as_the_organization_lists_it() {
    let installation: Installation = serde_json::from_value(json!({
        "app": {"uuid": "u", "slug": "orderly-3f2a", "sentryAppId": 4}, "organization": {"slug": "acme"},
        "uuid": "ab-cd", "status": "installed"
    }))
    .expect("it can be read");
    assert_eq!((installation.uuid.as_str(), installation.app.slug.as_str()), ("ab-cd", "orderly-3f2a"));
}

#[test]
fn a_new_link_is_written_with_the_keys_that_sentry_asks_for() {
    let new = NewExternalIssue {
        issue_id: 5,
        web_url: "u".into(),
        project: "PLAT".into(),
        identifier: "PLAT-1".into(),
    };
    let written = serde_json::to_value(&new).expect("it can be written");
    assert_eq!(written, json!({"issueId": 5, "webUrl": "u", "project": "PLAT", "identifier": "PLAT-1"}));
}

proptest! {
    #[test]
    fn any_html_is_read_without_panicking(html in "(<a href=['\"])?\\PC{0,40}") {
        let annotation = Annotation::from_html(&html);
        let written = serde_json::to_value(&annotation).expect("it can be written");
        prop_assert_eq!(serde_json::from_value::<Annotation>(written).expect("it can be read"), annotation);
    }
}
