//! The Rust SDK, unmodified, against the running server.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::world::World;

#[derive(Debug)]
struct OutOfStock {
    article: u32,
}

impl std::fmt::Display for OutOfStock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "article {} is out of stock", self.article)
    }
}

impl std::error::Error for OutOfStock {}

#[tokio::test]
async fn errors_and_messages_of_the_rust_sdk_arrive_grouped() {
    let world = World::start().await;
    world.servers.clock().reset();
    let dsn = world.project().dsn.clone();
    tokio::task::spawn_blocking(move || {
        let mut options = sentry::ClientOptions::default();
        options.dsn = Some(dsn.parse().unwrap());
        options.release = Some("shop@2.0.0".into());
        options.environment = Some("production".into());
        let client = Arc::new(sentry::Client::from(sentry::apply_defaults(options)));
        let hub = sentry::Hub::new(Some(client.clone()), Arc::new(sentry::Scope::default()));
        sentry::Hub::run(Arc::new(hub), || {
            sentry::configure_scope(|scope| {
                scope.set_tag("tenant", "blue");
                scope.set_user(Some(sentry::User { id: Some("7".into()), ..Default::default() }));
            });
            for article in 1..=3 {
                sentry::capture_error(&OutOfStock { article });
            }
            sentry::capture_message("stock is low", sentry::Level::Warning);
        });
        assert!(client.flush(Some(Duration::from_secs(30))), "everything was sent in time");
    })
    .await
    .unwrap();

    let issues = world
        .rows("SELECT title, kind, level, priority, times_seen, user_count FROM issue ORDER BY id")
        .await;
    assert_eq!(
        issues,
        [
            json!({"title": "OutOfStock: article 3 is out of stock", "kind": "error", "level": "error",
                   "priority": "high", "times_seen": 3, "user_count": 1}),
            json!({"title": "stock is low", "kind": "default", "level": "warning",
                   "priority": "medium", "times_seen": 1, "user_count": 1}),
        ]
    );
    assert_eq!(world.count("SELECT COUNT(*) FROM release WHERE version = 'shop@2.0.0'").await, 1);
    let tag = |sql| world.count(sql);
    assert_eq!(
        tag("SELECT times_seen FROM issue_tag WHERE issue_id = 1 AND key = 'tenant' AND value = 'blue'")
            .await,
        3
    );
    assert_eq!(tag("SELECT COUNT(*) FROM issue_tag WHERE issue_id = 1 AND key = 'os.name'").await, 1);
    world.stop().await;
}
