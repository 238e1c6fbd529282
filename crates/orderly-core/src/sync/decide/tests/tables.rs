//! One rule a test.

use super::*;

#[test]
fn an_issue_that_is_tracked_nowhere_is_created_with_everything_it_needs() {
    let mut c = candidate(123);
    c.signals.insert(Signal::Regressed);
    c.owners = vec![OwnerClue {
        reason: OwnerReason::OwnershipRule,
        owner: Assignee::Team { slug: "cart".to_owned() },
        evidence: text("path:src/cart.py #cart"),
    }];
    let policy = SyncPolicy {
        labels: vec!["Sentry".to_owned()],
        assignees: BTreeMap::from([("#Cart".to_owned(), "Jane@acme.example".to_owned())]),
        ..SyncPolicy::default()
    };
    let plan = plan(vec![c.clone()], &policy);
    let order = order_of(&plan.entries[0].decision);
    assert_eq!(order.key, key(&c.issue, 0));
    assert_eq!(order.item, order.key.item_id());
    assert_eq!(order.team_id, "team-plat");
    assert_eq!(order.state.as_deref(), Some("state-triage"));
    assert_eq!(order.labels, ["label-sentry"]);
    assert_eq!(order.assignee.as_deref(), Some("person-jane"));
    assert_eq!(order.priority, 2, "regressed");
    assert_eq!(order.attach.url, "https://sentry.example/organizations/acme/issues/123/");
    assert!(plan.entries[0].proof.absence(&order.key).is_some());
    assert_eq!(plan.gaps, []);
}

#[test]
fn a_project_goes_to_its_own_team_with_the_states_and_labels_of_that_team() {
    let mut s = snapshot(vec![candidate(123)]);
    let policy = SyncPolicy {
        labels: vec!["sentry".to_owned()],
        project_teams: BTreeMap::from([(candidate(123).issue.project, TeamKey::new("PAY"))]),
        ..SyncPolicy::default()
    };
    let missing = decide(&s, &policy, now());
    assert!(matches!(
        because(missing.entries[0].decision.clone()),
        PreparedBecause::CreationUnavailable { .. }
    ));
    assert_eq!(missing.gaps[0].what, "The tracker has no team PAY; items for it are only prepared");

    let team = TeamFacts {
        team_id: "team-pay".to_owned(),
        initial_state: Some("pay-triage".to_owned()),
        reopen_state: None,
        labels: BTreeMap::new(),
    };
    let Looked::Saw(facts) = &mut s.tracker else { unreachable!() };
    facts.other_teams.insert(TeamKey::new("PAY"), team);
    let plan = decide(&s, &policy, now());
    let order = order_of(&plan.entries[0].decision);
    assert_eq!((order.team_id.as_str(), order.state.as_deref()), ("team-pay", Some("pay-triage")));
    assert_eq!(order.key.team, TeamKey::new("PAY"));
    assert_eq!(plan.gaps[0].what, "Team PAY has no label `sentry`; items are created without it");
}

#[test]
fn linking_comes_before_updating_and_a_complete_link_needs_nothing() {
    let policy = SyncPolicy { update_stale: UpdateStale::After(Seconds::days(7)), ..SyncPolicy::default() };
    let c = candidate(123);
    let bare = item(3);
    let half = attached(3, &c);
    let mut found = c.clone();
    found.lookups.short_id = look(vec![TrackedItem { title: text("CHECKOUT-123"), ..bare }]);
    assert!(matches!(
        only(found, &policy),
        Decision::Link { attach: Some(attach), found_by: Prover::ShortId, .. } if attach.item == item(3).id
    ));
    let mut found = c.clone();
    found.lookups.permalink = look(vec![half.clone()]);
    assert!(
        matches!(only(found, &policy), Decision::Link { attach: None, .. }),
        "the link in Sentry is missing"
    );
    let fresh = TrackedItem { updated_at: ago(2), ..half.clone() };
    let tracked = only(linked(c.clone(), fresh), &policy);
    assert!(matches!(tracked, Decision::Tracked { because: TrackedBecause::AlreadyLinked, .. }));
    let stale = only(linked(c.clone(), half), &policy);
    assert!(matches!(stale, Decision::Update { reopen: Reopen::Leave, attach: None, .. }), "{stale}");
    let never = only(linked(c.clone(), attached(3, &c)), &SyncPolicy::default());
    assert!(matches!(never, Decision::Tracked { .. }));
}

