use super::severity::{Assessment, Facts, Severity, SeverityPolicy, Touch, Trend, assess};
use super::*;
use crate::ids::{IssueId, OrgSlug, ProjectSlug, SentryHost, ShortId};
use crate::scrub::Scrubber;
use crate::sync::snapshot::Assignee;
use crate::time::{Now, Seconds, Timestamp};
use crate::untrusted::Untrusted;
use std::collections::BTreeMap;

/// So many minutes after the declaration.
pub(super) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_773_000_000 + minutes * 60).unwrap()
}

pub(super) fn person(name: &str) -> Assignee {
    Assignee::User { name: name.to_owned(), email: Some(format!("{name}@example.com")) }
}

pub(super) fn by(minutes: i64, name: &str, what: What) -> Entry {
    Entry { at: at(minutes), author: Author::Person(person(name)), source: None, what }
}

pub(super) fn key() -> IncidentKey {
    IncidentKey { host: SentryHost::new("sentry.example"), org: OrgSlug::new("acme"), number: 7 }
}

pub(super) fn issue(id: u64) -> Affected {
    Affected {
        id: IssueId(id),
        short_id: ShortId::new(format!("BACKEND-{id}")),
        project: ProjectSlug::new("backend"),
        error_type: Some("ValueError".into()),
        first_seen: at(-10),
        owner: None,
    }
}

pub(super) fn declared(title: &str) -> Log {
    let what = What::Declared { title: title.into(), issues: vec![issue(1), issue(2)] };
    Log::begun(key(), by(0, "ana", what)).unwrap()
}

fn assessment(users: u64) -> Assessment {
    let facts = Facts {
        window: Seconds::hours(1),
        users: Some(users),
        active_users: Some(1000),
        events: Some(users * 2),
        usual: None,
        services: 1,
        touches: BTreeMap::new(),
        trend: Some(Trend::Steady),
    };
    assess(&facts, &SeverityPolicy::default())
}

pub(super) fn assessed(minutes: i64, users: u64) -> Entry {
    let what = What::Assessed { assessment: assessment(users) };
    Entry { at: at(minutes), author: Author::Orderly, source: Some("GET /events/".into()), what }
}

pub(super) fn appointed(minutes: i64, role: Role, name: &str) -> Entry {
    by(minutes, "ana", What::Appointed { role, to: person(name), brief: None })
}

fn rated(minutes: i64, name: &str, severity: Severity) -> Entry {
    by(minutes, name, What::Rated { severity, why: "seen on the dashboard".into() })
}

pub(super) fn informed(minutes: i64, says: Says) -> Entry {
    by(minutes, "ana", What::Informed { says, text: "told".into() })
}

/// The log with these entries.
pub(super) fn with(log: Log, entries: impl IntoIterator<Item = Entry>) -> Log {
    entries.into_iter().fold(log, |log, entry| log.and(entry).unwrap())
}

#[test]
fn severity_rises_by_numbers_and_falls_only_by_the_commander() {
    let log = with(declared("checkout fails"), [assessed(1, 15), appointed(2, Role::Commander, "bea")]);
    assert_eq!(log.incident().severity(), Severity::Sev3);
    let log = with(log, [assessed(3, 30), assessed(4, 2)]);
    assert_eq!(log.incident().severity(), Severity::Sev2);
    let refused = log.incident().after(&rated(5, "ana", Severity::Sev3)).unwrap_err();
    assert_eq!(refused.to_string(), "severity falls only by the commander, who is bea");
    let orderly = Entry { author: Author::Orderly, ..rated(5, "bea", Severity::Sev3) };
    assert!(matches!(log.incident().after(&orderly), Err(Refused::NotTheCommander { .. })));
    let log = with(log, [rated(6, "bea", Severity::Sev3)]);
    assert_eq!(log.incident().severity(), Severity::Sev3);
    let log = with(log, [rated(7, "carl", Severity::Sev1)]);
    assert_eq!(log.incident().severity(), Severity::Sev1, "anybody raises it");
}

#[test]
fn an_incident_that_nobody_has_judged_is_taken_for_the_worst() {
    let log = declared("checkout fails");
    assert_eq!(log.incident().severity(), Severity::Sev1);
    assert_eq!(with(log, [rated(1, "ana", Severity::Sev4)]).incident().severity(), Severity::Sev4);
}

