//! One hermetic world a test: the embedded servers, a project folder, and the binary with a cleared environment.

use orderly_local::traffic::shop;
use orderly_local::{DataLocation, LocalConfig, LocalServers};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A pair of servers and a project that is pointed at them.
pub struct World {
    runtime: Runtime,
    servers: Option<LocalServers>,
    dir: TempDir,
    http: reqwest::Client,
}

/// What a run of the binary gave.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// What a finished process gave.
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Asserts the exit code; shows everything when it is another.
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Stdout as one JSON document.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

/// An issue's worth of events.
#[derive(Clone, Copy)]
pub struct Burst<'a> {
    pub project: &'a str,
    pub kind: &'a str,
    pub message: &'a str,
    pub function: &'a str,
    pub release: &'a str,
    pub environment: &'a str,
    pub events: u32,
}

impl Default for Burst<'_> {
    fn default() -> Self {
        Self {
            project: "backend",
            kind: "ValueError",
            message: "cannot parse amount",
            function: "parse_amount",
            release: "backend@1.0.0",
            environment: "production",
            events: 3,
        }
    }
}

impl World {
    /// Servers with the default projects and a project folder that is configured for them.
    pub fn start() -> Self {
        Self::with_projects(&["backend", "frontend"])
    }

    /// As [`World::start`], with these projects.
    pub fn with_projects(projects: &[&str]) -> Self {
        Self::with_data(projects, DataLocation::Ephemeral)
    }

    /// As [`World::with_projects`], with the data in a place that a test can look into.
    pub fn with_data(projects: &[&str], data: DataLocation) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let config = LocalConfig {
            data,
            projects: projects.iter().map(|slug| (*slug).to_owned()).collect(),
            ..LocalConfig::default()
        };
        let servers = runtime.block_on(LocalServers::start(config)).unwrap();
        let world = Self {
            runtime,
            servers: Some(servers),
            dir: TempDir::new().unwrap(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        world.write("orderly.toml", &world.config());
        world
    }

    /// A world in which a day of the shop has been played.
    pub fn after_a_day_in_the_shop() -> Self {
        let world = Self::with_projects(&shop::PROJECTS);
        let clock = world.servers().clock().clone();
        let start = clock.now().as_second() - i64::from(shop::HOURS) * 3600;
        let player = orderly_local::traffic::Player::new(world.servers().ready()).unwrap();
        let day = shop::day(20, start);
        world.runtime.block_on(player.play(&clock, &day, start, |_, _| {})).unwrap();
        world
    }

    pub fn servers(&self) -> &LocalServers {
        self.servers.as_ref().unwrap()
    }

    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The configuration that points at the servers.
    pub fn config(&self) -> String {
        let ready = self.servers().ready();
        format!(
            "[sentry]\nurl = \"{}\"\norg = \"{}\"\n\n[tracker]\nurl = \"{}\"\nteam = \"{}\"\n",
            ready.sentry.url, ready.sentry.org, ready.tracker.url, ready.tracker.team
        )
    }

    /// Writes a file of the project.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join(name), text).unwrap();
    }

