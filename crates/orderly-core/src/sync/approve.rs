//! Approval: the only maker of [`Approved`] plans.
