use super::*;
use orderly_core::answer::Cause;
use orderly_core::detect::Alarm;
use orderly_core::ids::{IssueId, ProjectSlug, ShortId};
use orderly_core::scrub::Scrubber;
use orderly_core::untrusted::Untrusted;
use orderly_core::watch::{Detector, Hour, Progress, Sum, propose};

fn sight() -> Sight {
    let newest = Timestamp::from_second(1_772_480_000 / 3600 * 3600).unwrap();
    let hour = |errors| Hour { begins: newest, errors, progress: Progress::Running };
    let alarm = Alarm { window: 2, observed: 97.0, expected: 6.12, dispersion: 1.31, p_value: 2.13e-40 };
    let sum = Some(Sum { alarm, by_chance_a_week: 3.6e-38 });
    let raised = |project: &str, detector, sum| {
        let begins = Timestamp::from_second(newest.as_second() - 3600).unwrap();
        Raised { project: ProjectSlug::new(project), detector, begins, newest, sum }
    };
    let all = vec![
        raised("gateway", Detector::Errors, sum),
        raised("gateway", Detector::Escalation { limit: 60 }, sum),
        raised("gateway", Detector::Step, sum),
        raised("search", Detector::Latency { transactions: 140, over_millis: 900 }, sum),
        raised("search", Detector::Failures { transactions: 140 }, sum),
        raised("web", Detector::Crashes { sessions: 800 }, sum),
        raised(
            "web",
            Detector::NewInRelease {
                issue: IssueId(7),
                short_id: ShortId::new("WEB-7"),
                title: Untrusted::new("KeyError: password=hunter2hunter2 \u{1b}[2J".to_owned()),
                release: Untrusted::new("web@1.2.0".to_owned()),
            },
            sum,
        ),
        raised(
            "web",
            Detector::SentryAlert {
                id: "3".to_owned(),
                title: Untrusted::new("too many".to_owned()),
                value: Some(230.0),
                threshold: Some(100.0),
            },
            None,
        ),
    ];
    let one = |project: &str, errors, expected| Judged {
        project: ProjectSlug::new(project),
        newest: Some(hour(errors)),
        expected,
    };
    let judged = vec![one("gateway", 90, Some(3.06)), one("search", 2, Some(2.5)), one("young", 0, None)];
    let unseen = vec![Unseen { what: "alerts of Sentry".to_owned(), cause: Cause::RateLimited }];
    Sight { judged, proposals: propose(&all), raised: all, unseen }
}

#[test]
fn a_screen_has_the_proposals_with_their_sums_and_every_project() {
    let scrubber = Scrubber::built_in();
    let words = EventWords { scrubber: &scrubber, longest: 120 };
    let view = view(&sight(), &words, Seconds(60));
    insta::assert_snapshot!(format!("{}\n\n{}", view.title, text(&sight(), &words)));
}

#[test]
fn a_line_has_the_whole_sum_and_its_incident_and_no_secret() {
    let scrubber = Scrubber::built_in();
    let words = EventWords { scrubber: &scrubber, longest: 120 };
    let sight = sight();
    let lines: Vec<String> =
        sight.raised.iter().map(|raised| line(raised, &sight.proposals, &words)).collect();
    assert!(!lines.concat().contains("hunter2"), "{lines:#?}");
    insta::assert_snapshot!(format!("{}\n{}\n{}", lines[0], lines[6], lines[7]));
}
