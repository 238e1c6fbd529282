use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_permalink_leads_to_a_page_that_shows_the_issue_and_nothing_hostile_in_it() {
    let world = World::start().await;
    let issue = world
        .create_with(json!({
            "title": "<script>alert(1)</script> \"quoted\" \u{202e}reversed",
            "description": "</pre><img src=x onerror=alert(2)> ' & \u{7}",
        }))
        .await;
    let id = issue["id"].as_str().unwrap();
    world.attach(id, "javascript:alert(3)", "script link").await;
    world.attach(id, "https://sentry.example/issues/1/?a=1&b=\"2\"", "web <b>link</b>").await;
    world
        .data(
            "mutation($id: String!) { commentCreate(input: { issueId: $id, body: \"<i>comment</i>\" }) { success } }",
            json!({ "id": id }),
        )
        .await;
    let url = issue["url"].as_str().unwrap();
    let (status, headers, page) = world.get(url).await;
    assert_eq!(status, 200);
    for absent in ["<script", "<img", "<i>", "<b>", "href=\"javascript:", "\u{202e}", "\u{7}"] {
        assert!(!page.contains(absent), "{absent:?} in {page}");
    }
    for present in [
        "PLAT-1 &lt;script&gt;alert(1)&lt;/script&gt;",
        "&lt;/pre&gt;&lt;img",
        "&lt;i&gt;comment",
        "script link (javascript:alert(3))",
        "href=\"https://sentry.example/issues/1/?a=1&amp;b=&quot;2&quot;\"",
        "Triage",
    ] {
        assert!(page.contains(present), "{present:?} not in {page}");
    }
    assert!(headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(!page.contains(&world.key));

    let home = world.url.trim_end_matches("graphql").to_owned();
    let (status, _, list) = world.get(&home).await;
    assert_eq!(status, 200);
    assert!(list.contains(&format!("href=\"{url}\"")) && !list.contains("<script"), "{list}");
    assert_eq!(world.get(&format!("{home}acme/issue/PLAT-1")).await.0, 200);
    assert_eq!(world.get(&format!("{home}acme/issue/PLAT-9/gone")).await.0, 404);
}
