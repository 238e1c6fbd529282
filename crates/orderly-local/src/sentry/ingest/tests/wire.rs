//! Encodings, authentication, limits and refusals.

use std::io::Write;

use serde_json::json;

use super::world::{Answer, Event, World};

const ID: &str = "9ec79c33ec9942ab8353589fcb2e04dc";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    brotli::CompressorWriter::new(&mut packed, 4096, 4, 20).write_all(bytes).unwrap();
    packed
}

#[tokio::test]
async fn every_encoding_chunked_or_not_and_without_content_type_is_taken() {
    let world = World::start().await;
    let plain = || Event::error("cart").envelope();
    let bodies: [(Option<&str>, Vec<u8>); 6] = [
        (None, plain()),
        (Some("identity"), plain()),
        (Some("gzip"), gzip(&plain())),
        (Some("deflate"), zlib(&plain())),
        (Some("br"), brotli(&plain())),
        (Some("zstd"), zstd::bulk::compress(&plain(), 1).unwrap()),
    ];
    for (encoding, body) in &bodies {
        let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
            body.chunks(50).map(|piece| Ok(piece.to_vec())).collect();
        let chunked = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
        // The same event twice under one id: stored once.
        for body in [chunked, body.clone().into()] {
            let mut request = world.post(body);
            if let Some(encoding) = encoding {
                request = request.header("content-encoding", *encoding);
            }
            let answer = Answer::of(request).await;
            assert_eq!(answer.status, 200, "{encoding:?}: {}", answer.body);
            assert_eq!(answer.body["id"].as_str().unwrap().len(), 32);
        }
    }
    assert_eq!(world.count("SELECT COUNT(*) FROM event").await, 6);
    assert_eq!(world.count("SELECT times_seen FROM issue").await, 6);
    assert_eq!(world.count("SELECT quantity FROM outcome_hourly WHERE reason = 'duplicate'").await, 6);
    world.stop().await;
}

#[tokio::test]
async fn the_key_may_come_by_header_query_or_envelope() {
    let world = World::start().await;
    let body = Event::error("cart").envelope();
    let query = world.url(&format!("envelope/?sentry_version=7&sentry_key={}&sentry_client=x", world.key()));
    assert_eq!(Answer::of(world.http.post(query).body(body.clone())).await.status, 200);
    let with_dsn = format!(
        "{{\"event_id\":\"{ID}\",\"dsn\":\"{}\"}}\n{{\"type\":\"event\"}}\n{{\"message\":\"hi\"}}",
        world.project().dsn
    );
    let answer = Answer::of(world.http.post(world.url("envelope/")).body(with_dsn)).await;
    assert_eq!((answer.status, answer.body), (200, json!({"id": ID})));
    let bare = Answer::of(world.http.post(world.url("envelope/")).body(body)).await;
    assert_eq!(bare.status, 403);
    assert!(bare.detail().contains("missing authentication"), "{}", bare.body);
    world.stop().await;
}

#[tokio::test]
async fn unknown_disabled_and_foreign_keys_are_refused_with_a_reason() {
    let world = World::start().await;
    let body = || Event::error("cart").envelope();
    let with_key = |key: &str, project: &str| {
        let base = &world.servers.ready().sentry.url;
        world.http.post(format!("{base}/api/{project}/envelope/?sentry_key={key}")).body(body())
    };
    let refused = async |key: &str, project: &str| {
        let answer = Answer::of(with_key(key, project)).await;
        (answer.status, answer.detail().to_owned())
    };
    let key = world.key();
    assert_eq!(refused("nope", "1").await, (403, "unknown DSN key".to_owned()));
    let (status, detail) = refused(&key, "2").await;
    assert_eq!(status, 403, "{detail}");
    assert_eq!(refused(&key, "backend").await.0, 400);
    let disabled = World::start().await;
    disabled.run("UPDATE project_key SET is_active = 0").await;
    let answer = Answer::of(disabled.post(body())).await;
    assert_eq!((answer.status, answer.detail()), (403, "this DSN key is disabled"));
    disabled.stop().await;
    assert_eq!(world.count("SELECT COUNT(*) FROM event").await, 0);
    world.stop().await;
}

#[tokio::test]
async fn dashed_ids_and_the_old_store_endpoint_answer_the_plain_id() {
    let world = World::start().await;
    let dashed = "9ec79c33-ec99-42ab-8353-589fcb2e04dc";
    let answer = Answer::of(world.post(Event::error("cart").envelope_with_id(dashed))).await;
    assert_eq!(answer.body, json!({"id": ID}));
    let store = world.url(&format!("store/?sentry_key={}", world.key()));
    let event = json!({"event_id": "11111111111111111111111111111111", "message": {"message": "old %s", "params": ["one"]}});
    let answer = Answer::of(
        world.http.post(store).body(gzip(event.to_string().as_bytes())).header("content-encoding", "gzip"),
    )
    .await;
    assert_eq!(answer.body, json!({"id": "11111111111111111111111111111111"}));
    assert_eq!(
        world.count("SELECT COUNT(*) FROM issue WHERE title = 'old one' AND kind = 'default'").await,
        1
    );
    world.stop().await;
}

