//! Crontab schedules: five fields, lists, ranges, steps and names. Pure.

use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A schedule in five fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crontab {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Days of the month and of the week are both restricted: either may match.
    either_day: bool,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A schedule is looked for this many hours ahead: 29 February comes within eight years.
const FARTHEST_HOURS: i64 = 8 * 366 * 24;

impl Crontab {
    /// Reads `*/5 8-18 * * mon-fri` or `@daily`. `None` when it is none.
    pub fn read(text: &str) -> Option<Crontab> {
        let text = match text.trim().to_lowercase().as_str() {
            "@yearly" | "@annually" => "0 0 1 1 *".to_owned(),
            "@monthly" => "0 0 1 * *".to_owned(),
            "@weekly" => "0 0 * * 0".to_owned(),
            "@daily" | "@midnight" => "0 0 * * *".to_owned(),
            "@hourly" => "0 * * * *".to_owned(),
            other => other.to_owned(),
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else { return None };
        let sundays = field(weekdays, 0, 7, &WEEKDAYS, 0)?;
        Some(Crontab {
            minutes: field(minutes, 0, 59, &[], 0)?,
            hours: field(hours, 0, 23, &[], 0)?,
            days: field(days, 1, 31, &[], 0)?,
            months: field(months, 1, 12, &MONTHS, 1)?,
            // 7 is Sunday, too.
            weekdays: (sundays | (sundays >> 7 & 1)) & 0x7f,
            either_day: !days.starts_with('*') && !weekdays.starts_with('*'),
        })
    }

    /// The first minute after `after` that it names. `None` when there is none, as on 30 February.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = zone.to_datetime(after);
        let mut at = local.date().at(local.hour(), local.minute(), 0, 0).checked_add(1.minute()).ok()?;
        for _ in 0..FARTHEST_HOURS {
            if has(self.hours, at.hour()) && self.names_day(at) {
                while let Some(minute) = (at.minute()..60).find(|minute| has(self.minutes, *minute)) {
                    at = at.date().at(at.hour(), minute, 0, 0);
                    // A clock that is put back shows an hour twice: the first one counts, and never an earlier time.
                    match zone.to_timestamp(at) {
                        Ok(found) if found > after => return Some(found),
                        _ if minute == 59 => break,
                        _ => at = at.checked_add(1.minute()).ok()?,
                    }
                }
            }
            at = at.date().at(at.hour(), 0, 0, 0).checked_add(1.hour()).ok()?;
        }
        None
    }

    fn names_day(&self, at: DateTime) -> bool {
        let weekday = match at.date().weekday() {
            Weekday::Sunday => 0,
            other => other.to_monday_one_offset(),
        };
        let (day, weekday) = (has(self.days, at.day()), has(self.weekdays, weekday));
        has(self.months, at.month()) && if self.either_day { day || weekday } else { day && weekday }
    }
}

fn has(set: u64, value: i8) -> bool {
    set >> value & 1 == 1
}

/// One field as a set of numbers. Names stand for numbers from `first` on.
fn field(text: &str, least: u32, most: u32, names: &[&str], first: u32) -> Option<u64> {
    let number = |text: &str| -> Option<u32> {
        let named = names.iter().position(|name| *name == text).and_then(|at| u32::try_from(at).ok());
        named.map(|at| at + first).or_else(|| text.parse().ok()).filter(|n| (least..=most).contains(n))
    };
    let mut set = 0;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, until) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, until)) => (number(from)?, number(until)?),
            None => (number(range)?, if part.contains('/') { most } else { number(range)? }),
        };
        if from > until {
            return None;
        }
        for value in (from..=until).step_by(step) {
            set |= 1_u64 << value;
        }
    }
    Some(set)
}
