//! `orderly` alone: where you stand, and the next sensible command.

use super::scope::configure;
use crate::access;
use crate::cli::{Global, Scope};
use crate::config::Config;
use crate::config::secret::{self, Credential};
use crate::failure::Failure;
use crate::ledger;
use crate::output::printer::{Format, Printer};
use orderly_engine::ports::ledger::{LeaseScope, Ledger, RunRecord};
use serde_json::json;
use std::process::ExitCode;

/// What there is.
struct Standing {
    token: Option<String>,
    key: Option<String>,
    last: Option<RunRecord>,
    open: usize,
}

/// Tells where you stand. Asks nobody outside.
pub async fn run(global: &Global, printer: Printer) -> Result<ExitCode, Failure> {
    let config = configure(global, Scope::default(), |_| {})?;
    let standing = look(&config).await?;
    let next = next_command(&config, &standing);
    match printer.format() {
        Format::Json => printer.json(&json!({
            "configuration": config.path,
            "organization": config.settings.org,
            "team": config.settings.team,
            "sentry_token": standing.token,
            "tracker_key": standing.key,
            "last_run": standing.last.as_ref().map(|run| run.id.to_string()),
            "unfinished": standing.open,
            "next": next,
        }))?,
        Format::Text => printer.data(&told(&config, &standing, next, printer))?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn look(config: &Config) -> Result<Standing, Failure> {
    let token =
        access::sentry_found(config.settings.sentry_url.as_str(), &config.dir).await.map(|found| found.place);
    let key = secret::find(Credential::Linear, &config.dir).map(|found| found.place);
    let mut standing = Standing { token, key, last: None, open: 0 };
    if ledger::exists(config) {
        let ledger = ledger::open(config).await?;
        let runs = ledger.runs(1).await.map_err(|error| ledger::failed(&error))?;
        standing.last = runs.into_iter().next();
        if let (Ok(site), Ok(team)) = (config.settings.site(), config.settings.team()) {
            let scope = LeaseScope { host: site.host(), org: site.org, team };
            standing.open = ledger.open_entries(&scope).await.map_err(|error| ledger::failed(&error))?.len();
        }
        ledger.close().await;
    }
    Ok(standing)
}

fn next_command(config: &Config, standing: &Standing) -> &'static str {
    let settings = &config.settings;
    match () {
        () if config.path.is_none() && settings.org.is_none() => "orderly init",
        () if settings.org.is_none() || settings.team.is_none() => "orderly doctor",
        () if standing.token.is_none() || standing.key.is_none() => "orderly doctor",
        () if standing.open > 0 => "orderly sync --apply",
        () => "orderly sync",
    }
}

fn told(config: &Config, standing: &Standing, next: &str, printer: Printer) -> String {
    let style = printer.style();
    let or_missing = |found: Option<String>| found.unwrap_or_else(|| style.warn("missing"));
    let settings = &config.settings;
    let mut lines = vec![
        format!(
            "configuration  {}",
            config
                .path
                .as_ref()
                .map_or_else(|| style.warn("none found upwards from here"), |p| p.display().to_string())
        ),
        format!(
            "Sentry         {} {}",
            settings.sentry_url,
            or_missing(settings.org.as_ref().map(ToString::to_string))
        ),
        format!("  token        {}", or_missing(standing.token.clone())),
        format!(
            "tracker        {} {}",
            settings.tracker_url,
            or_missing(settings.team.as_ref().map(ToString::to_string))
        ),
        format!("  key          {}", or_missing(standing.key.clone())),
    ];
    match &standing.last {
        Some(run) => {
            lines.push(format!("last run       {} at {}", run.id, run.started_at.strftime("%F %T UTC")));
        }
        None => lines.push("last run       none yet".to_owned()),
    }
    if standing.open > 0 {
        lines.push(style.warn(&format!(
            "unfinished     {} decisions of earlier runs; the next `orderly sync --apply` finishes them",
            standing.open
        )));
    }
    lines.push(String::new());
    lines.push(format!("next: {}", style.command(next)));
    if config.path.is_none() {
        lines.push(format!(
            "or:   {}   {}",
            style.command("orderly demo"),
            style.dim("the whole job, no account")
        ));
    }
    lines.join("\n")
}