#[test]
fn at_sev1_the_commander_is_not_the_only_one_who_mends() {
    let log = with(declared("down"), [assessed(1, 400), appointed(2, Role::Commander, "ana")]);
    let refused = log.incident().after(&appointed(3, Role::Operations, "ana")).unwrap_err();
    assert_eq!(refused, Refused::Breach(Breach::CommanderMends));
    let own = by(3, "ana", What::Assigning { issue: IssueId(1), to: person("ana") });
    assert!(log.incident().after(&own).is_ok(), "what is only tried mends nothing yet");
    let own = by(3, "ana", What::Assigned { issue: IssueId(1), to: person("ana") });
    assert_eq!(log.incident().after(&own), Err(Refused::Breach(Breach::CommanderMends)));
    let log = with(log, [appointed(4, Role::Operations, "bea"), own]);
    assert_eq!(log.incident().breach(), None, "she is not alone");
    let taken = appointed(5, Role::Commander, "bea");
    assert_eq!(with(log, [taken]).incident().breach(), None);
}

#[test]
fn what_becomes_sev1_shows_the_breach_until_it_is_mended() {
    let log = with(
        declared("slow"),
        [assessed(1, 15), appointed(2, Role::Commander, "ana"), appointed(3, Role::Operations, "ana")],
    );
    assert_eq!(log.incident().breach(), None);
    let log = with(log, [assessed(4, 400)]);
    assert_eq!(log.incident().breach(), Some(Breach::CommanderMends));
    let open = duties(log.incident(), &ClockPolicy::default(), Now(at(4)));
    assert!(open.iter().any(|duty| duty.task == Task::Breach), "{open:?}");
    let log = with(log, [appointed(5, Role::Operations, "bea")]);
    assert_eq!(log.incident().breach(), None);
}

#[test]
fn a_role_is_handed_over_with_a_brief_and_only_when_somebody_has_it() {
    let log = declared("down");
    let brief = |minutes, name| {
        let to = person(name);
        by(
            minutes,
            "ana",
            What::Appointed { role: Role::Scribe, to, brief: Some("all noted until 10:05".into()) },
        )
    };
    assert_eq!(log.incident().after(&brief(1, "bea")), Err(Refused::Vacant { role: Role::Scribe }));
    let log = with(log, [appointed(1, Role::Scribe, "ana"), brief(2, "bea")]);
    assert_eq!(log.incident().held(Role::Scribe), Some((&person("bea"), at(2))));
    let again = log.incident().after(&brief(3, "bea")).unwrap_err();
    assert_eq!(again.to_string(), "bea is scribe already");
    let shown = log.markdown(&Scrubber::built_in(), Audience::Open);
    assert!(shown.contains("bea takes over as scribe: all noted until 10:05"), "{shown}");
}

#[test]
fn an_issue_has_the_owner_that_sentry_was_seen_to_have() {
    let to = person("bea");
    let log = with(declared("down"), [by(1, "ana", What::Assigning { issue: IssueId(1), to: to.clone() })]);
    let owned = log.incident().owned(IssueId(1)).unwrap();
    assert_eq!((&owned.owner, &owned.pending), (&None, &Some(Ok(to.clone()))));
    let log = with(log, [by(2, "ana", What::Assigned { issue: IssueId(1), to: to.clone() })]);
    let owned = log.incident().owned(IssueId(1)).unwrap();
    assert_eq!((&owned.owner, &owned.pending), (&Some(to.clone()), &None));
    let other = by(3, "ana", What::Assigning { issue: IssueId(9), to });
    assert_eq!(log.incident().after(&other), Err(Refused::NoSuchIssue { issue: IssueId(9) }));
}

#[test]
fn what_is_over_takes_notes_and_nothing_that_would_change_it() {
    let log = with(declared("down"), [by(9, "ana", What::Resolved { how: "rolled back".into() })]);
    for entry in
        [assessed(10, 1), rated(10, "ana", Severity::Sev2), by(10, "ana", What::Joined { issue: issue(3) })]
    {
        assert_eq!(log.incident().after(&entry), Err(Refused::Over));
    }
    let note = What::Noted { kind: NoteKind::Fact, text: "the pool was full".into() };
    let log = with(log, [by(11, "ana", note)]);
    assert_eq!(log.incident().phase(), Phase::Resolved { at: at(9) });
    assert!(log.and(by(12, "ana", What::Resolved { how: "again".into() })).is_err());
}

/// Open tasks with their minute after the declaration, `!` for what is overdue.
fn open(log: &Log, minutes: i64) -> Vec<String> {
    duties(log.incident(), &ClockPolicy::default(), Now(at(minutes)))
        .into_iter()
        .filter_map(|duty| {
            let due = (duty.due.as_second() - at(0).as_second()) / 60;
            match duty.standing {
                Standing::Due { .. } => Some(format!("{:?} {due}", duty.task)),
                Standing::Overdue { .. } => Some(format!("{:?} {due}!", duty.task)),
                Standing::Done { .. } | Standing::Missed => None,
            }
        })
        .collect()
}

