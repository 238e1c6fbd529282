//! `orderly local`: the embedded servers as a program of their own.

use crate::stopping::signal;
use crate::world::{bare, run};
use rustix::process::Signal;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

/// Servers that are running, and the reader that keeps their output open.
struct Serving {
    child: Child,
    ready: Value,
    _out: BufReader<ChildStdout>,
}

impl Serving {
    fn start(dir: &Path, arguments: &[&str]) -> Self {
        let mut command = bare(dir, &["local", "--json"]);
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap(), _out: out }
    }

    fn text(&self, path: &str) -> String {
        self.ready.pointer(path).unwrap().as_str().unwrap().to_owned()
    }

    fn stop(mut self, how: Signal) -> Option<i32> {
        signal(&self.child, how);
        self.child.wait().unwrap().code()
    }

    fn api(&self, path: &str) -> Value {
        self.ask(reqwest::Method::GET, path, None)
    }

    fn put(&self, path: &str, body: &Value) -> Value {
        self.ask(reqwest::Method::PUT, path, Some(body))
    }

    fn ask(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> Value {
        drop(rustls::crypto::ring::default_provider().install_default());
        let prefix = if path.starts_with("local/") { "api" } else { "api/0" };
        let url = format!("{}/{prefix}/{path}", self.text("/sentry/url"));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = client.request(method, url).bearer_auth(self.text("/sentry/token"));
        if let Some(body) = body {
            request = request.json(body);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { request.send().await.unwrap().json().await.unwrap() })
    }

    /// A command that is pointed at the servers by the environment alone.
    fn orderly(&self, dir: &Path, arguments: &[&str]) -> Value {
        let mut command = bare(dir, arguments);
        command
            .env("SENTRY_URL", self.text("/sentry/url"))
            .env("SENTRY_ORG", self.text("/sentry/org"))
            .env("SENTRY_AUTH_TOKEN", self.text("/sentry/token"))
            .env("LINEAR_API_URL", self.text("/tracker/url"))
            .env("LINEAR_API_KEY", self.text("/tracker/token"));
        run(command).exits(0).json()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // After a failed assertion nothing may be left running; otherwise it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One of many clients: sends until the server is gone; the ids of what was taken.
fn send_until_it_ends(
    url: String,
    dsn: String,
    taken: std::sync::Arc<std::sync::atomic::AtomicUsize>,
) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut ids = Vec::new();
        loop {
            let id = uuid::Uuid::new_v4().simple().to_string();
            let body = format!(
                "{{\"event_id\":\"{id}\",\"dsn\":\"{dsn}\"}}\n{{\"type\":\"event\"}}\n{{\"event_id\":\"{id}\",\"message\":\"kept {}\"}}\n",
                ids.len() % 3
            );
            match client.post(&url).body(body).send().await {
                Ok(answer) if answer.status().is_success() => ids.push(id),
                _ => return ids,
            }
            taken.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    })
}

/// Clients that send at the same time.
const SENDERS: usize = 8;

#[test]
fn whatever_was_answered_with_200_is_there_once_after_a_kill_under_load() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let dir = tempfile::TempDir::new().unwrap();
    let data = dir.path().join("data");
    let arguments = ["--data", data.to_str().unwrap()];
    let serving = Serving::start(dir.path(), &arguments);
    let url =
        format!("{}/api/{}/envelope/", serving.text("/sentry/url"), serving.text("/sentry/projects/0/id"));
    let dsn = serving.text("/sentry/projects/0/dsn");
    let taken = std::sync::Arc::default();
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (url, dsn, taken) = (url.clone(), dsn.clone(), std::sync::Arc::clone(&taken));
            std::thread::spawn(move || send_until_it_ends(url, dsn, taken))
        })
        .collect();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while taken.load(std::sync::atomic::Ordering::SeqCst) < 200 && std::time::Instant::now() < deadline {
        std::thread::yield_now();
    }
    assert_eq!(serving.stop(Signal::KILL), None);
    let ids: Vec<String> = senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect();
    assert!(ids.len() >= 200, "{}", ids.len());
    let again = Serving::start(dir.path(), &arguments);
    let stored: usize = again
        .api("organizations/acme/issues/")
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["count"].as_str().unwrap().parse::<usize>().unwrap())
        .sum();
    // Events whose answer did not leave any more may be there, too: one of each sender. None is counted twice.
    assert!((ids.len()..=ids.len() + SENDERS).contains(&stored), "{stored} of {}", ids.len());
    for id in ids.iter().step_by(7) {
        assert_eq!(again.api(&format!("organizations/acme/eventids/{id}/"))["eventId"], id.as_str());
    }
    assert_eq!(again.stop(Signal::TERM), Some(0));
}

