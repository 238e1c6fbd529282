//! What apps are told, by servers that run, to a listener that keeps what it got.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::address::{self, BadAddress, Reach};
use super::attempt::{AppKind, Next, Outcome, next};
use crate::sentry::ingest::tests::world::{Event, World};
use orderly_wire::sentry::hook::signature;

#[test]
fn the_signature_is_the_hmac_of_the_bytes() {
    // RFC 4231, test case 2.
    let known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(signature("Jefe", b"what do ya want for nothing?"), known);
}

#[test]
fn webhooks_stay_on_this_machine_unless_they_may_leave() {
    for url in ["http://127.0.0.1:9/x", "http://127.9.9.9/", "http://[::1]:80/", "https://localhost/hook"] {
        assert!(address::read(url, Reach::ThisMachine).is_ok(), "{url}");
    }
    for url in ["http://10.0.0.1/", "http://example.com/", "http://localhost.example.com/", "http://0.0.0.0/"]
    {
        assert_eq!(address::read(url, Reach::ThisMachine), Err(BadAddress::NotHere), "{url}");
        assert!(address::read(url, Reach::Anywhere).is_ok(), "{url}");
    }
    for url in ["", "ftp://127.0.0.1/", "file:///etc/passwd", "http://a:b@127.0.0.1/"] {
        assert_eq!(address::read(url, Reach::Anywhere), Err(BadAddress::NotHttp), "{url}");
    }
}

#[test]
fn a_server_that_fails_is_asked_three_more_times_and_one_that_refuses_is_not() {
    use AppKind::{Internal, Published};
    let broken = || Outcome::Unreachable("reset".to_owned());
    for (outcome, attempts, app, expected) in [
        (Outcome::Answered(200), 1, Published, Next::Delivered),
        (Outcome::Answered(204), 4, Internal, Next::Delivered),
        (Outcome::Answered(503), 1, Published, Next::Again),
        (Outcome::Answered(500), 3, Published, Next::Again),
        (Outcome::Answered(500), 4, Published, Next::Failed),
        (Outcome::TimedOut, 1, Published, Next::Again),
        (broken(), 1, Published, Next::Again),
        (Outcome::Answered(404), 1, Published, Next::Failed),
        (Outcome::Answered(302), 1, Published, Next::Failed),
        (Outcome::TimedOut, 1, Internal, Next::Failed),
        (Outcome::Answered(500), 1, Internal, Next::Failed),
    ] {
        assert_eq!(next(&outcome, attempts, app), expected, "{outcome:?} {attempts} {app:?}");
    }
}

/// What a listener got: headers and the body, byte for byte.
type Got = Vec<(HeaderMap, String)>;

