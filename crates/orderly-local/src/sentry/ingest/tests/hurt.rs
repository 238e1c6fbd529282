//! What is meant to exhaust the server, sent all at once, with good traffic between it.

use std::io::{self, Write};

use futures::future::join_all;

use super::world::{Answer, Event, World};

/// Bombs that go off at the same time.
const BOMBS: usize = 64;

const ENCODINGS: [&str; 4] = ["gzip", "deflate", "br", "zstd"];

/// An item of this type that unpacks to so many zeros.
fn bomb(encoding: &str, kind: &str, zeros: u64) -> Vec<u8> {
    let head = format!("{{}}\n{{\"type\":\"{kind}\"}}\n");
    let mut plain = io::Read::chain(head.as_bytes(), io::Read::take(io::repeat(0), zeros));
    let mut packed = Vec::new();
    match encoding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
            io::copy(&mut plain, &mut encoder).unwrap();
            encoder.finish().unwrap();
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(&mut packed, flate2::Compression::fast());
            io::copy(&mut plain, &mut encoder).unwrap();
            encoder.finish().unwrap();
        }
        "br" => {
            let mut encoder = brotli::CompressorWriter::new(&mut packed, 64 << 10, 1, 24);
            io::copy(&mut plain, &mut encoder).unwrap();
            encoder.flush().unwrap();
        }
        _ => {
            let mut encoder = zstd::stream::write::Encoder::new(&mut packed, 1).unwrap();
            io::copy(&mut plain, &mut encoder).unwrap();
            encoder.finish().unwrap();
        }
    }
    packed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bombs_in_every_encoding_are_refused_and_harm_nobody() {
    let world = World::start().await;
    let bombs = ENCODINGS.map(|encoding| (encoding, bomb(encoding, "event", 8 << 20)));
    let sent = (0..BOMBS).map(|number| {
        let (encoding, packed) = &bombs[number % bombs.len()];
        Answer::of(world.post(packed.clone()).header("content-encoding", *encoding))
    });
    let good = (0..BOMBS).map(|_| Answer::of(world.post(Event::error("cart").envelope())));
    let (refused, taken) = tokio::join!(join_all(sent), join_all(good));
    for answer in refused {
        assert_eq!(answer.status, 413, "{}", answer.body);
        assert_eq!(answer.detail(), "an item of type event is larger than 1048576 bytes");
    }
    assert!(taken.iter().all(|answer| answer.status == 200));
    assert_eq!(world.count("SELECT COUNT(*) FROM event").await, BOMBS as i64);
    world.stop().await;
}

#[tokio::test]
async fn large_files_pass_and_larger_ones_than_the_limit_are_refused() {
    let world = World::start().await;
    let legal = world.post(bomb("gzip", "attachment", 30 << 20)).header("content-encoding", "gzip");
    assert_eq!(Answer::of(legal).await.status, 200);
    assert_eq!(world.count("SELECT size FROM attachment").await, 30 << 20);
    let beyond = world.post(bomb("zstd", "attachment", 200 << 20)).header("content-encoding", "zstd");
    let beyond = Answer::of(beyond).await;
    assert_eq!((beyond.status, beyond.detail()), (413, "the body is larger than 209715200 bytes"));
    let announced = world.post("{}").header("content-length", "209715201");
    // The client finds that its body is shorter than it said, or reads the refusal.
    assert!(announced.send().await.is_ok_and(|answer| answer.status() == 413) || cfg!(unix));
    world.stop().await;
}

#[tokio::test]
async fn json_that_would_fill_the_memory_as_a_tree_is_refused() {
    let world = World::start().await;
    let tree = format!("{{\"extra\":[{}0]}}", "{\"\":0},".repeat(140_000));
    let envelope = format!("{{}}\n{{\"type\":\"event\"}}\n{tree}\n");
    let refused = Answer::of(world.post(envelope)).await;
    assert_eq!(
        (refused.status, refused.detail()),
        (413, "the envelope has more values than its size lets expect")
    );
    let many = format!("{{\"extra\":[{}0]}}", "1,".repeat(100_000));
    let envelope = format!("{{}}\n{{\"type\":\"event\"}}\n{many}\n");
    assert_eq!(Answer::of(world.post(envelope)).await.status, 200);
    world.stop().await;
}

#[tokio::test]
async fn a_flood_of_distinct_issues_is_filed_like_any_other() {
    let world = World::start().await;
    let flood = (0..300).map(|number| {
        let event = Event::error("cart").with("fingerprint", vec![format!("{number}")]);
        Answer::of(world.post(event.envelope()))
    });
    assert!(join_all(flood).await.iter().all(|answer| answer.status == 200));
    assert_eq!(world.count("SELECT COUNT(*) FROM issue").await, 300);
    world.stop().await;
}

#[tokio::test]
async fn hosts_and_pages_of_others_are_refused_everywhere_and_pages_may_only_send() {
    let world = World::start().await;
    let ready = world.servers.ready();
    let api = |path: &str| format!("{}{path}", ready.sentry.url);
    let read = || world.http.get(api("/api/0/organizations/")).bearer_auth(&ready.sentry.token);
    let track =
        || world.http.post(&ready.tracker.url).header("authorization", &ready.tracker.token).body("{}");
    let clock = || world.http.get(api("/api/local/clock/")).bearer_auth(&ready.sentry.token);
    let send = || world.post(Event::error("cart").envelope());
    for (what, request) in
        [("api", &read as &dyn Fn() -> _), ("tracker", &track), ("clock", &clock), ("send", &send)]
    {
        let request: &dyn Fn() -> reqwest::RequestBuilder = request;
        assert_eq!(Answer::of(request().header("host", "evil.example")).await.status, 403, "{what}");
        let own = Answer::of(request().header("origin", "http://localhost:3000")).await.status;
        assert!(own != 403, "{what}: {own}");
        let foreign = Answer::of(request().header("origin", "https://evil.example")).await;
        assert_eq!(foreign.status == 403, what != "send", "{what}: {}", foreign.status);
        assert_eq!(foreign.header("access-control-allow-origin") == "*", what == "send", "{what}");
    }
    for path in ["/api/0/organizations/", "/api/0/organizations/acme/issues/", "/api/local/clock/"] {
        assert_eq!(Answer::of(world.http.get(api(path))).await.status, 401, "{path}");
        let wrong = world.http.get(api(path)).bearer_auth("wrong");
        assert_eq!(Answer::of(wrong).await.status, 401, "{path}");
    }
    assert_eq!(Answer::of(world.http.post(&ready.tracker.url).body("{}")).await.status, 401);
    world.stop().await;
}