/// In alphabetical order: whether an object keeps the order of its text is up to the crates of the build.
fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn ephemeral_servers_print_one_line_of_the_documented_shape_serve_and_end_with_sigterm() {
    let dir = tempfile::TempDir::new().unwrap();
    let serving = Serving::start(dir.path(), &["--ephemeral"]);
    assert_eq!(keys(&serving.ready), ["sentry", "tracker"]);
    assert_eq!(keys(&serving.ready["sentry"]), ["org", "projects", "token", "url"]);
    assert_eq!(keys(&serving.ready["sentry"]["projects"][0]), ["dsn", "id", "slug"]);
    assert_eq!(keys(&serving.ready["tracker"]), ["team", "token", "url"]);
    let told = serving.orderly(dir.path(), &["doctor", "--json", "--team", "PLAT"]);
    assert_ne!(told["result"], "broken", "{told}");
    assert_eq!(serving.stop(Signal::TERM), Some(0));
}

#[test]
fn a_data_folder_keeps_tokens_and_issues_over_a_restart_and_serves_one_process_only() {
    let dir = tempfile::TempDir::new().unwrap();
    let data = dir.path().join("data");
    let arguments = ["--data", data.to_str().unwrap()];
    let first = Serving::start(dir.path(), &arguments);
    let mut second = bare(dir.path(), &["local"]);
    second.args(arguments);
    let refused = run(second).exits(1);
    assert!(refused.stderr.contains("data"), "{}", refused.stderr);
    send_one(&first);
    let tokens = (first.text("/sentry/token"), first.text("/tracker/token"));
    assert_eq!(first.stop(Signal::INT), Some(0));
    let again = Serving::start(dir.path(), &arguments);
    assert_eq!((again.text("/sentry/token"), again.text("/tracker/token")), tokens);
    let report = again.orderly(dir.path(), &["sync", "--json", "--team", "PLAT"]);
    assert!(report["totals"]["named"]["for_review"].as_u64().unwrap() > 0, "{report}");
    assert_eq!(again.stop(Signal::TERM), Some(0));
}

fn send_one(serving: &Serving) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let url = serving.text("/sentry/url");
    let dsn = serving.text("/sentry/projects/0/dsn");
    let id = uuid::Uuid::new_v4().simple();
    let body = format!(
        "{{\"event_id\":\"{id}\",\"dsn\":\"{dsn}\"}}\n{{\"type\":\"event\"}}\n{{\"event_id\":\"{id}\",\"message\":\"kept\",\"level\":\"error\",\"environment\":\"production\"}}\n"
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let project = serving.text("/sentry/projects/0/id");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = runtime
        .block_on(async { client.post(format!("{url}/api/{project}/envelope/")).body(body).send().await });
    assert!(sent.unwrap().status().is_success());
}

#[test]
fn traffic_is_played_before_the_servers_say_that_they_are_ready_and_its_truth_lies_beside_the_data() {
    let dir = tempfile::TempDir::new().unwrap();
    let data = dir.path().join("data");
    let arguments =
        ["--data", data.to_str().unwrap(), "--traffic", "bad-flag", "--at", "2026-03-10T22:00:00Z"];
    let serving = Serving::start(dir.path(), &arguments);
    let truth: Value =
        serde_json::from_str(&std::fs::read_to_string(data.join("truth.json")).unwrap()).unwrap();
    assert_eq!(truth["incident"]["cause"], serde_json::json!({"kind": "flag", "flag": "express-checkout"}));
    assert_eq!(truth["ends"], "2026-03-10T22:00:00Z");
    let found = serving.api("organizations/acme/issues/?query=error.type:ValueError&statsPeriod=14d");
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    assert!(
        found[0]["firstSeen"].as_str().unwrap() >= truth["incident"]["starts"].as_str().unwrap(),
        "{found}"
    );
    assert_eq!(serving.stop(Signal::TERM), Some(0));
    let mut again = bare(dir.path(), &["local"]);
    again.args(arguments);
    assert!(run(again).exits(2).stderr.contains("played into this folder before"));
}

#[test]
fn the_clock_of_the_servers_goes_where_a_token_tells_it_and_issues_age_on_the_way() {
    let dir = tempfile::TempDir::new().unwrap();
    let serving = Serving::start(dir.path(), &["--ephemeral", "--at", "2026-03-10T12:00:00Z"]);
    send_one(&serving);
    let clock = |body: Value| serving.put("local/clock/", &body);
    assert!(
        clock(serde_json::json!({"advance_seconds": 8 * 86_400}))["now"]
            .as_str()
            .unwrap()
            .starts_with("2026-03-18")
    );
    let issues = serving.api("organizations/acme/issues/?query=is:ongoing&statsPeriod=14d");
    let issue = issues[0]["id"].as_str().unwrap();
    let activities = serving.api(&format!("organizations/acme/issues/{issue}/activities/"));
    let aged =
        activities["activity"].as_array().unwrap().iter().find(|one| one["type"] == "auto_set_ongoing");
    assert!(aged.unwrap()["dateCreated"].as_str().unwrap().starts_with("2026-03-17"), "{activities}");
    for refused in [
        serde_json::json!({"now": "2026-03-18T00:00:00Z", "real": true}),
        serde_json::json!({"advance_seconds": 500 * 86_400}),
    ] {
        assert!(clock(refused.clone())["detail"].is_string(), "{refused}");
    }
    assert_eq!(clock(serde_json::json!({"real": true}))["offset_seconds"], 0);
    assert_eq!(serving.stop(Signal::TERM), Some(0));
}