#[test]
fn what_is_due_follows_from_the_severity_and_from_what_was_told() {
    let log = with(declared("down"), [assessed(0, 400)]);
    assert_eq!(
        open(&log, 6),
        ["Commander 5!", "Notice 5!", "Scope 10", "Roles 15", "Mitigation 30"].map(str::to_owned)
    );
    let log = with(log, [informed(4, Says::Notice), appointed(4, Role::Commander, "bea")]);
    assert_eq!(open(&log, 6), ["Scope 10", "Roles 15", "Mitigation 30"]);
    let log = with(log, [informed(12, Says::Scope)]);
    assert_eq!(open(&log, 13), ["Roles 15", "Mitigation 30", "Update 32"]);
    let log =
        with(log, [by(20, "bea", What::Mitigated { how: "rolled back".into() }), informed(90, Says::Scope)]);
    assert_eq!(open(&log, 91), ["Roles 15!", "Update 110"]);
    let log = with(log, [informed(105, Says::Scope)]);
    assert_eq!(open(&log, 106), ["Roles 15!", "Update 165"], "after two hours the pace is slower");
    let late = duties(log.incident(), &ClockPolicy::default(), Now(at(106)));
    let scope = late.iter().find(|duty| duty.task == Task::Scope).unwrap();
    assert_eq!(scope.standing, Standing::Done { at: at(12), late: Seconds(120) });

    let log = with(log, [by(107, "bea", What::Resolved { how: "rolled back".into() })]);
    assert_eq!(open(&log, 500), Vec::<String>::new());
    let after = duties(log.incident(), &ClockPolicy::default(), Now(at(500)));
    assert_eq!(after.iter().find(|duty| duty.task == Task::Roles).unwrap().standing, Standing::Missed);

    let mild = with(declared("odd"), [rated(0, "ana", Severity::Sev4)]);
    assert_eq!(open(&mild, 1), ["Notice 5", "Scope 10", "Commander 60"]);
}

#[test]
fn a_log_that_was_changed_is_noticed() {
    let log = with(
        declared("down"),
        [assessed(1, 15), informed(4, Says::Scope), appointed(5, Role::Scribe, "bea")],
    );
    let stored: Vec<Logged> = log.entries().to_vec();
    assert_eq!(Log::read(key(), stored.clone()), Ok(log));
    for sequence in 0..stored.len() {
        let mut changed = stored.clone();
        changed[sequence].entry.author = Author::Person(person("mallory"));
        let number = u32::try_from(sequence).unwrap() + 1;
        assert_eq!(Log::read(key(), changed), Err(Broken::Changed { sequence: number }));
        let mut missing = stored.clone();
        missing.remove(sequence);
        // Without its end it is another log that could have been; what was shown of its end has another digest.
        assert_eq!(Log::read(key(), missing).is_err(), sequence + 1 < stored.len());
    }
    let other = IncidentKey { number: 8, ..key() };
    assert_eq!(Log::read(other, stored), Err(Broken::Changed { sequence: 1 }));
    assert_eq!(Log::read(key(), Vec::new()), Err(Broken::Empty));
}

#[test]
fn an_update_tells_condition_actions_and_needs() {
    let log = with(declared("checkout fails"), [assessed(2, 31), appointed(3, Role::Commander, "bea")]);
    let note = |kind, text: &str| What::Noted { kind, text: text.into() };
    let log = with(
        log,
        [
            by(4, "bea", note(NoteKind::Action, "restarted the pool")),
            by(5, "bea", note(NoteKind::Hypothesis, "a leak")),
            by(6, "bea", What::Assigned { issue: IssueId(2), to: Assignee::Team { slug: "db".to_owned() } }),
        ],
    );
    let draft = Draft::of(log.incident(), &ClockPolicy::default(), &Scrubber::built_in(), Now(at(7)));
    insta::assert_snapshot!(draft.markdown());
    let log = with(log, [informed(7, draft.says)]);
    let next = Draft::of(log.incident(), &ClockPolicy::default(), &Scrubber::built_in(), Now(at(20)));
    assert_eq!(next.actions, Vec::<String>::new(), "an action is told once");
    assert_eq!(next.next, Some(at(40)));
    insta::assert_snapshot!(log.markdown(&Scrubber::built_in(), Audience::Open));
}

