//! Actions as items of the tracker: at most one item an action, because its id is derived from what it is for, the intent
//! stands in the log before the request leaves, and what nobody answered is read by that id.

use super::action::Filing;
use super::audience::Audience;
use super::entry::IncidentKey;
use super::severity::Severity;
use super::state::Incident;
use crate::digest;
use crate::encode::{markdown, one_line};
use crate::ids::{Digest, ItemId, TeamKey, item_id};
use crate::scrub::Scrubber;
use crate::sync::plan::ItemRef;
use crate::sync::policy::SyncPolicy;
use crate::sync::snapshot::{Assignee, TrackedItem, TrackerFacts};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Characters of a title.
const TITLE: usize = 200;
/// Characters of a text in the body.
const TEXT: usize = 2000;
/// Priority in the tracker after a bad incident, and after a mild one: high, medium.
const PRIORITIES: (u8, u8) = (2, 3);

/// What at most one item of the tracker may exist for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionKey {
    /// The incident.
    pub incident: IncidentKey,
    /// Number of the action, from 1.
    pub action: u32,
    /// The team whose backlog is kept.
    pub team: TeamKey,
}

impl ActionKey {
    /// The item's id: same action, same id, on every machine and after every restore.
    pub fn item_id(&self) -> ItemId {
        item_id(&self.hash())
    }

    /// The line by which Orderly knows the item again.
    pub fn marker(&self) -> String {
        let Self { incident, action, .. } = self;
        let fingerprint = &self.hash()[16..22];
        format!("Action of Orderly: {}/{incident} {action} k:{}", incident.org, hex::encode(fingerprint))
    }

    /// Whether an item under the derived id is the one that was made for it.
    ///
    /// # Errors
    /// What it is instead.
    pub fn recognise(&self, item: &TrackedItem) -> Result<ItemRef, String> {
        let marker = self.marker();
        let ours = item.texts.iter().any(|text| text.as_raw_str().lines().any(|line| line.trim() == marker));
        ours.then(|| ItemRef::from(item))
            .ok_or_else(|| format!("{} has the derived id and carries another marker or none", item.key))
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(digest::canonical(&("action-v1", self))).into()
    }
}

/// Exactly what is sent; kept in the log, and sent again unchanged or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOrder {
    /// What it is for.
    pub key: ActionKey,
    /// Derived id.
    pub item: ItemId,
    /// Team id in the tracker.
    pub team_id: String,
    /// Title; scrubbed and encoded.
    pub title: String,
    /// Markdown body; scrubbed and encoded; ends with the marker.
    pub body: String,
    /// Priority number.
    pub priority: u8,
    /// State id.
    pub state: Option<String>,
    /// Label ids.
    pub labels: Vec<String>,
    /// Assignee id.
    pub assignee: Option<String>,
}

impl FileOrder {
    /// The same for everybody to read.
    fn without_details(self, incident: &Incident, action: &super::Action) -> Self {
        let body = body(&self.key, incident, Audience::WITHHELD, action, None);
        Self { title: bare_title(&self.key), body, ..self }
    }
}

/// `Action 2 of INC-7`.
fn bare_title(ActionKey { incident, action, .. }: &ActionKey) -> String {
    format!("Action {action} of {incident}")
}

/// What would be filed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FilePlan {
    /// New items.
    pub orders: Vec<FileOrder>,
    /// Items of which nobody knows whether they are there: they are looked for first, and sent again as they were.
    pub unsettled: Vec<FileOrder>,
    /// Actions beyond what a run may create; the next one files them.
    pub beyond: u32,
    /// Actions of a restricted incident that may have been sent with details: only its own channel looks for their items.
    pub withheld: u32,
}

impl FilePlan {
    /// What would be filed for the open actions of an incident; at most so many new items as the policy lets a run create.
    /// A tracker is read by everybody: of a restricted incident an item says who has to do it until when, unless it is asked
    /// for by those who handle it.
    pub fn of(
        incident: &Incident,
        team: &TeamKey,
        facts: &TrackerFacts,
        policy: &SyncPolicy,
        (scrubber, listener): (&Scrubber, Audience),
    ) -> Self {
        let whole = incident.audience().tells_details_to(listener);
        let (mut orders, mut unsettled, mut withheld) = (Vec::new(), Vec::new(), 0);
        for (number, planned) in (1..).zip(incident.actions()) {
            match &planned.filing {
                None if planned.closed.is_none() => {
                    let key =
                        ActionKey { incident: incident.key().clone(), action: number, team: team.clone() };
                    let order = order(key, incident, &planned.action, facts, policy, scrubber);
                    orders.push(if whole { order } else { order.without_details(incident, &planned.action) });
                }
                Some(Filing::Intended(order)) if whole || order.title == bare_title(&order.key) => {
                    unsettled.push(order.clone());
                }
                Some(Filing::Intended(_)) => withheld += 1,
                None | Some(Filing::Filed(_)) => {}
            }
        }
        let most = policy.max_creates.get() as usize;
        let beyond = u32::try_from(orders.len().saturating_sub(most)).unwrap_or(u32::MAX);
        orders.truncate(most);
        Self { orders, unsettled, beyond, withheld }
    }

    /// Whether there is nothing to file.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.unsettled.is_empty()
    }

    /// What an approval of exactly this plan names.
    pub fn digest(&self) -> Digest {
        digest::of(&(&self.orders, &self.unsettled))
    }
}

fn order(
    key: ActionKey,
    incident: &Incident,
    action: &super::Action,
    facts: &TrackerFacts,
    policy: &SyncPolicy,
    scrubber: &Scrubber,
) -> FileOrder {
    // Escapes make a line longer; it is plain text, so it may be cut anywhere.
    let text = |text, most| one_line(scrubber.scrub(text).as_str()).chars().take(most).collect::<String>();
    let severe = incident.severity() >= Severity::Sev2;
    let (title, verify) = (text(incident.title(), TITLE), text(&action.verify, TEXT));
    let body = body(&key, incident, &title, action, Some(&verify));
    FileOrder {
        item: key.item_id(),
        team_id: facts.team_id.clone(),
        title: text(&action.text, TITLE),
        body,
        priority: if severe { PRIORITIES.0 } else { PRIORITIES.1 },
        state: facts.initial_state.clone(),
        labels: policy
            .labels
            .iter()
            .filter_map(|name| facts.labels.get(&name.to_lowercase()).cloned())
            .collect(),
        assignee: assignee(&action.owner, facts, policy),
        key,
    }
}

fn body(
    key: &ActionKey,
    incident: &Incident,
    about: &str,
    action: &super::Action,
    verify: Option<&str>,
) -> String {
    let verify = verify.map(|verify| format!("- Verified by: {}\n", markdown::plain(verify)));
    format!(
        "From the review of {} ({}): {}\n\n- Owner: {}\n- Due: {}\n{}\n{}",
        incident.key(),
        incident.severity(),
        markdown::plain(about),
        markdown::plain(&one_line(&action.owner.called())),
        action.due.strftime("%F"),
        verify.unwrap_or_default(),
        key.marker(),
    )
}

/// The owner in the tracker: whom the policy maps it to, or whoever has the same address.
fn assignee(owner: &Assignee, facts: &TrackerFacts, policy: &SyncPolicy) -> Option<String> {
    let own = match owner {
        Assignee::User { email, .. } => email.as_ref(),
        Assignee::Team { .. } => None,
    };
    let email = policy.assignee_of(owner).or(own)?;
    facts.people.get(&email.to_lowercase()).cloned()
}
