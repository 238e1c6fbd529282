use super::*;
use crate::answer::Cause;
use crate::scrub::Scrubber;
use crate::sync::fixtures::now;
use crate::sync::snapshot::{Level, Status, Unresolved};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn names(table: &Table) -> Vec<u64> {
    table.rows.iter().map(|row| row.issue.id.0).collect()
}

#[test]
fn the_weightiest_goes_first_and_what_is_hidden_is_counted_by_rule() {
    let mut gathered = gathered(&[1, 2, 3, 4, 5]);
    gathered.listed[1].issue.users = 40;
    gathered.listed[2].issue.status = Status::Unresolved(Unresolved::Regressed);
    gathered.listed[3].issue.level = Level::Warning;
    gathered.listed[4].issue.last_seen = ago(24 * 9);
    let table = decide(&gathered, &TriagePolicy::default(), now());
    assert_eq!(names(&table), [3, 2, 1]);
    assert_eq!(table.rows.iter().map(|row| row.issue.number).collect::<Vec<_>>(), [1, 2, 3]);
    let hidden: Vec<_> =
        table.totals.by_rule.iter().map(|(rule, t)| (rule.name(), t.issues, t.events, t.users)).collect();
    assert_eq!(hidden, [("level", 1, 20, 4), ("stale", 1, 20, 4)]);
    assert_eq!((table.totals.listed, table.totals.shown, table.totals.hidden), (5, 3, 2));
}

#[test]
fn issues_are_related_by_frame_and_exceptions_never_by_title() {
    let mut gathered = gathered(&[1, 2, 3, 4, 7]);
    for listed in &mut gathered.listed {
        listed.issue.title = text("KeyError: 'amount'");
        listed.issue.project =
            crate::ids::ProjectSlug::new(if listed.issue.id.0 == 7 { "web" } else { "api" });
    }
    gathered.closer = BTreeMap::from([
        crashed(1, "charge", &["KeyError"]),
        crashed(2, "charge", &["ServiceError", "KeyError"]),
        crashed(3, "charge", &["KeyError"]),
        crashed(4, "refund", &["KeyError"]),
        crashed(7, "charge", &["KeyError"]),
    ]);
    let table = decide(&gathered, &TriagePolicy::default(), now());
    let related: Vec<_> = table.rows.iter().map(|row| (row.issue.id.0, row.related.clone())).collect();
    assert_eq!(related, [(1, vec![3]), (2, vec![]), (3, vec![1]), (4, vec![]), (7, vec![])]);
    let all = table.approve(&Choice::All, now()).unwrap().unwrap();
    let units: Vec<Vec<u64>> =
        all.get().units.iter().map(|unit| unit.issues().map(|issue| issue.id.0).collect()).collect();
    assert_eq!(units, [vec![1, 3], vec![2], vec![4], vec![7]]);
    let one = table.approve(&Choice::Numbers(BTreeSet::from([1])), now()).unwrap().unwrap();
    assert_eq!(one.get().issues().count(), 1, "only what was chosen is worked on");
    assert!(table.top(2).rows[0].related.is_empty(), "what is not shown cannot be chosen with it");
}

#[test]
fn a_choice_is_read_as_people_type_it() {
    let numbers = |numbers: &[u32]| Ok(Choice::Numbers(numbers.iter().copied().collect()));
    for (typed, choice) in [
        ("1,2,5", numbers(&[1, 2, 5])),
        (" 5 2,1 ", numbers(&[1, 2, 5])),
        ("#3", numbers(&[3])),
        ("2-4,9", numbers(&[2, 3, 4, 9])),
        ("ALL", Ok(Choice::All)),
        ("top 3", Ok(Choice::Top(3))),
        ("top3", Ok(Choice::Top(3))),
        ("skip", Ok(Choice::Skip)),
    ] {
        assert_eq!(Choice::parse(typed), choice, "{typed}");
    }
    for typed in [
        "",
        "top",
        "top 0",
        "top -1",
        "0",
        "3-1",
        "1-99999999",
        "1,x",
        "yes",
        "-1",
        "4294967296",
        "\u{1b}[31m",
    ] {
        let refused = Choice::parse(typed).unwrap_err().to_string();
        assert!(!refused.contains('\u{1b}'), "{refused:?}");
    }
}