#[test]
fn of_a_restricted_incident_everybody_hears_that_it_is_one_and_those_who_handle_it_the_rest() {
    let restricted = What::Restricted { why: "an attack".into() };
    let log = with(declared("logins fail"), [assessed(2, 31), by(3, "ana", restricted.clone())]);
    let (policy, scrubber) = (ClockPolicy::default(), Scrubber::built_in());
    let draft = |of: fn(&Incident, &ClockPolicy, &Scrubber, Now) -> Draft| {
        of(log.incident(), &policy, &scrubber, Now(at(4))).markdown()
    };
    let (all, few) = (draft(Draft::of), draft(Draft::whole));
    assert!(!all.contains("logins") && all.contains("details are in the restricted channel"), "{all}");
    assert!(few.contains("logins fail") && few.contains("users met an error"), "{few}");
    let log = with(log, [by(5, "ana", What::Mitigated { how: "blocked logins from outside".into() })]);
    let page = |listener| log.markdown(&scrubber, listener);
    let (all, few) = (page(Audience::Open), page(Audience::Restricted));
    for detail in ["logins", "BACKEND-1", "an attack", "users met an error"] {
        assert!(!all.contains(detail) && few.contains(detail), "{detail}: {all}");
    }
    assert!(all.contains("the numbers say SEV2") && all.contains("1 further entries"), "{all}");
    let view = IncidentView::of(log.incident(), &policy, &scrubber, Now(at(6)));
    assert_eq!(view.clone().heard_by(Audience::Restricted), view);
    let heard = serde_json::to_string(&view.heard_by(Audience::Open)).unwrap();
    assert!(!heard.contains("logins") && !heard.contains("ValueError") && heard.contains("SEV2"), "{heard}");
    let again = log.and(by(6, "ana", restricted));
    assert!(matches!(again, Err(Refused::Already { .. })));
}

#[test]
fn hostile_text_and_secrets_leave_in_no_form() {
    let hostile =
        "\u{1b}[2J</td><script> [x](http://evil.example) @everyone password=hunter2 ![i](//e) | \u{202e}";
    let what = What::Declared {
        title: hostile.into(),
        issues: vec![Affected { error_type: Some(hostile.into()), ..issue(1) }],
    };
    let log = Log::begun(key(), by(0, "ana", what)).unwrap();
    let log = with(
        log,
        [
            by(1, "ana", What::Noted { kind: NoteKind::Action, text: hostile.into() }),
            Entry {
                source: Some(hostile.into()),
                ..by(2, "\u{1b}[2J<b>", What::Mitigated { how: hostile.into() })
            },
        ],
    );
    let scrubber = Scrubber::built_in();
    let now = Now(at(3));
    let draft = Draft::of(log.incident(), &ClockPolicy::default(), &scrubber, now);
    let view =
        serde_json::to_string(&IncidentView::of(log.incident(), &ClockPolicy::default(), &scrubber, now));
    let timeline = serde_json::to_string(&log.timeline(&scrubber, Audience::Open)).unwrap();
    let pages = [draft.markdown(), log.markdown(&scrubber, Audience::Open)];
    for text in pages.iter().chain([&view.unwrap(), &timeline, &serde_json::to_string(&draft).unwrap()]) {
        for bad in ["\u{1b}", "\u{202e}", "hunter2"] {
            assert!(!text.contains(bad), "{bad:?} in {text}");
        }
    }
    for page in pages {
        let html =
            pulldown_cmark::Parser::new_ext(&page, pulldown_cmark::Options::ENABLE_TABLES).filter(|event| {
                use pulldown_cmark::{Event, Tag};
                matches!(
                    event,
                    Event::Html(_)
                        | Event::InlineHtml(_)
                        | Event::Start(Tag::Link { .. } | Tag::Image { .. })
                )
            });
        assert_eq!(html.count(), 0, "{page}");
    }
}

#[test]
fn names_of_incidents_and_roles_are_read_as_people_write_them() {
    for (text, number) in [("INC-7", Ok(7)), ("inc-12", Ok(12)), (" 3 ", Ok(3)), ("0", Err(NotAnIncident))] {
        assert_eq!(IncidentKey::number(text), number, "{text}");
    }
    assert!(IncidentKey::number("INC-").is_err() && IncidentKey::number("-1").is_err());
    assert_eq!("IC".parse(), Ok(Role::Commander));
    assert_eq!("ops".parse(), Ok(Role::Operations));
    assert!("boss".parse::<Role>().is_err());
    for role in Role::ALL {
        assert_eq!(role.word().parse(), Ok(role));
    }
}

