//! An update for people: condition, actions, needs. Built from fields that may leave, never from the text of an event as it
//! is.

use super::audience::Audience;
use super::clock::{ClockPolicy, Standing, Task, duties};
use super::command::Role;
use super::entry::{Says, What};
use super::severity::{Facts, Trend};
use super::state::{Incident, Phase};
use super::timeline::affected;
use crate::digest;
use crate::encode::{markdown, one_line};
use crate::ids::Digest;
use crate::scrub::Scrubber;
use crate::time::{Now, Timestamp};
use crate::untrusted::Untrusted;
use serde::Serialize;

/// Issues that an update names.
const MOST_ISSUES: usize = 5;
/// Actions that an update names, the last ones.
const MOST_ACTIONS: usize = 5;
/// Characters of an action.
const ACTION: usize = 300;

/// A draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// What it tells.
    pub says: Says,
    /// First line.
    pub headline: String,
    /// How it stands.
    pub condition: Vec<String>,
    /// What is being done.
    pub actions: Vec<String>,
    /// What is missing.
    pub needs: Vec<String>,
    /// When people hear again.
    pub next: Option<Timestamp>,
}

impl Draft {
    /// That people were told this.
    pub fn told(self) -> What {
        What::Informed { text: Untrusted::new(self.markdown()), says: self.says }
    }

    /// What everybody may be told now: of a restricted incident only that it is one, since when, and when people hear
    /// again.
    pub fn of(incident: &Incident, policy: &ClockPolicy, scrubber: &Scrubber, now: Now) -> Self {
        let whole = Self::whole(incident, policy, scrubber, now);
        if incident.audience().tells_details_to(Audience::Open) {
            return whole;
        }
        Self {
            headline: format!("{} {}{}", incident.key(), incident.severity(), over(incident)),
            condition: vec![
                format!("since {}", clock_time(incident.began_at())),
                Audience::WITHHELD.to_owned(),
            ],
            actions: Vec::new(),
            needs: Vec::new(),
            ..whole
        }
    }

    /// What whoever handles it may be told now.
    pub fn whole(incident: &Incident, policy: &ClockPolicy, scrubber: &Scrubber, now: Now) -> Self {
        let last = incident.given().iter().map(|given| given.at).max();
        Self::since(last, incident, policy, scrubber, now)
    }

    /// An update that takes the place of the last one: it also names what was done before that.
    pub fn rolling(incident: &Incident, policy: &ClockPolicy, scrubber: &Scrubber, now: Now) -> Self {
        Self::since(None, incident, policy, scrubber, now)
    }

