//! Which of two releases is newer, by their names: `package@1.2.3-rc.1+build`. Pure.
//!
//! A version is read as Sentry reads it: an optional `package@`, two to four numbers (one is enough after a package),
//! then `-prerelease` and `+build`. Commit hashes and dates with other separators are no versions and have no order.

use std::cmp::Ordering;

/// A release name that follows semantic versioning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Semver<'a> {
    /// What stands before the `@`.
    pub package: Option<&'a str>,
    /// Major, minor, patch, revision; missing ones are 0.
    pub numbers: [u64; 4],
    /// How many of the numbers were written.
    pub components: usize,
    /// What stands after the `-`; empty for a final release.
    pub pre: &'a str,
    /// What stands after the `+`; empty when nothing does.
    pub build: &'a str,
}

/// Compares two release names. `None` unless both are semantic versions; packages are not looked at.
pub fn compare(left: &str, right: &str) -> Option<Ordering> {
    Some(order(&parse(left)?, &parse(right)?))
}

/// Whether a name is a semantic version.
pub fn is_semver(version: &str) -> bool {
    parse(version).is_some()
}

/// Whether a project orders its releases by version rather than by date. `recent` are the names of its newest
/// releases, newest first; only ten count. `release` is the release that is asked about, when there is one.
///
/// As in Sentry: with up to two releases the newest decides; with fewer than ten, one of the newest three; otherwise
/// one of the newest three and three of the newest ten.
pub fn follows_semver(recent: &[&str], release: Option<&str>) -> bool {
    let recent = recent.get(..10).unwrap_or(recent);
    let among_newest = |count: usize| recent.iter().take(count).filter(|name| is_semver(name)).count();
    let project = match recent.len() {
        0..=2 => among_newest(1) == 1,
        3..=9 => among_newest(3) >= 1,
        _ => among_newest(3) >= 1 && among_newest(10) >= 3,
    };
    project && release.is_none_or(is_semver)
}

/// Reads a release name; `None` when it is not a semantic version.
pub fn parse(name: &str) -> Option<Semver<'_>> {
    let (package, version) = match name.rsplit_once('@') {
        Some((package, version)) if !package.is_empty() => (Some(package), version),
        Some(_) => return None,
        None => (None, name),
    };
    let (version, build) = version.split_once('+').unwrap_or((version, ""));
    let (numbers_text, pre) = version.split_once('-').unwrap_or((version, ""));
    let has_strange =
        |text: &str| text.bytes().any(|byte| !byte.is_ascii_alphanumeric() && byte != b'.' && byte != b'-');
    if has_strange(pre) || has_strange(build) || version.ends_with('-') {
        return None;
    }
    let mut numbers = [0; 4];
    let mut components = 0;
    for part in numbers_text.split('.') {
        *numbers.get_mut(components)? = number(part)?;
        components += 1;
    }
    let fewest = if package.is_some() { 1 } else { 2 };
    (components >= fewest).then_some(Semver { package, numbers, components, pre, build })
}

/// Digits only, and few enough to be stored as a 64-bit integer.
fn number(part: &str) -> Option<u64> {
    let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| part.parse().ok()).flatten().filter(|number| i64::try_from(*number).is_ok())
}

fn order(left: &Semver<'_>, right: &Semver<'_>) -> Ordering {
    left.numbers
        .cmp(&right.numbers)
        .then_with(|| order_pre(left.pre, right.pre))
        .then_with(|| order_build(left.build, right.build))
}

/// A final release comes after its prereleases.
fn order_pre(left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => order_identifiers(left, right),
    }
}

/// A build comes after the same version without one.
fn order_build(left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (false, false) => order_identifiers(left, right),
        (left_is_bare, right_is_bare) => right_is_bare.cmp(&left_is_bare),
    }
}

