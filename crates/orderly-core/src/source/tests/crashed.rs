use crate::ids::CommitId;
use crate::source::presence::{LineFate, Presence, presence};
use crate::source::release::{ReleaseName, release_names};
use crate::source::{RepoPath, TrackedFiles};

fn names(release: &str) -> Vec<String> {
    let show = |name| match name {
        ReleaseName::Commit(hex) => format!("commit {hex}"),
        ReleaseName::Tag(tag) => tag,
    };
    release_names(release).into_iter().map(show).collect()
}

#[test]
fn a_commit_in_a_release_comes_before_tags() {
    let full = "3f2a9c81d0e4b5a697887766554433221100ffee";
    assert_eq!(names(full)[0], format!("commit {full}"));
    assert_eq!(names("backend@3F2A9C8")[0], "commit 3f2a9c8");
    assert_eq!(names("2024-06-01-3f2a9c81")[0], "commit 3f2a9c81");
    for release in ["backend@1.2.3", "20240601", "deadbeef", "app@2024.06.01+1234567"] {
        assert!(!names(release)[0].starts_with("commit"), "{release}");
    }
}

#[test]
fn tags_are_looked_for_as_people_write_them() {
    let all = names("com.acme.shop@1.2.3+45");
    for tag in [
        "com.acme.shop@1.2.3+45",
        "1.2.3+45",
        "1.2.3",
        "v1.2.3",
        "shop-v1.2.3",
        "shop/v1.2.3",
        "release-1.2.3",
    ] {
        assert!(all.iter().any(|name| name == tag), "{tag} of {all:?}");
    }
    assert_eq!(names("v2.0.0").iter().filter(|name| *name == "v2.0.0").count(), 1);
}

fn commit(digit: char) -> CommitId {
    CommitId::parse(&digit.to_string().repeat(40)).unwrap()
}

fn path(name: &str) -> RepoPath {
    TrackedFiles::of([name]).tracked(name).unwrap()
}

#[test]
fn a_line_is_still_there_moved_or_changed() {
    let fate = |last, file: &str, line, changed_by| LineFate { last, path: path(file), line, changed_by };
    let judge = |fate| presence(&path("a.py"), 3, &fate, &commit('b'));
    assert_eq!(judge(fate(commit('b'), "a.py", 3, None)), Presence::Still);
    assert_eq!(judge(fate(commit('b'), "a.py", 9, None)), Presence::Moved { path: path("a.py"), line: 9 });
    assert_eq!(judge(fate(commit('b'), "b.py", 3, None)), Presence::Moved { path: path("b.py"), line: 3 });
    let changed = Presence::Changed { by: Some(commit('c')) };
    assert_eq!(judge(fate(commit('a'), "a.py", 3, Some(commit('c')))), changed);
}