#[test]
fn what_is_left_to_a_person_is_listed_and_cannot_be_chosen() {
    let gathered = gathered(&[1, 2, 3]);
    let policy = TriagePolicy {
        do_not_fix: DoNotFix::new([
            ("mail-2".to_owned(), "legal works on it".to_owned()),
            ("3".to_owned(), "frozen".to_owned()),
        ]),
        ..TriagePolicy::default()
    };
    let table = decide(&gathered, &policy, now());
    assert_eq!(names(&table), [1, 2, 3]);
    let chosen = |choice| {
        let approved = table.approve(&choice, now())?;
        Ok(approved.map(|approved| approved.get().issues().map(|issue| issue.id.0).collect::<Vec<_>>()))
    };
    assert_eq!(chosen(Choice::All), Ok(Some(vec![1])));
    assert_eq!(chosen(Choice::Top(3)), Ok(Some(vec![1])));
    assert_eq!(chosen(Choice::Skip), Ok(None));
    let refused: Result<_, ChoiceRefused> = chosen(Choice::Numbers(BTreeSet::from([1, 2])));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "row 2 (MAIL-2) is on the do-not-fix list: legal works on it"
    );
    let missing = chosen(Choice::Numbers(BTreeSet::from([1, 9]))).unwrap_err();
    assert_eq!(missing.to_string(), "the table has no row 9; its rows are 1 to 3");
}

#[test]
fn a_choice_can_be_tied_to_the_table_it_was_made_from() {
    let table = decide(&gathered(&[1, 2]), &TriagePolicy::default(), now());
    let digest = table.digest();
    assert_eq!(table.still(&digest.as_str()[..12]), Ok(()));
    assert!(table.still(&digest.as_str()[..3]).is_err(), "too short to tell tables apart");
    let mut grown = gathered(&[1, 2]);
    grown.listed[0].issue.events += 1;
    grown.listed[1].issue.events += 1;
    assert_eq!(decide(&grown, &TriagePolicy::default(), now()).still(digest.as_str()), Ok(()));
    grown.listed[1].issue.users = 45;
    let other = decide(&grown, &TriagePolicy::default(), now());
    assert!(matches!(other.still(digest.as_str()), Err(ChoiceRefused::OtherTable { .. })));
}

#[test]
fn the_first_rows_are_the_table_that_was_shown() {
    let table = decide(&gathered(&[1, 2]), &TriagePolicy::default(), now());
    let all = table.rows.len();
    assert!(all > 1);
    let digest = table.clone().top(1).digest();
    assert_eq!(table.clone().as_shown(&digest.as_str()[..DIGITS]).unwrap().rows.len(), 1);
    let whole = table.digest();
    assert_eq!(table.clone().as_shown(whole.as_str()).unwrap().rows.len(), all);
    assert!(matches!(table.clone().as_shown("0"), Err(ChoiceRefused::OtherTable { .. })));
    assert!(matches!(table.as_shown(&"0".repeat(64)), Err(ChoiceRefused::OtherTable { .. })));
}

#[test]
fn an_approved_selection_survives_being_stored() {
    let table = decide(&gathered(&[1, 2]), &TriagePolicy::default(), now());
    let approved = table.approve(&Choice::Top(1), now()).unwrap().unwrap();
    assert_eq!(ApprovedSelection::from_json(&approved.to_json(), &site()), Ok(approved));
}

#[test]
fn what_could_not_be_looked_at_is_named_and_hides_nothing() {
    let mut gathered = gathered(&[1, 2]);
    gathered.releases = Looked::CouldNotLook(Cause::Access("no scope".to_owned()));
    gathered.cut = Some(Cut::AtMost { issues: 2 });
    let blind = Closer {
        evidence: Looked::CouldNotLook(Cause::RateLimited),
        spread: Looked::CouldNotLook(Cause::RateLimited),
    };
    gathered.closer = BTreeMap::from([(IssueId(1), blind.clone()), (IssueId(2), blind)]);
    let table = decide(&gathered, &TriagePolicy::default(), now());
    assert_eq!(names(&table), [1, 2]);
    let gaps = table.view(&Scrubber::built_in()).gaps;
    assert_eq!(
        gaps,
        [
            "there are more than the 2 unresolved issues that were read (`triage.most`)",
            "the releases could not be read access refused: no scope",
            "the latest events of 2 issues could not be read; the first: rate limited",
            "the tags of 2 issues could not be read; the first: rate limited",
        ]
    );
}

