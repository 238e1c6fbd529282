//! Settings of incidents.

use super::duration::Span;
use super::file::{IncidentSection, LevelSection, MildSection};
use crate::failure::{Failure, Kind};
use orderly_core::incident::severity::{SeverityPolicy, Thresholds, Touching};
use orderly_core::incident::{ClockPolicy, IncidentPolicy, Pace};
use orderly_core::time::Seconds;

/// Defaults < file.
///
/// # Errors
/// A usage failure that names the setting and what is allowed.
pub fn resolve(section: &IncidentSection) -> Result<IncidentPolicy, Failure> {
    let default = IncidentPolicy::default();
    let window = span(section.window, default.window);
    if window.0 < 120 {
        return Err(Failure::new(
            Kind::Usage,
            format!("`incident.window` is {window}; it may not be below 2m"),
        ));
    }
    let patterns = |own: &Option<Vec<String>>, usual: Vec<String>| own.clone().unwrap_or(usual);
    let money = patterns(&section.money, Touching::money());
    let security = patterns(&section.security, Touching::security());
    let touching = Touching::new(&money, &security).map_err(|error| {
        Failure::new(Kind::Usage, "`incident.money` or `incident.security` cannot be used").because(&error)
    })?;
    Ok(IncidentPolicy {
        window,
        severity: severity(section, default.severity),
        touching,
        clock: clock(section, &default.clock),
    })
}

fn severity(section: &IncidentSection, default: SeverityPolicy) -> SeverityPolicy {
    SeverityPolicy {
        sev1: thresholds(&section.sev1, default.sev1),
        sev2: thresholds(&section.sev2, default.sev2),
        sev3: thresholds(&section.sev3, default.sev3),
        least_users: section.least_users.unwrap_or(default.least_users),
        least_events: section.least_events.unwrap_or(default.least_events),
        money: section.money_severity.unwrap_or(default.money),
        security: section.security_severity.unwrap_or(default.security),
        rising: section.rising_severity.unwrap_or(default.rising),
    }
}

fn thresholds(level: &LevelSection, default: Thresholds) -> Thresholds {
    Thresholds {
        users: or_never(level.users, 0, default.users),
        share: or_never(level.share, 0, default.share),
        rate: or_never(level.rate, 0, default.rate),
        services: or_never(level.services, 0, default.services),
    }
}

fn clock(section: &IncidentSection, default: &ClockPolicy) -> ClockPolicy {
    let MildSection { every, commander, roles, mitigation } = section.sev4;
    let mild = LevelSection { every, commander, roles, mitigation, ..LevelSection::default() };
    ClockPolicy {
        notice: span(section.notice, default.notice),
        scope: span(section.scope, default.scope),
        steady: span(section.steady, default.steady),
        later: span(section.later, default.later),
        sev1: pace(&section.sev1, default.sev1),
        sev2: pace(&section.sev2, default.sev2),
        sev3: pace(&section.sev3, default.sev3),
        sev4: pace(&mild, default.sev4),
    }
}

fn pace(level: &LevelSection, default: Pace) -> Pace {
    let checkpoint = |given: Option<Span>, default| or_never(given.map(|span| span.0), Seconds(0), default);
    Pace {
        every: span(level.every, default.every),
        commander: checkpoint(level.commander, default.commander),
        roles: checkpoint(level.roles, default.roles),
        mitigation: checkpoint(level.mitigation, default.mitigation),
    }
}

fn span(given: Option<Span>, default: Seconds) -> Seconds {
    given.map_or(default, |span| span.0)
}

/// What is given, where nothing at all (0) means never.
fn or_never<T: PartialEq>(given: Option<T>, zero: T, default: Option<T>) -> Option<T> {
    given.map_or(default, |value| (value != zero).then_some(value))
}
