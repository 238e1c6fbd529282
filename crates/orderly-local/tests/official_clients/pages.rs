//! The pages for people in headless Chromium, without scripts, by keyboard, in light and dark; screenshots are kept in
//! `target/screenshots`.

use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Client, folder, installed};
use crate::world::World;

#[tokio::test]
async fn a_person_finds_an_issue_its_stack_its_release_and_the_backlog_by_keyboard_and_without_scripts() {
    installed("node_modules/playwright-core/package.json");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shots = root.join("target/screenshots");
    std::fs::create_dir_all(&shots).unwrap();
    let world = World::with_issues().await;
    let script = root.join("tests/clients/pages.mjs");
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let client = Client::new("node", &[&script.display().to_string()])
        .with("CLIENTS", &folder().display().to_string())
        .with("LINK", world.servers.pages_link())
        .with("SHOTS", &shots.display().to_string())
        .with("CHROMIUM", &chromium);
    let said = client.run(&[]).await.success().json();
    let expected = |background: &str| {
        json!({
            "problems": [],
            "entered": "/issues/",
            "firstStop": "#content",
            "issue": "PaymentError: card declined",
            "source": "    raise PaymentError(\"card declined\")",
            "trend": "2 events in 24 hours, at most 2 at a time",
            "found": ["CartError: cart is empty"],
            "releases": "shop@1.0.0",
            "backlog": 2,
            "background": background,
        })
    };
    let mut light: Value = said["light"].clone();
    // Whatever the browser paints by itself is light enough.
    light["background"] = Value::from("");
    assert_eq!(light, expected(""));
    assert_eq!(said["dark"], expected("rgb(21, 24, 29)"));
    for name in ["issues", "issue", "releases", "backlog"] {
        let shot = shots.join(format!("{name}-dark.png"));
        assert!(std::fs::metadata(&shot).unwrap().len() > 5_000, "{}", shot.display());
    }
    world.stop().await;
}
