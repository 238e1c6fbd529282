use super::*;
use serde_json::json;

fn installation(uuid: &str, slug: &str, status: &str) -> Installation {
    serde_json::from_value(json!({"uuid": uuid, "app": {"slug": slug, "uuid": "a"}, "status": status}))
        .expect("readable")
}

#[test]
fn our_own_app_is_used_and_never_another_vendors_unless_configured() {
    let installed =
        [installation("1", "linear", "installed"), installation("2", "orderly-3f2a", "installed")];
    let path = |installed: &[Installation], wanted| choose(installed, wanted, "https://sentry.io", "acme");
    let through = |uuid: &str, app: &str| LinkBackPath::Installation { uuid: uuid.into(), app: app.into() };
    assert_eq!(path(&installed, None), through("2", "orderly-3f2a"));
    assert_eq!(path(&installed, Some("linear")), through("1", "linear"));
    assert_eq!(path(&installed, Some("1")), through("1", "linear"));
    for (installed, wanted, expected) in [
        (&installed[..1], None, "developer-settings"),
        (&installed[..], Some("jira"), "sentry.link_app"),
        (&[installation("3", "orderly", "pending")][..], None, "developer-settings"),
        (&[], None, "internal integration named `orderly`"),
    ] {
        let LinkBackPath::Unavailable { step } = path(installed, wanted) else {
            panic!("no path for {wanted:?}")
        };
        assert!(step.contains(expected), "{step}");
    }
}

#[test]
fn one_address_is_told_once_with_the_app_that_holds_it() {
    let issue: Issue = serde_json::from_value(json!({
        "id": "1",
        "sentryAppIssues": [{"id": "1", "serviceType": "linear", "displayName": "PLAT#PLAT-1", "webUrl": "https://l/1"}],
        "annotations": [
            {"displayName": "PLAT#PLAT-1", "url": "https://l/1"},
            "<a href=\"https://github.com/a/b/issues/2\">a/b#2</a>",
            {"displayName": "JIRA-3", "url": ""}
        ],
        "integrationIssues": [{"id": "9", "key": "JIRA-3"}, {"id": "10", "key": "JIRA-4"}]
    }))
    .expect("readable");
    let told: Vec<(String, String, String)> = of_issue(&issue)
        .into_iter()
        .map(|l| (l.source, l.label.raw().clone(), l.url.raw().clone()))
        .collect();
    let expected = [
        ("linear", "PLAT#PLAT-1", "https://l/1"),
        ("annotation", "a/b#2", "https://github.com/a/b/issues/2"),
        ("annotation", "JIRA-3", ""),
        ("integration", "JIRA-4", ""),
    ];
    assert_eq!(told, expected.map(|(s, l, u)| (s.into(), l.into(), u.into())));
}
