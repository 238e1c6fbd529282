//! What time alone changes: new, regressed and escalating issues become ongoing, and issues leave the review list.

use jiff::{SignedDuration, Timestamp};

use crate::sentry::model::Substatus;

/// After this many days an open issue is simply known.
pub const DAYS_UNTIL_ONGOING: i64 = 7;

/// `DAYS_UNTIL_ONGOING` as a duration.
pub const UNTIL_ONGOING: SignedDuration = SignedDuration::from_hours(24 * DAYS_UNTIL_ONGOING);

/// How long an issue stays for review.
pub const INBOX_STAY: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Whether an open issue has become ongoing. A new one counts from its first event, a regressed or escalating one
/// from the moment it became so.
pub fn is_ongoing_by_now(
    substatus: Substatus,
    first_seen: Timestamp,
    substatus_since: Timestamp,
    now: Timestamp,
) -> bool {
    let since = match substatus {
        Substatus::New => first_seen,
        Substatus::Regressed | Substatus::Escalating => substatus_since,
        Substatus::Ongoing
        | Substatus::ArchivedForever
        | Substatus::ArchivedUntilConditionMet
        | Substatus::ArchivedUntilEscalating => return false,
    };
    now.duration_since(since) >= UNTIL_ONGOING
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_issues_become_ongoing_after_seven_days_and_no_others_do() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        let ago = |hours: i64| now.checked_sub(SignedDuration::from_hours(hours)).unwrap();
        let week = 7 * 24;
        for (substatus, first_seen, since, expected) in [
            (Substatus::New, ago(week - 1), ago(week - 1), false),
            (Substatus::New, ago(week), ago(1), true),
            (Substatus::Regressed, ago(900), ago(week - 1), false),
            (Substatus::Regressed, ago(900), ago(week), true),
            (Substatus::Escalating, ago(900), ago(week - 1), false),
            (Substatus::Escalating, ago(900), ago(week), true),
            (Substatus::Ongoing, ago(900), ago(900), false),
            (Substatus::ArchivedForever, ago(900), ago(900), false),
            (Substatus::ArchivedUntilConditionMet, ago(900), ago(900), false),
            (Substatus::ArchivedUntilEscalating, ago(900), ago(900), false),
        ] {
            assert_eq!(is_ongoing_by_now(substatus, first_seen, since, now), expected, "{substatus}");
        }
    }
}