#[test]
fn people_are_told_apart_by_their_address() {
    assert!(same(&person("ana"), &named("ana@example.com")) && same(&named("#db"), &named(" #db ")));
    let nameless = |name: &str| Assignee::User { name: name.to_owned(), email: None };
    assert!(same(&person("ana"), &nameless("ANA@example.com")));
    assert!(same(&nameless("ana"), &person("ana")));
    assert!(!same(&person("ana"), &person("bea")));
    assert!(!same(&nameless("db"), &Assignee::Team { slug: "db".to_owned() }));
    let touched = Facts { touches: [(Touch::Security, String::new())].into(), ..assessment(0).facts };
    assert_eq!(assess(&touched, &SeverityPolicy::default()).severity, Severity::Sev2);
}

#[test]
fn an_agent_writes_in_its_own_name_and_is_never_taken_for_its_person() {
    let log = with(declared("down"), [assessed(1, 400), appointed(2, Role::Commander, "ana")]);
    let agent = |what| Entry { author: Author::Agent(person("ana")), ..by(3, "ana", what) };
    let lower = |author| Entry { author, ..rated(3, "ana", Severity::Sev4) };
    assert!(log.incident().after(&lower(Author::Person(person("ana")))).is_ok());
    assert!(matches!(
        log.incident().after(&lower(Author::Agent(person("ana")))),
        Err(Refused::NotTheCommander { .. })
    ));
    let unjudged = declared("down");
    assert!(unjudged.incident().after(&lower(Author::Person(person("eve")))).is_ok());
    assert!(unjudged.incident().after(&lower(Author::Agent(person("eve")))).is_err());
    let log = with(log, [agent(What::Noted { kind: NoteKind::Fact, text: "the pool is full".into() })]);
    let shown = log.timeline(&Scrubber::built_in(), Audience::Open);
    assert_eq!(shown.last().unwrap().author, "an agent of ana");
}

#[test]
fn a_plan_holds_until_what_it_takes_the_place_of_changes() {
    let (clock, scrubber) = (ClockPolicy::default(), Scrubber::built_in());
    let before = with(declared("down"), [assessed(1, 31), appointed(2, Role::Scribe, "bea")]);
    let planned = |what| IncidentPlan::of(before.incident(), by(3, "ana", what), &clock, &scrubber).unwrap();
    let draft = Draft::of(before.incident(), &clock, &scrubber, Now(at(3)));
    let informed = What::Informed { says: draft.says, text: Untrusted::new(draft.markdown()) };
    let scribe = What::Appointed { role: Role::Scribe, to: person("cem"), brief: None };
    let note = What::Noted { kind: NoteKind::Hypothesis, text: "perhaps the pool".into() };
    let cases = [
        (planned(informed), by(4, "bea", What::Mitigated { how: "rolled back".into() }), true),
        (planned(scribe), appointed(4, Role::Scribe, "dan"), true),
        (planned(What::Rated { severity: Severity::Sev1, why: "x".into() }), assessed(4, 400), true),
        (planned(note), appointed(4, Role::Commander, "dan"), false),
    ];
    for (plan, meanwhile, moved) in cases {
        assert_eq!(plan.fits(before.incident(), &clock, &scrubber), Ok(()));
        // What is not about it changes nothing.
        let other =
            with(before.clone(), [by(4, "eve", What::Noted { kind: NoteKind::Fact, text: "x".into() })]);
        assert_eq!(plan.fits(other.incident(), &clock, &scrubber), Ok(()));
        let after = with(before.clone(), [meanwhile]);
        assert_eq!(plan.fits(after.incident(), &clock, &scrubber).is_err(), moved, "{plan:?}");
        assert_eq!((plan.fresh(Now(at(60))), plan.fresh(Now(at(64)))), (Ok(()), Err(Stale::Old)));
        assert!(!plan.is_in(&before) && plan.is_in(&with(before.clone(), [plan.entry().clone()])));
    }
}

#[test]
fn a_declaration_is_planned_only_beside_incidents_over_other_issues() {
    let open = declared("down");
    let IncidentKey { host, org, .. } = key();
    let over = |id| {
        let what = What::Declared { title: "again".into(), issues: vec![issue(id)] };
        IncidentPlan::declaring(host.clone(), org.clone(), by(5, "bea", what))
    };
    assert_eq!(over(2).is_new_beside(open.incident()), Err(Stale::Open(key())));
    assert_eq!(over(9).is_new_beside(open.incident()), Ok(()));
    let closed = with(open, [by(6, "ana", What::Resolved { how: "rolled back".into() })]);
    assert_eq!(over(2).is_new_beside(closed.incident()), Ok(()));
    assert!(over(2).is_for(&host, &org) && !over(2).is_for(&host, &OrgSlug::new("other")));
}
