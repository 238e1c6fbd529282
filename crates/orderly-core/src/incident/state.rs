//! What the entries of an incident come to, and which of them are refused.

use super::action::{Actions, Planned};
use super::audience::Audience;
use super::command::{Breach, Role, breach, same};
use super::entry::{Affected, Author, Entry, IncidentKey, NoteKind, Says, What};
use super::import::Origin;
use super::mitigation::{Step, Trial, Trials};
use super::refused::Refused;
use super::severity::{Assessment, Ratchet, Severity};
use super::tell::Messages;
use crate::answer::Cause;
use crate::ids::{IssueId, ProjectSlug};
use crate::sync::snapshot::Assignee;
use crate::time::{Now, Seconds, Timestamp};
use crate::untrusted::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

/// An error that is older than this at the declaration is not what began the incident.
const SHORTLY: Seconds = Seconds::hours(6);

/// An incident as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    key: IncidentKey,
    title: Untrusted<String>,
    declared_at: Timestamp,
    severity: Option<Ratchet>,
    assessment: Option<(Timestamp, Assessment)>,
    roles: BTreeMap<Role, (Assignee, Timestamp)>,
    complete_at: Option<Timestamp>,
    issues: Vec<Ownership>,
    given: Vec<Given>,
    done: Vec<(Timestamp, Untrusted<String>)>,
    /// The first thing that somebody wrote down as a mitigation.
    mitigated_at: Option<Timestamp>,
    trials: Trials,
    actions: Actions,
    pub(super) messages: Messages,
    pub(super) imported: BTreeSet<Origin>,
    /// Entries so far, and which of them are hypotheses.
    entries: u32,
    hypotheses: BTreeMap<u32, Timestamp>,
    audience: Audience,
    phase: Phase,
}

/// An issue and who owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// The issue.
    pub issue: Affected,
    /// Its assignee in Sentry, as far as is known.
    pub owner: Option<Assignee>,
    /// Whom it was last to be assigned to, while nobody knows whether it was; or why it was not.
    pub pending: Option<Result<Assignee, Cause>>,
}

/// An update that people were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// When.
    pub at: Timestamp,
    /// What it told.
    pub says: Says,
}

/// How far an incident is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It goes on.
    Open,
    /// It is over.
    Resolved {
        /// Since when.
        at: Timestamp,
    },
}

impl Incident {
    /// The incident that a declaration begins.
    ///
    /// # Errors
    /// When the entry is no declaration.
    pub fn declared(key: IncidentKey, entry: &Entry) -> Result<Self, Refused> {
        let What::Declared { title, issues } = &entry.what else { return Err(Refused::Declaration) };
        Ok(Self {
            key,
            title: title.clone(),
            declared_at: entry.at,
            severity: None,
            assessment: None,
            roles: BTreeMap::new(),
            complete_at: None,
            issues: issues.iter().map(Ownership::joined).collect(),
            given: Vec::new(),
            done: Vec::new(),
            mitigated_at: None,
            trials: Trials::default(),
            actions: Actions::default(),
            messages: Messages::default(),
            imported: BTreeSet::new(),
            entries: 1,
            hypotheses: BTreeMap::new(),
            audience: Audience::Open,
            phase: Phase::Open,
        })
    }

    /// The incident after an entry.
    ///
    /// # Errors
    /// Why the entry is refused; then nothing has changed.
    pub fn after(&self, entry: &Entry) -> Result<Self, Refused> {
        self.admits(&entry.what, &entry.author)?;
        let mut next = self.clone();
        next.apply(entry);
        match (breach(self), breach(&next), &entry.what) {
            // What makes it SEV1 is so, whoever leads; the breach is then shown until it is mended.
            (None, Some(breach), What::Appointed { .. } | What::Assigning { .. } | What::Assigned { .. }) => {
                Err(Refused::Breach(breach))
            }
            _ => Ok(next),
        }
    }

