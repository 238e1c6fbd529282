use serde_json::{Value, json};

use crate::servers::{LocalConfig, LocalServers};

/// Servers that took one event with a frame in `shop/cart.py` of release `1.0.0`, and a client.
struct Shop {
    servers: LocalServers,
    http: reqwest::Client,
}

impl Shop {
    async fn open(commits: Value) -> Shop {
        // An error means that another test of this process was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let servers = LocalServers::start(LocalConfig::default()).await.unwrap();
        let shop = Shop { servers, http: reqwest::Client::new() };
        let release = json!({"version": "1.0.0", "projects": ["backend"], "commits": commits});
        let sentry = &shop.servers.ready().sentry;
        let url = format!("{}/api/0/organizations/acme/releases/", sentry.url);
        shop.http.post(url).bearer_auth(&sentry.token).json(&release).send().await.unwrap();
        let frame = json!({"filename": "shop/cart.py", "function": "add", "in_app": true});
        let event = json!({
            "event_id": "a".repeat(32),
            "release": "1.0.0",
            "exception": {"values": [{"type": "E", "value": "v", "stacktrace": {"frames": [frame]}}]},
        });
        let key = sentry.projects[0].dsn.trim_start_matches("http://").split('@').next().unwrap();
        let url =
            format!("{}/api/{}/store/?sentry_version=7&sentry_key={key}", sentry.url, sentry.projects[0].id);
        let stored = shop.http.post(url).json(&event).send().await.unwrap();
        assert_eq!(stored.status(), 200);
        shop
    }

    async fn committers(&self, event: &str) -> (u16, Value) {
        let sentry = &self.servers.ready().sentry;
        let url = format!("{}/api/0/projects/acme/backend/events/{event}/committers/", sentry.url);
        let answer = self.http.get(url).bearer_auth(&sentry.token).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

#[tokio::test]
async fn the_author_of_a_commit_that_touched_a_frame_is_a_suspect() {
    let shop = Shop::open(json!([
        {"id": "bbb", "repository": "acme/shop", "author_email": "TOM@localhost", "author_name": "Tom",
         "patch_set": [{"path": "src/shop/cart.py", "type": "M"}]},
        {"id": "aaa", "repository": "acme/shop", "author_email": "mina@localhost", "author_name": "Mina",
         "patch_set": [{"path": "docs/shop/art.py", "type": "A"}]},
    ]))
    .await;
    let dashed = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
    let (status, body) = shop.committers(dashed).await;
    assert_eq!(status, 200);
    let committers = body["committers"].as_array().unwrap();
    assert_eq!(committers.len(), 1, "{body}");
    assert_eq!(committers[0]["author"]["email"], "tom@localhost");
    assert_eq!(
        (&committers[0]["commits"][0]["id"], &committers[0]["commits"][0]["score"]),
        (&json!("bbb"), &json!(1))
    );
    shop.servers.stop().await.unwrap();
}

#[tokio::test]
async fn without_commits_or_event_there_is_nobody_to_suspect() {
    let shop = Shop::open(json!([])).await;
    let (status, body) = shop.committers(&"a".repeat(32)).await;
    assert_eq!((status, &body["detail"]), (404, &json!("No Commits found for Release")));
    assert_eq!(shop.committers(&"b".repeat(32)).await.0, 404);
    shop.servers.stop().await.unwrap();
}
