//! A PostgreSQL of our own: in a temporary folder, on 127.0.0.1 and a free port, gone when the test ends.

use crate::place::{Kind, Place};
use orderly_store::{LedgerLocation, SecretUrl};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection as _, Executor as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

pub const PASSWORD: &str = "pässword with/all@of:it";
/// The same in an URL.
pub const ENCODED_PASSWORD: &str = "p%C3%A4ssword%20with%2Fall%40of%3Ait";
const USER: &str = "orderly";
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Server {
    folder: tempfile::TempDir,
    pub port: u16,
}

impl Server {
    /// Creates a cluster and starts it.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, in one line that says what to install.
    pub fn start() -> Self {
        // A short path (a socket's has at most 107 bytes) that the server's user can enter.
        let folder = tempfile::Builder::new().prefix("orderly-pg-").tempdir_in("/tmp").unwrap();
        std::fs::write(folder.path().join("password"), PASSWORD).unwrap();
        if let Some((user, group)) = server_user() {
            for path in [folder.path().to_owned(), folder.path().join("password")] {
                std::os::unix::fs::chown(path, Some(user), Some(group)).unwrap();
            }
        }
        let mut server = Self { port: 0, folder };
        let data = server.data();
        let pwfile = server.folder.path().join("password");
        expect(program("initdb").arg("-D").arg(data).arg("--pwfile").arg(pwfile).args([
            "--no-sync",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "-U",
            USER,
        ]));
        // Somebody may take a free port before the server does.
        for _ in 0..5 {
            server.port = free_port();
            server.configure();
            if server.pg_ctl(&["start"]).status.success() {
                return server;
            }
        }
        panic!("PostgreSQL does not start: {}", server.log());
    }

    /// Address of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:{ENCODED_PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// A new database.
    pub async fn place(&self, database: &str) -> Place {
        let url = self.url(database);
        let place = Place {
            kind: Kind::Postgres,
            location: LedgerLocation::Database(SecretUrl::parse(&url).unwrap()),
            url: self.url("postgres"),
        };
        let mut connection = place.connect().await;
        let create = format!("CREATE DATABASE \"{database}\"");
        connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(create))).await.unwrap();
        connection.close().await.unwrap();
        Place { url, ..place }
    }

    /// SIGKILL to the server and everything it started.
    pub fn kill(&self) {
        let pid_file = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let postmaster: i32 = pid_file.lines().next().unwrap().parse().unwrap();
        let mut doomed = vec![postmaster];
        doomed.extend(children_of(postmaster));
        for pid in &doomed {
            // Some end on their own when the first one does.
            let _already_gone = kill_process(Pid::from_raw(*pid).unwrap(), Signal::KILL);
        }
        let deadline = Instant::now() + PATIENCE;
        while doomed.iter().any(|pid| is_alive(*pid)) {
            assert!(Instant::now() < deadline, "PostgreSQL survives SIGKILL");
            std::thread::sleep(Duration::from_millis(10));
        }
        // In a container where nobody buries the dead, the next server would take this one's zombie for a rival.
        let socket_lock = format!(".s.PGSQL.{}.lock", self.port);
        for lock in [self.data().join("postmaster.pid"), self.folder.path().join(socket_lock)] {
            std::fs::remove_file(lock).unwrap();
        }
    }

    /// Starts it again after a kill, on the same port.
    pub fn restart(&self) {
        let started = self.pg_ctl(&["start"]);
        assert!(started.status.success(), "PostgreSQL does not start again: {}", self.log());
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn configure(&self) {
        // What a killed process wrote is in the system's cache: only a power cut would need `fsync`, and it takes a
        // minute where others write to the same disk.
        let settings = format!(
            "fsync = off\nfull_page_writes = off\nport = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nmax_connections = 60\n",
            self.port,
            self.folder.path().display()
        );
        std::fs::write(self.data().join("postgresql.auto.conf"), settings).unwrap();
    }

    fn pg_ctl(&self, arguments: &[&str]) -> Output {
        let log = self.folder.path().join("log");
        let mut command = program("pg_ctl");
        command.arg("-D").arg(self.data()).arg("-l").arg(log).args(["-w", "-t", "60"]).args(arguments);
        command.output().unwrap()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Also when a story panics; there is nobody left to tell if it fails.
        let _stopped = self.pg_ctl(&["-m", "immediate", "stop"]);
    }
}

/// The user that runs the server: PostgreSQL refuses to run as root.
fn server_user() -> Option<(u32, u32)> {
    let id = |what: &str| {
        let found = Command::new("id").args([what, "postgres"]).output().unwrap();
        let found = String::from_utf8(found.stdout).unwrap();
        found.trim().parse().expect("no user `postgres`: install the Debian package postgresql-15")
    };
    rustix::process::geteuid().is_root().then(|| (id("-u"), id("-g")))
}

fn program(name: &str) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let newest_first = (13..30).rev().map(|version| format!("/usr/lib/postgresql/{version}/bin").into());
    let found = std::env::split_paths(&path)
        .chain(newest_first)
        .map(|folder: PathBuf| folder.join(name))
        .find(|p| p.is_file());
    let found = found.unwrap_or_else(|| {
        panic!("PostgreSQL's `{name}` is missing: install the Debian package postgresql-15")
    });
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(found);
        command
    } else {
        Command::new(found)
    };
    command.current_dir("/").env_clear().env("PATH", path).env("LC_ALL", "C").stdin(Stdio::null());
    command
}

fn expect(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// State letter and parent of a process, from `/proc/PID/stat`: `PID (NAME) STATE PARENT ...`.
fn stat(pid: i32) -> Option<(String, i32)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

fn children_of(parent: i32) -> Vec<i32> {
    let all = std::fs::read_dir(Path::new("/proc")).unwrap();
    all.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok())
        .filter(|pid| stat(*pid).is_some_and(|(_, found)| found == parent))
        .collect()
}

fn is_alive(pid: i32) -> bool {
    stat(pid).is_some_and(|(state, _)| state != "Z")
}
