use super::*;
use crate::ids::RunId;
use crate::time::{Now, Timestamp};
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn at(text: &str) -> Now {
    Now(text.parse().unwrap())
}

fn wanted(run: &str, paths: &[&str], until: &str) -> Claim {
    Claim {
        run: RunId::new(run),
        issues: vec!["BACKEND-1".to_owned()],
        paths: paths.iter().map(|p| (*p).to_owned()).collect(),
        until: until.parse::<Timestamp>().unwrap(),
    }
}

const SHARED: &str = "# Active Runs Ledger\n\nA word about the contract.\n\n## Conventions\n\n- local time\n\n## Active\n\n\
- **[2026-11-21 10:30] /research — videos**\n  - **Source:** a talk\n  - **Paths:** `docs/`, `src/engine/**`\n  - **Status:** started\n\n\
## Recently completed (last 14 days)\n\n\
- **[2026-11-20 09:00] /architect — rooms**\n  - **Paths:** `src/rooms`\n  - **Status:** completed (commit: abc1234)\n\
- **[2026-10-01 09:00] /architect — old**\n  - **Paths:** `src/old`\n  - **Status:** aborted (nobody came)\n";

#[test]
fn paths_overlap_when_one_lies_in_the_other() {
    for (one, other, expected) in [
        ("src/a.rs", "src/a.rs", true),
        ("src/", "src/a.rs", true),
        ("./src/a.rs", "src", true),
        ("src/**", "src/a/b.rs", true),
        ("**/auth/**", "src/a.rs", true),
        ("src/a.rs", "src/a.rs.bak", false),
        ("src/ab", "src/abc", false),
        ("docs", "src", false),
    ] {
        assert_eq!(overlap(one, other), expected, "{one} {other}");
        assert_eq!(overlap(other, one), expected, "{other} {one}");
    }
}

#[test]
fn a_page_that_nobody_changes_is_written_as_it_was_read() {
    assert_eq!(Page::parse(SHARED, Form::Skill).render(&TimeZone::UTC), SHARED);
    let empty = Page::parse("", Form::Own).render(&TimeZone::UTC);
    assert_eq!(Page::parse(&empty, Form::Own).render(&TimeZone::UTC), empty);
}

#[test]
fn a_run_of_another_tool_that_began_less_than_two_hours_ago_is_in_the_way() {
    let mut page = Page::parse(SHARED, Form::Skill);
    let before = page.clone();
    let claim_it = wanted("r1", &["src/engine/a.rs", "lib/b.rs"], "2026-11-21T12:20:00Z");
    let refused = claim(&mut page, &claim_it, at("2026-11-21T12:00:00Z"), &TimeZone::UTC).unwrap_err();
    assert_eq!(refused[0].title, "/research — videos");
    assert_eq!(refused[0].paths, ["src/engine/a.rs"]);
    assert_eq!(refused[0].age, Some(5400));
    assert_eq!(page, before);

    let later = claim(&mut page, &claim_it, at("2026-11-21T12:30:00Z"), &TimeZone::UTC).unwrap();
    assert_eq!(later.stale, [Stale::LeftStanding("/research — videos".to_owned())]);
    assert_eq!(page.active.len(), 2);
}

#[test]
fn local_times_are_read_in_the_zone_of_the_machine() {
    let zone = TimeZone::fixed(jiff::tz::offset(2));
    let page = Page::parse(SHARED, Form::Skill);
    let claim_it = wanted("r1", &["docs/x.md"], "2026-11-21T12:20:00Z");
    assert!(conflicts(&page, &claim_it, at("2026-11-21T10:20:00Z"), &zone).len() == 1);
    assert!(conflicts(&page, &claim_it, at("2026-11-21T10:40:00Z"), &zone).is_empty());
}

#[test]
fn a_lapsed_lease_is_taken_over_and_says_so() {
    let mut page = Page::parse("", Form::Own);
    let first = wanted("run-one", &["src/a.rs"], "2026-11-21T12:10:00Z");
    claim(&mut page, &first, at("2026-11-21T12:00:00Z"), &TimeZone::UTC).unwrap();
    let second = wanted("run-two", &["src"], "2026-11-21T12:30:00Z");
    assert!(claim(&mut page, &second, at("2026-11-21T12:09:59Z"), &TimeZone::UTC).is_err());
    let taken = claim(&mut page, &second, at("2026-11-21T12:10:00Z"), &TimeZone::UTC).unwrap();
    assert_eq!(taken.stale, [Stale::TakenOver("orderly fix — run-one".to_owned())]);
    insta::assert_snapshot!(page.render(&TimeZone::UTC));
}

#[test]
fn a_finished_run_moves_up_in_the_form_of_the_page_and_old_ones_go() {
    let mut page = Page::parse(SHARED, Form::Skill);
    let run = wanted("run-one", &["lib/a.py", "lib/b.py"], "2026-11-21T12:10:00Z");
    let now = at("2026-11-21T12:00:00Z");
    claim(&mut page, &run, now, &TimeZone::UTC).unwrap();
    let while_at_work = page.render(&TimeZone::UTC);
    let mut page = Page::parse(&while_at_work, Form::Skill);
    let end = RunEnd::Completed(vec!["1234567".to_owned(), "89abcde".to_owned()]);
    finish(&mut page, &run.run, &end, now, &TimeZone::UTC);
    insta::assert_snapshot!(format!("{while_at_work}\n=====\n{}", page.render(&TimeZone::UTC)));
}

#[test]
fn who_asks_again_renews_the_lease_and_has_one_entry() {
    let mut page = Page::parse("", Form::Own);
    for until in ["2026-11-21T12:10:00Z", "2026-11-21T12:20:00Z"] {
        claim(&mut page, &wanted("r", &["a"], until), at("2026-11-21T12:00:00Z"), &TimeZone::UTC).unwrap();
    }
    assert_eq!(page.active.len(), 1);
    assert_eq!(page.active[0].lease, Some("2026-11-21T12:20:00Z".parse().unwrap()));
}

proptest! {
    #[test]
    fn any_text_is_read_and_nothing_of_it_is_lost(text in "(## Active\n|## Recently completed\n|- \\*\\*\\[2026-11-21 10:30\\] /x — y\\*\\*\n|  - \\*\\*Paths:\\*\\* `a`\n|[a-z# -]{0,9}\n){0,12}") {
        let page = Page::parse(&text, Form::Skill);
        let written = page.render(&TimeZone::UTC);
        for line in text.lines().map(str::trim_end) {
            prop_assert!(written.contains(line), "{line:?} is lost from {text:?}: {written:?}");
        }
        prop_assert_eq!(Page::parse(&written, Form::Skill).render(&TimeZone::UTC), written);
    }
}
