//! The machine of a case in a small world: every crash point, every answer.

use super::{failed, file, passed};
use crate::answer::Cause;
use crate::diagnose::{About, Bullet, Cite, Diagnosis, Remedy, Said, Verdict};
use crate::fix::*;
use crate::ids::{
    CommitId, Digest, IssueId, OrgSlug, ProjectSlug, RepositoryId, RunId, SentryHost, ShortId, TreeId,
};
use crate::scrub::Scrubber;
use crate::time::Timestamp;
use crate::triage::IssueCard;
use crate::verify::Before;
use proptest::prelude::*;

pub(super) fn case() -> Case {
    Case {
        version: CASE_VERSION,
        key: CaseKey {
            host: SentryHost::new("sentry.example"),
            org: OrgSlug::new("acme"),
            issue: IssueId(7),
            run: RunId::new("20261121T120000Z-abcdef"),
        },
        short_id: ShortId::new("BACKEND-3F"),
        project: ProjectSlug::new("backend"),
        title: "IndexError: list index out of range".into(),
        permalink: "https://sentry.example/organizations/acme/issues/7/".to_owned(),
        related: Vec::new(),
        found: Vec::new(),
        repository: RepositoryId::new("r".repeat(40)),
        plan: Digest::new("plan"),
        before: Before { events: 10, hours: 5.0 },
        agent: "script".to_owned(),
        opened_at: Timestamp::UNIX_EPOCH,
        base: CommitId::parse(&"b".repeat(40)).unwrap(),
        crashed: None,
        branch: "orderly/backend-3f".to_owned(),
        declared: vec!["src/a.py".to_owned()],
        checks: vec![Check { name: "test".to_owned(), argv: vec!["test".to_owned()] }],
        stage: Stage::Opened,
    }
}

pub(super) fn card(id: u64) -> IssueCard {
    IssueCard {
        issue: IssueId(id),
        short_id: ShortId::new(format!("BACKEND-{id}")),
        title: "IndexError: list index out of range".into(),
        permalink: format!("https://sentry.example/organizations/acme/issues/{id}/"),
    }
}

/// A world in which everything may be done twice, with what goes wrong in it.
#[derive(Clone, Debug, Default)]
struct World {
    /// What the agent does, attempt by attempt; good work after that.
    attempts: Vec<Mood>,
    /// Where the commit ends up.
    arrives: Where,
    told: Answers,
    asked: usize,
    commits: Vec<CommitId>,
    resolved: Vec<IssueId>,
    ignored: Vec<IssueId>,
}

#[derive(Clone, Copy, Debug)]
enum Mood {
    Silent,
    Idle,
    Wrong,
    Forbidden,
    Refusing,
}

#[derive(Clone, Copy, Debug, Default)]
enum Where {
    #[default]
    Main,
    Elsewhere,
    OtherTree,
    Nowhere,
}

#[derive(Clone, Copy, Debug, Default)]
enum Answers {
    #[default]
    Yes,
    No,
}

fn tree() -> TreeId {
    TreeId::new("t".repeat(40))
}

fn commit() -> CommitId {
    CommitId::parse(&"c".repeat(40)).unwrap()
}

impl World {
    fn perform(&mut self, effect: &Effect) -> Event {
        let changed = |path: &str| Change { files: vec![file(path, 2)] };
        let done = || Answer::Changed(AgentWords::default());
        match effect {
            Effect::Place => Event::Placed,
            Effect::CheckBase => Event::BaseChecked(vec![passed("test")]),
            Effect::Ask { .. } => {
                let mood = self.attempts.get(self.asked).copied();
                self.asked += 1;
                match mood {
                    Some(Mood::Silent) => Event::NoAnswer("script ended with exit code 1".to_owned()),
                    Some(Mood::Idle) => Event::Answered(done(), Change::default()),
                    Some(Mood::Forbidden) => Event::Answered(done(), changed("src/auth/a.py")),
                    Some(Mood::Refusing) => Event::Answered(Answer::Declined("no".into()), Change::default()),
                    Some(Mood::Wrong) => Event::Answered(done(), changed("src/wrong.py")),
                    None => Event::Answered(done(), changed("src/a.py")),
                }
            }
            Effect::Stage { .. } => Event::Staged(tree()),
            Effect::CheckFix { change, .. } => {
                let wrong = change.paths() == ["src/wrong.py"];
                let after = vec![if wrong { failed("test", "FAILED x") } else { passed("test") }];
                let at = Timestamp::UNIX_EPOCH;
                Event::FixChecked(Checked { red: Vec::new(), after, sandbox: "none".to_owned(), at })
            }
            Effect::Commit { .. } => {
                if !self.commits.contains(&commit()) {
                    self.commits.push(commit());
                }
                Event::Committed(commit())
            }
            Effect::Land { commit } => {
                let arrived = |branch: &str, tree| {
                    Event::Landed(Arrived { commit: commit.clone(), tree, branch: branch.to_owned() })
                };
                match self.arrives {
                    Where::Main => arrived("main", tree()),
                    Where::Elsewhere => arrived("feature", tree()),
                    Where::OtherTree => arrived("main", TreeId::new("x")),
                    Where::Nowhere => Event::Stays("`main` has moved".to_owned()),
                }
            }
            Effect::Resolve { proof } => {
                self.resolved.push(proof.issue());
                match self.told {
                    Answers::Yes => Event::Resolved,
                    Answers::No => Event::NotTold(Cause::RateLimited),
                }
            }
            Effect::Ignore { approval } => {
                self.ignored.push(approval.issue());
                match self.told {
                    Answers::Yes => Event::Ignored,
                    Answers::No => Event::NotTold(Cause::RateLimited),
                }
            }
            Effect::CleanUp { .. } => Event::CleanedUp,
        }
    }
}

