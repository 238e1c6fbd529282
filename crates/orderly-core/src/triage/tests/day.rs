use super::*;
use crate::fix::{Disposition, Resolution};
use crate::ids::CommitId;
use crate::scrub::Scrubber;
use crate::sync::fixtures::now;
use crate::sync::snapshot::Level;

fn table(ids: &[u64]) -> Table {
    decide(&gathered(ids), &TriagePolicy::default(), now())
}

fn day() -> Day {
    Day::new(now().0, site())
}

fn closed(table: &Table, row: usize, disposition: Disposition) -> Closed {
    let commits = match &disposition {
        Disposition::Fixed { commit, .. } => vec![commit.clone()],
        _ => Vec::new(),
    };
    let files = commits.iter().map(|_| "app/pay.py".to_owned()).collect();
    let notes = vec!["Why: `KeyError` says `'a'`: the key is not in the map. [exception 1]".to_owned()];
    Closed { issue: table.rows[row].issue.card(), at: now().0, disposition, commits, files, notes }
}

fn fixed() -> Disposition {
    Disposition::Fixed {
        commit: CommitId::parse(&"a".repeat(40)).unwrap(),
        branch: "main".to_owned(),
        resolution: Resolution::Resolved,
    }
}

#[test]
fn a_second_run_of_the_day_keeps_what_only_the_first_one_showed() {
    let mut day = day();
    day.merge(&table(&[1, 2, 3]));
    day.merge(&table(&[2, 4]));
    let rows: Vec<_> = day.rows.iter().map(|row| (row.issue.id.0, row.issue.number, row.standing)).collect();
    assert_eq!(
        rows,
        [
            (2, 1, Standing::Shown),
            (4, 2, Standing::Shown),
            (1, 0, Standing::Earlier),
            (3, 0, Standing::Earlier)
        ]
    );
    assert_eq!((day.runs, day.totals.listed), (2, 2));
    let once = day.rows.clone();
    day.merge(&table(&[2, 4]));
    assert_eq!(day.rows, once, "the same run again adds nothing");
}

#[test]
fn a_day_reads_as_a_table_with_totals_what_was_filtered_and_what_became_of_each() {
    let mut gathered = gathered(&[1, 2, 3]);
    gathered.listed[0].issue.title = text("boom | [x](https://evil.example) `code`");
    gathered.listed[2].issue.level = Level::Info;
    let policy = TriagePolicy {
        do_not_fix: DoNotFix::new([("2".to_owned(), "legal works on it".to_owned())]),
        ..TriagePolicy::default()
    };
    let table = decide(&gathered, &policy, now());
    let mut day = day();
    day.merge(&table);
    day.close(closed(&table, 0, Disposition::Failed { reason: "no red test".to_owned() }));
    day.close(closed(&table, 0, fixed()));
    assert_eq!(day.closed.len(), 1, "an issue ends in one way");
    insta::assert_snapshot!(day.markdown(&Scrubber::built_in()), @r"
    ## Triage

    2026-01-01, one run, the last at 00:00:00 UTC. 3 unresolved: 2 shown, 1 filtered, 0 kept by the volume guard.

    | # | shortId | lvl | count | users | lastSeen | platform | title |
    | --- | --- | --- | --- | --- | --- | --- | --- |
    | 1 | [SEARCH-1](https://sentry.example/organizations/acme/issues/1/) | error | 20 | 4 | 2025-12-31 23:00 | `python` | `` boom ¦ [x](https://evil.example) `code` `` |
    | 2 | [MAIL-2](https://sentry.example/organizations/acme/issues/2/) | error | 20 | 4 | 2025-12-31 23:00 | `python` | `TypeError: cc cannot be read` |

    - MAIL-2 is left to a person: legal works on it

    ## Filtered

    | rule | issues | events | users |
    | --- | --- | --- | --- |
    | level | 1 | 20 | 4 |

    ## Worked on

    - [SEARCH-1](https://sentry.example/organizations/acme/issues/1/) — fixed at 2026-01-01 00:00:00 UTC: `` boom | [x](https://evil.example) `code` ``
      - Why: `KeyError` says `'a'`: the key is not in the map. \[exception 1\]
      - commits: `aaaaaaaaaaaa`
      - files: `app/pay.py`

    ## Summary

    - triaged: 2
    - fixed: 1
    - fixed and resolved: 1
    - already fixed: 0
    - ignored: 0
    - declined: 0
    - deferred: 0
    - failed: 0
    - skipped: 1
    - commits: 1
    - files: 1
    ");
}

#[test]
fn a_stored_day_is_read_back_and_one_of_another_sentry_or_version_is_refused() {
    let mut day = day();
    day.merge(&table(&[1, 2]));
    day.close(closed(&table(&[1]), 0, fixed()));
    let stored = day.to_json();
    assert_eq!(Day::from_json(&stored, &site()), Ok(day));
    let elsewhere = crate::ids::SentrySite { org: crate::ids::OrgSlug::new("other"), ..site() };
    assert!(matches!(Day::from_json(&stored, &elsewhere), Err(DayUnreadable::Elsewhere { .. })));
    let newer = stored.replacen("\"version\": 1", "\"version\": 2", 1);
    assert_eq!(Day::from_json(&newer, &site()), Err(DayUnreadable::Version { found: 2 }));
    assert!(matches!(Day::from_json("[]", &site()), Err(DayUnreadable::NoDay(_))));
    let linked =
        stored.replace("https://sentry.example/organizations/acme/issues/1/", "https://evil.example/");
    let read = Day::from_json(&linked, &site()).unwrap();
    assert!(read.rows.iter().all(|row| row.issue.permalink == site().permalink(row.issue.id)));
}
