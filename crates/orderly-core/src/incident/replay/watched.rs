//! What the detectors of a watch would have said while it happened: hour by hour, each judged by the hours before it alone.

use super::recording::Recording;
use crate::answer::Looked;
use crate::incident::review::{BackTest, Fired, hour_of};
use crate::time::{Now, Timestamp, later};
use crate::watch::{Observed, Progress, Raised, Seen, judge};
use std::collections::BTreeSet;

const HOUR: i64 = 3600;

/// An alarm, and when it would have been raised at the latest.
pub(super) struct Alarm {
    pub at: Timestamp,
    pub raised: Raised,
    /// So many errors in the hour were enough, where that was looked up.
    pub at_least: Option<u64>,
}

/// The alarms of its time, each once for as long as it lasts.
pub(super) fn alarms(recording: &Recording) -> Vec<Alarm> {
    let Looked::Saw(seen) = &recording.gathered.watched else { return Vec::new() };
    let policy = recording.rules.watch;
    let incident = recording.log.incident();
    let begun = hour_of(incident.began_at());
    let ends = incident.until(Now(recording.at));
    // An hour is looked at when it is over; the one that ran when it was recorded, then.
    let looks: BTreeSet<(Timestamp, Timestamp)> = seen
        .observed
        .iter()
        .flat_map(|one| &one.errors)
        .filter(|hour| hour.begins >= begun && hour.begins <= ends && hour.begins < recording.at)
        .map(|hour| (later(hour.begins, HOUR).min(recording.at), hour.begins))
        .collect();
    let tests = &recording.gathered.evidence.alarms;
    let (mut alarms, mut lasting) = (Vec::new(), BTreeSet::new());
    for (look, since) in looks {
        let observed = seen.observed.iter().map(|one| until(one, look)).collect();
        let raised = judge(Seen { observed, ..Seen::default() }, since, policy).raised;
        let now: BTreeSet<_> = raised.iter().map(|one| (one.project.clone(), one.detector.word())).collect();
        for raised in raised {
            if lasting.contains(&(raised.project.clone(), raised.detector.word())) {
                continue;
            }
            let minute = tests.iter().find_map(|test| looked_up(test, &raised, since, look));
            let (at, at_least) = minute.map_or((look, None), |fired| (fired.by, fired.at_least));
            alarms.push(Alarm { at, raised, at_least });
        }
        lasting = now;
    }
    // New issues and alerts of Sentry have times of their own.
    let apart = Seen { observed: Vec::new(), unseen: Vec::new(), ..seen.clone() };
    let apart = judge(apart, begun, policy).raised.into_iter();
    alarms.extend(apart.map(|raised| Alarm { at: raised.newest, raised, at_least: None }));
    alarms.retain(|alarm| alarm.at >= begun && alarm.at <= recording.at);
    alarms.sort_by(|a, b| (a.at, a.raised.key()).cmp(&(b.at, b.raised.key())));
    alarms
}

/// The minute of an alarm, where the review looked it up.
fn looked_up(test: &BackTest, raised: &Raised, since: Timestamp, look: Timestamp) -> Option<Fired> {
    let same = test.project == raised.project && test.detector == raised.detector.word();
    test.fires.filter(|fired| same && fired.by > since && fired.by <= look)
}

/// The hours that had begun by then.
fn until(observed: &Observed, look: Timestamp) -> Observed {
    let mut observed = observed.clone();
    observed.errors.retain(|hour| hour.begins < look);
    for hour in &mut observed.errors {
        hour.progress = if later(hour.begins, HOUR) <= look { Progress::Over } else { Progress::Running };
    }
    for parts in [&mut observed.crashes, &mut observed.failures, &mut observed.slow.parts] {
        parts.retain(|part| part.begins < look);
    }
    observed
}
