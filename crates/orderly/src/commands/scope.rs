//! From flags and environment to the configuration of a command.

use crate::cli::{Global, Scope};
use crate::config::{Config, Overrides};
use crate::failure::{Failure, Kind};

/// The configuration for a command that looks at a scope. `refine` adds the command's own flags.
///
/// # Errors
/// A usage failure of the configuration, or a password in an argument.
pub fn configure(
    global: &Global,
    scope: Scope,
    refine: impl FnOnce(&mut Overrides),
) -> Result<Config, Failure> {
    let mut overrides = Overrides {
        sentry_url: variable("SENTRY_URL"),
        org: scope.org,
        projects: scope.projects,
        environments: scope.environments,
        tracker_url: variable("LINEAR_API_URL"),
        team: scope.team,
        database: database(scope.database)?,
        ..Overrides::default()
    };
    refine(&mut overrides);
    let here = std::env::current_dir()
        .map_err(|error| Failure::new(Kind::Usage, "the current folder cannot be read").because(&error))?;
    Config::load(global.config.as_deref(), &here, &overrides)
}

/// The ledger's address: an argument may not hold a password, the environment may.
fn database(argument: Option<String>) -> Result<Option<String>, Failure> {
    let Some(url) = argument else { return Ok(variable("ORDERLY_DATABASE_URL")) };
    let holds_password = url::Url::parse(&url)
        .is_ok_and(|url| url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password"));
    if holds_password {
        return Err(Failure::new(
            Kind::Usage,
            "--database holds a password, which every process of this machine could read",
        )
        .hint("leave it out and set PGPASSWORD, or put the whole address into ORDERLY_DATABASE_URL"));
    }
    Ok(Some(url))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}
