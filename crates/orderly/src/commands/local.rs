//! `orderly local`: the embedded Sentry and tracker, until somebody ends them.

mod traffic;

use crate::cli::Local;
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use orderly_local::{
    Clock, DataLocation, LocalConfig, LocalError, LocalServers, Reach, Ready, Retention, Steering,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::path::PathBuf;
use std::process::ExitCode;
use traffic::Performance;

/// Starts both servers, plays the traffic that was asked for, says where the servers are, and waits.
pub async fn run(local: Local, printer: Printer) -> Result<ExitCode, Failure> {
    let data = match (local.ephemeral, &local.data) {
        (true, _) => DataLocation::Ephemeral,
        (false, Some(dir)) => DataLocation::Dir(dir.clone()),
        (false, None) => DataLocation::Dir(PathBuf::from(".orderly/local")),
    };
    let place = match &data {
        DataLocation::Ephemeral => "nowhere: everything is gone when the servers stop".to_owned(),
        DataLocation::Dir(dir) => dir.display().to_string(),
    };
    let clock = Clock::new();
    if let Some(at) = local.at {
        clock.set(at);
    }
    let performance = Performance::of(&local, &data)?;
    allow_many_connections();
    let config = LocalConfig {
        projects: projects(&local),
        data,
        sentry_port: local.sentry_port,
        tracker_port: local.tracker_port,
        org: local.org,
        team: local.team,
        retention: Retention { days: local.keep_days, events: local.keep_events },
        clock,
        webhooks: local.webhooks,
        webhook_reach: if local.webhooks_anywhere { Reach::Anywhere } else { Reach::ThisMachine },
        steering: Steering::Nobody,
    };
    let servers = LocalServers::start(config).await.map_err(|error| start_failed(&error))?;
    let live = match performance {
        Some(performance) => {
            let played = tokio::select! {
                played = performance.history(&servers, printer) => played,
                () = super::interrupted() => {
                    Err(Failure::new(Kind::Incomplete, "stopped before all of the traffic was played"))
                }
            };
            match played {
                Ok(live) => live,
                Err(failure) => {
                    stop(servers).await?;
                    return Err(failure);
                }
            }
        }
        None => None,
    };
    match printer.format() {
        Format::Json => printer.json(servers.ready())?,
        Format::Text => printer.data(&welcome(&servers, &place, printer))?,
    }
    let watched = async {
        if let Some(live) = live {
            live.play(&servers, printer).await?;
        }
        std::future::pending::<Result<(), Failure>>().await
    };
    let ended = tokio::select! {
        ended = watched => ended,
        () = super::interrupted() => Ok(()),
    };
    printer.note("stopping: requests that are being handled are answered first");
    stop(servers).await?;
    ended.map(|()| ExitCode::SUCCESS)
}

/// Open files of a server that thousands of clients are connected to.
const MANY_FILES: u64 = 65_536;

/// Many systems let a program have a thousand files open unless it asks for more; every connection is one.
fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(MANY_FILES, |most| most.min(MANY_FILES));
    if limit.current.is_some_and(|current| current < wanted) {
        let raised = Rlimit { current: Some(wanted), maximum: limit.maximum };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::debug!(%error, "the limit of open files stays as it is");
        }
    }
}

async fn stop(servers: LocalServers) -> Result<(), Failure> {
    servers.stop().await.map_err(|error| {
        Failure::new(Kind::Incomplete, "the embedded servers did not stop cleanly").because(&error)
    })
}

fn projects(local: &Local) -> Vec<String> {
    match local.traffic {
        Some(traffic) => {
            let of_traffic = traffic.projects().into_iter().map(str::to_owned);
            local.projects.iter().cloned().chain(of_traffic).collect()
        }
        None if local.projects.is_empty() => LocalConfig::default().projects,
        None => local.projects.clone(),
    }
}

fn start_failed(error: &LocalError) -> Failure {
    Failure::new(Kind::Incomplete, "the embedded servers cannot be started").because(error)
}

/// What a person needs to use the servers: where to look, where to send events, and how to point clients at them.
fn welcome(servers: &LocalServers, place: &str, printer: Printer) -> String {
    let (ready, style) = (servers.ready(), printer.style());
    let mut text = vec![
        style.strong("Sentry and tracker are running on this machine only."),
        String::new(),
        format!("Sentry   {}   organization {}", style.command(&ready.sentry.url), ready.sentry.org),
        format!("Tracker  {}   team {}", style.command(&ready.tracker.url), ready.tracker.team),
        format!("Pages    {}", style.command(servers.pages_link())),
        format!("Data     {place}"),
        String::new(),
        "Send errors with any Sentry SDK:".to_owned(),
    ];
    for project in &ready.sentry.projects {
        text.push(format!("  SENTRY_DSN={}   # {}", project.dsn, project.slug));
    }
    for hook in &ready.sentry.webhooks {
        text.extend([
            String::new(),
            format!("Webhooks to {} (app {}), signed with", hook.url, hook.app),
            format!("  {}", hook.secret),
        ]);
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