#[test]
fn what_a_link_back_cannot_write_is_no_reason_to_link_again() {
    let c = candidate(123);
    let mut found = c.clone();
    found.lookups.permalink = look(vec![attached(3, &c)]);
    let mut s = snapshot(vec![found]);
    s.link_back = LinkBackPath::Unavailable { step: "Install an integration.".to_owned() };
    let plan = decide(&s, &SyncPolicy::default(), now());
    assert!(matches!(
        plan.entries[0].decision,
        Decision::Tracked { because: TrackedBecause::AlreadyLinked, .. }
    ));
    assert_eq!(plan.gaps[0].step, "Install an integration.");
    let off = SyncPolicy { link_back: LinkBack::Off, ..SyncPolicy::default() };
    assert_eq!(decide(&s, &off, now()).gaps, []);
}

#[test]
fn an_issue_that_came_back_follows_the_regression_policy_once_for_each_evidence() {
    let with = |regression, last_report: bool| {
        let mut c = candidate(123);
        c.lookups.permalink = look(vec![completed(9, own_item(3, &c.issue, 0))]);
        let content = content_digest(&c.issue, &c.signals);
        c.memory.last_report = last_report.then(|| LastReport { at: ago(30), content });
        only(c, &SyncPolicy { regression, ..SyncPolicy::default() })
    };
    assert!(matches!(with(RegressionPolicy::Comment, false), Decision::Update { reopen: Reopen::Leave, .. }));
    assert!(
        matches!(with(RegressionPolicy::Reopen, false), Decision::Update { reopen: Reopen::To(s), .. } if s == "state-todo")
    );
    assert!(matches!(
        with(RegressionPolicy::Comment, true),
        Decision::Tracked { because: TrackedBecause::Completed, .. }
    ));
    let again = with(RegressionPolicy::NewAndRelate, false);
    let order = order_of(&again);
    assert_eq!(order.key.generation, Generation(1));
    assert_eq!(order.relates_to, Some(own_item(3, &candidate(123).issue, 0).id));
    assert!(order.body.contains(" g1 k:"), "the marker tells the life");
}

#[test]
fn the_same_evidence_makes_the_same_comment_id_and_new_evidence_another() {
    let comment = |events: u64| {
        let mut c = candidate(123);
        c.issue.events = events;
        c.lookups.permalink = look(vec![completed(9, own_item(3, &c.issue, 0))]);
        match only(c, &SyncPolicy::default()) {
            Decision::Update { comment, .. } => comment.id,
            other => panic!("{other}"),
        }
    };
    assert_eq!(comment(120), comment(140));
    assert_ne!(comment(120), comment(14_000));
}

#[test]
fn a_declined_item_is_the_answer_and_nothing_is_filed_again() {
    let mut c = candidate(123);
    c.lookups.permalink = look(vec![TrackedItem { state: ItemState::Canceled, ..attached(3, &c) }]);
    assert!(matches!(
        only(c, &SyncPolicy::default()),
        Decision::Tracked { because: TrackedBecause::Declined, .. }
    ));
}

