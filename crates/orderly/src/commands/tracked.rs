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
    let teams = config.settings.policy.teams(&team).into_iter().collect();
    Ok((LeaseScope { host: site.host(), org: site.org, team }, teams))
}