/// Dot-separated identifiers, as in item 11 of the Semantic Versioning specification: numbers numerically and before
/// words, words by their bytes, the shorter list first when it begins the longer one.
fn order_identifiers(left: &str, right: &str) -> Ordering {
    let mut others = right.split('.');
    for one in left.split('.') {
        let Some(other) = others.next() else { return Ordering::Greater };
        let ordering = match (number(one), number(other)) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => one.cmp(other),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    if others.next().is_some() { Ordering::Less } else { Ordering::Equal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn versions_stand_in_the_order_of_the_specification() {
        let ascending = [
            "shop@1.0.0-alpha",
            "shop@1.0.0-alpha.1",
            "shop@1.0.0-alpha.beta",
            "shop@1.0.0-beta",
            "shop@1.0.0-beta.2",
            "shop@1.0.0-beta.11",
            "shop@1.0.0-rc.1",
            "shop@1.0.0",
            "shop@1.0.0+7",
            "shop@1.0.0+12",
            "shop@1.0.0.1",
            "shop@1.2",
            "shop@1.10.0",
            "shop@2",
        ];
        for (index, low) in ascending.iter().enumerate() {
            assert_eq!(compare(low, low), Some(Ordering::Equal));
            for high in &ascending[index + 1..] {
                assert_eq!(compare(low, high), Some(Ordering::Less), "{low} before {high}");
                assert_eq!(compare(high, low), Some(Ordering::Greater), "{high} after {low}");
            }
        }
    }

    #[test]
    fn names_that_are_no_versions_have_no_order() {
        for name in [
            "",
            "@",
            "@1.2.3",
            "shop@",
            "7",
            "8ce89484-0fec-4913-a2cd-e8e2d41dee36",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4",
            "1.2.3.4.5",
            "1..2",
            "1.2.x",
            "-1.2.3",
            "1.2.3-",
            "1.2.3-a/b",
            "99999999999999999999.0.0",
            "shop@v1.2.3",
        ] {
            assert_eq!(compare(name, "shop@1.0.0"), None, "{name:?}");
            assert!(!is_semver(name), "{name:?}");
        }
        assert!(is_semver("@scope/shop@1.2.3"));
        assert_eq!(parse("@scope/shop@1.2.3").and_then(|version| version.package), Some("@scope/shop"));
    }

    #[test]
    fn a_project_follows_versions_when_its_newest_releases_do() {
        let table: [(&[&str], Option<&str>, bool); 8] = [
            (&[], None, false),
            (&["1.0.0"], None, true),
            (&["abc", "1.0.0"], None, false),
            (&["abc", "1.0.0", "def"], None, true),
            (&["abc", "def", "ghi", "1.0.0"], None, false),
            (&["1.0.0", "a", "b", "c", "d", "e", "f", "g", "h", "1.1.0"], None, false),
            (&["1.0.0", "a", "1.1.0", "c", "d", "e", "f", "g", "h", "1.2.0"], None, true),
            (&["1.0.0"], Some("abc"), false),
        ];
        for (recent, release, expected) in table {
            assert_eq!(follows_semver(recent, release), expected, "{recent:?} {release:?}");
        }
    }

    fn version() -> impl Strategy<Value = String> {
        "(shop@)?[0-9]{1,2}\\.[0-9]{1,2}(\\.[0-9]{1,2}){0,2}(-(rc|alpha|[0-9]{1,2})(\\.[0-9]{1,2})?)?(\\+[0-9]{1,3})?"
    }

    proptest! {
        #[test]
        fn the_order_is_total_among_versions(a in version(), b in version(), c in version()) {
            let ab = compare(&a, &b);
            prop_assert!(ab.is_some(), "{} {}", a, b);
            prop_assert_eq!(ab.map(Ordering::reverse), compare(&b, &a));
            if ab == Some(Ordering::Less) && compare(&b, &c) == Some(Ordering::Less) {
                prop_assert_eq!(compare(&a, &c), Some(Ordering::Less));
            }
        }

        #[test]
        fn any_name_is_read_without_panicking(name in "\\PC{0,60}") {
            let _ = compare(&name, "1.2.3");
        }
    }
}