/// A listener on this machine that answers with the statuses it was given, then with 200.
pub(crate) struct Listener {
    pub url: String,
    got: Arc<Mutex<Got>>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Ear {
    got: Arc<Mutex<Got>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Listener {
    pub(crate) async fn start(answers: &[u16]) -> Listener {
        let got = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(Mutex::new(answers.iter().rev().copied().collect()));
        let hear = async |State(ear): State<Ear>, headers: HeaderMap, body: String| {
            ear.got.lock().unwrap().push((headers, body));
            let status = ear.answers.lock().unwrap().pop().unwrap_or(200);
            StatusCode::from_u16(status).unwrap()
        };
        let app = axum::Router::new().fallback(hear).with_state(Ear { got: Arc::clone(&got), answers });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Listener { url, got, task }
    }

    /// Waits until so many requests came, and gives all that did.
    pub(crate) async fn wait(&self, count: usize) -> Got {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let got = self.got.lock().unwrap().clone();
            if got.len() >= count {
                return got;
            }
            assert!(Instant::now() < deadline, "{} of {count} webhooks came: {got:?}", got.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// `resource.action` of each request so far, once there are so many.
    pub(crate) async fn told(&self, count: usize) -> Vec<String> {
        let got = self.wait(count).await;
        got.iter()
            .map(|(headers, body)| {
                let body: Value = serde_json::from_str(body).unwrap();
                let resource = headers["sentry-hook-resource"].to_str().unwrap();
                format!("{resource}.{}", body["action"].as_str().unwrap())
            })
            .collect()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Registers an app that is told everything.
pub(crate) async fn register(world: &World, listener: &Listener, more: Value) -> Value {
    let mut body = json!({
        "name": "Desk",
        "webhookUrl": listener.url,
        "events": ["issue", "comment"],
        "isAlertable": true,
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.api("POST", "/sentry-apps/", body).await
}

#[tokio::test]
async fn an_app_is_told_of_issues_and_comments_with_signed_requests() {
    let world = World::start().await;
    world.send(&Event::error("before").at(world.ago(SignedDuration::from_hours(2)))).await;
    let listener = Listener::start(&[]).await;
    let app = register(&world, &listener, json!({})).await;
    world.send(&Event::error("cart")).await;
    assert_eq!(listener.told(1).await, ["issue.created"], "what was there before is not told");

    let issue = "/organizations/acme/issues/2/";
    world.api("PUT", issue, json!({"status": "resolved"})).await;
    listener.wait(2).await;
    // An event within five seconds of the resolution would not count as a regression.
    world.servers.clock().advance(SignedDuration::from_secs(10));
    world.send(&Event::error("cart")).await;
    listener.wait(3).await;
    world.api("PUT", issue, json!({"assignedTo": "mina@localhost"})).await;
    listener.wait(4).await;
    world.api("PUT", issue, json!({"status": "ignored", "substatus": "archived_forever"})).await;
    listener.wait(5).await;
    let note = world.api("POST", &format!("{issue}notes/"), json!({"text": "Looking"})).await;
    let note = format!("{issue}notes/{}/", note["id"].as_str().unwrap());
    world.api("PUT", &note, json!({"text": "Found"})).await;
    world.api("DELETE", &note, json!({})).await;
    let told = listener.told(8).await;
    let expected = [
        "issue.created",
        "issue.resolved",
        "issue.unresolved",
        "issue.assigned",
        "issue.ignored",
        "comment.created",
        "comment.updated",
        "comment.deleted",
    ];
    assert_eq!(told, expected);

    let got = listener.wait(8).await;
    let mut ids = std::collections::BTreeSet::new();
    for (headers, body) in &got {
        let header = |name: &str| headers[name].to_str().unwrap();
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(
            header("sentry-hook-signature"),
            signature(app["clientSecret"].as_str().unwrap(), body.as_bytes())
        );
        assert!(header("sentry-hook-timestamp").parse::<i64>().is_ok());
        assert_eq!(header("request-id").len(), 32);
        ids.insert(header("request-id").to_owned());
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["installation"]["uuid"], app["installation"]["uuid"]);
    }
    assert_eq!(ids.len(), 8, "every request has its own id");
    let body = |n: usize| serde_json::from_str::<Value>(&got[n].1).unwrap();
    assert_eq!(body(0)["actor"], json!({"type": "application", "id": "sentry", "name": "Sentry"}));
    let created = &body(0)["data"]["issue"];
    assert_eq!((&created["id"], &created["substatus"]), (&json!("2"), &json!("new")));
    assert!(created["web_url"].as_str().unwrap().ends_with("/organizations/acme/issues/2/"), "{created}");
    assert!(
        created["permalink"].is_string() && created["project_url"].is_string() && created["url"].is_string()
    );
    assert_eq!(body(1)["actor"]["type"], "user");
    assert_eq!(body(2)["data"]["issue"]["substatus"], "regressed", "the substatus tells why it is open");
    assert_eq!(body(3)["data"]["issue"]["assignedTo"]["email"], "mina@localhost");
    let comment = &body(5)["data"];
    assert_eq!((&comment["comment"], &comment["issue_id"]), (&json!("Looking"), &json!(2)));
    assert_eq!(comment["project_slug"], "backend");

    let log = world.api("GET", "/sentry-apps/desk/webhook-requests/", json!({})).await;
    let first = &log.as_array().unwrap()[7];
    assert_eq!((&first["eventType"], &first["responseCode"]), (&json!("issue.created"), &json!(200)));
    assert_eq!(first["requestBody"], got[0].1);
    world.stop().await;
}

#[tokio::test]
async fn what_fails_is_sent_again_after_five_minutes_of_the_servers_clock_and_a_refusal_is_not() {
    let world = World::start().await;
    let listener = Listener::start(&[503, 500, 200, 404]).await;
    register(&world, &listener, json!({})).await;
    world.send(&Event::error("cart")).await;
    listener.wait(1).await;
    for attempt in 2..=3 {
        world
            .wait_for("SELECT COUNT(*) FROM webhook_delivery WHERE attempts > 0 AND state = 'pending'", 1)
            .await;
        world.servers.clock().advance(SignedDuration::from_secs(301));
        listener.wait(attempt).await;
    }
    world
        .wait_for("SELECT COUNT(*) FROM webhook_delivery WHERE state = 'delivered' AND attempts = 3", 1)
        .await;
    let got = listener.wait(3).await;
    assert_eq!(got[0].1, got[2].1, "the same bytes");
    assert_eq!(got[0].0["request-id"], got[2].0["request-id"], "under the same id");
    world.send(&Event::error("other")).await;
    world
        .wait_for("SELECT COUNT(*) FROM webhook_delivery WHERE state = 'failed' AND response_code = 404", 1)
        .await;
    world.stop().await;
}

#[tokio::test]
async fn an_internal_integration_gets_one_attempt_and_one_that_hangs_is_not_waited_for() {
    let world = World::start().await;
    // It takes connections and says nothing.
    let deaf = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/", deaf.local_addr().unwrap());
    let body = json!({"name": "Inside", "webhookUrl": url, "events": ["issue"], "isInternal": true});
    world.api("POST", "/sentry-apps/", body).await;
    world.send(&Event::error("cart")).await;
    world
        .wait_for(
            "SELECT COUNT(*) FROM webhook_delivery WHERE state = 'failed' AND attempts = 1 AND timeouts = 1",
            1,
        )
        .await;
    let log = world.api("GET", "/sentry-apps/inside/requests/", json!({})).await;
    assert_eq!(log[0]["error"], "no answer within 1 s");
    world.stop().await;
}

#[tokio::test]
async fn an_app_is_not_registered_for_another_machine_or_for_what_is_never_told() {
    let world = World::start().await;
    for (body, field) in [
        (json!({"name": "A", "webhookUrl": "http://example.com/"}), "webhookUrl"),
        (json!({"name": "A"}), "webhookUrl"),
        (json!({"name": "A", "webhookUrl": "http://127.0.0.1/", "events": ["error"]}), "events"),
        (json!({"name": "", "webhookUrl": "http://127.0.0.1/"}), "name"),
        (json!({"name": "Orderly", "webhookUrl": "http://127.0.0.1/"}), "name"),
    ] {
        let refused = world.ask("POST", "/sentry-apps/", body.clone()).await;
        assert_eq!(refused.status, 400, "{body}");
        assert!(refused.body[field].is_array(), "{body}: {}", refused.body);
    }
    world.stop().await;
}