#[test]
fn only_what_the_list_does_not_call_noise_is_looked_at_closer_the_weightiest_first() {
    let mut gathered = gathered(&[1, 2, 3]);
    gathered.listed[0].issue.level = Level::Info;
    gathered.listed[2].issue.users = 40;
    let wanted = closer_looks(&gathered, &TriagePolicy::default(), now());
    assert_eq!(wanted, [IssueId(3), IssueId(2)]);
}

#[test]
fn what_people_see_is_scrubbed_and_drives_no_terminal() {
    let mut gathered = gathered(&[1]);
    gathered.listed[0].issue.title = text("boom \u{1b}]0;x\u{7} for jane@shop.example \u{202e}");
    let (id, mut closer) = crashed(1, "f\u{1b}[2J", &["E\u{9b}"]);
    if let Looked::Saw(evidence) = &mut closer.evidence {
        evidence.release = Some(text("web@\u{1b}1"));
    }
    gathered.closer = BTreeMap::from([(id, closer)]);
    let view = decide(&gathered, &TriagePolicy::default(), now()).view(&Scrubber::built_in());
    let shown =
        format!("{}{}{:?}", view.rows[0].title, view.rows[0].diagnosis.join(""), view.rows[0].trace[0].place);
    assert!(!shown.contains("jane@") && shown.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{shown}");
}

#[test]
fn numbers_are_counted_over_everything_that_is_unresolved() {
    let mut gathered = gathered(&[1, 2, 3]);
    gathered.listed[0].issue.level = Level::Warning;
    gathered.listed[0].issue.events = 1;
    gathered.listed[1].daily = vec![1, 2];
    gathered.listed[2].daily = vec![5, 0, 7];
    let stats = Stats::of(&gathered, now());
    assert_eq!((stats.unresolved, stats.events), (3, 41));
    assert_eq!(stats.daily, [5, 1, 9]);
    let buckets: Vec<_> =
        stats.frequency.iter().filter(|b| b.issues > 0).map(|b| (b.words(), b.issues)).collect();
    assert_eq!(buckets, [("0 to 1".to_owned(), 1), ("10 to 99".to_owned(), 2)]);
    let levels: Vec<_> = stats.levels.iter().map(|n| n.name.as_raw_str()).collect();
    assert_eq!(levels, ["error", "warning"]);
    assert_eq!(stats.owners[0].name.as_raw_str(), "nobody");
}

proptest! {
    #[test]
    fn the_sums_add_up_and_the_order_of_the_answer_changes_nothing(
        counts in proptest::collection::vec((0..60_u64, 0..2000_u64, 0..3_u8, 0..400_i64), 0..30),
        seed in any::<u64>(),
    ) {
        let ids: Vec<u64> = (1..=counts.len() as u64).collect();
        let mut all = gathered(&ids);
        for (listed, (users, events, level, seen)) in all.listed.iter_mut().zip(counts) {
            (listed.issue.users, listed.issue.events) = (users, events);
            listed.issue.level = [Level::Warning, Level::Error, Level::Fatal][usize::from(level)];
            listed.issue.last_seen = ago(seen);
        }
        let table = decide(&all, &TriagePolicy::default(), now());
        prop_assert_eq!(table.totals.listed, table.totals.shown + table.totals.hidden);
        prop_assert_eq!(table.totals.by_rule.values().map(|t| t.issues).sum::<u64>(), table.totals.hidden);
        prop_assert!(table.hidden.iter().all(|h| h.events < 1000 && h.users < 50), "high volume is never noise");
        all.listed.sort_by_key(|listed| crate::digest::of(&(seed, listed.issue.id)));
        prop_assert_eq!(decide(&all, &TriagePolicy::default(), now()), table);
    }
}
