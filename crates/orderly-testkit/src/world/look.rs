//! What a run sees of the world before it decides: the snapshot, with looks that may fail.

use super::ledger::Ledger;
use super::people::key;
use super::sentry::{Reported, Sentry, permalink};
use super::tracker::{Allowed, Item, Tracker};
use super::{TEAM_ID, site, team};
use orderly_core::answer::{Cause, Looked};
use orderly_core::calibrate::Calibration;
use orderly_core::ids::{Generation, TrackKey};
use orderly_core::select::{IntentState, Listed, Remembered, select};
use orderly_core::sync::machine::{Stage, Work};
use orderly_core::sync::policy::SyncPolicy;
use orderly_core::sync::snapshot::{
    Candidate, Creation, LinkBackPath, LinkedElsewhere, Look, Lookups, Memory, OpenIntent, Snapshot,
    TrackedItem, TrackerFacts,
};
use orderly_core::time::Now;
use orderly_core::tracked::fingerprint::TitleFingerprint;
use std::collections::BTreeMap;

/// What goes wrong while looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blind {
    /// Nothing.
    Seeing,
    /// The tracker answers nothing.
    Tracker,
    /// The look by permalink fails.
    Permalink,
    /// Sentry does not say which links it keeps.
    Links,
}

/// How exact the looks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// By primary key and exact filter, as the real adapter looks.
    Exact,
    /// Everything through the search index, which lags: a planted bug.
    LaggingSearch,
}

/// What a run looks at, and how well.
pub struct Looker<'a> {
    /// Sentry.
    pub sentry: &'a Sentry,
    /// Tracker.
    pub tracker: &'a Tracker,
    /// Ledger.
    pub ledger: &'a Ledger,
    /// Policy.
    pub policy: &'a SyncPolicy,
    /// What goes wrong.
    pub blind: Blind,
    /// How exact it is.
    pub sight: Sight,
    /// The way links back are written.
    pub link_back: LinkBackPath,
    /// Second of the world.
    pub second: u64,
}

impl Looker<'_> {
    /// Looks.
    pub fn snapshot(&self, now: Now) -> Snapshot {
        let open = self.ledger.open();
        let is_open = |id| open.iter().any(|entry| entry.key.issue == id);
        let named = self
            .sentry
            .issues
            .values()
            .filter(|one| is_open(one.issue.id) || !one.issue.status.eq(&resolved()));
        let listed = named.map(|one| Listed {
            issue: one.issue.clone(),
            signals: one.signals.clone(),
            remembered: Remembered {
                last_report: self.ledger.reports.get(&one.issue.id).cloned(),
                intent: if is_open(one.issue.id) { IntentState::Open } else { IntentState::None },
            },
        });
        let selection = select(listed.collect(), self.policy, now);
        let candidates = selection.selected.into_iter().filter_map(|listed| {
            let reported = self.sentry.issues.get(&listed.issue.id)?;
            Some(self.candidate(reported, listed))
        });
        Snapshot {
            site: site(),
            team: team(),
            signals: BTreeMap::new(),
            candidates: candidates.collect(),
            held: selection.held,
            tracker: self.facts(),
            link_back: self.link_back.clone(),
            gaps: Vec::new(),
            calibration: Calibration::default(),
        }
    }

    fn facts(&self) -> Looked<TrackerFacts> {
        if self.blind == Blind::Tracker {
            return Looked::CouldNotLook(Cause::NoReply("time-out".to_owned()));
        }
        Looked::Saw(permitted(self.tracker))
    }

    fn candidate(&self, reported: &Reported, listed: Listed) -> Candidate {
        let issue = listed.issue;
        let intents = self.ledger.open().into_iter().filter(|entry| entry.key.issue == issue.id);
        let intents = intents.filter_map(|entry| match (entry.work, entry.stage) {
            (Work::Create { order }, Stage::Intended | Stage::Sent) => {
                Some(OpenIntent { generation: entry.key.generation, order })
            }
            _ => None,
        });
        let open_intent = intents.max_by_key(|intent| intent.generation);
        Candidate {
            signals: listed.signals,
            event: Looked::Saw(reported.event.clone()),
            owners: Vec::new(),
            lookups: self.lookups(reported),
            memory: Memory { last_report: listed.remembered.last_report, open_intent },
            issue,
        }
    }

    fn lookups(&self, reported: &Reported) -> Lookups {
        let issue = &reported.issue;
        let address = permalink(issue.id);
        let lives: Vec<_> =
            (0..4).map(|g| TrackKey { generation: Generation(g), ..key(issue.id) }.item_id()).collect();
        let short_id = format!(" {} ", issue.short_id);
        let title = TitleFingerprint::of(&issue.title);
        let links = self.sentry.links_of(issue.id).into_iter().map(|link| {
            let item =
                self.tracker.items.values().find(|item| item.reference().url == link.url).map(Item::seen);
            LinkedElsewhere { link, item }
        });
        Lookups {
            external_link: if self.blind == Blind::Links { lost() } else { look(links.collect()) },
            short_id: self.find(|item| item.body.contains(&short_id)),
            permalink: if self.blind == Blind::Permalink {
                lost()
            } else {
                self.find(|item| item.attachments.contains_key(&address) || item.body.contains(&address))
            },
            title: self.find(|item| item.marker().is_some_and(|marker| marker.title == title.hex())),
            stack: self.find(|_| false),
            owner: self.find(|_| false),
            own: self.find(|item| lives.contains(&item.id)),
            alike: if self.blind == Blind::Tracker { lost() } else { look(Vec::new()) },
            compared_with: 0,
            twins: Vec::new(),
        }
    }

    fn find(&self, hit: impl Fn(&Item) -> bool) -> Look<TrackedItem> {
        if self.blind == Blind::Tracker {
            return lost();
        }
        let known = |item: &&Item| {
            self.sight == Sight::Exact || item.changed_at + self.tracker.search_lag <= self.second
        };
        look(self.tracker.items.values().filter(known).filter(|item| hit(item)).map(Item::seen).collect())
    }
}

/// What a tracker says of team and permissions.
pub fn permitted(tracker: &Tracker) -> TrackerFacts {
    TrackerFacts {
        team: team(),
        team_id: TEAM_ID.to_owned(),
        initial_state: Some("state-triage".to_owned()),
        reopen_state: Some("state-todo".to_owned()),
        labels: BTreeMap::new(),
        people: BTreeMap::new(),
        creation: match tracker.creation {
            Allowed::Yes => Creation::Allowed,
            Allowed::No => Creation::Refused("no permission".to_owned()),
        },
        repeated_ids: tracker.repeated,
        other_teams: BTreeMap::new(),
    }
}

const fn resolved() -> orderly_core::sync::snapshot::Status {
    orderly_core::sync::snapshot::Status::Resolved
}

const fn look<T>(items: Vec<T>) -> Look<T> {
    Look { answer: Looked::Saw(items), looked_for: Vec::new(), requests: Vec::new() }
}

fn lost<T>() -> Look<T> {
    Look {
        answer: Looked::CouldNotLook(Cause::NoReply("time-out".to_owned())),
        looked_for: Vec::new(),
        requests: Vec::new(),
    }
}