    /// An update that names what was done since a time.
    fn since(
        last: Option<Timestamp>,
        incident: &Incident,
        policy: &ClockPolicy,
        scrubber: &Scrubber,
        now: Now,
    ) -> Self {
        let scope = incident.assessment();
        let says = if scope.is_some() { Says::Scope } else { Says::Notice };
        let title = one_line(scrubber.scrub(incident.title()).capped(120).as_str());
        let mut condition = vec![format!("since {}", clock_time(incident.began_at()))];
        let names: Vec<String> = incident
            .issues()
            .iter()
            .take(MOST_ISSUES)
            .map(|owned| affected(&owned.issue, scrubber))
            .collect();
        if !names.is_empty() {
            let more = incident.issues().len().saturating_sub(MOST_ISSUES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            condition.push(format!("errors: {}{more}", names.join(", ")));
        }
        match scope {
            Some((at, assessment)) => {
                condition.push(format!("{} ({})", reach(&assessment.facts), clock_time(at)));
            }
            None => condition.push("how far it reaches is being established".to_owned()),
        }
        let mut actions: Vec<String> = incident
            .done()
            .iter()
            .filter(|(at, _)| last.is_none_or(|last| *at > last))
            .map(|(at, text)| {
                format!("{}: {}", clock_time(*at), one_line(scrubber.scrub(text).capped(ACTION).as_str()))
            })
            .collect();
        actions.drain(..actions.len().saturating_sub(MOST_ACTIONS));
        Self {
            says,
            headline: format!("{} {}{}: {title}", incident.key(), incident.severity(), over(incident)),
            condition,
            actions,
            needs: needs(incident),
            next: next(incident, policy, now),
        }
    }

    /// The draft as it is given.
    pub fn markdown(&self) -> String {
        format!("**{}**\n\n{}", markdown::plain(&self.headline), self.below("- ", markdown::plain))
    }

    /// What stands below the headline, for a place that takes the text as it is.
    pub fn plain(&self) -> String {
        self.below("• ", str::to_owned)
    }

    fn below(&self, bullet: &str, shown: impl Fn(&str) -> String) -> String {
        let nothing_new = ["nothing new".to_owned()];
        let actions = if self.actions.is_empty() { &nothing_new[..] } else { &self.actions };
        let named = [("Condition", &self.condition[..]), ("Actions", actions), ("Needs", &self.needs)];
        let mut parts: Vec<String> = named
            .into_iter()
            .filter(|(_, lines)| !lines.is_empty())
            .map(|(name, lines)| {
                let lines: Vec<String> =
                    lines.iter().map(|line| format!("{bullet}{}\n", shown(line))).collect();
                format!("{name}:\n{}", lines.concat())
            })
            .collect();
        parts.extend(self.next.map(|next| format!("Next update by {}.\n", clock_time(next))));
        parts.join("\n")
    }

    /// What an approval of exactly this draft names: when people hear again moves with the clock, what they hear is what
    /// somebody has seen.
    pub fn digest(&self) -> Digest {
        digest::of(&Self { next: None, ..self.clone() })
    }
}

fn over(incident: &Incident) -> &'static str {
    if incident.phase() == Phase::Open { "" } else { " (resolved)" }
}

pub(super) fn reach(facts: &Facts) -> String {
    let mut parts = Vec::new();
    match (facts.users, facts.active_users) {
        (Some(users), Some(of)) if of > 0 => {
            parts.push(format!("{users} of {of} users met an error"));
        }
        (Some(users), _) => parts.push(format!("{users} users met an error")),
        (None, _) => {}
    }
    parts.extend(facts.events.map(|events| format!("{events} errors in the last {}", facts.window)));
    parts.push(match facts.services {
        1 => "1 project".to_owned(),
        services => format!("{services} projects"),
    });
    parts.extend(facts.trend.map(|trend| match trend {
        Trend::Falling => "falling".to_owned(),
        Trend::Steady => "steady".to_owned(),
        Trend::Rising => "rising".to_owned(),
    }));
    parts.join(", ")
}

fn needs(incident: &Incident) -> Vec<String> {
    if incident.phase() != Phase::Open {
        return Vec::new();
    }
    let vacant = Role::ALL.into_iter().filter(|role| incident.holder(*role).is_none());
    let mut needs: Vec<String> = vacant.map(|role| format!("{}: nobody yet", role.title())).collect();
    needs.extend(
        incident
            .issues()
            .iter()
            .filter(|owned| owned.owner.is_none())
            .map(|owned| format!("owner of {}: nobody yet", owned.issue.short_id)),
    );
    needs.extend(incident.breach().map(|breach| breach.to_string()));
    needs
}

/// When people hear again if this is given now.
fn next(incident: &Incident, policy: &ClockPolicy, now: Now) -> Option<Timestamp> {
    let given = super::Entry {
        at: now.0,
        author: super::Author::Orderly,
        source: None,
        what: super::What::Informed { says: Says::Scope, text: String::new().as_str().into() },
    };
    let then = incident.after(&given).ok()?;
    duties(&then, policy, now).into_iter().find_map(|duty| match (duty.task, duty.standing) {
        (Task::Update, Standing::Due { .. } | Standing::Overdue { .. }) => Some(duty.due),
        _ => None,
    })
}

fn clock_time(at: Timestamp) -> String {
    at.strftime("%F %R UTC").to_string()
}
