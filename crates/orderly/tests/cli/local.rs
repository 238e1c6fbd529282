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

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
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