#[test]
fn doubt_prepares_and_names_the_likely_item() {
    let mut c = candidate(123);
    c.lookups.title = look(vec![TrackedItem { title: c.issue.title.clone(), ..item(3) }]);
    let PreparedBecause::PossibleDuplicate { item, prover } = because(only(c, &SyncPolicy::default())) else {
        panic!("it should be a possible duplicate");
    };
    assert_eq!((item.key.as_str(), prover), ("PLAT-3", Prover::TitleFingerprint));
    let mut c = candidate(123);
    c.lookups.short_id = blind();
    let PreparedBecause::NotProven { open } = because(only(c, &SyncPolicy::default())) else {
        panic!("it should be open")
    };
    assert_eq!(open, ["short ID: the answer had more pages than were read"]);
}

#[test]
fn modes_hold_back_what_they_should() {
    let c = candidate(123);
    let mut to_link = candidate(7);
    to_link.lookups.short_id = look(vec![TrackedItem { title: text("SEARCH-7"), ..item(3) }]);
    let all = vec![c, to_link];
    let with = |mode| words(&plan(all.clone(), &SyncPolicy { mode, ..SyncPolicy::default() }));
    assert_eq!(with(Mode::CreateOrLink), ["SEARCH-7 link PLAT-3", "CHECKOUT-123 create"]);
    assert_eq!(with(Mode::LinkOnly), ["SEARCH-7 link PLAT-3", "CHECKOUT-123 prepare an item"]);
    assert_eq!(
        with(Mode::PrepareOnly),
        ["SEARCH-7 prepare a link to PLAT-3", "CHECKOUT-123 prepare an item"]
    );
}

#[test]
fn what_the_world_does_not_allow_is_prepared_and_is_a_gap() {
    let mut to_link = candidate(7);
    to_link.lookups.short_id = look(vec![TrackedItem { title: text("SEARCH-7"), ..item(3) }]);
    let base = snapshot(vec![candidate(123), to_link]);
    type Change = fn(&mut Snapshot);
    let cases: [(&str, Change, [&str; 2]); 3] = [
        (
            "The tracker could not be asked",
            |s| s.tracker = Looked::CouldNotLook(Cause::Access("no key".to_owned())),
            ["SEARCH-7 prepare a link to PLAT-3", "CHECKOUT-123 prepare an item"],
        ),
        (
            "The tracker does not let these credentials create",
            |s| {
                let creation = Creation::Refused("read only".to_owned());
                s.tracker = Looked::Saw(TrackerFacts { creation, ..facts() });
            },
            ["SEARCH-7 prepare a link to PLAT-3", "CHECKOUT-123 prepare an item"],
        ),
        (
            "The tracker ignores the ids",
            |s| s.tracker = Looked::Saw(TrackerFacts { repeated_ids: RepeatedIds::Ignored, ..facts() }),
            ["SEARCH-7 link PLAT-3", "CHECKOUT-123 prepare an item"],
        ),
    ];
    for (gap, change, expected) in cases {
        let mut s = base.clone();
        change(&mut s);
        let plan = decide(&s, &SyncPolicy::default(), now());
        assert_eq!(words(&plan), expected, "{gap}");
        assert!(plan.gaps.iter().any(|g| g.what.starts_with(gap)), "{gap}");
    }
}

#[test]
fn a_required_link_back_that_is_not_possible_stops_creations_only() {
    let mut to_link = candidate(7);
    to_link.lookups.short_id = look(vec![TrackedItem { title: text("SEARCH-7"), ..item(3) }]);
    let mut s = snapshot(vec![candidate(123), to_link]);
    s.link_back = LinkBackPath::Unavailable { step: "Install an integration.".to_owned() };
    let policy = SyncPolicy { link_back: LinkBack::Required, ..SyncPolicy::default() };
    let plan = decide(&s, &policy, now());
    assert_eq!(words(&plan), ["SEARCH-7 link PLAT-3", "CHECKOUT-123 prepare an item"]);
    assert_eq!(because(plan.entries[1].decision.clone()), PreparedBecause::LinkBackRequired);
}

