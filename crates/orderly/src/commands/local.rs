//! `orderly local`: the embedded Sentry and tracker, until somebody ends them.

use crate::cli::Local;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use orderly_local::{DataLocation, LocalConfig, LocalError, LocalServers, Ready};
use std::path::PathBuf;
use std::process::ExitCode;

/// Starts both servers, says where they are, and waits.
pub async fn run(local: Local, printer: Printer) -> Result<ExitCode, Failure> {
    let data = match (local.ephemeral, local.data) {
        (true, _) => DataLocation::Ephemeral,
        (false, Some(dir)) => DataLocation::Dir(dir),
        (false, None) => DataLocation::Dir(PathBuf::from(".orderly/local")),
    };
    let place = match &data {
        DataLocation::Ephemeral => "nowhere: everything is gone when the servers stop".to_owned(),
        DataLocation::Dir(dir) => dir.display().to_string(),
    };
    let config = LocalConfig {
        data,
        sentry_port: local.sentry_port,
        tracker_port: local.tracker_port,
        org: local.org,
        projects: local.projects,
        team: local.team,
        ..LocalConfig::default()
    };
    let servers = LocalServers::start(config).await.map_err(|error| start_failed(&error))?;
    match printer.format() {
        Format::Json => printer.json(servers.ready())?,
        Format::Text => printer.data(&welcome(servers.ready(), &place, printer))?,
    }
    super::interrupted().await;
    printer.note("stopping: requests that are being handled are answered first");
    servers.stop().await.map_err(|error| {
        Failure::new(Kind::Incomplete, "the embedded servers did not stop cleanly").because(&error)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn start_failed(error: &LocalError) -> Failure {
    Failure::new(Kind::Incomplete, "the embedded servers cannot be started").because(error)
}

/// What a person needs to use the servers: where to send events, and how to point clients at them.
pub fn welcome(ready: &Ready, place: &str, printer: Printer) -> String {
    let style = printer.style();
    let mut text = vec![
        style.strong("Sentry and tracker are running on this machine only."),
        String::new(),
        format!("Sentry   {}   organization {}", style.command(&ready.sentry.url), ready.sentry.org),
        format!("Tracker  {}   team {}", style.command(&ready.tracker.url), ready.tracker.team),
        format!("Data     {place}"),
        String::new(),
        "Send errors with any Sentry SDK:".to_owned(),
    ];
    for project in &ready.sentry.projects {
        text.push(format!("  SENTRY_DSN={}   # {}", project.dsn, project.slug));
    }
    text.extend([String::new(), "Point Orderly and the official clients at them:".to_owned()]);
    text.extend(pointers(ready).into_iter().map(|line| format!("  {}", style.command(&line))));
    text.push(String::new());
    text.push(style.dim("Ctrl-C stops them."));
    text.join("\n")
}

/// Shell lines that point Orderly, `sentry`, `sentry-cli` and Linear's SDK at the servers.
pub fn pointers(ready: &Ready) -> Vec<String> {
    vec![
        format!("export SENTRY_URL={0} SENTRY_HOST={0} SENTRY_ORG={1}", ready.sentry.url, ready.sentry.org),
        format!("export SENTRY_AUTH_TOKEN={}", ready.sentry.token),
        format!("export LINEAR_API_URL={} LINEAR_API_KEY={}", ready.tracker.url, ready.tracker.token),
        format!("orderly sync --team {}", ready.tracker.team),
        format!("npx sentry@0.45.0 issue list {}/", ready.sentry.org),
    ]
}