    fn admits(&self, what: &What, author: &Author) -> Result<(), Refused> {
        let over = self.phase != Phase::Open;
        match what {
            What::Declared { .. } => Err(Refused::Declaration),
            What::Joined { .. }
            | What::Assessed { .. }
            | What::Rated { .. }
            | What::Mitigated { .. }
            | What::Mitigation { step: Step::Trying { .. } }
                if over =>
            {
                Err(Refused::Over)
            }
            What::Joined { issue } if self.owned(issue.id).is_some() => {
                Err(Refused::Already { what: format!("{} belongs to it", issue.short_id) })
            }
            What::Rated { severity, .. } => self.may_rate(*severity, author),
            What::Appointed { role, to, .. } if self.holder(*role).is_some_and(|holder| same(holder, to)) => {
                Err(Refused::Already { what: format!("{} is {}", to.called(), role.title()) })
            }
            What::Appointed { role, brief: Some(_), .. } if self.holder(*role).is_none() => {
                Err(Refused::Vacant { role: *role })
            }
            What::Assigning { issue, .. }
            | What::Assigned { issue, .. }
            | What::NotAssigned { issue, .. }
                if self.owned(*issue).is_none() =>
            {
                Err(Refused::NoSuchIssue { issue: *issue })
            }
            What::Learned { confirms: Some(entry), .. } if !self.hypotheses.contains_key(entry) => {
                Err(Refused::NoHypothesis { entry: *entry })
            }
            What::Restricted { .. } if self.audience == Audience::Restricted => {
                Err(Refused::Already { what: "it is restricted".to_owned() })
            }
            What::Mitigation { step } => Ok(self.trials.admits(step, author)?),
            What::Resolved { .. } if over => Err(Refused::Already { what: "it is resolved".to_owned() }),
            What::Imported { origin, .. } if self.imported.contains(origin) => {
                Err(Refused::Already { what: "it is imported".to_owned() })
            }
            What::Posting { .. } | What::Posted { .. } | What::NotPosted { .. } => self.may_post(what),
            what => self.actions.admits(what, self.declared_at),
        }
    }

    fn may_rate(&self, severity: Severity, author: &Author) -> Result<(), Refused> {
        // What nobody has judged yet a person may; an agent finds it as bad as it is taken to be.
        let by_agent = matches!(author, Author::Agent(_)).then(|| self.severity());
        let Some(current) = self.severity.map(Ratchet::current).or(by_agent) else { return Ok(()) };
        if severity == current {
            return Err(Refused::Already { what: format!("it is {severity}") });
        }
        let commander = self.holder(Role::Commander);
        let by_commander = match (author, commander) {
            (Author::Person(author), Some(commander)) => same(author, commander),
            _ => false,
        };
        if severity < current && !by_commander {
            return Err(Refused::NotTheCommander { commander: commander.map(Assignee::called) });
        }
        Ok(())
    }

    fn apply(&mut self, entry: &Entry) {
        let at = entry.at;
        self.entries = self.entries.saturating_add(1);
        match &entry.what {
            What::Declared { .. } | What::Noted { .. } | What::Learned { .. } => {}
            What::Restricted { .. } => self.audience = Audience::Restricted,
            What::Joined { issue } => self.issues.push(Ownership::joined(issue)),
            What::Assessed { assessment } => {
                let said = assessment.severity;
                self.severity =
                    Some(self.severity.map_or(Ratchet::new(said), |so_far| so_far.assessed(said)));
                self.assessment = Some((at, assessment.clone()));
            }
            What::Rated { severity, .. } => {
                let so_far = self.severity.unwrap_or(Ratchet::new(*severity));
                self.severity = Some(so_far.decided(*severity));
            }
            What::Appointed { role, to, .. } => {
                self.roles.insert(*role, (to.clone(), at));
                if self.roles.len() == Role::ALL.len() && self.complete_at.is_none() {
                    self.complete_at = Some(at);
                }
            }
            What::Assigning { issue, to } => self.own(*issue, |own| own.pending = Some(Ok(to.clone()))),
            What::Assigned { issue, to } => self.own(*issue, |own| {
                own.owner = Some(to.clone());
                own.pending = None;
            }),
            What::NotAssigned { issue, cause } => {
                self.own(*issue, |own| own.pending = Some(Err(cause.clone())));
            }
            What::Informed { says, .. } => self.given.push(Given { at, says: *says }),
            What::Mitigated { how } => {
                self.mitigated_at.get_or_insert(at);
                self.done.push((at, how.clone()));
            }
            What::Mitigation { step } => {
                let done = self.trials.apply(step, at);
                self.done.extend(done.map(|text| (at, Untrusted::new(text))));
            }
            What::Resolved { .. } => self.phase = Phase::Resolved { at },
            What::Imported { origin, .. } => drop(self.imported.insert(origin.clone())),
            what @ (What::Posting { .. } | What::Posted { .. } | What::NotPosted { .. }) => {
                self.messages.apply(what);
            }
            what @ (What::Planned { .. }
            | What::Closed { .. }
            | What::Filing { .. }
            | What::Filed { .. }
            | What::NotFiled { .. }) => self.actions.apply(what, at),
        }
        match &entry.what {
            What::Noted { kind: NoteKind::Action, text } => self.done.push((at, text.clone())),
            What::Noted { kind: NoteKind::Hypothesis, .. } => {
                self.hypotheses.insert(self.entries, at);
            }
            _ => {}
        }
    }

