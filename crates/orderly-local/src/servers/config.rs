//! What to serve.

use crate::clock::Clock;
use crate::error::LocalError;
use crate::sentry::store::retention::Retention;
use crate::sentry::webhooks::address::Reach;
use crate::store::DataLocation;

/// Everything that can be chosen about the local servers; [`LocalConfig::default`] is a good start.
#[derive(Debug, Clone)]
pub struct LocalConfig {
    /// Where the data lives.
    pub data: DataLocation,
    /// Port of the Sentry side on 127.0.0.1; 0 takes any free one.
    pub sentry_port: u16,
    /// Port of the tracker on 127.0.0.1; 0 takes any free one.
    pub tracker_port: u16,
    /// Slug of the organization.
    pub org: String,
    /// Slugs of the projects to make sure of.
    pub projects: Vec<String>,
    /// Key of the tracker's first team.
    pub team: String,
    /// How long events are kept.
    pub retention: Retention,
    /// The time to live by.
    pub clock: Clock,
    /// Addresses that are told of every issue, comment and alert.
    pub webhooks: Vec<String>,
    /// How far webhooks may go.
    pub webhook_reach: Reach,
    /// Whether a test steers them.
    pub steering: Steering,
}

/// Whether somebody in this process makes the servers fail and looks at what they were asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Steering {
    /// Whoever has the [`Knobs`](crate::Knobs): a test.
    #[default]
    Knobs,
    /// Nobody: requests are neither looked at nor remembered.
    Nobody,
}

impl Default for LocalConfig {
    /// Ephemeral data, any ports, organization `acme`, projects `backend` and `frontend`, team `PLAT`, real time; everything is
    /// kept.
    fn default() -> Self {
        Self {
            data: DataLocation::Ephemeral,
            sentry_port: 0,
            tracker_port: 0,
            org: "acme".to_owned(),
            projects: vec!["backend".to_owned(), "frontend".to_owned()],
            team: "PLAT".to_owned(),
            retention: Retention::default(),
            clock: Clock::new(),
            webhooks: Vec::new(),
            webhook_reach: Reach::default(),
            steering: Steering::default(),
        }
    }
}

impl LocalConfig {
    /// Refuses names that no server could have.
    pub(super) fn check(&self) -> Result<(), LocalError> {
        const SLUG: &str = "a slug has 1 to 50 lower-case letters, digits, - or _, and is not a number: it is part of addresses";
        const TEAM: &str = "a team key has 1 to 7 upper-case letters or digits and starts with a letter";
        let refuse = |what, value: &str, why| Err(LocalError::Config { what, value: value.to_owned(), why });
        if !is_slug(&self.org) {
            return refuse("organization", &self.org, SLUG);
        }
        if let Some(project) = self.projects.iter().find(|project| !is_slug(project)) {
            return refuse("project", project, SLUG);
        }
        if !is_team_key(&self.team) {
            return refuse("team", &self.team, TEAM);
        }
        Ok(())
    }
}

fn is_slug(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    (1..=50).contains(&text.len()) && text.bytes().all(allowed) && !text.bytes().all(|b| b.is_ascii_digit())
}

fn is_team_key(text: &str) -> bool {
    (1..=7).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_server_could_have_are_refused_by_name() {
        let base = LocalConfig::default;
        assert!(base().check().is_ok());
        let refused = [
            LocalConfig { org: "Acme Inc".into(), ..base() },
            LocalConfig { org: String::new(), ..base() },
            LocalConfig { projects: vec!["ok".into(), "42".into()], ..base() },
            LocalConfig { projects: vec!["a/b".into()], ..base() },
            LocalConfig { team: "plat".into(), ..base() },
            LocalConfig { team: "1A".into(), ..base() },
        ];
        for config in refused {
            assert!(matches!(config.check(), Err(LocalError::Config { .. })), "{config:?}");
        }
    }
}
