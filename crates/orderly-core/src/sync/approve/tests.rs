use super::*;
use crate::answer::{Cause, Looked};
use crate::sync::decide::decide;
use crate::sync::fixtures::{ago, candidate, item, look, now, own_item, snapshot, text};
use crate::sync::policy::{MaxCreates, Mode, SyncPolicy};
use crate::sync::snapshot::{Candidate, Signal, Snapshot, TrackedItem};
use crate::time::Now;
use crate::tracked::{Finding, Prover};

fn plan_of(snapshot: &Snapshot) -> Plan {
    decide(snapshot, &SyncPolicy::default(), now())
}

/// The plan, one hour later, against a world that changed in between.
fn later(change: impl Fn(&mut Snapshot)) -> Result<Approved<Plan>, Refused> {
    let mut world = snapshot(vec![candidate(3), candidate(6)]);
    let plan = plan_of(&world);
    change(&mut world);
    saved(plan, &plan_of(&world), Now(ago(-1)))
}

fn moved(change: impl Fn(&mut Snapshot)) -> Vec<String> {
    match later(change) {
        Err(Refused::Stale(stale)) => stale.moved.iter().map(ToString::to_string).collect(),
        other => panic!("it is not stale: {other:?}"),
    }
}

#[test]
fn a_fresh_plan_is_approved_with_one_proof_for_each_creation() {
    let approved = fresh(plan_of(&snapshot(vec![candidate(3), candidate(6)]))).unwrap();
    assert_eq!(approved.proofs().len(), 2);
    let Decision::Create { order } = &approved.get().entries[0].decision else { panic!("it is created") };
    assert_eq!(approved.proof(order.key.issue).unwrap().key(), &order.key);
}

#[test]
fn no_plan_is_approved_that_this_version_would_not_make() {
    let plan = plan_of(&snapshot(vec![candidate(3), candidate(6)]));
    let refused = |change: fn(&mut Plan)| {
        let mut plan = plan.clone();
        change(&mut plan);
        fresh(plan).unwrap_err()
    };
    assert!(matches!(refused(|p| p.version = 99), Refused::Version { found: 99, .. }));
    assert!(matches!(refused(|p| p.cap = 1), Refused::OverCap { writes: 2, cap: 1 }));
    assert!(matches!(refused(|p| p.entries[1] = p.entries[0].clone()), Refused::Twice { .. }));
    let unseen = |p: &mut Plan| {
        p.entries[0].proof.results[2].finding = Finding::CouldNotLook { cause: Cause::MorePages }
    };
    assert!(matches!(refused(unseen), Refused::Unproven { .. }));
    let other_id = |p: &mut Plan| {
        let Decision::Create { order } = &mut p.entries[0].decision else { return };
        order.item = item(9).id;
    };
    assert!(matches!(refused(other_id), Refused::Unproven { .. }));
}

#[test]
fn growing_counts_and_new_issues_are_no_move_and_the_saved_bytes_are_what_is_sent() {
    let world = snapshot(vec![candidate(3), candidate(6)]);
    let plan = plan_of(&world);
    let approved = later(|s| {
        for candidate in &mut s.candidates {
            candidate.issue.events += 50;
            candidate.issue.users += 50;
        }
        let mut urgent: Vec<Candidate> = (0..3).map(|n| candidate(30 + 3 * n)).collect();
        urgent.iter_mut().for_each(|c| c.signals = [Signal::Regressed].into());
        s.candidates.extend(urgent);
    });
    assert_eq!(approved.unwrap().get(), &plan);
}

#[test]
fn a_plan_is_stale_when_a_decision_changed_and_says_what_moved() {
    let tracked = |s: &mut Snapshot| {
        let found = TrackedItem { title: text("CHECKOUT-3 again"), ..item(8) };
        s.candidates[0].lookups.short_id = look(vec![found]);
    };
    assert_eq!(
        moved(tracked),
        [
            "CHECKOUT-3: short ID was absent and is found",
            "CHECKOUT-3: the plan says `create`, now it would be `link PLAT-8`"
        ]
    );
    let unnamed = |s: &mut Snapshot| drop(s.candidates.remove(0));
    assert_eq!(moved(unnamed), ["CHECKOUT-3 no longer qualifies: no signal names it now"]);
    let blind =
        |s: &mut Snapshot| s.candidates[1].lookups.title.answer = Looked::CouldNotLook(Cause::RateLimited);
    assert_eq!(
        moved(blind),
        [
            "CHECKOUT-6: title fingerprint was absent and is not possible to ask",
            "CHECKOUT-6: the plan says `create`, now it would be `prepare an item`"
        ]
    );
}

#[test]
fn a_plan_is_stale_when_what_would_be_sent_is_about_something_else() {
    let retitled = |s: &mut Snapshot| s.candidates[0].issue.title = text("KeyError: something else");
    assert_eq!(moved(retitled), ["CHECKOUT-3: the title of what would be sent changed"]);
    let hotter = |s: &mut Snapshot| s.candidates[0].signals = [Signal::Regressed].into();
    assert_eq!(moved(hotter), ["CHECKOUT-3: the priority of what would be sent changed"]);
}

#[test]
fn a_plan_is_stale_when_scope_or_policy_changed_or_it_is_too_old() {
    assert_eq!(
        moved(|s| s.team = crate::ids::TeamKey::new("PAY"))[0],
        "it is for the team PLAT, the configuration says PAY"
    );
    let world = snapshot(vec![candidate(3)]);
    let plan = plan_of(&world);
    let other = decide(&world, &SyncPolicy { mode: Mode::LinkOnly, ..SyncPolicy::default() }, now());
    let refused = saved(plan.clone(), &other, now()).unwrap_err().to_string();
    assert!(refused.contains("- the configuration of `sync` changed"), "{refused}");
    let old = saved(plan.clone(), &plan, Now(ago(-25))).unwrap_err().to_string();
    assert!(old.contains("and may be 24h old"), "{old}");
    assert!(saved(plan.clone(), &plan, Now(ago(-24))).is_ok());
}

#[test]
fn what_an_earlier_try_already_wrote_is_done_and_not_stale() {
    let approved = later(|s| {
        let own = own_item(4, &s.candidates[0].issue, 0);
        s.candidates[0].lookups.permalink = look(vec![own]);
    });
    let approved = approved.unwrap();
    assert!(matches!(
        approved.get().entries[0].decision,
        Decision::Link { attach: None, found_by: Prover::Permalink, .. }
    ));
    assert!(matches!(approved.get().entries[1].decision, Decision::Create { .. }));
    assert_eq!(approved.proofs().len(), 1);
}

#[test]
fn a_saved_plan_cannot_raise_its_own_cap() {
    let world = snapshot(vec![candidate(3), candidate(6)]);
    let tight = SyncPolicy { max_creates: MaxCreates::try_from(1).unwrap(), ..SyncPolicy::default() };
    let mut forged = plan_of(&world);
    forged.cap = 20;
    assert!(matches!(
        saved(forged, &decide(&world, &tight, now()), now()),
        Err(Refused::OverCap { writes: 2, cap: 1 })
    ));
}
