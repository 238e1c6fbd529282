//! Faults planted between the core and the world, each one that a real implementation could have. A simulator that finds
//! nothing must first show that it finds these.

/// A planted bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bug {
    /// Entries are said to be durable and are not kept.
    SkipIntent,
    /// A failed write of the ledger is taken for a success.
    IgnoreLedgerFailure,
    /// A repeat of a creation gets an id of its own.
    NewIdOnRepeat,
    /// The id is derived from the run as well.
    IdPerRun,
    /// A repeat of a creation has other bytes.
    OtherBytesOnRepeat,
    /// "Read by id" is answered from thin air: absent.
    RepeatWithoutLooking,
    /// The transport repeats a creation on its own when no reply comes.
    HiddenRetry,
    /// No reply is taken for "refused".
    UnknownIsRefused,
    /// No reply is taken for "created".
    UnknownIsCreated,
    /// "Exists already" is taken for "created".
    ConflictIsCreated,
    /// Whatever has the id is taken for ours.
    AdoptWithoutMarker,
    /// What is in the trash is taken for absent.
    TrashedIsAbsent,
    /// Looks go through the search index, which lags.
    TrustLaggingSearch,
    /// "Could not look" is taken for "absent".
    BlindIsAbsent,
    /// Runs start without the lease, and the ledger does not check it.
    NoLease,
    /// "Slow down" is taken for "no reply".
    IgnoreRateLimit,
    /// A run starts without what earlier runs left open.
    ForgetOpenEntries,
    /// The attachment is said to be there and is not sent.
    SkipAttachment,
}

impl Bug {
    /// All bugs.
    pub const ALL: [Self; 18] = [
        Self::SkipIntent,
        Self::IgnoreLedgerFailure,
        Self::NewIdOnRepeat,
        Self::IdPerRun,
        Self::OtherBytesOnRepeat,
        Self::RepeatWithoutLooking,
        Self::HiddenRetry,
        Self::UnknownIsRefused,
        Self::UnknownIsCreated,
        Self::ConflictIsCreated,
        Self::AdoptWithoutMarker,
        Self::TrashedIsAbsent,
        Self::TrustLaggingSearch,
        Self::BlindIsAbsent,
        Self::NoLease,
        Self::IgnoreRateLimit,
        Self::ForgetOpenEntries,
        Self::SkipAttachment,
    ];
}
