//! Does an event bring a resolved issue back?
//!
//! Sentry's `_handle_regression` and `GroupResolution.has_resolution`: a resolution that names a release covers the
//! events of older releases, and those without a release; a plain resolve covers nothing.

use jiff::{SignedDuration, Timestamp};

use crate::sentry::releases_order;

/// An event this close to the issue's last (re)opening is a latecomer of the same burst.
const RACE_GUARD: SignedDuration = SignedDuration::from_secs(5);

/// A release as far as ordering goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRef {
    /// Its name.
    pub version: String,
    /// When it was released, or else added.
    pub date: Timestamp,
}

/// How releases of the project are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordering {
    /// As versions.
    Semver,
    /// By date.
    Date,
}

/// How a resolved issue was resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// Without naming a release.
    Plain,
    /// In the release after `current`, the newest one when it was resolved; `None` when there was no release yet.
    InNextRelease {
        /// The newest release at that moment.
        current: Option<ReleaseRef>,
    },
    /// In this release.
    InRelease(ReleaseRef),
    /// In a commit that no release carries yet.
    PendingCommit,
}

/// What an event means for a resolved issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It came back.
    Regressed,
    /// The resolution covers this event.
    Covered,
    /// It belongs to the burst that opened the issue.
    TooClose,
}

/// What is known about the event and the issue.
#[derive(Debug, Clone)]
pub struct Sighting<'a> {
    /// The event's release, if it names one.
    pub release: Option<&'a ReleaseRef>,
    /// How the project's releases are compared.
    pub ordering: Ordering,
    /// The later of the event's time and the issue's last event before it.
    pub at: Timestamp,
    /// When the issue was last (re)opened.
    pub active_at: Timestamp,
}

/// Judges one event on a resolved issue.
pub fn judge(resolution: &Resolution, sighting: &Sighting<'_>) -> Verdict {
    if is_covered(resolution, sighting) {
        Verdict::Covered
    } else if sighting.active_at >= sighting.at.saturating_sub(RACE_GUARD).unwrap_or(Timestamp::MIN) {
        Verdict::TooClose
    } else {
        Verdict::Regressed
    }
}

fn is_covered(resolution: &Resolution, sighting: &Sighting<'_>) -> bool {
    let (resolution, release) = match (resolution, sighting.release) {
        (Resolution::Plain, _) => return false,
        (Resolution::PendingCommit, _) | (_, None) => return true,
        (resolution, Some(release)) => (resolution, release),
    };
    match resolution {
        Resolution::Plain => false,
        Resolution::PendingCommit => true,
        Resolution::InNextRelease { current: None } => false,
        Resolution::InNextRelease { current: Some(current) } => {
            current.version == release.version
                || match compare(sighting.ordering, current, release) {
                    Compared::Versions(order) => order.is_ge(),
                    Compared::Dates(order) => order.is_gt(),
                }
        }
        Resolution::InRelease(fixed) => {
            fixed.version != release.version
                && match compare(sighting.ordering, fixed, release) {
                    Compared::Versions(order) => order.is_gt(),
                    Compared::Dates(order) => order.is_ge(),
                }
        }
    }
}

enum Compared {
    Versions(std::cmp::Ordering),
    Dates(std::cmp::Ordering),
}

/// Versions where the project has them and both releases are semantic, else dates.
fn compare(ordering: Ordering, resolved: &ReleaseRef, seen: &ReleaseRef) -> Compared {
    let by_version = match ordering {
        Ordering::Semver => releases_order::compare(&resolved.version, &seen.version),
        Ordering::Date => None,
    };
    by_version.map_or_else(|| Compared::Dates(resolved.date.cmp(&seen.date)), Compared::Versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + day * 86_400).unwrap()
    }

    fn release(version: &str, on: i64) -> ReleaseRef {
        ReleaseRef { version: version.to_owned(), date: day(on) }
    }

    fn verdict(resolution: &Resolution, ordering: Ordering, seen: Option<&ReleaseRef>) -> Verdict {
        judge(resolution, &Sighting { release: seen, ordering, at: day(30), active_at: day(1) })
    }

    use Ordering::{Date, Semver};
    use Verdict::{Covered, Regressed};

    #[test]
    fn a_plain_resolve_regresses_on_any_later_event() {
        assert_eq!(verdict(&Resolution::Plain, Semver, None), Regressed);
        assert_eq!(verdict(&Resolution::Plain, Date, Some(&release("1.0.0", 1))), Regressed);
    }

    #[test]
    fn an_event_without_release_never_regresses_a_release_bound_resolution() {
        for resolution in [
            Resolution::InRelease(release("1.2.0", 5)),
            Resolution::InNextRelease { current: Some(release("1.2.0", 5)) },
            Resolution::InNextRelease { current: None },
            Resolution::PendingCommit,
        ] {
            assert_eq!(verdict(&resolution, Semver, None), Covered, "{resolution:?}");
        }
    }

    #[test]
    fn resolved_in_the_next_release_regresses_only_after_the_current_one() {
        let resolution = Resolution::InNextRelease { current: Some(release("1.2.0", 5)) };
        for (ordering, seen, expected) in [
            (Semver, release("1.1.9", 9), Covered),
            (Semver, release("1.2.0", 5), Covered),
            (Semver, release("1.2.1", 1), Regressed),
            (Semver, release("1.2.1-rc.1", 1), Regressed),
            (Semver, release("2.0.0", 9), Regressed),
            (Date, release("abc", 4), Covered),
            (Date, release("1.2.0", 5), Covered),
            (Date, release("def", 5), Regressed),
            (Date, release("1.0.0", 6), Regressed),
        ] {
            assert_eq!(verdict(&resolution, ordering, Some(&seen)), expected, "{ordering:?} {seen:?}");
        }
    }

    #[test]
    fn resolved_in_a_release_regresses_in_it_and_after_it() {
        let resolution = Resolution::InRelease(release("1.2.0", 5));
        for (ordering, seen, expected) in [
            (Semver, release("1.2.0", 5), Regressed),
            (Semver, release("1.2.0-rc.1", 9), Covered),
            (Semver, release("1.1.0", 9), Covered),
            (Semver, release("1.3.0", 1), Regressed),
            (Date, release("abc", 4), Covered),
            (Date, release("abc", 5), Covered),
            (Date, release("abc", 6), Regressed),
            (Date, release("1.2.0", 1), Regressed),
        ] {
            assert_eq!(verdict(&resolution, ordering, Some(&seen)), expected, "{ordering:?} {seen:?}");
        }
    }

    #[test]
    fn a_version_project_falls_back_to_dates_for_a_release_without_version() {
        let resolution = Resolution::InRelease(release("hotfix", 5));
        assert_eq!(verdict(&resolution, Semver, Some(&release("1.0.0", 4))), Covered);
        assert_eq!(verdict(&resolution, Semver, Some(&release("1.0.0", 6))), Regressed);
    }

    #[test]
    fn an_event_of_the_burst_that_opened_the_issue_does_not_regress_it() {
        let at = |seconds| day(1).checked_add(SignedDuration::from_secs(seconds)).unwrap();
        let sight = |seconds| Sighting { release: None, ordering: Date, at: at(seconds), active_at: day(1) };
        assert_eq!(judge(&Resolution::Plain, &sight(5)), Verdict::TooClose);
        assert_eq!(judge(&Resolution::Plain, &sight(6)), Regressed);
    }
}
