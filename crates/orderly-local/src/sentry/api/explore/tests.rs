//! Counts over time, releases' health and traces, sent as SDKs send them and asked as clients ask.

use serde_json::{Value, json};

use crate::clock::Clock;
use crate::servers::{LocalConfig, LocalServers};

struct World {
    servers: LocalServers,
    http: reqwest::Client,
}

impl World {
    /// Half past noon of a day, with two releases' errors, transactions and sessions in the hour before.
    async fn busy() -> World {
        // An error means that another test of this process was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::new();
        clock.set("2026-03-10T12:30:00Z".parse().unwrap());
        let servers = LocalServers::start(LocalConfig { clock, ..LocalConfig::default() }).await.unwrap();
        let world = World { servers, http: reqwest::Client::new() };
        for (id, minute, release, user) in
            [("a1", 5, "shop@1.0.0", "ada"), ("a2", 6, "shop@2.0.0", "bob"), ("a3", 55, "shop@2.0.0", "bob")]
        {
            world
                .send("event", &json!({
                    "event_id": format!("{id:0<32}"),
                    "timestamp": format!("2026-03-10T11:{minute:02}:00Z"),
                    "release": release,
                    "environment": "production",
                    "user": {"id": user},
                    "exception": {"values": [{"type": "PaymentError", "value": "card declined"}]},
                    "contexts": {
                        "trace": {"trace_id": "f".repeat(32), "span_id": "b".repeat(16)},
                        "flags": {"values": [{"flag": "new-checkout", "result": release == "shop@2.0.0"}]},
                    },
                }))
                .await;
        }
        for (id, milliseconds, status) in
            [("b1", 100, "ok"), ("b2", 200, "ok"), ("b3", 300, "internal_error")]
        {
            world
                .send("transaction", &json!({
                    "type": "transaction",
                    "event_id": format!("{id:0<32}"),
                    "transaction": "GET /checkout",
                    "release": "shop@2.0.0",
                    "start_timestamp": "2026-03-10T12:00:00Z",
                    "timestamp": format!("2026-03-10T12:00:00.{milliseconds}Z"),
                    "contexts": {"trace": {
                        "trace_id": "f".repeat(32), "span_id": format!("{id:a<16}"), "op": "http.server", "status": status,
                    }},
                    "spans": [{
                        "span_id": format!("{id:c<16}"), "parent_span_id": format!("{id:a<16}"),
                        "op": "db", "description": "SELECT 1", "data": {"db.system": "postgresql"},
                        "start_timestamp": "2026-03-10T12:00:00Z", "timestamp": "2026-03-10T12:00:00.050Z",
                    }],
                }))
                .await;
        }
        for (user, status) in [("ada", "exited"), ("bob", "crashed"), ("cem", "exited"), ("dan", "exited")] {
            world
                .send("session", &json!({
                    "sid": format!("{user:0<32}"), "did": user, "init": true, "status": status,
                    "started": "2026-03-10T12:00:00Z", "attrs": {"release": "shop@2.0.0", "environment": "production"},
                }))
                .await;
        }
        world
    }

    async fn send(&self, kind: &str, payload: &Value) {
        let ready = &self.servers.ready().sentry;
        let key = ready.projects[0].dsn.trim_start_matches("http://").split('@').next().unwrap();
        let url = format!("{}/api/{}/envelope/?sentry_key={key}", ready.url, ready.projects[0].id);
        let envelope = format!("{{}}\n{{\"type\":\"{kind}\"}}\n{payload}\n");
        let response = self.http.post(url).body(envelope).send().await.unwrap();
        assert!(response.status().is_success(), "{}", response.text().await.unwrap());
    }