#[tokio::test]
async fn what_is_malformed_is_refused_with_a_clear_detail_and_leaves_nothing() {
    let world = World::start().await;
    let event = |payload: &str| format!("{{}}\n{{\"type\":\"event\"}}\n{payload}\n").into_bytes();
    let deep = format!("{{\"extra\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let truncated = {
        let mut packed = gzip(&Event::error("cart").envelope());
        packed.truncate(60);
        packed
    };
    let two = b"{}\n{\"type\":\"event\"}\n{}\n{\"type\":\"transaction\"}\n{}\n".to_vec();
    let big = event(&format!("{{\"message\":\"{}\"}}", "x".repeat(1 << 20)));
    for (body, encoding, status, detail) in [
        (b"".to_vec(), "", 400, "the envelope is empty"),
        (b"garbage".to_vec(), "", 400, "invalid envelope header"),
        (b"{}\n{\"type\":\"event\",\"length\":99}\n{}".to_vec(), "", 400, "item 0 announces 99 bytes"),
        (event("not json"), "", 400, "invalid JSON in the event"),
        (event("[]"), "", 400, "invalid JSON in the event"),
        (event(&deep), "", 400, "recursion limit"),
        (two, "", 400, "more than one event"),
        (truncated, "gzip", 400, "not valid gzip"),
        (b"{}".to_vec(), "br", 400, "not valid br"),
        (b"{}".to_vec(), "snappy", 415, "\"snappy\" is not supported"),
        (big, "", 413, "an item of type event is larger than 1048576 bytes"),
    ] {
        let answer = Answer::of(world.post(body).header("content-encoding", encoding)).await;
        assert_eq!(answer.status, status, "{detail}: {}", answer.body);
        assert!(answer.detail().contains(detail), "{detail}: {}", answer.body);
    }
    let get = Answer::of(world.http.get(world.url("envelope/"))).await;
    assert_eq!((get.status, get.header("allow")), (405, "POST, OPTIONS"));
    assert_eq!(world.count("SELECT COUNT(*) FROM event").await, 0);
    world.stop().await;
}

#[tokio::test]
async fn a_key_that_sends_too_much_is_told_how_long_to_wait() {
    let world = World::start().await;
    world.run("UPDATE project_key SET rate_limit_count = 2, rate_limit_window = 3600").await;
    world.send_times(&Event::error("cart"), 2).await;
    let limited = Answer::of(world.post(Event::error("cart").envelope())).await;
    assert_eq!(limited.status, 429);
    let wait: u64 = limited.header("retry-after").parse().unwrap();
    assert!((1..=1800).contains(&wait), "{wait}: the window ends at one o'clock");
    let limits = limited.header("x-sentry-rate-limits");
    assert!(limits.ends_with(":error;default;security:key:key_quota"), "{limits}");

    // What is not an event goes through, and says that events would not.
    let session = json!({"sid": "1", "init": true, "started": "2026-03-10T12:00:00Z", "status": "ok",
        "attrs": {"release": "1.0.0", "environment": "production"}});
    let only_session = format!("{{}}\n{{\"type\":\"session\"}}\n{session}\n");
    assert_eq!(Answer::of(world.post(only_session.clone())).await.status, 200);
    let mixed = [Event::error("cart").envelope(), only_session.into_bytes()[3..].to_vec()].concat();
    let mixed = Answer::of(world.post(mixed)).await;
    assert_eq!(mixed.status, 200);
    assert!(!mixed.header("x-sentry-rate-limits").is_empty());

    assert_eq!(world.count("SELECT COUNT(*) FROM event").await, 2);
    assert_eq!(world.count("SELECT quantity FROM outcome_hourly WHERE outcome = 'rate_limited'").await, 2);
    world.servers.clock().advance(jiff::SignedDuration::from_mins(31));
    world.send(&Event::error("cart")).await;
    world.stop().await;
}

#[tokio::test]
async fn browsers_may_send_from_any_page() {
    let world = World::start().await;
    let preflight = world.http.request(reqwest::Method::OPTIONS, world.url("envelope/"));
    let answer = Answer::of(preflight.header("origin", "https://shop.example.com")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("access-control-allow-headers").contains("x-sentry-auth"));
    let sent =
        Answer::of(world.post(Event::error("cart").envelope()).header("origin", "https://shop.example.com"))
            .await;
    assert_eq!(sent.header("access-control-allow-origin"), "*");
    assert!(sent.header("access-control-expose-headers").contains("x-sentry-rate-limits"));
    // The web API is not for pages.
    let api = format!("{}/api/0/organizations/", world.servers.ready().sentry.url);
    let api = Answer::of(world.http.get(api).header("origin", "https://shop.example.com")).await;
    assert_eq!(api.header("access-control-allow-origin"), "");
    world.stop().await;
}

