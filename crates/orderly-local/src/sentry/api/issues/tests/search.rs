use serde_json::json;

use super::world::{Event, World};

/// Five issues that differ in everything a search can ask for.
async fn shop() -> World {
    let world = World::start().await;
    let production = |module: &str| Event::error(module).with("environment", "production");
    for user in ["1", "2", "3"] {
        let event = production("cart").with("release", "shop@1.0.0").with("user", json!({"id": user}));
        world.send(event.with("tags", json!({"region": "eu"})).at(world.ago(30))).await;
    }
    world
        .send(
            production("cart")
                .with("release", "shop@1.1.0")
                .with("user", json!({"id": "1", "email": "ada@example.com"}))
                .with("tags", json!({"region": "us"}))
                .at(world.ago(2)),
        )
        .await;
    let pay = Event::error("pay").with("level", "fatal").with("environment", "staging");
    world.send(pay.with("release", "shop@1.1.0").with("logger", "billing").at(world.ago(1))).await;
    let handled = json!({"values": [{"type": "KeyError", "value": "bad login", "mechanism": {"handled": true, "type": "generic"}}]});
    let login = Event::error("login").with("exception", handled).with("transaction", "/login");
    world.send(login.with("level", "warning").at(world.ago(200))).await;
    let search = production("search").with("request", json!({"url": "https://shop.example/find?q=1"}));
    world
        .send_to(1, search.with("contexts", json!({"trace": {"trace_id": "a".repeat(32)}})).at(world.ago(3)))
        .await;
    world.send_to(1, Event::error("old").with("platform", "node").at(world.ago(24 * 20))).await;
    world
}

