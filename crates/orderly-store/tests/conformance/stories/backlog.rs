//! What is remembered of tracked work.

use crate::entries::{at, scope};
use orderly_core::backlog::coverage::Read;
use orderly_core::backlog::{Coverage, KnownItem};
use orderly_core::calibrate::{Example, Likeness, Truth};
use orderly_core::ids::{IssueId, ItemId, ItemKey, ProjectSlug, TeamKey};
use orderly_core::scrub::Scrubber;
use orderly_core::similar::{Signature, WrittenItem};
use orderly_core::sync::snapshot::{ItemState, Presence, TrackedItem};
use orderly_core::untrusted::Untrusted;
use orderly_engine::ports::backlog::{BacklogNews, BacklogStore, OwnExamples};
use std::collections::BTreeMap;
use uuid::Uuid;

fn known(number: u128, title: &str) -> KnownItem {
    let item = TrackedItem {
        id: ItemId(Uuid::from_u128(number)),
        key: ItemKey::new(format!("PLAT-{number}")),
        url: Untrusted::from("https://tracker.example/x"),
        title: Untrusted::new(title.to_owned()),
        team: TeamKey::new("PLAT"),
        state: ItemState::Backlog,
        presence: Presence::Live,
        created_at: at(0).0,
        updated_at: at(1).0,
        marker: None,
        completed_at: None,
        duplicate_of: None,
        attachments: Vec::new(),
        texts: vec![Untrusted::from("no price for order 7")],
    };
    KnownItem::of(item, Some(ItemId(Uuid::from_u128(9))), &Scrubber::built_in())
}

pub async fn tracked_work_comes_back_as_it_was_and_changes_replace_it(ledger: &dyn BacklogStore) {
    let (scope, other) = (scope("backlog"), scope("backlog-other"));
    let teams = [TeamKey::new("PLAT"), TeamKey::new("WEB")];
    let nothing = ledger.backlog(&scope, &teams).await.unwrap();
    assert_eq!((nothing.coverage, nothing.items.len()), (Coverage::none(teams.to_vec()), 0));

    let coverage =
        Coverage::none(teams.to_vec()).with_recent(Read::DownTo(at(-50).0), Some(at(3).0), at(9).0);
    let items = vec![known(1, "one \u{0} \"two\""), known(2, "two")];
    let news = BacklogNews { coverage: coverage.clone(), items: items.clone() };
    ledger.learn_items(&scope, &teams, &news).await.unwrap();
    let written = WrittenItem { title: Untrusted::from("KeyError: gone"), body: Untrusted::from("") };
    let errors = BTreeMap::from([(IssueId(u64::MAX), Signature::of_item(&written))]);
    ledger.learn_errors(&scope, &errors).await.unwrap();
    let stored = ledger.backlog(&scope, &teams).await.unwrap();
    assert_eq!((&stored.coverage, &stored.items, &stored.errors), (&coverage, &items, &errors));
    assert_eq!(ledger.backlog(&other, &teams).await.unwrap().items, []);

    let coverage = coverage.with_older(Read::Whole);
    let changed = known(2, "two, and more");
    let news = BacklogNews { coverage: coverage.clone(), items: vec![changed.clone(), known(3, "three")] };
    ledger.learn_items(&scope, &teams, &news).await.unwrap();
    let stored = ledger.backlog(&scope, &teams).await.unwrap();
    assert_eq!(stored.items, [items[0].clone(), changed, known(3, "three")]);
    assert!(stored.coverage.is_complete());
}

pub async fn items_are_forgotten_and_what_was_seen_of_errors_stays(ledger: &dyn BacklogStore) {
    let scope = scope("backlog-forgotten");
    let teams = [TeamKey::new("PLAT")];
    ledger.forget_items(&scope, &teams).await.unwrap();
    let coverage = Coverage::none(teams.to_vec()).with_recent(Read::Whole, None, at(3).0);
    let news = BacklogNews { coverage, items: vec![known(1, "one")] };
    ledger.learn_items(&scope, &teams, &news).await.unwrap();
    let seen = BTreeMap::from([(IssueId(7), known(1, "one").signature)]);
    ledger.learn_errors(&scope, &seen).await.unwrap();
    ledger.forget_items(&scope, &teams).await.unwrap();
    let stored = ledger.backlog(&scope, &teams).await.unwrap();
    assert_eq!(
        (stored.coverage, stored.items, &stored.errors),
        (Coverage::none(teams.to_vec()), Vec::new(), &seen)
    );
    let news = BacklogNews { items: vec![known(2, "two")], ..news };
    ledger.learn_items(&scope, &teams, &news).await.unwrap();
    let stored = ledger.backlog(&scope, &teams).await.unwrap();
    assert_eq!((stored.items, stored.errors), (news.items, seen));
}

pub async fn what_was_read_for_other_teams_is_no_answer_and_is_forgotten(ledger: &dyn BacklogStore) {
    let scope = scope("backlog-teams");
    let (few, more) = ([TeamKey::new("PLAT")], [TeamKey::new("PLAT"), TeamKey::new("WEB")]);
    let read = |teams: &[TeamKey]| Coverage::none(teams.to_vec()).with_recent(Read::Whole, None, at(3).0);
    let news = BacklogNews { coverage: read(&few), items: vec![known(1, "one")] };
    ledger.learn_items(&scope, &few, &news).await.unwrap();
    assert_eq!(ledger.backlog(&scope, &more).await.unwrap().items, []);
    let news = BacklogNews { coverage: read(&more), items: vec![known(2, "two")] };
    ledger.learn_items(&scope, &more, &news).await.unwrap();
    assert_eq!(ledger.backlog(&scope, &more).await.unwrap().items, [known(2, "two")]);
}

pub async fn the_last_examples_are_kept(ledger: &dyn BacklogStore) {
    let scope = scope("examples");
    assert_eq!(ledger.examples(&scope).await.unwrap(), None);
    for truth in [Truth::Known, Truth::New] {
        let project = Some(ProjectSlug::new("web"));
        let example = Example { project, best: Likeness::from(4_711), truth };
        let own = OwnExamples { score_version: 1, at: at(5).0, examples: vec![example] };
        ledger.learn_examples(&scope, &own).await.unwrap();
        assert_eq!(ledger.examples(&scope).await.unwrap(), Some(own));
    }
}
