//! What holds for any input.

use super::*;

/// The world after a plan was carried out.
fn applied(mut s: Snapshot, plan: &Plan) -> Snapshot {
    for (n, candidate) in (100..).zip(&mut s.candidates) {
        let entry = plan.entries.iter().find(|e| e.issue.id == candidate.issue.id);
        let Some(entry) = entry else { continue };
        let item = match &entry.decision {
            Decision::Create { order } => {
                TrackedItem { updated_at: now().0, ..own_item(n, &candidate.issue, order.key.generation.0) }
            }
            Decision::Link { item: there, .. } | Decision::Update { item: there, .. } => {
                let mut item = candidate
                    .lookups
                    .permalink
                    .answer
                    .saw()
                    .unwrap()
                    .iter()
                    .find(|i| i.id == there.id)
                    .unwrap()
                    .clone();
                item.attachments = own_item(n, &candidate.issue, 0).attachments;
                item.updated_at = now().0;
                item
            }
            Decision::Prepare { .. } | Decision::Tracked { .. } => continue,
        };
        *candidate = linked(candidate.clone(), item);
        candidate.memory.open_intent = None;
        candidate.memory.last_report = Some(LastReport { at: now().0, content: entry.content.clone() });
    }
    s
}

fn any_candidate() -> impl Strategy<Value = Candidate> {
    let signals = proptest::collection::btree_set(proptest::sample::select(Signal::ALL.to_vec()), 1..4);
    (1..400_u64, signals, 0..9_u8, 0..6_u64).prop_map(|(id, signals, kind, alike)| {
        let mut c = candidate(id);
        c.signals = signals;
        c.issue.users = alike;
        match kind {
            0 => c.lookups.permalink = look(vec![attached(u32::try_from(id).unwrap(), &c)]),
            1 => c.lookups.permalink = look(vec![completed(9, own_item(1, &c.issue, 0))]),
            2 => c.lookups.title = blind(),
            3 => {
                c.issue.title = text(&format!(
                    "Shared title number {}",
                    ["one", "two"][usize::try_from(id % 2).unwrap()]
                ));
            }
            4 => {
                c.memory.open_intent =
                    Some(OpenIntent { generation: Generation(0), order: order(&c.issue, 0) });
            }
            5 => c.event = Looked::Saw(event(["alpha", "beta"][usize::try_from(id % 2).unwrap()])),
            _ => {}
        }
        c
    })
}

fn any_world() -> impl Strategy<Value = (Snapshot, SyncPolicy)> {
    let regression = proptest::sample::select(vec![
        RegressionPolicy::Comment,
        RegressionPolicy::Reopen,
        RegressionPolicy::NewAndRelate,
    ]);
    let mode = proptest::sample::select(vec![
        Mode::CreateOrLink,
        Mode::CreateOrLink,
        Mode::LinkOnly,
        Mode::PrepareOnly,
    ]);
    (proptest::collection::vec(any_candidate(), 0..25), 0..6_u32, regression, mode).prop_map(
        |(all, cap, regression, mode)| {
            let unique: BTreeMap<IssueId, Candidate> = all.into_iter().map(|c| (c.issue.id, c)).collect();
            let policy = SyncPolicy {
                max_creates: MaxCreates::try_from(cap).unwrap(),
                regression,
                mode,
                ..SyncPolicy::default()
            };
            (snapshot(unique.into_values().collect()), policy)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_order_of_the_input_changes_no_byte_of_the_plan((mut s, policy) in any_world(), seed in any::<u64>()) {
        let plan = decide(&s, &policy, now());
        let bytes = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(&serde_json::to_string(&decide(&s, &policy, now())).unwrap(), &bytes);
        s.candidates.sort_by_key(|c| crate::digest::of(&(seed, c.issue.id)));
        prop_assert_eq!(serde_json::to_string(&decide(&s, &policy, now())).unwrap(), bytes.as_str());
        prop_assert_eq!(serde_json::from_str::<Plan>(&bytes).unwrap(), plan, "a saved plan reads back");
    }

    #[test]
    fn no_plan_passes_its_cap_or_creates_without_proof((s, policy) in any_world()) {
        let plan = decide(&s, &policy, now());
        prop_assert!(plan.entries.iter().filter(|e| e.decision.counts()).count() <= policy.max_creates.get() as usize);
        prop_assert_eq!(plan.entries.len() + plan.held.len(), s.candidates.len());
        let mut items: BTreeSet<ItemId> = BTreeSet::new();
        for entry in &plan.entries {
            if let Decision::Create { order } = &entry.decision {
                prop_assert!(entry.proof.absence(&order.key).is_some());
                prop_assert!(items.insert(order.item), "no id twice");
            }
        }
        crate::sync::approve::fresh(plan).unwrap();
    }

    #[test]
    fn after_a_plan_was_carried_out_none_of_its_issues_needs_a_write((s, policy) in any_world()) {
        let plan = decide(&s, &policy, now());
        let wrote: Vec<IssueId> = plan.entries.iter().filter(|e| e.decision.writes()).map(|e| e.issue.id).collect();
        let after = decide(&applied(s, &plan), &policy, now());
        for entry in after.entries.iter().filter(|e| wrote.contains(&e.issue.id)) {
            prop_assert!(!entry.decision.writes(), "{} {}", entry.issue.short_id, entry.decision);
        }
    }
}
