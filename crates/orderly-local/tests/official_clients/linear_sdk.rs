//! `@linear/sdk` against the tracker: the calls a team's own program makes, and the lazy follow-ups behind them.

use std::path::Path;

use serde_json::json;

use crate::client::{Client, folder, installed};
use crate::world::World;

#[tokio::test]
async fn the_linear_sdk_creates_links_moves_finds_and_classifies_errors() {
    let world = World::empty().await;
    installed("node_modules/@linear/sdk/package.json");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/linear_sdk.mjs");
    let tracker = &world.servers.ready().tracker;
    let outcome = Client::new("node", &[&script.display().to_string()])
        .with("CLIENTS", &folder().display().to_string())
        .with("LINEAR_URL", &tracker.url)
        .with("LINEAR_API_KEY", &tracker.token)
        .run(&[])
        .await
        .success();
    let seen = outcome.json();
    assert_eq!(
        seen["workspace"],
        json!({
            "viewer": { "isMe": true, "teams": 0, "organization": "acme" },
            "organization": { "urlKey": "acme", "projectStatuses": 0 },
            "team": { "key": "PLAT", "triageEnabled": true, "createdAt": true },
            "states": ["backlog", "canceled", "completed", "duplicate", "started", "started", "triage", "unstarted"],
            "labels": ["bug", "sentry"],
            "members": 2,
            "triage": "Triage",
            "empty": [0, 0, 0],
            "limits": ["complexity", "requests"],
            "lists": { "workflowStates": 8, "issueLabels": 1, "users": 3 },
        })
    );
    let id = "5d6c1f0e-7a8b-4c9d-8e0f-1a2b3c4d5e6f";
    let base = tracker.url.trim_end_matches("/graphql");
    let creating = &seen["creating"];
    assert_eq!(
        creating["issue"],
        json!({
            "id": id, "identifier": "PLAT-1", "number": 1, "title": "TypeError: x",
            "description": "[e](<https://x/1>)", "priority": 2, "priorityLabel": "High",
            "url": format!("{base}/acme/issue/PLAT-1/typeerror-x"), "labelIds": 1, "createdAt": true,
            "completedAt": null, "reactions": 0,
        })
    );
    assert_eq!(creating["success"], true);
    assert_eq!(creating["state"], "triage");
    assert_eq!(creating["team"], "PLAT");
    assert_eq!(creating["creator"], true);
    assert_eq!(creating["assignee"], json!(null));
    assert_eq!(creating["labels"], json!(["bug"]));
    assert_eq!(creating["byIdentifier"], id);
    assert_eq!(creating["again"]["class"], "InvalidInputLinearError");
    assert_eq!(creating["again"]["type"], "InvalidInput");
    assert_eq!(creating["again"]["first"], format!("Entity Issue with id {id} already exists."));
    assert_eq!(
        seen["linking"],
        json!({
            "metadata": { "events": 3 },
            "sameId": true,
            "changed": { "title": "API-7 again", "subtitle": "more", "metadata": {} },
            "linked": "plain",
            "found": ["PLAT-1"],
            "ofIssue": 2,
            "filtered": 1,
        })
    );
    assert_eq!(
        seen["talking"],
        json!({ "body": "new evidence", "updated": "newer evidence", "user": true, "issue": "PLAT-1",
                "ofIssue": ["newer evidence"] })
    );
    assert_eq!(
        seen["moving"],
        json!({ "title": "changed", "state": "completed", "completed": true, "archived": true, "hidden": [],
                "shown": ["PLAT-1"], "restored": null, "history": true })
    );
    assert_eq!(
        seen["relating"],
        json!({ "type": "duplicate", "ends": ["PLAT-2", "PLAT-1"], "state": "duplicate", "relations": 1, "inverse": 1,
                "moved": true, "former": 1 })
    );
    let titles: Vec<_> = (0..5).rev().map(|number| format!("kaleidoscope {number}")).collect();
    assert_eq!(
        seen["finding"],
        json!({ "pages": [2, 4, 5], "titles": titles, "search": { "total": 5, "shown": 3, "more": true },
                "semantic": ["kaleidoscope", "kaleidoscope"], "byIds": ["PLAT-1"], "nothing": [] })
    );
    for (failure, class) in [
        (&seen["failing"]["missing"], "InvalidInputLinearError"),
        (&seen["failing"]["pageTooLarge"], "InvalidInputLinearError"),
        (&seen["failing"]["badFilter"], "InvalidInputLinearError"),
        (&seen["failing"]["stranger"], "AuthenticationLinearError"),
        (&seen["exhausting"], "RatelimitedLinearError"),
    ] {
        assert_eq!(failure["class"], class, "{failure}");
    }
    // The SDK asks for fields of products that the tracker does not have: all of them below the root.
    assert!(!world.servers.tracker().dropped_fields().is_empty());
    world.stop().await;
}