    fn own(&mut self, issue: IssueId, change: impl FnOnce(&mut Ownership)) {
        if let Some(owned) = self.issues.iter_mut().find(|owned| owned.issue.id == issue) {
            change(owned);
        }
    }

    /// Which one it is.
    pub const fn key(&self) -> &IncidentKey {
        &self.key
    }

    /// What it is called.
    pub const fn title(&self) -> &Untrusted<String> {
        &self.title
    }

    /// When it was declared.
    pub const fn declared_at(&self) -> Timestamp {
        self.declared_at
    }

    /// When the impact began, as far as is known: the first error of an issue that was new shortly before.
    pub fn began_at(&self) -> Timestamp {
        let recent = |at: &Timestamp| Now(self.declared_at).seconds_since(*at) <= SHORTLY.0;
        let first = self.issues.iter().map(|owned| owned.issue.first_seen).filter(recent).min();
        first.map_or(self.declared_at, |first| first.min(self.declared_at))
    }

    /// How bad it is. Until somebody has judged it, it is taken for the worst: better too many people than too few.
    pub fn severity(&self) -> Severity {
        self.severity.map_or(Severity::Sev1, Ratchet::current)
    }

    /// The last judgement from numbers.
    pub fn assessment(&self) -> Option<(Timestamp, &Assessment)> {
        self.assessment.as_ref().map(|(at, assessment)| (*at, assessment))
    }

    /// Who has a role.
    pub fn holder(&self, role: Role) -> Option<&Assignee> {
        self.roles.get(&role).map(|(who, _)| who)
    }

    /// Who has a role, and since when.
    pub fn held(&self, role: Role) -> Option<(&Assignee, Timestamp)> {
        self.roles.get(&role).map(|(who, since)| (who, *since))
    }

    /// When every role was given for the first time.
    pub const fn complete_at(&self) -> Option<Timestamp> {
        self.complete_at
    }

    /// Its issues, the leading one first.
    pub fn issues(&self) -> &[Ownership] {
        &self.issues
    }

    /// The projects of its issues.
    pub fn projects(&self) -> BTreeSet<ProjectSlug> {
        self.issues.iter().map(|owned| owned.issue.project.clone()).collect()
    }

    /// Why an issue could not be assigned in Sentry when that was tried last.
    pub fn not_assigned(&self, issue: IssueId) -> Option<&Cause> {
        self.owned(issue)?.pending.as_ref()?.as_ref().err()
    }

    /// An issue of it.
    pub fn owned(&self, issue: IssueId) -> Option<&Ownership> {
        self.issues.iter().find(|owned| owned.issue.id == issue)
    }

    /// The updates that were given, in the order of the log.
    pub fn given(&self) -> &[Given] {
        &self.given
    }

    /// What was done, in the order of the log.
    pub fn done(&self) -> &[(Timestamp, Untrusted<String>)] {
        &self.done
    }

    /// When the impact was ended, as it was measured; before that, when something was done to end it that did not provably
    /// do nothing.
    pub fn mitigated_at(&self) -> Option<Timestamp> {
        self.trials.mitigated_at(self.mitigated_at)
    }

    /// Whether an end of the impact was measured.
    pub fn is_measured(&self) -> bool {
        self.trials.has_worked()
    }

    /// The options that were tried, in the order of their numbers, from 1.
    pub fn trials(&self) -> &[Trial] {
        self.trials.all()
    }

    /// What is to be done, in the order of its numbers, from 1.
    pub fn actions(&self) -> &[Planned] {
        self.actions.all()
    }

    /// When the hypothesis of an entry was written down; `None` when the entry is none.
    pub fn hypothesis(&self, entry: u32) -> Option<Timestamp> {
        self.hypotheses.get(&entry).copied()
    }

    /// Who may hear details.
    pub const fn audience(&self) -> Audience {
        self.audience
    }

    /// How far it is.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// When it was over; as long as it goes on, `now`.
    pub const fn until(&self, now: Now) -> Timestamp {
        match self.phase {
            Phase::Open => now.0,
            Phase::Resolved { at } => at,
        }
    }

    /// The rule of command that does not hold as things are.
    pub fn breach(&self) -> Option<Breach> {
        breach(self)
    }
}

impl Ownership {
    fn joined(issue: &Affected) -> Self {
        Self { issue: issue.clone(), owner: issue.owner.clone(), pending: None }
    }
}