#[test]
fn a_search_that_was_not_answered_and_a_bad_pattern_are_gaps() {
    let mut s = snapshot(vec![candidate(123)]);
    s.signals.insert(Signal::Escalating, Looked::CouldNotLook(Cause::RateLimited));
    let plan = decide(&s, &SyncPolicy::default(), now());
    assert_eq!(plan.gaps[0].cause, Some(Cause::RateLimited));
    let bad = SyncPolicy { redact: vec!["(".to_owned()], ..SyncPolicy::default() };
    let plan = decide(&s, &bad, now());
    assert_eq!(words(&plan), ["CHECKOUT-123 prepare an item"], "nothing leaves that could not be scrubbed");
}

#[test]
fn the_cap_counts_creations_and_updates_and_links_are_free() {
    let mut all: Vec<Candidate> = (1..=4).map(|n| candidate(n * 3)).collect();
    let mut back = candidate(30);
    back.signals.insert(Signal::Regressed);
    back.lookups.permalink = look(vec![completed(9, own_item(9, &back.issue, 0))]);
    let mut to_link = candidate(33);
    to_link.lookups.short_id = look(vec![TrackedItem { title: text("CHECKOUT-33"), ..item(3) }]);
    all.extend([back, to_link]);
    let policy = SyncPolicy { max_creates: MaxCreates::try_from(2).unwrap(), ..SyncPolicy::default() };
    let plan = plan(all, &policy);
    assert_eq!(
        words(&plan),
        [
            "CHECKOUT-30 comment on PLAT-9",
            "CHECKOUT-3 create",
            "CHECKOUT-6 prepare an item",
            "CHECKOUT-9 prepare an item",
            "CHECKOUT-12 prepare an item",
            "CHECKOUT-33 link PLAT-3",
        ]
    );
    assert_eq!(because(plan.entries[2].decision.clone()), PreparedBecause::CapReached { cap: 2 });
}

#[test]
fn nothing_new_is_said_about_an_issue_that_was_resolved_meanwhile() {
    let mut c = candidate(123);
    c.issue.status = Status::Resolved;
    c.lookups.permalink = look(vec![completed(9, own_item(3, &c.issue, 0))]);
    assert!(matches!(
        only(c, &SyncPolicy::default()),
        Decision::Tracked { because: TrackedBecause::Completed, .. }
    ));
}

fn unfinished(id: u64) -> Candidate {
    let mut c = candidate(id);
    c.signals.clear();
    c.memory.open_intent = Some(OpenIntent { generation: Generation(0), order: order(&c.issue, 0) });
    c
}

#[test]
fn an_unfinished_creation_goes_first_with_its_stored_bytes() {
    let mut strong = candidate(3);
    strong.signals.insert(Signal::Regressed);
    let policy = SyncPolicy { max_creates: MaxCreates::try_from(1).unwrap(), ..SyncPolicy::default() };
    let plan = plan(vec![strong, unfinished(9)], &policy);
    assert_eq!(words(&plan), ["CHECKOUT-9 create", "CHECKOUT-3 prepare an item"]);
    assert_eq!(order_of(&plan.entries[0].decision), &order(&unfinished(9).issue, 0));
}

#[test]
fn an_unfinished_creation_ends_when_its_item_or_another_is_found() {
    let mut landed = unfinished(9);
    let own = TrackedItem { attachments: Vec::new(), ..own_item(4, &landed.issue, 0) };
    landed.lookups.own = look(vec![own.clone()]);
    assert!(
        matches!(only(landed, &SyncPolicy::default()), Decision::Link { item, attach: Some(_), .. } if item.id == own.id)
    );
    let mut superseded = unfinished(9);
    superseded.lookups.permalink = look(vec![attached(3, &superseded)]);
    assert!(
        matches!(only(superseded, &SyncPolicy::default()), Decision::Link { item, .. } if item.key.as_str() == "PLAT-3")
    );
    let mut blinded = unfinished(9);
    blinded.lookups.own = blind();
    assert!(matches!(because(only(blinded, &SyncPolicy::default())), PreparedBecause::NotProven { .. }));
    let mut resolved = unfinished(9);
    resolved.issue.status = Status::Resolved;
    let plan = plan(vec![resolved], &SyncPolicy::default());
    assert_eq!(plan.held[0].reason, HeldReason::Resolved, "no longer worth an item");
}