/// Plays a case to its end. At step `crash` what was done is forgotten, as if the process had died before it was stored.
fn play(world: &mut World, crash: Option<usize>) -> (Case, usize) {
    play_from(case(), world, crash)
}

fn play_from(mut case: Case, world: &mut World, crash: Option<usize>) -> (Case, usize) {
    let policy = FixPolicy::default();
    let mut steps = 0;
    while let Some(effect) = next(&case, &policy) {
        assert!(steps < 100, "a case ends");
        let event = world.perform(&effect);
        if crash == Some(steps) {
            let stored = serde_json::to_string(&case).unwrap();
            case = resumed(serde_json::from_str(&stored).unwrap(), &policy);
        } else {
            case = step(case, event, &policy).unwrap();
        }
        steps += 1;
    }
    (case, steps)
}

fn disposition(case: &Case) -> Disposition {
    case.end().unwrap().disposition.clone()
}

#[test]
fn a_case_that_dies_at_any_step_ends_with_one_commit_and_a_resolved_issue() {
    let (_, steps) = play(&mut World::default(), None);
    for crash in 0..steps {
        let mut world = World::default();
        let (case, _) = play(&mut world, Some(crash));
        let end = Disposition::Fixed {
            commit: commit(),
            branch: "main".to_owned(),
            resolution: Resolution::Resolved,
        };
        assert_eq!(disposition(&case), end, "crash at {crash}");
        assert_eq!(world.commits, [commit()]);
        assert!(matches!(case.stage, Stage::Ended { .. }));
    }
}

#[test]
fn how_a_case_ends_depends_on_what_happens() {
    let three = |mood| vec![mood; 3];
    for (world, word, says) in [
        (World { attempts: vec![Mood::Silent, Mood::Idle], ..World::default() }, "fixed", ""),
        (World { attempts: vec![Mood::Wrong], ..World::default() }, "fixed", ""),
        (
            World { attempts: three(Mood::Wrong), ..World::default() },
            "failed",
            "3 of 3 attempts: the check `test` failed (1)",
        ),
        (World { attempts: three(Mood::Idle), ..World::default() }, "failed", "nothing was changed"),
        (
            World { attempts: vec![Mood::Forbidden], ..World::default() },
            "failed",
            "stopped, because it touches src/auth/a.py",
        ),
        (World { attempts: vec![Mood::Refusing], ..World::default() }, "declined", "script said: no"),
        (World { arrives: Where::Nowhere, ..World::default() }, "fixed", ""),
    ] {
        let mut played = world.clone();
        let (case, _) = play(&mut played, None);
        let end = disposition(&case);
        assert_eq!(end.word(), word, "{world:?}");
        assert!(end.reason().unwrap_or_default().contains(says), "{end:?}");
        assert_eq!(played.commits.is_empty(), word != "fixed", "failing checks make no commit");
    }
}

#[test]
fn sentry_is_told_only_of_what_is_proven() {
    for (arrives, expected) in
        [(Where::Main, true), (Where::Elsewhere, false), (Where::OtherTree, false), (Where::Nowhere, false)]
    {
        let mut world = World { arrives, ..World::default() };
        let (case, _) = play(&mut world, None);
        assert_eq!(!world.resolved.is_empty(), expected, "{arrives:?}");
        let Disposition::Fixed { resolution, .. } = disposition(&case) else { panic!("{case:?}") };
        assert_eq!(resolution == Resolution::Resolved, expected);
    }
    let mut silent = World { told: Answers::No, ..World::default() };
    let Disposition::Fixed { resolution, .. } = disposition(&play(&mut silent, None).0) else { panic!() };
    assert_eq!(resolution, Resolution::NotTold(Cause::RateLimited));
}

