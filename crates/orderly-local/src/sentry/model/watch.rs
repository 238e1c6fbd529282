//! The words of webhooks, alerts and monitors.

use super::{
    BoxDynError, Decode, Encode, IsNull, Sqlite, SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef, Type,
    UnknownWord,
};
use crate::sentry::alerts::metric::Alarm;

words! {
    /// What a webhook is about: `Sentry-Hook-Resource`.
    HookResource, "webhook resource" {
        /// An issue was created or changed.
        Issue = "issue",
        /// An event set off an issue alert.
        EventAlert = "event_alert",
        /// A metric passed a threshold.
        MetricAlert = "metric_alert",
        /// A note on an issue.
        Comment = "comment",
    }
}

words! {
    /// How far the delivery of a webhook is.
    DeliveryState, "delivery state" {
        /// To be sent, or to be sent again.
        Pending = "pending",
        /// Answered with success.
        Delivered = "delivered",
        /// Given up.
        Failed = "failed",
    }
}

words! {
    /// How bad an incident is.
    AlarmWord, "alarm" {
        /// Past the warning threshold.
        Warning = "warning",
        /// Past the critical threshold.
        Critical = "critical",
    }
}

impl AlarmWord {
    /// The word for an alarm; `None` for quiet.
    pub const fn of(alarm: Alarm) -> Option<AlarmWord> {
        match alarm {
            Alarm::Quiet => None,
            Alarm::Warning => Some(AlarmWord::Warning),
            Alarm::Critical => Some(AlarmWord::Critical),
        }
    }

    /// The alarm that the word is for.
    pub const fn alarm(self) -> Alarm {
        match self {
            AlarmWord::Warning => Alarm::Warning,
            AlarmWord::Critical => Alarm::Critical,
        }
    }

    /// `status` of an incident that is open.
    pub const fn status(self) -> i64 {
        match self {
            AlarmWord::Warning => 10,
            AlarmWord::Critical => 20,
        }
    }
}

words! {
    /// How a run of a scheduled job is going.
    CheckInStatus, "check-in status" {
        /// It began.
        InProgress = "in_progress",
        /// It went well.
        Ok = "ok",
        /// It failed.
        Error = "error",
        /// It did not begin in time.
        Missed = "missed",
        /// It did not end in time.
        Timeout = "timeout",
    }
}

words! {
    /// How a scheduled job is doing in an environment.
    JobStatus, "monitor status" {
        /// Nothing is known yet.
        Active = "active",
        /// It runs.
        Ok = "ok",
        /// It fails, is late or does not run.
        Error = "error",
    }
}
