use super::coverage::Read;
use super::*;
use crate::calibrate::{Thresholds, Truth};
use crate::scrub::Scrubber;
use crate::sync::fixtures::{ago, event, home, issue, item, own_item, site, text};
use crate::sync::snapshot::ItemState;

fn written(number: u32, title: &str, body: &str) -> KnownItem {
    KnownItem::of(
        TrackedItem { title: text(title), texts: vec![text(body)], ..item(number) },
        None,
        &Scrubber::built_in(),
    )
}

fn keys(found: &[AlikeItem]) -> Vec<&str> {
    found.iter().map(|alike| alike.item.key.as_str()).collect()
}

const PASTED: &str = "Customers see this:\n\nTraceback (most recent call last):\n  File \"src/cart.py\", line 42, in \
                      handler_of_bcd\n    json.loads(text)\n  File \"/usr/lib/python3/json/__init__.py\", line 3, in \
                      loads\n    decode(s)\nTypeError: cannot be read\n";

#[test]
fn an_item_with_a_pasted_trace_is_found_by_its_stack_and_one_in_words_by_its_words() {
    let items = vec![
        written(1, "Cart is broken", PASTED),
        written(2, "Tidy up the release notes", "They are too long"),
        written(3, "TypeError: cannot be read", ""),
    ];
    let backlog = Backlog::new(items, &site().org, BTreeMap::new());
    assert_eq!(backlog.len(), 3);
    let found = backlog.alike(
        &signature_of(&issue(123), &event("handler_of_123"), &Scrubber::built_in()),
        &Thresholds::shipped(),
    );
    let by =
        |number: &str| found.iter().find(|alike| alike.item.key.as_str() == number).map(|alike| alike.by);
    assert_eq!(by("PLAT-1"), Some(AlikeBy::Stack), "{found:?}");
    assert_ne!(by("PLAT-3"), Some(AlikeBy::Stack), "{found:?}");
}

#[test]
fn an_item_that_orderly_made_is_compared_by_the_error_that_was_seen() {
    let (first, second, scrubber) = (issue(1), issue(2), &Scrubber::built_in());
    let items = vec![
        KnownItem::of(own_item(1, &first, 0), None, scrubber),
        KnownItem::of(own_item(2, &second, 0), None, scrubber),
    ];
    let errors = BTreeMap::from([
        (first.id, signature_of(&first, &event("read_the_cart"), &Scrubber::built_in())),
        (second.id, signature_of(&second, &event("send_the_mail"), &Scrubber::built_in())),
    ]);
    let backlog = Backlog::new(items, &site().org, errors);
    let found = backlog.alike(
        &signature_of(&issue(3), &event("read_the_cart"), &Scrubber::built_in()),
        &Thresholds::shipped(),
    );
    assert_eq!(keys(&found)[0], "PLAT-1");
    assert_eq!(found[0].by, AlikeBy::Stack);
}

#[test]
fn a_merged_item_leads_to_where_the_work_went_on_and_a_circle_ends() {
    let merged = |number: u32, into: u32| {
        let known = written(number, "TypeError: cannot be read", PASTED);
        let item = TrackedItem { state: ItemState::Duplicate, ..known.item };
        KnownItem { item, merged_into: Some(super::super::sync::fixtures::item(into).id), ..known }
    };
    let backlog = Backlog::new(vec![merged(1, 2), merged(2, 1)], &site().org, BTreeMap::new());
    let found = backlog.alike(
        &signature_of(&issue(9), &event("handler_of_123"), &Scrubber::built_in()),
        &Thresholds::shipped(),
    );
    assert!(found.iter().all(|alike| alike.item.duplicate_of.is_some()), "{found:?}");
}

#[test]
fn a_stored_item_reads_back_the_same_and_holds_no_text() {
    let known = written(1, "Cart is broken", PASTED);
    let stored = serde_json::to_string(&known).unwrap();
    assert_eq!(serde_json::from_str::<KnownItem>(&stored).unwrap(), known);
    assert!(known.item.texts.is_empty());
}

#[test]
fn after_the_first_reading_only_changes_are_asked_for() {
    let teams = vec![home()];
    let none = Coverage::none(teams.clone());
    assert_eq!(none.spans(), [Span { from: None, to: None }]);
    assert!(!none.is_complete());
    let read = none.with_recent(Read::Whole, Some(ago(3)), ago(0));
    assert!(read.is_complete() && read.serves(&teams) && !read.serves(&[]));
    let [Span { from: Some(from), to: None }] = read.spans()[..] else { panic!("{:?}", read.spans()) };
    assert!(from < ago(3) && from > ago(4));
    // Nothing new: what was read stays read.
    assert_eq!(read.clone().with_recent(Read::Whole, None, ago(0)), read);
    // An empty tracker was read as well.
    assert!(Coverage::none(teams).with_recent(Read::Whole, None, ago(0)).is_complete());
}

#[test]
fn what_was_kept_for_another_version_of_the_score_is_read_anew() {
    let teams = vec![home()];
    let read = Coverage::none(teams.clone()).with_recent(Read::Whole, None, ago(0));
    let mut kept = serde_json::to_value(&read).expect("it is plain data");
    assert!(serde_json::from_value::<Coverage>(kept.clone()).expect("it was written").serves(&teams));
    for other in [serde_json::json!(1_000_000), serde_json::json!(0)] {
        kept["score_version"] = other;
        assert!(!serde_json::from_value::<Coverage>(kept.clone()).expect("it reads").serves(&teams));
    }
    kept.as_object_mut().expect("an object").remove("score_version");
    assert!(!serde_json::from_value::<Coverage>(kept).expect("an older form reads").serves(&teams));
}

