//! Bugsink behind gunicorn, with its production settings for one server: gunicorn takes envelopes, a worker digests them.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::envelopes::clients;
use super::load::Target;
use super::peers::wait_for_answer;

/// How to have it here.
pub const INSTALL: &str = "python3 -m venv target/clients/bugsink && target/clients/bugsink/bin/pip install bugsink==2.6.1 gunicorn==26.2.0";

/// What this machine needs to be told: no proxy before it, no word to its makers, no limits for so many events.
const SETTINGS: &str = r#"
BUGSINK.update({
    "BASE_URL": "http://127.0.0.1",
    "PHONEHOME": False,
    "MAX_EVENTS_PER_5_MINUTES": 1_000_000,
    "MAX_EVENTS_PER_HOUR": 1_000_000,
    "MAX_EVENTS_PER_PROJECT_PER_5_MINUTES": 1_000_000,
    "MAX_EVENTS_PER_PROJECT_PER_HOUR": 1_000_000,
})
ALLOWED_HOSTS = ["127.0.0.1"]
USE_X_REAL_IP = False
"#;

/// The longest that it may take to digest some events.
const PATIENCE: Duration = Duration::from_secs(300);

/// Prints how many events are digested.
const COUNT: &str = "import sqlite3; print(sqlite3.connect('db.sqlite3').execute('select count(*) from events_event').fetchone()[0])";

/// Running until it is dropped.
pub struct Bugsink {
    /// Where envelopes go.
    pub target: Target,
    programs: PathBuf,
    folder: TempDir,
    running: Vec<Child>,
}

impl Drop for Bugsink {
    fn drop(&mut self) {
        for child in &mut self.running {
            // Asked, not killed: gunicorn has processes of its own to end.
            drop(Command::new("kill").arg(child.id().to_string()).status());
            drop(child.wait());
        }
    }
}

impl Bugsink {
    /// Starts it with an empty store. `None` when it is not installed.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub fn start() -> Result<Option<Self>> {
        let programs = clients().join("bugsink/bin");
        if !programs.exists() {
            return Ok(None);
        }
        let programs = programs.canonicalize()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let target = Target { address, path: String::new() };
        let mut bugsink = Self { target, programs, folder: tempfile::tempdir()?, running: Vec::new() };
        let base = format!("--base-dir={}", bugsink.folder.path().display());
        bugsink.run("bugsink-create-conf", &["--template=singleserver", "--host=127.0.0.1", &base])?;
        let conf = bugsink.folder.path().join("bugsink_conf.py");
        OpenOptions::new().append(true).open(conf)?.write_all(SETTINGS.as_bytes())?;
        bugsink.run("bugsink-manage", &["migrate"])?;
        bugsink.run("bugsink-manage", &["migrate", "--database=snappea"])?;
        let project = "from projects.models import Project
project = Project.objects.create(name='bench')
print(f'/api/{project.id}/envelope/?sentry_key={project.sentry_key.hex}')";
        let printed = bugsink.run("bugsink-manage", &["shell", "-c", project])?;
        bugsink.target.path =
            printed.lines().last().context("`bugsink-manage shell` printed nothing")?.to_owned();
        let bind = format!("--bind={address}");
        // Threads, because workers without them close every connection after its first answer.
        bugsink.spawn("gunicorn", &[&bind, "--workers=2", "--threads=12", "bugsink.wsgi"])?;
        bugsink.spawn("bugsink-runsnappea", &[])?;
        wait_for_answer(address)?;
        Ok(Some(bugsink))
    }

    /// Waits until so many events are digested.
    ///
    /// # Errors
    /// When its database cannot be read, or does not have them in five minutes.
    pub fn digested(&self, events: usize) -> Result<()> {
        let started = Instant::now();
        loop {
            let count = self.run("python", &["-c", COUNT])?.trim().parse::<usize>()?;
            if count >= events {
                break;
            }
            ensure!(started.elapsed() < PATIENCE, "Bugsink digested {count} of {events} events");
            std::thread::sleep(Duration::from_millis(500));
        }
        Ok(())
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).current_dir(self.folder.path()).env("PYTHONPATH", self.folder.path());
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let output = self.command(program, arguments).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`{program}` failed: {said}");
        Ok(String::from_utf8(output.stdout)?)
    }

    fn spawn(&mut self, program: &str, arguments: &[&str]) -> Result<()> {
        let mut command = self.command(program, arguments);
        self.running.push(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        Ok(())
    }
}