#[tokio::test]
async fn everything_else_an_envelope_carries_is_kept_counted_or_skipped() {
    let world = World::start().await;
    world.send(&Event::error("cart")).await;
    let event = format!("{{\"event_id\":\"{ID}\"}}\n{{\"type\":\"event\"}}\n{{\"message\":\"hi\"}}\n");
    let attachment = "{\"type\":\"attachment\",\"length\":5,\"filename\":\"../../etc/passwd\",\"content_type\":\"text/plain\"}\na\nb\nc\n";
    let report = format!(
        "{{\"type\":\"user_report\"}}\n{{\"event_id\":\"{ID}\",\"name\":\"Ann\",\"email\":\"a@example.com\",\"comments\":\"broke\"}}\n"
    );
    assert_eq!(Answer::of(world.post([event.as_str(), attachment, &report].concat())).await.status, 200);
    let rest = concat!(
        "{}\n",
        "{\"type\":\"sessions\"}\n",
        "{\"aggregates\":[{\"started\":\"2026-03-10T12:00:00Z\",\"exited\":5,\"errored\":2,\"crashed\":1}],",
        "\"attrs\":{\"release\":\"1.0.0\",\"environment\":\"production\"}}\n",
        "{\"type\":\"client_report\"}\n",
        "{\"timestamp\":1,\"discarded_events\":[{\"reason\":\"queue_overflow\",\"category\":\"error\",\"quantity\":7}]}\n",
        "{\"type\":\"check_in\"}\n{\"status\":\"ok\"}\n",
        "{\"type\":\"log\",\"item_count\":3,\"content_type\":\"application/vnd.sentry.items.log+json\"}\n{\"items\":[]}\n",
        "{\"type\":\"from_the_future\",\"length\":3}\n???\n",
        "{\"type\":\"session\"}\nnot json\n",
    );
    let answer = Answer::of(world.post(rest)).await;
    assert_eq!((answer.status, answer.body), (200, json!({})));
    let transaction =
        "{}\n{\"type\":\"transaction\"}\n{\"type\":\"transaction\",\"transaction\":\"GET /\"}\n";
    assert_eq!(Answer::of(world.post(transaction)).await.status, 200);

    assert_eq!(
        world
            .row("SELECT name, attachment.size, has_attachment FROM attachment JOIN event USING (event_id)")
            .await,
        json!({"name": "../../etc/passwd", "size": 5, "has_attachment": 1})
    );
    assert_eq!(
        world.row("SELECT name, comments FROM user_report").await,
        json!({"name": "Ann", "comments": "broke"})
    );
    assert_eq!(
        world.row("SELECT started, errored, crashed FROM session_hourly").await,
        json!({"started": 8, "errored": 2, "crashed": 1})
    );
    let outcomes = world
        .rows("SELECT category || ' ' || outcome || ' ' || reason || ' ' || quantity AS line FROM outcome_hourly ORDER BY line")
        .await;
    let lines: Vec<&str> = outcomes.iter().map(|row| row["line"].as_str().unwrap().trim()).collect();
    assert_eq!(
        lines,
        [
            "attachment accepted  1",
            "error accepted  2",
            "error client_discard queue_overflow 7",
            "log_item accepted  3",
            "monitor accepted  1",
            "session accepted  1",
            "span accepted  1",
            "transaction accepted  1",
        ]
    );
    world.stop().await;
}

#[tokio::test]
async fn many_senders_at_once_lose_nothing() {
    let world = World::start().await;
    let senders = (0..20).map(|sender| {
        let world = &world;
        async move {
            for n in 0..10 {
                let module = if n % 2 == 0 { "cart" } else { "checkout" };
                world.send(&Event::error(module).user(sender).release("1.0.0")).await;
            }
        }
    });
    futures::future::join_all(senders).await;
    let issues = world.rows("SELECT title, times_seen, user_count FROM issue ORDER BY title").await;
    assert_eq!(
        issues,
        [
            json!({"title": "ValueError: bad cart", "times_seen": 100, "user_count": 20}),
            json!({"title": "ValueError: bad checkout", "times_seen": 100, "user_count": 20}),
        ]
    );
    assert_eq!(world.count("SELECT COUNT(*) FROM event").await, 200);
    assert_eq!(world.count("SELECT SUM(events) FROM issue_hourly").await, 200);
    assert_eq!(world.count("SELECT SUM(times_seen) FROM issue_user").await, 200);
    assert_eq!(world.count("SELECT SUM(times_seen) FROM issue_tag WHERE key = 'release'").await, 200);
    world.stop().await;
}
