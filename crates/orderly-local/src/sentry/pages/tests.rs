//! The pages over real HTTP: who may see them, what they say, what they do with hostile text.

use axum::http::StatusCode;
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use serde_json::json;

use crate::sentry::ingest::tests::world::{Event, World};

struct Page {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

async fn asked(request: reqwest::RequestBuilder) -> Page {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Page { status, headers, text: response.text().await.unwrap() }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn see(world: &World, path: &str) -> Page {
    let url = format!("{}{path}", world.servers.ready().sentry.url);
    asked(client().get(url).bearer_auth(&world.servers.ready().sentry.token)).await
}

#[tokio::test]
async fn the_printed_link_opens_the_pages_and_nothing_else_does() {
    let world = World::start().await;
    let base = &world.servers.ready().sentry.url;
    for path in ["/", "/issues/", "/organizations/acme/issues/1/", "/releases/", "/backlog/"] {
        let closed = asked(client().get(format!("{base}{path}"))).await;
        assert_eq!(closed.status, 401, "{path}");
        assert!(closed.text.contains("orderly local"));
        let wrong = client().get(format!("{base}{path}")).header("cookie", "orderly_pages=0");
        assert_eq!(asked(wrong).await.status, 401, "{path}");
    }
    let wrong = asked(client().get(format!("{base}/enter/{}/", "0".repeat(64)))).await;
    assert_eq!((wrong.status.as_u16(), wrong.headers.get(SET_COOKIE)), (401, None));
    let entered = asked(client().get(world.servers.pages_link())).await;
    assert_eq!((entered.status.as_u16(), entered.headers[LOCATION].to_str().unwrap()), (303, "/issues/"));
    let cookie = entered.headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    let open = asked(client().get(format!("{base}/issues/")).header("cookie", format!("a=b; {pair}"))).await;
    assert_eq!(open.status, 200);
    // The cookie is for pages: the web API wants its token.
    let api = client().get(format!("{base}/api/0/organizations/")).header("cookie", pair);
    assert_eq!(asked(api).await.status, 401);
    let form = |token: &str| client().post(format!("{base}/enter/")).body(format!("token={token}"));
    assert_eq!(asked(form("wrong")).await.status, 401);
    assert_eq!(asked(form(&world.servers.ready().sentry.token)).await.status, 303);
    let foreign = form(&world.servers.ready().sentry.token).header("origin", "https://evil.example");
    assert_eq!(asked(foreign).await.status, 403);
    world.stop().await;
}

#[tokio::test]
async fn hostile_text_stays_text_and_no_script_is_allowed() {
    let world = World::start().await;
    let attack = "<script>alert(1)</script>\" onload=\"x\u{202e}";
    let mut event = Event::error("cart")
        .with("transaction", attack)
        .release("shop@1.0.0")
        .with("tags", json!({"evil": attack}));
    event.0["exception"]["values"][0]["value"] = attack.into();
    event.0["exception"]["values"][0]["stacktrace"]["frames"][1]["context_line"] = attack.into();
    world.send(&event).await;
    for path in [
        "/issues/",
        "/organizations/acme/issues/1/",
        "/releases/",
        "/backlog/",
        "/issues/?query=%3Cscript%3E",
    ] {
        let page = see(&world, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.text.contains("<script") && !page.text.contains('\u{202e}'), "{path}: {}", page.text);
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
    }
    let issue = see(&world, "/organizations/acme/issues/1/").await.text;
    assert!(issue.contains("&lt;script&gt;alert(1)") && issue.contains("shop/cart.py"), "{issue}");
    world.stop().await;
}

#[tokio::test]
async fn a_search_finds_is_refused_with_its_reason_and_leads_to_the_next_page() {
    let world = World::start().await;
    for number in 0..60 {
        let event = Event::error("cart").with("fingerprint", vec![format!("{number}")]).user(number);
        world.send(&event.release("shop@1.0.0")).await;
    }
    world.send(&Event::error("payment")).await;
    let all = see(&world, "/issues/").await.text;
    assert!(
        all.contains("ValueError: bad payment") && all.contains("page=1") && !all.contains("rel=\"prev\"")
    );
    let rest = see(&world, "/issues/?page=1").await.text;
    assert_eq!(rest.matches("class=\"title\"").count(), 11);
    let found = see(&world, "/issues/?query=payment&sort=freq").await.text;
    assert_eq!(found.matches("class=\"title\"").count(), 1);
    let refused = see(&world, "/issues/?query=nonsense%3Akey").await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("role=\"alert\"") && refused.text.contains("nonsense:key"));
    assert_eq!(see(&world, "/organizations/acme/issues/999/").await.status, 404);
    let releases = see(&world, "/releases/").await.text;
    assert!(releases.contains("shop@1.0.0") && releases.contains(">60<"), "{releases}");
    assert!(see(&world, "/backlog/").await.text.contains("61 open in"));
    world.stop().await;
}
