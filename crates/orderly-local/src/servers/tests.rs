use jiff::SignedDuration;
use serde_json::{Value, json};

use super::*;
use crate::store::DataLocation;

fn client() -> reqwest::Client {
    // An error means that another test of this process was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

#[tokio::test]
async fn the_ready_line_has_exactly_the_documented_shape() {
    let servers = LocalServers::start(LocalConfig::default()).await.unwrap();
    let ready = serde_json::to_value(servers.ready()).unwrap();
    let keys = |value: &Value| {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort_unstable();
        keys
    };
    assert_eq!(keys(&ready), ["sentry", "tracker"]);
    assert_eq!(keys(&ready["sentry"]), ["org", "projects", "token", "url"]);
    assert_eq!(keys(&ready["sentry"]["projects"][0]), ["dsn", "id", "slug"]);
    assert_eq!(keys(&ready["tracker"]), ["team", "token", "url"]);
    assert_eq!(ready["sentry"]["projects"].as_array().unwrap().len(), 2);
    assert!(ready["tracker"]["url"].as_str().unwrap().ends_with("/graphql"));
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn both_sides_answer_the_credentials_of_the_ready_line() {
    let servers = LocalServers::start(LocalConfig::default()).await.unwrap();
    let Ready { sentry, tracker } = servers.ready().clone();
    let http = client();
    let organizations: Value = http
        .get(format!("{}/api/0/organizations/", sentry.url))
        .bearer_auth(&sentry.token)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(organizations[0]["slug"], "acme");
    let teams: Value = http
        .post(&tracker.url)
        .header("authorization", &tracker.token)
        .json(&json!({"query": "{ teams { nodes { key } } }"}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(teams["data"]["teams"]["nodes"][0]["key"], "PLAT");
    assert_eq!(servers.sentry_knobs().request_count(), 1);
    assert_eq!(servers.tracker_knobs().request_count(), 1);
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn a_foreign_host_name_is_refused_on_every_route() {
    let servers = LocalServers::start(LocalConfig::default()).await.unwrap();
    let Ready { sentry, tracker } = servers.ready().clone();
    let http = client();
    for url in [
        format!("{}/api/0/organizations/", sentry.url),
        format!("{}/api/1/envelope/", sentry.url),
        tracker.url,
    ] {
        let answer = http.post(&url).header("host", "rebound.example.com").send().await.unwrap();
        assert_eq!(answer.status(), 403, "{url}");
    }
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn ids_keys_and_tokens_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataLocation::Dir(dir.path().join("data"));
    let config = || LocalConfig { data: data.clone(), ..LocalConfig::default() };
    let first = LocalServers::start(config()).await.unwrap();
    let before = first.ready().clone();
    let in_use = LocalServers::start(config()).await.unwrap_err();
    assert!(matches!(in_use, LocalError::InUse { .. }), "{in_use}");
    first.stop().await.unwrap();

    let more = vec!["backend".to_owned(), "mobile".to_owned()];
    let second = LocalServers::start(LocalConfig { projects: more, ..config() }).await.unwrap();
    let after = second.ready().clone();
    assert_eq!(after.sentry.token, before.sentry.token);
    assert_eq!(after.tracker.token, before.tracker.token);
    let slugs: Vec<&str> = after.sentry.projects.iter().map(|project| project.slug.as_str()).collect();
    assert_eq!(slugs, ["backend", "frontend", "mobile"]);
    let key = |ready: &Ready| ready.sentry.projects[0].dsn.split('@').next().unwrap().to_owned();
    assert_eq!(key(&after), key(&before));
    second.stop().await.unwrap();

    let other = LocalServers::start(LocalConfig { org: "globex".to_owned(), ..config() }).await.unwrap_err();
    assert!(other.to_string().contains("another organization"), "{other}");
}

#[tokio::test]
async fn an_acknowledged_event_survives_servers_that_are_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let config = || LocalConfig { data: DataLocation::Dir(dir.path().to_owned()), ..LocalConfig::default() };
    let servers = LocalServers::start(config()).await.unwrap();
    let dsn: orderly_wire::sentry::dsn::Dsn = servers.ready().sentry.projects[0].dsn.parse().unwrap();
    let event = "{}\n{\"type\":\"event\"}\n{\"message\":\"hi\"}\n";
    let request =
        client().post(dsn.envelope_url()).header("x-sentry-auth", dsn.auth_header("test/1")).body(event);
    assert_eq!(request.send().await.unwrap().status(), 200);
    drop(servers);

    let servers = LocalServers::start(config()).await.unwrap();
    let events: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM event").fetch_one(servers.pool()).await.unwrap();
    assert_eq!(events, 1);
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn a_taken_port_is_an_error_that_names_it() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error =
        LocalServers::start(LocalConfig { tracker_port: port, ..LocalConfig::default() }).await.unwrap_err();
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

#[tokio::test]
async fn stopping_does_not_wait_for_idle_connections_or_slow_answers() {
    let servers = LocalServers::start(LocalConfig::default()).await.unwrap();
    let url = format!("{}/api/0/", servers.ready().sentry.url);
    let http = client();
    http.get(&url).send().await.unwrap();
    servers.sentry_knobs().set_latency(std::time::Duration::from_secs(3600));
    let slow = tokio::spawn(http.get(&url).send());
    while servers.sentry_knobs().in_flight() == 0 {
        tokio::task::yield_now().await;
    }
    let started = std::time::Instant::now();
    servers.stop().await.unwrap();
    assert!(SignedDuration::try_from(started.elapsed()).unwrap() < SignedDuration::from_secs(60));
    slow.abort();
}
