//! Sentry's ports.

use super::{FakeWorld, Trouble};
use crate::world::{at, site};
use async_trait::async_trait;
use orderly_core::answer::{Cause, Looked, RequestRef};
use orderly_core::ids::{IssueId, SentrySite};
use orderly_core::sync::snapshot::{
    EventEvidence, ExternalLink, Issue, LinkBackPath, OwnerClue, Signal, Status,
};
use orderly_engine::ports::sentry::{Answered, LinkBackOrder, SearchScope, SentryLink, SentryRead};

fn lost<T>() -> Looked<T> {
    Looked::CouldNotLook(Cause::NoReply("time-out".to_owned()))
}

#[async_trait]
impl SentryRead for FakeWorld {
    fn site(&self) -> SentrySite {
        site()
    }

    async fn environments(&self) -> Looked<Vec<String>> {
        match self.call("sentry.environments").await {
            Trouble::None => Looked::Saw(vec!["production".to_owned(), "staging".to_owned()]),
            _ => lost(),
        }
    }

    async fn search(&self, signal: Signal, scope: &SearchScope) -> Looked<Answered<Vec<Issue>>> {
        if self.call("sentry.search").await != Trouble::None {
            return lost();
        }
        assert!(scope.limit <= 100, "Sentry answers at most 100 issues a page");
        let state = self.state();
        let named =
            state.sentry.issues.values().filter(|one| {
                one.signals.contains(&signal) && matches!(one.issue.status, Status::Unresolved(_))
            });
        let value = named.map(|one| one.issue.clone()).collect();
        Looked::Saw(Answered { value, request: request("GET issues", state.second) })
    }

    async fn issue(&self, id: IssueId, _: &SearchScope) -> Looked<Option<Issue>> {
        match self.call("sentry.issue").await {
            Trouble::None => Looked::Saw(self.state().sentry.issues.get(&id).map(|one| one.issue.clone())),
            _ => lost(),
        }
    }

    async fn latest_event(&self, id: IssueId) -> Looked<EventEvidence> {
        match self.call("sentry.latest_event").await {
            Trouble::None => {
                self.state().sentry.issues.get(&id).map_or_else(lost, |one| Looked::Saw(one.event.clone()))
            }
            _ => lost(),
        }
    }

    async fn owners(&self, _: &Issue) -> Looked<Vec<OwnerClue>> {
        // The list carried them.
        Looked::Saw(Vec::new())
    }

    async fn external_links(&self, id: IssueId) -> Looked<Answered<Vec<ExternalLink>>> {
        match self.call("sentry.external_links").await {
            Trouble::None => {
                let state = self.state();
                let request = request("GET external-issues", state.second);
                Looked::Saw(Answered { value: state.sentry.links_of(id), request })
            }
            _ => lost(),
        }
    }

    async fn link_back_path(&self) -> LinkBackPath {
        match self.call("sentry.link_back_path").await {
            Trouble::None => {
                LinkBackPath::Installation { uuid: "inst-1".to_owned(), app: "orderly".to_owned() }
            }
            _ => LinkBackPath::Unavailable { step: "install the app".to_owned() },
        }
    }
}

#[async_trait]
impl SentryLink for FakeWorld {
    async fn link_back(&self, order: &LinkBackOrder) -> Result<(), Cause> {
        let trouble = self.call("sentry.link_back").await;
        if trouble != Trouble::Lost {
            self.state().sentry.link(order);
        }
        if trouble == Trouble::None { Ok(()) } else { Err(Cause::NoReply("time-out".to_owned())) }
    }
}

pub(super) fn request(what: &str, second: u64) -> RequestRef {
    RequestRef { what: what.to_owned(), at: at(second) }
}