#[test]
fn every_issue_of_a_unit_is_resolved_by_a_request_of_its_own_whatever_step_dies() {
    let unit = || Case { related: vec![card(8), card(9)], ..case() };
    let (_, steps) = play_from(unit(), &mut World::default(), None);
    for crash in (0..steps).map(Some).chain([None]) {
        let mut world = World::default();
        let (case, _) = play_from(unit(), &mut world, crash);
        let resolved: std::collections::BTreeSet<IssueId> = world.resolved.iter().copied().collect();
        assert_eq!(resolved, [7, 8, 9].map(IssueId).into(), "crash at {crash:?}");
        assert_eq!(world.commits, [commit()]);
        let fixed = Disposition::Fixed {
            commit: commit(),
            branch: "main".to_owned(),
            resolution: Resolution::Resolved,
        };
        let ends: Vec<_> = case.ends().into_iter().map(|(card, end)| (card.issue.0, end)).collect();
        assert_eq!(ends, [(7, fixed.clone()), (8, fixed.clone()), (9, fixed)]);
    }
    let mut nowhere = World { arrives: Where::Nowhere, ..World::default() };
    let (case, _) = play_from(unit(), &mut nowhere, None);
    let waits =
        |end: &Disposition| matches!(end, Disposition::Fixed { resolution: Resolution::Waits { .. }, .. });
    assert!(nowhere.resolved.is_empty() && case.ends().iter().all(|(_, end)| waits(end)));
}

fn diagnosed(verdict: Verdict) -> Diagnosis {
    let family = crate::diagnose::Family::Unknown;
    let bullet = Bullet {
        about: About::Verdict,
        says: vec![Said::words("Not actionable here: nothing in this code causes it.")],
        cites: vec![Cite::Exception(0)],
    };
    Diagnosis { bullets: vec![bullet], family, verdict, remedy: Remedy::None }
}

#[test]
fn an_issue_is_ignored_when_a_diagnosis_proposes_it_and_a_person_named_it() {
    let scrubber = Scrubber::built_in();
    assert_eq!(Proposal::of(IssueId(7), &diagnosed(Verdict::Bug), &scrubber), None);
    let proposal = Proposal::of(IssueId(7), &diagnosed(Verdict::NotActionable), &scrubber).unwrap();
    assert_eq!(proposal.reason(), "Kind: Not actionable here: nothing in this code causes it. [exception 1]");
    assert_eq!(proposal.approved(&[]), None);
    assert_eq!(proposal.approved(&[IssueId(8)]), None, "the word for one issue is not for another");
    let approval = proposal.approved(&[IssueId(7)]).unwrap();
    let ignoring = || Case { stage: Stage::Ignoring { approval: approval.clone() }, ..case() };
    for crash in [None, Some(0), Some(1)] {
        let mut world = World::default();
        let (case, _) = play_from(ignoring(), &mut world, crash);
        assert_eq!(disposition(&case), Disposition::WontFix { reason: proposal.reason().to_owned() });
        assert!(world.ignored.iter().all(|issue| *issue == IssueId(7)) && world.asked == 0);
        assert!(world.resolved.is_empty() && world.commits.is_empty());
    }
    let mut silent = World { told: Answers::No, ..World::default() };
    let (case, _) = play_from(ignoring(), &mut silent, None);
    assert_eq!(disposition(&case).word(), "failed");
}

#[test]
fn a_case_is_called_off_until_its_commit_is_made() {
    let why = "it is on the list";
    let off = called_off(case(), why);
    assert_eq!(disposition(&off), Disposition::Declined { reason: why.to_owned() });
    let policy = FixPolicy::default();
    let (mut world, mut at) = (World::default(), case());
    while !matches!(at.stage, Stage::Committed { .. }) {
        assert_eq!(disposition(&called_off(at.clone(), why)).word(), "declined", "{:?}", at.stage.word());
        let event = world.perform(&next(&at, &policy).unwrap());
        at = step(at, event, &policy).unwrap();
    }
    assert_eq!(called_off(at.clone(), why), at);
}

#[test]
fn an_event_out_of_order_is_refused() {
    let refused = step(case(), Event::Resolved, &FixPolicy::default()).unwrap_err();
    assert_eq!(refused.to_string(), "a case that is opened cannot hear of Resolved");
}

proptest! {
    #[test]
    fn any_moods_and_any_crash_end_in_exactly_one_way(
        moods in proptest::collection::vec(0_u8..5, 0..5), crash in proptest::option::of(0_usize..12), place in 0_u8..4,
    ) {
        let attempts = moods.iter().map(|n| [Mood::Silent, Mood::Idle, Mood::Wrong, Mood::Forbidden, Mood::Refusing][usize::from(*n)]);
        let arrives = [Where::Main, Where::Elsewhere, Where::OtherTree, Where::Nowhere][usize::from(place)];
        let mut world = World { attempts: attempts.collect(), arrives, ..World::default() };
        let (case, _) = play(&mut world, crash);
        let end = disposition(&case);
        prop_assert!(world.asked <= 3, "attempts are counted across crashes");
        prop_assert_eq!(world.commits.len() == 1, matches!(end, Disposition::Fixed { .. }));
        prop_assert!(world.resolved.is_empty() || matches!(arrives, Where::Main));
    }
}
