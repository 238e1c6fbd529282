use super::*;
use crate::ids::{CommitId, IssueId, ShortId};
use crate::source::presence::Presence;
use crate::source::{Agreement, Located, Mapped, Miss, Named, RepoPath, TrackedFiles};
use crate::suspect::Suspicion;
use crate::untrusted::Untrusted;

fn commit(digit: char) -> CommitId {
    CommitId::parse(&digit.to_string().repeat(40)).unwrap()
}

fn path(name: &str) -> RepoPath {
    TrackedFiles::of([name]).tracked(name).unwrap()
}

fn place(agreement: Agreement, presence: Option<Presence>) -> Place {
    let located = Located { path: path("app/pay.py"), line: Some(5), named: Named::File, agreement };
    let mapped = Mapped::Found(located);
    Place { function: Untrusted::from("pay"), mapped, presence, source: Vec::new() }
}

/// A location whose crash frame is this one.
pub(crate) fn location(base: Base, first: Option<Place>) -> Location {
    Location {
        issue: IssueId(7),
        short_id: ShortId::new("BACKEND-3F"),
        release: Some("shop@1.0.0".into()),
        base,
        head: commit('a'),
        frames: first.into_iter().collect(),
        library_frames: 0,
        suspicion: Suspicion { suspects: Vec::new(), elsewhere: 1.0 },
        claimed: None,
        commits: Vec::new(),
        texts: Vec::new(),
        gaps: Vec::new(),
    }
}

fn released(digit: char) -> Base {
    Base::Release { commit: commit(digit), named: "v1.0.0".to_owned() }
}

#[test]
fn what_became_of_the_line_that_crashed_is_told_by_history_and_else_not_at_all() {
    let moved = Presence::Moved { path: path("app/handlers.py"), line: 9 };
    let still = "still present: app/pay.py:5 is as it was";
    for (base, first, says) in [
        (released('b'), Some(place(Agreement::SameLine, Some(Presence::Still))), still),
        (
            released('b'),
            Some(place(Agreement::SameLine, Some(moved))),
            "moved: app/pay.py:5 is app/handlers.py:9 now",
        ),
        (
            released('b'),
            Some(place(Agreement::SameLine, Some(Presence::Changed { by: Some(commit('c')) }))),
            "already fixed, probably: app/pay.py:5, which crashed, was changed by cccccccccccc",
        ),
        (
            released('b'),
            Some(place(Agreement::SameLine, Some(Presence::Changed { by: None }))),
            "not known: history names no single commit",
        ),
        (released('b'), Some(place(Agreement::SameLine, None)), "not known: the line could not be followed"),
        (released('a'), Some(place(Agreement::SameLine, None)), still),
        (Base::Head, Some(place(Agreement::FunctionDefined, None)), still),
        (Base::Head, Some(place(Agreement::LineGone, None)), "not known: the line is no longer there"),
        (released('b'), None, "not known: the event has no frame of own code"),
    ] {
        let said = location(base, first).on_head().to_string();
        assert!(said.starts_with(says), "{said}");
    }
}

#[test]
fn a_line_further_out_does_not_stand_in_for_the_one_that_crashed() {
    let mut location = location(released('b'), Some(place(Agreement::SameLine, Some(Presence::Still))));
    let missed =
        Place { mapped: Mapped::Missed(Miss::Nameless), presence: None, ..location.frames[0].clone() };
    location.frames.insert(0, missed);
    assert!(matches!(location.on_head(), OnHead::Unknown { .. }));
    assert_eq!(location.files(), [&path("app/pay.py")]);
}

#[test]
fn the_crashed_commit_is_named_only_when_it_is_another_one() {
    assert_eq!(location(released('b'), None).crashed_commit(), Some(&commit('b')));
    assert_eq!(location(released('a'), None).crashed_commit(), None);
    assert_eq!(location(Base::Head, None).crashed_commit(), None);
}