#[tokio::test]
async fn each_key_finds_the_issues_it_names() {
    let world = shop().await;
    world
        .put(
            &format!("/organizations/acme/issues/{}/", world.id("login").await),
            json!({"status": "resolved"}),
        )
        .await
        .ok();
    let search = world.id("search").await;
    world
        .put(&format!("/organizations/acme/issues/{search}/"), json!({"assignedTo": "me@nowhere"}))
        .await
        .refused(400);
    world
        .put(
            &format!("/organizations/acme/issues/{search}/"),
            json!({"assignedTo": "owner@localhost", "priority": "low"}),
        )
        .await
        .ok();
    let old = world.id("old").await;
    world
        .put(
            &format!("/organizations/acme/issues/{old}/"),
            json!({"status": "ignored", "substatus": "archived_until_escalating", "assignedTo": "#platform"}),
        )
        .await
        .ok();
    let cart_short = world.issue("cart").await["shortId"].as_str().unwrap().to_owned();
    let all = ["pay", "cart", "search", "login", "old"];
    let table: &[(&str, &[&str])] = &[
        ("", &all),
        ("is:unresolved", &["pay", "cart", "search"]),
        ("is:resolved", &["login"]),
        ("is:ignored", &["old"]),
        ("is:archived", &["old"]),
        ("is:archived_until_escalating", &["old"]),
        ("!is:archived_until_escalating", &["pay", "cart", "search", "login"]),
        ("is:new", &["pay", "cart", "search"]),
        ("is:regressed", &[]),
        ("is:[resolved, ignored]", &["login", "old"]),
        ("is:for_review", &["pay", "cart", "search"]),
        ("is:assigned", &["search", "old"]),
        ("is:unassigned", &["pay", "cart", "login"]),
        ("is:linked", &[]),
        ("is:unlinked", &all),
        ("assigned:me", &["search"]),
        ("assigned:owner@localhost", &["search"]),
        ("assigned:[me, #platform]", &["search", "old"]),
        ("assigned:my_teams", &["old"]),
        ("assigned:none", &["pay", "cart", "login"]),
        ("issue.priority:high", &["pay", "cart", "old"]),
        ("issue.priority:[low, medium]", &["search", "login"]),
        ("level:fatal", &["pay"]),
        ("!level:[fatal, warning]", &["cart", "search", "old"]),
        ("age:-4h", &["pay", "search"]),
        ("age:+7d", &["login", "old"]),
        ("firstSeen:-48h", &["pay", "cart", "search"]),
        ("lastSeen:+24h", &["login", "old"]),
        ("lastSeen:>2026-03-10T09:00:00 lastSeen:<2026-03-10T11:00:00", &["cart", "search"]),
        ("timesSeen:>3", &["cart"]),
        ("timesSeen:1", &["pay", "search", "login", "old"]),
        ("userCount:>=3", &["cart"]),
        ("release:shop@1.0.0", &["cart"]),
        ("release:shop@1.1.0", &["pay", "cart"]),
        ("release:latest", &["pay", "cart"]),
        ("!release:shop@1.0.0", &all),
        ("!release:shop@1.1.0", &["cart", "search", "login", "old"]),
        ("release:\"\"", &["search", "login", "old"]),
        ("release:shop@1.*", &["pay", "cart"]),
        ("firstRelease:shop@1.1.0", &["pay"]),
        ("firstRelease:latest", &["pay"]),
        ("has:release", &["pay", "cart"]),
        ("!has:release", &["search", "login", "old"]),
        ("environment:production", &["cart", "search"]),
        ("environment:[staging, production]", &["pay", "cart", "search"]),
        ("!environment:production", &["pay", "login", "old"]),
        ("project:frontend", &["search", "old"]),
        ("!project:frontend", &["pay", "cart", "login"]),
        ("error.type:KeyError", &["login"]),
        ("error.type:[KeyError, ValueError] is:unresolved", &["pay", "cart", "search"]),
        ("!error.type:ValueError", &["login"]),
        ("error.value:\"bad pay\"", &["pay"]),
        ("error.value:*ar*", &["cart", "search"]),
        ("error.unhandled:true", &["pay", "cart", "search", "old"]),
        ("error.handled:true", &["login"]),
        ("stack.filename:shop/pay.py", &["pay"]),
        ("stack.filename:flask/*", &["pay", "cart", "search", "old"]),
        ("stack.module:shop.cart", &["cart"]),
        ("stack.function:run_pay", &["pay"]),
        ("transaction:/login", &["login"]),
        ("platform:node", &["old"]),
        ("logger:billing", &["pay"]),
        ("title:\"ValueError: bad cart\"", &["cart"]),
        ("title:*bad*", &all),
        ("message:CART", &["cart"]),
        ("bad car", &["cart"]),
        ("\"bad cart\"", &["cart"]),
        ("user.id:2", &["cart"]),
        ("user.email:ada@example.com", &["cart"]),
        ("user:\"id:3\"", &["cart"]),
        ("region:us", &["cart"]),
        ("!region:us", &all),
        ("has:region", &["cart"]),
        ("!has:region", &["pay", "search", "login", "old"]),
        ("region:\"\"", &["pay", "search", "login", "old"]),
        ("tags[region]:us", &["cart"]),
        ("url:https://shop.example/find", &["search"]),
        ("handled:yes", &["login"]),
        ("trace:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &["search"]),
        ("assigned_or_suggested:me", &["search"]),
        ("is:unresolved level:error !environment:staging region:eu", &["cart"]),
        (&format!("issue:{cart_short}"), &["cart"]),
        (&format!("issue:[{cart_short}, NOPE-1]"), &["cart"]),
    ];
    for (query, expected) in table {
        assert_eq!(world.found(query).await, *expected, "{query}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_search_that_cannot_be_run_is_a_400_that_says_why() {
    let world = shop().await;
    for (query, part) in [
        ("is:unresolved OR is:resolved", "no OR"),
        ("(is:unresolved)", "parentheses"),
        ("regoin:eu", "Did you mean `region`?"),
        ("levle:error", "Did you mean `level`?"),
        ("has:regio", "Did you mean `region`?"),
        ("timesSeen:lots", "whole number"),
        ("is:awake", "expected a status"),
        ("title:\"open", "not closed"),
    ] {
        let detail = world.list(&[("query", query)]).await.refused(400);
        assert!(detail.contains(part), "{query}: {detail}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_suggested_owner_is_found_by_rule_while_nobody_is_assigned() {
    let world = shop().await;
    let rules = "path:shop/* #platform\npath:shop/pay.py owner@localhost\n";
    world.put("/projects/acme/backend/ownership/", json!({"raw": rules})).await.ok();
    assert_eq!(world.found("assigned_or_suggested:me").await, ["pay"]);
    assert_eq!(world.found("assigned_or_suggested:#platform").await, ["cart"]);
    assert_eq!(world.found("assigned_or_suggested:none").await, ["search", "login", "old"]);
    let cart = world.id("cart").await;
    world.put(&format!("/organizations/acme/issues/{cart}/"), json!({"assignedTo": "owner"})).await.ok();
    assert_eq!(world.found("assigned_or_suggested:[me, #platform]").await, ["pay", "cart"]);

    let shown = world.list(&[("query", "is:unresolved"), ("expand", "owners")]).await.ok();
    let pay = shown.as_array().unwrap().iter().find(|issue| issue["metadata"]["value"] == "bad pay").unwrap();
    assert_eq!(pay["owners"][0]["type"], "ownershipRule");
    assert_eq!(pay["owners"][0]["owner"], "user:1");
    world.stop().await;
}
