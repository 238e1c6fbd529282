//! Several runners over one ledger in PostgreSQL. One test, because one server is started for all of it.

use crate::world::World;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery";

/// A PostgreSQL of our own: in a temporary folder, on 127.0.0.1 and a free port, gone when the test ends.
struct Server {
    folder: TempDir,
    port: u16,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("orderly-pg-").tempdir_in("/tmp").unwrap();
        let password = folder.path().join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        if rustix::process::geteuid().is_root() {
            // PostgreSQL refuses to run as root.
            let mut chown = Command::new("chown");
            assert!(chown.args(["-R", "postgres:"]).arg(folder.path()).status().unwrap().success());
        }
        let server = Self { port: free_port(), folder };
        let mut initdb = program("initdb");
        initdb.arg("-D").arg(server.data()).arg("--pwfile").arg(password);
        initdb.args(["--no-sync", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "-U", "orderly"]);
        finishes(&mut initdb);
        let settings = format!(
            "fsync = off\nport = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\n",
            server.port,
            server.folder.path().display()
        );
        std::fs::write(server.data().join("postgresql.auto.conf"), settings).unwrap();
        let log = server.folder.path().join("log");
        finishes(program("pg_ctl").arg("-D").arg(server.data()).arg("-l").arg(log).args(["-w", "start"]));
        server
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn url(&self) -> String {
        format!("postgres://orderly@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Also after a failed assertion; there is nobody left to tell if it fails.
        drop(program("pg_ctl").arg("-D").arg(self.data()).args(["-m", "immediate", "stop"]).status());
    }
}

fn program(name: &str) -> Command {
    let newest_first =
        (13..30).rev().map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        newest_first.chain(std::env::split_paths(&path)).map(|dir| dir.join(name)).find(|p| p.is_file());
    let found = found.expect("PostgreSQL is missing: install the Debian package postgresql-15");
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(found);
        command
    } else {
        Command::new(found)
    };
    command.current_dir("/").env_clear().env("PATH", path).env("LC_ALL", "C");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn finishes(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn runners_that_race_over_one_database_file_nothing_twice() {
    let server = Server::start();
    let world = World::start();
    world.crashes(8);
    let racer = || {
        let mut command = world.command(&["sync", "--apply", "--json", "--database", &server.url()]);
        command.env("PGPASSWORD", PASSWORD).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    for _ in 0..4 {
        let runners = [racer(), racer()];
        let codes = runners.map(|runner| {
            let output = runner.wait_with_output().unwrap();
            let told = String::from_utf8(output.stderr).unwrap();
            assert!(!told.contains(PASSWORD), "{told}");
            assert!(matches!(output.status.code(), Some(0 | 4)), "{:?}: {told}", output.status);
            output.status.code()
        });
        assert!(codes.contains(&Some(0)), "one of two always gets to work: {codes:?}");
    }
    let mut markers: Vec<String> = world
        .own_items()
        .iter()
        .map(|item| item["description"].as_str().unwrap().lines().last().unwrap().to_owned())
        .collect();
    markers.sort();
    markers.dedup();
    assert_eq!((markers.len(), world.own_items().len()), (8, 8));
    assert!(!world.ledger().exists(), "the database is the only ledger");
    let mut history = world.command(&["history", "--database", &server.url(), "--json"]);
    history.env("PGPASSWORD", PASSWORD);
    let runs = crate::world::run(history).exits(0).json();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 8, "{runs}");
}