    async fn ask(&self, path: &str, pairs: &[(&str, &str)]) -> (u16, Value) {
        let ready = &self.servers.ready().sentry;
        let url = format!("{}/api/0/organizations/acme/{path}", ready.url);
        let url = reqwest::Url::parse_with_params(&url, pairs).unwrap();
        let response = self.http.get(url).bearer_auth(&ready.token).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn get(&self, path: &str, pairs: &[(&str, &str)]) -> Value {
        let (status, body) = self.ask(path, pairs).await;
        assert_eq!(status, 200, "{body}");
        body
    }
}

#[tokio::test]
async fn rows_are_grouped_sorted_and_filtered() {
    let world = World::busy().await;
    let errors = [("dataset", "errors"), ("statsPeriod", "24h")];
    let ask = async |more: &[(&str, &str)]| {
        let pairs: Vec<_> = errors.iter().chain(more).copied().collect();
        world.get("events/", &pairs).await["data"].clone()
    };
    let by_release = ask(&[
        ("field", "release"),
        ("field", "count()"),
        ("field", "count_unique(user)"),
        ("sort", "-count"),
    ])
    .await;
    assert_eq!(
        by_release,
        json!([
            {"release": "shop@2.0.0", "count()": 2, "count_unique(user)": 1},
            {"release": "shop@1.0.0", "count()": 1, "count_unique(user)": 1},
        ])
    );
    let count = [("field", "count()")];
    for (query, expected) in [
        ("", 3),
        ("flags[\"new-checkout\"]:true", 2),
        ("!release:shop@2.0.0", 1),
        ("release:shop@1.0.0 OR user.id:bob", 3),
        ("(release:shop@1.0.0 OR user.id:bob) issue:BACKEND-1 error.type:[PaymentError, Other]", 3),
        ("timestamp:>=2026-03-10T11:30:00", 1),
        ("has:nothing", 0),
        ("declined", 3),
    ] {
        let found = ask(&[count[0], ("query", query)]).await;
        assert_eq!(found, json!([{"count()": expected}]), "{query}");
    }
    let large = ask(&[("field", "release"), count[0], ("query", "count():>1")]).await;
    assert_eq!(large, json!([{"release": "shop@2.0.0", "count()": 2}]));
    let (status, refused) = world.ask("events/", &[("field", "count()"), ("query", "(a:1")]).await;
    assert_eq!(status, 400, "{refused}");
    world.servers.stop().await.unwrap();
}

#[tokio::test]
async fn transactions_tell_percentiles_throughput_and_failures_and_their_slowest_spans() {
    let world = World::busy().await;
    let pairs = [
        ("dataset", "transactions"),
        ("start", "2026-03-10T12:00:00"),
        ("end", "2026-03-10T12:03:00"),
        ("field", "transaction"),
        ("field", "p50(transaction.duration)"),
        ("field", "p95()"),
        ("field", "failure_rate()"),
        ("field", "tpm()"),
    ];
    let found = world.get("events/", &pairs).await;
    let row = &found["data"][0];
    let near = |value: &Value, expected: f64| (value.as_f64().unwrap() - expected).abs() < 0.01;
    assert!(near(&row["p50(transaction.duration)"], 200.0), "{row}");
    assert!(
        near(&row["p95()"], 290.0) && near(&row["failure_rate()"], 1.0 / 3.0) && near(&row["tpm()"], 1.0),
        "{row}"
    );
    assert_eq!(found["meta"]["units"]["p95()"], "millisecond");
    let slowest = [
        ("dataset", "spans"),
        ("field", "span.description"),
        ("field", "span.duration"),
        (
            "query",
            "transaction:\"GET /checkout\" is_transaction:false db.system:postgresql span.duration:>=50ms",
        ),
        ("sort", "-span.duration"),
    ];
    let found = world.get("events/", &slowest).await;
    assert_eq!(found["data"].as_array().map(Vec::len), Some(3), "{found}");
    assert_eq!(
        (&found["data"][0]["span.description"], &found["data"][0]["span.duration"]),
        (&json!("SELECT 1"), &json!(50.0))
    );

    let trace = world.get(&format!("trace/{}/", "f".repeat(32)), &[]).await;
    let trace = trace.as_array().unwrap();
    let roots: Vec<&Value> = trace.iter().filter(|one| one["event_type"] == "span").collect();
    assert_eq!((roots.len(), trace.len()), (3, 6));
    assert!(roots.iter().all(|root| root["children"][0]["op"] == "db"), "{trace:?}");
    world.servers.stop().await.unwrap();
}

#[tokio::test]
async fn counts_over_time_are_zero_where_nothing_happened() {
    let world = World::busy().await;
    let period = [("start", "2026-03-10T11:00:00"), ("end", "2026-03-10T12:00:00"), ("interval", "30m")];
    let old = world.get("events-stats/", &period).await;
    let points: Vec<&Value> =
        old["data"].as_array().unwrap().iter().map(|point| &point[1][0]["count"]).collect();
    assert_eq!(points, [&json!(2), &json!(1)]);
    let top = [("topEvents", "1"), ("groupBy", "release"), ("yAxis", "count()"), ("sort", "-count()")];
    let pairs: Vec<_> = period.iter().chain(&top).copied().collect();
    let new = world.get("events-timeseries/", &pairs).await;
    let series = &new["timeSeries"][0];
    assert_eq!(series["groupBy"], json!([{"key": "release", "value": "shop@2.0.0"}]));
    let values: Vec<&Value> =
        series["values"].as_array().unwrap().iter().map(|point| &point["value"]).collect();
    assert_eq!(values, [&json!(1), &json!(1)]);
    let (status, _) = world.ask("events-stats/", &[("statsPeriod", "90d"), ("interval", "1s")]).await;
    assert_eq!(status, 400);
    world.servers.stop().await.unwrap();
}

#[tokio::test]
async fn sessions_and_users_are_crash_free_by_how_they_ended() {
    let world = World::busy().await;
    let pairs = [
        ("statsPeriod", "24h"),
        ("interval", "1d"),
        ("groupBy", "release"),
        ("field", "sum(session)"),
        ("field", "crash_free_rate(session)"),
        ("field", "crash_free_rate(user)"),
    ];
    let found = world.get("sessions/", &pairs).await;
    let group = &found["groups"][0];
    assert_eq!(group["by"]["release"], "shop@2.0.0");
    assert_eq!(
        group["totals"],
        json!({"sum(session)": 4, "crash_free_rate(session)": 0.75, "crash_free_rate(user)": 0.75})
    );
    let release = world.get("releases/shop@2.0.0/", &[("health", "1")]).await;
    let health = &release["projects"][0]["healthData"];
    assert_eq!((&health["crashFreeUsers"], &health["adoption"]), (&json!(75.0), &json!(100.0)), "{health}");
    let usage = world
        .get("stats_v2/", &[("field", "sum(quantity)"), ("groupBy", "category"), ("statsPeriod", "1d")])
        .await;
    let of = |category: &str| {
        let groups = usage["groups"].as_array().unwrap();
        groups
            .iter()
            .find(|group| group["by"]["category"] == category)
            .map(|group| group["totals"]["sum(quantity)"].clone())
    };
    assert_eq!(
        (of("error"), of("transaction"), of("span")),
        (Some(json!(3)), Some(json!(3)), Some(json!(6)))
    );
    world.servers.stop().await.unwrap();
}
