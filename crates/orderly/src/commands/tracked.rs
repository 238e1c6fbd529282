//! Which backlog the ledger remembers, for commands that work on what is remembered of it.

use crate::config::Config;
use crate::failure::Failure;
use orderly_core::ids::TeamKey;
use orderly_engine::ports::ledger::LeaseScope;

/// The backlog and the teams whose items are in it: the home team and those that projects are mapped to, sorted, as a
/// sync reads them.
///
/// # Errors
/// A usage failure without an organization or a team.
pub(super) fn backlog(config: &Config) -> Result<(LeaseScope, Vec<TeamKey>), Failure> {
    let (site, team) = (config.settings.site()?, config.settings.team()?);
    let mapped = config.settings.policy.project_teams.values().cloned();
    let mut teams: Vec<TeamKey> = mapped.chain([team.clone()]).collect();
    teams.sort();
    teams.dedup();
    Ok((LeaseScope { host: site.host(), org: site.org, team }, teams))
}
