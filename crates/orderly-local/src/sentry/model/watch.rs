//! The words of webhooks, alerts and monitors.

use super::{
    BoxDynError, Decode, Encode, IsNull, Sqlite, SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef, Type,
    UnknownWord,
};

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
