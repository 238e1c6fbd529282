use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::Method;
use axum::routing::any;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// A server that counts what it handled and answers `handled`.
struct World {
    knobs: Knobs,
    handled: Arc<AtomicUsize>,
    address: SocketAddr,
}

impl World {
    async fn start() -> Self {
        let knobs = Knobs::new();
        let handled = Arc::new(AtomicUsize::new(0));
        let counter = handled.clone();
        let app = Router::new()
            .fallback(any(move || {
                let counter = counter.clone();
                async move {
                    counter.fetch_add(1, Ordering::SeqCst);
                    "handled"
                }
            }))
            .layer(axum::middleware::from_fn_with_state(knobs.clone(), apply));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { knobs, handled, address }
    }

    /// Everything the server sends for one request, until it closes the connection.
    async fn send(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = Vec::new();
        // A reset instead of an orderly end is as good: what counts is what was sent before.
        let _ = stream.read_to_end(&mut reply).await;
        String::from_utf8(reply).unwrap()
    }

    fn handled(&self) -> usize {
        self.handled.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_dropped_connection_sends_no_byte_and_handles_nothing() {
    let world = World::start().await;
    world.knobs.inject(Fault::new(Match::Any, Effect::DropConnection));
    assert_eq!(world.send("GET", "/a", "").await, "");
    assert_eq!(world.handled(), 0);
    assert!(world.send("GET", "/a", "").await.contains("handled"));
    assert_eq!(world.knobs.pending_faults(), 0);
}

#[tokio::test]
async fn a_dropped_reply_sends_no_byte_but_the_request_was_handled() {
    let world = World::start().await;
    world.knobs.inject(Fault::new(Match::Any, Effect::DropReply));
    assert_eq!(world.send("POST", "/a", "x").await, "");
    assert_eq!(world.handled(), 1);
    assert_eq!(world.knobs.requests()[0].status, None);
    assert!(world.knobs.requests()[0].ended.is_some());
}

#[tokio::test]
async fn an_answer_replaces_the_handling() {
    let world = World::start().await;
    world.knobs.inject(Fault::new(
        Match::path("/api/"),
        Effect::Answer {
            status: StatusCode::TOO_MANY_REQUESTS,
            headers: vec![(axum::http::header::RETRY_AFTER, HeaderValue::from_static("7"))],
            body: "slow down".into(),
        },
    ));
    let reply = world.send("GET", "/api/0/", "").await;
    assert!(reply.starts_with("HTTP/1.1 429"), "{reply}");
    assert!(reply.contains("retry-after: 7") && reply.ends_with("slow down"));
    assert_eq!(world.handled(), 0);
}

#[tokio::test]
async fn faults_wait_for_their_request() {
    let cases: [(Match, &str, &str, &str, bool); 7] = [
        (Match::Any, "GET", "/x", "", true),
        (Match::path("/api/0/"), "GET", "/api/0/issues/", "", true),
        (Match::path("/api/0/"), "GET", "/other", "", false),
        (Match::request(Method::PUT, "/a"), "PUT", "/a/b", "", true),
        (Match::request(Method::PUT, "/a"), "GET", "/a/b", "", false),
        (
            Match::root_field("issueCreate"),
            "POST",
            "/graphql",
            r#"{"query":"mutation M { x: issueCreate(input: {}) { success } }"}"#,
            true,
        ),
        (
            Match::root_field("issueCreate"),
            "POST",
            "/graphql",
            r#"{"query":"query { issueSearch(query: \"issueCreate\") { nodes { id } } }"}"#,
            false,
        ),
    ];
    for (matching, method, path, body, expected) in cases {
        let world = World::start().await;
        let name = format!("{matching:?} on {method} {path}");
        world.knobs.inject(Fault::new(matching, Effect::DropConnection));
        assert_eq!(world.send(method, path, body).await.is_empty(), expected, "{name}");
        assert_eq!(world.knobs.pending_faults(), usize::from(!expected), "{name}");
    }
}

#[tokio::test]
async fn faults_count_what_they_let_through_and_how_often_they_happen() {
    let world = World::start().await;
    world.knobs.inject(Fault::new(Match::Any, Effect::DropConnection).after(2).times(2));
    let mut dropped = Vec::new();
    for _ in 0..6 {
        dropped.push(world.send("GET", "/", "").await.is_empty());
    }
    assert_eq!(dropped, [false, false, true, true, false, false]);
}

#[tokio::test]
async fn faults_are_taken_in_the_order_they_were_added() {
    let world = World::start().await;
    let teapot = Effect::answer(StatusCode::IM_A_TEAPOT, "text/html", "<p>");
    world.knobs.inject(Fault::new(Match::Any, teapot));
    world.knobs.inject(Fault::new(Match::Any, Effect::DropConnection));
    assert!(world.send("GET", "/", "").await.starts_with("HTTP/1.1 418"));
    assert_eq!(world.send("GET", "/", "").await, "");
    world.knobs.inject(Fault::new(Match::Any, Effect::DropConnection).times(9));
    world.knobs.clear_faults();
    assert!(world.send("GET", "/", "").await.contains("handled"));
}

#[tokio::test]
async fn latency_is_waited_by_each_request_and_requests_wait_side_by_side() {
    let world = World::start().await;
    let latency = Duration::from_millis(30);
    world.knobs.set_latency(latency);
    let replies = futures::future::join_all((0..3).map(|_| world.send("GET", "/", ""))).await;
    assert!(replies.iter().all(|reply| reply.contains("handled")));
    for request in world.knobs.requests() {
        assert!(request.ended.unwrap() - request.started >= latency);
    }
    assert!(world.knobs.max_in_flight() >= 1);
    assert_eq!(world.knobs.in_flight(), 0);
}

#[tokio::test]
async fn delays_leave_the_answer_as_it_is() {
    let world = World::start().await;
    let delay = Duration::from_millis(10);
    world.knobs.inject(Fault::new(Match::Any, Effect::DelayBefore(delay)));
    world.knobs.inject(Fault::new(Match::Any, Effect::DelayReply(delay)));
    for _ in 0..2 {
        assert!(world.send("GET", "/", "").await.contains("handled"));
    }
    for request in world.knobs.requests() {
        assert!(request.ended.unwrap() - request.started >= delay);
    }
}

#[tokio::test]
async fn every_request_is_on_record_until_forgotten() {
    let world = World::start().await;
    world.send("GET", "/api/0/?query=is%3Aopen", "").await;
    world
        .send(
            "POST",
            "/graphql",
            r#"{"query":"{ viewer { id } a: teams { nodes { id } } b: teams { nodes { id } } }"}"#,
        )
        .await;
    let requests = world.knobs.requests();
    assert_eq!(world.knobs.request_count(), 2);
    assert_eq!(requests[0].path, "/api/0/");
    assert_eq!(requests[0].query.as_deref(), Some("query=is%3Aopen"));
    assert_eq!(requests[0].status, Some(StatusCode::OK));
    assert_eq!(requests[1].method, Method::POST);
    assert_eq!(requests[1].operations, ["viewer", "teams", "teams"]);
    world.knobs.forget_requests();
    assert_eq!(world.knobs.request_count(), 0);
    assert!(world.knobs.requests().is_empty());
}

#[test]
fn the_record_of_a_long_run_stays_bounded() {
    let knobs = Knobs::new();
    for number in 0..10_050 {
        let request = Request::builder().uri(format!("/{number}")).body(Body::empty()).unwrap();
        let (_, _, in_flight) = knobs.arrive(RecordedRequest::of(&request, Vec::new()));
        in_flight.answered(StatusCode::OK);
    }
    let requests = knobs.requests();
    assert_eq!(requests.len(), 10_000);
    assert_eq!(requests[0].path, "/50");
    assert!(requests.iter().all(|request| request.status == Some(StatusCode::OK)));
    assert_eq!(knobs.request_count(), 10_050);
    assert_eq!(knobs.in_flight(), 0);
}

#[test]
fn a_body_that_is_no_graphql_request_has_no_root_fields() {
    for body in ["", "{}", "[1]", r#"{"query":7}"#, r#"{"query":"}{"}"#] {
        assert!(fault::root_fields(body.as_bytes()).is_empty(), "{body}");
    }
}