    /// The binary with a cleared environment and the right credentials.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let ready = self.servers().ready();
        let mut command = bare(self.dir.path(), arguments);
        command.env("SENTRY_AUTH_TOKEN", &ready.sentry.token).env("LINEAR_API_KEY", &ready.tracker.token);
        command
    }

    /// Runs the binary to its end.
    #[must_use]
    pub fn orderly(&self, arguments: &[&str]) -> Ran {
        run(self.command(arguments))
    }

    /// Starts the binary and does not wait.
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Sends events of one kind through the ingest endpoint.
    pub fn send(&self, burst: Burst<'_>) {
        for number in 0..burst.events {
            let event = json!({
                "platform": "python", "level": "error", "environment": burst.environment,
                "release": burst.release, "transaction": "POST /pay", "user": {"id": number.to_string()},
                "exception": {"values": [{"type": burst.kind, "value": burst.message, "stacktrace": {"frames": [
                    {"filename": format!("{0}/{0}.py", burst.function), "module": format!("{0}.{0}", burst.function),
                     "function": burst.function, "lineno": 12, "in_app": true,
                     "context_line": format!("{}(order)", burst.function)}
                ]}}]}
            });
            self.send_event(burst.project, event);
        }
    }

    /// Sends one event or transaction as it is, with a new id.
    pub fn send_event(&self, project: &str, mut event: Value) {
        let ready = self.servers().ready();
        let project = ready.sentry.projects.iter().find(|known| known.slug == project).unwrap();
        let url = format!("{}/api/{}/envelope/", ready.sentry.url, project.id);
        let id = uuid::Uuid::new_v4().simple().to_string();
        event["event_id"] = json!(id);
        let head = json!({"event_id": id, "dsn": project.dsn});
        let kind = event.get("type").cloned().unwrap_or_else(|| json!("event"));
        let body = format!("{head}\n{}\n{event}\n", json!({"type": kind}));
        let status =
            self.runtime.block_on(async { self.http.post(&url).body(body).send().await.unwrap().status() });
        assert!(status.is_success(), "{status}");
    }

    /// Asks the Sentry side.
    pub fn sentry(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        let ready = self.servers().ready();
        let url = format!("{}/api/0/organizations/{}/{path}", ready.sentry.url, ready.sentry.org);
        let mut request = self.http.request(method, url).bearer_auth(&ready.sentry.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.runtime.block_on(async {
            let text = request.send().await.unwrap().error_for_status().unwrap().text().await.unwrap();
            serde_json::from_str(&text).unwrap_or(Value::Null)
        })
    }

    /// Issues that a search names.
    pub fn issues(&self, query: &str) -> Vec<Value> {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        self.sentry(reqwest::Method::GET, &format!("issues/?query={query}&limit=100"), None)
            .as_array()
            .unwrap()
            .clone()
    }

    /// Asks the tracker.
    pub fn tracker(&self, query: &str, variables: Value) -> Value {
        let ready = self.servers().ready();
        let request = self.http.post(&ready.tracker.url).header("authorization", &ready.tracker.token);
        let answer: Value = self.runtime.block_on(async {
            request
                .json(&json!({"query": query, "variables": variables}))
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap()
        });
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }

    /// Every item of the tracker, archived and trashed ones too.
    pub fn items(&self) -> Vec<Value> {
        let query = "query($after:String){issues(first:50,after:$after,includeArchived:true){pageInfo{hasNextPage endCursor} \
                     nodes{id identifier title description priority trashed state{type} attachments(first:20){nodes{url}} \
                     comments(first:20){nodes{body}}}}}";
        let (mut items, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.tracker(query, json!({"after": after}))["issues"].take();
            items.extend(page["nodes"].as_array().unwrap().iter().cloned());
            if page["pageInfo"]["hasNextPage"] == false {
                return items;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// Items that Orderly made.
    pub fn own_items(&self) -> Vec<Value> {
        let marked = |item: &Value| {
            item["description"].as_str().is_some_and(|text| text.contains("Tracked by Orderly:"))
        };
        self.items().into_iter().filter(marked).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(servers) = self.servers.take() {
            let stopped = self.runtime.block_on(servers.stop());
            assert!(stopped.is_ok() || std::thread::panicking(), "{stopped:?}");
        }
    }
}

/// The binary in a folder, with a cleared environment and no credentials.
pub fn bare(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orderly"));
    command.args(arguments).current_dir(dir).env_clear().stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", dir).env("LANG", "C.UTF-8");
    // Where rustup keeps its toolchains: checks in Rust need one, and the folder that stands for a home has none.
    for name in ["RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_HOME"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command
}

/// Runs a command to its end.
#[must_use]
pub fn run(mut command: Command) -> Ran {
    Ran::of(&command.output().unwrap())
}