#[test]
fn of_two_issues_that_may_be_the_same_only_the_first_is_created() {
    let first = candidate(3);
    let mut same_title = candidate(6);
    same_title.issue.title = text("TypeError: dd cannot be read");
    let mut same_stack = candidate(9);
    same_stack.event = Looked::Saw(event("handler_of_3"));
    let all = vec![same_stack, same_title, first];
    let plan_of = plan(all.clone(), &SyncPolicy::default());
    assert_eq!(
        words(&plan_of),
        ["CHECKOUT-3 create", "CHECKOUT-6 prepare an item", "CHECKOUT-9 prepare an item"]
    );
    let twin = |prover| PreparedBecause::PossibleTwin { of: ShortId::new("CHECKOUT-3"), prover };
    assert_eq!(because(plan_of.entries[1].decision.clone()), twin(Prover::TitleFingerprint));
    assert_eq!(because(plan_of.entries[2].decision.clone()), twin(Prover::StackSignature));
    let hard = SyncPolicy { matching: Matching::HardKeys, ..SyncPolicy::default() };
    assert!(plan(all, &hard).entries.iter().all(|e| matches!(e.decision, Decision::Create { .. })));
}

#[test]
fn of_two_issues_that_are_alike_only_the_first_is_created() {
    let like = |other: u64, score: u16, by| {
        let likeness = Likeness::from(score);
        vec![AlikeIssue { issue: issue(other).id, likeness, by }]
    };
    let mut same = candidate(6);
    same.lookups.twins = like(3, 9_500, AlikeBy::Stack);
    let mut perhaps = candidate(9);
    perhaps.lookups.twins = like(3, 6_000, AlikeBy::Words);
    let mut refuted = candidate(12);
    refuted.lookups.twins = like(3, 1_000, AlikeBy::Stack);
    let plan_of = plan(vec![refuted, perhaps, same, candidate(3)], &SyncPolicy::default());
    assert_eq!(
        words(&plan_of),
        [
            "CHECKOUT-3 create",
            "CHECKOUT-6 prepare an item",
            "CHECKOUT-9 prepare an item",
            "CHECKOUT-12 create"
        ]
    );
    let twin = |prover, says| PreparedBecause::AlikeTwin { of: ShortId::new("CHECKOUT-3"), prover, says };
    let why = |nth: usize| because(plan_of.entries[nth].decision.clone());
    assert_eq!(why(1), twin(Prover::StackSignature, Alike::Duplicate));
    assert_eq!(why(2), twin(Prover::TitleFingerprint, Alike::Undecided));
}

#[test]
fn an_issue_that_may_be_the_same_as_a_tracked_one_names_its_item_whatever_the_rank() {
    let mut strong = candidate(6);
    strong.signals.insert(Signal::Regressed);
    strong.issue.title = text("TypeError: dd cannot be read");
    let mut weak = candidate(3);
    weak.lookups.permalink = look(vec![attached(5, &weak)]);
    let plan = plan(vec![strong, weak], &SyncPolicy::default());
    assert!(matches!(
        because(plan.entries[0].decision.clone()),
        PreparedBecause::PossibleDuplicate { item, prover: Prover::TitleFingerprint } if item.key.as_str() == "PLAT-5"
    ));
}

#[test]
fn drafts_of_prepared_items_are_complete() {
    let policy = SyncPolicy { max_creates: MaxCreates::try_from(0).unwrap(), ..SyncPolicy::default() };
    let decision = only(candidate(3), &policy);
    let Decision::Prepare { would: Would::Create { draft }, .. } = decision else {
        panic!("it should be prepared")
    };
    assert!(draft.body.contains("Tracked by Orderly: CHECKOUT-3 acme/3 g0"));
}