#[test]
fn a_backlog_too_large_for_one_run_is_read_on_from_where_the_last_run_stopped() {
    let first = Coverage::none(vec![home()]).with_recent(Read::DownTo(ago(50)), Some(ago(3)), ago(0));
    assert!(!first.is_complete());
    assert_eq!(first.spans()[1], Span { from: None, to: Some(ago(50)) });
    let second =
        first.clone().with_recent(Read::Whole, Some(ago(1)), ago(0)).with_older(Read::DownTo(ago(90)));
    assert_eq!(second.spans()[1].to, Some(ago(90)));
    assert_eq!(first.clone().with_recent(Read::Nothing, None, ago(0)).with_older(Read::Nothing), first);
    assert!(second.with_older(Read::Whole).is_complete());
}

#[test]
fn own_history_tells_duplicates_from_new_errors_and_leaves_out_what_nobody_has_judged() {
    let pasted = |function: &str, message: &str| {
        format!(
            "Traceback (most recent call last):\n  File \"{function}/run.py\", line 4, in {function}\n    go()\n  File \
             \"{function}/deep.py\", line 9, in {function}_deep\n    stop()\nValueError: {message}\n"
        )
    };
    let at = |number: u32, text: String| {
        let known = written(number, &format!("Number {number}"), &text);
        let item = TrackedItem { created_at: ago(100 - i64::from(number)), ..known.item };
        KnownItem { item, ..known }
    };
    let mut items = vec![
        at(1, pasted("checkout", "no price")),
        at(2, pasted("mailing", "server said no")),
        at(3, pasted("checkout", "no price")),
        at(4, pasted("unseen", "nobody looked")),
        at(5, "Tidy up".to_owned()),
    ];
    items[2].item.state = ItemState::Duplicate;
    items[2].merged_into = Some(items[0].item.id);
    items[3].item.state = ItemState::Triage;
    let examples = history::examples(&items, &[], &site().org, &BTreeMap::new());
    let truths: Vec<Truth> = examples.iter().map(|example| example.truth).collect();
    assert_eq!(truths, [Truth::New, Truth::Known]);
    assert!(examples[1].best > examples[0].best);
}

#[test]
fn what_was_merged_in_sentry_was_known_when_it_came_and_is_compared_with_items_too() {
    let seen =
        |number: u64, function: &str| signature_of(&issue(number), &event(function), &Scrubber::built_in());
    let merge = |number: u64, errors: Vec<(i64, Signature)>| history::Merge {
        issue: issue(number).id,
        project: issue(number).project,
        errors: errors.into_iter().map(|(hours, signature)| (ago(hours), signature)).collect(),
    };
    let again = || seen(7, "read_the_cart");
    let merges = [merge(7, vec![(9, seen(7, "read_the_cart_again")), (5, again()), (4, again())])];
    // The item that was made for the issue says nothing beside what was merged into it.
    let made = KnownItem::of(own_item(1, &issue(7), 0), None, &Scrubber::built_in());
    let errors = BTreeMap::from([(issue(7).id, again())]);

    let examples = history::examples(&[made], &merges, &site().org, &errors);

    let told: Vec<_> = examples.iter().map(|one| (one.truth, one.project.clone())).collect();
    assert_eq!(
        told,
        [(Truth::Known, Some(issue(7).project))],
        "the same error counts once, the first is no example"
    );
    assert!(examples[0].best > Likeness::default());
    let with_item = history::examples(&[written(2, "Number 2", PASTED)], &merges, &site().org, &errors);
    let truths: Vec<Truth> = with_item.iter().map(|one| one.truth).collect();
    assert_eq!(truths.iter().filter(|truth| truth.is_known()).count(), 1, "{truths:?}");
}

#[test]
fn nothing_that_a_scrubber_takes_out_is_kept() {
    let mut event = event("handler_of_123");
    event.exceptions[0].value = text("no access with sk_live_4eC39HqLyjWDarjtT1zdp7dc");
    let kept = serde_json::to_string(&signature_of(&issue(1), &event, &Scrubber::built_in())).unwrap();
    assert!(!kept.contains("4eC39HqLyjWDarjtT1zdp7dc"), "{kept}");
    let kept = serde_json::to_string(&written(1, "sk_live_4eC39HqLyjWDarjtT1zdp7dc", PASTED)).unwrap();
    assert!(!kept.contains("4eC39HqLyjWDarjtT1zdp7dc"), "{kept}");
}

#[test]
fn issues_of_one_run_are_told_which_others_they_are_like() {
    let scrubber = &Scrubber::built_in();
    let of = |id: u64, function: &str| (issue(id).id, signature_of(&issue(id), &event(function), scrubber));
    let run = BTreeMap::from([of(1, "read_the_cart"), of(2, "send_the_mail"), of(3, "read_the_cart")]);
    let twins = Backlog::default().twins(&run);
    let nearest = &twins[&issue(1).id][0];
    assert_eq!((nearest.issue, nearest.by), (issue(3).id, AlikeBy::Stack));
    assert!(nearest.likeness > twins[&issue(2).id][0].likeness);
}
